"""Statutory reductions that a tenant may claim; they are never deducted automatically."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.bill.bill import Reduction
from billing.law.meters import not_remote
from billing.money import MICRO, micro, split
from billing.schemes import METERS
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from billing.bill.bill import Statement
    from billing.law.table import Law
    from estate.model import Estate
    from estate.periods import Period

NOT_BY_USE = frozenset(
    {
        "billing.law.metered_fraction",
        "billing.law.metered_whole",
        "billing.law.metered_fraction_exact",
    }
)
"""Findings that, if allowed, mean that heat is not charged by use."""

METER_KINDS = frozenset(kind for kinds in METERS.values() for kind in kinds)


def with_reductions(
    estate: Estate,
    period: Period,
    law: Law,
    findings: Iterable[Finding],
    statements: Sequence[Statement],
) -> tuple[Statement, ...]:
    """
    Add to each resident's statement the reductions that its tenant may claim.

    Parameters
    ----------
    estate : Estate
    period : Period
    law : Law
    findings : iterable of Finding
        Findings of the bill.
    statements : sequence of Statement
    """
    findings = tuple(findings)
    names = {each.name for each in findings}
    unmetered = {each.data["item"] for each in findings if each.name == "billing.law.unmetered"}
    everybody = {
        "reduction_no_information": "billing.law.monthly_information" in names,
        "reduction_no_co2": "billing.law.co2_untold" in names,
    }
    here = [each for each in estate.devices if period.overlap(each.start, each.end)]
    meters = [each for each in here if each.kind in METER_KINDS]
    by_hand = {each.data["flat"] for each in not_remote(meters, period, law)}

    def claims(statement: Statement) -> tuple[Reduction, ...]:
        reasons = everybody | {"reduction_not_remote": statement.flat in by_hand}
        by_fixed_keys = [row.amount_ore for row in statement.rows if row.item in unmetered]
        not_by_use = statement.total_ore if names & NOT_BY_USE else sum(by_fixed_keys)
        amounts = {"reduction_not_by_use": not_by_use} if not_by_use else {}
        amounts |= {rule: statement.total_ore for rule, holds in reasons.items() if holds}
        return tuple(
            _reduction(rule, law, ore) for rule, ore in amounts.items() if rule in law.rules
        )

    return tuple(
        each.replace(reductions=claims(each)) if each.resident else each for each in statements
    )


def _reduction(rule: str, law: Law, total_ore: int) -> Reduction:
    fraction = law.number(rule) or 0.0
    part = micro(fraction)
    amount_ore, _ = split(max(total_ore, 0), [part, MICRO - part])
    return Reduction(rule=rule, fraction=fraction, amount_ore=amount_ore, source=law.source(rule))


def reduction_findings(statements: Sequence[Statement]) -> list[Finding]:
    """Return one finding per rule with the number of tenants and the total."""
    found = []
    rules = sorted({each.rule for statement in statements for each in statement.reductions})
    for rule in rules:
        claims = [each for st in statements for each in st.reductions if each.rule == rule]
        total_ore = sum(each.amount_ore for each in claims)
        message = (
            f"{len(claims)} tenants may deduct {claims[0].fraction:.0%} of their amounts, "
            f"{total_ore / 100:.2f} in all ({claims[0].source}); correct the "
            "cause before the next bill"
        )
        data = {"rule": rule, "tenants": len(claims), "amount_ore": total_ore}
        found.append(Finding("billing.law.reduction", message, data))
    return found
