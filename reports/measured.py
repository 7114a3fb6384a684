"""A home's use by how it is known: measured, partly measured, or estimated."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, get_args

from billing.bill.bill import UseMethod
from billing.schemes import METERS
from estate.devices import REGISTER_OF

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from billing.bill.bill import RegisterUse, Statement
    from estate.model import DeviceKind

BY_READINGS: tuple[UseMethod, ...] = ("measured", "interpolated")
"""Methods for a use that follows from readings of the home's own meter alone."""
COUNTED_BY: Mapping[str, tuple[str, ...]] = {
    key: tuple(REGISTER_OF[kind] for kind in kinds) for key, kinds in METERS.items()
}
"""The registers that a key counts."""


@dataclass(frozen=True)
class KnownUse:
    """
    Uses of a home known by one method.

    Attributes
    ----------
    method : str
        The method; see `billing.bill.bill.UseMethod`.
    uses : tuple of (str, float)
        Quantity and use. [the quantity's unit]
    hours : int
        Largest number of hours of one meter that are estimated or interpolated. [h]
    """

    method: UseMethod
    uses: tuple[tuple[str, float], ...]
    hours: int


def uses_by_method(statement: Statement) -> tuple[KnownUse, ...]:
    """Return the uses of a statement's registers, summed by quantity and method."""
    return tuple(found for method in get_args(UseMethod) for found in _of(statement, method))


def _of(statement: Statement, method: UseMethod) -> Iterator[KnownUse]:
    uses: dict[str, float] = {}
    hours = 0
    for register in statement.registers:
        if how_known(register) == method and isfinite(register.use):
            uses[register.quantity] = uses.get(register.quantity, 0.0) + register.use
            hours = max(hours, register.estimated_hours or register.interpolated_hours)
    if uses:
        yield KnownUse(method, tuple(uses.items()), hours)


def how_known(register: RegisterUse) -> UseMethod:
    """Return the method of a use; one with estimated hours is not measured."""
    if register.estimated_hours and register.method in BY_READINGS:
        return "own_rate"
    return register.method


def kinds_without_meter(statement: Statement) -> tuple[DeviceKind, ...]:
    """Return the kinds of meters that the amount depends on and the home lacks."""
    counted = {register.quantity for register in statement.registers}
    return tuple(
        dict.fromkeys(
            METERS[row.key][0]
            for row in statement.rows
            if row.key in COUNTED_BY and counted.isdisjoint(COUNTED_BY[row.key])
        )
    )


def known_by(statement: Statement, key: str) -> UseMethod | None:
    """Return the worst method of a key's meters; None if there are none."""
    order = get_args(UseMethod)
    methods = [
        how_known(each) for each in statement.registers if each.quantity in COUNTED_BY.get(key, ())
    ]
    return max(methods, key=order.index, default=None)


def estimated_keys(statement: Statement) -> frozenset[str]:
    """Return the keys that depend on a meter without a usable reading of the home's own."""
    return frozenset(
        row.key
        for row in statement.rows
        if row.key in COUNTED_BY and known_by(statement, row.key) not in (*BY_READINGS, "own_rate")
    )
