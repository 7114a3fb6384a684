"""The rows of the matrix by name, each at a size: 1 is that of `make faults`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.faults.matrix import answers, bits, broker_kills, clocks, power, read_only, restarts
from tests.faults.matrix.row import Row
from tests.faults.matrix.writing import KINDS as WRITTEN

RESTARTS = 20


def _folder(directory: Path, name: str) -> Path:
    (folder := directory / name).mkdir()
    return folder


def _power(directory: Path, size: float, seed: int) -> Iterator[Row]:
    for kind in WRITTEN:
        yield power.power_cuts(kind, _folder(directory, kind), max(round(200 * size), 10), seed)


def _bits(directory: Path, size: float, seed: int) -> Iterator[Row]:
    for kind in bits.KINDS:
        yield bits.flipped_bits(kind, _folder(directory, kind), max(round(600 * size), 60), seed)


def _read_only(directory: Path, size: float, _seed: int) -> Iterator[Row]:
    yield read_only.read_only_disk(directory, max(round(10 * size), 2))


def _answers(directory: Path, size: float, seed: int) -> Iterator[Row]:
    messages = max(round(20_000 * size), 2000)
    for answer in answers.Answer:
        yield answers.bad_answers(_folder(directory, answer.name), answer, messages, seed)


def _restarts(directory: Path, size: float, seed: int) -> Iterator[Row]:
    number = max(round(RESTARTS * size), 4)
    yield restarts.broker_restarts(directory, number, 1000 * number, seed)


def _broker_kills(directory: Path, size: float, seed: int) -> Iterator[Row]:
    yield broker_kills.broker_kills(directory, max(round(10 * size), 2), seed)


def _clocks(directory: Path, _size: float, _seed: int) -> Iterator[Row]:
    for whose in ("box", "worker"):
        yield clocks.wrong_clocks(directory, whose)


ROWS: dict[str, Callable[[Path, float, int], Iterator[Row]]] = {
    "power": _power,
    "bits": _bits,
    "read-only": _read_only,
    "answers": _answers,
    "restarts": _restarts,
    "broker-kills": _broker_kills,
    "clocks": _clocks,
}
