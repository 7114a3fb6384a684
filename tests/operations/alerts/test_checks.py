"""A run of alerts over many buildings, by one process and by several."""

from __future__ import annotations

import os
import re
import shutil
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from alerts.life.store import AlertStore
from estate.errors import FairvarmeError, StoreUnavailable
from operations.alerts.checks import TOGETHER
from operations.alerts.run import AlertRun, run_alerts
from operations.settings import read_settings
from operations.wiring import opened_database
from telemetry.readings import Reading
from telemetry.stores.sqlite import SqliteStore
from tests.support.leaking_house import BUILDING, ZONE, installation, write_leaks

NOON_MS = round(datetime(2026, 3, 10, 12, tzinfo=ZONE).timestamp() * 1000)
START_MS = NOON_MS - 13 * 86_400_000
CLOCK = partial(int, NOON_MS)
"""A clock that can be sent to another process."""
HOUSES = [f"house-{number:02d}" for number in range(2 * TOGETHER + 1)]
LEAKING = HOUSES[::3]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return the settings of many buildings of one home; the water runs in a third of them."""
    path = installation(tmp_path, 1, 1)
    write_leaks(tmp_path, START_MS, NOON_MS, [(NOON_MS - 4 * 86_400_000, NOON_MS + 1)])
    store = SqliteStore(tmp_path / "readings.db")
    records = store.records("house", "w-f00", "cold_water_m3", START_MS, NOON_MS + 1)
    for number, house in enumerate(HOUSES):
        shutil.copytree(tmp_path / "estate", tmp_path / house)
        text = re.sub("^id: house$", f"id: {house}", BUILDING, flags=re.MULTILINE)
        (tmp_path / house / "building.yaml").write_text(text, "utf-8")
        # Registers that stand still use no water.
        values = records.value if house in LEAKING else records.value * 0 + number
        store.write(
            [
                Reading(house, "w-f00", "cold_water_m3", int(at), float(value), 0, int(at))
                for at, value in zip(records.time_ms, values, strict=True)
            ]
        )
    store.close()
    path.write_text(path.read_text().replace('["estate"]', str(HOUSES).replace("'", '"')))
    return path


def of_run(done: AlertRun) -> list[tuple[str, str, list[tuple[str, str, int]]]]:
    return [
        (
            each.building,
            each.why,
            [(alert.flat, str(alert.kind), alert.start_ms) for alert in each.checked.alerts],
        )
        for each in done.looked
    ]


def recorded(config: Path) -> list[tuple[str, str, str, int, int, str]]:
    with opened_database(read_settings(config)) as engine:
        return sorted(
            (each.building, each.flat, str(each.kind), each.start_ms, each.end_ms, str(each.state))
            for each in AlertStore(engine).list()
        )


@pytest.mark.slow
def test_several_processes_find_record_and_tell_what_one_does(config: Path, tmp_path: Path) -> None:
    alone = shutil.copytree(tmp_path, tmp_path.with_name(f"{tmp_path.name}-alone"))
    steps: list[tuple[int, int]] = []
    several = run_alerts(
        read_settings(config), [], clock=CLOCK, jobs=3, on_done=lambda *step: steps.append(step)
    )
    one = run_alerts(read_settings(alone / config.name), [], clock=CLOCK, jobs=1)
    assert [each.building for each in several.looked] == HOUSES
    assert {each[0] for each in recorded(config) if each[2] == "leak"} == set(LEAKING)
    assert of_run(several) == of_run(one)
    assert recorded(config) == recorded(alone / config.name)
    assert several.announced.queued == one.announced.queued
    assert steps[-1] == (len(HOUSES), len(HOUSES))
    # What the first run kept serves the next, whichever process made it.
    again = run_alerts(read_settings(config), [], clock=CLOCK, jobs=2)
    assert {each.why for each in again.looked} == {""}


@pytest.mark.slow
def test_a_process_that_dies_ends_the_run_with_the_remedy(config: Path) -> None:
    with pytest.raises(FairvarmeError, match="--jobs 1"):
        run_alerts(read_settings(config), [], clock=partial(os._exit, 9), jobs=2)


@pytest.mark.slow
def test_a_damaged_store_is_named_by_a_run_in_several_processes(
    config: Path, tmp_path: Path
) -> None:
    (tmp_path / "readings.db").write_text("no database")
    with pytest.raises(StoreUnavailable, match=r"readings\.db"):
        run_alerts(read_settings(config), [], clock=CLOCK, jobs=2)
