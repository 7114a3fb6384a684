"""Ledger: keys of readings in a file, acknowledged or to be sent again."""

from __future__ import annotations

import csv
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

    from firmware_sim.mqtt.messages import Sample, Sent

    ReadingKey = tuple[str, str, int]
    """Device, quantity, device time. [ms since 1970, UTC]"""

HEADER = ("device", "quantity", "time_ms")


class LedgerUnreadable(Exception):
    """The file is not a ledger; the message names it."""


class Ledger:
    """Writes the key of every acknowledged reading, one per line, repetitions included."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.readings = 0
        self.messages = 0
        file.write(",".join(HEADER) + "\n")

    def add(self, samples: Iterable[Sample]) -> None:
        """Record the readings of one acknowledged message."""
        self.messages += 1
        for sample in samples:
            self._file.write(f"{sample.device},{sample.quantity},{sample.time_ms}\n")
            self.readings += 1


def read_keys(file: IO[str]) -> set[ReadingKey]:
    """
    Read the keys of a ledger.

    Raises
    ------
    LedgerUnreadable
        If it is not a ledger.
    """
    try:
        rows = [[row[name] for name in HEADER] for row in csv.DictReader(file)]
        return {(device, quantity, int(time_ms)) for device, quantity, time_ms in rows}
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise LedgerUnreadable(
            f"{file.name} is not a ledger ({error!r}); its columns are {', '.join(HEADER)}"
        ) from error


def holding(messages: Iterable[Sent], keys: Set[ReadingKey]) -> Iterator[Sent]:
    """Yield the messages with any of the readings."""
    for message in messages:
        if any((each.device, each.quantity, each.time_ms) in keys for each in message.samples):
            yield message
