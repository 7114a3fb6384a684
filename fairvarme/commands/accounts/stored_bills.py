"""``fairvarme bill BUILDING...``: bills from the estates and the store of the settings."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from estate.errors import UsageError
from fairvarme.output import echo_json, money, progress_bars, progress_on

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from fairvarme.commands.ledger.keeping import Keeping
    from operations.portfolio.run import Wanted
    from operations.portfolio.task import Outcome

SHOWN_FINDINGS = 5
"""Of each building, on the screen; all of them stand in its findings.json."""


@dataclass(frozen=True)
class StoredBills:
    """What the options ask for beside the buildings."""

    config: Path | None
    period: str
    directory: Path | None
    scheme: str | None
    allowed: tuple[str, ...]
    issued: date | None
    statements: bool
    dry_run: bool
    jobs: int | None
    dask: str | None
    resume: bool


def bill_stored(
    buildings: tuple[str, ...], asked: StoredBills, kept: Keeping, *, as_json: bool
) -> None:
    """Bill buildings, say what became of each, and exit with 1 where one has no bill."""
    from operations.portfolio.run import bill_buildings, write_summary

    _refuse_contradictions(buildings, asked, kept)
    wanted = _wanted(asked, kept)
    with progress_bars(hidden=as_json) as bars:
        outcomes = bill_buildings(
            wanted,
            buildings,
            jobs=asked.jobs or os.cpu_count() or 1,
            dask=asked.dask,
            resume=asked.resume,
            on_done=progress_on(bars, "buildings"),
        )
    # Told first: where the disk is full, who waits learns what is done.
    _show(outcomes, approved=kept.approve, as_json=as_json)
    if asked.directory is not None:
        path = write_summary(asked.directory, outcomes)
        if not as_json:
            click.echo(f"see {path}")
    if any(each.state in ("refused", "failed") for each in outcomes):
        sys.exit(1)


def _refuse_contradictions(buildings: tuple[str, ...], asked: StoredBills, kept: Keeping) -> None:
    if (asked.directory is None) != asked.dry_run:
        raise UsageError("write --out DIR for the bills, or --dry-run to see what they would be")
    if asked.dry_run and kept.settings is not None:
        raise UsageError("--dry-run keeps nothing: leave out --draft and --approve")
    if kept.correction is not None and len(buildings) != 1:
        raise UsageError("a correction is of one building: name it")


def _wanted(asked: StoredBills, kept: Keeping) -> Wanted:
    from operations.portfolio.run import Wanted
    from operations.portfolio.task import Keep
    from operations.settings import read_settings

    return Wanted(
        settings=read_settings(asked.config),
        period=asked.period,
        directory=asked.directory,
        scheme=asked.scheme,
        allowed=asked.allowed,
        issued=asked.issued,
        statements=asked.statements,
        keep=Keep(kept.by, kept.approve, kept.correction) if kept.settings else None,
    )


def _show(outcomes: list[Outcome], *, approved: bool, as_json: bool) -> None:
    if as_json:
        echo_json({"buildings": [_as_dict(each) for each in outcomes]})
        return
    for outcome in outcomes:
        for finding in outcome.findings[:SHOWN_FINDINGS]:
            click.echo(f"{outcome.building}: {finding.message}", err=True)
        more = len(outcome.findings) - SHOWN_FINDINGS
        if more > 0:
            click.echo(f"{outcome.building}: {more} more findings in its findings.json", err=True)
        click.echo(_line(outcome, approved=approved))


def _line(outcome: Outcome, *, approved: bool) -> str:
    kept = "" if outcome.number is None else f", {'run' if approved else 'draft'} {outcome.number}"
    if outcome.state == "billed" and outcome.total_ore is not None:
        total = money(outcome.total_ore)
        return f"{outcome.building}: {total} over {outcome.statements} statements{kept}"
    words = {"left": "done before, left as it is", "refused": "no bill, see its findings"}
    return f"{outcome.building}: {words.get(outcome.state, outcome.message)}{kept}"


def _as_dict(outcome: Outcome) -> dict[str, Any]:
    return {
        "building": outcome.building,
        "state": outcome.state,
        "total_ore": outcome.total_ore,
        "statements": outcome.statements,
        "number": outcome.number,
        "message": outcome.message,
        "findings": [finding.as_dict() for finding in outcome.findings],
    }
