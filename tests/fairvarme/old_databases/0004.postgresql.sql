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
CREATE FUNCTION public.ledger_adds_up() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF 
    NEW.postings <> (SELECT count(*) FROM ledger_posting WHERE entry = NEW.position)
    OR NEW.posted_ore <> (
      SELECT coalesce(sum(amount_ore), 0) FROM ledger_posting WHERE entry = NEW.position)
    OR EXISTS (
      SELECT 1 FROM billing_run
      WHERE entry = NEW.position AND corrects IS NULL AND total_ore <> (
        SELECT coalesce(sum(CASE WHEN credit = 'cost' THEN amount_ore ELSE -amount_ore END), 0)
        FROM ledger_posting WHERE entry = NEW.position AND 'cost' IN (debit, credit)))
 THEN RAISE EXCEPTION 'a ledger entry does not add up'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.ledger_kept() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the ledger is append only'; END $$;
CREATE FUNCTION public.ledger_sealed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF EXISTS (SELECT 1 FROM ledger_entry WHERE position = NEW.entry) THEN RAISE EXCEPTION 'the ledger entry is sealed'; END IF; RETURN NEW; END $$;
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
CREATE TABLE public.bill_draft (
    draft integer NOT NULL,
    building character varying(64) NOT NULL,
    made_ms bigint NOT NULL,
    made_by text NOT NULL,
    facts text NOT NULL,
    postings text NOT NULL
);
CREATE SEQUENCE public.bill_draft_draft_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.bill_draft_draft_seq OWNED BY public.bill_draft.draft;
CREATE TABLE public.billing_run (
    run integer NOT NULL,
    entry integer NOT NULL,
    first integer NOT NULL,
    building character varying(64) NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,
    scheme text NOT NULL,
    scheme_version text NOT NULL,
    total_ore bigint NOT NULL,
    issued date NOT NULL,
    deadline date,
    program text NOT NULL,
    country character varying(2),
    tenure character varying(16) NOT NULL,
    corrects integer,
    reason character varying(32)
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
CREATE TABLE public.draft_document (
    draft integer NOT NULL,
    name character varying(64) NOT NULL,
    content bytea NOT NULL
);
CREATE TABLE public.ledger_entry (
    "position" integer NOT NULL,
    kind character varying(16) NOT NULL,
    made_ms bigint NOT NULL,
    made_by text NOT NULL,
    postings integer NOT NULL,
    posted_ore bigint NOT NULL,
    previous character varying(64) NOT NULL,
    digest character varying(64) NOT NULL
);
CREATE TABLE public.ledger_posting (
    entry integer NOT NULL,
    number integer NOT NULL,
    building character varying(64) NOT NULL,
    run integer,
    tenancy character varying(64) NOT NULL,
    debit character varying(16) NOT NULL,
    credit character varying(16) NOT NULL,
    item character varying(64) NOT NULL,
    component character varying(64) NOT NULL,
    amount_ore bigint NOT NULL,
    CONSTRAINT ck_ledger_posting_accounts CHECK (((debit)::text <> (credit)::text)),
    CONSTRAINT ck_ledger_posting_amount CHECK ((amount_ore > 0))
);
CREATE VIEW public.ledger_line AS
 SELECT ledger_posting.entry,
    ledger_posting.number,
    ledger_posting.building,
    ledger_posting.run,
    ledger_posting.tenancy,
    ledger_posting.debit AS account,
    ledger_posting.item,
    ledger_posting.component,
    ledger_posting.amount_ore
   FROM public.ledger_posting
UNION ALL
 SELECT ledger_posting.entry,
    ledger_posting.number,
    ledger_posting.building,
    ledger_posting.run,
    ledger_posting.tenancy,
    ledger_posting.credit AS account,
    ledger_posting.item,
    ledger_posting.component,
    (- ledger_posting.amount_ore) AS amount_ore
   FROM public.ledger_posting;
CREATE TABLE public.ledger_payment (
    entry integer NOT NULL,
    number integer NOT NULL,
    building character varying(64) NOT NULL,
    tenancy character varying(64) NOT NULL,
    day date NOT NULL,
    amount_ore bigint NOT NULL,
    kind character varying(16) NOT NULL,
    key character varying(128) NOT NULL
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
CREATE TABLE public.run_document (
    entry integer NOT NULL,
    name character varying(64) NOT NULL,
    sha256 character varying(64) NOT NULL,
    content bytea NOT NULL
);
CREATE TABLE public.run_state (
    entry integer NOT NULL,
    number integer NOT NULL,
    run integer NOT NULL,
    tenancy character varying(64) NOT NULL,
    state character varying(16) NOT NULL,
    day date NOT NULL,
    channel character varying(16),
    note text NOT NULL
);
ALTER TABLE ONLY public.bill_draft ALTER COLUMN draft SET DEFAULT nextval('public.bill_draft_draft_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0004');
INSERT INTO public.alert VALUES ('house', '0101', 'leak', '71000101', 1767225600000, 1767312000000, 1767312000000, '{"litres_per_hour": 12.5}');
INSERT INTO public.billing_run VALUES (1, 1, 1, 'house', '2025-01-01', '2026-01-01', 'dk-metered', '2022-01-01', 200075, '2026-03-01', '2026-04-30', '0.1.0', 'DK', 'almen', NULL, NULL);
INSERT INTO public.device_word VALUES ('house', '64000101', 'LEAK', 'suspect', 1767225600000, 1767312000000, 3);
INSERT INTO public.ledger_entry VALUES (1, 'approval', 1772366400001, 'somebody', 6, 420100, '0000000000000000000000000000000000000000000000000000000000000000', '80e7d2c973cc60cffd619fba5bd07e95ccf587e22e187f500dbabaa0e3048098');
INSERT INTO public.ledger_posting VALUES (1, 1, 'house', 1, 'A-1', 'charge', 'cost', 'heat', 'heat-1', 120050);
INSERT INTO public.ledger_posting VALUES (1, 2, 'house', 1, 'A-1', 'on_account', 'charge', '', '', 100000);
INSERT INTO public.ledger_posting VALUES (1, 3, 'house', 1, 'A-1', 'balance', 'charge', '', '', 20050);
INSERT INTO public.ledger_posting VALUES (1, 4, 'house', 1, 'B-1', 'charge', 'cost', 'heat', 'heat-1', 80025);
INSERT INTO public.ledger_posting VALUES (1, 5, 'house', 1, 'B-1', 'on_account', 'charge', '', '', 90000);
INSERT INTO public.ledger_posting VALUES (1, 6, 'house', 1, 'B-1', 'charge', 'balance', '', '', 9975);
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
INSERT INTO public.run_document VALUES (1, 'statements.json', '90ddefe7ff1e1d67ed54f6ecb7cdd586c71c9ff516bf59884971b45a86759479', '\x7b2273746174656d656e7473223a205b7b2274656e616e6379223a2022412d31222c20227265736964656e74223a20747275652c2022746f74616c5f6f7265223a203132303035307d2c207b2274656e616e6379223a2022422d31222c20227265736964656e74223a20747275652c2022746f74616c5f6f7265223a2038303032357d5d7d');
SELECT pg_catalog.setval('public.bill_draft_draft_seq', 1, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_pkey PRIMARY KEY (building, flat, kind, device, start_ms);
ALTER TABLE ONLY public.bill_draft
    ADD CONSTRAINT bill_draft_pkey PRIMARY KEY (draft);
ALTER TABLE ONLY public.billing_run
    ADD CONSTRAINT billing_run_corrects_key UNIQUE (corrects);
ALTER TABLE ONLY public.billing_run
    ADD CONSTRAINT billing_run_entry_key UNIQUE (entry);
ALTER TABLE ONLY public.billing_run
    ADD CONSTRAINT billing_run_pkey PRIMARY KEY (run);
ALTER TABLE ONLY public.device_word
    ADD CONSTRAINT device_word_pkey PRIMARY KEY (building, device, word);
ALTER TABLE ONLY public.draft_document
    ADD CONSTRAINT draft_document_pkey PRIMARY KEY (draft, name);
ALTER TABLE ONLY public.ledger_entry
    ADD CONSTRAINT ledger_entry_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.ledger_entry
    ADD CONSTRAINT ledger_entry_pkey PRIMARY KEY ("position");
ALTER TABLE ONLY public.ledger_entry
    ADD CONSTRAINT ledger_entry_previous_key UNIQUE (previous);
ALTER TABLE ONLY public.ledger_payment
    ADD CONSTRAINT ledger_payment_pkey PRIMARY KEY (entry, number);
ALTER TABLE ONLY public.ledger_posting
    ADD CONSTRAINT ledger_posting_pkey PRIMARY KEY (entry, number);
ALTER TABLE ONLY public.quarantine_share
    ADD CONSTRAINT quarantine_share_pkey PRIMARY KEY (sender);
ALTER TABLE ONLY public.quarantined_cause
    ADD CONSTRAINT quarantined_cause_pkey PRIMARY KEY (message, complaint);
ALTER TABLE ONLY public.quarantined_complaint
    ADD CONSTRAINT quarantined_complaint_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.quarantined_message
    ADD CONSTRAINT quarantined_message_pkey1 PRIMARY KEY (digest);
ALTER TABLE ONLY public.run_document
    ADD CONSTRAINT run_document_pkey PRIMARY KEY (entry, name);
ALTER TABLE ONLY public.run_state
    ADD CONSTRAINT run_state_pkey PRIMARY KEY (entry, number);
CREATE INDEX ix_billing_run_first ON public.billing_run USING btree (first);
CREATE UNIQUE INDEX ix_billing_run_period ON public.billing_run USING btree (building, period_start, period_end) WHERE (corrects IS NULL);
CREATE UNIQUE INDEX ix_ledger_payment_key ON public.ledger_payment USING btree (building, key);
CREATE INDEX ix_ledger_posting_building ON public.ledger_posting USING btree (building);
CREATE INDEX ix_ledger_posting_run ON public.ledger_posting USING btree (run);
CREATE INDEX ix_quarantined_cause_complaint ON public.quarantined_cause USING btree (complaint);
CREATE INDEX ix_quarantined_message_sender ON public.quarantined_message USING btree (sender, last_ms);
CREATE INDEX ix_run_state_run ON public.run_state USING btree (run);
CREATE TRIGGER billing_run_kept BEFORE DELETE OR UPDATE ON public.billing_run FOR EACH ROW EXECUTE FUNCTION public.ledger_kept();
CREATE TRIGGER billing_run_not_emptied BEFORE TRUNCATE ON public.billing_run FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_kept();
CREATE TRIGGER billing_run_sealed BEFORE INSERT ON public.billing_run FOR EACH ROW EXECUTE FUNCTION public.ledger_sealed();
CREATE TRIGGER ledger_entry_adds_up BEFORE INSERT ON public.ledger_entry FOR EACH ROW EXECUTE FUNCTION public.ledger_adds_up();
CREATE TRIGGER ledger_entry_kept BEFORE DELETE OR UPDATE ON public.ledger_entry FOR EACH ROW EXECUTE FUNCTION public.ledger_kept();
CREATE TRIGGER ledger_entry_not_emptied BEFORE TRUNCATE ON public.ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_kept();
CREATE TRIGGER ledger_payment_kept BEFORE DELETE OR UPDATE ON public.ledger_payment FOR EACH ROW EXECUTE FUNCTION public.ledger_kept();
CREATE TRIGGER ledger_payment_not_emptied BEFORE TRUNCATE ON public.ledger_payment FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_kept();
CREATE TRIGGER ledger_payment_sealed BEFORE INSERT ON public.ledger_payment FOR EACH ROW EXECUTE FUNCTION public.ledger_sealed();
CREATE TRIGGER ledger_posting_kept BEFORE DELETE OR UPDATE ON public.ledger_posting FOR EACH ROW EXECUTE FUNCTION public.ledger_kept();
CREATE TRIGGER ledger_posting_not_emptied BEFORE TRUNCATE ON public.ledger_posting FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_kept();
CREATE TRIGGER ledger_posting_sealed BEFORE INSERT ON public.ledger_posting FOR EACH ROW EXECUTE FUNCTION public.ledger_sealed();
CREATE TRIGGER run_document_kept BEFORE DELETE OR UPDATE ON public.run_document FOR EACH ROW EXECUTE FUNCTION public.ledger_kept();
CREATE TRIGGER run_document_not_emptied BEFORE TRUNCATE ON public.run_document FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_kept();
CREATE TRIGGER run_document_sealed BEFORE INSERT ON public.run_document FOR EACH ROW EXECUTE FUNCTION public.ledger_sealed();
CREATE TRIGGER run_state_kept BEFORE DELETE OR UPDATE ON public.run_state FOR EACH ROW EXECUTE FUNCTION public.ledger_kept();
CREATE TRIGGER run_state_not_emptied BEFORE TRUNCATE ON public.run_state FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_kept();
CREATE TRIGGER run_state_sealed BEFORE INSERT ON public.run_state FOR EACH ROW EXECUTE FUNCTION public.ledger_sealed();
ALTER TABLE ONLY public.billing_run
    ADD CONSTRAINT billing_run_corrects_fkey FOREIGN KEY (corrects) REFERENCES public.billing_run(run);
ALTER TABLE ONLY public.billing_run
    ADD CONSTRAINT billing_run_entry_fkey FOREIGN KEY (entry) REFERENCES public.ledger_entry("position") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.draft_document
    ADD CONSTRAINT draft_document_draft_fkey FOREIGN KEY (draft) REFERENCES public.bill_draft(draft) ON DELETE CASCADE;
ALTER TABLE ONLY public.quarantined_cause
    ADD CONSTRAINT fk_quarantined_cause_complaint FOREIGN KEY (complaint) REFERENCES public.quarantined_complaint(digest);
ALTER TABLE ONLY public.quarantined_cause
    ADD CONSTRAINT fk_quarantined_cause_message FOREIGN KEY (message) REFERENCES public.quarantined_message(digest);
ALTER TABLE ONLY public.ledger_payment
    ADD CONSTRAINT ledger_payment_entry_fkey FOREIGN KEY (entry) REFERENCES public.ledger_entry("position") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.ledger_posting
    ADD CONSTRAINT ledger_posting_entry_fkey FOREIGN KEY (entry) REFERENCES public.ledger_entry("position") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.run_document
    ADD CONSTRAINT run_document_entry_fkey FOREIGN KEY (entry) REFERENCES public.ledger_entry("position") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.run_state
    ADD CONSTRAINT run_state_entry_fkey FOREIGN KEY (entry) REFERENCES public.ledger_entry("position") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.run_state
    ADD CONSTRAINT run_state_run_fkey FOREIGN KEY (run) REFERENCES public.billing_run(run);
