"""What a worker has done and how it stands, for monitors and for the end of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Counts:
    """
    What the worker has done since it started; what is redelivered counts again.

    Attributes
    ----------
    received, acknowledged : int
        Messages.
    stored : int
        Readings.
    quarantined : mapping of str to int
        What no reading could be made of, by reason.
    retries : int
        Writes that a store which was away did not take.
    reconnects : int
        Connections after the first one.
    sessions_lost : int
        Connections at which the broker had forgotten the session.
    takeovers : int
        Times that another client came under this worker's id, where the broker tells.
    missed : int
        Messages that went to such a client, where the numbers of the broker tell.
    dropped_unpromised : int
        Messages of QoS 0 for which there was no room.
    queued, at_work : int
        Messages that wait in memory now, and those of the batch at work.
    kept : int
        Messages whose readings are stored and whose faults are in quarantine.
    delay_ms : int
        Sum over `kept` of the time from arrival until then. [ms]
    newest_ms : mapping of str to int
        Device time of the newest stored reading, by building. [ms since 1970, UTC]
    devices_online, devices_offline : int
        Devices whose last word of themselves was that.
    writing : bool
        Whether the latest write was taken.
    subscribed : bool
        Whether the subscriptions are granted now.
    """

    received: int = 0
    acknowledged: int = 0
    stored: int = 0
    quarantined: Mapping[str, int] = field(default_factory=dict)
    retries: int = 0
    reconnects: int = 0
    sessions_lost: int = 0
    takeovers: int = 0
    missed: int = 0
    dropped_unpromised: int = 0
    queued: int = 0
    at_work: int = 0
    kept: int = 0
    delay_ms: int = 0
    newest_ms: Mapping[str, int] = field(default_factory=dict)
    devices_online: int = 0
    devices_offline: int = 0
    writing: bool = True
    subscribed: bool = False
