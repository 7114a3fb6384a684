"""
The builder of estates for tests: each part has plain values until a test names others.

`estate` puts the parts together; what it is given beside them are fields of the building. The
readings of such a house are made by `add_hourly` and `add_register`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from billing.schemes import Scheme
from estate.model import (
    Aconto,
    Building,
    Cost,
    Device,
    Estate,
    Flat,
    Neighbour,
    Person,
    Tenancy,
)
from estate.periods import HOUR_MS, Hours, Period
from tests.support.samples import HandMadeSource

BUILDING: dict[str, Any] = {
    "id": "house",
    "name": "House",
    "address": "Street 1",
    "timezone": "Europe/Copenhagen",
    "currency": "DKK",
    "language": "da",
    "tenure": "ejer",
    "schemes": [],
}
LONG_AGO = date(2020, 1, 1)


def building(**changes: Any) -> Building:  # noqa: ANN401  fields of a building
    return Building.model_validate(BUILDING | changes)


def scheme(*components: dict[str, Any], **more: Any) -> Scheme:  # noqa: ANN401  fields of a scheme
    """Return a scheme that splits heat by some components."""
    document = {
        "id": "test", "valid_from": "2020-01-01", "source": "made for this test",
        "items": {"heat": list(components)},
    }  # fmt: skip
    return Scheme.model_validate(document | more)


def flat(name: str, area_m2: float = 70, **more: Any) -> Flat:  # noqa: ANN401  fields of a flat
    return Flat.model_validate({"flat": name, "address": name, "area_m2": area_m2} | more)


def tenancy(name: str, flat_name: str, start: date = LONG_AGO, end: date | None = None) -> Tenancy:
    return Tenancy(tenancy=name, flat=flat_name, start=start, end=end, delivery="digital")


def device(name: str, kind: Any, flat_name: str | None, **more: Any) -> Device:  # noqa: ANN401
    return Device.model_validate(
        {"device": name, "kind": kind, "flat": flat_name, "start": LONG_AGO} | more
    )


def cost(period: Period, item: str, amount_ore: int, **more: Any) -> Cost:  # noqa: ANN401
    return Cost.model_validate(
        {
            "period_start": period.start,
            "period_end": period.end,
            "item": item,
            "amount_ore": amount_ore,
        }
        | more
    )


def estate(
    flats: Sequence[Flat],
    tenancies: Sequence[Tenancy] = (),
    devices: Sequence[Device] = (),
    costs: Sequence[Cost] = (),
    *,
    neighbours: Sequence[Neighbour] = (),
    persons: Sequence[Person] = (),
    aconto: Sequence[Aconto] = (),
    **of_building: Any,  # noqa: ANN401  fields of a building
) -> Estate:
    return Estate(
        building(**of_building),
        tuple(flats),
        neighbours=tuple(neighbours),
        tenancies=tuple(tenancies),
        persons=tuple(persons),
        devices=tuple(devices),
        costs=tuple(costs),
        aconto=tuple(aconto),
    )


def add_hourly(
    source: HandMadeSource, name: str, quantity: str, hours: Hours, values: Sequence[float | None]
) -> None:
    """Add one reading in the middle of each hour; None leaves a gap."""
    source.rows[name, quantity] = [
        (start + HOUR_MS // 2, value, 0)
        for start, value in zip(hours.starts_ms.tolist(), values, strict=True)
        if value is not None
    ]


def add_register(
    source: HandMadeSource, name: str, quantity: str, readings: Sequence[tuple[int, float]]
) -> None:
    """Add registers at instants. [ms since 1970, UTC]"""
    source.rows[name, quantity] = [(time_ms, value, 0) for time_ms, value in readings]
