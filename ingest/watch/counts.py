"""Counters and state of a worker, for monitoring and for the end of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Counts:
    """
    Counters since the worker started; redelivered messages count again.

    Attributes
    ----------
    received, acknowledged : int
        Messages.
    stored : int
        Readings.
    quarantined : mapping of str to int
        Quarantined items, by reason.
    retries : int
        Writes that failed because a store was unavailable.
    reconnects : int
        Connections after the first one.
    sessions_lost : int
        Connections at which the broker had forgotten the session.
    takeovers : int
        Takeovers by another client with this worker's id, if the broker reports them.
    missed : int
        Messages delivered to such a client, if the broker's numbering shows it.
    dropped_unpromised : int
        QoS 0 messages for which there was no room.
    queued, at_work : int
        Messages waiting in memory, and those in the current batch.
    kept : int
        Messages whose readings are stored and whose faults are in quarantine.
    delay_ms : int
        Sum over `kept` of the time from arrival until storage. [ms]
    newest_ms : mapping of str to int
        Device time of the newest stored reading, by building. [ms since 1970, UTC]
    devices_online, devices_offline : int
        Devices by their last status.
    writing : bool
        Whether the latest write succeeded.
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
