"""Tables and statements of the SQLite store."""

from functools import lru_cache

from telemetry.stores.late import LATE_MS

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
UPSERT = """
INSERT INTO readings VALUES {rows}
ON CONFLICT DO UPDATE
SET value = excluded.value, quality = excluded.quality, arrival_ms = excluded.arrival_ms
WHERE value <> excluded.value OR quality <> excluded.quality
"""
ROW_MARKS = "(?, ?, ?, ?, ?)"
# Each remainder of a batch is a statement of its own, of up to half a mebibyte.
CACHED_STATEMENTS = 16
FIND_SERIES = "SELECT id FROM series WHERE building = ? AND device = ? AND quantity = ?"
ADD_SERIES = "INSERT INTO series (building, device, quantity) VALUES (?, ?, ?) RETURNING id"
READ_ALL = """
SELECT time_ms, value, quality, arrival_ms FROM readings
WHERE series = ? AND time_ms >= ? AND time_ms < ? ORDER BY time_ms
"""
READ = """
SELECT time_ms, value, quality FROM readings
WHERE series = ? AND time_ms >= ? AND time_ms < ? ORDER BY time_ms
"""
COUNT = """
SELECT count(*) FROM readings WHERE series IN (SELECT id FROM series WHERE building = ?)
"""
FORGET = "DELETE FROM readings WHERE series = ? AND time_ms >= ? AND time_ms < ?"
FIRST = """
SELECT min(time_ms) FROM readings WHERE series = ? AND time_ms >= ? AND time_ms < ?
"""
# A series stays when its readings are erased: a worker may hold its number.
WITH_READINGS = "EXISTS (SELECT 1 FROM readings WHERE series = series.id)"
LIST_DEVICES = f"""
SELECT device FROM series WHERE building = ? AND quantity = ? AND {WITH_READINGS} ORDER BY device
"""  # noqa: S608  of constants
LIST_QUANTITIES = f"""
SELECT DISTINCT quantity FROM series WHERE building = ? AND {WITH_READINGS} ORDER BY quantity
"""  # noqa: S608  of constants
# It has only late readings, so that writing others costs nothing extra.
LATE = f"arrival_ms - time_ms > {LATE_MS}"
INDEX_LATE = f"CREATE INDEX IF NOT EXISTS readings_late ON readings (arrival_ms) WHERE {LATE}"
LIST_LATE = f"""
SELECT building, device, quantity, first_ms, last_ms FROM (
  SELECT series, min(time_ms) AS first_ms, max(arrival_ms) AS last_ms FROM readings
  INDEXED BY readings_late WHERE {LATE} AND arrival_ms >= ? GROUP BY series, arrival_ms / 3600000
) JOIN series ON series.id = series
"""  # noqa: S608  of constants
# A flipped bit in a table's definition changes its columns, and SQLite does not notice.
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


@lru_cache(maxsize=CACHED_STATEMENTS)
def upsert_of(rows: int) -> str:
    """Return the statement that writes so many rows."""
    return UPSERT.format(rows=", ".join([ROW_MARKS] * rows))
