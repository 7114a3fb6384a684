"""The letter to people who have moved out: what they used, its cost, and what is left to pay."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from correspondence.address import language_of
from correspondence.catalogue import NO_BREAK, catalogue
from correspondence.contacts import QUESTION, contact_for
from correspondence.home_delivery import persons_of
from correspondence.phrases import contact_words, cut, known, period_words
from estate.periods import Period
from reports.letter.page import letter_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from billing.bill.bill import RegisterUse, Statement, UseMethod
    from correspondence.catalogue import Catalogue
    from estate.model import Building, Estate, Tenancy
    from reports.monthly.page import Page

READ: frozenset[UseMethod] = frozenset({"measured", "interpolated"})
"""Methods by which a register is known at both ends."""
DIGITS = 2


@dataclass(frozen=True)
class Settlement:
    """
    What a tenancy that has ended owes by an approved run. All amounts in øre.

    Attributes
    ----------
    statement : Statement
        Of the run.
    reference : str
        Payment reference.
    claimed_ore : int
        By the run; negative if it is to be repaid.
    paid_on_account_ore : int
        Booked as paid on account; 0 if another system receives the payments.
    left_ore : int
        What the tenancy owes in total, including later payments and other periods.
    """

    statement: Statement
    reference: str
    claimed_ore: int
    paid_on_account_ore: int
    left_ore: int


def settlement_page(estate: Estate, tenancy: Tenancy, settled: Settlement, day: date) -> Page:
    """
    Put the settlement of a past tenancy into a letter, in the resident's language.

    Parameters
    ----------
    estate : Estate
    tenancy : Tenancy
        One that has ended.
    settled : Settlement
    day : date
        Day of printing, which determines the address.

    Returns
    -------
    dict
        JSON-able; what ``templates/plain.typ`` reads.
    """
    building = estate.building
    words = catalogue(language_of(persons_of(estate, tenancy, day), building))
    parts = (
        _intro(estate, settled.statement, words),
        "\n".join(_registers(settled.statement, words)),
        "\n".join(_amounts(settled, building, words)),
        _payment(settled, words),
        words.say("settlement.address"),
        " ".join(
            (
                words.say("settlement.outro"),
                contact_words(contact_for(QUESTION, building.contacts), words, building.language),
            )
        ),
    )
    text = "\n\n".join(part for part in parts if part)
    return letter_page(estate, tenancy, words.say("settlement.subject"), text, day)


def _intro(estate: Estate, statement: Statement, words: Catalogue) -> str:
    flat = estate.flats[estate.flat_index[statement.flat]]
    days = period_words(Period(statement.start, statement.end), words)
    return words.say("settlement.intro", address=cut(flat.address), days=days)


def _registers(statement: Statement, words: Catalogue) -> Iterator[str]:
    if statement.registers:
        yield words.say("settlement.registers")
    for each in statement.registers:
        yield _register(each, words)


def _register(each: RegisterUse, words: Catalogue) -> str:
    told = {
        "name": known(f"register.{each.quantity}", each.quantity, words),
        "meter": each.serial or each.device,
        "unit": known(f"register.{each.quantity}.unit", each.unit, words),
    }
    if isnan(each.use):
        return words.say("settlement.register.unknown", **told)
    use = words.plain_number(round(each.use, DIGITS))
    if each.method not in READ:
        return words.say("settlement.register.estimated", **told, use=use)
    start, end = (
        words.plain_number(round(value, DIGITS))
        for value in (each.start_register, each.end_register)
    )
    return words.say("settlement.register.read", **told, use=use, start=start, end=end)


def _amounts(settled: Settlement, building: Building, words: Catalogue) -> Iterator[str]:
    def row(what: str, amount_ore: int) -> str:
        amount = words.money(amount_ore, building.currency)
        return words.say("settlement.row", what=what, amount=amount)

    statement = settled.statement
    items: Counter[str] = Counter()
    for each in statement.rows:
        items[each.item] += each.amount_ore
    yield words.say("settlement.costs")
    for item, amount_ore in items.items():
        yield row(known(f"item.{item}", item, words), amount_ore)
    yield row(words.say("costs.total"), statement.total_ore)
    if statement.aconto_ore is not None:
        yield row(words.say("statement.aconto"), -statement.aconto_ore)
    not_claimed_ore = statement.balance_ore - settled.claimed_ore
    if not_claimed_ore:
        yield row(words.say("amount.late"), -not_claimed_ore)
    if settled.left_ore != settled.claimed_ore:
        yield row(words.say("settlement.since"), settled.left_ore - settled.claimed_ore)
    yield row(_label(settled.left_ore, words), abs(settled.left_ore))
    if settled.paid_on_account_ore:
        paid = words.money(settled.paid_on_account_ore, building.currency)
        yield words.say("settlement.paid_on_account", amount=paid)


def _label(left_ore: int, words: Catalogue) -> str:
    name = "due" if left_ore > 0 else "credit" if left_ore < 0 else "nothing"
    return words.say(f"amount.{name}")


def _payment(settled: Settlement, words: Catalogue) -> str:
    if settled.left_ore > 0:
        reference = settled.reference.replace(" ", NO_BREAK)
        return words.say("settlement.pay", reference=reference)
    return words.say("settlement.repaid") if settled.left_ore < 0 else ""
