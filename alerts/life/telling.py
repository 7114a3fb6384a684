"""Decides when people are notified, and of what. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from alerts.life.kinds import kind_rules
from alerts.life.states import UNTOLD, State
from estate.periods import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from alerts.life.case import Case
    from alerts.life.kinds import LifeLimits
    from alerts.life.store import Notice

WEEK_MS = 7 * DAY_MS


def to_tell(case: Case, notices: Sequence[Notice], now_ms: int, limits: LifeLimits) -> State | None:
    """
    Return what is to be reported of an alert now, or None.

    Parameters
    ----------
    case : Case
    notices : sequence of Notice
        Earlier notices of it, the oldest first, without those that were retracted.
    now_ms : int
        [ms since 1970, UTC]
    limits : LifeLimits

    Returns
    -------
    State or None
        `NEW` or `REOPENED` when it begins; `CLEARED` or `WITHDRAWN` only if its beginning was
        reported.
    """
    if case.state in UNTOLD:
        stale = now_ms - case.end_ms > limits.told_within_days * DAY_MS
        # Whoever never heard of its end has no need to hear of its return, unless it is dangerous.
        known = bool(notices) and notices[-1].about in UNTOLD
        known = known and not kind_rules()[case.kind].dangerous
        if stale or known or case.inhibited_by or case.silenced_ms > now_ms:
            return None
        return State.REOPENED if notices else State.NEW
    over = case.state in (State.CLEARED, State.WITHDRAWN)
    return case.state if over and notices and notices[-1].about in UNTOLD else None


def due_ms(now_ms: int, zone: ZoneInfo, limits: LifeLimits) -> int:
    """
    Return when a message that may wait is sent: now, or when the quiet hours are over.

    Examples
    --------
    >>> from datetime import datetime
    >>> from zoneinfo import ZoneInfo
    >>> from alerts.life.kinds import life_limits
    >>> zone = ZoneInfo("Europe/Copenhagen")
    >>> night = datetime.fromisoformat("2026-01-05T23:30+01:00")
    >>> due = due_ms(round(night.timestamp() * 1000), zone, life_limits())
    >>> datetime.fromtimestamp(due / 1000, zone).isoformat()
    '2026-01-06T07:00:00+01:00'
    """
    local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone)
    if limits.quiet_to_hour <= local.hour < limits.quiet_from_hour:
        return now_ms
    day = local.date() + timedelta(days=local.hour >= limits.quiet_from_hour)
    morning = datetime.combine(day, time(limits.quiet_to_hour), zone)
    return round(morning.timestamp() * 1000)


def has_had_enough(
    notices: Iterable[Notice], home: tuple[str, str], now_ms: int, most: int
) -> bool:
    """Whether a home (building and tenancy) has reached the weekly limit of beginnings."""
    # All persons of a home are told at the same instant: that is once.
    recent = {
        each.queued_ms
        for each in notices
        if (each.building, each.tenancy) == home
        and each.about in UNTOLD
        and each.queued_ms > now_ms - WEEK_MS
    }
    return len(recent) >= most
