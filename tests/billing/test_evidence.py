"""What a bill is computed from: small sums, gathered once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from billing.compute import compute_bill
from billing.measured.climate.weights import ClimateKey
from billing.measured.evidence import Evidence
from billing.measured.evidence_file import evidence_bytes
from billing.measured.gather import gather
from billing.schemes import CLIMATE_KEYS, load_scheme
from estate.errors import DataError
from estate.model import Person
from tests.support.golden_bills import CASES, Case

BILLED = ("every-key-month", "odd-devices-month", "dk-climate-year", "pl-hybrid-month")


def gathered(case: Case) -> Evidence:
    return gather(case.estate, case.source, case.period, case.scheme)


def test_it_names_nobody_and_holds_no_cost() -> None:
    case = CASES["dk-climate-month"]()
    person = Person(tenancy="1a", person="p1", name="Somebody")
    named = replace(case, estate=replace(case.estate, persons=(person,)))
    kept = gathered(named).estate
    assert (kept.persons, kept.costs, kept.aconto) == ((), (), ())


@pytest.mark.slow
@pytest.mark.parametrize("name", BILLED)
def test_days_add_up_to_what_their_tenancy_weighs(name: str) -> None:
    evidence = gathered(CASES[name]())
    days = evidence.period.each()
    assert evidence.climate.weights
    for key, weights in evidence.climate.weights.items():
        for number, span in enumerate(evidence.spans):
            row = evidence.estate.flat_index[span.flat]
            first, end = days.index(span.period.start), (span.period.end - days[0]).days
            total = weights.by_day[row, first:end].sum()
            assert total == pytest.approx(weights.of_spans[0, number], rel=1e-12), (key, span)


def test_hours_of_a_day_are_measured_refused_or_estimated() -> None:
    evidence = gathered(CASES["odd-devices-month"]())
    hours = evidence.climate.hours
    known = hours.measured.astype(int) + hours.refused + hours.by_house
    assert known.min() >= 0
    assert (known <= evidence.hours_of_days).all()
    refusing = gathered(CASES["dk-climate-month"]())
    row = refusing.estate.flat_index["5"]
    assert refusing.climate.hours.refused[row].tolist() == refusing.hours_of_days.tolist()
    assert not refusing.climate.hours.measured[row].any()


def test_homes_that_are_warmer_weigh_more_under_every_climate_key() -> None:
    evidence = gathered(CASES["every-key-month"]())
    assert {key.key for key in evidence.climate.weights} == CLIMATE_KEYS
    for key, weights in evidence.climate.weights.items():
        as_it_was, warmer, colder = weights.of_spans
        assert (warmer >= as_it_was).all() or key.key == "climate_bands"
        assert (colder <= as_it_was).all() or key.key == "climate_bands"
        assert np.isfinite(weights.of_spans).all()


def test_a_scheme_that_was_not_gathered_is_refused_by_name() -> None:
    case = CASES["dk-metered-month"]()
    evidence = gathered(case)
    assert not evidence.climate.weights
    with pytest.raises(
        DataError, match=r"has no sums of degree_hours, but of nothing of the kind"
    ) as no:
        compute_bill(evidence, case.estate.costs, load_scheme("pl-hybrid"))
    assert [each.name for each in no.value.findings] == ["evidence.not_gathered"]
    compute_bill(evidence, case.estate.costs, load_scheme("ch-vewa"))


def test_only_what_changes_the_sums_tells_keys_apart() -> None:
    plain, placed = (
        load_scheme("dk-climate").items["heat"][2].model_copy(update={"position": position})
        for position in (False, True)
    )
    assert ClimateKey.of(plain) == ClimateKey.of(placed)
    warm = plain.model_copy(update={"floor_c": 20.0})
    assert ClimateKey.of(plain) != ClimateKey.of(warm)
    assert str(ClimateKey.of(plain)) == "own_heat_loss (season 10-01 to 05-01, floor_c 18)"


def test_costs_and_charges_are_of_the_call() -> None:
    case = CASES["dk-metered-year"]()
    evidence = gathered(case)
    dearer = [
        each.model_copy(update={"amount_ore": 2 * each.amount_ore}) for each in case.estate.costs
    ]
    once, twice = (
        compute_bill(evidence, costs, aconto=case.estate.aconto, issued=date(2026, 3, 2))
        for costs in (case.estate.costs, dearer)
    )
    assert twice.total_ore == 2 * once.total_ore
    assert [each.aconto_ore for each in once.statements] == [
        each.aconto_ore for each in twice.statements
    ]
    assert all(each.aconto_ore is None for each in compute_bill(evidence, dearer).statements)


def test_nothing_of_it_can_be_changed_and_computing_changes_nothing() -> None:
    case = CASES["every-key-month"]()
    evidence = gathered(case)
    before = evidence_bytes(evidence)
    for name, array in evidence.arrays():
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
        assert name
    once, again = (compute_bill(evidence, case.estate.costs, case.scheme) for _ in range(2))
    assert once == again
    assert evidence_bytes(evidence) == before


def test_meters_that_were_not_gathered_are_refused_by_name() -> None:
    case = CASES["dk-metered-month"]()
    evidence = gathered(case)
    meters = dict(evidence.meters)
    del meters["hot_water"]
    with pytest.raises(DataError, match=r"has no sums of hot_water meters, but of heat"):
        compute_bill(replace(evidence, meters=meters), case.estate.costs)
