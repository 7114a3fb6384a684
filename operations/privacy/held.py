"""
Finds all data held about a person, by what tables and readings are about.

A table of the database is about a home if it has the columns `building` and `tenancy`, and about
one person of it if it also has `person`; so a table that somebody adds is found automatically.
"""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import or_, select

from billing.ledger.model import STATEMENTS
from estate.errors import DataError, UsageError
from estate.periods import day_start_ms
from operations.access.identities import identity_subject, proofs_of
from operations.access.tables import AccessToken, LoginSession
from operations.privacy.kept import kept
from operations.privacy.records import all_tables
from operations.tokens.tables import ApiToken
from operations.visitors.people import homes_by_subject, is_subject, person_subject, subject_of
from operations.wiring import readable_estates

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Column, Connection, Engine, Table

    from billing.ledger.store import Ledger
    from estate.findings import Finding
    from estate.model import Estate
    from operations.settings import Settings
    from operations.visitors.roles import Home
    from telemetry.stores.store import Store

FOR_GOOD = date(9000, 1, 1)
"""After any reading."""
SECRET = frozenset({"digest", "token", "form_token", "otp_secret", "request"})
"""Columns of secrets, which nobody is told."""


class Held(NamedTuple):
    """
    Rows of a table about a person.

    Attributes
    ----------
    table : str
    says : str
        What it is.
    rows : list of dict
        JSON-able; without secrets.
    """

    table: str
    says: str
    rows: list[dict[str, Any]]


class Known(NamedTuple):
    """
    Where a person is known.

    Attributes
    ----------
    estates : dict of str to Estate
        By building, those of the homes among them.
    homes : tuple of Home
    left_out : list of Finding
        Why estates could not be read in which the person may be known too.
    """

    estates: dict[str, Estate]
    homes: tuple[Home, ...]
    left_out: list[Finding]


def homes_of(settings: Settings, person: str) -> Known:
    """
    Find the homes of a person.

    Parameters
    ----------
    settings : Settings
    person : str
        ``BUILDING/TENANCY/PERSON``, a mail address or a telephone number.

    Raises
    ------
    UsageError
        If it identifies nobody.
    DataError
        If it identifies nobody where estates could be read, but others could not.
    """
    readable, left_out = readable_estates(settings)
    estates = {each.building.id: each for each in readable}
    parts = person.split("/")
    subject = person_subject(*parts) if len(parts) == 3 else subject_of(person)
    if len(parts) == 3 and parts[0] in estates:
        left_out = []
    homes = homes_by_subject(readable).get(subject or "", ())
    if subject and left_out and not homes:
        raise DataError(left_out)
    if not homes:
        raise UsageError(
            f"nobody is known as {person!r}; write BUILDING/TENANCY/PERSON as in persons.csv, a "
            "mail address or a telephone number"
        )
    return Known(estates, homes, left_out)


def lives_alone(estate: Estate, home: Home) -> bool:
    """Whether a tenancy has no other known person."""
    return [each.person for each in estate.persons if each.tenancy == home.tenancy] == [home.person]


def rows_about(engine: Engine, home: Home, *, alone: bool) -> list[Held]:
    """Return the rows of every table about a person of a home, including dependent rows."""
    tables, found = all_tables(), []
    with engine.connect() as connection:
        for name, table in sorted(tables.items()):
            if not is_about_homes(table):
                continue
            rows = list(connection.execute(_of(table, home, alone=alone)).mappings())
            row = kept().records.get(name)
            if rows:
                says = row.says if row else kept().unbounded.get(name, "")
                found.append(Held(name, says, [_told(dict(each)) for each in rows]))
            for child, column in (row.under if row else {}).items():
                key = first_key(table).name
                below = _below(connection, tables[child], column, [each[key] for each in rows])
                if below:
                    found.append(Held(child, row.says if row else "", below))
    return found


def subjects_of(engine: Engine, estate: Estate, home: Home) -> list[str]:
    """Return what the person logs in with."""
    found = [person_subject(home.building, home.tenancy, home.person)]
    found += [identity_subject(each) for each in proofs_of(engine, home)]
    for person in estate.persons:
        if (person.tenancy, person.person) == (home.tenancy, home.person):
            addresses = (person.mail, person.phone)
            found += [name for each in addresses if each and (name := subject_of(each))]
    return [each for each in found if is_subject(each)]


def log_ins_of(engine: Engine, home: Home, subjects: list[str]) -> list[Held]:
    """Return sessions, one-time links and tokens of a person, without their secrets."""
    found = []
    with engine.connect() as connection:
        for model in (LoginSession, AccessToken):
            table = all_tables()[model.__tablename__]
            query = select(table).where(table.c.subject.in_(subjects))
            rows = [_told(dict(each)) for each in connection.execute(query).mappings()]
            if rows:
                found.append(Held(table.name, kept().records[table.name].says, rows))
        tokens = [_told(each) for each in tokens_of(connection, home)]
    if tokens:
        found.append(Held("api_token", kept().records["api_token"].says, tokens))
    return found


def statements_of(ledger: Ledger, home: Home) -> list[dict[str, Any]]:
    """Return a tenancy's statements from every approved bill."""
    found = []
    for run in ledger.runs(home.building):
        documents = ledger.documents(run, STATEMENTS)
        statements = json.loads(documents[STATEMENTS])["statements"]
        found += [
            {"run": run.number, **each} for each in statements if each["tenancy"] == home.tenancy
        ]
    return found


def readings_of(store: Store, estate: Estate, home: Home) -> Iterator[dict[str, Any]]:
    """Yield every reading of a home's devices during the person's days."""
    for device, start_ms, end_ms in device_spans(estate, home):
        for quantity in store.quantities(home.building):
            found = store.samples(home.building, [device], quantity, start_ms, end_ms)
            columns = (found.time_ms.tolist(), found.value.tolist(), found.quality.tolist())
            for time_ms, value, quality in zip(*columns, strict=True):
                yield {
                    "device": device,
                    "quantity": quantity,
                    "time": datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(),
                    "value": value,
                    "quality": quality,
                }


def device_spans(
    estate: Estate, home: Home, kinds: Collection[str] = ()
) -> Iterator[tuple[str, int, int]]:
    """
    Yield when each device was in a home on the person's days; elsewhere it measured other people.

    Parameters
    ----------
    estate : Estate
    home : Home
    kinds : collection of str, optional
        Of the devices; all unless named.

    Yields
    ------
    (str, int, int)
        Device, start inclusive and end exclusive. [ms since 1970, UTC]
    """
    zone = estate.building.zone
    for each in estate.devices:
        start = max(each.start, home.start)
        ends = [day for day in (each.end, home.end) if day is not None]
        end = min(ends, default=FOR_GOOD)
        if each.flat == home.flat and start < end and (not kinds or each.kind in kinds):
            yield each.device, day_start_ms(start, zone), day_start_ms(end, zone)


def is_about_homes(table: Table) -> bool:
    """Whether a table's rows are about homes."""
    # Without the building, the same tenancy number may belong to somebody else elsewhere.
    return "building" in table.c and "tenancy" in table.c


def first_key(table: Table) -> Column[Any]:
    """Return the first column of a table's primary key, which dependent tables refer to."""
    found: Column[Any] = next(iter(table.primary_key.columns))
    return found


def tokens_of(connection: Connection, home: Home) -> list[dict[str, Any]]:
    """Return the tokens that programs have for a home."""
    table = all_tables()[ApiToken.__tablename__]
    rows = connection.execute(select(table).where(table.c.tenancy == home.tenancy)).mappings()
    return [dict(each) for each in rows if home.building in each["buildings"]]


def about(table: Table, home: Home, *, alone: bool) -> list[Any]:
    """Return the conditions of a table's rows about a person."""
    conditions = [table.c.building == home.building, table.c.tenancy == home.tenancy]
    if "person" in table.c:
        of_home = [table.c.person == ""] if alone or table.name != "person" else []
        conditions.append(or_(table.c.person == home.person, *of_home))
    return conditions


def _of(table: Table, home: Home, *, alone: bool) -> Any:  # noqa: ANN401  a query
    return select(table).where(*about(table, home, alone=alone))


def _below(
    connection: Connection, table: Table, column: str, keys: list[Any]
) -> list[dict[str, Any]]:
    query = select(table).where(_column(table, column).in_(keys))
    return [_told(dict(each)) for each in connection.execute(query).mappings()]


def _column(table: Table, name: str) -> Column[Any]:
    found: Column[Any] = table.c[name]
    return found


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as JSON-able data: times in ISO 8601, bytes as base64, no secrets."""
    return {name: _cell(name, value) for name, value in row.items() if name not in SECRET}


def _cell(name: str, value: object) -> object:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, date):
        return value.isoformat()
    if name.endswith("_ms") and isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC).isoformat(timespec="seconds")
    return value
