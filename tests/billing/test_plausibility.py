"""What a meter can have counted: the small building's balance, and bounds around it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from billing.measured.meters.plausible_heat import plausible_kwh_by_hour, radiators_w
from billing.schemes import Scheme
from estate.numbers.arrays import Floats
from estate.periods import Period, day_start_ms
from operations.bill_building import bill_building
from tests.support.estates import add_register, cost, device, estate, flat, tenancy
from tests.support.samples import HandMadeSource
from tests.support.six_flats import (
    COUPLING_W_PER_K,
    GAINS_W,
    HEAT_LOSS_W_PER_K,
    HOURS,
    OUTDOOR_C,
    SEASON,
    TEMPERATURE_C,
    heat_kwh,
    six_estate,
)

FLATS = list(TEMPERATURE_C)
LOSS = np.array([float(HEAT_LOSS_W_PER_K[flat]) for flat in FLATS])
GAINS = np.full(6, float(GAINS_W))
UNITS = Scheme.model_validate(
    {
        "id": "test", "valid_from": "2020-01-01", "source": "made for this test",
        "items": {"heat": [{"key": "heat_units", "fraction": 1.0}]},
    }
)  # fmt: skip


def coupling() -> Floats:
    table = np.zeros((6, 6))
    for (a, b), value in COUPLING_W_PER_K.items():
        table[FLATS.index(a), FLATS.index(b)] = table[FLATS.index(b), FLATS.index(a)] = value
    return table


def balance(temperature_c: Floats, loss: Floats = LOSS) -> Floats:
    own_c = temperature_c[:, None]
    return radiators_w(loss, GAINS, coupling(), own_c, own_c, np.array([OUTDOOR_C]))[:, 0]


def test_published_balance() -> None:
    temperature_c = np.array(list(TEMPERATURE_C.values()))
    printed = [1889.5, 1351.0, 473.5, 1565.5, 1954.5, 2238.5]
    assert balance(temperature_c) == pytest.approx(printed)


def test_published_heat_theft() -> None:
    """M1 at 19 °C among homes at 21 °C: 1,287.5 W fall to 513.5 W; renovated it needs none."""
    even, cold = np.full(6, 21.0), np.full(6, 21.0)
    cold[2] = 19.0
    assert balance(even)[2] == pytest.approx(1287.5)
    assert balance(cold)[2] == pytest.approx(513.5)
    renovated = np.array([48.0, 48.0, 40.0, 40.0, 50.0, 50.0])
    assert balance(cold, renovated)[2] < 0


def test_the_metered_heat_lies_between_the_bounds_and_twice_of_it_does_not() -> None:
    own_c = np.repeat(np.array(list(TEMPERATURE_C.values()))[:, None], HOURS, axis=1)
    by_hour = plausible_kwh_by_hour(LOSS, GAINS, coupling(), own_c, np.full(HOURS, OUTDOOR_C), 25.0)
    least, most = (each.sum(axis=1) for each in by_hour)
    metered = np.array([heat_kwh(flat) for flat in FLATS])
    assert (least < metered).all()
    assert (metered < most).all()
    assert (2 * metered > most)[[0, 3, 4, 5]].all()
    # G1: 115 x 20.5 + 40 x 4.5 + 126 x 6 W over 5,040 hours.
    assert most[0] == pytest.approx((115 * 20.5 + 40 * 4.5 + 126 * 6) * 5.04)
    assert least[0] == pytest.approx((1889.5 - 280) * 5.04)


@pytest.mark.slow
@pytest.mark.parametrize(("factor", "told"), [(1.0, False), (2.5, True), (0.3, True)])
def test_a_meter_beyond_the_bounds_is_told(factor: float, told: bool) -> None:
    own, source = six_estate()
    hours = SEASON.hours(own.building.zone)
    rows = [(hours.start_ms, 0.0), (hours.end_ms, factor * heat_kwh("G1"))]
    add_register(source, "m-G1", "heat_kwh", rows)
    bill = bill_building(own, source, SEASON, UNITS)
    found = [f for f in bill.findings if f.name == "billing.register.implausible"]
    assert [finding.data["flat"] for finding in found] == (["G1"] if told else [])


YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))


def findings_of_uses(
    uses_kwh: dict[str, float], empty: str = "", name: str = "billing.register.unit"
) -> list[dict[str, object]]:
    """Bill a year of homes of which nothing but two registers each is known."""
    homes = list(uses_kwh)
    own = estate(
        [flat(home) for home in homes],
        [tenancy(f"t{home}", home) for home in homes if home != empty],
        [device(f"m{home}", "heat", home) for home in homes],
        [cost(YEAR, "heat", 100_000)],
    )
    source = HandMadeSource()
    for home, use in uses_kwh.items():
        edges = (day_start_ms(day, own.building.zone) for day in (YEAR.start, YEAR.end))
        readings = zip(edges, (50.0, 50.0 + use), strict=True)
        add_register(source, f"m{home}", "heat_kwh", list(readings))
    bill = bill_building(own, source, YEAR, UNITS)
    return [dict(each.data) for each in bill.findings if each.name == name]


def test_a_register_of_another_unit_than_its_neighbours_is_told() -> None:
    assert findings_of_uses({"A": 7.3, "B": 7000.0, "C": 7600.0}) == [
        {"flat": "A", "kind": "heat", "use": pytest.approx(7.3), "others": 7300.0}
    ]
    (in_gj,) = findings_of_uses({"A": 26.0, "B": 7000.0, "C": 7600.0})
    assert in_gj["flat"] == "A"
    (in_wh,) = findings_of_uses({"A": 6.0e4, "B": 200.0, "C": 220.0})
    assert in_wh["flat"] == "A"


def test_who_heats_little_or_not_at_all_and_who_is_alone_is_not_told_of() -> None:
    assert findings_of_uses({"A": 50.0, "B": 7000.0, "C": 7600.0}) == []
    assert findings_of_uses({"A": 0.0, "B": 7000.0, "C": 7600.0}) == []
    assert findings_of_uses({"A": 7.3}) == []
    assert findings_of_uses({"A": 7.3, "B": 7.0, "C": 7.6}) == []
    # Nobody lives in A: frost protection alone may have run.
    assert findings_of_uses({"A": 7.3, "B": 7000.0, "C": 7600.0}, empty="A") == []


def test_a_digit_too_many_is_told_and_a_large_home_is_not() -> None:
    name = "billing.register.high"
    assert findings_of_uses({"A": 73_000.0, "B": 7000.0, "C": 7300.0}, name=name) == [
        {"flat": "A", "kind": "heat", "use": 73_000.0, "others": 7150.0}
    ]
    assert findings_of_uses({"A": 60_000.0, "B": 7000.0, "C": 7300.0}, name=name) == []
    # Ten times as much, but no more than a home can use.
    assert findings_of_uses({"A": 20_000.0, "B": 700.0, "C": 730.0}, name=name) == []
