"""When a job is due: the times of a cron expression in a time zone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from estate.errors import UsageError


@dataclass(frozen=True)
class Times:
    """
    Times of a cron expression, in a zone.

    Raises
    ------
    UsageError
        If the expression cannot be read.

    Examples
    --------
    >>> nightly = Times("30 2 * * *", "Europe/Copenhagen")
    >>> at = datetime(2026, 1, 15, 12, tzinfo=UTC)
    >>> datetime.fromtimestamp(nightly.latest_ms(round(at.timestamp() * 1000)) / 1000, UTC)
    datetime.datetime(2026, 1, 15, 1, 30, tzinfo=datetime.timezone.utc)
    """

    expression: str
    zone: str

    def __post_init__(self) -> None:
        try:
            CronSim(self.expression, datetime(2000, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            raise UsageError(
                f'"{self.expression}" is no time of cron ({error}); write minute, hour, day, '
                'month and day of the week, such as "30 2 * * *"'
            ) from error

    def latest_ms(self, now_ms: int) -> int:
        """Return the newest time that is not after now. [ms since 1970, UTC]"""
        return self._beside(now_ms + 1, back=True)

    def next_ms(self, now_ms: int) -> int:
        """Return the first time after now. [ms since 1970, UTC]"""
        return self._beside(now_ms, back=False)

    def _beside(self, at_ms: int, *, back: bool) -> int:
        at = datetime.fromtimestamp(at_ms / 1000, ZoneInfo(self.zone))
        return round(next(CronSim(self.expression, at, reverse=back)).timestamp() * 1000)
