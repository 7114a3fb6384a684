"""What each home used in a month, as other programs ask for it (bved consumption-data 1.2.1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from billing.measured.meters.meter_use import read_meters
from billing.measured.spans import spans_of
from billing.rules import billing_rules
from estate.errors import UsageError
from estate.periods import Period, local_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from billing.measured.meters.meter_use import MeterUse
    from estate.model import DeviceKind, Estate
    from telemetry.stores.store import SampleSource

Service = Literal["HEATING", "HOT_WATER"]
Unit = Literal["KWH", "M3", "HCU"]
SERVICES: Mapping[DeviceKind, tuple[Service, Unit]] = {
    "heat": ("HEATING", "KWH"), "allocator": ("HEATING", "HCU"), "hot_water": ("HOT_WATER", "M3"),
}  # fmt: skip
"""What a kind of meter counts there; HCU are the units of heat cost allocators, times factor."""
NO_READING = "NO_READING"
MOST_MONTHS = 36
"""How far back months are listed."""
DECIMALS = 3


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True)


class Reference(_Document):
    """The name of a building or a home in our data: its id."""

    mscnumber: str


class Consumption(_Document):
    """
    What a home used of a service in a month.

    Attributes
    ----------
    amount : float or None
        None where it is not known. [unitofmeasure]
    converted : bool
        Always false: nothing is converted to another unit.
    estimated : bool
        Some hours of the month lie between or outside of readings too far apart.
    errors : tuple of str
        ``NO_READING`` where the amount is not known.
    """

    service: Service
    amount: float | None
    unitofmeasure: Unit
    converted: bool = False
    estimated: bool = False
    errors: tuple[str, ...] = ()


class ResidentialUnit(_Document):
    """A home, and what it used."""

    reference: Reference
    consumptions: tuple[Consumption, ...]


class BillingUnit(_Document):
    """A building."""

    reference: Reference


class ConsumptionPeriod(_Document):
    """A building's month, home by home; no home is left out."""

    billingunit: BillingUnit
    period: str
    """Such as 2026-01."""
    residentialunits: tuple[ResidentialUnit, ...]


def months_with_meters(estate: Estate, now_ms: int) -> list[str]:
    """List the months that are over and in which homes had meters, the latest first. [ms]"""
    starts = [each.start for each in estate.devices if each.kind in SERVICES and each.flat]
    if not starts:
        return []
    first = min(starts).replace(day=1)
    month = local_date(now_ms, estate.building.zone).replace(day=1)
    found: list[str] = []
    while (month := _before(month)) >= first and len(found) < MOST_MONTHS:
        found.append(f"{month:%Y-%m}")
    return found


def consumption(source: SampleSource, estate: Estate, month: str, now_ms: int) -> ConsumptionPeriod:
    """
    Read what the homes of a building used in a month.

    Raises
    ------
    UsageError
        Where the month is none that is listed.
    StoreUnavailable
    """
    if month not in months_with_meters(estate, now_ms):
        raise UsageError(
            f"{month} is not a month of {estate.building.id} that is over; see the list of them"
        )
    period = Period.month(month)
    by_flat: dict[str, list[Consumption]] = {each.flat: [] for each in estate.flats}
    for kind in SERVICES:
        for flat, used in _of_kind(source, estate, period, kind):
            by_flat[flat].append(used)
    building = Reference(mscnumber=estate.building.id)
    return ConsumptionPeriod(
        billingunit=BillingUnit(reference=building),
        period=month,
        residentialunits=tuple(
            ResidentialUnit(reference=Reference(mscnumber=flat), consumptions=tuple(used))
            for flat, used in by_flat.items()
        ),
    )


def _of_kind(
    source: SampleSource, estate: Estate, period: Period, kind: DeviceKind
) -> Iterator[tuple[str, Consumption]]:
    here = {
        each.flat
        for each in estate.devices_of_kind(kind)
        if each.flat and period.overlap(each.start, each.end)
    }
    spans = [each for each in spans_of(estate, period) if each.flat in here]
    if not spans:
        return
    found = read_meters(source, estate, spans, kind, billing_rules(period.start))
    service, unit = SERVICES[kind]
    for flat in dict.fromkeys(span.flat for span in spans):
        own = [number for number, span in enumerate(spans) if span.flat == flat]
        amount, estimated = _used(found, own)
        yield (
            flat,
            Consumption(
                service=service,
                amount=amount,
                unitofmeasure=unit,
                estimated=estimated,
                errors=() if amount is not None else (NO_READING,),
            ),
        )


def _used(found: MeterUse, spans: list[int]) -> tuple[float | None, bool]:
    uses = [each.use for number in spans for each in found.registers[number]]
    total = float(np.sum(uses)) if uses else np.nan
    estimated = bool(found.estimated_hours[spans].any())
    return (round(total, DECIMALS) if np.isfinite(total) else None), estimated


def _before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)
