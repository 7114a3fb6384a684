BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0004');
CREATE TABLE alert (
	building VARCHAR(64) NOT NULL, 
	flat VARCHAR(64) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	device VARCHAR(64) NOT NULL, 
	start_ms BIGINT NOT NULL, 
	end_ms BIGINT NOT NULL, 
	raised_ms BIGINT NOT NULL, 
	evidence JSON NOT NULL, 
	PRIMARY KEY (building, flat, kind, device, start_ms)
);
INSERT INTO "alert" VALUES('house','0101','leak','71000101',1767225600000,1767312000000,1767312000000,'{"litres_per_hour": 12.5}');
CREATE TABLE bill_draft (
	draft INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	made_ms BIGINT NOT NULL, 
	made_by TEXT NOT NULL, 
	facts TEXT NOT NULL, 
	postings TEXT NOT NULL, 
	PRIMARY KEY (draft)
);
CREATE TABLE billing_run (
	run INTEGER NOT NULL, 
	entry INTEGER NOT NULL, 
	first INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	period_start DATE NOT NULL, 
	period_end DATE NOT NULL, 
	scheme TEXT NOT NULL, 
	scheme_version TEXT NOT NULL, 
	total_ore BIGINT NOT NULL, 
	issued DATE NOT NULL, 
	deadline DATE, 
	program TEXT NOT NULL, 
	country VARCHAR(2), 
	tenure VARCHAR(16) NOT NULL, 
	corrects INTEGER, 
	reason VARCHAR(32), 
	PRIMARY KEY (run), 
	UNIQUE (entry), 
	FOREIGN KEY(entry) REFERENCES ledger_entry (position) DEFERRABLE INITIALLY DEFERRED, 
	UNIQUE (corrects), 
	FOREIGN KEY(corrects) REFERENCES billing_run (run)
);
INSERT INTO "billing_run" VALUES(1,1,1,'house','2025-01-01','2026-01-01','dk-metered','2022-01-01',200075,'2026-03-01','2026-04-30','0.1.0','DK','almen',NULL,NULL);
CREATE TABLE device_word (
	building VARCHAR(64) NOT NULL, 
	device VARCHAR(64) NOT NULL, 
	word TEXT NOT NULL, 
	meaning VARCHAR(32) NOT NULL, 
	first_ms BIGINT NOT NULL, 
	last_ms BIGINT NOT NULL, 
	count BIGINT NOT NULL, 
	PRIMARY KEY (building, device, word)
);
INSERT INTO "device_word" VALUES('house','64000101','LEAK','suspect',1767225600000,1767312000000,3);
CREATE TABLE draft_document (
	draft INTEGER NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY (draft, name), 
	FOREIGN KEY(draft) REFERENCES bill_draft (draft) ON DELETE CASCADE
);
CREATE TABLE ledger_entry (
	position INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	made_ms BIGINT NOT NULL, 
	made_by TEXT NOT NULL, 
	postings INTEGER NOT NULL, 
	posted_ore BIGINT NOT NULL, 
	previous VARCHAR(64) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	PRIMARY KEY (position), 
	UNIQUE (previous), 
	UNIQUE (digest)
);
INSERT INTO "ledger_entry" VALUES(1,'approval',1772366400001,'somebody',6,420100,'0000000000000000000000000000000000000000000000000000000000000000','80e7d2c973cc60cffd619fba5bd07e95ccf587e22e187f500dbabaa0e3048098');
CREATE TABLE ledger_payment (
	entry INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	tenancy VARCHAR(64) NOT NULL, 
	day DATE NOT NULL, 
	amount_ore BIGINT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	"key" VARCHAR(128) NOT NULL, 
	PRIMARY KEY (entry, number), 
	FOREIGN KEY(entry) REFERENCES ledger_entry (position) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE ledger_posting (
	entry INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	run INTEGER, 
	tenancy VARCHAR(64) NOT NULL, 
	debit VARCHAR(16) NOT NULL, 
	credit VARCHAR(16) NOT NULL, 
	item VARCHAR(64) NOT NULL, 
	component VARCHAR(64) NOT NULL, 
	amount_ore BIGINT NOT NULL, 
	PRIMARY KEY (entry, number), 
	CONSTRAINT ck_ledger_posting_amount CHECK (amount_ore > 0), 
	CONSTRAINT ck_ledger_posting_accounts CHECK (debit <> credit), 
	FOREIGN KEY(entry) REFERENCES ledger_entry (position) DEFERRABLE INITIALLY DEFERRED
);
INSERT INTO "ledger_posting" VALUES(1,1,'house',1,'A-1','charge','cost','heat','heat-1',120050);
INSERT INTO "ledger_posting" VALUES(1,2,'house',1,'A-1','on_account','charge','','',100000);
INSERT INTO "ledger_posting" VALUES(1,3,'house',1,'A-1','balance','charge','','',20050);
INSERT INTO "ledger_posting" VALUES(1,4,'house',1,'B-1','charge','cost','heat','heat-1',80025);
INSERT INTO "ledger_posting" VALUES(1,5,'house',1,'B-1','on_account','charge','','',90000);
INSERT INTO "ledger_posting" VALUES(1,6,'house',1,'B-1','charge','balance','','',9975);
CREATE TABLE quarantine_share (
	sender TEXT NOT NULL, 
	bytes BIGINT NOT NULL, 
	PRIMARY KEY (sender)
);
INSERT INTO "quarantine_share" VALUES('solgaarden/box-0101',2351);
CREATE TABLE quarantined_cause (
	message BLOB NOT NULL, 
	complaint BLOB NOT NULL, 
	count BIGINT NOT NULL, 
	PRIMARY KEY (message, complaint), 
	CONSTRAINT fk_quarantined_cause_message FOREIGN KEY(message) REFERENCES quarantined_message (digest), 
	CONSTRAINT fk_quarantined_cause_complaint FOREIGN KEY(complaint) REFERENCES quarantined_complaint (digest)
)
 WITHOUT ROWID

;
INSERT INTO "quarantined_cause" VALUES(X'5FECEB66FFC86F38D952786C6D696C79',X'1C9338EB9C4746E1C7C03AA4AF28451B',2);
INSERT INTO "quarantined_cause" VALUES(X'5FECEB66FFC86F38D952786C6D696C79',X'E57ACC10F53C55BD65C8462F1402834E',2);
INSERT INTO "quarantined_cause" VALUES(X'6B86B273FF34FCE19D6B804EFF5A3F57',X'1C9338EB9C4746E1C7C03AA4AF28451B',2);
INSERT INTO "quarantined_cause" VALUES(X'6B86B273FF34FCE19D6B804EFF5A3F57',X'E57ACC10F53C55BD65C8462F1402834E',2);
INSERT INTO "quarantined_cause" VALUES(X'D4735E3A265E16EEE03F59718B9B5D03',X'1C9338EB9C4746E1C7C03AA4AF28451B',2);
INSERT INTO "quarantined_cause" VALUES(X'D4735E3A265E16EEE03F59718B9B5D03',X'E57ACC10F53C55BD65C8462F1402834E',2);
CREATE TABLE quarantined_complaint (
	digest BLOB NOT NULL, 
	message BLOB NOT NULL, 
	sender TEXT NOT NULL, 
	source TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	reason VARCHAR(64) NOT NULL, 
	detail TEXT NOT NULL, 
	device TEXT, 
	quantity TEXT, 
	first_time_ms BIGINT, 
	last_time_ms BIGINT, 
	first_ms BIGINT NOT NULL, 
	last_ms BIGINT NOT NULL, 
	count BIGINT NOT NULL, 
	bytes INTEGER NOT NULL, 
	PRIMARY KEY (digest)
);
INSERT INTO "quarantined_complaint" VALUES(X'1C9338EB9C4746E1C7C03AA4AF28451B',X'D4735E3A265E16EEE03F59718B9B5D03','solgaarden/box-0101','fairvarme/v1/solgaarden/+/readings','fairvarme/v1/solgaarden/box-0101/readings','device_unknown','','box-0101','co2_ppm',1768374300000,1768374300002,1768374300000,1768374300002,6,364);
INSERT INTO "quarantined_complaint" VALUES(X'E57ACC10F53C55BD65C8462F1402834E',X'D4735E3A265E16EEE03F59718B9B5D03','solgaarden/box-0101','fairvarme/v1/solgaarden/+/readings','fairvarme/v1/solgaarden/box-0101/readings','device_unknown','','box-0101','humidity_pct',1768374300000,1768374300002,1768374300000,1768374300002,6,364);
CREATE TABLE quarantined_message (
	digest BLOB NOT NULL, 
	sender TEXT NOT NULL, 
	source TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	payload BLOB NOT NULL, 
	payload_bytes INTEGER NOT NULL, 
	arrival_ms BIGINT NOT NULL, 
	last_ms BIGINT NOT NULL, 
	bytes INTEGER NOT NULL, 
	PRIMARY KEY (digest)
);
INSERT INTO "quarantined_message" VALUES(X'5FECEB66FFC86F38D952786C6D696C79','solgaarden/box-0101','fairvarme/v1/solgaarden/+/readings','fairvarme/v1/solgaarden/box-0101/readings',X'7B2274696D65223A20313736383337343330303030302C2022636F325F70706D223A203730302E302C202268756D69646974795F706374223A2034302E307D',63,1768374300000,1768374300000,541);
INSERT INTO "quarantined_message" VALUES(X'6B86B273FF34FCE19D6B804EFF5A3F57','solgaarden/box-0101','fairvarme/v1/solgaarden/+/readings','fairvarme/v1/solgaarden/box-0101/readings',X'7B2274696D65223A20313736383337343330303030312C2022636F325F70706D223A203730302E302C202268756D69646974795F706374223A2034302E307D',63,1768374300001,1768374300001,541);
INSERT INTO "quarantined_message" VALUES(X'D4735E3A265E16EEE03F59718B9B5D03','solgaarden/box-0101','fairvarme/v1/solgaarden/+/readings','fairvarme/v1/solgaarden/box-0101/readings',X'7B2274696D65223A20313736383337343330303030322C2022636F325F70706D223A203730302E302C202268756D69646974795F706374223A2034302E307D',63,1768374300002,1768374300002,541);
CREATE TABLE run_document (
	entry INTEGER NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY (entry, name), 
	FOREIGN KEY(entry) REFERENCES ledger_entry (position) DEFERRABLE INITIALLY DEFERRED
);
INSERT INTO "run_document" VALUES(1,'statements.json','90ddefe7ff1e1d67ed54f6ecb7cdd586c71c9ff516bf59884971b45a86759479',X'7B2273746174656D656E7473223A205B7B2274656E616E6379223A2022412D31222C20227265736964656E74223A20747275652C2022746F74616C5F6F7265223A203132303035307D2C207B2274656E616E6379223A2022422D31222C20227265736964656E74223A20747275652C2022746F74616C5F6F7265223A2038303032357D5D7D');
CREATE TABLE run_state (
	entry INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	run INTEGER NOT NULL, 
	tenancy VARCHAR(64) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	day DATE NOT NULL, 
	channel VARCHAR(16), 
	note TEXT NOT NULL, 
	PRIMARY KEY (entry, number), 
	FOREIGN KEY(entry) REFERENCES ledger_entry (position) DEFERRABLE INITIALLY DEFERRED, 
	FOREIGN KEY(run) REFERENCES billing_run (run)
);
CREATE INDEX ix_quarantined_message_sender ON quarantined_message (sender, last_ms);
CREATE INDEX ix_quarantined_cause_complaint ON quarantined_cause (complaint);
CREATE INDEX ix_billing_run_first ON billing_run (first);
CREATE UNIQUE INDEX ix_billing_run_period ON billing_run (building, period_start, period_end) WHERE corrects IS NULL;
CREATE INDEX ix_ledger_posting_building ON ledger_posting (building);
CREATE INDEX ix_ledger_posting_run ON ledger_posting (run);
CREATE INDEX ix_run_state_run ON run_state (run);
CREATE UNIQUE INDEX ix_ledger_payment_key ON ledger_payment (building, "key");
CREATE VIEW ledger_line AS
    SELECT entry, number, building, run, tenancy, debit AS account, item, component, amount_ore
    FROM ledger_posting
    UNION ALL
    SELECT entry, number, building, run, tenancy, credit, item, component, -amount_ore
    FROM ledger_posting;
CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER ledger_posting_no_update BEFORE UPDATE ON ledger_posting BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER ledger_posting_no_delete BEFORE DELETE ON ledger_posting BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER billing_run_no_update BEFORE UPDATE ON billing_run BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER billing_run_no_delete BEFORE DELETE ON billing_run BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER run_document_no_update BEFORE UPDATE ON run_document BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER run_document_no_delete BEFORE DELETE ON run_document BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER run_state_no_update BEFORE UPDATE ON run_state BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER run_state_no_delete BEFORE DELETE ON run_state BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER ledger_payment_no_update BEFORE UPDATE ON ledger_payment BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER ledger_payment_no_delete BEFORE DELETE ON ledger_payment BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER ledger_posting_sealed BEFORE INSERT ON ledger_posting WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE position = NEW.entry) BEGIN SELECT RAISE(ABORT, 'the ledger entry is sealed'); END;
CREATE TRIGGER billing_run_sealed BEFORE INSERT ON billing_run WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE position = NEW.entry) BEGIN SELECT RAISE(ABORT, 'the ledger entry is sealed'); END;
CREATE TRIGGER run_document_sealed BEFORE INSERT ON run_document WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE position = NEW.entry) BEGIN SELECT RAISE(ABORT, 'the ledger entry is sealed'); END;
CREATE TRIGGER run_state_sealed BEFORE INSERT ON run_state WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE position = NEW.entry) BEGIN SELECT RAISE(ABORT, 'the ledger entry is sealed'); END;
CREATE TRIGGER ledger_payment_sealed BEFORE INSERT ON ledger_payment WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE position = NEW.entry) BEGIN SELECT RAISE(ABORT, 'the ledger entry is sealed'); END;
CREATE TRIGGER ledger_entry_adds_up BEFORE INSERT ON ledger_entry WHEN 
    NEW.postings <> (SELECT count(*) FROM ledger_posting WHERE entry = NEW.position)
    OR NEW.posted_ore <> (
      SELECT coalesce(sum(amount_ore), 0) FROM ledger_posting WHERE entry = NEW.position)
    OR EXISTS (
      SELECT 1 FROM billing_run
      WHERE entry = NEW.position AND corrects IS NULL AND total_ore <> (
        SELECT coalesce(sum(CASE WHEN credit = 'cost' THEN amount_ore ELSE -amount_ore END), 0)
        FROM ledger_posting WHERE entry = NEW.position AND 'cost' IN (debit, credit)))
 BEGIN SELECT RAISE(ABORT, 'a ledger entry does not add up'); END;
COMMIT;
