"""An installation of two homes with a heat meter each, whose year 2025 can be billed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from fairvarme.cli import main
from tests.support.databases import place_database

BUILDING = "solgaarden"
PERIOD = "2025-01-01/2026-01-01"
TABLES = {
    "flats": "flat,address,area_m2,heat_loss_w_per_k\n0101,Vej 1 tv,74,90\n0102,Vej 1 th,68,75\n",
    "tenancies": "tenancy,flat,from,to,delivery\n0101-1,0101,2024-03-01,,paper\n"
    "0102-1,0102,2024-08-01,,paper\n",
    "persons": "tenancy,person,name,mail\n0101-1,0101-1a,Kanarie Kanariesen,\n"
    "0102-1,0102-1a,Beboer 0102,\n",
    "devices": "device,kind,flat,from,to\nbox-0101,climate,0101,2024-12-01,\n"
    "box-0102,climate,0102,2024-12-01,\n64000101,heat,0101,2024-12-01,\n"
    "64000102,heat,0102,2024-12-01,\n",
    "costs": "period_start,period_end,item,kind,amount,vat_amount,energy_kwh,status,received\n"
    "2025-01-01,2026-01-01,heat,energy,2210.40,442.08,1900.00,final,2026-02-06\n",
    "aconto": "tenancy,period_start,period_end,amount\n0101-1,2025-01-01,2026-01-01,1100.00\n"
    "0102-1,2025-01-01,2026-01-01,950.00\n",
}
READINGS = """\
time,device,quantity,value
2025-01-01T00:00:00+01:00,64000101,heat_kwh,41210
2025-01-01T00:00:00+01:00,64000102,heat_kwh,38077
2025-06-15T12:00:00+01:00,box-0101,temperature_c,21.4
2026-01-01T00:00:00+01:00,64000101,heat_kwh,42180
2026-01-01T00:00:00+01:00,64000102,heat_kwh,38905
"""


def call(*arguments: object, code: int = 0) -> str:
    """Call a command of ours, and return what it prints."""
    done = CliRunner().invoke(main, [str(each) for each in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.output


def call_json(*arguments: object) -> dict[str, Any]:
    """Call a command of ours, and return its JSON."""
    found: dict[str, Any] = json.loads(call(*arguments, "--json").splitlines()[-1])
    return found


def make_house(directory: Path, *arguments: str) -> Path:
    """Make the installation with the readings of the year, and return its settings."""
    call(
        "init", directory, "--building", BUILDING, "--source=own-json", "--source=wmbusmeters",
        "--host=localhost", *arguments,
    )  # fmt: skip
    for name, text in TABLES.items():
        (directory / "estates" / BUILDING / f"{name}.csv").write_text(text)
    config = directory / "fairvarme.toml"
    place_database(directory / "data" / "fairvarme.db")
    (directory / "readings.csv").write_text(READINGS)
    call("load", directory / "readings.csv", "--building", BUILDING, "--config", config)
    return config


def bill_files(config: Path, out: Path) -> dict[str, bytes]:
    """Bill the year, and return what is the bill: amounts and statements."""
    call("bill", BUILDING, "--period", PERIOD, "--out", out, "--config", config)
    names = ("bill.csv", "statements.json", "findings.json")
    return {name: (out / BUILDING / name).read_bytes() for name in names}
