"""An estate with a month of made-up climate, for the pages of the reports."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from alerts.model import Alert, AlertKind
from billing.bill.bill import Bill, BillRow, Ground, RegisterUse, Statement
from billing.measured.earlier_uses import Around, EarlierUses
from estate.model import Aconto, Estate, Person, Tenancy
from estate.periods import Period, day_start_ms
from reports.monthly.climate import HomeHours
from reports.monthly.figures import HomeMonth, home_month
from tests.support import estates as make

if TYPE_CHECKING:
    import numpy.typing as npt

ZONE = ZoneInfo("Europe/Copenhagen")
JANUARY = Period(date(2026, 1, 1), date(2026, 2, 1))
HOURS = JANUARY.hours(ZONE).count

BUILDING: dict[str, Any] = {
    "id": "birkegaarden",
    "name": "Birkegården",
    "address": "Birkevej 1, 4000 Roskilde",
    "timezone": "Europe/Copenhagen",
    "currency": "DKK",
    "language": "da",
    "tenure": "almen",
    "schemes": [],
    "organisation": "Boligforeningen Birkegården",
    "complaint_board": "beboerklagenævnet i Roskilde",
    "contacts": [
        {"topic": "varmeregnskab", "phone": "12 34 56 70", "hours": "hverdage 9-12"},
        {"topic": "indeklima", "phone": "12 34 56 71", "hours": "hverdage 8-15"},
        {"topic": "vand hele døgnet", "phone": "12 34 56 72", "emergency": True},
    ],
}
# Green band and red limits of the made-up boxes, written out anew and not read from the rules.
GREEN = {"temperature_c": (19.0, 22.0), "humidity_pct": (30.0, 50.0), "co2_ppm": (0.0, 1000.0)}
YELLOW = {"temperature_c": (18.0, 24.0), "humidity_pct": (20.0, 60.0), "co2_ppm": (0.0, 1400.0)}


def an_estate(
    persons: list[dict[str, Any]] | None = None,
    tenancies: list[dict[str, Any]] | None = None,
    aconto: list[dict[str, Any]] | None = None,
    **building: object,
) -> Estate:
    """Two homes; f2 changes hands on 16 January."""
    day, move = "2024-01-01", "2026-01-16"
    tenancies = tenancies or [
        {"tenancy": "t1", "flat": "f1", "from": day, "delivery": "paper"},
        {"tenancy": "t2", "flat": "f2", "from": day, "to": move, "delivery": "paper"},
        {"tenancy": "t3", "flat": "f2", "from": move, "delivery": "digital"},
    ]
    persons = persons or [
        {"tenancy": f"t{number}", "person": f"p{number}", "name": f"Beboer {number}"}
        for number in (1, 2, 3)
    ]
    addresses = {"f1": "Birkevej 1, 2. tv, 4000 Roskilde", "f2": "Birkevej 1, 2. th, 4000 Roskilde"}
    return make.estate(
        [make.flat(name, address=address) for name, address in addresses.items()],
        [Tenancy.model_validate(row) for row in tenancies],
        [make.device("w1", "hot_water", "f1", start=date(2024, 1, 1))],
        persons=[Person.model_validate(row) for row in persons],
        aconto=[Aconto.model_validate(row) for row in aconto or ()],
        **(BUILDING | building),
    )


def a_row(tenancy: str, flat: str, item: str, key: str, amount_ore: int) -> BillRow:
    """One row of a bill; the weights do not show on a page."""
    return BillRow(
        tenancy=tenancy,
        flat=flat,
        item=item,
        component=key,
        key=key,
        fraction=0.5,
        weight=1.0,
        weight_total=2.0,
        amount_ore=amount_ore,
    )


def a_statement(
    tenancy: str = "t1",
    flat: str = "f1",
    days: Period = JANUARY,
    amounts: dict[tuple[str, str], int] | None = None,
    **changes: object,
) -> Statement:
    """A statement of heat by three keys and hot water by meter."""
    amounts = amounts or {
        ("heat", "heat_units_position"): 31_240,
        ("heat", "area"): 22_075,
        ("heat", "own_heat_loss"): 18_910,
        ("hot_water", "hot_water_m3"): 12_025,
    }
    fields: dict[str, Any] = {
        "tenancy": tenancy,
        "flat": flat,
        "start": days.start,
        "end": days.end,
        "resident": True,
        "rows": tuple(a_row(tenancy, flat, *key, amount) for key, amount in amounts.items()),
        "registers": (
            RegisterUse(
                device="h1",
                quantity="heat_kwh",
                serial=None,
                start_register=1000.0,
                end_register=1412.4,
                use=412.4,
            ),
            RegisterUse(
                device="w1",
                quantity="hot_water_m3",
                serial=None,
                start_register=10.0,
                end_register=13.2,
                use=3.2,
            ),
        ),
        "climate_hours": days.hours(ZONE).count,
        "climate_hours_measured": days.hours(ZONE).count,
        "shadow_ore": 79_010,
    }
    fields.update(changes)
    return Statement(**fields)


def a_bill(*statements: Statement, trial: bool = True, **changes: object) -> Bill:
    """The bill of January under the climate scheme."""
    fields: dict[str, Any] = {
        "building": "birkegaarden",
        "period": JANUARY,
        "scheme": "dk-climate",
        "scheme_version": "2022-01-01",
        "ground": Ground(kind="permit", reference="Dispensation 2026/1234"),
        "trial": trial,
        "statements": statements,
        "total_ore": sum(each.total_ore for each in statements),
    }
    fields.update(changes)
    return Bill(**fields)


def an_alert(
    kind: AlertKind, first: date, last: date, flat: str = "f1", **changes: object
) -> Alert:
    """An alert over whole days, `last` inclusive, raised at its end."""
    start_ms, end_ms = day_start_ms(first, ZONE), day_start_ms(last + timedelta(days=1), ZONE)
    fields: dict[str, Any] = {
        "building": "birkegaarden",
        "flat": flat,
        "kind": kind,
        "device": None,
        "start_ms": start_ms,
        "end_ms": end_ms,
        "raised_ms": end_ms,
    }
    fields.update(changes)
    return Alert(**fields)


def home_hours(**values: npt.NDArray[np.float64]) -> HomeHours:
    """Colour a home's hours by the limits above, hour by hour."""
    colours = {name: _colours(name, row) for name, row in values.items()}
    return HomeHours(
        values=values,
        colours=colours,
        sides={name: _sides(name, row) for name, row in values.items()},
        worst=np.where(colours["temperature_c"] < 0, -1, np.max(list(colours.values()), axis=0)),
    )


def _colours(name: str, row: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    def colour(value: float) -> int:
        if np.isnan(value):
            return -1
        inside = [band[name][0] <= value <= band[name][1] for band in (GREEN, YELLOW)]
        return 0 if inside[0] else 1 if inside[1] else 2

    return np.array([colour(value) for value in row], dtype=np.int8)


def _sides(name: str, row: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    low, high = GREEN[name]
    return np.array([-1 if value < low else int(value > high) for value in row], dtype=np.int8)


def a_climate(
    temperature_c: float = 20.6, humidity_pct: float = 42.0, co2_ppm: float = 780.0, seed: int = 1
) -> HomeHours:
    """A month around the given means, with days and nights and a little chance."""
    random = np.random.default_rng(seed)
    hour = np.arange(HOURS)
    day = np.sin(2 * np.pi * (hour - 9) / 24)
    slow = np.interp(hour, np.arange(0, HOURS + 48, 48), random.normal(0, 1, HOURS // 48 + 2))
    return home_hours(
        temperature_c=temperature_c + 0.5 * day + 0.5 * slow + random.normal(0, 0.2, HOURS),
        humidity_pct=humidity_pct - 2 * day + 3.5 * slow + random.normal(0, 1, HOURS),
        co2_ppm=co2_ppm - 190 * day + 60 * slow + random.normal(0, 40, HOURS),
    )


def months_around(
    month: dict[str, float] | None = None,
    year: dict[str, float] | None = None,
    degree_days: tuple[float | None, float | None, float | None] = (480.0, 400.0, 500.0),
) -> Around:
    """What t1 used in December 2025 and January 2025; degree-days of now, month and year."""
    now, of_month, of_year = degree_days
    month = {"heat_kwh": 350.0, "hot_water_m3": 2.9} if month is None else month
    year = {"heat_kwh": 500.0, "hot_water_m3": 3.1} if year is None else year
    return Around(
        {
            "month": EarlierUses(Period.month("2025-12"), of_month, {"t1": month}),
            "year": EarlierUses(Period.month("2025-01"), of_year, {"t1": year}),
        },
        now,
    )


def a_month(
    statement: Statement | None = None,
    climate: HomeHours | None = None,
    alerts: tuple[Alert, ...] = (),
    trial: bool = True,
    estate: Estate | None = None,
    around: Around | None = None,
) -> HomeMonth:
    """The figures of one page."""
    statement = statement or a_statement()
    bill = a_bill(statement, trial=trial)
    return home_month(
        estate or an_estate(), bill, statement, climate or a_climate(), alerts, around=around
    )
