"""
An installation of 1,000 homes in 20 buildings, with their data and everybody who visits.

Every home has a box and meters of heat and hot water. Boxes of those who ask reported every five
minutes for a month and their meters every hour for 400 days; of all others hourly for two days and
daily for 400. The bills of the last month are approved in two buildings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from estate.files.folder import read_estate
from estate.files.writer import write_folder
from estate.model import SchemeUse
from estate.numbers.scaled import write_sample
from estate.periods import HOUR_MS, Period
from operations.access.sessions import begin_session
from operations.accounts.preview import Asked, make_draft
from operations.clock import now_ms
from operations.ledger.approval import approve
from operations.log_in.staff import add_staff
from operations.serving import serving
from operations.settings import read_settings
from operations.visitors.roles import Role
from telemetry.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from estate.model import Estate
    from operations.serving import Serving
    from operations.settings import Settings
    from operations.visitors.roles import Home

BUILDINGS, HOMES, RESIDENTS, BILLED = 20, 50, 50, 2
DAY_MS = 24 * HOUR_MS
BOX_DAYS, METER_DAYS, OTHER_BOX_DAYS = 31, 400, 2
BOX_STEP_MS = HOUR_MS // 12
AT_ONCE = 50_000
SETTINGS = "f.toml"


@dataclass(frozen=True)
class Visit:
    """The address of a page, and the session of who asks for it."""

    path: str
    session: str

    def to(self, page: str) -> Visit:
        """Return the visit of another page below this one."""
        return replace(self, path=self.path + page)


@dataclass(frozen=True)
class Visitors:
    """
    Those who ask.

    Attributes
    ----------
    homes : list of Visit
        The first page of each resident.
    bills : list of Visit
        A bill of those who have one.
    staff : mapping of Role to str
        The session of one of each role.
    """

    homes: list[Visit]
    bills: list[Visit]
    staff: dict[Role, str]


def write_installation(directory: Path, port: int) -> Settings:
    """Write estates and settings, and return these."""
    write_sample(directory / "sample", f"{accounting_year().start:%Y-%m}", HOMES)
    sample = read_estate(directory / "sample")
    scheme = SchemeUse.model_validate({"scheme": "dk-metered", "from": date(2020, 1, 1)})
    year = {"period_start": accounting_year().start, "period_end": accounting_year().end}
    costs = tuple(each.model_copy(update=year) for each in sample.costs)
    names = [f"b{number:02d}" for number in range(BUILDINGS)]
    for name in names:
        building = sample.building.model_copy(update={"id": name, "schemes": (scheme,)})
        write_folder(directory / name, replace(sample, building=building, costs=costs))
    estates = ", ".join(f'"{each}"' for each in names)
    (directory / SETTINGS).write_text(
        f'store = "sqlite:///r.db"\ndatabase = "sqlite:///f.db"\nestates = [{estates}]\n'
        f'[portal]\nurl = "http://127.0.0.1:{port}"\nport = {port}\n'
    )
    return read_settings(directory / SETTINGS)


def accounting_year() -> Period:
    """Return the last twelve months that are over."""
    first = date.today().replace(day=1)  # noqa: DTZ011  any year would do
    return Period(first.replace(year=first.year - 1), first)


def fill(settings: Settings) -> Visitors:
    """Store readings, approve bills and log everybody in."""
    with serving(settings) as installation:
        chosen = _residents(installation)
        own = {(home.building, home.flat) for home in chosen.values()}
        with installation.store() as store:
            for building, estate in installation.estates().by_building.items():
                flats = {flat for of, flat in own if of == building}
                for part in _parts(_readings(estate, flats)):
                    store.write(part)
        runs = _approve(settings, sorted(installation.estates().by_building)[:BILLED])
        homes, bills = [], []
        for subject, home in chosen.items():
            session = begin_session(installation, subject)
            path = f"/home/{home.building}/{home.tenancy}"
            homes.append(Visit(path, session))
            if home.building in runs:
                bills.append(Visit(f"{path}/papers/bills/{runs[home.building]}", session))
        return Visitors(homes, bills, _staff(installation))


def _residents(installation: Serving) -> dict[str, Home]:
    people = [
        (subject, homes[0])
        for subject, homes in installation.estates().homes.items()
        if subject.startswith("person:") and homes[0].end is None
    ]
    return dict(people[:: max(len(people) // RESIDENTS, 1)][:RESIDENTS])


def _parts(readings: Iterator[Reading]) -> Iterator[list[Reading]]:
    part: list[Reading] = []
    for each in readings:
        part.append(each)
        if len(part) == AT_ONCE:
            yield part
            part = []
    yield part


def _readings(estate: Estate, often: set[str]) -> Iterator[Reading]:
    now, rng = now_ms(), np.random.default_rng(1)
    for device in estate.devices:
        fine = device.flat in often
        if device.kind in ("climate", "outdoor"):
            days, step_ms = (BOX_DAYS, BOX_STEP_MS) if fine else (OTHER_BOX_DAYS, HOUR_MS)
            times = np.arange(now - days * DAY_MS, now, step_ms)
            noise = rng.normal(0, 0.3, len(times))
            values = {"temperature_c": 21 + noise, "humidity_pct": 45 + 5 * noise}
        else:
            step_ms = HOUR_MS if fine else DAY_MS
            start = now - METER_DAYS * DAY_MS
            times = np.arange(start - start % step_ms, now, step_ms)
            used = rng.uniform(0, 2 * step_ms / DAY_MS, len(times)).cumsum()
            name = "hot_water_m3" if device.kind == "hot_water" else "heat_kwh"
            values = {name: used / 10 if device.kind == "hot_water" else 10 * used}
        for name, row in values.items():
            for time_ms, value in zip(times.tolist(), row.round(3).tolist(), strict=True):
                yield Reading(estate.building.id, device.device, name, time_ms, value, 0, time_ms)


def _approve(settings: Settings, buildings: list[str]) -> dict[str, int]:
    numbers = {}
    for name in buildings:
        draft = make_draft(settings, Asked(name, accounting_year()), "benchmark")
        numbers[name] = approve(settings, draft, "benchmark").run.number
    return numbers


def _staff(installation: Serving) -> dict[Role, str]:
    sessions = {}
    for role in (Role.OPERATOR, Role.ACCOUNTANT, Role.BOARD):
        mail, name = f"{role}@staff.example", str(role)
        add_staff(installation.engine, name, mail, (role,), None, installation.clock())
        sessions[role] = begin_session(installation, f"mail:{mail}", name)
    return sessions
