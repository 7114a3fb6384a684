"""The bill of a month, for its report: information, also where the supplier has sent no bill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from billing.compute import compute_bill, without_costs
from billing.costs.priced import Account, Priced, priced_costs, without_longer
from billing.costs.tariffs import tariff_costs
from billing.law.choice import choose_scheme
from billing.measured.gather import gather
from estate.errors import DataError
from operations.ledger.recompute import kept_inputs

if TYPE_CHECKING:
    from collections.abc import Collection

    from billing.bill.bill import Bill
    from billing.ledger.store import Ledger
    from estate.findings import Finding
    from estate.model import Estate
    from estate.periods import Period
    from telemetry.series.home_climate import HomeClimate
    from telemetry.stores.store import SampleSource


@dataclass(frozen=True)
class MonthBill:
    """
    What a month cost, as far as it is known.

    Attributes
    ----------
    bill : Bill
        Without rows where no cost is known, or the data allows no split.
    priced_by : Period, date or None
        Source of the prices of estimates: the account of a period, or else the
        supplier's tariff from a day on.
    """

    bill: Bill
    priced_by: Period | date | None = None


def last_account(ledger: Ledger, building: str, before: date) -> Account | None:
    """
    Return the newest account in the ledger that was over by a day; None if there is none.

    Raises
    ------
    DataError
        If what the ledger keeps of it cannot be used.
    """
    over = [run for run in ledger.runs(building) if run.facts.period_end <= before]
    if not over:
        return None
    asked, evidence = kept_inputs(
        ledger, max(over, key=lambda run: (run.facts.period_end, run.number))
    )
    return Account(asked.costs, evidence)


def month_bill(
    estate: Estate,
    source: SampleSource,
    period: Period,
    account: Account | None,
    climate: HomeClimate | None = None,
) -> MonthBill:
    """
    Split a month's cost: the supplier's bills, otherwise an estimate, otherwise nothing.

    An item without a bill is estimated by the supplier's tariff, otherwise by an account; if it
    has only a bill for more days than the month, such as a year's, no amount is stated.

    Parameters
    ----------
    estate : Estate
    source : SampleSource
    period : Period
    account : Account or None
        The account whose prices are used to estimate missing bills.
    climate : HomeClimate, optional
        Of the period, if already read.

    Raises
    ------
    DataError
        If the building has no scheme for the period.
    StoreUnavailable
    """
    evidence = gather(estate, source, period, climate=climate)
    scheme = choose_scheme(estate.building, period, None).charged
    by_tariff = tariff_costs(evidence, estate.costs, scheme)
    priced = (
        priced_costs(evidence, by_tariff.costs, scheme, account)
        if account
        else Priced(by_tariff.costs)
    )
    estimates = (*by_tariff.findings, *priced.findings)
    known = without_longer(evidence, priced.costs)
    findings = (*estimates, *known.findings)
    try:
        bill = compute_bill(evidence, known.costs, aconto=estate.aconto)
    except DataError as error:
        # The homes' climate and use are known even so.
        return MonthBill(without_costs(evidence, (*known.findings, *error.findings)))
    estimated = {each.data["item"] for each in estimates}
    told = (each for each in bill.findings if not _is_said(each, estimated))
    bill = bill.replace(findings=(*findings, *told))
    if account and priced.findings:
        return MonthBill(bill, account.period)
    days = (date.fromisoformat(each.data["tariff"]) for each in by_tariff.findings)
    return MonthBill(bill, max(days, default=None))


def _is_said(finding: Finding, estimated: Collection[object]) -> bool:
    """Whether it only repeats what is said of the estimate: an estimated cost is in no file."""
    return finding.name == "billing.costs.provisional" and finding.data.get("item") in estimated
