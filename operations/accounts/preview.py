"""A bill before approval: made as a draft, and compared with last year's."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from billing.ledger.correction import checked_reason
from billing.ledger.model import STATEMENTS
from billing.ledger.store import Ledger
from billing.measured.spans import a_year_before
from estate.errors import DataError, StoreUnavailable
from estate.periods import Period
from operations.ledger.approval import check_next, correction_of
from operations.ledger.documents import FINDINGS, RUN, BillDocuments, documents_of
from operations.portfolio.run import Wanted, bill_buildings
from operations.portfolio.task import Keep
from operations.wiring import opened_database

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from billing.bill.documents import StatementDocument
    from billing.ledger.model import Run
    from billing.ledger.store import Draft
    from operations.settings import Settings


@dataclass(frozen=True)
class Asked:
    """
    An accountant's request for a bill.

    Attributes
    ----------
    allowed : tuple of str
        Names of findings that are not to stop it.
    corrects : int or None
        The run that it replaces.
    reason : str
        Code from ``reasons.yaml``; empty if nothing is corrected.
    issued : date or None
        Default: today.
    """

    building: str
    period: Period
    allowed: tuple[str, ...] = ()
    corrects: int | None = None
    reason: str = ""
    issued: date | None = None


@dataclass(frozen=True)
class HomeChange:
    """
    What a home costs now and what it cost a year before.

    Attributes
    ----------
    tenancy : str
        Of now.
    same : bool
        Whether the same tenancy had the home then.
    before_ore : int or None
        Of the home, whoever lived there; None if it was not billed. [øre]
    """

    flat: str
    tenancy: str
    resident: bool
    same: bool
    now_ore: int
    before_ore: int | None

    @property
    def change(self) -> float | None:
        """The relative change; None if the year before is unknown. [1]"""
        return self.now_ore / self.before_ore - 1 if self.before_ore else None


@dataclass(frozen=True)
class AmountChange:
    """An item's amount, or a quantity's use, now and a year before; None: not known then."""

    name: str
    now: float
    before: float | None


@dataclass(frozen=True)
class Preview:
    """
    A draft, and a summary of it.

    Attributes
    ----------
    before : Run or None
        The newest run for the same days a year before.
    homes : list of HomeChange
        Those with the largest change first.
    items : list of AmountChange
        [øre]
    uses : list of AmountChange
        By quantity of the homes' meters. [the quantity's unit]
    """

    draft: Draft
    documents: BillDocuments
    before: Run | None
    homes: list[HomeChange]
    items: list[AmountChange]
    uses: list[AmountChange]


def make_draft(settings: Settings, asked: Asked, by: str) -> int:
    """
    Compute a bill from estate and store, and keep it as a draft.

    Raises
    ------
    DataError
        With the findings that do not allow a bill.
    UsageError
        If there is no such building or run, or the period is already approved.
    StoreUnavailable
    """
    correction = None
    if asked.corrects is not None:
        reason = checked_reason(asked.reason).code
        correction = correction_of(settings, asked.corrects, reason)
    # Checked here too: within a batch it would be a failure of one building, not a refusal.
    check_next(settings, asked.building, asked.period, correction)
    keep = Keep(by, approve=False, correction=correction)
    with TemporaryDirectory() as name:
        wanted = Wanted(
            settings, str(asked.period), Path(name), allowed=asked.allowed, issued=asked.issued,
            keep=keep,
        )  # fmt: skip
        (outcome,) = bill_buildings(wanted, [asked.building])
    if outcome.state == "refused":
        raise DataError(outcome.findings)
    if outcome.number is None:
        raise StoreUnavailable(f"the bill of {asked.building}", outcome.message)
    return outcome.number


def preview(settings: Settings, number: int) -> Preview:
    """
    Compare a draft with the run for the same days a year before.

    Raises
    ------
    UsageError
        If there is no such draft.
    """
    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        draft, contents = ledger.read_draft(number)
        documents = documents_of(contents)
        before = _year_before(ledger, draft)
        then: Sequence[StatementDocument] = ()
        if before is not None:
            kept = ledger.documents(before, STATEMENTS, RUN, FINDINGS)
            then = documents_of(kept).statements.statements
    now = documents.statements.statements
    return Preview(
        draft,
        documents,
        before,
        home_changes(now, then),
        _amounts(_by_item(now), _by_item(then)),
        _amounts(_by_quantity(now), _by_quantity(then)),
    )


def home_changes(
    now: Iterable[StatementDocument], before: Iterable[StatementDocument]
) -> list[HomeChange]:
    """Compare statements home by home, those with the largest change first. Pure."""
    then: dict[str, int] = defaultdict(int)
    held: set[tuple[str, str]] = set()
    for each in before:
        then[each.flat] += each.total_ore
        held.add((each.flat, each.tenancy))
    found = [
        HomeChange(
            each.flat, each.tenancy, each.resident, (each.flat, each.tenancy) in held,
            each.total_ore, then.get(each.flat),
        )
        for each in now
    ]  # fmt: skip
    return sorted(found, key=lambda each: (-abs(each.change or 0.0), each.flat, each.tenancy))


def _year_before(ledger: Ledger, draft: Draft) -> Run | None:
    facts = draft.facts
    days = a_year_before(Period(facts.period_start, facts.period_end))
    same = [
        run
        for run in ledger.runs(facts.building)
        if Period(run.facts.period_start, run.facts.period_end) == days
    ]
    return max(same, key=lambda run: run.number, default=None)


def _by_item(statements: Iterable[StatementDocument]) -> Mapping[str, float]:
    found: dict[str, float] = defaultdict(float)
    for each in statements:
        for share in each.components:
            found[share.item] += share.amount_ore
    return found


def _by_quantity(statements: Iterable[StatementDocument]) -> Mapping[str, float]:
    found: dict[str, float] = defaultdict(float)
    for each in statements:
        for register in each.registers:
            found[register.quantity] += register.use if np.isfinite(register.use) else 0.0
    return found


def _amounts(now: Mapping[str, float], before: Mapping[str, float]) -> list[AmountChange]:
    return [AmountChange(name, now.get(name, 0.0), before.get(name)) for name in sorted(now)]
