"""How the commands of the ledger speak of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from fairvarme.output import echo_json, money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.ledger.model import Run, RunFacts
    from billing.ledger.states import Standing
    from operations.ledger.runs import Shown


def echo_approval(run: Run) -> None:
    """Report which run a bill became."""
    click.echo(f"run {run.number}: {line(run.facts)}, approved by {run.approved_by}")


def told_of(run: Run) -> dict[str, Any]:
    """Return what an approval tells, JSON-able."""
    return {"run": run.number, "digest": run.digest, **facts_of(run.facts)}


def echo_standing(
    run: int, standing: Standing, as_json: bool, tenancies: Sequence[str] = ()
) -> None:
    """Report where a run stands now, and the statements that a step was about."""
    if as_json:
        echo_json({"run": run, **standing_of(standing)})
        return
    click.echo(f"run {run}: {standing.state}")
    for tenancy in tenancies:
        click.echo(f"  statement of {tenancy}: {standing.statements[tenancy]}")


def line(facts: RunFacts) -> str:
    """Describe a run in one line."""
    what = f"{facts.building} {facts.period_start}/{facts.period_end}"
    corrects = f", corrects run {facts.corrects} ({facts.reason})" if facts.corrects else ""
    return f"{what}: {money(facts.total_ore)} by {facts.scheme}{corrects}"


def facts_of(facts: RunFacts) -> dict[str, Any]:
    """Return what is told of a run, JSON-able."""
    return {name: _plain(value) for name, value in vars(facts).items()}


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, int) else str(value)


def run_of(run: Run, standing: Standing) -> dict[str, Any]:
    """Return a run and where it stands, JSON-able."""
    told = {"run": run.number, "first": run.first, "approved_by": run.approved_by}
    return {
        **told, "approved_ms": run.approved_ms, "digest": run.digest, **facts_of(run.facts),
        **standing_of(standing),
    }  # fmt: skip


def standing_of(standing: Standing) -> dict[str, Any]:
    """Return where a run and its statements stand, JSON-able."""
    served = {tenancy: str(day) for tenancy, day in standing.served.items()}
    return {"state": standing.state, "statements": dict(standing.statements), "served": served}


def shown_of(shown: Shown) -> dict[str, Any]:
    """Return all about a run, JSON-able."""
    steps = [{name: _plain(value) for name, value in vars(each).items()} for each in shown.changes]
    return {
        **run_of(shown.run, shown.standing),
        "objections_until": _plain(shown.objections_until),
        "steps": steps,
        "differences": [each._asdict() for each in shown.differences],
        "documents": dict(shown.documents),
    }
