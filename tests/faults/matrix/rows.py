"""The rows of the matrix by name, each at a size: 1 is that of `make faults`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.faults.matrix import bits, power
from tests.faults.matrix.row import Row
from tests.faults.matrix.writing import KINDS as WRITTEN


def _power(directory: Path, size: float, seed: int) -> Iterator[Row]:
    for kind in WRITTEN:
        (folder := directory / kind).mkdir()
        yield power.power_cuts(kind, folder, max(round(200 * size), 10), seed)


def _bits(directory: Path, size: float, seed: int) -> Iterator[Row]:
    for kind in bits.KINDS:
        (folder := directory / kind).mkdir()
        yield bits.flipped_bits(kind, folder, max(round(600 * size), 60), seed)


ROWS: dict[str, Callable[[Path, float, int], Iterator[Row]]] = {
    "power": _power,
    "bits": _bits,
}
