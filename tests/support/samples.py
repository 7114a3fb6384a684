"""Samples made by hand, for tests of what is computed from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from telemetry.readings import Samples

Row = tuple[int, int, float, int]
"""Device index, time [ms since 1970, UTC], value, quality."""


def make_samples(rows: Iterable[Row]) -> Samples:
    """Return the rows as columns, in the order given."""
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return Samples(
        np.asarray(columns[0], dtype=np.int32),
        np.asarray(columns[1], dtype=np.int64),
        np.asarray(columns[2], dtype=np.float64),
        np.asarray(columns[3], dtype=np.uint8),
    )


def series(start_ms: int, step_ms: int, values: Sequence[float], device: int = 0) -> list[Row]:
    """Return one device's good rows at even steps."""
    return [(device, start_ms + number * step_ms, value, 0) for number, value in enumerate(values)]


@dataclass
class HandMadeSource:
    """A source of samples from a dictionary: (device, quantity) to (time, value, quality) rows."""

    rows: dict[tuple[str, str], list[tuple[int, float, int]]] = field(default_factory=dict)

    def samples(
        self,
        building: str,  # noqa: ARG002  the rows are of one building
        devices: Sequence[str],
        quantity: str,
        start_ms: int,
        end_ms: int,
    ) -> Samples:
        return make_samples(
            (index, *row)
            for index, device in enumerate(devices)
            for row in sorted(self.rows.get((device, quantity), []))
            if start_ms <= row[0] < end_ms
        )
