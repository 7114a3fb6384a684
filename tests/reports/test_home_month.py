from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from alerts.model import AlertKind
from billing.bill.bill import RegisterUse
from estate.periods import Period, day_start_ms
from reports.costs import cost_shares
from reports.monthly.climate import HomeHours, Shade
from reports.monthly.figures import ClimateState, HomeMonth, Payment, home_month
from reports.monthly.page import page_of
from tests.support.report_homes import (
    HOURS,
    JANUARY,
    ZONE,
    a_bill,
    a_climate,
    a_month,
    a_row,
    a_statement,
    an_alert,
    an_estate,
    home_hours,
)

SECOND_HALF = Period(date(2026, 1, 16), date(2026, 2, 1))
MOVE_HOUR = 15 * 24


def with_days_replaced(climate: HomeHours, hours: slice, value: float) -> HomeHours:
    """The same climate with other values in some hours."""
    values = {name: row.copy() for name, row in climate.values.items()}
    for row in values.values():
        row[hours] = value
    return home_hours(**values)


def page_of_the_one_who_moved_in(climate: HomeHours, *alerts: object) -> HomeMonth:
    statement = a_statement("t3", "f2", SECOND_HALF)
    return home_month(an_estate(), a_bill(statement), statement, climate, alerts)  # type: ignore[arg-type]  # alerts only


def test_who_moved_in_sees_nothing_of_the_days_before() -> None:
    climate = a_climate(seed=5)
    hot = with_days_replaced(climate, slice(0, MOVE_HOUR), 50.0)
    empty = with_days_replaced(climate, slice(0, MOVE_HOUR), float("nan"))
    assert page_of_the_one_who_moved_in(hot) == page_of_the_one_who_moved_in(climate)
    assert page_of_the_one_who_moved_in(empty) == page_of_the_one_who_moved_in(climate)


def test_who_moved_out_sees_nothing_of_the_days_after() -> None:
    climate = a_climate(seed=5)
    hot = with_days_replaced(climate, slice(MOVE_HOUR, HOURS), 50.0)
    statement = a_statement("t2", "f2", Period(JANUARY.start, SECOND_HALF.start))
    pages = [
        home_month(an_estate(), a_bill(statement), statement, each, ()) for each in (climate, hot)
    ]
    assert pages[0] == pages[1]


def test_the_page_of_a_part_of_a_month_counts_its_own_hours() -> None:
    climate = a_climate(seed=5)
    page = page_of_the_one_who_moved_in(climate)
    assert page.climate is not None
    assert page.climate.hours == 16 * 24
    assert len(page.climate.days) == 16
    own = [value for value in climate.values["temperature_c"][MOVE_HOUR:] if not np.isnan(value)]
    assert page.climate.quantities[0].mean == pytest.approx(sum(own) / len(own))


def test_a_page_tells_its_own_alerts_alone() -> None:
    day = date(2026, 1, 20)
    mine = an_alert(AlertKind.LEAK, day, day)
    others = (
        an_alert(AlertKind.SPIKE, day, day, flat="f2"),
        replace(mine, building="another", kind=AlertKind.SPIKE),
        an_alert(AlertKind.SPIKE, date(2025, 12, 20), date(2025, 12, 31)),
        an_alert(AlertKind.SPIKE, date(2026, 2, 1), date(2026, 2, 2)),
    )
    notices = a_month(alerts=(mine, *others)).notices
    assert [(each.kind, each.first, each.last, each.count) for each in notices] == [
        (AlertKind.LEAK, day, day, 1)
    ]


def test_an_alert_of_the_tenant_before_is_not_told() -> None:
    before = an_alert(AlertKind.LEAK, date(2026, 1, 10), date(2026, 1, 14), flat="f2")
    raised_before = an_alert(
        AlertKind.MOULD_RISK, date(2026, 1, 10), date(2026, 1, 20), flat="f2",
        raised_ms=day_start_ms(date(2026, 1, 12), ZONE),
    )  # fmt: skip
    assert page_of_the_one_who_moved_in(a_climate(), before, raised_before).notices == ()


def test_an_alert_that_reaches_into_the_tenancy_is_told_for_its_days() -> None:
    alert = an_alert(AlertKind.LEAK, date(2026, 1, 14), date(2026, 1, 18), flat="f2")
    (notice,) = page_of_the_one_who_moved_in(a_climate(), alert).notices
    assert (notice.first, notice.last) == (date(2026, 1, 16), date(2026, 1, 18))


def test_alerts_of_one_kind_and_meter_are_told_once() -> None:
    alerts = tuple(
        an_alert(AlertKind.SPIKE, date(2026, 1, day), date(2026, 1, day), device="w1")
        for day in (5, 9, 20)
    )
    (notice,) = a_month(alerts=alerts).notices
    assert (notice.count, notice.meter, notice.last) == (3, "hot_water", date(2026, 1, 20))


def test_the_weightiest_alert_comes_first() -> None:
    day = date(2026, 1, 20)
    kinds = (AlertKind.SPIKE, AlertKind.MOULD_RISK, AlertKind.LEAK)
    notices = a_month(alerts=tuple(an_alert(kind, day, day) for kind in kinds)).notices
    assert [each.kind for each in notices] == ["leak", "mould_risk", "spike"]


def test_the_landlord_gets_no_page() -> None:
    statement = a_statement().replace(tenancy="landlord:f1", resident=False)
    with pytest.raises(ValueError, match="no page"):
        a_month(statement)


def test_a_refused_climate_is_not_shown() -> None:
    tenancy = {
        "tenancy": "t1", "flat": "f1", "from": "2024-01-01", "delivery": "paper",
        "climate_refused": True,
    }  # fmt: skip
    mould = an_alert(AlertKind.MOULD_RISK, date(2026, 1, 5), date(2026, 1, 9))
    leak = an_alert(AlertKind.LEAK, date(2026, 1, 5), date(2026, 1, 9))
    page = a_month(estate=an_estate(tenancies=[tenancy]), alerts=(mould, leak))
    assert page.climate_state is ClimateState.REFUSED
    assert page.climate is None
    assert [notice.kind for notice in page.notices] == [AlertKind.LEAK]


def test_climate_is_shown_for_agreed_days_only() -> None:
    tenancy = {
        "tenancy": "t1", "flat": "f1", "from": "2024-01-01", "delivery": "paper",
        "climate_from": "2026-01-21",
    }  # fmt: skip
    page = a_month(estate=an_estate(tenancies=[tenancy]))
    assert page.climate is not None
    assert page.climate.measured_hours == 11 * 24
    assert set(page.climate.days[:20]) == {Shade.UNMEASURED}
    later = {**tenancy, "climate_from": "2026-03-01"}
    page = a_month(estate=an_estate(tenancies=[later]))
    assert (page.climate_state, page.climate) == (ClimateState.NOT_AGREED, None)


def test_a_month_without_readings_is_said_to_be_unmeasured() -> None:
    gaps = {name: np.full(HOURS, np.nan) for name in a_climate().values}
    page = a_month(climate=home_hours(**gaps))
    assert page.climate_state is ClimateState.UNMEASURED
    assert "box_power" in page.advice


def test_cost_lines_add_up_by_item_and_key() -> None:
    rows = [
        a_row("t1", "f1", "heat", "area", 100),
        a_row("t1", "f1", "heat", "area", 50),
        a_row("t1", "f1", "hot_water", "area", 250),
        a_row("t1", "f1", "heat", "heat_units", -40),
        a_row("t1", "f1", "hot_water", "hot_water_m3", 0),
    ]
    lines = cost_shares(rows)
    assert [(line.item, line.key, line.amount_ore, line.share) for line in lines] == [
        ("heat", "area", 150, 0.375),
        ("hot_water", "area", 250, 0.625),
        ("heat", "heat_units", -40, 0.0),
        ("hot_water", "hot_water_m3", 0, 0.0),
    ]
    assert sum(line.amount_ore for line in lines) == sum(row.amount_ore for row in rows)


def test_the_amount_is_the_statements() -> None:
    page = a_month()
    assert page.amount_ore == 31_240 + 22_075 + 18_910 + 12_025
    assert page.shadow_ore == 79_010
    assert page.metered == (("heat_kwh", 412.4), ("hot_water_m3", 3.2))


def test_registers_of_one_quantity_are_added() -> None:
    registers = tuple(
        RegisterUse(
            device=device,
            quantity="hot_water_m3",
            serial=None,
            start_register=0.0,
            end_register=use,
            use=use,
        )
        for device, use in (("w1", 1.25), ("w2", 2.5))
    )
    assert a_month(a_statement().replace(registers=registers)).metered == (("hot_water_m3", 3.75),)


def aconto(start: str, end: str, amount_ore: int, tenancy: str = "t1") -> dict[str, object]:
    return {
        "tenancy": tenancy, "period_start": start, "period_end": end, "amount_ore": amount_ore
    }  # fmt: skip


@pytest.mark.parametrize(
    ("charges", "payment", "aconto_ore"),
    [
        ([], Payment.DUE, None),
        ([aconto("2026-01-01", "2026-02-01", 75_000)], Payment.ON_ACCOUNT, 75_000),
        ([aconto("2026-01-01", "2026-04-01", 225_000)], Payment.ON_ACCOUNT, None),
        ([aconto("2025-12-01", "2026-01-01", 75_000)], Payment.DUE, None),
        ([aconto("2026-01-01", "2026-02-01", 75_000, "t3")], Payment.DUE, None),
    ],
)
def test_what_was_paid_on_account_is_told_where_it_is_known(
    charges: list[dict[str, object]], payment: Payment, aconto_ore: int | None
) -> None:
    page = a_month(trial=False, estate=an_estate(aconto=charges))
    assert (page.payment, page.aconto_ore) == (payment, aconto_ore)


@pytest.mark.parametrize("reason", ["interim", "late"])
def test_what_is_no_claim_asks_for_no_payment(reason: str) -> None:
    statement = a_statement()
    bill = a_bill(statement, trial=False, **{reason: True})
    month = home_month(an_estate(), bill, statement, a_climate(), ())
    assert month.payment is Payment.INFORMATION
    assert "Du skal betale" not in str(page_of(month))


def test_a_trial_is_no_claim_whatever_was_paid() -> None:
    charges = [aconto("2026-01-01", "2026-02-01", 75_000)]
    assert a_month(trial=True, estate=an_estate(aconto=charges)).trial


def test_estimated_hours_are_those_that_the_amount_rests_on() -> None:
    gap = a_statement().replace(climate_hours_measured=700)
    assert a_month(gap).estimated_hours == 44
    metered_only = {("heat", "heat_units"): 100, ("heat", "area"): 100}
    assert a_month(gap.replace(rows=a_statement(amounts=metered_only).rows)).estimated_hours == 0


@pytest.mark.parametrize(
    ("person", "building", "language"), [("en", "da", "en"), (None, "da", "da"), ("pl", "en", "en")]
)
def test_a_page_speaks_the_residents_language(
    person: str | None, building: str, language: str
) -> None:
    persons = [{"tenancy": "t1", "person": "p1", "name": "Beboer 1", "language": person}]
    assert a_month(estate=an_estate(persons=persons, language=building)).language == language


def test_an_amount_by_an_accounts_prices_is_marked_as_an_estimate() -> None:
    estate, statement, year = an_estate(), a_statement(), Period(date(2025, 1, 1), date(2026, 1, 1))
    month = home_month(
        estate, a_bill(statement, trial=False), statement, a_climate(), (), priced_by=year
    )
    page = page_of(month)
    assert page["amount"]["mark"] == "SKØN"
    assert "31.\u00a0december\u00a02025" in " ".join(page["costs"]["notes"])
    trial = page_of(replace(month, payment=Payment.TRIAL))
    assert trial["amount"]["mark"] == "PRØVE – ikke et krav"


def test_an_amount_that_is_not_known_is_no_zero() -> None:
    statement = a_statement().replace(rows=(), shadow_ore=None)
    for trial in (False, True):
        bill = a_bill(statement, trial=trial)
        month = home_month(an_estate(), bill, statement, a_climate(), ())
        assert month.payment is Payment.UNKNOWN
        page = page_of(month)
        assert page["amount"]["value"] == "ukendt"
        assert page["climate"]["bars"]
