BEGIN TRANSACTION;
CREATE TABLE access_record (
	number INTEGER NOT NULL, 
	at_ms BIGINT NOT NULL, 
	who TEXT NOT NULL, 
	role VARCHAR(32) NOT NULL, 
	event VARCHAR(32) NOT NULL, 
	what TEXT NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	tenancy VARCHAR(64) NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "access_record" VALUES(1,1767312000000,'an','accountant','page','/accounts','house','','');
CREATE TABLE access_token (
	token VARCHAR(64) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	subject TEXT NOT NULL, 
	request VARCHAR(64) NOT NULL, 
	facts JSON NOT NULL, 
	made_ms BIGINT NOT NULL, 
	ends_ms BIGINT NOT NULL, 
	used_ms BIGINT, 
	attempts INTEGER NOT NULL, 
	PRIMARY KEY (token)
);
INSERT INTO "access_token" VALUES('abababababababababababababababababababababababababababababababab','link','house A-1 p1','abababababababababababababababababababababababababababababababab','{}',1767312000000,1767398400000,NULL,0);
CREATE TABLE aconto (
	number INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	tenancy VARCHAR(64) NOT NULL, 
	period_start DATE NOT NULL, 
	period_end DATE NOT NULL, 
	amount_ore BIGINT NOT NULL, own_columns JSON DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (number), 
	FOREIGN KEY(building) REFERENCES building (id), 
	CONSTRAINT fk_aconto_tenancy FOREIGN KEY(building, tenancy) REFERENCES tenancy (building, tenancy), 
	CONSTRAINT ck_period_end_after_period_start CHECK (period_end > period_start)
);
INSERT INTO "aconto" VALUES(1,'house','A-1','2025-01-01','2026-01-01',200000,'{}');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0018');
CREATE TABLE alert_case (
	id VARCHAR(64) NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	flat VARCHAR(64) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	device VARCHAR(64) NOT NULL, 
	tenancy VARCHAR(64) NOT NULL, 
	start_ms BIGINT NOT NULL, 
	end_ms BIGINT NOT NULL, 
	raised_ms BIGINT NOT NULL, 
	found_ms BIGINT NOT NULL, 
	changed_ms BIGINT NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	closed_ms BIGINT NOT NULL, 
	inhibited_by VARCHAR(64) NOT NULL, 
	silenced_ms BIGINT NOT NULL, 
	label TEXT NOT NULL, 
	evidence JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "alert_case" VALUES('5a261076e146','house','0101','leak','71000101','',1767225600000,1767312000000,1767312000000,1767312000000,1767312000000,'cleared',1767312000000,'',0,'','{"litres_per_hour": 12.5}');
CREATE TABLE alert_change (
	number INTEGER NOT NULL, 
	"case" VARCHAR(64) NOT NULL, 
	event VARCHAR(32) NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	at_ms BIGINT NOT NULL, 
	"by" TEXT NOT NULL, 
	note TEXT NOT NULL, 
	PRIMARY KEY (number), 
	FOREIGN KEY("case") REFERENCES alert_case (id)
);
INSERT INTO "alert_change" VALUES(1,'5a261076e146','found','cleared',1767312000000,'','kept from before alerts had a life');
CREATE TABLE alert_checkpoint (
	building VARCHAR(64) NOT NULL, 
	made_ms BIGINT NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY (building)
);
CREATE TABLE alert_link (
	digest VARCHAR(64) NOT NULL, 
	message VARCHAR(64) NOT NULL, 
	made_ms BIGINT NOT NULL, 
	PRIMARY KEY (digest)
);
CREATE TABLE "alert_notice" (
	message VARCHAR(64) NOT NULL, 
	"case" VARCHAR(64) NOT NULL, 
	about VARCHAR(32) NOT NULL, 
	tenancy VARCHAR(64) NOT NULL, 
	person VARCHAR(64) NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	queued_ms BIGINT NOT NULL, 
	PRIMARY KEY (message, "case"), 
	FOREIGN KEY("case") REFERENCES alert_case (id)
);
CREATE TABLE api_token (
	id VARCHAR(16) NOT NULL, 
	digest BLOB NOT NULL, 
	name TEXT NOT NULL, 
	scopes JSON NOT NULL, 
	buildings JSON NOT NULL, 
	tenancy VARCHAR(64) NOT NULL, 
	made_ms BIGINT NOT NULL, 
	made_by TEXT NOT NULL, 
	ends_ms BIGINT, 
	revoked_ms BIGINT, 
	used_ms BIGINT, 
	PRIMARY KEY (id), 
	UNIQUE (digest)
);
INSERT INTO "api_token" VALUES('0123456789abcdef',X'ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB','the board','["readings"]','["house"]','',1767312000000,'An Administrator',NULL,NULL,NULL);
CREATE TABLE attempt_count (
	"key" VARCHAR(64) NOT NULL, 
	window_ms BIGINT NOT NULL, 
	count INTEGER NOT NULL, 
	PRIMARY KEY ("key", window_ms)
);
INSERT INTO "attempt_count" VALUES('abababababababababababababababababababababababababababababababab',1767312000000,1);
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
CREATE TABLE building (
	id VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	address TEXT NOT NULL, 
	timezone TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	language TEXT NOT NULL, 
	tenure TEXT NOT NULL, 
	organisation TEXT, 
	department TEXT, 
	service_centre TEXT, 
	landlord TEXT, 
	data_controller TEXT, 
	complaint_board TEXT, 
	records_open TEXT, 
	contacts JSON NOT NULL, 
	facts JSON NOT NULL, 
	supply JSON, 
	revision BIGINT NOT NULL, tariffs JSON DEFAULT '[]' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "building" VALUES('house','House','Street 1','Europe/Copenhagen','DKK','en','almen',NULL,NULL,NULL,NULL,NULL,'The board',NULL,'[{"topic": "varmeregnskab", "phone": "00 00 00 00", "mail": null, "hours": null, "emergency": false}]','{"fuel": null, "insulated_1994": null, "pipes_insulated": null, "gross_calorific": false, "commercial_supply": false, "hot_water_c": null, "position_priced_in": false, "monthly_information": true, "co2_restrictions": 0}','{"year": 2024, "mix": [{"source": "biomass", "fraction": 1.0}], "co2_kg_per_mwh": 50.0, "taxes": null}',1,'[]');
CREATE TABLE building_month (
	building VARCHAR(64) NOT NULL, 
	month VARCHAR(7) NOT NULL, 
	made_ms BIGINT NOT NULL, 
	figures JSON NOT NULL, 
	PRIMARY KEY (building, month)
);
INSERT INTO "building_month" VALUES('house','2025-12',1767312000000,'{"homes": 2}');
CREATE TABLE cost (
	number INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	period_start DATE NOT NULL, 
	period_end DATE NOT NULL, 
	item TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	status TEXT NOT NULL, 
	amount_ore BIGINT NOT NULL, 
	vat_amount_ore BIGINT, 
	co2_amount_ore BIGINT, 
	energy_kwh DOUBLE, 
	co2_kg DOUBLE, 
	received DATE, 
	id VARCHAR(64), 
	replaces JSON NOT NULL, own_columns JSON DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (number), 
	FOREIGN KEY(building) REFERENCES building (id), 
	CONSTRAINT uq_cost_id UNIQUE (building, id), 
	CONSTRAINT ck_period_end_after_period_start CHECK (period_end > period_start)
);
INSERT INTO "cost" VALUES(1,'house','2025-01-01','2026-01-01','heat','energy','final',1000000,200000,NULL,9000.0,NULL,'2026-02-01',NULL,'[]','{}');
INSERT INTO "cost" VALUES(2,'house','2025-01-01','2026-01-01','heat','rebate','final',-10000,-2000,NULL,NULL,NULL,'2026-02-01',NULL,'[]','{}');
INSERT INTO "cost" VALUES(3,'house','2025-01-01','2026-01-01','hot_water','energy','final',200000,40000,NULL,1500.0,NULL,'2026-02-01',NULL,'[]','{}');
CREATE TABLE device (
	number INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	measuring_point TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	device VARCHAR(64) NOT NULL, 
	flat VARCHAR(64), 
	from_day DATE NOT NULL, 
	to_day DATE, 
	verified_until DATE, 
	factor DOUBLE NOT NULL, 
	start_register DOUBLE, 
	end_register DOUBLE, 
	serial TEXT, 
	room TEXT, 
	point TEXT, 
	remote BOOLEAN, own_columns JSON DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (number), 
	FOREIGN KEY(building) REFERENCES building (id), 
	CONSTRAINT uq_device_first_day UNIQUE (building, device, from_day), 
	CONSTRAINT fk_device_flat FOREIGN KEY(building, flat) REFERENCES flat (building, flat), 
	CONSTRAINT fk_device_measuring_point FOREIGN KEY(building, measuring_point) REFERENCES measuring_point (building, point), 
	CONSTRAINT ck_to_day_after_from_day CHECK (to_day > from_day)
);
INSERT INTO "device" VALUES(1,'house','A:heat','heat','heat-A','A','2020-01-01',NULL,'2030-01-01',1.0,NULL,NULL,NULL,NULL,NULL,1,'{}');
INSERT INTO "device" VALUES(2,'house','B:heat','heat','heat-B','B','2020-01-01',NULL,'2030-01-01',1.0,NULL,NULL,NULL,NULL,NULL,1,'{}');
INSERT INTO "device" VALUES(3,'house','A:hot_water','hot_water','water-A','A','2020-01-01',NULL,'2030-01-01',1.0,NULL,NULL,NULL,NULL,NULL,1,'{}');
INSERT INTO "device" VALUES(4,'house','B:hot_water','hot_water','water-B','B','2020-01-01',NULL,'2030-01-01',1.0,NULL,NULL,NULL,NULL,NULL,1,'{}');
CREATE TABLE device_word (
	building VARCHAR(64) NOT NULL, 
	device VARCHAR(64) NOT NULL, 
	word TEXT NOT NULL, 
	meaning VARCHAR(32) NOT NULL, 
	first_ms BIGINT NOT NULL, 
	last_ms BIGINT NOT NULL, 
	count BIGINT NOT NULL, since_ms BIGINT DEFAULT 0 NOT NULL, driver TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (building, device, word)
);
INSERT INTO "device_word" VALUES('house','64000101','LEAK','suspect',1767225600000,1767312000000,3,1767312000000,'');
CREATE TABLE draft_document (
	draft INTEGER NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY (draft, name), 
	FOREIGN KEY(draft) REFERENCES bill_draft (draft) ON DELETE CASCADE
);
CREATE TABLE estate_change (
	number INTEGER NOT NULL, 
	import_number BIGINT NOT NULL, 
	file VARCHAR(64) NOT NULL, 
	"key" TEXT NOT NULL, 
	"before" JSON, 
	"after" JSON NOT NULL, 
	PRIMARY KEY (number), 
	FOREIGN KEY(import_number) REFERENCES estate_import (number)
);
INSERT INTO "estate_change" VALUES(1,1,'building','house',NULL,'{"id": "house", "name": "House", "address": "Street 1", "timezone": "Europe/Copenhagen", "currency": "DKK", "language": "en", "tenure": "almen", "schemes": [{"scheme": "dk-metered", "from": "2024-01-01", "decision": null, "permit": null}], "complaint_board": "The board", "contacts": [{"topic": "varmeregnskab", "phone": "00 00 00 00", "mail": null, "hours": null, "emergency": false}], "supply": {"year": 2024, "mix": [{"source": "biomass", "fraction": 1.0}], "co2_kg_per_mwh": 50.0, "taxes": null}, "facts": {"fuel": null, "insulated_1994": null, "pipes_insulated": null, "gross_calorific": false, "commercial_supply": false, "hot_water_c": null, "position_priced_in": false, "monthly_information": true, "co2_restrictions": 0}}');
INSERT INTO "estate_change" VALUES(2,1,'flats','A',NULL,'{"flat": "A", "address": "Street 1 A", "area_m2": 30.0, "position_factor": 1.0}');
INSERT INTO "estate_change" VALUES(3,1,'flats','B',NULL,'{"flat": "B", "address": "Street 1 B", "area_m2": 120.0, "position_factor": 0.8}');
INSERT INTO "estate_change" VALUES(4,1,'neighbours','A B',NULL,'{"flat_a": "A", "flat_b": "B", "coupling_w_per_k": 40.0}');
INSERT INTO "estate_change" VALUES(5,1,'tenancies','A-1',NULL,'{"tenancy": "A-1", "flat": "A", "from": "2020-01-01", "delivery": "digital"}');
INSERT INTO "estate_change" VALUES(6,1,'tenancies','B-1',NULL,'{"tenancy": "B-1", "flat": "B", "from": "2020-01-01", "delivery": "digital"}');
INSERT INTO "estate_change" VALUES(7,1,'persons','A-1 p1',NULL,'{"tenancy": "A-1", "person": "p1", "name": "not kept"}');
INSERT INTO "estate_change" VALUES(8,1,'persons','B-1 p2',NULL,'{"tenancy": "B-1", "person": "p2", "name": "not kept"}');
INSERT INTO "estate_change" VALUES(9,1,'devices','heat-A 2020-01-01',NULL,'{"device": "heat-A", "kind": "heat", "flat": "A", "from": "2020-01-01", "factor": 1.0, "verified_until": "2030-01-01", "remote": true}');
INSERT INTO "estate_change" VALUES(10,1,'devices','heat-B 2020-01-01',NULL,'{"device": "heat-B", "kind": "heat", "flat": "B", "from": "2020-01-01", "factor": 1.0, "verified_until": "2030-01-01", "remote": true}');
INSERT INTO "estate_change" VALUES(11,1,'devices','water-A 2020-01-01',NULL,'{"device": "water-A", "kind": "hot_water", "flat": "A", "from": "2020-01-01", "factor": 1.0, "verified_until": "2030-01-01", "remote": true}');
INSERT INTO "estate_change" VALUES(12,1,'devices','water-B 2020-01-01',NULL,'{"device": "water-B", "kind": "hot_water", "flat": "B", "from": "2020-01-01", "factor": 1.0, "verified_until": "2030-01-01", "remote": true}');
INSERT INTO "estate_change" VALUES(13,1,'costs','2025-01-01/2026-01-01 heat energy',NULL,'{"period_start": "2025-01-01", "period_end": "2026-01-01", "item": "heat", "amount_ore": 1000000, "kind": "energy", "vat_amount_ore": 200000, "energy_kwh": 9000.0, "status": "final", "received": "2026-02-01"}');
INSERT INTO "estate_change" VALUES(14,1,'costs','2025-01-01/2026-01-01 heat rebate',NULL,'{"period_start": "2025-01-01", "period_end": "2026-01-01", "item": "heat", "amount_ore": -10000, "kind": "rebate", "vat_amount_ore": -2000, "status": "final", "received": "2026-02-01"}');
INSERT INTO "estate_change" VALUES(15,1,'costs','2025-01-01/2026-01-01 hot_water energy',NULL,'{"period_start": "2025-01-01", "period_end": "2026-01-01", "item": "hot_water", "amount_ore": 200000, "kind": "energy", "vat_amount_ore": 40000, "energy_kwh": 1500.0, "status": "final", "received": "2026-02-01"}');
INSERT INTO "estate_change" VALUES(16,1,'aconto','A-1 2025-01-01/2026-01-01',NULL,'{"tenancy": "A-1", "period_start": "2025-01-01", "period_end": "2026-01-01", "amount_ore": 200000}');
CREATE TABLE estate_import (
	number INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	time_ms BIGINT NOT NULL, 
	imported_by TEXT NOT NULL, 
	source TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "estate_import" VALUES(1,'house',1772366400000,'somebody','estates/house');
CREATE TABLE fault_report (
	number INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	tenancy VARCHAR(64) NOT NULL, 
	flat VARCHAR(64) NOT NULL, 
	"case" VARCHAR(64) NOT NULL, 
	at_ms BIGINT NOT NULL, 
	text TEXT NOT NULL, 
	done_ms BIGINT, 
	PRIMARY KEY (number)
);
INSERT INTO "fault_report" VALUES(1,'house','A-1','A','case-1',1767312000000,'the radiator is cold',NULL);
CREATE TABLE flat (
	number INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	flat VARCHAR(64) NOT NULL, 
	address TEXT NOT NULL, 
	area_m2 DOUBLE NOT NULL, 
	volume_m3 DOUBLE, 
	heat_loss_w_per_k DOUBLE, 
	gains_w DOUBLE, 
	position_factor DOUBLE, 
	shares DOUBLE, 
	f_rsi DOUBLE, 
	stairwell TEXT, 
	floor TEXT, 
	door TEXT, 
	material TEXT, 
	named_shares JSON NOT NULL, own_columns JSON DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (number), 
	FOREIGN KEY(building) REFERENCES building (id), 
	CONSTRAINT uq_flat_flat UNIQUE (building, flat), 
	CONSTRAINT ck_flat_area CHECK (area_m2 > 0)
);
INSERT INTO "flat" VALUES(1,'house','A','Street 1 A',30.0,NULL,NULL,NULL,1.0,NULL,NULL,NULL,NULL,NULL,NULL,'{}','{}');
INSERT INTO "flat" VALUES(2,'house','B','Street 1 B',120.0,NULL,NULL,NULL,0.8,NULL,NULL,NULL,NULL,NULL,NULL,'{}','{}');
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
CREATE TABLE login_identity (
	number INTEGER NOT NULL, 
	way VARCHAR(32) NOT NULL, 
	proof VARCHAR(64) NOT NULL, 
	staff VARCHAR(64) NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	tenancy VARCHAR(64) NOT NULL, 
	person VARCHAR(64) NOT NULL, 
	made_ms BIGINT NOT NULL, 
	used_ms BIGINT NOT NULL, facts JSON DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (number)
);
CREATE TABLE login_session (
	token VARCHAR(64) NOT NULL, 
	subject TEXT NOT NULL, 
	staff VARCHAR(64) NOT NULL, 
	acting_for JSON, 
	form_token VARCHAR(64) NOT NULL, 
	started_ms BIGINT NOT NULL, 
	seen_ms BIGINT NOT NULL, 
	ends_ms BIGINT NOT NULL, way VARCHAR(32) DEFAULT '' NOT NULL, 
	PRIMARY KEY (token)
);
INSERT INTO "login_session" VALUES('abababababababababababababababababababababababababababababababab','house A-1 p1','',NULL,'abababababababababababababababababababababababababababababababab',1767312000000,1767312000000,1769904000000,'');
CREATE TABLE measuring_point (
	number INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	point TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	flat VARCHAR(64), 
	room TEXT, 
	PRIMARY KEY (number), 
	FOREIGN KEY(building) REFERENCES building (id), 
	CONSTRAINT uq_measuring_point_point UNIQUE (building, point), 
	CONSTRAINT fk_measuring_point_flat FOREIGN KEY(building, flat) REFERENCES flat (building, flat)
);
INSERT INTO "measuring_point" VALUES(1,'house','A:heat','heat','A',NULL);
INSERT INTO "measuring_point" VALUES(2,'house','B:heat','heat','B',NULL);
INSERT INTO "measuring_point" VALUES(3,'house','A:hot_water','hot_water','A',NULL);
INSERT INTO "measuring_point" VALUES(4,'house','B:hot_water','hot_water','B',NULL);
CREATE TABLE neighbour (
	number INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	flat_a VARCHAR(64) NOT NULL, 
	flat_b VARCHAR(64) NOT NULL, 
	coupling_w_per_k DOUBLE NOT NULL, own_columns JSON DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (number), 
	FOREIGN KEY(building) REFERENCES building (id), 
	CONSTRAINT uq_neighbour_pair UNIQUE (building, flat_a, flat_b), 
	CONSTRAINT ck_neighbour_two_flats CHECK (flat_a <> flat_b), 
	CONSTRAINT fk_neighbour_flat_a FOREIGN KEY(building, flat_a) REFERENCES flat (building, flat), 
	CONSTRAINT fk_neighbour_flat_b FOREIGN KEY(building, flat_b) REFERENCES flat (building, flat)
);
INSERT INTO "neighbour" VALUES(1,'house','A','B',40.0,'{}');
CREATE TABLE outbox_attachment (
	message VARCHAR(64) NOT NULL, 
	number INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	media_type TEXT NOT NULL, 
	content BLOB NOT NULL, way VARCHAR(16) DEFAULT 'attached' NOT NULL, 
	PRIMARY KEY (message, number), 
	FOREIGN KEY(message) REFERENCES outbox_message (id)
);
INSERT INTO "outbox_attachment" VALUES('f834548817e20e6a9a06316478ea8d0a',1,'report.pdf','application/pdf',X'255044462D312E37','attached');
CREATE TABLE outbox_message (
	id VARCHAR(64) NOT NULL, 
	channel VARCHAR(16) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	tenancy VARCHAR(64) NOT NULL, 
	person VARCHAR(64) NOT NULL, 
	address TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	text TEXT NOT NULL, 
	html TEXT NOT NULL, 
	safety BOOLEAN NOT NULL, 
	instead_of VARCHAR(64) NOT NULL, 
	queued_ms BIGINT NOT NULL, 
	due_ms BIGINT NOT NULL, 
	next_ms BIGINT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	attempts INTEGER NOT NULL, 
	attempted_ms BIGINT, 
	open_attempt BOOLEAN NOT NULL, 
	repeats INTEGER NOT NULL, 
	ended_ms BIGINT, 
	answer TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "outbox_message" VALUES('f834548817e20e6a9a06316478ea8d0a','letter','report','house','A-1','p1','','January 2025','Your report of January 2025','',0,'',1738580400000,1738580400000,1738580400000,'queued',0,NULL,0,0,NULL,'');
CREATE TABLE person (
	number INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	tenancy VARCHAR(64) NOT NULL, 
	person VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	mail TEXT, 
	phone TEXT, 
	language TEXT, 
	channels TEXT, 
	post_address TEXT, 
	protected BOOLEAN NOT NULL, 
	from_day DATE, 
	to_day DATE, own_columns JSON DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (number), 
	FOREIGN KEY(building) REFERENCES building (id), 
	CONSTRAINT uq_person_person UNIQUE (building, tenancy, person), 
	CONSTRAINT fk_person_tenancy FOREIGN KEY(building, tenancy) REFERENCES tenancy (building, tenancy), 
	CONSTRAINT ck_to_day_after_from_day CHECK (to_day > from_day)
);
INSERT INTO "person" VALUES(1,'house','A-1','p1','Resident A',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'{}');
INSERT INTO "person" VALUES(2,'house','B-1','p2','Resident B',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'{}');
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
CREATE TABLE resident_wish (
	building VARCHAR(64) NOT NULL, 
	tenancy VARCHAR(64) NOT NULL, 
	person VARCHAR(64) NOT NULL, 
	language VARCHAR(2) NOT NULL, 
	channels TEXT NOT NULL, 
	mail VARCHAR(320) NOT NULL, 
	phone VARCHAR(32) NOT NULL, 
	paper BOOLEAN, 
	goal_kwh DOUBLE, 
	day_limit_kwh DOUBLE, 
	day_limit_l DOUBLE, 
	case_until_ms BIGINT, 
	changed_ms BIGINT NOT NULL, pdf VARCHAR(32) DEFAULT '' NOT NULL, 
	PRIMARY KEY (building, tenancy, person)
);
INSERT INTO "resident_wish" VALUES('house','A-1','p1','en','','','',NULL,NULL,NULL,NULL,NULL,1767312000000,'');
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
CREATE TABLE scheme_use (
	number INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	place INTEGER NOT NULL, 
	scheme TEXT NOT NULL, 
	from_day DATE NOT NULL, 
	decision TEXT, 
	permit_reference TEXT, 
	permit_from_day DATE, 
	permit_to_day DATE, 
	PRIMARY KEY (number), 
	FOREIGN KEY(building) REFERENCES building (id), 
	CONSTRAINT uq_scheme_use_place UNIQUE (building, place), 
	CONSTRAINT ck_permit_to_day_after_permit_from_day CHECK (permit_to_day > permit_from_day)
);
INSERT INTO "scheme_use" VALUES(1,'house',0,'dk-metered','2024-01-01',NULL,NULL,NULL,NULL);
CREATE TABLE staff_account (
	name VARCHAR(64) NOT NULL, 
	mail VARCHAR(320) NOT NULL, 
	roles JSON NOT NULL, 
	buildings JSON, 
	otp_secret TEXT NOT NULL, 
	otp_step BIGINT NOT NULL, 
	active BOOLEAN NOT NULL, 
	made_ms BIGINT NOT NULL, 
	PRIMARY KEY (name), 
	UNIQUE (mail)
);
INSERT INTO "staff_account" VALUES('an','accountant@example.org','["accountant"]','["house"]','',0,1,1767312000000);
CREATE TABLE tenancy (
	number INTEGER NOT NULL, 
	building VARCHAR(64) NOT NULL, 
	tenancy VARCHAR(64) NOT NULL, 
	flat VARCHAR(64) NOT NULL, 
	from_day DATE NOT NULL, 
	to_day DATE, 
	climate_from DATE, 
	climate_to DATE, 
	delivery TEXT NOT NULL, 
	climate_refused BOOLEAN NOT NULL, own_columns JSON DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (number), 
	FOREIGN KEY(building) REFERENCES building (id), 
	CONSTRAINT uq_tenancy_tenancy UNIQUE (building, tenancy), 
	CONSTRAINT fk_tenancy_flat FOREIGN KEY(building, flat) REFERENCES flat (building, flat), 
	CONSTRAINT ck_to_day_after_from_day CHECK (to_day > from_day), 
	CONSTRAINT ck_climate_to_after_climate_from CHECK (climate_to > climate_from)
);
INSERT INTO "tenancy" VALUES(1,'house','A-1','A','2020-01-01',NULL,NULL,NULL,'digital',0,'{}');
INSERT INTO "tenancy" VALUES(2,'house','B-1','B','2020-01-01',NULL,NULL,NULL,'digital',0,'{}');
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
CREATE INDEX ix_device_measuring_point ON device (building, measuring_point);
CREATE INDEX ix_cost_building ON cost (building);
CREATE INDEX ix_aconto_tenancy ON aconto (building, tenancy);
CREATE INDEX ix_estate_import_building ON estate_import (building);
CREATE INDEX ix_estate_change_import ON estate_change (import_number);
CREATE INDEX ix_outbox_message_building ON outbox_message (building);
CREATE INDEX ix_outbox_message_next ON outbox_message (state, channel, next_ms);
CREATE INDEX ix_alert_case_building ON alert_case (building, flat);
CREATE INDEX ix_alert_case_state ON alert_case (state);
CREATE INDEX ix_alert_change_case ON alert_change ("case");
CREATE INDEX ix_login_session_subject ON login_session (subject);
CREATE INDEX ix_access_token_request ON access_token (request);
CREATE INDEX ix_access_token_subject ON access_token (kind, subject);
CREATE INDEX ix_access_record_home ON access_record (building, tenancy, at_ms);
CREATE INDEX ix_alert_notice_case ON alert_notice ("case");
CREATE INDEX ix_alert_notice_tenancy ON alert_notice (tenancy, queued_ms);
CREATE INDEX ix_fault_report_building ON fault_report (building, at_ms);
CREATE INDEX ix_login_identity_proof ON login_identity (proof);
CREATE INDEX ix_login_identity_home ON login_identity (building, tenancy);
COMMIT;
