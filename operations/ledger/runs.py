"""What happens to approved runs: listing, serving, objections, answers, closing, verifying."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.law.table import law_of
from billing.ledger.model import NOTHING, Channel, State, StateChange
from billing.ledger.posting import differences
from billing.ledger.store import Ledger
from billing.ledger.verify import verify
from operations.clock import now_ms
from operations.wiring import opened_database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from billing.ledger.model import Run
    from billing.ledger.posting import Difference
    from billing.ledger.states import Standing
    from billing.ledger.store import Draft
    from billing.ledger.verify import Verified
    from operations.settings import Settings


@dataclass(frozen=True)
class Listed:
    """
    The drafts and runs of the ledger.

    Attributes
    ----------
    runs : sequence of (Run, Standing)
        In the order of their approval.
    """

    drafts: Sequence[Draft]
    runs: Sequence[tuple[Run, Standing]]


@dataclass(frozen=True)
class Shown:
    """
    Everything about one run.

    Attributes
    ----------
    changes : sequence of StateChange
        Its steps, in their order.
    differences : sequence of Difference
        From the run that it corrects; empty if it corrects none.
    documents : mapping of str to str
        SHA-256 of what is kept, by name.
    objections_until : date or None
        Last day on which a resident may object; None until all statements are served.
    """

    run: Run
    standing: Standing
    changes: Sequence[StateChange]
    differences: Sequence[Difference]
    documents: Mapping[str, str]
    objections_until: date | None


def list_runs(settings: Settings, building: str | None = None) -> Listed:
    """List drafts and runs, of one building or of all."""
    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        drafts = [each for each in ledger.drafts() if building in (None, each.facts.building)]
        return Listed(drafts, [(run, ledger.standing(run)) for run in ledger.runs(building)])


def show_run(settings: Settings, number: int) -> Shown:
    """Show everything about a run; raises `UsageError` if there is none."""
    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        run = ledger.run(number)
        standing = ledger.standing(run)
        before = (
            [] if run.facts.corrects is None else ledger.postings(ledger.run(run.facts.corrects))
        )
        law = law_of(run.facts.country, run.facts.period_start)
        return Shown(
            run,
            standing,
            ledger.changes(run),
            differences(before, ledger.postings(run)) if before else (),
            ledger.document_names(run),
            standing.objections_until(law),
        )


def serve(
    settings: Settings, number: int, day: date, channel: Channel, tenancies: Sequence[str], by: str
) -> Standing:
    """
    Record that statements were served: those of some tenancies, or all not yet served.

    Raises
    ------
    UsageError
        If one of them cannot be served now.
    """
    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        now = ledger.standing(ledger.run(number))
        waiting = [name for name, state in now.statements.items() if state is State.APPROVED]
        steps = [
            StateChange(number, State.SERVED, day, tenancy, channel)
            for tenancy in tenancies or waiting
        ]
        return ledger.change(steps, by, now_ms()) if steps else now


def step(
    settings: Settings,
    number: int,
    state: State,
    day: date,
    by: str,
    tenancy: str = NOTHING,
    note: str = "",
) -> Standing:
    """Record what happened to one statement, or to the whole run; raises as `Ledger.change`."""
    with opened_database(settings) as engine:
        change = StateChange(number, state, day, tenancy, note=note)
        return Ledger(engine).change([change], by, now_ms())


def verify_ledger(
    settings: Settings,
    digests: Sequence[str] = (),
    on_progress: Callable[[int, int], None] | None = None,
) -> Verified:
    """Check that the ledger is as it was written, and still has the entries with some digests."""
    with opened_database(settings) as engine:
        return verify(engine, digests, on_progress)
