"""Tables of the SQLite store."""

SCHEMA_VERSION = 1
SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS series (
  id INTEGER PRIMARY KEY,
  building TEXT NOT NULL,
  device TEXT NOT NULL,
  quantity TEXT NOT NULL,
  UNIQUE (building, device, quantity)
);
CREATE TABLE IF NOT EXISTS readings (
  series INTEGER NOT NULL,
  time_ms INTEGER NOT NULL,
  value REAL NOT NULL,
  quality INTEGER NOT NULL,
  arrival_ms INTEGER NOT NULL,
  PRIMARY KEY (series, time_ms)
) WITHOUT ROWID;
PRAGMA user_version = 1;
COMMIT;
"""
# A flipped bit in the text of a table changes what its columns are, and SQLite says nothing.
LIST_COLUMNS = """
SELECT m.name, c.name, c.type, c.pk FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
"""
COLUMNS = {
    ("series", "id", "INTEGER", 1),
    ("series", "building", "TEXT", 0),
    ("series", "device", "TEXT", 0),
    ("series", "quantity", "TEXT", 0),
    ("readings", "series", "INTEGER", 1),
    ("readings", "time_ms", "INTEGER", 2),
    ("readings", "value", "REAL", 0),
    ("readings", "quality", "INTEGER", 0),
    ("readings", "arrival_ms", "INTEGER", 0),
}
