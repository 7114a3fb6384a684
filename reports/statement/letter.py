"""
The words of a heating statement: from figures and a catalogue to finished strings.

The first page says what to pay, why, and what one can do; the second proves it (`proof`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from billing.bill.documents import statement_json
from billing.bill.explanations import Withheld
from billing.law.table import law_of
from billing.measured.spans import a_year_before, counts_heat
from billing.statement.comparison import BY_HOME, rounded
from correspondence.address import delivery_block, language_of, persons_on
from correspondence.catalogue import catalogue
from correspondence.phrases import (
    address_lines,
    cut,
    known,
    period_words,
)
from estate.devices import PAST, REGISTER_OF
from estate.periods import Period
from reports.costs import cost_rows, cost_shares, shadow_words
from reports.measured import BY_READINGS, estimated_keys, known_by
from reports.statement.details import detail_words, is_claim, replaced_words
from reports.statement.foot import foot_section
from reports.statement.proof import proof_section, unit_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from billing.bill.bill import Bill, Statement
    from billing.bill.explanations import Comparison, HalfDegree
    from correspondence.address import AddressBlock
    from correspondence.catalogue import Catalogue
    from estate.model import Building, Estate, Person
    from reports.statement.details import RunNote

Page = dict[str, Any]

POSITION = "heat_units_position"
USE_DIGITS = 3
LEAST_TOLD_ORE = 50
"""A change that rounds to 0 kroner is shown as none."""


@dataclass(frozen=True)
class Letter:
    """
    A statement in words.

    Attributes
    ----------
    address : AddressBlock
    page : dict
        JSON-able; input of ``templates/statement.typ``. Neither a name nor an address appears
        outside of its ``address``.
    """

    tenancy: str
    address: AddressBlock
    page: Page


def letter_of(
    estate: Estate,
    bill: Bill,
    statement: Statement,
    printed_on: date | None = None,
    note: RunNote | None = None,
) -> Letter:
    """
    Put a resident's statement into words.

    Parameters
    ----------
    estate : Estate
    bill : Bill
    statement : Statement
        Of the bill.
    printed_on : date, optional
        The day of delivery, which decides who has moved out; default: the period's end.
    note : RunNote, optional
        Of the approved run that the bill is.

    Raises
    ------
    ValueError
        If the statement is the landlord's: an empty flat gets no letter.
    """
    if not statement.resident:
        raise ValueError(f"{statement.tenancy} is no resident's statement, so it gets no letter")
    if note and note.first and note.first.late:
        # Others in the same run may have received theirs in time.
        bill = bill.replace(late=True)
    tenancy = estate.tenancy_by_id[statement.tenancy]
    own = Period(statement.start, statement.end)
    persons = persons_on(estate.persons, tenancy.tenancy, own.end - timedelta(days=1))
    words = catalogue(language_of(persons, estate.building))
    block = delivery_block(estate, tenancy, persons, printed_on or bill.period.end)
    page = {
        "language": words.language,
        "title": words.say("statement.title"),
        "address": address_lines(block, words),
        "reference": words.say("reference", tenancy=tenancy.tenancy),
        "period": period_words(own, words),
        **_details(estate, bill, _home(estate, statement, persons), note, words),
        **_answers(estate, bill, statement, words),
        "attached": statement_json(bill, statement),
        "attached-as": words.say("attached"),
    }
    return Letter(tenancy.tenancy, block, page)


def _home(estate: Estate, statement: Statement, persons: Iterable[Person]) -> str | None:
    """Return the address of the home, unless it is somebody's protected one."""
    protected = any(person.protected for person in persons)
    return None if protected else estate.flats[estate.flat_index[statement.flat]].address


def _details(
    estate: Estate, bill: Bill, home: str | None, note: RunNote | None, words: Catalogue
) -> Page:
    building = estate.building
    return {
        "sender": cut(building.organisation or building.name),
        "details": detail_words(building, home, bill.issued, note, words),
        "replaced": replaced_words(bill.first_issued, note, building, words),
    }


def _answers(estate: Estate, bill: Bill, statement: Statement, words: Catalogue) -> Page:
    """Return what to pay, for what, why, what one can do, and the proof."""
    building = estate.building
    return {
        "amount": _amount(bill, statement, building, words),
        "costs": _costs(bill, statement, building, words),
        "year": _year(statement, estate, words),
        "why": _why(bill, statement, building, words),
        "act": _act(bill, statement, building, words),
        "foot": foot_section(bill, statement, building, words),
        "proof": proof_section(bill, statement, building, words),
    }


def _balance_label(bill: Bill, statement: Statement) -> str:
    if not is_claim(bill):
        return "difference"
    if statement.balance_ore > 0:
        return "late" if bill.late else "due"
    return "credit" if statement.balance_ore < 0 else "nothing"


def _amount(bill: Bill, statement: Statement, building: Building, words: Catalogue) -> Page:
    claim = is_claim(bill)
    label = _balance_label(bill, statement) if claim else "cost"
    value_ore = abs(statement.balance_ore) if claim else statement.total_ore
    if label == "late":
        label, value_ore = "nothing", 0
    return {
        "label": words.say(f"amount.{label}"),
        "value": words.money(value_ore, building.currency),
        "mark": words.say("trial.mark") if bill.trial else None,
        "notes": _amount_notes(bill, statement, building, words),
    }


def _amount_notes(
    bill: Bill, statement: Statement, building: Building, words: Catalogue
) -> list[str]:
    notes = []
    if bill.trial:
        notes.append(words.say("trial.explain"))
    elif bill.interim and statement.aconto_ore is not None:
        amount = words.money(statement.aconto_ore, building.currency)
        notes.append(words.say("on_account", amount=amount))
    elif bill.interim:
        notes.append(words.say("statement.interim"))
    elif bill.late and statement.balance_ore > 0:
        notes.append(words.say("statement.late"))
    if bill.provisional:
        notes.append(words.say("statement.provisional"))
    return notes


def _costs(bill: Bill, statement: Statement, building: Building, words: Catalogue) -> Page:
    rows = cost_rows(
        cost_shares(statement.rows, estimated_keys(statement)), building.currency, words
    )
    sums = [
        *_accounts(bill, statement, building, words),
        _sum("costs.total", statement.total_ore, building, words),
    ]
    if statement.aconto_ore is not None:
        label = _balance_label(bill, statement)
        value_ore = abs(statement.balance_ore) if is_claim(bill) else statement.balance_ore
        sums += [
            _sum("statement.aconto", -statement.aconto_ore, building, words),
            _sum(f"amount.{label}", value_ore, building, words),
        ]
    return {
        "heading": words.say("statement.costs"),
        "columns": [words.say(f"costs.column.{name}") for name in ("what", "share", "amount")],
        "rows": rows,
        "sums": sums,
        "notes": [] if rows else [words.say("costs.none")],
    }


def _accounts(bill: Bill, statement: Statement, building: Building, words: Catalogue) -> list[Page]:
    """Return the sum of each account, where a law requires several."""
    law = law_of(bill.country, bill.period.start)
    if building.tenure not in law.words("accounts_apart"):
        return []
    sums: dict[str, int] = {}
    for row in statement.rows:
        account = law.account_of(row.item)
        sums[account] = sums.get(account, 0) + row.amount_ore
    if len(sums) == 1:
        return []
    return [
        {
            "what": words.say("costs.account", account=known(f"account.{name}", name, words)),
            "amount": words.money(amount_ore, building.currency),
        }
        for name, amount_ore in sums.items()
    ]


def _sum(key: str, amount_ore: int, building: Building, words: Catalogue) -> Page:
    return {"what": words.say(key), "amount": words.money(amount_ore, building.currency)}


def _year(statement: Statement, estate: Estate, words: Catalogue) -> Page | None:
    """Return bars of this year and the last, scaled to the longer one, and whose figures it is."""
    if not statement.year_before:
        return None
    rows = []
    for row in statement.year_before:
        name = known(f"register.{row.quantity}", row.quantity, words)
        unit = known(f"register.{row.quantity}.unit", "", words)
        longest = max(row.use, row.corrected) or 1.0
        kind = "corrected" if counts_heat(row.quantity) else "then"
        for when, use in (("now", row.use), (kind, row.corrected)):
            value = f"{words.plain_number(rounded(use, USE_DIGITS))} {unit}"
            what = words.say(f"year.{when}", name=name)
            rows.append({"what": what, "share": use / longest, "amount": value})
    notes = [words.say("year.origin", origin=cut(each)) for each in _origins(statement, estate)]
    return {"heading": words.say("year.heading"), "rows": rows, "notes": notes}


def _origins(statement: Statement, estate: Estate) -> list[str]:
    """Return which other companies measured what is compared with, each once."""
    days = a_year_before(Period(statement.start, statement.end))
    compared = {row.quantity for row in statement.year_before}
    return sorted(
        {
            each.serial
            for each in estate.devices
            if each.device.startswith(PAST)
            and each.serial
            and each.flat == statement.flat
            and REGISTER_OF.get(each.kind) in compared
            and days.overlap(each.start, each.end)
        }
    )


def _why(bill: Bill, statement: Statement, building: Building, words: Catalogue) -> Page:
    items = []
    if statement.neighbour_heat:
        items.append(words.say(f"neighbour.{statement.neighbour_heat}"))
    items += _compared(bill, statement, words)
    if statement.shadow_ore is not None:
        shadow = shadow_words(
            statement.total_ore,
            statement.shadow_ore,
            building.currency,
            words,
            by_climate=bill.shadow_by_climate,
        )
        items.append(shadow)
    return {"heading": words.say("statement.why"), "items": items}


def _compared(bill: Bill, statement: Statement, words: Catalogue) -> list[str]:
    if isinstance(statement.comparison, Withheld):
        return [words.say(f"compare.{statement.comparison}")]
    return [_comparison(bill, statement, each, words) for each in statement.comparison]


def _comparison(bill: Bill, statement: Statement, row: Comparison, words: Catalogue) -> str:
    item = known(f"item.{row.item}", row.item, words)
    how = known_by(statement, row.key)
    if how not in (*BY_READINGS, "own_rate"):
        return words.say("compare.estimated", item=item)
    kind = "home" if row.key in BY_HOME else "area"
    said = words.say(
        "compare.position" if row.key == POSITION else f"compare.{kind}",
        item=item,
        own=words.plain_number(row.own),
        others=words.plain_number(row.others),
        unit=unit_words(bill, row.key, words),
    )
    return said if how in BY_READINGS else f"{said} {words.say('compare.partly')}"


def _act(bill: Bill, statement: Statement, building: Building, words: Catalogue) -> Page:
    items = []
    if statement.half_degree:
        items.append(_half_degree(statement.half_degree, building, words))
    if is_claim(bill):
        items += _payment(bill, statement, words)
    items.append(words.say("advice.short_airing"))
    return {"heading": words.say("advice.heading"), "items": items}


def _half_degree(half: HalfDegree, building: Building, words: Catalogue) -> str:
    step = known(f"half.step.{half.step_k:g}", "", words) or words.say(
        "half.step", number=words.plain_number(half.step_k)
    )
    if max(abs(half.warmer_ore), abs(half.colder_ore)) < LEAST_TOLD_ORE:
        return words.say("half.same", step=step)
    return " ".join(
        words.say(
            f"half.{name}.{'more' if change_ore > 0 else 'less'}",
            step=step,
            amount=words.about(abs(change_ore), building.currency),
        )
        for name, change_ore in (("warmer", half.warmer_ore), ("colder", half.colder_ore))
    )


def _payment(bill: Bill, statement: Statement, words: Catalogue) -> list[str]:
    law = law_of(bill.country, bill.period.start)
    if statement.balance_ore < 0:
        return [words.say("pay.back")]
    if statement.balance_ore == 0 or bill.late:
        return []
    items = []
    months = law.number("payment_months_least")
    if months is not None:
        items.append(words.counted("pay.when", months))
    rents, rates = law.number("rates_above_rents"), law.number("rates")
    if rents is not None and rates is not None:
        items.append(words.counted("pay.rates", rents, rates=words.plain_number(rates)))
    return items
