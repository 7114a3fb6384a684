"""What an older version quarantined is listed, counted and replayed by this one."""

from __future__ import annotations

import json
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING

from alembic import command
from sqlalchemy import text

from estate.database.engine import open_database
from ingest.intake import Intake
from ingest.quarantine.requeue import Requeued, requeue
from ingest.quarantine.store import Quarantine, Selection
from operations.database import alembic_config, migrate
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import RULES, SOURCES, T0, TOPIC, payload

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = SOURCES[0].topic_filter
NUMBER = 3


def a_digest(*numbers: int) -> str:
    return sha256(repr(numbers).encode()).hexdigest()


def older_database(url: str) -> None:
    """Make a database of the first step, with three messages of a device that was unknown."""
    engine = open_database(url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
        for n in range(NUMBER):
            digest, data = (
                sha256(b"%d" % n).hexdigest(),
                payload(T0 + n, co2_ppm=700.0, humidity_pct=40.0),
            )
            connection.execute(
                text("INSERT INTO quarantined_message VALUES (:d, :s, :t, :p, :b, :a)"),
                {"d": digest, "s": SOURCE, "t": TOPIC, "p": data, "b": len(data), "a": T0 + n},
            )
            for row, quantity in enumerate(("co2_ppm", "humidity_pct")):
                connection.execute(
                    text(
                        "INSERT INTO quarantined_reading VALUES"
                        " (:d, :m, 'device_unknown', '', 'box-0101', :q, :t, :t, :t, 2)"
                    ),
                    {
                        "d": sha256(b"%d %d" % (n, row)).hexdigest(),
                        "m": digest,
                        "q": quantity,
                        "t": T0 + n,
                    },
                )
    engine.dispose()


def test_what_was_quarantined_before_is_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'older.db'}"
    older_database(url)
    engine = migrate(url)
    quarantine = Quarantine(engine)
    assert quarantine.counts() == {"device_unknown": 4 * NUMBER}
    rows = {row.quantity: row for row in quarantine.list_rows(9)}
    assert rows.keys() == {"co2_ppm", "humidity_pct"}
    row = rows["co2_ppm"]
    assert (row.times, row.first_ms, row.last_ms) == (2 * NUMBER, T0, T0 + NUMBER - 1)
    assert json.loads(row.payload)["time"] == T0 + NUMBER - 1
    assert quarantine.holds({("box-0101", "co2_ppm", T0)}) == {("box-0101", "co2_ppm", T0)}
    with closing(SqliteStore(tmp_path / "readings.db")) as store:
        done = requeue(quarantine, Intake(SOURCES, RULES), store, Selection(device="box-0101"))
    assert done == Requeued(messages=NUMBER, stored=2 * NUMBER, mended=NUMBER)
    assert quarantine.counts() == {}
    assert quarantine.taken_bytes() == 0
    engine.dispose()
