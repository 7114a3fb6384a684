"""What a run is made of and what it has shown, held against the sender's ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tests.faults.messages import Ledger, ReadingKey, is_impossible

if TYPE_CHECKING:
    from collections.abc import Set

    from tests.faults.plan import Kill


@dataclass(frozen=True)
class Setting:
    """
    What a run is made of.

    Attributes
    ----------
    kills_each : int
        Kills of each victim at each moment.
    repeating : bool
        Whether boxes repeat their latest messages after a lost connection.
    ack_early : bool
        The control: acknowledged before the write.
    """

    store: str
    messages: int
    seed: int
    kills_each: int
    protocol: str = "5"
    repeating: bool = True
    ack_early: bool = False

    @property
    def name(self) -> str:
        """What is tried."""
        if self.ack_early:
            return "control: acknowledged early"
        return "boxes that repeat" if self.repeating else "boxes that do not repeat"


class Found(NamedTuple):
    """
    How store and quarantine differ from the ledger, in readings.

    Attributes
    ----------
    missing : int
        Acknowledged by the broker, and neither stored nor, where impossible, in quarantine.
    duplicates : int
        Rows with a key that was there already.
    wrong : int
        Stored with another value than was sent.
    unknown : int
        Stored, and in no ledger.
    """

    missing: int
    duplicates: int
    wrong: int
    unknown: int


def judge(ledger: Ledger, stored: Ledger, rows: int, quarantined: Set[ReadingKey]) -> Found:
    """Compare by key: the ledger, what is stored in how many rows, and what is in quarantine."""
    possible = {key for key in ledger if not is_impossible(key)}
    missing = (possible - stored.keys()) | (ledger.keys() - possible - quarantined)
    wrong = sum(stored[key] != ledger[key] for key in stored.keys() & possible)
    return Found(len(missing), rows - len(stored), wrong, len(stored.keys() - possible))


@dataclass(frozen=True)
class Killed:
    """A kill that was carried out, with the messages in flight: not acknowledged."""

    kill: Kill
    sent: int
    in_worker: int
    in_sender: int

    @property
    def in_flight(self) -> int:
        """Messages that were on their way."""
        return self.in_worker + self.in_sender


@dataclass(frozen=True)
class Outcome:
    """What a run has shown, in readings by key, held against the sender's ledger."""

    setting: Setting
    killed: list[Killed]
    acknowledged: int
    repeated: int
    found: Found
    seconds: float

    def faults(self) -> list[str]:
        """Tell what is not as it must be; a control must lose, and boxes that forget may."""
        missing, *others = self.found
        told = []
        if self.setting.ack_early and not missing:
            told.append("found no loss, so that it shows nothing")
        if self.setting.repeating and not self.setting.ack_early and missing:
            told.append(f"lost {missing} readings")
        if any(others):
            told.append(
                "{} duplicate keys, {} wrong values, {} readings never sent".format(*others)
            )
        if 2 * sum(each.in_flight > 0 for each in self.killed) < len(self.killed):
            told.append("fewer than half of the kills met messages in flight")
        return [f"{self.setting.store}, {self.setting.name}: {each}" for each in told]
