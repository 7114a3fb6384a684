"""Records of another system as our own tables: CSV with commas and decimal points. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from billing.bill.files import kroner
from estate.files.spreadsheet import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from billing.exchange.columns import Kind, Record, Value
    from billing.exchange.profile import Profile

Rows = list[list[str]]

TENANCIES = ("tenancy", "flat", "from", "to", "delivery")
PERSONS = ("tenancy", "person", "name")
HISTORY = ("tenancy", "quantity", "period_start", "period_end", "use", "origin")
NOTICE = "paper"
"""How a tenancy is written to until it says otherwise: everybody has a letterbox."""


def tables_of(records: Sequence[Record], profile: Profile, origin: str) -> dict[str, Rows]:
    """
    Return the tables that records give, by name, each with its header.

    Parameters
    ----------
    records : sequence of Record
    profile : Profile
        The profile by which they were read.
    origin : str
        Where they come from, for the history.
    """
    tables = {profile.table: _table(records, profile)}
    more = _MORE.get(profile.table)
    return tables | (more(records, origin) if more else {})


def _table(records: Sequence[Record], profile: Profile) -> Rows:
    """Return the records themselves, in the order of the table's columns."""
    there = {name for record in records for name in record}
    columns = {name: each for name, each in profile.columns().items() if name in there}
    return [
        list(columns),
        *(
            [_cell(record.get(name), each.kind) for name, each in columns.items()]
            for record in records
        ),
    ]


def _cell(value: Value, kind: Kind) -> str:
    if value is None:
        return ""
    if kind == "amount" and isinstance(value, int):
        return kroner(value)
    return guarded(value) if isinstance(value, str) else str(value)


def _estate_tables(records: Sequence[Record], _origin: str) -> dict[str, Rows]:
    """Return the occupancy as rows of an estate folder."""
    tenancies = [list(TENANCIES), *(_tenancy(each) for each in records)]
    persons: Rows = [list(PERSONS)]
    for record in records:
        tenancy = str(record["tenancy"])
        names = (record.get(f"name_{number}") for number in range(1, 5))
        persons += [
            [tenancy, f"{tenancy}-{number}", guarded(str(name))]
            for number, name in enumerate((each for each in names if each), 1)
        ]
    return {"tenancies": tenancies, "persons": persons}


def _tenancy(record: Record) -> list[str]:
    """Return a tenancy; one that lasts until the end of the account is taken as still running."""
    last, end_of_account = record.get("last_day"), record.get("period_last_day")
    ended = isinstance(last, date) and last != end_of_account
    end = str(last + timedelta(days=1)) if ended and isinstance(last, date) else ""
    flat = record.get("flat") or record.get("dwelling")
    return [str(record["tenancy"]), str(flat), str(record["start"]), end, NOTICE]


_MORE: Mapping[str, Callable[[Sequence[Record], str], dict[str, Rows]]] = {
    "tenants": _estate_tables,
}
