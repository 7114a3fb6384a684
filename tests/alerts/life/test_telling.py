"""When a message that may wait is sent: never at night, whatever the clock does that night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.life.kinds import life_limits
from alerts.life.telling import due_ms

LIMITS = life_limits()
NIGHT = timedelta(hours=(LIMITS.quiet_to_hour - LIMITS.quiet_from_hour) % 24)
COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def due(moment: datetime, zone: ZoneInfo = COPENHAGEN) -> datetime:
    due_at_ms = due_ms(round(moment.timestamp() * 1000), zone, LIMITS)
    return datetime.fromtimestamp(due_at_ms / 1000, UTC).astimezone(zone)


@given(
    minute=st.integers(0, 2 * 365 * 24 * 60),
    name=st.sampled_from(["Europe/Copenhagen", "America/Nuuk", "Atlantic/Azores", "Asia/Kolkata"]),
)
def test_it_is_sent_by_day_and_no_later_than_the_next_morning(minute: int, name: str) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    sent = due(moment, ZoneInfo(name))
    assert LIMITS.quiet_to_hour <= sent.hour < LIMITS.quiet_from_hour
    # A night may be an hour longer.
    assert timedelta(0) <= sent - moment <= NIGHT + timedelta(hours=1)
    assert sent == moment or (sent.hour, sent.minute) == (LIMITS.quiet_to_hour, 0)


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        ("2026-03-28T21:00+01:00", "2026-03-29T07:00+02:00"),
        ("2026-03-29T03:00+02:00", "2026-03-29T07:00+02:00"),
        ("2026-10-24T23:59+02:00", "2026-10-25T07:00+01:00"),
        ("2026-10-25T02:30+02:00", "2026-10-25T07:00+01:00"),
        ("2026-10-25T02:30+01:00", "2026-10-25T07:00+01:00"),
        ("2026-12-31T22:00+01:00", "2027-01-01T07:00+01:00"),
    ],
)
def test_the_nights_on_which_clocks_change(evening: str, morning: str) -> None:
    assert due(datetime.fromisoformat(evening)).isoformat() == f"{morning[:16]}:00{morning[16:]}"
