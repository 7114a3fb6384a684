"""The files of a bill: bill.csv for a spreadsheet, JSON for programs, and what it was made from."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from billing.bill.as_json import SCHEMA, component_details, statement_details
from billing.money import MICRO
from billing.shown import number as shown
from estate.quantities import quantities

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from billing.bill.bill import Bill, BillRow, Ground, RegisterUse, Statement
    from billing.bill.costs import CostLine

COLUMNS = (
    "building", "period_start", "period_end", "tenancy", "flat", "item", "component", "key",
    "fraction", "weight", "weight_total", "amount",
)  # fmt: skip
DIGITS = len(str(MICRO)) - 1
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def write_bill(directory: Path, bill: Bill, inputs: Mapping[str, str]) -> None:
    """
    Write bill.csv, statements.json, findings.json and run.json.

    Parameters
    ----------
    directory : Path
        Made where it is absent.
    bill : Bill
    inputs : mapping of str to str
        SHA-256 of every file that the bill was made from, by name.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "bill.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_csv_row(bill, row) for row in bill.rows)
    _write_json(directory / "statements.json", {"schema": SCHEMA, "statements": _statements(bill)})
    findings = [finding.as_dict() for finding in bill.findings]
    _write_json(directory / "findings.json", {"findings": findings})
    _write_json(directory / "run.json", _run(bill, inputs))


def kroner(amount_ore: int) -> str:
    """Write øre as kroner with a point, such as -1234.05."""
    whole, ore = divmod(abs(amount_ore), 100)
    return f"{'-' if amount_ore < 0 else ''}{whole}.{ore:02d}"


def safe_cell(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _csv_row(bill: Bill, row: BillRow) -> list[str]:
    return [
        safe_cell(bill.building),
        str(bill.period.start),
        str(bill.period.end),
        safe_cell(row.tenancy),
        safe_cell(row.flat),
        safe_cell(row.item),
        safe_cell(row.component),
        row.key,
        shown(row.fraction),
        f"{row.weight:.{DIGITS}f}",
        f"{row.weight_total:.{DIGITS}f}",
        kroner(row.amount_ore),
    ]


def _statements(bill: Bill) -> list[dict[str, Any]]:
    return [_statement(bill, statement) for statement in bill.statements]


def _statement(bill: Bill, statement: Statement) -> dict[str, Any]:
    return {
        "building": bill.building,
        "tenancy": statement.tenancy,
        "flat": statement.flat,
        "from": str(statement.start),
        "to": str(statement.end),
        "resident": statement.resident,
        "scheme": bill.scheme,
        "scheme_version": bill.scheme_version,
        "ground": _ground(bill.ground),
        "trial": bill.trial,
        "provisional": bill.provisional,
        "allowed": list(bill.allowed),
        "total_ore": statement.total_ore,
        "vat_ore": statement.vat_ore,
        "shadow_ore": statement.shadow_ore,
        "shadow_scheme": bill.shadow_scheme,
        "climate_hours": statement.climate_hours,
        "climate_hours_measured": statement.climate_hours_measured,
        "climate_hours_by_house": statement.climate_hours_by_house,
        "components": [
            {
                "item": row.item,
                "component": row.component,
                "key": row.key,
                "fraction": row.fraction,
                "weight": row.weight,
                "weight_total": row.weight_total,
                "amount_ore": row.amount_ore,
                **component_details(bill, row),
            }
            for row in statement.rows
        ],
        "registers": [_register(register) for register in statement.registers],
        **statement_details(bill, statement),
    }


def _cost(line: CostLine) -> dict[str, Any]:
    return {
        "item": line.item,
        "kind": line.kind,
        "from": str(line.start),
        "to": str(line.end),
        "amount_ore": line.amount_ore,
        "vat_ore": line.vat_ore,
        "energy_kwh": line.energy_kwh,
        "provisional": line.provisional,
        "received": _day(line.received),
        "co2_kg": line.co2_kg,
        "co2_ore": line.co2_ore,
    }


def _ground(ground: Ground | None) -> dict[str, str | None] | None:
    if ground is None:
        return None
    return {
        "kind": ground.kind,
        "reference": ground.reference,
        "from": _day(ground.start),
        "to": _day(ground.end),
    }


def _day(day: date | None) -> str | None:
    return str(day) if day else None


def _register(register: RegisterUse) -> dict[str, Any]:
    return {
        "device": register.device,
        "quantity": register.quantity,
        "unit": quantities()[register.quantity].unit,
        "serial": register.serial,
        "factor": register.factor,
        "start_register": _known(register.start_register),
        "end_register": _known(register.end_register),
        "use": _known(register.use),
        "method": register.method,
        "interpolated_hours": register.interpolated_hours,
        "estimated_hours": register.estimated_hours,
        "breaks": [asdict(each) | {"day": str(each.day)} for each in register.breaks],
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _run(bill: Bill, inputs: Mapping[str, str]) -> dict[str, Any]:
    return {
        "building": bill.building,
        "period": str(bill.period),
        "scheme": {"id": bill.scheme, "version": bill.scheme_version},
        "ground": _ground(bill.ground),
        "program": {"name": "fairvarme", "version": version("fairvarme")},
        "total_ore": bill.total_ore,
        "issued": _day(bill.issued),
        "first_issued": _day(bill.first_issued),
        "co2": asdict(bill.co2) if bill.co2 else None,
        "provisional": bill.provisional,
        "allowed": list(bill.allowed),
        "costs": [_cost(line) for line in bill.costs],
        "derived": [asdict(item) for item in bill.derived],
        "inputs_sha256": dict(sorted(inputs.items())),
    }


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", "utf-8")
