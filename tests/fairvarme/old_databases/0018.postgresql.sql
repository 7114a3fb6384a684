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
CREATE TABLE public.access_record (
    number bigint NOT NULL,
    at_ms bigint NOT NULL,
    who text NOT NULL,
    role character varying(32) NOT NULL,
    event character varying(32) NOT NULL,
    what text NOT NULL,
    building character varying(64) NOT NULL,
    tenancy character varying(64) NOT NULL,
    reason text NOT NULL
);
CREATE SEQUENCE public.access_record_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.access_record_number_seq OWNED BY public.access_record.number;
CREATE TABLE public.access_token (
    token character varying(64) NOT NULL,
    kind character varying(32) NOT NULL,
    subject text NOT NULL,
    request character varying(64) NOT NULL,
    facts json NOT NULL,
    made_ms bigint NOT NULL,
    ends_ms bigint NOT NULL,
    used_ms bigint,
    attempts integer NOT NULL
);
CREATE TABLE public.aconto (
    number bigint NOT NULL,
    building character varying(64) NOT NULL,
    tenancy character varying(64) NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,
    amount_ore bigint NOT NULL,
    own_columns json DEFAULT '{}'::json NOT NULL,
    CONSTRAINT ck_period_end_after_period_start CHECK ((period_end > period_start))
);
CREATE SEQUENCE public.aconto_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.aconto_number_seq OWNED BY public.aconto.number;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.alert_case (
    id character varying(64) NOT NULL,
    building character varying(64) NOT NULL,
    flat character varying(64) NOT NULL,
    kind character varying(32) NOT NULL,
    device character varying(64) NOT NULL,
    tenancy character varying(64) NOT NULL,
    start_ms bigint NOT NULL,
    end_ms bigint NOT NULL,
    raised_ms bigint NOT NULL,
    found_ms bigint NOT NULL,
    changed_ms bigint NOT NULL,
    state character varying(32) NOT NULL,
    closed_ms bigint NOT NULL,
    inhibited_by character varying(64) NOT NULL,
    silenced_ms bigint NOT NULL,
    label text NOT NULL,
    evidence json NOT NULL
);
CREATE TABLE public.alert_change (
    number integer NOT NULL,
    "case" character varying(64) NOT NULL,
    event character varying(32) NOT NULL,
    state character varying(32) NOT NULL,
    at_ms bigint NOT NULL,
    by text NOT NULL,
    note text NOT NULL
);
CREATE SEQUENCE public.alert_change_number_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.alert_change_number_seq OWNED BY public.alert_change.number;
CREATE TABLE public.alert_checkpoint (
    building character varying(64) NOT NULL,
    made_ms bigint NOT NULL,
    content bytea NOT NULL
);
CREATE TABLE public.alert_link (
    digest character varying(64) NOT NULL,
    message character varying(64) NOT NULL,
    made_ms bigint NOT NULL
);
CREATE TABLE public.alert_notice (
    message character varying(64) NOT NULL,
    "case" character varying(64) NOT NULL,
    about character varying(32) NOT NULL,
    tenancy character varying(64) NOT NULL,
    person character varying(64) NOT NULL,
    channel character varying(32) NOT NULL,
    queued_ms bigint NOT NULL
);
CREATE TABLE public.api_token (
    id character varying(16) NOT NULL,
    digest bytea NOT NULL,
    name text NOT NULL,
    scopes json NOT NULL,
    buildings json NOT NULL,
    tenancy character varying(64) NOT NULL,
    made_ms bigint NOT NULL,
    made_by text NOT NULL,
    ends_ms bigint,
    revoked_ms bigint,
    used_ms bigint
);
CREATE TABLE public.attempt_count (
    key character varying(64) NOT NULL,
    window_ms bigint NOT NULL,
    count integer NOT NULL
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
CREATE TABLE public.building (
    id character varying(64) NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    timezone text NOT NULL,
    currency text NOT NULL,
    language text NOT NULL,
    tenure text NOT NULL,
    organisation text,
    department text,
    service_centre text,
    landlord text,
    data_controller text,
    complaint_board text,
    records_open text,
    contacts json NOT NULL,
    facts json NOT NULL,
    supply json,
    revision bigint NOT NULL,
    tariffs json DEFAULT '[]'::json NOT NULL
);
CREATE TABLE public.building_month (
    building character varying(64) NOT NULL,
    month character varying(7) NOT NULL,
    made_ms bigint NOT NULL,
    figures json NOT NULL
);
CREATE TABLE public.cost (
    number bigint NOT NULL,
    building character varying(64) NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,
    item text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    amount_ore bigint NOT NULL,
    vat_amount_ore bigint,
    co2_amount_ore bigint,
    energy_kwh double precision,
    co2_kg double precision,
    received date,
    id character varying(64),
    replaces json NOT NULL,
    own_columns json DEFAULT '{}'::json NOT NULL,
    CONSTRAINT ck_period_end_after_period_start CHECK ((period_end > period_start))
);
CREATE SEQUENCE public.cost_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.cost_number_seq OWNED BY public.cost.number;
CREATE TABLE public.device (
    number bigint NOT NULL,
    building character varying(64) NOT NULL,
    measuring_point text NOT NULL,
    kind text NOT NULL,
    device character varying(64) NOT NULL,
    flat character varying(64),
    from_day date NOT NULL,
    to_day date,
    verified_until date,
    factor double precision NOT NULL,
    start_register double precision,
    end_register double precision,
    serial text,
    room text,
    point text,
    remote boolean,
    own_columns json DEFAULT '{}'::json NOT NULL,
    CONSTRAINT ck_to_day_after_from_day CHECK ((to_day > from_day))
);
CREATE SEQUENCE public.device_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.device_number_seq OWNED BY public.device.number;
CREATE TABLE public.device_word (
    building character varying(64) NOT NULL,
    device character varying(64) NOT NULL,
    word text NOT NULL,
    meaning character varying(32) NOT NULL,
    first_ms bigint NOT NULL,
    last_ms bigint NOT NULL,
    count bigint NOT NULL,
    since_ms bigint DEFAULT 0 NOT NULL,
    driver text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.draft_document (
    draft integer NOT NULL,
    name character varying(64) NOT NULL,
    content bytea NOT NULL
);
CREATE TABLE public.estate_change (
    number bigint NOT NULL,
    import_number bigint NOT NULL,
    file character varying(64) NOT NULL,
    key text NOT NULL,
    before json,
    after json NOT NULL
);
CREATE SEQUENCE public.estate_change_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.estate_change_number_seq OWNED BY public.estate_change.number;
CREATE TABLE public.estate_import (
    number bigint NOT NULL,
    building character varying(64) NOT NULL,
    time_ms bigint NOT NULL,
    imported_by text NOT NULL,
    source text NOT NULL
);
CREATE SEQUENCE public.estate_import_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.estate_import_number_seq OWNED BY public.estate_import.number;
CREATE TABLE public.fault_report (
    number bigint NOT NULL,
    building character varying(64) NOT NULL,
    tenancy character varying(64) NOT NULL,
    flat character varying(64) NOT NULL,
    "case" character varying(64) NOT NULL,
    at_ms bigint NOT NULL,
    text text NOT NULL,
    done_ms bigint
);
CREATE SEQUENCE public.fault_report_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.fault_report_number_seq OWNED BY public.fault_report.number;
CREATE TABLE public.flat (
    number bigint NOT NULL,
    building character varying(64) NOT NULL,
    flat character varying(64) NOT NULL,
    address text NOT NULL,
    area_m2 double precision NOT NULL,
    volume_m3 double precision,
    heat_loss_w_per_k double precision,
    gains_w double precision,
    position_factor double precision,
    shares double precision,
    f_rsi double precision,
    stairwell text,
    floor text,
    door text,
    material text,
    named_shares json NOT NULL,
    own_columns json DEFAULT '{}'::json NOT NULL,
    CONSTRAINT ck_flat_area CHECK ((area_m2 > (0)::double precision))
);
CREATE SEQUENCE public.flat_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.flat_number_seq OWNED BY public.flat.number;
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
CREATE TABLE public.login_identity (
    number bigint NOT NULL,
    way character varying(32) NOT NULL,
    proof character varying(64) NOT NULL,
    staff character varying(64) NOT NULL,
    building character varying(64) NOT NULL,
    tenancy character varying(64) NOT NULL,
    person character varying(64) NOT NULL,
    made_ms bigint NOT NULL,
    used_ms bigint NOT NULL,
    facts json DEFAULT '{}'::json NOT NULL
);
CREATE SEQUENCE public.login_identity_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.login_identity_number_seq OWNED BY public.login_identity.number;
CREATE TABLE public.login_session (
    token character varying(64) NOT NULL,
    subject text NOT NULL,
    staff character varying(64) NOT NULL,
    acting_for json,
    form_token character varying(64) NOT NULL,
    started_ms bigint NOT NULL,
    seen_ms bigint NOT NULL,
    ends_ms bigint NOT NULL,
    way character varying(32) DEFAULT ''::character varying NOT NULL
);
CREATE TABLE public.measuring_point (
    number bigint NOT NULL,
    building character varying(64) NOT NULL,
    point text NOT NULL,
    kind text NOT NULL,
    flat character varying(64),
    room text
);
CREATE SEQUENCE public.measuring_point_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.measuring_point_number_seq OWNED BY public.measuring_point.number;
CREATE TABLE public.neighbour (
    number bigint NOT NULL,
    building character varying(64) NOT NULL,
    flat_a character varying(64) NOT NULL,
    flat_b character varying(64) NOT NULL,
    coupling_w_per_k double precision NOT NULL,
    own_columns json DEFAULT '{}'::json NOT NULL,
    CONSTRAINT ck_neighbour_two_flats CHECK (((flat_a)::text <> (flat_b)::text))
);
CREATE SEQUENCE public.neighbour_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.neighbour_number_seq OWNED BY public.neighbour.number;
CREATE TABLE public.outbox_attachment (
    message character varying(64) NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    content bytea NOT NULL,
    way character varying(16) DEFAULT 'attached'::character varying NOT NULL
);
CREATE TABLE public.outbox_message (
    id character varying(64) NOT NULL,
    channel character varying(16) NOT NULL,
    kind character varying(32) NOT NULL,
    building character varying(64) NOT NULL,
    tenancy character varying(64) NOT NULL,
    person character varying(64) NOT NULL,
    address text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    safety boolean NOT NULL,
    instead_of character varying(64) NOT NULL,
    queued_ms bigint NOT NULL,
    due_ms bigint NOT NULL,
    next_ms bigint NOT NULL,
    state character varying(16) NOT NULL,
    attempts integer NOT NULL,
    attempted_ms bigint,
    open_attempt boolean NOT NULL,
    repeats integer NOT NULL,
    ended_ms bigint,
    answer text NOT NULL
);
CREATE TABLE public.person (
    number bigint NOT NULL,
    building character varying(64) NOT NULL,
    tenancy character varying(64) NOT NULL,
    person character varying(64) NOT NULL,
    name text NOT NULL,
    mail text,
    phone text,
    language text,
    channels text,
    post_address text,
    protected boolean NOT NULL,
    from_day date,
    to_day date,
    own_columns json DEFAULT '{}'::json NOT NULL,
    CONSTRAINT ck_to_day_after_from_day CHECK ((to_day > from_day))
);
CREATE SEQUENCE public.person_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.person_number_seq OWNED BY public.person.number;
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
CREATE TABLE public.resident_wish (
    building character varying(64) NOT NULL,
    tenancy character varying(64) NOT NULL,
    person character varying(64) NOT NULL,
    language character varying(2) NOT NULL,
    channels text NOT NULL,
    mail character varying(320) NOT NULL,
    phone character varying(32) NOT NULL,
    paper boolean,
    goal_kwh double precision,
    day_limit_kwh double precision,
    day_limit_l double precision,
    case_until_ms bigint,
    changed_ms bigint NOT NULL,
    pdf character varying(32) DEFAULT ''::character varying NOT NULL
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
CREATE TABLE public.scheme_use (
    number bigint NOT NULL,
    building character varying(64) NOT NULL,
    place integer NOT NULL,
    scheme text NOT NULL,
    from_day date NOT NULL,
    decision text,
    permit_reference text,
    permit_from_day date,
    permit_to_day date,
    CONSTRAINT ck_permit_to_day_after_permit_from_day CHECK ((permit_to_day > permit_from_day))
);
CREATE SEQUENCE public.scheme_use_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.scheme_use_number_seq OWNED BY public.scheme_use.number;
CREATE TABLE public.staff_account (
    name character varying(64) NOT NULL,
    mail character varying(320) NOT NULL,
    roles json NOT NULL,
    buildings json,
    otp_secret text NOT NULL,
    otp_step bigint NOT NULL,
    active boolean NOT NULL,
    made_ms bigint NOT NULL
);
CREATE TABLE public.tenancy (
    number bigint NOT NULL,
    building character varying(64) NOT NULL,
    tenancy character varying(64) NOT NULL,
    flat character varying(64) NOT NULL,
    from_day date NOT NULL,
    to_day date,
    climate_from date,
    climate_to date,
    delivery text NOT NULL,
    climate_refused boolean NOT NULL,
    own_columns json DEFAULT '{}'::json NOT NULL,
    CONSTRAINT ck_climate_to_after_climate_from CHECK ((climate_to > climate_from)),
    CONSTRAINT ck_to_day_after_from_day CHECK ((to_day > from_day))
);
CREATE SEQUENCE public.tenancy_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.tenancy_number_seq OWNED BY public.tenancy.number;
ALTER TABLE ONLY public.access_record ALTER COLUMN number SET DEFAULT nextval('public.access_record_number_seq'::regclass);
ALTER TABLE ONLY public.aconto ALTER COLUMN number SET DEFAULT nextval('public.aconto_number_seq'::regclass);
ALTER TABLE ONLY public.alert_change ALTER COLUMN number SET DEFAULT nextval('public.alert_change_number_seq'::regclass);
ALTER TABLE ONLY public.bill_draft ALTER COLUMN draft SET DEFAULT nextval('public.bill_draft_draft_seq'::regclass);
ALTER TABLE ONLY public.cost ALTER COLUMN number SET DEFAULT nextval('public.cost_number_seq'::regclass);
ALTER TABLE ONLY public.device ALTER COLUMN number SET DEFAULT nextval('public.device_number_seq'::regclass);
ALTER TABLE ONLY public.estate_change ALTER COLUMN number SET DEFAULT nextval('public.estate_change_number_seq'::regclass);
ALTER TABLE ONLY public.estate_import ALTER COLUMN number SET DEFAULT nextval('public.estate_import_number_seq'::regclass);
ALTER TABLE ONLY public.fault_report ALTER COLUMN number SET DEFAULT nextval('public.fault_report_number_seq'::regclass);
ALTER TABLE ONLY public.flat ALTER COLUMN number SET DEFAULT nextval('public.flat_number_seq'::regclass);
ALTER TABLE ONLY public.login_identity ALTER COLUMN number SET DEFAULT nextval('public.login_identity_number_seq'::regclass);
ALTER TABLE ONLY public.measuring_point ALTER COLUMN number SET DEFAULT nextval('public.measuring_point_number_seq'::regclass);
ALTER TABLE ONLY public.neighbour ALTER COLUMN number SET DEFAULT nextval('public.neighbour_number_seq'::regclass);
ALTER TABLE ONLY public.person ALTER COLUMN number SET DEFAULT nextval('public.person_number_seq'::regclass);
ALTER TABLE ONLY public.scheme_use ALTER COLUMN number SET DEFAULT nextval('public.scheme_use_number_seq'::regclass);
ALTER TABLE ONLY public.tenancy ALTER COLUMN number SET DEFAULT nextval('public.tenancy_number_seq'::regclass);
INSERT INTO public.access_record VALUES (1, 1767312000000, 'an', 'accountant', 'page', '/accounts', 'house', '', '');
INSERT INTO public.access_token VALUES ('abababababababababababababababababababababababababababababababab', 'link', 'house A-1 p1', 'abababababababababababababababababababababababababababababababab', '{}', 1767312000000, 1767398400000, NULL, 0);
INSERT INTO public.aconto VALUES (1, 'house', 'A-1', '2025-01-01', '2026-01-01', 200000, '{}');
INSERT INTO public.alembic_version VALUES ('0018');
INSERT INTO public.alert_case VALUES ('5a261076e146', 'house', '0101', 'leak', '71000101', '', 1767225600000, 1767312000000, 1767312000000, 1767312000000, 1767312000000, 'cleared', 1767312000000, '', 0, '', '{"litres_per_hour": 12.5}');
INSERT INTO public.alert_change VALUES (1, '5a261076e146', 'found', 'cleared', 1767312000000, '', 'kept from before alerts had a life');
INSERT INTO public.api_token VALUES ('0123456789abcdef', '\xabababababababababababababababababababababababababababababababab', 'the board', '["readings"]', '["house"]', '', 1767312000000, 'An Administrator', NULL, NULL, NULL);
INSERT INTO public.attempt_count VALUES ('abababababababababababababababababababababababababababababababab', 1767312000000, 1);
INSERT INTO public.billing_run VALUES (1, 1, 1, 'house', '2025-01-01', '2026-01-01', 'dk-metered', '2022-01-01', 200075, '2026-03-01', '2026-04-30', '0.1.0', 'DK', 'almen', NULL, NULL);
INSERT INTO public.building VALUES ('house', 'House', 'Street 1', 'Europe/Copenhagen', 'DKK', 'en', 'almen', NULL, NULL, NULL, NULL, NULL, 'The board', NULL, '[{"topic": "varmeregnskab", "phone": "00 00 00 00", "mail": null, "hours": null, "emergency": false}]', '{"fuel": null, "insulated_1994": null, "pipes_insulated": null, "gross_calorific": false, "commercial_supply": false, "hot_water_c": null, "position_priced_in": false, "monthly_information": true, "co2_restrictions": 0}', '{"year": 2024, "mix": [{"source": "biomass", "fraction": 1.0}], "co2_kg_per_mwh": 50.0, "taxes": null}', 1, '[]');
INSERT INTO public.building_month VALUES ('house', '2025-12', 1767312000000, '{"homes": 2}');
INSERT INTO public.cost VALUES (1, 'house', '2025-01-01', '2026-01-01', 'heat', 'energy', 'final', 1000000, 200000, NULL, 9000, NULL, '2026-02-01', NULL, '[]', '{}');
INSERT INTO public.cost VALUES (2, 'house', '2025-01-01', '2026-01-01', 'heat', 'rebate', 'final', -10000, -2000, NULL, NULL, NULL, '2026-02-01', NULL, '[]', '{}');
INSERT INTO public.cost VALUES (3, 'house', '2025-01-01', '2026-01-01', 'hot_water', 'energy', 'final', 200000, 40000, NULL, 1500, NULL, '2026-02-01', NULL, '[]', '{}');
INSERT INTO public.device VALUES (1, 'house', 'A:heat', 'heat', 'heat-A', 'A', '2020-01-01', NULL, '2030-01-01', 1, NULL, NULL, NULL, NULL, NULL, true, '{}');
INSERT INTO public.device VALUES (2, 'house', 'B:heat', 'heat', 'heat-B', 'B', '2020-01-01', NULL, '2030-01-01', 1, NULL, NULL, NULL, NULL, NULL, true, '{}');
INSERT INTO public.device VALUES (3, 'house', 'A:hot_water', 'hot_water', 'water-A', 'A', '2020-01-01', NULL, '2030-01-01', 1, NULL, NULL, NULL, NULL, NULL, true, '{}');
INSERT INTO public.device VALUES (4, 'house', 'B:hot_water', 'hot_water', 'water-B', 'B', '2020-01-01', NULL, '2030-01-01', 1, NULL, NULL, NULL, NULL, NULL, true, '{}');
INSERT INTO public.device_word VALUES ('house', '64000101', 'LEAK', 'suspect', 1767225600000, 1767312000000, 3, 1767312000000, '');
INSERT INTO public.estate_change VALUES (1, 1, 'building', 'house', NULL, '{"id": "house", "name": "House", "address": "Street 1", "timezone": "Europe/Copenhagen", "currency": "DKK", "language": "en", "tenure": "almen", "schemes": [{"scheme": "dk-metered", "from": "2024-01-01", "decision": null, "permit": null}], "complaint_board": "The board", "contacts": [{"topic": "varmeregnskab", "phone": "00 00 00 00", "mail": null, "hours": null, "emergency": false}], "supply": {"year": 2024, "mix": [{"source": "biomass", "fraction": 1.0}], "co2_kg_per_mwh": 50.0, "taxes": null}, "facts": {"fuel": null, "insulated_1994": null, "pipes_insulated": null, "gross_calorific": false, "commercial_supply": false, "hot_water_c": null, "position_priced_in": false, "monthly_information": true, "co2_restrictions": 0}}');
INSERT INTO public.estate_change VALUES (2, 1, 'flats', 'A', NULL, '{"flat": "A", "address": "Street 1 A", "area_m2": 30.0, "position_factor": 1.0}');
INSERT INTO public.estate_change VALUES (3, 1, 'flats', 'B', NULL, '{"flat": "B", "address": "Street 1 B", "area_m2": 120.0, "position_factor": 0.8}');
INSERT INTO public.estate_change VALUES (4, 1, 'neighbours', 'A B', NULL, '{"flat_a": "A", "flat_b": "B", "coupling_w_per_k": 40.0}');
INSERT INTO public.estate_change VALUES (5, 1, 'tenancies', 'A-1', NULL, '{"tenancy": "A-1", "flat": "A", "from": "2020-01-01", "delivery": "digital"}');
INSERT INTO public.estate_change VALUES (6, 1, 'tenancies', 'B-1', NULL, '{"tenancy": "B-1", "flat": "B", "from": "2020-01-01", "delivery": "digital"}');
INSERT INTO public.estate_change VALUES (7, 1, 'persons', 'A-1 p1', NULL, '{"tenancy": "A-1", "person": "p1", "name": "not kept"}');
INSERT INTO public.estate_change VALUES (8, 1, 'persons', 'B-1 p2', NULL, '{"tenancy": "B-1", "person": "p2", "name": "not kept"}');
INSERT INTO public.estate_change VALUES (9, 1, 'devices', 'heat-A 2020-01-01', NULL, '{"device": "heat-A", "kind": "heat", "flat": "A", "from": "2020-01-01", "factor": 1.0, "verified_until": "2030-01-01", "remote": true}');
INSERT INTO public.estate_change VALUES (10, 1, 'devices', 'heat-B 2020-01-01', NULL, '{"device": "heat-B", "kind": "heat", "flat": "B", "from": "2020-01-01", "factor": 1.0, "verified_until": "2030-01-01", "remote": true}');
INSERT INTO public.estate_change VALUES (11, 1, 'devices', 'water-A 2020-01-01', NULL, '{"device": "water-A", "kind": "hot_water", "flat": "A", "from": "2020-01-01", "factor": 1.0, "verified_until": "2030-01-01", "remote": true}');
INSERT INTO public.estate_change VALUES (12, 1, 'devices', 'water-B 2020-01-01', NULL, '{"device": "water-B", "kind": "hot_water", "flat": "B", "from": "2020-01-01", "factor": 1.0, "verified_until": "2030-01-01", "remote": true}');
INSERT INTO public.estate_change VALUES (13, 1, 'costs', '2025-01-01/2026-01-01 heat energy', NULL, '{"period_start": "2025-01-01", "period_end": "2026-01-01", "item": "heat", "amount_ore": 1000000, "kind": "energy", "vat_amount_ore": 200000, "energy_kwh": 9000.0, "status": "final", "received": "2026-02-01"}');
INSERT INTO public.estate_change VALUES (14, 1, 'costs', '2025-01-01/2026-01-01 heat rebate', NULL, '{"period_start": "2025-01-01", "period_end": "2026-01-01", "item": "heat", "amount_ore": -10000, "kind": "rebate", "vat_amount_ore": -2000, "status": "final", "received": "2026-02-01"}');
INSERT INTO public.estate_change VALUES (15, 1, 'costs', '2025-01-01/2026-01-01 hot_water energy', NULL, '{"period_start": "2025-01-01", "period_end": "2026-01-01", "item": "hot_water", "amount_ore": 200000, "kind": "energy", "vat_amount_ore": 40000, "energy_kwh": 1500.0, "status": "final", "received": "2026-02-01"}');
INSERT INTO public.estate_change VALUES (16, 1, 'aconto', 'A-1 2025-01-01/2026-01-01', NULL, '{"tenancy": "A-1", "period_start": "2025-01-01", "period_end": "2026-01-01", "amount_ore": 200000}');
INSERT INTO public.estate_import VALUES (1, 'house', 1772366400000, 'somebody', 'estates/house');
INSERT INTO public.fault_report VALUES (1, 'house', 'A-1', 'A', 'case-1', 1767312000000, 'the radiator is cold', NULL);
INSERT INTO public.flat VALUES (1, 'house', 'A', 'Street 1 A', 30, NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, '{}', '{}');
INSERT INTO public.flat VALUES (2, 'house', 'B', 'Street 1 B', 120, NULL, NULL, NULL, 0.8, NULL, NULL, NULL, NULL, NULL, NULL, '{}', '{}');
INSERT INTO public.ledger_entry VALUES (1, 'approval', 1772366400001, 'somebody', 6, 420100, '0000000000000000000000000000000000000000000000000000000000000000', '80e7d2c973cc60cffd619fba5bd07e95ccf587e22e187f500dbabaa0e3048098');
INSERT INTO public.ledger_posting VALUES (1, 1, 'house', 1, 'A-1', 'charge', 'cost', 'heat', 'heat-1', 120050);
INSERT INTO public.ledger_posting VALUES (1, 2, 'house', 1, 'A-1', 'on_account', 'charge', '', '', 100000);
INSERT INTO public.ledger_posting VALUES (1, 3, 'house', 1, 'A-1', 'balance', 'charge', '', '', 20050);
INSERT INTO public.ledger_posting VALUES (1, 4, 'house', 1, 'B-1', 'charge', 'cost', 'heat', 'heat-1', 80025);
INSERT INTO public.ledger_posting VALUES (1, 5, 'house', 1, 'B-1', 'on_account', 'charge', '', '', 90000);
INSERT INTO public.ledger_posting VALUES (1, 6, 'house', 1, 'B-1', 'charge', 'balance', '', '', 9975);
INSERT INTO public.login_session VALUES ('abababababababababababababababababababababababababababababababab', 'house A-1 p1', '', NULL, 'abababababababababababababababababababababababababababababababab', 1767312000000, 1767312000000, 1769904000000, '');
INSERT INTO public.measuring_point VALUES (1, 'house', 'A:heat', 'heat', 'A', NULL);
INSERT INTO public.measuring_point VALUES (2, 'house', 'B:heat', 'heat', 'B', NULL);
INSERT INTO public.measuring_point VALUES (3, 'house', 'A:hot_water', 'hot_water', 'A', NULL);
INSERT INTO public.measuring_point VALUES (4, 'house', 'B:hot_water', 'hot_water', 'B', NULL);
INSERT INTO public.neighbour VALUES (1, 'house', 'A', 'B', 40, '{}');
INSERT INTO public.outbox_attachment VALUES ('f834548817e20e6a9a06316478ea8d0a', 1, 'report.pdf', 'application/pdf', '\x255044462d312e37', 'attached');
INSERT INTO public.outbox_message VALUES ('f834548817e20e6a9a06316478ea8d0a', 'letter', 'report', 'house', 'A-1', 'p1', '', 'January 2025', 'Your report of January 2025', '', false, '', 1738580400000, 1738580400000, 1738580400000, 'queued', 0, NULL, false, 0, NULL, '');
INSERT INTO public.person VALUES (1, 'house', 'A-1', 'p1', 'Resident A', NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, '{}');
INSERT INTO public.person VALUES (2, 'house', 'B-1', 'p2', 'Resident B', NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, '{}');
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
INSERT INTO public.resident_wish VALUES ('house', 'A-1', 'p1', 'en', '', '', '', NULL, NULL, NULL, NULL, NULL, 1767312000000, '');
INSERT INTO public.run_document VALUES (1, 'statements.json', '90ddefe7ff1e1d67ed54f6ecb7cdd586c71c9ff516bf59884971b45a86759479', '\x7b2273746174656d656e7473223a205b7b2274656e616e6379223a2022412d31222c20227265736964656e74223a20747275652c2022746f74616c5f6f7265223a203132303035307d2c207b2274656e616e6379223a2022422d31222c20227265736964656e74223a20747275652c2022746f74616c5f6f7265223a2038303032357d5d7d');
INSERT INTO public.scheme_use VALUES (1, 'house', 0, 'dk-metered', '2024-01-01', NULL, NULL, NULL, NULL);
INSERT INTO public.staff_account VALUES ('an', 'accountant@example.org', '["accountant"]', '["house"]', '', 0, true, 1767312000000);
INSERT INTO public.tenancy VALUES (1, 'house', 'A-1', 'A', '2020-01-01', NULL, NULL, NULL, 'digital', false, '{}');
INSERT INTO public.tenancy VALUES (2, 'house', 'B-1', 'B', '2020-01-01', NULL, NULL, NULL, 'digital', false, '{}');
SELECT pg_catalog.setval('public.access_record_number_seq', 1, true);
SELECT pg_catalog.setval('public.aconto_number_seq', 1, true);
SELECT pg_catalog.setval('public.alert_change_number_seq', 1, true);
SELECT pg_catalog.setval('public.bill_draft_draft_seq', 1, true);
SELECT pg_catalog.setval('public.cost_number_seq', 3, true);
SELECT pg_catalog.setval('public.device_number_seq', 4, true);
SELECT pg_catalog.setval('public.estate_change_number_seq', 16, true);
SELECT pg_catalog.setval('public.estate_import_number_seq', 1, true);
SELECT pg_catalog.setval('public.fault_report_number_seq', 1, true);
SELECT pg_catalog.setval('public.flat_number_seq', 2, true);
SELECT pg_catalog.setval('public.login_identity_number_seq', 1, false);
SELECT pg_catalog.setval('public.measuring_point_number_seq', 4, true);
SELECT pg_catalog.setval('public.neighbour_number_seq', 1, true);
SELECT pg_catalog.setval('public.person_number_seq', 2, true);
SELECT pg_catalog.setval('public.scheme_use_number_seq', 1, true);
SELECT pg_catalog.setval('public.tenancy_number_seq', 2, true);
ALTER TABLE ONLY public.access_record
    ADD CONSTRAINT access_record_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.access_token
    ADD CONSTRAINT access_token_pkey PRIMARY KEY (token);
ALTER TABLE ONLY public.aconto
    ADD CONSTRAINT aconto_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.alert_case
    ADD CONSTRAINT alert_case_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.alert_change
    ADD CONSTRAINT alert_change_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.alert_checkpoint
    ADD CONSTRAINT alert_checkpoint_pkey PRIMARY KEY (building);
ALTER TABLE ONLY public.alert_link
    ADD CONSTRAINT alert_link_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.alert_notice
    ADD CONSTRAINT alert_notice_pkey PRIMARY KEY (message, "case");
ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.attempt_count
    ADD CONSTRAINT attempt_count_pkey PRIMARY KEY (key, window_ms);
ALTER TABLE ONLY public.bill_draft
    ADD CONSTRAINT bill_draft_pkey PRIMARY KEY (draft);
ALTER TABLE ONLY public.billing_run
    ADD CONSTRAINT billing_run_corrects_key UNIQUE (corrects);
ALTER TABLE ONLY public.billing_run
    ADD CONSTRAINT billing_run_entry_key UNIQUE (entry);
ALTER TABLE ONLY public.billing_run
    ADD CONSTRAINT billing_run_pkey PRIMARY KEY (run);
ALTER TABLE ONLY public.building_month
    ADD CONSTRAINT building_month_pkey PRIMARY KEY (building, month);
ALTER TABLE ONLY public.building
    ADD CONSTRAINT building_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.cost
    ADD CONSTRAINT cost_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.device_word
    ADD CONSTRAINT device_word_pkey PRIMARY KEY (building, device, word);
ALTER TABLE ONLY public.draft_document
    ADD CONSTRAINT draft_document_pkey PRIMARY KEY (draft, name);
ALTER TABLE ONLY public.estate_change
    ADD CONSTRAINT estate_change_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.estate_import
    ADD CONSTRAINT estate_import_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.fault_report
    ADD CONSTRAINT fault_report_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.flat
    ADD CONSTRAINT flat_pkey PRIMARY KEY (number);
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
ALTER TABLE ONLY public.login_identity
    ADD CONSTRAINT login_identity_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.login_session
    ADD CONSTRAINT login_session_pkey PRIMARY KEY (token);
ALTER TABLE ONLY public.measuring_point
    ADD CONSTRAINT measuring_point_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.neighbour
    ADD CONSTRAINT neighbour_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.outbox_attachment
    ADD CONSTRAINT outbox_attachment_pkey PRIMARY KEY (message, number);
ALTER TABLE ONLY public.outbox_message
    ADD CONSTRAINT outbox_message_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.quarantine_share
    ADD CONSTRAINT quarantine_share_pkey PRIMARY KEY (sender);
ALTER TABLE ONLY public.quarantined_cause
    ADD CONSTRAINT quarantined_cause_pkey PRIMARY KEY (message, complaint);
ALTER TABLE ONLY public.quarantined_complaint
    ADD CONSTRAINT quarantined_complaint_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.quarantined_message
    ADD CONSTRAINT quarantined_message_pkey1 PRIMARY KEY (digest);
ALTER TABLE ONLY public.resident_wish
    ADD CONSTRAINT resident_wish_pkey PRIMARY KEY (building, tenancy, person);
ALTER TABLE ONLY public.run_document
    ADD CONSTRAINT run_document_pkey PRIMARY KEY (entry, name);
ALTER TABLE ONLY public.run_state
    ADD CONSTRAINT run_state_pkey PRIMARY KEY (entry, number);
ALTER TABLE ONLY public.scheme_use
    ADD CONSTRAINT scheme_use_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.staff_account
    ADD CONSTRAINT staff_account_mail_key UNIQUE (mail);
ALTER TABLE ONLY public.staff_account
    ADD CONSTRAINT staff_account_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.tenancy
    ADD CONSTRAINT tenancy_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.cost
    ADD CONSTRAINT uq_cost_id UNIQUE (building, id);
ALTER TABLE ONLY public.device
    ADD CONSTRAINT uq_device_first_day UNIQUE (building, device, from_day);
ALTER TABLE ONLY public.flat
    ADD CONSTRAINT uq_flat_flat UNIQUE (building, flat);
ALTER TABLE ONLY public.measuring_point
    ADD CONSTRAINT uq_measuring_point_point UNIQUE (building, point);
ALTER TABLE ONLY public.neighbour
    ADD CONSTRAINT uq_neighbour_pair UNIQUE (building, flat_a, flat_b);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT uq_person_person UNIQUE (building, tenancy, person);
ALTER TABLE ONLY public.scheme_use
    ADD CONSTRAINT uq_scheme_use_place UNIQUE (building, place);
ALTER TABLE ONLY public.tenancy
    ADD CONSTRAINT uq_tenancy_tenancy UNIQUE (building, tenancy);
CREATE INDEX ix_access_record_home ON public.access_record USING btree (building, tenancy, at_ms);
CREATE INDEX ix_access_token_request ON public.access_token USING btree (request);
CREATE INDEX ix_access_token_subject ON public.access_token USING btree (kind, subject);
CREATE INDEX ix_aconto_tenancy ON public.aconto USING btree (building, tenancy);
CREATE INDEX ix_alert_case_building ON public.alert_case USING btree (building, flat);
CREATE INDEX ix_alert_case_state ON public.alert_case USING btree (state);
CREATE INDEX ix_alert_change_case ON public.alert_change USING btree ("case");
CREATE INDEX ix_alert_notice_case ON public.alert_notice USING btree ("case");
CREATE INDEX ix_alert_notice_tenancy ON public.alert_notice USING btree (tenancy, queued_ms);
CREATE INDEX ix_billing_run_first ON public.billing_run USING btree (first);
CREATE UNIQUE INDEX ix_billing_run_period ON public.billing_run USING btree (building, period_start, period_end) WHERE (corrects IS NULL);
CREATE INDEX ix_cost_building ON public.cost USING btree (building);
CREATE INDEX ix_device_measuring_point ON public.device USING btree (building, measuring_point);
CREATE INDEX ix_estate_change_import ON public.estate_change USING btree (import_number);
CREATE INDEX ix_estate_import_building ON public.estate_import USING btree (building);
CREATE INDEX ix_fault_report_building ON public.fault_report USING btree (building, at_ms);
CREATE UNIQUE INDEX ix_ledger_payment_key ON public.ledger_payment USING btree (building, key);
CREATE INDEX ix_ledger_posting_building ON public.ledger_posting USING btree (building);
CREATE INDEX ix_ledger_posting_run ON public.ledger_posting USING btree (run);
CREATE INDEX ix_login_identity_home ON public.login_identity USING btree (building, tenancy);
CREATE INDEX ix_login_identity_proof ON public.login_identity USING btree (proof);
CREATE INDEX ix_login_session_subject ON public.login_session USING btree (subject);
CREATE INDEX ix_outbox_message_building ON public.outbox_message USING btree (building);
CREATE INDEX ix_outbox_message_next ON public.outbox_message USING btree (state, channel, next_ms);
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
ALTER TABLE ONLY public.aconto
    ADD CONSTRAINT aconto_building_fkey FOREIGN KEY (building) REFERENCES public.building(id);
ALTER TABLE ONLY public.alert_change
    ADD CONSTRAINT alert_change_case_fkey FOREIGN KEY ("case") REFERENCES public.alert_case(id);
ALTER TABLE ONLY public.alert_notice
    ADD CONSTRAINT alert_notice_case_fkey FOREIGN KEY ("case") REFERENCES public.alert_case(id);
ALTER TABLE ONLY public.billing_run
    ADD CONSTRAINT billing_run_corrects_fkey FOREIGN KEY (corrects) REFERENCES public.billing_run(run);
ALTER TABLE ONLY public.billing_run
    ADD CONSTRAINT billing_run_entry_fkey FOREIGN KEY (entry) REFERENCES public.ledger_entry("position") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.cost
    ADD CONSTRAINT cost_building_fkey FOREIGN KEY (building) REFERENCES public.building(id);
ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_building_fkey FOREIGN KEY (building) REFERENCES public.building(id);
ALTER TABLE ONLY public.draft_document
    ADD CONSTRAINT draft_document_draft_fkey FOREIGN KEY (draft) REFERENCES public.bill_draft(draft) ON DELETE CASCADE;
ALTER TABLE ONLY public.estate_change
    ADD CONSTRAINT estate_change_import_number_fkey FOREIGN KEY (import_number) REFERENCES public.estate_import(number);
ALTER TABLE ONLY public.aconto
    ADD CONSTRAINT fk_aconto_tenancy FOREIGN KEY (building, tenancy) REFERENCES public.tenancy(building, tenancy);
ALTER TABLE ONLY public.device
    ADD CONSTRAINT fk_device_flat FOREIGN KEY (building, flat) REFERENCES public.flat(building, flat);
ALTER TABLE ONLY public.device
    ADD CONSTRAINT fk_device_measuring_point FOREIGN KEY (building, measuring_point) REFERENCES public.measuring_point(building, point);
ALTER TABLE ONLY public.measuring_point
    ADD CONSTRAINT fk_measuring_point_flat FOREIGN KEY (building, flat) REFERENCES public.flat(building, flat);
ALTER TABLE ONLY public.neighbour
    ADD CONSTRAINT fk_neighbour_flat_a FOREIGN KEY (building, flat_a) REFERENCES public.flat(building, flat);
ALTER TABLE ONLY public.neighbour
    ADD CONSTRAINT fk_neighbour_flat_b FOREIGN KEY (building, flat_b) REFERENCES public.flat(building, flat);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT fk_person_tenancy FOREIGN KEY (building, tenancy) REFERENCES public.tenancy(building, tenancy);
ALTER TABLE ONLY public.quarantined_cause
    ADD CONSTRAINT fk_quarantined_cause_complaint FOREIGN KEY (complaint) REFERENCES public.quarantined_complaint(digest);
ALTER TABLE ONLY public.quarantined_cause
    ADD CONSTRAINT fk_quarantined_cause_message FOREIGN KEY (message) REFERENCES public.quarantined_message(digest);
ALTER TABLE ONLY public.tenancy
    ADD CONSTRAINT fk_tenancy_flat FOREIGN KEY (building, flat) REFERENCES public.flat(building, flat);
ALTER TABLE ONLY public.flat
    ADD CONSTRAINT flat_building_fkey FOREIGN KEY (building) REFERENCES public.building(id);
ALTER TABLE ONLY public.ledger_payment
    ADD CONSTRAINT ledger_payment_entry_fkey FOREIGN KEY (entry) REFERENCES public.ledger_entry("position") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.ledger_posting
    ADD CONSTRAINT ledger_posting_entry_fkey FOREIGN KEY (entry) REFERENCES public.ledger_entry("position") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.measuring_point
    ADD CONSTRAINT measuring_point_building_fkey FOREIGN KEY (building) REFERENCES public.building(id);
ALTER TABLE ONLY public.neighbour
    ADD CONSTRAINT neighbour_building_fkey FOREIGN KEY (building) REFERENCES public.building(id);
ALTER TABLE ONLY public.outbox_attachment
    ADD CONSTRAINT outbox_attachment_message_fkey FOREIGN KEY (message) REFERENCES public.outbox_message(id);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_building_fkey FOREIGN KEY (building) REFERENCES public.building(id);
ALTER TABLE ONLY public.run_document
    ADD CONSTRAINT run_document_entry_fkey FOREIGN KEY (entry) REFERENCES public.ledger_entry("position") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.run_state
    ADD CONSTRAINT run_state_entry_fkey FOREIGN KEY (entry) REFERENCES public.ledger_entry("position") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.run_state
    ADD CONSTRAINT run_state_run_fkey FOREIGN KEY (run) REFERENCES public.billing_run(run);
ALTER TABLE ONLY public.scheme_use
    ADD CONSTRAINT scheme_use_building_fkey FOREIGN KEY (building) REFERENCES public.building(id);
ALTER TABLE ONLY public.tenancy
    ADD CONSTRAINT tenancy_building_fkey FOREIGN KEY (building) REFERENCES public.building(id);
