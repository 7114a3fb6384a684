"""Many homes on one day are one alert, and one thing explains another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from alerts.life.case import Case, new_case
from alerts.life.kinds import kind_rules, life_limits
from alerts.life.relations import grouped, inhibited
from alerts.life.states import State
from alerts.model import Alert, AlertKind
from estate.model import Neighbour
from estate.periods import DAY_MS, HOUR_MS
from tests.support import estates as make

LIMITS = life_limits()
FLATS = [f"f{number}" for number in range(12)]
HOUSE = make.estate(
    [make.flat(each) for each in FLATS],
    neighbours=[Neighbour(flat_a="f1", flat_b="f2", coupling_w_per_k=10)],
)


def stop(flat: str, day: int = 5, kind: AlertKind = AlertKind.STOP, **more: Any) -> Alert:  # noqa: ANN401
    start_ms = day * DAY_MS
    alert = Alert(
        "house", flat, kind, f"h-{flat}", start_ms, start_ms + 2 * DAY_MS, start_ms + DAY_MS
    )
    return replace(alert, **more)


def case(name: str, kind: AlertKind, flat: str = "f1", device: str = "w1", **more: Any) -> Case:  # noqa: ANN401
    plain = Case(name, "house", flat, kind, device, "t", 5 * DAY_MS, 9 * DAY_MS, 6 * DAY_MS, 0, 0)
    return replace(plain, **more)


def test_from_so_many_homes_on_a_day_there_is_one_of_the_building() -> None:
    many = [stop(each) for each in FLATS[: LIMITS.group_homes]]
    (group,) = grouped(HOUSE, many, LIMITS)
    assert (group.flat, group.device, group.kind) == ("", None, AlertKind.STOP)
    assert group.evidence == {"homes": LIMITS.group_homes, "flats": FLATS[: LIMITS.group_homes]}
    assert grouped(HOUSE, many[1:], LIMITS) == []


def test_several_in_one_home_are_one_home() -> None:
    alerts = [stop("f1", device=f"h{number}") for number in range(LIMITS.group_homes)]
    assert grouped(HOUSE, alerts, LIMITS) == []


def test_in_a_large_house_it_takes_a_share() -> None:
    large = make.estate([make.flat(f"f{number}") for number in range(100)])
    some = [stop(f"f{number}") for number in range(round(LIMITS.group_share * 100) - 1)]
    assert grouped(large, some, LIMITS) == []
    assert len(grouped(large, [*some, stop("f99")], LIMITS)) == 1


def test_other_days_other_registers_and_what_is_a_homes_own_are_not_together() -> None:
    apart = [stop(each, day) for day, each in enumerate(FLATS)]
    assert grouped(HOUSE, apart, LIMITS) == []
    of_two = [
        stop(each, evidence={"quantity": ("heat_kwh", "hot_water_m3")[number % 2]})
        for number, each in enumerate(FLATS[:6])
    ]
    assert grouped(HOUSE, of_two, LIMITS) == []
    bursts = [stop(each, kind=AlertKind.BURST) for each in FLATS]
    assert grouped(HOUSE, bursts, LIMITS) == []


def test_midnight_does_not_part_what_came_in_one_evening() -> None:
    hours = (20, 21, 22, 25, 26, 27)
    evening = [
        stop(each, raised_ms=6 * DAY_MS + hour * HOUR_MS)
        for each, hour in zip(FLATS, hours, strict=False)
    ]
    (group,) = grouped(HOUSE, evening, LIMITS)
    assert group.evidence["homes"] == len(hours)
    again = [stop(each, day=20) for each in FLATS[:5]]
    assert len(grouped(HOUSE, [*evening, *again], LIMITS)) == 2


LEAK = case("leak", AlertKind.LEAK)


@pytest.mark.parametrize(
    ("cause", "other", "explained"),
    [
        (LEAK, case("x", AlertKind.SPIKE), True),
        (LEAK, case("x", AlertKind.SPIKE, device="w2"), False),
        (LEAK, case("x", AlertKind.SPIKE, flat="f2"), False),
        (LEAK, case("x", AlertKind.SPIKE, start_ms=10 * DAY_MS, end_ms=12 * DAY_MS), False),
        (LEAK, case("x", AlertKind.BURST), False),
        (case("b", AlertKind.BURST), LEAK, True),
        (replace(LEAK, state=State.WITHDRAWN), case("x", AlertKind.SPIKE), False),
        (replace(LEAK, state=State.CLEARED), case("x", AlertKind.SPIKE), True),
        (case("n", AlertKind.NO_HEAT), case("x", AlertKind.SPIKE, "f2", "h2"), True),
        (case("n", AlertKind.NO_HEAT), case("x", AlertKind.SPIKE, "f3", "h3"), False),
    ],
)
def test_what_explains_what(cause: Case, other: Case, explained: bool) -> None:
    found = inhibited(HOUSE, [cause, other])
    assert found.get(other.id) == (cause.id if explained else None)


def test_of_what_people_use_in_a_home_the_spike_raised_first_is_told() -> None:
    quantities = {
        "h": "hot_water_m3", "c": "cold_water_m3", "e": "electricity_kwh", "r": "heat_kwh",
    }  # fmt: skip
    hot, cold, power, heat = (
        case(name, AlertKind.SPIKE, device=name, evidence={"quantity": quantity}, raised_ms=at)
        for at, (name, quantity) in enumerate(quantities.items(), 6 * DAY_MS)
    )
    assert inhibited(HOUSE, [heat, power, cold, hot]) == {"c": "h", "e": "h"}
    assert inhibited(HOUSE, [power, cold]) == {"e": "c"}
    later = replace(cold, start_ms=10 * DAY_MS, end_ms=12 * DAY_MS)
    assert inhibited(HOUSE, [later, hot]) == {}
    assert inhibited(HOUSE, [replace(cold, flat="f2"), hot]) == {}


def test_what_goes_on_in_a_home_long_after_the_boiler_works_again_is_told() -> None:
    """Six homes without heat; it comes back to five within hours, and the sixth stays cold."""
    clear_ms = kind_rules()[AlertKind.NO_HEAT].clear_ms
    back = [6 * DAY_MS + hour * HOUR_MS for hour in (0, 1, 2, 3, 9)]
    for later_ms, told in ((0, set()), (1, {"f5"})):
        ends = [*back, back[1] + clear_ms + later_ms]
        alerts = [
            stop(flat, kind=AlertKind.NO_HEAT, device=None, end_ms=end_ms)
            for flat, end_ms in zip(FLATS, ends, strict=False)
        ]
        (group,) = grouped(HOUSE, alerts, LIMITS)
        # It went on in five homes until the second of them was warm.
        assert (group.end_ms, group.evidence["homes"]) == (back[1], 6)
        homes = [replace(new_case(each, f"{each.flat}-1", 0), id=each.flat) for each in alerts]
        explained = inhibited(HOUSE, [replace(new_case(group, "", 0), id="g"), *homes])
        assert {each.flat for each in homes} - explained.keys() == told


def test_one_of_the_building_explains_the_homes_that_it_counts() -> None:
    group = case("g", AlertKind.STOP, "", "", evidence={"homes": 2, "flats": ["f1", "f2"]})
    homes = [case(each, AlertKind.STOP, each, "h") for each in ("f1", "f2", "f3")]
    other = case("leak1", AlertKind.LEAK, "f1")
    assert inhibited(HOUSE, [group, *homes, other]) == {"f1": "g", "f2": "g"}
