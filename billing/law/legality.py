"""All legal checks of a bill: findings, deadline, and tenants' reductions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.law.co2.split import co2_findings
from billing.law.days import (
    claims_until,
    correction_findings,
    day_findings,
    is_accounting_year,
    is_interim,
    is_late,
    statement_deadline,
)
from billing.law.meters import meter_findings
from billing.law.reductions import reduction_findings, with_reductions
from billing.law.shares import operation_findings, share_findings
from billing.law.statement_fields import statement_findings
from billing.schemes import base_of
from billing.shown import percent
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from billing.bill.bill import Bill
    from billing.bill.costs import CostLine
    from billing.law.choice import Choice
    from billing.law.table import Law
    from billing.schemes import Scheme
    from estate.model import Building, Estate
    from estate.periods import Period

WITHOUT_POSITION = "heat_units"
"""The key that does not correct for an exposed position..."""
AGREED = "shares"
"""...unless the fixed shares next to it do."""


def law_findings(
    estate: Estate,
    period: Period,
    choice: Choice,
    lines: Sequence[CostLine],
    amounts: Mapping[str, int],
    issued: date | None,
) -> list[Finding]:
    """
    Check one bill against the law of its scheme's country; no checks without a country.

    Parameters
    ----------
    estate : Estate
    period : Period
    choice : Choice
    lines : sequence of CostLine
    amounts : mapping of str to int
        Split amounts by item. [øre]
    issued : date or None
        Day on which the statements are, or were first, made; None: lateness is not checked.
    """
    scheme, law, facts = choice.charged, choice.law, estate.building.facts
    shares = [] if choice.exempt else share_findings(scheme, amounts, law, facts)
    return [
        *shares,
        *operation_findings(scheme, lines, law),
        *_position(scheme, amounts, law, priced_in=facts.position_priced_in),
        *_few_flats(estate, law),
        *_ceiling(scheme, law),
        *co2_findings(lines, facts, law),
        *_information(estate.building, lines, law),
        *day_findings(period, lines, law, issued, estate.building),
        *meter_findings(estate, period, scheme, list(amounts), law),
    ]


def _position(
    scheme: Scheme, amounts: Mapping[str, int], law: Law, *, priced_in: bool
) -> Iterator[Finding]:
    if priced_in or not law.wants("position_correction"):
        return
    for item in amounts:
        keys = {base_of(each.key) for each in scheme.items.get(item, ())}
        if WITHOUT_POSITION in keys and AGREED not in keys:
            message = (
                f"{scheme.id} splits {item} by meters without correcting for an exposed position, "
                f"as required by the law of {law.country} ({law.source('position_correction')}). "
                "Use heat_units_position, or shares that include it, or set position_priced_in "
                "under facts in building.yaml"
            )
            data = {"scheme": scheme.id, "item": item, "key": WITHOUT_POSITION}
            yield Finding("billing.law.position", message, data)


def _information(building: Building, lines: Sequence[CostLine], law: Law) -> Iterator[Finding]:
    """Return findings on costs of monthly information that may not be charged here."""
    tenures = law.words("information_cost")
    for line in lines:
        if line.kind == "information" and building.tenure not in tenures:
            only = f", under {', '.join(tenures)} only" if tenures else ""
            message = (
                f"costs.csv: the cost of monthly information of {line.item} from {line.start} may "
                f"not be charged under {building.tenure}{only}; leave it out"
            )
            data = {"file": "costs.csv", "item": line.item, "tenure": building.tenure}
            yield Finding("billing.law.information_cost", message, data)


def _few_flats(estate: Estate, law: Law) -> Iterator[Finding]:
    least, flats = law.number("flats_least"), len(estate.flats)
    if least is not None and flats < least:
        message = (
            f"flats.csv has {flats} flats; the law of {law.country} applies to {least:g} or more "
            f"({law.source('flats_least')}); make sure that the parties have agreed to the scheme"
        )
        yield Finding("billing.law.few_flats", message, {"flats": flats, "least": least})


def _ceiling(scheme: Scheme, law: Law) -> Iterator[Finding]:
    most, own = law.number("estimated_area_most"), scheme.estimated_area_ceiling
    if most is not None and own is not None and own > most:
        message = (
            f"{scheme.id} allows {percent(own)} of the area to be estimated; the law of "
            f"{law.country} allows {percent(most)} ({law.source('estimated_area_most')}). Lower "
            "estimated_area_ceiling"
        )
        data = {"scheme": scheme.id, "ceiling": own, "most": most}
        yield Finding("billing.law.estimate_ceiling", message, data)


def with_first_deadline(bill: Bill, deadline: date | None) -> Bill:
    """Judge a correction by the deadline of the bill that it corrects, whatever came since."""
    return bill.replace(deadline=deadline, late=is_late(deadline, bill.judged))


def with_law(bill: Bill, estate: Estate, law: Law) -> Bill:
    """Add to a bill its deadline, lateness, and the tenants' reductions."""
    days = bill.period, bill.costs, law, estate.building.facts.fuel
    lost = claims_until(*days)
    statements = with_reductions(estate, bill.period, law, bill.findings, bill.statements)
    found = [*reduction_findings(statements)]
    if is_accounting_year(bill.period, law):
        found += statement_findings(bill, estate.building, law)
    found += correction_findings(bill, lost)
    return bill.replace(
        statements=statements,
        findings=(*bill.findings, *found),
        deadline=statement_deadline(*days),
        late=is_late(lost, bill.judged),
        interim=is_interim(bill.period, law),
    )
