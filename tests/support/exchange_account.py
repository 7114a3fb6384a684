"""An account with a bit of everything that files for other systems must bear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from billing.bill.bill import Bill, BillRow, RegisterUse, Share, Statement
from billing.exchange.account import Account
from estate.periods import Period

YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))


def share(item: str, key: str, amount_ore: int) -> Share:
    return Share(
        item=item, component=f"{item}-1", key=key, fraction=1.0, weight=12.5, weight_total=100.0,
        amount_ore=amount_ore,
    )  # fmt: skip


def register(quantity: str, use: float, method: str = "measured") -> RegisterUse:
    return RegisterUse.model_validate(
        {
            "device": f"m-{quantity}", "quantity": quantity, "serial": None,
            "start_register": None, "end_register": None, "use": use, "method": method,
        }
    )  # fmt: skip


def statement(tenancy: str, flat: str, *shares: Share, **more: Any) -> Statement:  # noqa: ANN401
    whose = {"tenancy": tenancy, "flat": flat}
    of_all = {
        "start": YEAR.start,
        "end": YEAR.end,
        "resident": not tenancy.startswith("landlord:"),
        "rows": tuple(BillRow.model_validate(each.model_dump() | whose) for each in shares),
        "registers": (),
        "climate_hours": 0,
        "climate_hours_measured": 0,
    }
    return Statement.model_validate(whose | of_all | more)


def statements() -> list[Statement]:
    """Return a tenancy that gets money back, one that moved out, and days without a tenant."""
    return [
        statement(
            "0101-1",
            "0101",
            share("heat", "heat_units", 123_456),
            share("hot_water", "hot_water_m3", 7_801),
            vat_ore=26_251,
            aconto_ore=200_000,
            registers=(register("heat_kwh", 4321.5), register("hot_water_m3", 31.25)),
        ),
        statement(
            "0102-7",
            "0102",
            share("heat", "heat_units", 98_765),
            share("hot_water", "hot_water_m3", -120),
            end=date(2025, 8, 16),
            registers=(register("heat_kwh", 998.0004, "year_before"), register("hot_water_m3", 2)),
        ),
        statement("landlord:0102", "0102", share("heat", "area", 5), start=date(2025, 8, 16)),
    ]


def account(of: Sequence[Statement] | None = None, by_area: Sequence[str] = ()) -> Account:
    told = tuple(statements() if of is None else of)
    return Account("house", YEAR, told, frozenset(by_area))


def a_bill(of: Sequence[Statement]) -> Bill:
    """Return a bill of such statements."""
    return Bill(
        building="house", period=YEAR, scheme="own", scheme_version="2025-01-01", ground=None,
        trial=False, statements=tuple(of), total_ore=sum(each.total_ore for each in of),
    )  # fmt: skip
