"""What may be corrected: a wrong split is, but a forgotten cost moves to the next year."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

from billing.law.table import law_of
from billing.ledger.model import Account
from billing.ledger.posting import differences
from estate.errors import UsageError
from estate.findings import Finding
from estate.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from billing.ledger.model import Posting, Run, RunFacts
    from billing.ledger.posting import Difference


@dataclass(frozen=True)
class Reason:
    """
    A row of ``reasons.yaml``.

    Attributes
    ----------
    remedy : str or None
        What is done instead of a correction; None if a run is corrected for this reason.
    """

    code: str
    meaning: str
    remedy: str | None = None


@cache
def reasons() -> Mapping[str, Reason]:
    """Read the table of reasons, by code."""
    text = resources.files("billing.ledger").joinpath("reasons.yaml").read_text("utf-8")
    return {code: Reason(code, **row) for code, row in yaml.safe_load(text).items()}


def checked_reason(code: str) -> Reason:
    """
    Return the reason with a code.

    Raises
    ------
    UsageError
        If there is none, or it is not a reason to correct a run.
    """
    reason = reasons().get(code)
    if reason is None:
        known = ", ".join(each.code for each in reasons().values() if not each.remedy)
        raise UsageError(f"there is no reason '{code}'; write one of {known}")
    if reason.remedy:
        raise UsageError(f"{code}: no run is corrected for it; {reason.remedy}")
    return reason


def correction_findings(
    facts: RunFacts, whole: Sequence[Posting], booked: Sequence[Posting]
) -> Iterator[Finding]:
    """
    Find what is doubtful in a correction.

    Items that cost more than in the run that it corrects, tenancies that have no part in it any
    more, and a correction that corrects nothing.

    Parameters
    ----------
    facts : RunFacts
        Of the correction.
    whole, booked : sequence of Posting
        Of the correction's whole bill, and of all runs before it in the chain.
    """
    law = law_of(facts.country, facts.period_start)
    now, before = _by_item(whole), _by_item(booked)
    for item in sorted(now):
        more_ore = now[item] - before.get(item, 0)
        if more_ore <= 0:
            continue
        moves = facts.tenure in law.words("forgotten_cost_moves")
        name = "ledger.correction.forgotten_cost" if moves else "ledger.correction.cost_added"
        message = (
            f"the correction of run {facts.corrects} divides {more_ore / 100:.2f} more of {item} "
            "than it; a cost that was forgotten is booked in the next year's costs.csv with kind "
            "carried_over"
        )
        yield Finding(name, message, {"item": item, "more_ore": more_ore})
    changes = differences(booked, whole)
    yield from _nothing_changed(facts, changes)
    yield from _dropped(facts, changes)


def _nothing_changed(facts: RunFacts, changes: Iterable[Difference]) -> Iterator[Finding]:
    if all(_is_as_before(each) for each in changes):
        message = (
            f"the correction of run {facts.corrects} changes no amount; check that what was wrong "
            "has been corrected in the installation, or allow it if only the wording of the "
            "statements changed"
        )
        yield Finding("ledger.correction.nothing", message, {"corrects": facts.corrects})


def _dropped(facts: RunFacts, changes: Iterable[Difference]) -> Iterator[Finding]:
    """Find tenancies of the corrected run that have no part in the correction."""
    for each in changes:
        if each.cost_before_ore and not each.cost_ore:
            message = (
                f"{each.tenancy} was billed {each.cost_before_ore / 100:.2f} by run "
                f"{facts.corrects} and has no part in its correction, which prints it no "
                "statement: write to it that the earlier one no longer counts"
            )
            data = {"tenancy": each.tenancy, "cost_before_ore": each.cost_before_ore}
            yield Finding("ledger.correction.dropped", message, data)


def _is_as_before(each: Difference) -> bool:
    return (each.cost_ore, each.balance_ore) == (each.cost_before_ore, each.balance_before_ore)


def overlap_findings(facts: RunFacts, runs: Iterable[Run]) -> Iterator[Finding]:
    """Find runs of another period that settled some of the same days."""
    period = Period(facts.period_start, facts.period_end)
    for run in runs:
        other = Period(run.facts.period_start, run.facts.period_end)
        if run.facts.corrects is None and period.overlap(other.start, other.end):
            message = (
                f"{facts.building} {period} has days of {other}, which run {run.number} settled; "
                "bill the days after it, or correct that run"
            )
            data = {"run": run.number, "period": str(other)}
            yield Finding("ledger.period.overlaps", message, data)


def _by_item(postings: Iterable[Posting]) -> Mapping[str, int]:
    sums: Counter[str] = Counter()
    for posting in postings:
        if posting.credit is Account.COST:
            sums[posting.item] += posting.amount_ore
        elif posting.debit is Account.COST:
            sums[posting.item] -= posting.amount_ore
    return sums
