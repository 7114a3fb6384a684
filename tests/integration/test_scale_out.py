"""
Several workers on an InfluxDB and a PostgreSQL outside: one of two dies, and nothing is lost.

Both ways of dividing the work: each worker its own topics, and one group that shares all of them.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from fairvarme.cli import main
from operations.database import migrate
from telemetry.stores.open import open_store
from telemetry.stores.store import Store
from tests.faults.messages import Ledger, message_of, readings_of
from tests.support.influxdb import Influxdb
from tests.support.ingest_parts import BUILDING, publish, wait_until
from tests.support.ingest_process import ingest_process
from tests.support.mosquitto import Mosquitto, MosquittoFactory
from tests.support.postgresql import Postgresql
from tests.support.shipped_broker import SAMPLE

pytestmark = pytest.mark.integration
OTHER = "nybo"
PART = 300
SETTINGS = """\
store = "{store}"
database = "{database}"
estates = ["{directory}/{building}", "{directory}/{other}"]

[broker]
url = "mqtt://127.0.0.1:{port}"
client_id = "{name}"
{group}
"""
SOURCE = """
[[sources]]
topic_filter = "fairvarme/v1/{building}/+/readings"
decoder = "fairvarme"
building = "{building}"
"""


class Site:
    """Two buildings, and the settings of workers on the same stores."""

    def __init__(
        self, directory: Path, broker: Mosquitto, influxdb: Influxdb, postgresql: Postgresql
    ) -> None:
        self.directory, self.broker = directory, broker
        shutil.copytree(SAMPLE, directory / BUILDING)
        shutil.copytree(SAMPLE, directory / OTHER)
        text = (directory / OTHER / "building.yaml").read_text()
        (directory / OTHER / "building.yaml").write_text(text.replace(BUILDING, OTHER, 1))
        self.store_url = f"influxdb://127.0.0.1:{influxdb.port}/{influxdb.create_database()}"
        self.database = postgresql.create_database()
        migrate(self.database).dispose()

    def worker(self, name: str, *buildings: str, group: str = "") -> Path:
        path = self.directory / f"{name}.toml"
        shared = f'shared_group = "{group}"' if group else ""
        path.write_text(
            SETTINGS.format(
                store=self.store_url, database=self.database, directory=self.directory,
                building=BUILDING, other=OTHER, port=self.broker.port, name=name, group=shared,
            )
            + "".join(SOURCE.format(building=each) for each in buildings)
        )  # fmt: skip
        return path

    def send(self, part: int) -> dict[str, Ledger]:
        """Send readings of both buildings, with QoS 1; return those that may be stored."""
        sent: dict[str, Ledger] = {BUILDING: {}, OTHER: {}}
        messages = []
        for number in range(part * PART, (part + 1) * PART):
            topic, payload = message_of(readings_of(number))
            for building, ledger in sent.items():
                messages.append((topic.replace(BUILDING, building), payload))
                ledger |= {k: v for k, v in readings_of(number).items() if k[1] != "battery_v"}
        publish(self.broker, messages)
        return sent

    def opened(self) -> Store:
        return open_store(self.store_url)


@pytest.fixture
def site(
    tmp_path: Path, start_mosquitto: MosquittoFactory, influxdb: Influxdb, postgresql: Postgresql
) -> Site:
    return Site(tmp_path, start_mosquitto(persistence=True, inflight=0), influxdb, postgresql)


def counts_of(parts: list[dict[str, Ledger]]) -> dict[str, int]:
    return {each: len({k for part in parts for k in part[each]}) for each in (BUILDING, OTHER)}


def quarantined(config: Path) -> str:
    done = CliRunner().invoke(main, ["quarantine", "list", "--config", str(config)])
    assert done.exit_code == 0, done.output
    return done.output


def test_by_topic_one_dies_and_the_other_buildings_go_on(site: Site) -> None:
    first, second = site.worker("first", BUILDING), site.worker("second", OTHER)
    with closing(site.opened()) as store, ingest_process(second) as end:
        with ingest_process(first):
            parts = [site.send(0)]
            # Left without an end in good order: it is killed with what it was at.
        parts.append(site.send(1))
        wait_until(lambda: store.count(OTHER) == counts_of(parts)[OTHER])
        assert store.count(BUILDING) < counts_of(parts)[BUILDING]
        with ingest_process(first) as end_first:
            wait_until(lambda: store.count(BUILDING) == counts_of(parts)[BUILDING])
            end_first()
        end()
    assert "battery_v" in quarantined(first)


def test_in_a_group_one_dies_and_nothing_is_lost_once_it_is_back(site: Site) -> None:
    both = (BUILDING, OTHER)
    first, second = (site.worker(name, *both, group="house") for name in ("first", "second"))
    with closing(site.opened()) as store, ingest_process(second) as end:
        with ingest_process(first):
            parts = [site.send(0)]
        parts.append(site.send(1))
        # The one that lives takes messages of both; what was the other's waits for it.
        wait_until(lambda: min(store.count(each) for each in both) > 0)
        with ingest_process(first) as end_first:
            wait_until(
                lambda: {each: store.count(each) for each in both} == counts_of(parts), seconds=60
            )
            end_first()
        end()
