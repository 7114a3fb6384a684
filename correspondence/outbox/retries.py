"""When a message that was not taken is tried again, and when that ends. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from estate.numbers.values import load_values
from estate.periods import DAY_MS, HOUR_MS, MINUTE_MS


@dataclass(frozen=True)
class Retries:
    """The values of ``retries.yaml``; unit and source stand there."""

    first_retry_minutes: float
    growth: float
    longest_retry_hours: float
    given_up_after_days: float
    least_attempts: float
    lease_minutes: float

    @property
    def lease_ms(self) -> int:
        """How long an attempt may take before another may be made. [ms]"""
        return round(self.lease_minutes * MINUTE_MS)

    def wait_ms(self, attempts: int) -> int:
        """
        Return how long to wait after a number of attempts. [ms]

        Examples
        --------
        >>> of = Retries(5, 2.0, 4, 5, 6, 10)
        >>> [of.wait_ms(attempts) // 60_000 for attempts in (1, 2, 3, 6, 7, 1000)]
        [5, 10, 20, 160, 240, 240]
        """
        longest_ms = self.longest_retry_hours * HOUR_MS
        # Far beyond the longest wait a power would overflow.
        wait_ms = self.first_retry_minutes * MINUTE_MS * self.growth ** min(attempts - 1, 64)
        return round(min(wait_ms, longest_ms))

    def is_over(self, due_ms: int, now_ms: int, attempts: int) -> bool:
        """Whether a message that was due at a time has been tried long and often enough."""
        long = now_ms - due_ms >= self.given_up_after_days * DAY_MS
        return long and attempts >= self.least_attempts


def retries() -> Retries:
    """Read the table."""
    return load_values(Retries, "correspondence.outbox", "retries.yaml")
