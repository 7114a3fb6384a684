"""Whether the estate still says what a draft was computed from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.costs.lines import costs_of
from billing.ledger.asked import Asked
from billing.measured.evidence_file import read_evidence
from billing.statement.aconto import credited_ore
from estate.errors import UsageError
from estate.findings import Finding
from estate.periods import Period
from operations.ledger.documents import ASKED, EVIDENCE
from operations.wiring import opened_estates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from billing.ledger.store import Draft
    from estate.model import Device, Estate, Tenancy
    from operations.settings import Settings


def draft_findings(
    settings: Settings, draft: Draft, documents: Mapping[str, bytes]
) -> list[Finding]:
    """
    Find the tables of an estate that were changed in a draft's period since it was made.

    Parameters
    ----------
    settings : Settings
        Where the estates are; a building that is not among them is not compared.
    draft : Draft
    documents : mapping of str to bytes
        Of the draft.

    Raises
    ------
    DataError
        If the estate is not in order.
    """
    building = draft.facts.building
    try:
        with opened_estates(settings) as estates:
            now = estates.read(building)
    except UsageError:
        return []
    asked = Asked.from_bytes(documents[ASKED])
    billed = read_evidence(documents[EVIDENCE]).estate
    billed = replace(billed, costs=asked.costs, aconto=asked.aconto)
    period = Period(draft.facts.period_start, draft.facts.period_end)
    before, after = dict(_tables(billed, period)), dict(_tables(now, period))
    changed = [name for name, rows in before.items() if rows != after[name]]
    if not changed:
        return []
    message = (
        f"{', '.join(changed)} of {building} changed after draft {draft.number} was made; bill "
        f"{period} again, or allow it to approve the draft as it is"
    )
    return [Finding("ledger.draft.outdated", message, {"draft": draft.number, "files": changed})]


def _tables(estate: Estate, period: Period) -> Iterator[tuple[str, object]]:
    """Return what counts in a period, by file: a later move, meter or charge does not."""
    building = estate.building
    yield "building.yaml", (building.schemes, building.facts, building.tenure)
    yield "flats.csv", estate.flats
    yield "neighbours.csv", estate.neighbours
    yield (
        "tenancies.csv",
        [
            (each.tenancy, each.flat, *_days(each, period))
            for each in estate.tenancies
            if period.overlap(each.start, each.end)
        ],
    )
    yield (
        "devices.csv",
        [
            (each.device, each.kind, each.flat, each.factor, *_days(each, period),
             each.start_register, each.end_register)
            for each in estate.devices
            if period.overlap(each.start, each.end)
        ],
    )  # fmt: skip
    yield "costs.csv", costs_of(estate, period).lines
    yield "aconto.csv", credited_ore(estate, period)


def _days(row: Tenancy | Device, period: Period) -> tuple[date, date]:
    return row.start, min(row.end or period.end, period.end)
