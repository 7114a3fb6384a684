"""
The proof of one amount of an approved run: from the item to registers and daily sums.

It is read entirely from what the ledger keeps: no store, no hourly climate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from billing.bill.documents import ClimateShare
from billing.ledger.store import Ledger
from billing.measured.climate.weights import ClimateKey
from billing.schemes import METERS
from estate.devices import REGISTER_OF
from estate.errors import UsageError
from operations.ledger.documents import read_documents
from operations.ledger.recompute import kept_inputs
from operations.wiring import opened_database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from billing.bill.bill import RegisterUse
    from billing.bill.documents import StatementDocument, StatementShare
    from billing.measured.evidence import Evidence
    from operations.settings import Settings


class HomePart(NamedTuple):
    """One tenancy's part of the component, so that all of them can be added up. [øre]"""

    flat: str
    tenancy: str
    weight: float
    amount_ore: int


class DaySum(NamedTuple):
    """
    A home's sum of a local day under a climate key.

    Attributes
    ----------
    weight : float
        [the key's unit]
    measured_hours : int
        Of the day's hours; the rest was estimated. [h]
    """

    day: date
    weight: float
    measured_hours: int


@dataclass(frozen=True)
class Proof:
    """
    How an amount was computed.

    Attributes
    ----------
    share : StatementShare
        The row of the bill: its weight, the sum of weights, the amount of the component.
    item_ore : int
        Of the whole item. [øre]
    exact_ore : Fraction
        The quotient before rounding to whole øre. [øre]
    parts : list of HomePart
        Every tenancy's part; they add up to the amount of the component.
    registers : list of RegisterUse
        The meters that the weight is read from; none if it does not come from meters.
    days : list of DaySum
        For a climate key; they add up to the weight before any position factor.
    """

    statement: StatementDocument
    share: StatementShare
    item_ore: int
    exact_ore: Fraction
    parts: list[HomePart]
    registers: list[RegisterUse]
    days: list[DaySum]


def proof(settings: Settings, number: int, tenancy: str, item: str, component: str) -> Proof:
    """
    Prove one amount of a run.

    Raises
    ------
    UsageError
        If there is no such run or amount.
    DataError
        If the ledger has no evidence of it.
    """
    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        run = ledger.run(number)
        documents = read_documents(ledger, run)
        _, evidence = kept_inputs(ledger, run)
    found = proof_of(documents.statements.statements, evidence, tenancy, item, component)
    if found is None:
        raise UsageError(
            f"run {number} has no amount {item} {component} of {tenancy}; its bill.csv lists them"
        )
    return found


def proof_of(
    statements: Sequence[StatementDocument],
    evidence: Evidence,
    tenancy: str,
    item: str,
    component: str,
) -> Proof | None:
    """Prove one amount of some statements by their evidence; None if there is none such. Pure."""
    rows = [(one, each) for one in statements for each in one.components if each.item == item]
    parts = [pair for pair in rows if pair[1].component == component]
    own = next((pair for pair in parts if pair[0].tenancy == tenancy), None)
    if own is None:
        return None
    statement, share = own
    return Proof(
        statement=statement,
        share=share,
        item_ore=sum(each.amount_ore for _, each in rows),
        exact_ore=_exact(share),
        parts=[
            HomePart(one.flat, one.tenancy, each.weight, each.amount_ore) for one, each in parts
        ],
        registers=_registers(statement, share),
        days=list(_days(evidence, statement, share)),
    )


def _exact(share: StatementShare) -> Fraction:
    total = Fraction(str(share.weight_total))
    return share.component_ore * Fraction(str(share.weight)) / total if total else Fraction(0)


def _registers(statement: StatementDocument, share: StatementShare) -> list[RegisterUse]:
    quantities = {REGISTER_OF[kind] for kind in METERS.get(share.key, ())}
    return [each for each in statement.registers if each.quantity in quantities]


def _days(
    evidence: Evidence, statement: StatementDocument, share: StatementShare
) -> Iterator[DaySum]:
    """Yield the statement's days for a climate key; none for other keys."""
    if not isinstance(share, ClimateShare):
        return
    row, first = evidence.estate.flat_index[statement.flat], evidence.period.start
    measured = evidence.climate.hours.measured[row]
    for key, weights in evidence.climate.weights.items():
        if _is_of(key, share):
            start, end = (statement.start - first).days, (statement.end - first).days
            for number in range(start, end):
                yield DaySum(
                    first + timedelta(days=number),
                    float(weights.by_day[row, number]),
                    int(measured[number]),
                )
            return


def _is_of(key: ClimateKey, share: ClimateShare) -> bool:
    told = (share.key, share.season, share.floor_c, share.base_c)
    return (key.key, key.season, key.floor_c, key.base_c) == told
