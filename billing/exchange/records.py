"""The records of an account, table by table, as `columns.yaml` describes them. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import timedelta
from math import isfinite
from typing import TYPE_CHECKING

from billing.measured.spans import divides_by_degree_days
from billing.schemes import METERS, base_of
from estate.devices import REGISTER_OF
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from billing.bill.bill import BillRow, RegisterUse, Statement
    from billing.exchange.account import Account
    from billing.exchange.columns import Record
    from estate.model import Estate, Person

METHODS = ("measured", "interpolated", "own_rate", "year_before", "like_homes")
"""From best to worst; the worst of a home's meters speaks for them."""
READ = frozenset({"measured", "interpolated"})
DWELLING_DIGITS = 4
MOST_NAMES = 4

_in_address = re.compile(r"(?P<street>.*?),?\s+(?P<postcode>\d{4,5})\s+(?P<town>\S.*)").fullmatch


def records_of(
    account: Account,
    table: str,
    *,
    estate: Estate | None = None,
    files: Mapping[str, str] | None = None,
) -> list[Record]:
    """
    Make the records of a table.

    Parameters
    ----------
    account : Account
    table : str
        Of `billing.exchange.columns.tables`.
    estate : Estate, optional
        Who lives there; the table ``tenants`` needs it.
    files : mapping of str to str, optional
        Names of the printed statements, by tenancy; the table ``documents`` needs it.

    Raises
    ------
    ValueError
        If what the table needs is not given.
    """
    if table == "rows":
        records = _rows(account)
    elif table == "amounts":
        records = _amounts(account)
    elif table == "balances":
        records = _balances(account)
    elif table == "documents" and files is not None:
        records = _documents(account, files)
    elif table == "tenants" and estate is not None:
        records = _tenants(account, estate)
    else:
        raise ValueError(f"the records of {table} need what was not given")
    return [_common(account) | record for record in records]


def protected_findings(account: Account, estate: Estate) -> list[Finding]:
    """Name the tenancies whose residents' names are kept from others."""
    protected = {person.tenancy for person in estate.persons if person.protected}
    return [
        Finding(
            "exchange.person.protected",
            f"tenancy {each.tenancy}: a resident's name is protected, so that the file holds no "
            "name of the tenancy; tell the receiver what they need in another way",
            {"tenancy": each.tenancy},
        )
        for each in account.statements
        if each.tenancy in protected
    ]


def dwellings(flats: Iterable[str]) -> dict[str, str]:
    """
    Assign numbers to flats for systems that use four digits.

    Examples
    --------
    >>> dwellings(["0101", "0102"]), dwellings(["kld", "1tv"])
    ({'0101': '0101', '0102': '0102'}, {'1tv': '1', 'kld': '2'})
    """
    known = sorted(set(flats))
    own = {each: each for each in known if re.fullmatch(rf"[0-9]{{{DWELLING_DIGITS}}}", each)}
    return own if len(own) == len(known) else {each: str(n) for n, each in enumerate(known, 1)}


def _common(account: Account) -> Record:
    return {
        "building": account.building,
        "period_start": account.period.start,
        "period_end": account.period.end,
        "period_last_day": account.period.end - timedelta(days=1),
    }


def _rows(account: Account) -> Iterator[Record]:
    for statement in account.statements:
        for row in statement.rows:
            yield {
                "tenancy": statement.tenancy,
                "flat": statement.flat,
                "item": row.item,
                "component": row.component,
                "key": row.key,
                "fraction": row.fraction,
                "weight": row.weight,
                "weight_total": row.weight_total,
                "amount": row.amount_ore,
            }


def _home(statement: Statement, numbers: Mapping[str, str]) -> Record:
    return {
        "tenancy": statement.tenancy,
        "flat": statement.flat,
        "dwelling": numbers[statement.flat],
        "start": statement.start,
        "last_day": statement.end - timedelta(days=1),
    }


def _numbers(account: Account) -> dict[str, str]:
    return dwellings(each.flat for each in account.statements)


def _amounts(account: Account) -> Iterator[Record]:
    numbers = _numbers(account)
    for statement in account.statements:
        # What was charged on account, or is not claimed, is not divided, so it appears once.
        prepayment, lost = statement.aconto_ore, account.not_claimed.get(statement.tenancy)
        for item, rows in _items(statement).items():
            amount = sum(row.amount_ore for row in rows)
            yield _home(statement, numbers) | {
                "item": item,
                "amount": amount,
                "prepayment": prepayment,
                "not_claimed": lost,
                "balance": amount - (prepayment or 0) - (lost or 0),
                **_use(account, statement, item, rows),
            }
            prepayment = lost = None


def _items(statement: Statement) -> dict[str, list[BillRow]]:
    """Return a statement's rows by item, in the order of the bill."""
    items: dict[str, list[BillRow]] = defaultdict(list)
    for row in statement.rows:
        items[row.item].append(row)
    return items


def _registers(statement: Statement, rows: Sequence[BillRow]) -> list[RegisterUse]:
    """Return what the meters counted by which the rows are split."""
    kinds = {kind for row in rows for kind in METERS.get(base_of(row.key), ())}
    quantities = {REGISTER_OF[kind] for kind in kinds}
    return [each for each in statement.registers if each.quantity in quantities]


def _use(account: Account, statement: Statement, item: str, rows: Sequence[BillRow]) -> Record:
    """Return what the meters of an item counted; nothing if they count in different units."""
    registers = _registers(statement, rows)
    quantities = {each.quantity for each in registers}
    uses = [each.use for each in registers if isfinite(each.use)]
    if item in account.by_area:
        return {"use": None, "unit": None, "mark": "area"}
    if len(quantities) != 1 or len(uses) != len(registers):
        return {"use": None, "unit": None, "mark": _divided(account, statement, item)}
    return {
        "use": sum(uses),
        "unit": quantities.pop(),
        "mark": _mark(account, statement, registers),
    }


def _mark(account: Account, statement: Statement, registers: Sequence[RegisterUse]) -> str:
    worst = max((each.method for each in registers), key=METHODS.index)
    if worst not in READ:
        return worst
    return "reading" if _is_whole(account, statement) else "interim"


def _divided(account: Account, statement: Statement, item: str) -> str | None:
    """Return how a flat's part was divided among its tenancies; None if it was not."""
    if _is_whole(account, statement):
        return None
    return "degree_days" if divides_by_degree_days(item) else "days"


def _is_whole(account: Account, statement: Statement) -> bool:
    return (statement.start, statement.end) == (account.period.start, account.period.end)


def _balances(account: Account) -> Iterator[Record]:
    numbers = _numbers(account)
    for each in account.statements:
        lost = account.not_claimed.get(each.tenancy)
        yield _home(each, numbers) | {
            "amount": each.total_ore,
            "vat": each.vat_ore,
            "net": None if each.vat_ore is None else each.total_ore - each.vat_ore,
            "prepayment": each.aconto_ore,
            "not_claimed": lost,
            "balance": each.balance_ore - (lost or 0),
        }


def _documents(account: Account, files: Mapping[str, str]) -> Iterator[Record]:
    numbers = _numbers(account)
    for statement in account.statements:
        if statement.tenancy not in files:
            continue
        before = [
            each
            for each in account.statements
            if each.flat == statement.flat and each.start < statement.start
        ]
        yield _home(statement, numbers) | {
            "change": len(before),
            "file": files[statement.tenancy],
        }


def _tenants(account: Account, estate: Estate) -> Iterator[Record]:
    numbers = _numbers(account)
    addresses = {flat.flat: flat.address for flat in estate.flats}
    place = _in_address(estate.building.address)
    found = place.groupdict() if place else {}
    for statement in account.statements:
        if statement.resident:
            persons = [each for each in estate.persons if each.tenancy == statement.tenancy]
            yield _home(statement, numbers) | {
                **_names(persons),
                "street": addresses.get(statement.flat),
                "postcode": found.get("postcode"),
                "town": found.get("town"),
                "property_street": found.get("street", estate.building.address),
            }


def _names(persons: Sequence[Person]) -> Record:
    protected = any(each.protected for each in persons)
    names = [] if protected else [each.name for each in persons[:MOST_NAMES]]
    return {
        f"name_{number}": names[number - 1] if number <= len(names) else None
        for number in range(1, MOST_NAMES + 1)
    }
