"""What may be charged in Denmark, and what is information only."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.bill.bill import Ground
from billing.law.choice import Choice, choose_scheme
from billing.schemes import load_scheme
from estate.errors import DataError
from estate.findings import Finding
from estate.periods import Period
from tests.support.estates import building

JANUARY = Period.month("2026-01")
PERMIT = {"reference": "J.nr. 2026-1", "from": "2025-01-01", "to": "2027-01-01"}
CLIMATE = {"scheme": "dk-climate", "from": "2025-01-01"}


def choose(tenure: str, *uses: dict[str, Any]) -> Choice:
    return choose_scheme(building(tenure=tenure, schemes=list(uses)), JANUARY, None)


@pytest.mark.parametrize("tenure", ["almen", "privat"])
def test_rented_home_needs_a_permit(tenure: str) -> None:
    choice = choose(tenure, CLIMATE | {"decision": "the assembly of 2025"})
    assert choice.charged.id == "dk-metered"
    assert choice.beside is not None
    assert choice.beside.id == "dk-climate"
    assert [finding.name for finding in choice.findings] == ["billing.scheme.not_permitted"]


def test_permit_allows_it_and_is_named() -> None:
    choice = choose("almen", CLIMATE | {"permit": PERMIT})
    ground = Ground(
        kind="permit", reference="J.nr. 2026-1", start=date(2025, 1, 1), end=date(2027, 1, 1)
    )
    assert (choice.charged.id, choice.ground, choice.trial) == ("dk-climate", ground, False)
    assert choice.beside is not None
    assert choice.beside.id == "dk-metered"


def test_trial_permit_makes_a_bill_that_is_no_claim() -> None:
    permit = PERMIT | {"reference": "PRØVE, ingen tilladelse"}
    assert choose("almen", CLIMATE | {"permit": permit}).trial


@pytest.mark.parametrize("tenure", ["andel", "ejer"])
def test_owners_may_decide(tenure: str) -> None:
    choice = choose(tenure, CLIMATE | {"decision": "the assembly of 2025"})
    ground = Ground(kind="decision", reference="the assembly of 2025", start=date(2025, 1, 1))
    assert (choice.charged.id, choice.ground) == ("dk-climate", ground)
    assert choose(tenure, CLIMATE).charged.id == "dk-metered"


def test_metered_scheme_needs_nothing() -> None:
    choice = choose("almen", {"scheme": "dk-metered", "from": "2020-01-01"})
    assert (choice.charged.id, choice.beside, choice.findings) == ("dk-metered", None, ())


def test_scheme_in_force_on_the_first_day_counts() -> None:
    metered = {"scheme": "dk-metered", "from": "2020-01-01"}
    later = CLIMATE | {"from": "2026-02-01", "permit": PERMIT}
    assert choose("almen", later, metered).charged.id == "dk-metered"


@pytest.mark.parametrize(
    ("uses", "name"),
    [
        ([], "billing.scheme.missing"),
        ([CLIMATE | {"from": "2026-02-01"}], "billing.scheme.missing"),
        ([CLIMATE, {"scheme": "dk-metered", "from": "2026-01-15"}], "billing.scheme.changes"),
    ],
)
def test_no_scheme_is_assumed(uses: list[dict[str, Any]], name: str) -> None:
    with pytest.raises(DataError) as caught:
        choose("almen", *uses)
    assert [finding.name for finding in caught.value.findings] == [name]


def test_asking_for_a_scheme_does_not_get_round_the_law() -> None:
    rented = building(tenure="almen", schemes=[{"scheme": "dk-metered", "from": "2020-01-01"}])
    choice = choose_scheme(rented, JANUARY, load_scheme("dk-climate"))
    assert choice.charged.id == "dk-metered"


NEW_YEAR = Period(date(2025, 12, 1), date(2026, 2, 1))
METERED = {"scheme": "dk-metered", "from": "2020-01-01"}


def stopped(period: Period, *uses: dict[str, Any]) -> Finding:
    with pytest.raises(DataError) as caught:
        choose_scheme(building(tenure="almen", schemes=list(uses)), period, None)
    (finding,) = caught.value.findings
    return finding


def test_change_at_new_year_is_refused_and_each_side_has_its_own_scheme() -> None:
    uses = (METERED, CLIMATE | {"from": "2026-01-01", "permit": PERMIT})
    finding = stopped(NEW_YEAR, *uses)
    assert finding.name == "billing.scheme.changes"
    sides = ("2025-12-01/2026-01-01", "2026-01-01/2026-02-01")
    assert all(f"--period {side}" in finding.message for side in sides)
    rented = building(tenure="almen", schemes=list(uses))
    charged = [choose_scheme(rented, Period.parse(side), None).charged.id for side in sides]
    assert charged == ["dk-metered", "dk-climate"]


@pytest.mark.parametrize(
    ("days", "sides"),
    [
        (("2026-01-01", "2027-01-01"), ["2025-12-01/2026-01-01", "2026-01-01/2026-02-01"]),
        (("2025-01-01", "2026-01-01"), ["2025-12-01/2026-01-01", "2026-01-01/2026-02-01"]),
        (
            ("2025-12-24", "2026-01-02"),
            ["2025-12-01/2025-12-24", "2025-12-24/2026-01-02", "2026-01-02/2026-02-01"],
        ),
    ],
)
def test_permit_of_some_days_names_the_periods_to_bill(
    days: tuple[str, str], sides: list[str]
) -> None:
    permit = PERMIT | {"from": days[0], "to": days[1]}
    rented = building(tenure="almen", schemes=[CLIMATE | {"permit": permit}])
    choice = choose_scheme(rented, NEW_YEAR, None)
    (finding,) = choice.findings
    assert finding.name == "billing.scheme.permit_changes"
    assert all(f"--period {side}" in finding.message for side in sides)
    # Allowed at the call, the bill is the one that needs no permit.
    assert (choice.charged.id, choice.exempt) == ("dk-metered", False)
    for side in sides:
        part = choose_scheme(rented, Period.parse(side), None)
        assert "billing.scheme.permit_changes" not in {each.name for each in part.findings}


@pytest.mark.parametrize("days", [("2024-01-01", "2025-01-01"), ("2027-01-01", "2028-01-01")])
def test_permit_that_has_ended_or_not_begun_is_none(days: tuple[str, str]) -> None:
    choice = choose("almen", CLIMATE | {"permit": PERMIT | {"from": days[0], "to": days[1]}})
    (finding,) = choice.findings
    assert finding.name == "billing.scheme.not_permitted"
    assert "has ended or not begun" in finding.message


def test_rules_do_not_hold_before_their_day() -> None:
    early = Period(date(2021, 1, 1), date(2022, 1, 1))
    choice = choose_scheme(building(schemes=[METERED]), early, None)
    assert [each.name for each in choice.findings] == ["billing.scheme.not_yet"]


BANDS = {"scheme": "dk-trial-bands", "from": "2025-01-01"}


@pytest.mark.parametrize("tenure", ["almen", "privat", "andel", "ejer"])
def test_trial_without_meters_needs_a_permit_whoever_owns_the_homes(tenure: str) -> None:
    """The order's 40 % by meters cannot be contracted away, so a decision is not enough."""
    decided = choose(tenure, BANDS | {"decision": "the assembly of 2025"})
    assert decided.charged.id == "dk-metered"
    assert decided.beside is not None
    assert decided.beside.id == "dk-trial-bands"
    (finding,) = decided.findings
    assert finding.data["needed"] == "permit"
    permitted = choose(tenure, BANDS | {"permit": PERMIT})
    assert permitted.charged.id == "dk-trial-bands"
    assert permitted.ground is not None
    assert permitted.ground.reference == "J.nr. 2026-1"


def test_trial_counts_for_three_years_at_most() -> None:
    """The order in force 1 May 2017: a permit of ten years allows the first three."""
    long = PERMIT | {"from": "2022-01-01", "to": "2032-01-01"}
    january = choose("almen", CLIMATE | {"from": "2022-01-01", "permit": long})
    assert january.charged.id == "dk-metered"
    names = [finding.name for finding in january.findings]
    assert names == ["billing.scheme.permit_long", "billing.scheme.not_permitted"]
    house = building(
        tenure="almen", schemes=[CLIMATE | {"from": "2022-01-01", "permit": long}]
    )  # fmt: skip
    within = choose_scheme(house, Period.month("2024-12"), None)
    assert within.charged.id == "dk-climate"
    assert [finding.name for finding in within.findings] == ["billing.scheme.permit_long"]
    assert within.findings[0].data == {
        "from": "2022-01-01", "to": "2032-01-01", "counts_until": "2025-01-01",
    }  # fmt: skip
    exactly = PERMIT | {"from": "2024-01-01", "to": "2027-01-01"}
    assert choose("almen", CLIMATE | {"from": "2024-01-01", "permit": exactly}).findings == ()
