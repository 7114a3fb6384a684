from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

import pytest

from alerts.model import AlertKind
from correspondence.catalogue import catalogue
from reports.monthly.advice import advice_for as choose
from reports.monthly.advice import advice_rules
from reports.monthly.climate import ClimateMonth, QuantityMonth, Shade, Side

JANUARY, JULY = date(2026, 1, 1), date(2026, 7, 1)
HOURS = 744
GENERAL = tuple(rule.advice for rule in advice_rules().general if not rule.only_saving)


def advice_for(
    home: ClimateMonth | None, first_day: date, told: Collection[AlertKind]
) -> tuple[str, ...]:
    """The names alone, where nothing is known to be saved."""
    return tuple(each.advice for each in choose(home, first_day, told, {}))


def quantity(name: str, often: Side | None = None, green: int = 700, gap: int = 0) -> QuantityMonth:
    hours = {
        Shade.GREEN: green,
        Shade.YELLOW: HOURS - green - gap,
        Shade.RED: 0,
        Shade.UNMEASURED: gap,
    }
    return QuantityMonth(name, None if gap == HOURS else 20.0, hours, often)


def climate(*quantities: QuantityMonth, measured: int = HOURS) -> ClimateMonth:
    return ClimateMonth(quantities, (Shade.GREEN,) * 31, HOURS, measured)


def test_a_good_home_is_told_to_carry_on() -> None:
    found = advice_for(climate(quantity("temperature_c")), JANUARY, ())
    assert found == ("carry_on", GENERAL[0])


def test_a_missing_quantity_does_not_spoil_a_good_home() -> None:
    home = climate(quantity("temperature_c"), quantity("co2_ppm", green=0, gap=HOURS))
    assert "carry_on" in advice_for(home, JANUARY, ())


@pytest.mark.parametrize(
    ("name", "side", "first_day", "advice"),
    [
        ("humidity_pct", Side.HIGH, JANUARY, "humid"),
        ("humidity_pct", Side.LOW, JANUARY, "dry"),
        ("temperature_c", Side.LOW, JANUARY, "cold"),
        ("temperature_c", Side.HIGH, JANUARY, "warm"),
        ("temperature_c", Side.HIGH, JULY, "hot_summer"),
        ("co2_ppm", Side.HIGH, JULY, "stale"),
    ],
)
def test_advice_follows_the_side_on_which_a_home_lies(
    name: str, side: Side, first_day: date, advice: str
) -> None:
    assert advice_for(climate(quantity(name, side, green=300)), first_day, ())[0] == advice


def test_nobody_is_told_to_heat_in_july() -> None:
    home = climate(quantity("temperature_c", Side.LOW, green=300))
    assert advice_for(home, JULY, ()) == GENERAL[:2]


def test_an_alert_that_says_the_same_takes_the_place_of_advice() -> None:
    damp = climate(quantity("humidity_pct", Side.HIGH, green=300))
    assert "humid" not in advice_for(damp, JANUARY, {AlertKind.MOULD_RISK})
    assert "humid" in advice_for(damp, JANUARY, {AlertKind.LEAK})


@pytest.mark.parametrize("language", ["da", "de", "en"])
def test_nobody_is_told_to_heat_more_who_may_not_be_able_to(language: str) -> None:
    """Where the heating is known to have failed a notice says so; else the advice allows for it."""
    cold = climate(quantity("temperature_c", Side.LOW, green=300))
    assert "cold" not in advice_for(cold, JANUARY, {AlertKind.NO_HEAT})
    assert "cold" in advice_for(cold, JANUARY, {AlertKind.MOULD_RISK})
    words = catalogue(language).say("advice.cold")
    said = {"da": ("radiator", "ring til os"), "de": ("Heizkörper", "rufen Sie an"),
            "en": ("radiator", "Call us")}  # fmt: skip
    assert all(each in words for each in said[language])


def test_no_page_contradicts_itself() -> None:
    dry = advice_for(climate(quantity("humidity_pct", Side.LOW, green=300)), JANUARY, ())
    assert "dry" in dry
    assert "lid" not in dry
    good = climate(quantity("temperature_c"))
    assert "lid" in advice_for(good, JANUARY, ())
    assert "carry_on" not in advice_for(good, JANUARY, {AlertKind.MOULD_RISK})


@pytest.mark.parametrize(("measured", "told"), [(558, True), (559, False)])
def test_a_silent_box_is_told_of_from_a_quarter_of_the_hours_on(measured: int, told: bool) -> None:
    home = climate(quantity("temperature_c"), measured=measured)
    assert ("box_power" in advice_for(home, JANUARY, ())) is told


def test_no_page_gives_more_advice_than_can_be_read() -> None:
    worst = climate(
        quantity("temperature_c", Side.LOW, green=0),
        quantity("humidity_pct", Side.HIGH, green=0),
        quantity("co2_ppm", Side.HIGH, green=0),
        measured=300,
    )
    assert advice_for(worst, JANUARY, ()) == ("box_power", "humid", "cold")


def test_without_climate_only_general_advice_is_given() -> None:
    assert advice_for(None, JANUARY, ()) == GENERAL[:2]


def test_every_rule_names_its_source_and_a_condition() -> None:
    rules = advice_rules()
    assert all(rule.source for rule in rules.rules + rules.general)
    assert all(rule.side or rule.unmeasured or rule.green for rule in rules.rules)
    assert all((rule.side is None) == (rule.quantity is None) for rule in rules.rules)


def test_a_home_that_was_hardly_measured_is_not_called_good() -> None:
    gap = HOURS - 40
    home = climate(quantity("temperature_c", green=40, gap=gap), measured=40)
    assert "carry_on" not in advice_for(home, JANUARY, ())
    assert advice_for(home, JANUARY, ())[0] == "box_power"


def test_dry_and_stale_air_is_not_told_to_air_more_and_less() -> None:
    stale, dry = quantity("co2_ppm", Side.HIGH, 300), quantity("humidity_pct", Side.LOW, 300)
    assert "dry" in advice_for(climate(dry), JANUARY, ())
    both = advice_for(climate(dry, stale), JANUARY, ())
    assert "stale" in both
    assert not {"dry", "lid"} & set(both)


def test_a_home_of_yellow_days_is_not_told_that_its_air_is_good() -> None:
    """Some hours of every day are too many to carry on, however few they are together."""
    home = climate(quantity("temperature_c", green=HOURS - 4 * 31))
    assert "carry_on" in advice_for(home, JANUARY, ())
    yellow = replace(home, days=(Shade.YELLOW,) * 30 + (Shade.GREEN,))
    assert "carry_on" not in advice_for(yellow, JANUARY, ())
