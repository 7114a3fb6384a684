"""One flipped bit in a file: somebody is told, or nothing that anybody asks for has changed."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from billing.ledger.database.tables import TABLES as LEDGER_TABLES
from billing.ledger.store import Ledger
from billing.ledger.verify import verify
from estate.database.engine import open_database
from estate.database.sqlite import look_through
from estate.errors import FairvarmeError
from fairvarme.identity.clients import Client, worker_client
from fairvarme.identity.provision import (
    ACCESS,
    AUTHORITY,
    AUTHORITY_KEY,
    PASSWORDS,
    REVOKED,
    ROSTER,
    Provisioner,
    read_roster,
)
from fairvarme.identity.verify import UNREADABLE, find_damage
from ingest.intake import Intake
from ingest.quarantine.store import Quarantine, Selection
from operations.database import migrate
from telemetry.readings import Reading
from telemetry.stores.sqlite import SqliteStore
from tests.faults.matrix.row import Cost, Row
from tests.faults.matrix.writing import HOMES, complaint, disposed
from tests.support.ingest_parts import BUILDING, RULES, SOURCES, T0
from tests.support.ledger import NOW_MS, package

READINGS, QUARANTINE, LEDGER, CREDENTIALS = "readings", "quarantine", "ledger", "credentials"
KINDS = (READINGS, QUARANTINE, LEDGER, CREDENTIALS)
DEVICES, TIMES = 30, 400
MESSAGES, RUNS = 150, 6
FILE = "store.db"
UNUSABLE = "unusable"


class Case(NamedTuple):
    """
    A folder that is spoilt, and how.

    Attributes
    ----------
    files : tuple of str
        In which bits flip, each as often as the others.
    told, told_before : callable
        Whether an administrator is told; before: by what there was without the protection.
    content : callable
        What is asked of the folder: equal where nothing has changed; each unusable part by name.
    promised : bool
        Whether every changed value is found; else those that another one took the place of are not.
    """

    files: tuple[str, ...]
    told: Callable[[Path], bool]
    told_before: Callable[[Path], bool]
    content: Callable[[Path], dict[str, object]]
    promised: bool = True


def flipped_bits(kind: str, directory: Path, flips: int, seed: int = 1) -> Row:
    """Flip so many single bits, each in a folder that was whole."""
    whole = directory / "whole"
    whole.mkdir()
    case = {
        READINGS: _readings, QUARANTINE: _quarantine, LEDGER: _ledger, CREDENTIALS: _credentials,
    }[kind](whole)  # fmt: skip
    expected = case.content(whole)
    assert not case.told(whole)
    rng = random.Random(seed)  # noqa: S311  no secret
    seen: Counter[str] = Counter()
    usable = []
    for number in range(flips):
        spoilt = directory / "spoilt"
        shutil.copytree(whole, spoilt)
        _flip(spoilt / case.files[number % len(case.files)], rng)
        found = case.content(spoilt)
        seen["changed" if found != expected else "harmless"] += 1
        if found != expected:
            usable.append(sum(found.get(name) == value for name, value in expected.items()))
            told = case.told(spoilt)
            seen["told"] += told
            unsaid = _is_one_value(found, expected) and not case.promised
            seen["silent" if unsaid else "lost"] += not told
            seen["lost before"] += not case.told_before(spoilt) and not unsaid
        shutil.rmtree(spoilt)
    least = min((each for each in usable if each), default=0)
    note = (
        f"{seen['told']} told, {seen['harmless']} changed nothing, "
        f"{seen['silent']} changed a value unseen; "
        f"usable parts {least} to {max(usable, default=0)} of {len(expected)}"
    )
    controls = {
        READINGS: "the file is asked whether it takes a write",
        QUARANTINE: "SQLite's look alone",
        LEDGER: "SQLite's look alone",
        CREDENTIALS: "the roster is read",
    }
    return Row(
        "flipped bit", kind, Cost(flips, seen["lost"], note), controls[kind],
        Cost(flips, seen["lost before"]),
    )  # fmt: skip


def _is_one_value(found: dict[str, object], expected: dict[str, object]) -> bool:
    """Whether every part can still be read with as many readings as before."""
    return all(
        value != UNUSABLE and len(str(value).split()) == len(str(expected[name]).split())
        for name, value in found.items()
    )


def _flip(path: Path, rng: random.Random) -> None:
    content = bytearray(path.read_bytes())
    place = rng.randrange(8 * len(content))
    content[place // 8] ^= 1 << place % 8
    path.write_bytes(content)


def _is_damaged(path: Path) -> bool:
    looked = look_through(path)
    return bool(looked.damage or looked.hindrance)


def _readings(directory: Path) -> Case:
    with closing(SqliteStore(directory / FILE)) as store:
        for device in range(DEVICES):
            store.write(
                [
                    Reading(BUILDING, f"d{device}", "temperature_c", T0 + n * 300_000, n / 7, 0, T0)
                    for n in range(TIMES)
                ]
            )
    return Case(
        (FILE,),
        # A bill of a home whose readings cannot be read says so too.
        lambda each: _is_damaged(each / FILE) or UNUSABLE in _series(each).values(),
        lambda each: not _takes_writes(each / FILE),
        _series,
        promised=False,
    )


def _takes_writes(path: Path) -> bool:
    try:
        with closing(SqliteStore(path, create=False)) as store:
            store.ping()
    except FairvarmeError:
        return False
    return True


def _series(directory: Path) -> dict[str, object]:
    """Return the readings of each device as a text, or that they cannot be read."""
    names = [f"d{device}" for device in range(DEVICES)]
    try:
        store = SqliteStore(directory / FILE, create=False)
    except FairvarmeError:
        return dict.fromkeys(names, UNUSABLE)
    with closing(store):
        return {name: _series_of(store, name) for name in names}


def _series_of(store: SqliteStore, device: str) -> str:
    try:
        found = store.samples(BUILDING, [device], "temperature_c", 0, 1 << 62)
    except FairvarmeError:
        return UNUSABLE
    rows = zip(found.time_ms, found.value, found.quality, strict=True)
    return " ".join(f"{time_ms}:{value}:{quality}" for time_ms, value, quality in rows)


def _quarantine(directory: Path) -> Case:
    migrate(url := f"sqlite:///{directory / FILE}").dispose()
    with disposed(open_database(url)) as engine:
        intake = Intake(SOURCES, RULES)
        Quarantine(engine).put(intake.take([complaint(n) for n in range(MESSAGES)]).entries)
    return Case(
        (FILE,),
        lambda each: _is_damaged(each / FILE) or _has_damaged_messages(each / FILE),
        lambda each: _is_damaged(each / FILE),
        _messages,
    )


def _has_damaged_messages(path: Path) -> bool:
    try:
        with disposed(open_database(f"sqlite:///{path}")) as engine:
            return Quarantine(engine).count_damaged() > 0
    except (FairvarmeError, TypeError, ValueError):
        return True


def _messages(directory: Path) -> dict[str, object]:
    """Return what would be decoded again, by digest."""
    try:
        with disposed(open_database(f"sqlite:///{directory / FILE}")) as engine:
            kept = [each for some in Quarantine(engine).messages(Selection()) for each in some]
    except (FairvarmeError, TypeError, ValueError):
        return {"all": UNUSABLE}
    return {each.digest.hex(): (each.source, *each.message[:2]) for each in kept}


def _ledger(directory: Path) -> Case:
    migrate(url := f"sqlite:///{directory / FILE}").dispose()
    with disposed(open_database(url)) as engine:
        ledger = Ledger(engine)
        for year in range(RUNS):
            days = {"period_start": date(2000 + year, 1, 1), "period_end": date(2001 + year, 1, 1)}
            bill = package(HOMES, {"evidence": bytes(3000)}, building="house", **days)
            ledger.approve(ledger.keep(bill, "a", NOW_MS), "a", NOW_MS)
    return Case(
        (FILE,),
        lambda each: _is_damaged(each / FILE) or _is_changed(each / FILE),
        lambda each: _is_damaged(each / FILE),
        _runs,
    )


def _is_changed(path: Path) -> bool:
    try:
        with disposed(open_database(f"sqlite:///{path}")) as engine:
            return bool(verify(engine).findings)
    except FairvarmeError:
        return True


def _runs(directory: Path) -> dict[str, object]:
    """Return every row of the ledger's tables, by table."""
    found: dict[str, object] = {}
    with closing(sqlite3.connect(directory / FILE)) as connection:
        connection.text_factory = bytes
        for table in (each.__tablename__ for each in LEDGER_TABLES):
            query = f"SELECT * FROM {table} ORDER BY 1, 2"  # noqa: S608  a name
            try:
                found[table] = connection.execute(query).fetchall()
            except (sqlite3.DatabaseError, UnicodeDecodeError):
                found[table] = UNUSABLE
    return found


def _credentials(directory: Path) -> Case:
    clients = [
        Client(f"house/box-{n}", "device", (f"fairvarme/v1/house/box-{n}/readings",))
        for n in range(20)
    ]
    out = Provisioner(directory, 365, directory / "handover")
    out.provision([*clients, worker_client()], "password")
    out.provision([Client("gate", "gateway", ("cellar/+",))], "certificate")
    shutil.rmtree(directory / "handover")
    files = (*MEANINGS, ROSTER)
    return Case(files, lambda each: any(find_damage(each)), _unread, _granted)


def _unread(directory: Path) -> bool:
    try:
        read_roster(directory)
    except FairvarmeError:
        return True
    return False


def _granted(directory: Path) -> dict[str, object]:
    """Return what the broker and the authority make of each file."""
    return {name: _meaning(directory / name, read) for name, read in MEANINGS.items()}


def _meaning(path: Path, read: Callable[[bytes], object]) -> object:
    try:
        return read(path.read_bytes())
    except UNREADABLE:
        return UNUSABLE


MEANINGS: dict[str, Callable[[bytes], object]] = {
    PASSWORDS: bytes,
    ACCESS: bytes,
    AUTHORITY: lambda content: x509.load_pem_x509_certificate(content).public_bytes(Encoding.DER),
    REVOKED: lambda content: x509.load_pem_x509_crl(content).public_bytes(Encoding.DER),
    str(AUTHORITY_KEY): lambda content: load_pem_private_key(content, None).private_numbers(),  # type: ignore[union-attr]  # of an elliptic curve
}
