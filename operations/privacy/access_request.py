"""Answers access requests: all data held about a person, as a readable page and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from billing.ledger.store import Ledger
from estate.errors import DataError
from estate.purposes.table import purposes
from operations.clock import now_ms
from operations.privacy.held import (
    homes_of,
    lives_alone,
    log_ins_of,
    readings_of,
    rows_about,
    statements_of,
)
from operations.privacy.held import subjects_of as log_in_names
from operations.privacy.quarantined import quarantined_of
from operations.wiring import opened_database, opened_store

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from estate.model import Estate
    from estate.purposes.table import Purpose
    from operations.settings import Settings
    from operations.visitors.roles import Home
    from telemetry.stores.store import Store

PAGE, DATA = "access-request.html", "access-request.json"


def answer_access_request(settings: Settings, person: str, directory: Path) -> dict[str, int]:
    """
    Write all data held about a person into a folder.

    Parameters
    ----------
    settings : Settings
    person : str
        ``BUILDING/TENANCY/PERSON``, a mail address or a telephone number.
    directory : Path

    Returns
    -------
    dict of str to int
        Number of rows or readings held, by kind.

    Raises
    ------
    UsageError
        If it identifies nobody.
    DataError
        If the person may be known in an estate that is not in order; nothing is written.
    StoreUnavailable
    """
    document = _document(settings, person)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / DATA).write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    (directory / PAGE).write_text(_page(document), "utf-8")
    counts: Counter[str] = Counter()
    for home in document["homes"]:
        counts["readings"] += len(home["readings"])
        counts["quarantined"] += len(home["quarantined"])
        for held in home["records"]:
            counts[held["table"]] += len(held["rows"])
    return dict(counts)


def _document(settings: Settings, person: str) -> dict[str, Any]:
    known = homes_of(settings, person)
    if known.left_out:
        raise DataError(known.left_out)
    with opened_store(settings) as store, opened_database(settings) as engine:
        homes = [
            _home(settings, store, engine, known.estates[home.building], home)
            for home in known.homes
        ]
    return {
        "person": person,
        "made_ms": now_ms(),
        "homes": homes,
        "purposes": {name: _purpose(row) for name, row in purposes().items()},
    }


def _home(
    settings: Settings, store: Store, engine: Engine, estate: Estate, home: Home
) -> dict[str, Any]:
    records = rows_about(engine, home, alone=lives_alone(estate, home))
    records += log_ins_of(engine, home, log_in_names(engine, estate, home))
    return {
        "building": home.building,
        "tenancy": home.tenancy,
        "person": _person(estate, home.tenancy, home.person),
        "flat": home.flat,
        "from": home.start.isoformat(),
        "to": home.end.isoformat() if home.end else None,
        "controller": estate.building.data_controller,
        "complaint_board": estate.building.complaint_board,
        "language": estate.building.language,
        "statements": statements_of(Ledger(engine), home),
        "records": [each._asdict() for each in records],
        "readings": list(readings_of(store, estate, home)),
        "quarantined": quarantined_of(settings, engine, estate, home),
    }


def _purpose(row: Purpose) -> dict[str, Any]:
    return {
        "says": row.says,
        "quantities": sorted(row.quantities),
        "basis": row.basis,
        "seen_by": sorted(row.seen_by),
        "kept_days": row.kept_days,
    }


def _person(estate: Estate, tenancy: str, person: str) -> dict[str, Any]:
    (found,) = [each for each in estate.persons if (each.tenancy, each.person) == (tenancy, person)]
    told: dict[str, Any] = found.model_dump(mode="json", by_alias=True)
    return told


def _page(document: dict[str, Any]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("operations.privacy"), undefined=StrictUndefined, autoescape=True
    )
    return environment.get_template("access-request.html.j2").render(
        **document, counted=[_counted(home["readings"]) for home in document["homes"]]
    )


def _counted(readings: list[dict[str, Any]]) -> list[tuple[str, str, int, str, str]]:
    """Return device, quantity, number, first and last time of the readings."""
    times: dict[tuple[str, str], list[str]] = {}
    for each in readings:
        times.setdefault((each["device"], each["quantity"]), []).append(each["time"])
    return [(*key, len(found), min(found), max(found)) for key, found in sorted(times.items())]
