"""Each shipped scheme on a small building whose amounts are worked out by hand."""

from __future__ import annotations

from datetime import date

from billing.batch import compute_bill
from billing.results import Bill
from estate.periods import Period
from tests.support.billing_estate import add_hourly, cost, device, estate, flat, tenancy
from tests.support.samples import HandMadeSource

TWO_DAYS = Period(date(2026, 2, 2), date(2026, 2, 4))
PERMIT = {"reference": "J.nr. 2026-1", "from": "2026-01-01", "to": "2027-01-01"}


def amounts(bill: Bill) -> dict[str, int]:
    return {statement.flat: statement.total_ore for statement in bill.statements}


def test_dk_trial_bands() -> None:
    """
    Share = A p / sum of A p, with p the mean colour weight: green 1, yellow 1.5, red 2.

    Flat 1 is green throughout: 50 x 1 = 50. Flat 2 is 12 hours yellow (24 °C) and 12 hours red
    (28 °C) of 48: 100 x (24 x 1 + 12 x 1.5 + 12 x 2) / 48 = 137.5. So 1,000.00 kroner become
    266.67 and 733.33.
    """
    own = estate(
        [flat("1", 50.0), flat("2", 100.0)], [tenancy("1a", "1"), tenancy("2a", "2")],
        [device("b1", "climate", "1"), device("b2", "climate", "2")],
        [cost(TWO_DAYS, "heat", 100_000)], tenure="almen",
        schemes=[{"scheme": "dk-trial-bands", "from": "2026-01-01", "permit": PERMIT}],
    )  # fmt: skip
    source, hours = HandMadeSource(), TWO_DAYS.hours(own.building.zone)
    add_hourly(source, "b1", "temperature_c", hours, [21.0] * 48)
    add_hourly(source, "b2", "temperature_c", hours, [21.0] * 24 + [24.0] * 12 + [28.0] * 12)
    bill = compute_bill(own, source, TWO_DAYS)
    assert bill.scheme == "dk-trial-bands"
    assert bill.ground is not None
    assert bill.ground.reference == "J.nr. 2026-1"
    assert amounts(bill) == {"1": 26_667, "2": 73_333}
