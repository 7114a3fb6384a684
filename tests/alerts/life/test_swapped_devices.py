"""Alerts whose device is swapped, renamed or taken away while they are open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from alerts.life.case import Case
from alerts.life.last_readings import HOME, last_readings
from alerts.life.record import record
from alerts.life.states import State
from alerts.life.store import AlertStore
from alerts.model import AlertKind
from alerts.run import check_building
from estate.database.engine import Base, open_database
from estate.model import Device, Estate
from estate.periods import HOUR_MS, Period, day_start_ms
from tests.support import estates as make
from tests.support.samples import HandMadeSource

FIRST, SWAP = date(2026, 1, 5), date(2026, 1, 20)
"""The leak begins two days before the swap and lasts three days after it."""
AROUND = Period(FIRST, SWAP + timedelta(20))
LEAK_L = 25.0


def house(*devices: Device) -> Estate:
    return make.estate([make.flat("f1")], [make.tenancy("t1", "f1")], devices, id="b1")


def meter(name: str, start: date = make.LONG_AGO, end: date | None = None) -> Device:
    return make.device(name, "cold_water", "f1", start=start, end=end)


BEFORE = house(meter("old"))
AFTER = {
    "swapped": house(meter("old", end=SWAP), meter("new", SWAP)),
    "renamed": house(meter("new")),
}


def readings() -> HandMadeSource:
    """Return the registers of both meters: people by day, and the leak around the swap."""
    source, zone = HandMadeSource(), BEFORE.building.zone
    swap_ms = day_start_ms(SWAP, zone)
    litres, rows = 0.0, dict[str, list[tuple[int, float]]](old=[], new=[])
    for start_ms in AROUND.hours(zone).starts_ms.tolist():
        rows["old" if start_ms < swap_ms else "new"].append((start_ms, litres / 1000))
        hour = (start_ms - swap_ms) // HOUR_MS
        litres += 12.0 if 6 <= hour % 24 < 22 else 0.0
        litres += LEAK_L if -48 <= hour < 72 else 0.0
    for name, its in rows.items():
        make.add_register(source, name, "cold_water_m3", its)
    return source


class Looks:
    """Runs of a building's alerts, day after day."""

    def __init__(self, store: AlertStore) -> None:
        self.store, self.source = store, readings()

    def on(self, estate: Estate, days_after_swap: int) -> list[Case]:
        """Look at the two weeks that end so many days after the swap."""
        end = SWAP + timedelta(days_after_swap)
        period = Period(max(end - timedelta(14), FIRST), end)
        now_ms = day_start_ms(end, estate.building.zone)
        until = HandMadeSource(
            {
                key: [row for row in rows if row[0] <= now_ms]
                for key, rows in self.source.rows.items()
            }
        )
        checked = check_building(estate, until, period, now_ms=now_ms)
        return record(self.store, estate, until, checked, period, now_ms)


@pytest.fixture
def looks(tmp_path: Path) -> Iterator[Looks]:
    engine = open_database(f"sqlite:///{tmp_path / 'alerts.db'}")
    Base.metadata.create_all(engine)
    yield Looks(AlertStore(engine))
    engine.dispose()


def of(cases: Sequence[Case], kind: AlertKind) -> list[Case]:
    return [each for each in cases if each.kind is kind]


@pytest.mark.parametrize("way", AFTER)
def test_a_leak_goes_on_at_the_meter_that_took_the_others_place(looks: Looks, way: str) -> None:
    (found,) = of(looks.on(BEFORE, 0), AlertKind.LEAK)
    assert (found.device, found.state) == ("old", State.NEW)
    # The new meter has seen too little yet to say anything.
    assert of(looks.on(AFTER[way], 1), AlertKind.LEAK) == [found]
    (same,) = of(looks.on(AFTER[way], 3), AlertKind.LEAK)
    assert (same.id, same.device, same.open) == (found.id, "new", True)
    # Half of the days must have been judged under the new name.
    (over,) = of(looks.on(AFTER[way], 8), AlertKind.LEAK)
    assert (over.id, over.state) == (found.id, State.CLEARED)


@pytest.mark.parametrize("kind", [AlertKind.DEVICE_SILENT, AlertKind.DEVICE_FAULT])
@pytest.mark.parametrize("way", AFTER)
def test_what_is_wrong_with_a_device_is_over_once_it_is_taken_away(
    looks: Looks, way: str, kind: AlertKind
) -> None:
    start_ms = day_start_ms(SWAP - timedelta(3), BEFORE.building.zone)
    end_ms = day_start_ms(SWAP, BEFORE.building.zone)
    fault = Case(
        "silent000000", "b1", "f1", kind, "old", "t1", start_ms, end_ms, start_ms, end_ms, end_ms
    )
    looks.store.update("b1", lambda _: ([fault], []))
    (gone,) = of(looks.on(AFTER[way], 3), kind)
    assert gone.state is State.CLEARED


def test_each_of_two_meters_of_a_home_has_its_own_alerts(looks: Looks) -> None:
    both = house(meter("old"), meter("new"))
    (leak,) = of(looks.on(BEFORE, 0), AlertKind.LEAK)
    (first, second) = of(looks.on(both, 3), AlertKind.LEAK)
    assert {first.device, second.device} == {"old", "new"}
    assert leak.id in {first.id, second.id}


def test_a_home_is_known_by_the_first_of_its_quantities_to_end() -> None:
    """A thermometer alone is enough to end an alert; a dead humidity sensor beside it is not."""
    flats = [make.flat(each) for each in ("f1", "f2", "f3")]
    boxes = [make.device(f"box-{each.flat}", "climate", each.flat) for each in flats]
    estate, hours = make.estate(flats, (), boxes, id="b1"), AROUND.hours(BEFORE.building.zone)
    source, days = HandMadeSource(), hours.count - 24 * 3
    for flat, last_humidity in (("f1", None), ("f2", days), ("f3", hours.count)):
        make.add_hourly(source, f"box-{flat}", "temperature_c", hours, [20.0] * hours.count)
        if last_humidity is not None:
            humid = [45.0 if hour < last_humidity else None for hour in range(hours.count)]
            make.add_hourly(source, f"box-{flat}", "humidity_pct", hours, humid)
    wanted = [(each.flat, HOME) for each in flats] + [("f1", "box-f1")]
    found = last_readings(estate, source, hours, wanted)
    last_ms = int(hours.starts_ms[-1]) + HOUR_MS // 2
    assert found == {
        ("f1", HOME): last_ms,
        ("f2", HOME): int(hours.starts_ms[days - 1]) + HOUR_MS // 2,
        ("f3", HOME): last_ms,
        ("f1", "box-f1"): last_ms,
    }
