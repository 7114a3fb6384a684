"""The estate folder of a new installation: a row in each file, to be replaced."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from fairvarme.init.answers import Answers

EXAMPLE = {"x_note": "example: replace this row"}
FLAT, TENANCY = "0101", "0101-1"


def write_estate(directory: Path, answers: Answers) -> None:
    """Write every file of the folder."""
    directory.mkdir(parents=True)
    text = yaml.safe_dump(_building(answers), sort_keys=False, allow_unicode=True)
    (directory / "building.yaml").write_text(text, "utf-8")
    for name, rows in _tables(answers).items():
        _write_table(directory / f"{name}.csv", rows)


def _building(answers: Answers) -> dict[str, Any]:
    first = answers.today.replace(month=1, day=1)
    return {
        "id": answers.building,
        "name": answers.name,
        "address": answers.address,
        "timezone": answers.timezone,
        "currency": "DKK",
        "language": answers.language,
        "tenure": answers.tenure,
        "schemes": [{"scheme": "dk-metered", "from": first.replace(year=first.year - 1)}],
    }


def _tables(answers: Answers) -> dict[str, list[dict[str, Any]]]:
    first = answers.today.replace(month=1, day=1)
    since = first.replace(year=first.year - 1)
    until = first.replace(month=2)
    days = {"period_start": first, "period_end": until}
    flat = {"flat": FLAT, "address": f"{answers.address}, st. tv", "area_m2": 74}
    flat |= {"stairwell": 1, "floor": "st", "door": "tv", "heat_loss_w_per_k": 90}
    cost = {"item": "heat", "kind": "energy", "amount": "1000.00", "status": "provisional"}
    tenancy = {"tenancy": TENANCY, "flat": FLAT, "from": since, "to": "", "delivery": "paper"}
    person = {"tenancy": TENANCY, "person": f"{TENANCY}a", "name": "Name", "mail": ""}
    return {
        "flats": [flat],
        "tenancies": [tenancy],
        "persons": [person],
        "devices": [_device(row["device"], since) for row in answers.source_rows()],
        "costs": [days | cost],
        "aconto": [{"tenancy": TENANCY} | days | {"amount": "900.00"}],
    }


def _device(row: Mapping[str, Any], since: date) -> dict[str, Any]:
    return {
        "device": row["device"],
        "kind": row["kind"],
        "flat": FLAT,
        "from": since,
        "to": "",
        "room": row["room"],
    }


def _write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], *EXAMPLE], lineterminator="\n")
        writer.writeheader()
        writer.writerows([{**row, **EXAMPLE} for row in rows])
