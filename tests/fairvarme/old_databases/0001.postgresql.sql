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
CREATE TABLE public.quarantined_message (
    digest character varying(64) NOT NULL,
    source text NOT NULL,
    topic text NOT NULL,
    payload bytea NOT NULL,
    payload_bytes integer NOT NULL,
    arrival_ms bigint NOT NULL
);
CREATE TABLE public.quarantined_reading (
    digest character varying(64) NOT NULL,
    message character varying(64) NOT NULL,
    reason character varying(64) NOT NULL,
    detail text NOT NULL,
    device text,
    quantity text,
    time_ms bigint,
    first_ms bigint NOT NULL,
    last_ms bigint NOT NULL,
    count integer NOT NULL
);
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.alert VALUES ('house', '0101', 'leak', '71000101', 1767225600000, 1767312000000, 1767312000000, '{"litres_per_hour": 12.5}');
INSERT INTO public.quarantined_message VALUES ('5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9', 'fairvarme/v1/solgaarden/+/readings', 'fairvarme/v1/solgaarden/box-0101/readings', '\x7b2274696d65223a20313736383337343330303030302c2022636f325f70706d223a203730302e302c202268756d69646974795f706374223a2034302e307d', 63, 1768374300000);
INSERT INTO public.quarantined_message VALUES ('6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b', 'fairvarme/v1/solgaarden/+/readings', 'fairvarme/v1/solgaarden/box-0101/readings', '\x7b2274696d65223a20313736383337343330303030312c2022636f325f70706d223a203730302e302c202268756d69646974795f706374223a2034302e307d', 63, 1768374300001);
INSERT INTO public.quarantined_message VALUES ('d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35', 'fairvarme/v1/solgaarden/+/readings', 'fairvarme/v1/solgaarden/box-0101/readings', '\x7b2274696d65223a20313736383337343330303030322c2022636f325f70706d223a203730302e302c202268756d69646974795f706374223a2034302e307d', 63, 1768374300002);
INSERT INTO public.quarantined_reading VALUES ('933305f987bcf5fb6c250018e35a6eee1528f06013807a4136ec13622909af97', '5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9', 'device_unknown', '', 'box-0101', 'co2_ppm', 1768374300000, 1768374300000, 1768374300000, 2);
INSERT INTO public.quarantined_reading VALUES ('5cc3a6551605a0b4e9c3334f5eb5554c404973daf0b1a58655fa29c0ba3d47b0', '5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9', 'device_unknown', '', 'box-0101', 'humidity_pct', 1768374300000, 1768374300000, 1768374300000, 2);
INSERT INTO public.quarantined_reading VALUES ('8fad34bbb0c1ed095fbf1b50cb0e48785a030d5af68dc1a4957cbb583c3c1e5a', '6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b', 'device_unknown', '', 'box-0101', 'co2_ppm', 1768374300001, 1768374300001, 1768374300001, 2);
INSERT INTO public.quarantined_reading VALUES ('020a7c91e30725bb191818987340dec6040aff93923840de685e1e1d7b3d071a', '6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b', 'device_unknown', '', 'box-0101', 'humidity_pct', 1768374300001, 1768374300001, 1768374300001, 2);
INSERT INTO public.quarantined_reading VALUES ('1c9338eb9c4746e1c7c03aa4af28451b10f2187952635c0988479d940a05be55', 'd4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35', 'device_unknown', '', 'box-0101', 'co2_ppm', 1768374300002, 1768374300002, 1768374300002, 2);
INSERT INTO public.quarantined_reading VALUES ('e57acc10f53c55bd65c8462f1402834edd30e4f41203988a0cac5aff6122a614', 'd4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35', 'device_unknown', '', 'box-0101', 'humidity_pct', 1768374300002, 1768374300002, 1768374300002, 2);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_pkey PRIMARY KEY (building, flat, kind, device, start_ms);
ALTER TABLE ONLY public.quarantined_message
    ADD CONSTRAINT quarantined_message_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.quarantined_reading
    ADD CONSTRAINT quarantined_reading_pkey PRIMARY KEY (digest);
CREATE INDEX ix_quarantined_reading_message ON public.quarantined_reading USING btree (message);
CREATE INDEX ix_quarantined_reading_reason ON public.quarantined_reading USING btree (reason);
ALTER TABLE ONLY public.quarantined_reading
    ADD CONSTRAINT fk_quarantined_reading_message FOREIGN KEY (message) REFERENCES public.quarantined_message(digest);
