"""
The figures of one home's page. Words and layout come later.

Only the tenancy's own days within the period are used, so that nobody sees anything of the
tenant before or after.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from billing.bill.documents import statement_json
from billing.law.table import law_of
from billing.measured.earlier_uses import Around, is_month
from billing.schemes import CLIMATE_KEYS
from correspondence.address import AddressBlock, delivery_block, language_of, persons_on
from correspondence.contacts import QUESTION, contact_for
from estate.periods import HOUR_MS, Period, day_start_ms
from reports.costs import CostShare, cost_shares
from reports.measured import (
    BY_READINGS,
    KnownUse,
    estimated_keys,
    kinds_without_meter,
    uses_by_method,
)
from reports.monthly.advice import advice_for
from reports.monthly.beside.savings import savings_of
from reports.monthly.beside.uses import MonthBeside, month_beside
from reports.monthly.beside.year import YearRange, year_range
from reports.monthly.climate import ClimateMonth, HomeHours, climate_month, climate_rules
from reports.monthly.notices import CLIMATE_ALERTS, Notice, notices_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from alerts.model import Alert
    from billing.bill.bill import Bill, Statement
    from estate.model import Aconto, Building, Contact, DeviceKind, Estate, Tenancy


OWN = (*BY_READINGS, "own_rate")
"""Methods that rest on readings of the home's own meters."""


class Payment(StrEnum):
    """What the amount means to the reader."""

    TRIAL = "trial"
    ON_ACCOUNT = "on_account"
    DUE = "due"
    INFORMATION = "information"
    UNKNOWN = "unknown"


class ClimateState(StrEnum):
    """Whether the climate is shown, and if not, why."""

    SHOWN = "shown"
    REFUSED = "refused"
    NOT_AGREED = "not_agreed"
    UNMEASURED = "unmeasured"


WITHHELD = frozenset({ClimateState.REFUSED, ClimateState.NOT_AGREED})
"""States in which nothing that rests on the climate is said."""


@dataclass(frozen=True)
class HomeMonth:
    """
    One page about one home.

    Attributes
    ----------
    period : Period
        The tenancy's own days of the bill's period.
    priced_by : Period, date or None
        The account by whose prices the amount is estimated, else the first day of the tariff.
    aconto_ore : int or None
        Charged on account for days within the page; None if charged for other
        days too, or not at all. [øre]
    shadow_ore : int or None
        The same costs by meters only, if computed; by climate if the bill is
        the metered one. [øre]
    metered : tuple of (str, float)
        Quantity and use of the home's meters, all of it measured. [the quantity's unit]
    estimated : tuple of KnownUse
        Use estimated from the meters' other hours, the year before, or the other homes.
    without_meter : tuple of str
        Kinds of meters that the amount depends on and the home lacks.
    estimated_hours : int
        Estimated hours in the amount.
    climate : ClimateMonth or None
        None if it may not be shown.
    advice : tuple of str
        Names of advice, the most important first.
    savings : mapping of str to int
        What a piece of advice may save in a month, of those where it is known. [øre]
    beside : MonthBeside
        Other months, or a similar home.
    year : YearRange or None
        The cost of twelve months like this one; None if this month does not allow an estimate.
    whole : bool
        The tenancy had the home in all of the bill's period.
    document : str
        The statement for programs, as in statements.json.
    """

    tenancy: str
    building: Building
    language: str
    address: AddressBlock
    period: Period
    amount_ore: int
    payment: Payment
    aconto_ore: int | None
    shadow_ore: int | None
    shadow_by_climate: bool
    costs: tuple[CostShare, ...]
    metered: tuple[tuple[str, float], ...]
    estimated: tuple[KnownUse, ...]
    without_meter: tuple[DeviceKind, ...]
    estimated_hours: int
    climate_state: ClimateState
    climate: ClimateMonth | None
    notices: tuple[Notice, ...]
    advice: tuple[str, ...]
    contact: Contact | None
    scheme: str
    scheme_version: str
    ground: str | None
    priced_by: Period | date | None = None
    savings: Mapping[str, int] = field(default_factory=dict)
    beside: MonthBeside = field(default_factory=MonthBeside)
    year: YearRange | None = None
    whole: bool = True
    document: str = ""

    @property
    def dark(self) -> bool:
        """Whether the home has no data from any meter or box."""
        measured = self.metered or any(each.method in OWN for each in self.estimated)
        return not measured and self.climate_state is ClimateState.UNMEASURED

    @property
    def trial(self) -> bool:
        """Whether the amount is not a claim."""
        return self.payment is Payment.TRIAL


def home_month(
    estate: Estate,
    bill: Bill,
    statement: Statement,
    home_hours: HomeHours,
    alerts: Iterable[Alert],
    printed_on: date | None = None,
    priced_by: Period | date | None = None,
    around: Around | None = None,
) -> HomeMonth:
    """
    Gather the figures of one page.

    Parameters
    ----------
    estate : Estate
    bill : Bill
    statement : Statement
        A resident's statement of the bill.
    home_hours : HomeHours
        The flat's climate and colours over all hours of the bill's period; clipped here.
    alerts : iterable of Alert
        Any alerts of the building; clipped here.
    printed_on : date, optional
        The day of delivery, which decides who has moved out; default: the period's end.
    priced_by : Period or date, optional
        The account by whose prices the bill is estimated, else the first day of the tariff.
    around : Around, optional
        What is known of the months before.

    Raises
    ------
    ValueError
        If the statement is the landlord's: an empty flat gets no page.
    """
    if not statement.resident:
        raise ValueError(f"{statement.tenancy} is no resident's statement, so it has no page")
    tenancy = estate.tenancy_by_id[statement.tenancy]
    own = Period(statement.start, statement.end)
    persons = persons_on(estate.persons, tenancy.tenancy, own.end - timedelta(days=1))
    state, climate = _climate(estate, bill, tenancy, own, home_hours)
    withheld = CLIMATE_ALERTS if state in WITHHELD else frozenset()
    notices = notices_of(estate, tenancy, own, alerts, withheld)
    charges = _charges(estate, tenancy, own)
    known = uses_by_method(statement)
    savings = savings_of(statement) if is_month(own) else {}
    advice = advice_for(climate, own.start, {notice.kind for notice in notices}, savings)
    payment = _payment(bill, statement, charges, priced_by)
    return HomeMonth(
        tenancy=tenancy.tenancy,
        building=estate.building,
        language=language_of(persons, estate.building),
        address=delivery_block(estate, tenancy, persons, printed_on or bill.period.end),
        period=own,
        amount_ore=statement.total_ore,
        payment=payment,
        aconto_ore=_aconto_ore(charges, own),
        shadow_ore=statement.shadow_ore,
        shadow_by_climate=bill.shadow_by_climate,
        costs=cost_shares(statement.rows, estimated_keys(statement)),
        metered=next((each.uses for each in known if each.method == "measured"), ()),
        estimated=tuple(each for each in known if each.method != "measured"),
        without_meter=kinds_without_meter(statement),
        estimated_hours=_estimated_hours(statement),
        climate_state=state,
        climate=climate,
        notices=notices,
        advice=tuple(each.advice for each in advice),
        contact=contact_for(QUESTION, estate.building.contacts),
        scheme=bill.scheme,
        scheme_version=bill.scheme_version,
        ground=bill.ground.reference if bill.ground else None,
        priced_by=priced_by,
        savings={each.advice: each.saving_ore for each in advice if each.saving_ore is not None},
        beside=_beside(bill, statement, tenancy.start, around),
        year=None if payment is Payment.UNKNOWN else year_range(bill, statement),
        whole=own == bill.period,
        document=statement_json(bill, statement),
    )


def _charges(estate: Estate, tenancy: Tenancy, own: Period) -> list[Aconto]:
    """Return what was charged on account for days of the page."""
    rows = (row for row in estate.aconto if row.tenancy == tenancy.tenancy)
    return [row for row in rows if own.overlap(row.period_start, row.period_end)]


def _beside(
    bill: Bill, statement: Statement, tenancy_start: date, around: Around | None
) -> MonthBeside:
    law = law_of(bill.country, bill.period.start)
    always = law.wants("average_user_always")
    return month_beside(statement, around or Around(), tenancy_start, like_home_always=always)


def _climate(
    estate: Estate, bill: Bill, tenancy: Tenancy, own: Period, home_hours: HomeHours
) -> tuple[ClimateState, ClimateMonth | None]:
    if tenancy.climate_refused:
        return ClimateState.REFUSED, None
    agreed = own.overlap(tenancy.climate_from or own.start, tenancy.climate_to)
    if agreed is None:
        return ClimateState.NOT_AGREED, None
    zone = estate.building.zone
    hours = own.hours(zone)
    offset = (hours.start_ms - bill.period.hours(zone).start_ms) // HOUR_MS
    kept = hours.between(day_start_ms(agreed.start, zone), day_start_ms(agreed.end, zone))
    shown = home_hours.between(offset, offset + hours.count).only(kept)
    found = climate_month(shown, hours.day_index, climate_rules(bill.period.start))
    measured = any(each.mean is not None for each in found.quantities)
    return ClimateState.SHOWN if measured else ClimateState.UNMEASURED, found


def _payment(
    bill: Bill, statement: Statement, charges: Sequence[Aconto], priced_by: Period | date | None
) -> Payment:
    if not statement.rows:
        return Payment.UNKNOWN
    if bill.trial:
        return Payment.TRIAL
    if charges:
        return Payment.ON_ACCOUNT
    # A part of a year, a bill after its deadline, or an estimate claims nothing.
    information = bill.interim or bill.late or priced_by is not None
    return Payment.INFORMATION if information else Payment.DUE


def _aconto_ore(charges: Sequence[Aconto], own: Period) -> int | None:
    """Sum the charges, unless one extends beyond the page and would have to be split."""
    inside = all(own.start <= row.period_start and row.period_end <= own.end for row in charges)
    return sum(row.amount_ore for row in charges) if charges and inside else None


def _estimated_hours(statement: Statement) -> int:
    by_meter = max((each.estimated_hours for each in statement.registers), default=0)
    if not any(row.key in CLIMATE_KEYS for row in statement.rows):
        return by_meter
    return max(by_meter, statement.climate_hours - statement.climate_hours_measured)
