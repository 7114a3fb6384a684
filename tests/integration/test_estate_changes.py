"""A worker that runs learns of new devices: from the database, and from folders."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from estate.database.engine import open_database
from fairvarme.cli import main
from ingest.quarantine.store import Quarantine
from operations.database import migrate
from operations.settings import CONFIG_VARIABLE
from telemetry.stores.sqlite import SqliteStore
from tests.support.imports import BUILDING, Site
from tests.support.ingest_parts import T0, payload, publish, wait_until
from tests.support.ingest_process import ingest_process, write_settings
from tests.support.mosquitto import Mosquitto

pytestmark = [pytest.mark.integration, pytest.mark.slow]

NEW = "box-new"
TOPIC = f"fairvarme/v1/{BUILDING}/{NEW}/readings"
STORE = "readings.db"
WITHIN_SECONDS = 60.0


def test_of_the_database_within_a_minute(
    mosquitto: Mosquitto, migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site.new(open_database(migrated_url), tmp_path)
    site.imported()
    config = settings_of(site, mosquitto)
    text = config.read_text("utf-8").replace("sqlite:///worker.db", migrated_url)
    config.write_text(text.replace(f'["{site.folder}"]', '"database"'), "utf-8")
    monkeypatch.setenv(CONFIG_VARIABLE, str(config))

    def change() -> None:
        done = CliRunner().invoke(main, ["estate", "import", str(site.folder)])
        assert done.exit_code == 0, done.output

    assert_new_box_is_taken_in(site, config, mosquitto, change)
    site.engine.dispose()


def test_of_a_folder_within_a_minute(mosquitto: Mosquitto, tmp_path: Path) -> None:
    site = Site.new(migrate(f"sqlite:///{tmp_path / 'worker.db'}"), tmp_path)
    assert_new_box_is_taken_in(site, settings_of(site, mosquitto), mosquitto, lambda: None)
    site.engine.dispose()


def settings_of(site: Site, broker: Mosquitto) -> Path:
    directory = site.folder.parent
    store = f"sqlite:///{directory / STORE}"
    return write_settings(directory, "worker", store, site.folder, BUILDING, broker)


def assert_new_box_is_taken_in(
    site: Site, config: Path, broker: Mosquitto, change: Callable[[], None]
) -> None:
    with ingest_process(config) as end:
        publish(broker, [(TOPIC, payload(T0, temperature_c=20.0))])
        wait_until(lambda: Quarantine(site.engine).counts() == {"device_unknown": 1})
        site.add("devices.csv", f"{NEW},climate,0101,2025-09-01,,kammer,")
        change()
        deadline, number = time.monotonic() + WITHIN_SECONDS, 0
        with closing(SqliteStore(config.with_name(STORE))) as store:
            while not len(store.samples(BUILDING, [NEW], "temperature_c", 0, 1 << 60).value):
                assert time.monotonic() < deadline
                number += 1
                publish(broker, [(TOPIC, payload(T0 + number, temperature_c=20.0))])
                time.sleep(0.5)
        end()
