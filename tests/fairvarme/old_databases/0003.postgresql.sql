SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.alert (
    building character varying(64) NOT NULL,
    flat character varying(64) NOT NULL,
    kind character varying(32) NOT NULL,
    device character varying(64) NOT NULL,
    start_ms bigint NOT NULL,
    end_ms bigint NOT NULL,
    raised_ms bigint NOT NULL,
    evidence json NOT NULL
);
CREATE TABLE public.device_word (
    building character varying(64) NOT NULL,
    device character varying(64) NOT NULL,
    word text NOT NULL,
    meaning character varying(32) NOT NULL,
    first_ms bigint NOT NULL,
    last_ms bigint NOT NULL,
    count bigint NOT NULL
);
CREATE TABLE public.quarantine_share (
    sender text NOT NULL,
    bytes bigint NOT NULL
);
CREATE TABLE public.quarantined_cause (
    message bytea NOT NULL,
    complaint bytea NOT NULL,
    count bigint NOT NULL
);
CREATE TABLE public.quarantined_complaint (
    digest bytea NOT NULL,
    message bytea NOT NULL,
    sender text NOT NULL,
    source text NOT NULL,
    topic text NOT NULL,
    reason character varying(64) NOT NULL,
    detail text NOT NULL,
    device text,
    quantity text,
    first_time_ms bigint,
    last_time_ms bigint,
    first_ms bigint NOT NULL,
    last_ms bigint NOT NULL,
    count bigint NOT NULL,
    bytes integer NOT NULL
);
CREATE TABLE public.quarantined_message (
    digest bytea NOT NULL,
    sender text NOT NULL,
    source text NOT NULL,
    topic text NOT NULL,
    payload bytea NOT NULL,
    payload_bytes integer NOT NULL,
    arrival_ms bigint NOT NULL,
    last_ms bigint NOT NULL,
    bytes integer NOT NULL
);
INSERT INTO public.alembic_version VALUES ('0003');
INSERT INTO public.alert VALUES ('house', '0101', 'leak', '71000101', 1767225600000, 1767312000000, 1767312000000, '{"litres_per_hour": 12.5}');
INSERT INTO public.device_word VALUES ('house', '64000101', 'LEAK', 'suspect', 1767225600000, 1767312000000, 3);
INSERT INTO public.quarantine_share VALUES ('solgaarden/box-0101', 2351);
INSERT INTO public.quarantined_cause VALUES ('\x5feceb66ffc86f38d952786c6d696c79', '\x1c9338eb9c4746e1c7c03aa4af28451b', 2);
INSERT INTO public.quarantined_cause VALUES ('\x6b86b273ff34fce19d6b804eff5a3f57', '\x1c9338eb9c4746e1c7c03aa4af28451b', 2);
INSERT INTO public.quarantined_cause VALUES ('\xd4735e3a265e16eee03f59718b9b5d03', '\x1c9338eb9c4746e1c7c03aa4af28451b', 2);
INSERT INTO public.quarantined_cause VALUES ('\x5feceb66ffc86f38d952786c6d696c79', '\xe57acc10f53c55bd65c8462f1402834e', 2);
INSERT INTO public.quarantined_cause VALUES ('\x6b86b273ff34fce19d6b804eff5a3f57', '\xe57acc10f53c55bd65c8462f1402834e', 2);
INSERT INTO public.quarantined_cause VALUES ('\xd4735e3a265e16eee03f59718b9b5d03', '\xe57acc10f53c55bd65c8462f1402834e', 2);
INSERT INTO public.quarantined_complaint VALUES ('\x1c9338eb9c4746e1c7c03aa4af28451b', '\xd4735e3a265e16eee03f59718b9b5d03', 'solgaarden/box-0101', 'fairvarme/v1/solgaarden/+/readings', 'fairvarme/v1/solgaarden/box-0101/readings', 'device_unknown', '', 'box-0101', 'co2_ppm', 1768374300000, 1768374300002, 1768374300000, 1768374300002, 6, 364);
INSERT INTO public.quarantined_complaint VALUES ('\xe57acc10f53c55bd65c8462f1402834e', '\xd4735e3a265e16eee03f59718b9b5d03', 'solgaarden/box-0101', 'fairvarme/v1/solgaarden/+/readings', 'fairvarme/v1/solgaarden/box-0101/readings', 'device_unknown', '', 'box-0101', 'humidity_pct', 1768374300000, 1768374300002, 1768374300000, 1768374300002, 6, 364);
INSERT INTO public.quarantined_message VALUES ('\x5feceb66ffc86f38d952786c6d696c79', 'solgaarden/box-0101', 'fairvarme/v1/solgaarden/+/readings', 'fairvarme/v1/solgaarden/box-0101/readings', '\x7b2274696d65223a20313736383337343330303030302c2022636f325f70706d223a203730302e302c202268756d69646974795f706374223a2034302e307d', 63, 1768374300000, 1768374300000, 541);
INSERT INTO public.quarantined_message VALUES ('\x6b86b273ff34fce19d6b804eff5a3f57', 'solgaarden/box-0101', 'fairvarme/v1/solgaarden/+/readings', 'fairvarme/v1/solgaarden/box-0101/readings', '\x7b2274696d65223a20313736383337343330303030312c2022636f325f70706d223a203730302e302c202268756d69646974795f706374223a2034302e307d', 63, 1768374300001, 1768374300001, 541);
INSERT INTO public.quarantined_message VALUES ('\xd4735e3a265e16eee03f59718b9b5d03', 'solgaarden/box-0101', 'fairvarme/v1/solgaarden/+/readings', 'fairvarme/v1/solgaarden/box-0101/readings', '\x7b2274696d65223a20313736383337343330303030322c2022636f325f70706d223a203730302e302c202268756d69646974795f706374223a2034302e307d', 63, 1768374300002, 1768374300002, 541);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_pkey PRIMARY KEY (building, flat, kind, device, start_ms);
ALTER TABLE ONLY public.device_word
    ADD CONSTRAINT device_word_pkey PRIMARY KEY (building, device, word);
ALTER TABLE ONLY public.quarantine_share
    ADD CONSTRAINT quarantine_share_pkey PRIMARY KEY (sender);
ALTER TABLE ONLY public.quarantined_cause
    ADD CONSTRAINT quarantined_cause_pkey PRIMARY KEY (message, complaint);
ALTER TABLE ONLY public.quarantined_complaint
    ADD CONSTRAINT quarantined_complaint_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.quarantined_message
    ADD CONSTRAINT quarantined_message_pkey1 PRIMARY KEY (digest);
CREATE INDEX ix_quarantined_cause_complaint ON public.quarantined_cause USING btree (complaint);
CREATE INDEX ix_quarantined_message_sender ON public.quarantined_message USING btree (sender, last_ms);
ALTER TABLE ONLY public.quarantined_cause
    ADD CONSTRAINT fk_quarantined_cause_complaint FOREIGN KEY (complaint) REFERENCES public.quarantined_complaint(digest);
ALTER TABLE ONLY public.quarantined_cause
    ADD CONSTRAINT fk_quarantined_cause_message FOREIGN KEY (message) REFERENCES public.quarantined_message(digest);
