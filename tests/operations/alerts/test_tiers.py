"""Looked at every hour: in whole once a day or where something asks for it, else for danger."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import update

from alerts.devices.alarms import Said
from alerts.model import AlertKind
from alerts.run import check_building
from estate.database.engine import open_database
from estate.periods import HOUR_MS, Period, day_start_ms
from operations.alerts.checkpoints import AlertCheckpoint, Checkpoints
from operations.alerts.tiers import HOURLY_KINDS, Looked, Looking, Tier, is_daily_due
from telemetry.readings import Reading
from telemetry.stores.sqlite import SqliteStore
from tests.support import estates as make

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alerts.model import Alert
    from estate.model import Estate

ZONE = ZoneInfo("Europe/Copenhagen")
FIRST = date(2026, 1, 1)
DAYS = 34
FIRST_MS = day_start_ms(FIRST, ZONE)
FLATS = ("f1", "f2", "f3")
KINDS = {"cold_water": "cold_water_m3", "hot_water": "hot_water_m3", "heat": "heat_kwh"}
FAILS = 31 * 24 + 13
"""The hour from which the first home is not heated; its second has a leak, its third a burst."""


def house(tenancies: tuple[str, ...] = FLATS) -> Estate:
    devices = [
        make.device(f"{kind}-{flat}", kind, flat) for flat in FLATS for kind in ("climate", *KINDS)
    ]
    lets = [make.tenancy(f"{each}-1", each) for each in tenancies]
    devices.append(make.device("outdoor", "outdoor", None))
    return make.estate([make.flat(each) for each in FLATS], lets, devices, id="house")


def readings() -> list[Reading]:
    """Return weeks of winter, hourly, in the order of time."""
    rng, hours = np.random.default_rng(5), DAYS * 24
    hour = np.arange(hours)
    awake = (hour % 24 >= 6) & (hour % 24 < 23)
    outdoor_c = 1 + np.sin(hour / 60) + rng.normal(0, 0.2, hours)
    rows: dict[tuple[str, str], np.ndarray] = {("outdoor", "temperature_c"): outdoor_c}
    for number, flat in enumerate(FLATS):
        fallen_k = np.zeros(hours)
        heat = np.maximum(17 - outdoor_c, 0) * 0.06
        if number == 0:
            fallen_k[FAILS:] = np.minimum(np.arange(hours - FAILS) * 0.25, 12)
            heat[FAILS:] = 0
        water = rng.exponential(7, hours) * awake
        cold = water.copy()
        if number == 1:
            cold[29 * 24 :] += 15
        if number == 2:
            cold[32 * 24 + 9 : 32 * 24 + 12] += 900
        temperature_c = 20.5 + 0.8 * awake + rng.normal(0, 0.1, hours) - fallen_k
        rows[f"climate-{flat}", "temperature_c"] = temperature_c
        rows[f"climate-{flat}", "humidity_pct"] = 42 + rng.normal(0, 1.5, hours)
        rows[f"climate-{flat}", "co2_ppm"] = 600 + 300 * awake + rng.normal(0, 30, hours)
        used_by = {"heat": heat, "hot_water": water / 1000, "cold_water": cold / 1000}
        for kind, used in used_by.items():
            rows[f"{kind}-{flat}", KINDS[kind]] = 100 + np.floor(np.cumsum(used) * 1000) / 1000
    found = []
    for (device, quantity), values in rows.items():
        register = quantity in KINDS.values()
        for at, value in enumerate(values.tolist()):
            time_ms = FIRST_MS + (at + 1) * HOUR_MS - (0 if register else HOUR_MS // 2)
            found.append(Reading("house", device, quantity, time_ms, value, 0, time_ms))
    return sorted(found, key=lambda each: each.time_ms)


ALL = readings()


class House:
    """A house whose readings come in as time goes by."""

    def __init__(self, directory: Path) -> None:
        self.estate = house()
        self.store = SqliteStore(directory / "readings.db")
        self.engine = open_database(f"sqlite:///{directory / 'fairvarme.db'}")
        AlertCheckpoint.metadata.create_all(self.engine, [AlertCheckpoint.__table__])  # type: ignore[list-item]
        self.checkpoints = Checkpoints(self.engine)
        self._written = 0

    def until(self, now_ms: int) -> None:
        more = self._written
        while more < len(ALL) and ALL[more].time_ms <= now_ms:
            more += 1
        self.store.write(ALL[self._written : more])
        self._written = more

    def look(self, now_ms: int, said: tuple[Said, ...] = (), *, whole: bool = False) -> Looked:
        """Let the readings come, and look as a run of a new process does."""
        self.until(now_ms)
        looking = Looking(self.store, self.checkpoints)
        return looking.look(self.estate, said, now_ms, whole=whole)

    def in_whole(self, period: Period, now_ms: int, said: tuple[Said, ...] = ()) -> list[Alert]:
        return check_building(self.estate, self.store, period, said=said, now_ms=now_ms).alerts

    def close(self) -> None:
        self.store.close()
        self.engine.dispose()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


def at(hour: int) -> int:
    """Return some minutes past an hour since the first."""
    return FIRST_MS + hour * HOUR_MS + 7 * 60_000


def of(kinds: frozenset[AlertKind], alerts: list[Alert]) -> list[Alert]:
    return [each for each in alerts if each.kind in kinds]


@pytest.mark.slow
def test_every_hour_of_three_days_it_tells_what_whole_runs_tell(home: House) -> None:
    first_seen: dict[str, dict[tuple[str, AlertKind], int]] = {"tiers": {}, "whole": {}}
    tiers = []
    for hour in range(31 * 24 + 2, 33 * 24 + 14):
        now_ms = at(hour)
        looked = home.look(now_ms)
        whole = home.in_whole(looked.period, now_ms)
        tiers.append((looked.tier, looked.why))
        assert of(HOURLY_KINDS, looked.checked.alerts) == of(HOURLY_KINDS, whole)
        for name, alerts in (("tiers", looked.checked.alerts), ("whole", whole)):
            for each in of(HOURLY_KINDS | {AlertKind.NO_HEAT}, alerts):
                first_seen[name].setdefault((each.flat, each.kind), hour)
    assert first_seen["tiers"] == first_seen["whole"]
    assert set(first_seen["whole"]) == {
        ("f1", AlertKind.NO_HEAT), ("f2", AlertKind.LEAK), ("f3", AlertKind.BURST),
    }  # fmt: skip
    whys = [why for tier, why in tiers if tier is Tier.WHOLE]
    assert whys.count("first") == 1
    assert whys.count("daily") == 2
    assert 1 <= whys.count("cold") <= 2
    assert len(whys) <= 6
    assert len(tiers) == 60


@pytest.mark.slow
def test_meters_alarm_is_told_by_the_hourly_look(home: House) -> None:
    now_ms = at(30 * 24 + 12)
    home.look(now_ms)
    later_ms = now_ms + HOUR_MS
    said = (
        Said("cold_water-f1", AlertKind.LEAK, None, now_ms, later_ms, "LEAK", ("cold_water",)),
        Said("cold_water-f2", AlertKind.LEAK, None, now_ms, later_ms, "LEAK", ("cold_water",)),
    )
    looked = home.look(later_ms, said)
    assert looked.tier is Tier.HOURLY
    whole = home.in_whole(looked.period, later_ms, said)
    assert looked.checked.alerts == of(HOURLY_KINDS, whole)
    assert {each.flat for each in looked.checked.alerts} == {"f1", "f2"}


@pytest.mark.slow
def test_whole_run_is_made_where_readings_came_late_or_were_corrected(home: House) -> None:
    now_ms = at(30 * 24 + 12)
    assert home.look(now_ms).why == "first"
    assert home.look(now_ms + HOUR_MS).tier is Tier.HOURLY
    old = next(each for each in ALL if each.device == "cold_water-f3")
    climate = next(each for each in ALL if each.device == "climate-f3")
    arrival_ms = now_ms + HOUR_MS + 1
    home.store.write([climate._replace(value=19.0, arrival_ms=arrival_ms)])
    assert home.look(now_ms + 2 * HOUR_MS).tier is Tier.HOURLY
    home.store.write([old._replace(value=old.value + 1, arrival_ms=arrival_ms)])
    assert home.look(now_ms + 3 * HOUR_MS).why == "late"
    assert home.look(now_ms + 5 * HOUR_MS).tier is Tier.HOURLY


@pytest.mark.slow
def test_whole_run_is_made_where_tenants_change_or_what_is_kept_is_lost(home: House) -> None:
    now_ms = at(30 * 24 + 12)
    home.look(now_ms)
    home.estate = house(("f1", "f2"))
    assert home.look(now_ms + HOUR_MS).why == "changed"
    assert home.look(now_ms + 2 * HOUR_MS).tier is Tier.HOURLY
    with home.engine.begin() as connection:
        connection.execute(update(AlertCheckpoint).values(content=b"broken"))
    assert home.look(now_ms + 3 * HOUR_MS).why == "first"
    assert home.look(now_ms + 4 * HOUR_MS, whole=True).why == "asked"


def test_quiet_hour_comes_once_a_day_and_by_the_building_s_own_clock() -> None:
    estate = house()
    summer = datetime(2026, 3, 28, 12, tzinfo=ZONE)
    made_ms = round(summer.timestamp() * 1000)
    due = [hour for hour in range(36) if is_daily_due(estate, made_ms, made_ms + hour * HOUR_MS)]
    first = summer + timedelta(hours=due[0])
    assert 1 <= first.astimezone(ZONE).hour <= 7
    assert due == list(range(due[0], 36))
    quiet_ms = made_ms + due[0] * HOUR_MS
    assert not any(
        is_daily_due(estate, quiet_ms, quiet_ms + hour * HOUR_MS) for hour in range(1, 20)
    )


def test_clock_that_was_set_back_and_a_machine_that_was_off_make_a_whole_run() -> None:
    estate, made_ms = house(), at(20 * 24 + 12)
    assert is_daily_due(estate, made_ms, made_ms - HOUR_MS)
    assert is_daily_due(estate, made_ms, made_ms + 40 * HOUR_MS)
    assert not is_daily_due(estate, made_ms, made_ms + HOUR_MS)


def test_buildings_have_their_quiet_hours_spread() -> None:
    made_ms = at(20 * 24 + 12)
    hours = set()
    for number in range(40):
        estate = make.estate([make.flat("f1")], id=f"house-{number}")
        hours.add(
            next(
                hour
                for hour in range(30)
                if is_daily_due(estate, made_ms, made_ms + hour * HOUR_MS)
            )
        )
    assert len(hours) == 5
