"""The words of a statement's second page: every number behind the amount."""

from __future__ import annotations

from datetime import timedelta
from math import floor
from typing import TYPE_CHECKING, Any

from billing.bill.prices import price_ore
from billing.measured.spans import counts_heat
from billing.schemes import base_of
from correspondence.phrases import cut, key_words, known, scheme_words
from reports.measured import BY_READINGS, estimated_keys, how_known
from reports.statement.key_notes import WEIGHT_DECIMALS, key_note, weight_words
from reports.supply import supply_words

if TYPE_CHECKING:
    from billing.bill.bill import (
        Bill,
        BillRow,
        Ground,
        Reduction,
        RegisterBreak,
        RegisterUse,
        Statement,
    )
    from billing.bill.costs import CostLine, DerivedItem
    from correspondence.catalogue import Catalogue
    from estate.model import Building

Section = dict[str, Any]

PARTS = ("part", "house", "own_weight", "house_weight", "price", "own")
METERS = ("meter", "serial", "start", "end", "factor", "use", "how")
COSTS = ("cost", "days", "amount", "vat")
PERCENT_DECIMALS = 2
FINE_PRICE_KR = 1
"""Price per unit below which more decimals are shown. [the currency]"""
PRICE_DECIMALS = {True: 2, False: 5}


def proof_section(
    bill: Bill, statement: Statement, building: Building, words: Catalogue
) -> Section:
    """Put the proof of a statement into words."""
    return {
        "heading": words.say("proof.heading"),
        "intro": words.say("proof.intro"),
        "tables": [
            table
            for table in (
                _parts(bill, statement, building, words),
                _meters(statement, words),
                _costs(bill, building, words),
            )
            if table["rows"]
        ],
        "notes": [
            *_climate(statement, words),
            *_days(bill, words),
            *_set_aside(bill, words),
            *_rules(bill, words),
            *_reductions(statement, building, words),
            *_co2(bill, building, words),
            *supply_words(building.supply, words, building.language),
        ],
    }


def unit_words(bill: Bill, key: str, words: Catalogue) -> str:
    """Return the unit of a key's weight; allocators count units of their own."""
    by_allocators = key.startswith("heat_units") and "heat_kwh" not in bill.quantities
    unit = f"unit.{base_of(key)}"
    return known(f"{unit}.allocator" if by_allocators else unit, "", words)


def _parts(bill: Bill, statement: Statement, building: Building, words: Catalogue) -> Section:
    estimated = estimated_keys(statement)
    return {
        "heading": words.say("proof.parts"),
        "columns": [words.say(f"proof.column.{name}") for name in PARTS],
        "rows": [
            *(_part(bill, row, building, words, row.key in estimated) for row in statement.rows),
            _whole(bill, statement, building, words),
        ],
        "strong_last": True,
        "notes": [
            *_vat(statement, building, words),
            words.say("proof.rounded"),
            *dict.fromkeys(
                key_note(bill, statement, row, words)
                for row in statement.rows
                if f"proof.key.{base_of(row.key)}" in words
            ),
        ],
    }


def _part(
    bill: Bill, row: BillRow, building: Building, words: Catalogue, estimated: bool
) -> list[str]:
    unit = unit_words(bill, row.key, words)
    item = known(f"item.{row.item}", row.item, words)
    part = words.say("costs.line", item=item, key=key_words(row.key, words, estimated=estimated))
    share = words.percent(round(100 * row.fraction, PERCENT_DECIMALS))
    currency = building.currency
    price = price_ore(bill, row)
    return [
        words.say("proof.part", part=part, share=share),
        words.money(bill.component_ore(row), currency),
        f"{weight_words(row.weight, words)} {unit}",
        f"{weight_words(row.weight_total, words)} {unit}",
        "" if price is None else _price(price / 100, currency, words),
        words.money(row.amount_ore, currency),
    ]


def _whole(bill: Bill, statement: Statement, building: Building, words: Catalogue) -> list[str]:
    house, own = bill.total_ore, statement.total_ore
    amounts = [words.money(amount, building.currency) for amount in (house, own)]
    return [words.say("costs.total"), amounts[0], "", "", "", amounts[1]]


def _price(price: float, currency: str, words: Catalogue) -> str:
    return words.price(price, PRICE_DECIMALS[abs(price) >= FINE_PRICE_KR], currency)


def _meters(statement: Statement, words: Catalogue) -> Section:
    registers = statement.registers
    return {
        "heading": words.say("proof.meters"),
        "columns": [words.say(f"proof.column.{name}") for name in METERS],
        "rows": [_meter(register, words) for register in registers],
        "strong_last": False,
        "notes": [
            *(_method(each, words) for each in registers if how_known(each) != "measured"),
            *(_break(each, found, words) for each in registers for found in each.breaks),
        ],
    }


def _meter(register: RegisterUse, words: Catalogue) -> list[str]:
    unit = known(f"register.{register.quantity}.unit", "", words)
    return [
        known(f"register.{register.quantity}", register.quantity, words),
        cut(register.serial or register.device),
        _register(register.start_register, words),
        _register(register.end_register, words),
        words.plain_number(register.factor),
        f"{_register(register.use, words)} {unit}",
        _how(register, words),
    ]


def _how(register: RegisterUse, words: Catalogue) -> str:
    """Return the cell for how a use is known, and a note if it is not all measured."""
    how = how_known(register)
    if how in BY_READINGS:
        return words.say("proof.measured")
    if how == "own_rate":
        return words.counted("proof.partly", register.estimated_hours)
    return words.say("proof.estimated")


def _method(register: RegisterUse, words: Catalogue) -> str:
    """Explain the method of a use without readings at its edges."""
    how: str = how_known(register)
    if how == "interpolated" and counts_heat(register.quantity):
        how = "interpolated_heat"
    return words.counted(
        f"method.{how}",
        register.estimated_hours or register.interpolated_hours,
        meter=cut(register.serial or register.device),
    )


def _break(register: RegisterUse, found: RegisterBreak, words: Catalogue) -> str:
    """Explain why use is not end less start."""
    return words.say(
        f"break.{found.kind}",
        meter=cut(register.serial or register.device),
        day=words.full_date(found.day),
        before=_register(found.before, words),
        after=_register(found.after, words),
        largest=_register(found.largest or 0.0, words),
    )


def _register(value: float, words: Catalogue) -> str:
    known_value = value == value
    return words.plain_number(round(value, WEIGHT_DECIMALS)) if known_value else "–"


def _costs(bill: Bill, building: Building, words: Catalogue) -> Section:
    return {
        "heading": words.say("proof.costs"),
        "columns": [words.say(f"proof.column.{name}") for name in COSTS],
        "rows": [_cost(line, building, words) for line in bill.costs],
        "strong_last": False,
        "notes": [
            *(_derived(each, building, words) for each in bill.derived),
        ],
    }


def _derived(part: DerivedItem, building: Building, words: Catalogue) -> str:
    """Explain an item derived from the supplier's bill: its amount, heat and method."""
    said = {
        "item": known(f"item.{part.item}", part.item, words),
        "amount": words.money(part.amount_ore, building.currency),
        "how": words.say(f"derived.{part.by}{'.estimated' if part.estimated else ''}"),
    }
    if part.energy_kwh is None:
        return words.say("proof.derived", **said)
    return words.say("proof.derived.kwh", kwh=words.number(part.energy_kwh), **said)


def _cost(line: CostLine, building: Building, words: Catalogue) -> list[str]:
    item = known(f"item.{line.item}", line.item, words)
    what = words.say("costs.line", item=item, key=words.say(f"kind.{line.kind}"))
    currency = building.currency
    first, last = words.full_date(line.start), words.full_date(line.end - timedelta(days=1))
    return [
        words.say("proof.provisional", cost=what) if line.provisional else what,
        words.say("proof.days", first=first, last=last),
        words.money(line.amount_ore, currency),
        "" if line.vat_ore is None else words.money(line.vat_ore, currency),
    ]


def _climate(statement: Statement, words: Catalogue) -> list[str]:
    measured, hours = statement.climate_hours_measured, statement.climate_hours
    by_house = statement.climate_hours_by_house
    said = []
    if measured:
        # Rounded down: one missing hour is less than 100 %.
        percent = words.percent(floor(100 * measured / hours))
        figures = {"measured": words.number(measured), "hours": words.number(hours)}
        said.append(words.say("proof.climate", percent=percent, **figures))
        if measured < hours:
            said.append(words.say("proof.climate.rest"))
    if by_house:
        said.append(words.counted("proof.climate.by_house", by_house))
    return [" ".join(said)] if said else []


def _days(bill: Bill, words: Catalogue) -> list[str]:
    received = bill.received
    lines = [
        words.say("proof.received", day=words.full_date(received))
        if received
        else words.say("proof.received.unknown")
    ]
    if bill.deadline:
        lines.append(words.say("proof.deadline", day=words.full_date(bill.deadline)))
    if bill.first_issued:
        lines.append(words.say("statement.corrects", day=words.full_date(bill.first_issued)))
    if bill.late:
        lines.append(words.say("statement.late"))
    return lines


def _set_aside(bill: Bill, words: Catalogue) -> list[str]:
    """Explain what is not split by meters or sensors, and why."""
    return [
        words.say(
            "proof.set_aside",
            item=known(f"item.{each.data['item']}", each.data["item"], words),
            key=known(f"key.{each.data['key']}", each.data["key"], words),
            percent=words.percent(round(100 * each.data["part"])),
        )
        for each in bill.findings
        if each.name == "billing.estimate.ceiling"
    ]


def _rules(bill: Bill, words: Catalogue) -> list[str]:
    lines = [scheme_words(bill.scheme, bill.scheme_version, words)]
    if bill.ground:
        lines.append(_ground(bill.ground, words))
    elif bill.trial:
        lines.append(words.say("rule.ground_missing"))
    if bill.allowed:
        lines.append(words.say("proof.allowed", names=cut(", ".join(bill.allowed))))
    return lines


def _ground(ground: Ground, words: Catalogue) -> str:
    said = words.say("rule.ground", ground=cut(ground.reference))
    if ground.start is None or ground.end is None:
        return said
    first, last = words.full_date(ground.start), words.full_date(ground.end - timedelta(days=1))
    return f"{said} {words.say('rule.ground.days', first=first, last=last)}"


def _vat(statement: Statement, building: Building, words: Catalogue) -> list[str]:
    """Return the VAT within the total, if the costs state it."""
    if statement.vat_ore is None:
        return []
    return [words.say("proof.vat", amount=words.money(statement.vat_ore, building.currency))]


def _reductions(statement: Statement, building: Building, words: Catalogue) -> list[str]:
    def source(reduction: Reduction) -> str:
        key = reduction.rule.replace("_", ".", 1)
        return words.say(key) if key in words else cut(reduction.source)

    return [
        words.say(
            "proof.reduction",
            amount=words.money(reduction.amount_ore, building.currency),
            source=source(reduction),
        )
        for reduction in statement.reductions
    ]


def _co2(bill: Bill, building: Building, words: Catalogue) -> list[str]:
    """Explain how the CO2 price is shared, as the landlord must where a law divides it."""
    if bill.co2 is None:
        return []
    co2, currency = bill.co2, building.currency
    return [
        words.say(
            "proof.co2",
            amount=words.money(co2.amount_ore, currency),
            kg=words.plain_number(round(co2.emission_kg)),
            per_m2=words.plain_number(co2.emission_per_m2),
        ),
        words.say(
            "proof.co2.parts",
            tenants=words.money(co2.tenants_ore, currency),
            percent=words.percent(round(100 * co2.tenants_fraction)),
        ),
    ]
