"""A simulated building whole, for tests that look at every step of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from firmware_sim.life.living import Living
from firmware_sim.physics.building import Plan, parts
from firmware_sim.physics.course import Course
from firmware_sim.physics.effects import Conditions

if TYPE_CHECKING:
    from collections.abc import Sequence

Columns = TypeVar("Columns", Course, Living, Conditions)


@dataclass(frozen=True)
class Whole:
    """All steps of a plan, the spin-up among them."""

    living: Living
    conditions: Conditions
    course: Course


def whole(plan: Plan, days_at_once: int | None = None) -> Whole:
    """Run a plan and keep everything."""
    found = list(parts(plan, days_at_once))
    return Whole(
        _joined([part.living for part in found]),
        _joined([part.conditions for part in found]),
        _joined([part.course for part in found]),
    )


def _joined(columns: Sequence[Columns]) -> Columns:
    kind = type(columns[0])
    return kind(
        *(np.concatenate([getattr(each, name.name) for each in columns]) for name in fields(kind))
    )
