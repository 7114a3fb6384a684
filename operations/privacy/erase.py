"""
Erases the data held about a person, except what the law requires.

While somebody lives in a home, name and address are needed for the bill; afterwards, until the
legal period is over, only the name is. The ledger keeps amounts under the tenancy's number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select, update

from correspondence.outbox.tables import OutboxMessage
from estate.database.engine import answering
from estate.database.tables import EstateChange, EstateImport, StoredPerson
from estate.devices import REGISTER_OF
from estate.periods import local_date
from operations.access.record import AccessEvent, Entry, record_access
from operations.access.tables import AccessToken, LoginSession
from operations.alerts.checkpoints import AlertCheckpoint
from operations.clock import now_ms
from operations.privacy.files import change_persons
from operations.privacy.held import (
    about,
    device_spans,
    first_key,
    homes_of,
    is_about_homes,
    lives_alone,
    tokens_of,
)
from operations.privacy.held import subjects_of as log_in_names
from operations.privacy.kept import kept
from operations.privacy.letters import remove_letters
from operations.privacy.quarantined import forget_quarantined, quarantine_days
from operations.privacy.records import all_tables, empty_log
from operations.tokens.tables import ApiToken
from operations.wiring import opened_database, opened_store

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from estate.findings import Finding
    from estate.model import Estate
    from operations.settings import Settings
    from operations.visitors.roles import Home
    from telemetry.stores.store import Store

REACHED_BY = ("mail", "phone", "language", "channels", "post_address")
"""Columns of a person that nobody needs once they have moved out."""
KEPT_BY_LAW = frozenset(
    {"ledger_posting", "ledger_payment", "run_state", "tenancy", "person", "aconto"}
)
KEPT_AS_PROOF = frozenset({"access_record"})
"""Who looked at what: it is the person's own protection, and goes after its days."""


class Erased(NamedTuple):
    """
    What was erased, and what was kept.

    Attributes
    ----------
    removed : dict of str to int
        Rows and readings removed, by table or quantity.
    kept : dict of str to str
        What was kept, and why.
    left_out : list of Finding
        Why nothing was erased in some buildings, where the person may be known too.
    """

    removed: dict[str, int]
    kept: dict[str, str]
    left_out: list[Finding]


def erase_person(settings: Settings, person: str, by: str, reason: str) -> Erased:
    """
    Erase a person, as far as the law allows.

    Parameters
    ----------
    settings : Settings
    person : str
        ``BUILDING/TENANCY/PERSON``, a mail address or a telephone number.
    by, reason : str
        Who did it and why, for the record of access.

    Raises
    ------
    UsageError
        If it identifies nobody.
    DataError
        If it identifies nobody where estates could be read, but others could not.
    StoreUnavailable
        If a store does not answer; erasing again continues.
    """
    known, now = homes_of(settings, person), now_ms()
    with opened_store(settings) as store, opened_database(settings) as engine:
        erasing = _Erasing(settings, store, engine, now)
        for home in known.homes:
            erasing.erase(known.estates[home.building], home)
            what = f"erased {home.person}"
            row = Entry(now, by, "operator", AccessEvent.CHANGED, what, home.building, home.tenancy)
            record_access(engine, row._replace(reason=reason))
        empty_log(engine)
    return erasing.done(known.left_out)


class _Erasing:
    """Erases a person home by home, and keeps count of what went and why the rest stays."""

    def __init__(self, settings: Settings, store: Store, engine: Engine, now_ms: int) -> None:
        self._settings, self._store, self._engine = settings, store, engine
        self._now_ms = now_ms
        self._removed: Counter[str] = Counter()
        self._kept = dict.fromkeys(sorted(KEPT_BY_LAW - {"person"}), kept().persons.why)
        self._kept |= dict.fromkeys(KEPT_AS_PROOF, f"{kept().records['access_record'].days} days")
        self._kept["backups"] = "until they are older than backup.keep_days"

    def erase(self, estate: Estate, home: Home) -> None:
        engine, alone = self._engine, lives_alone(estate, home)
        if self._settings.letters is not None:
            ids = _letters_of(engine, home, alone=alone)
            self._removed["letters"] += remove_letters(self._settings.letters.directory, home, ids)
        names = log_in_names(engine, estate, home)
        self._removed.update(_erase_rows(engine, home, names, alone=alone))
        if alone:
            self._erase_measured(estate, home)
        else:
            self._kept["climate"] = "others live in the home, whose readings they are as well"
        if home.end is not None and home.end <= local_date(self._now_ms, estate.building.zone):
            self._removed["person"] += _reduce(self._settings, engine, home)
            self._kept["person"] = f"the name, {kept().persons.days} days after the tenancy"
        else:
            self._kept["person"] = "the tenancy still runs, and its bill needs name and address"

    def _erase_measured(self, estate: Estate, home: Home) -> None:
        self._removed.update(_erase_climate(self._store, estate, home))
        unread = forget_quarantined(self._settings, self._engine, estate, home)
        self._removed["quarantined_message"] += unread.forgotten
        if unread.shared:
            self._kept["quarantined_message"] = (
                f"{unread.shared} hold what others sent too, and go after {quarantine_days()} days"
            )
        _forget_hours(self._engine, home)

    def done(self, left_out: list[Finding]) -> Erased:
        removed = {name: number for name, number in self._removed.items() if number}
        return Erased(removed, self._kept, left_out)


def _letters_of(engine: Engine, home: Home, *, alone: bool) -> set[str]:
    """Return the ids of the letters to a person, after which their files are named."""
    table = all_tables()[OutboxMessage.__tablename__]
    which = about(table, home, alone=alone)
    if not alone:
        which = [*which, table.c.person == home.person]
    with answering(engine) as session:
        return set(session.scalars(select(table.c.id).where(*which)))


def _erase_rows(engine: Engine, home: Home, subjects: list[str], *, alone: bool) -> dict[str, int]:
    found: dict[str, int] = {}
    with answering(engine) as session:
        for name, table in sorted(all_tables().items()):
            if not is_about_homes(table) or name in KEPT_BY_LAW | KEPT_AS_PROOF:
                continue
            if not alone and "person" not in table.c:
                continue
            which = about(table, home, alone=alone)
            if not alone:
                which = [*which, table.c.person == home.person]
            row = kept().records.get(name)
            if row is not None and row.under:
                keys = list(session.scalars(select(first_key(table)).where(*which)))
                for child, column in row.under.items():
                    rows = all_tables()[child]
                    session.execute(delete(rows).where(rows.c[column].in_(keys)))
            found[name] = _count(session, delete(table).where(*which))
        for model in (LoginSession, AccessToken):
            table = all_tables()[model.__tablename__]
            gone = delete(table).where(table.c.subject.in_(subjects))
            found[table.name] = found.get(table.name, 0) + _count(session, gone)
        ids = [each["id"] for each in tokens_of(session.connection(), home)] if alone else []
        found["api_token"] = _count(session, delete(ApiToken).where(ApiToken.id.in_(ids)))
    return found


def _erase_climate(store: Store, estate: Estate, home: Home) -> dict[str, int]:
    """Erase air measurements from the person's days; meter readings belong to the bill."""
    found, spans = {}, defaultdict(list)
    for device, start_ms, end_ms in device_spans(estate, home):
        spans[device].append((start_ms, end_ms))
    registers = set(REGISTER_OF.values())
    for quantity in store.quantities(home.building):
        if quantity not in registers:
            found[quantity] = store.forget_spans(home.building, quantity, spans)
    return found


def _forget_hours(engine: Engine, home: Home) -> None:
    """Erase what alert runs keep of a building's hours; the next run recreates it."""
    with answering(engine) as session:
        of_building = AlertCheckpoint.building == home.building
        _count(session, delete(AlertCheckpoint).where(of_building))


def _reduce(settings: Settings, engine: Engine, home: Home) -> int:
    """Reduce a person's data to the name; return how many rows changed."""
    with answering(engine) as session:
        nothing = dict.fromkeys(REACHED_BY)
        of_it = (
            StoredPerson.building == home.building,
            StoredPerson.tenancy == home.tenancy,
            StoredPerson.person == home.person,
        )
        number = _count(session, update(StoredPerson).where(*of_it).values(nothing))
        imports = select(EstateImport.number).where(EstateImport.building == home.building)
        of_persons = (EstateChange.file == "persons", EstateChange.import_number.in_(imports))
        changes = session.execute(
            select(EstateChange.number, EstateChange.after).where(*of_persons)
        )
        theirs = [
            change
            for change, after in changes
            if (after.get("tenancy"), after.get("person")) == (home.tenancy, home.person)
        ]
        session.execute(delete(EstateChange).where(EstateChange.number.in_(theirs)))
    for folder in settings.estate_folders:
        if folder.name == home.building:
            number += change_persons(folder, lambda row: _without_reach(row, home))
    return number


def _without_reach(row: dict[str, str], home: Home) -> dict[str, str]:
    if (row["tenancy"], row["person"]) != (home.tenancy, home.person):
        return row
    return {name: "" if name in REACHED_BY else value for name, value in row.items()}


def _count(session: Session, statement: object) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[call-overload]
