"""A clock that is set is noticed, and one that is a day ahead lets nothing go."""

from __future__ import annotations

import pytest

from ingest.watch.clock import STEP_SECONDS, ClockWatch

DAY = 86_400.0


class Clocks:
    def __init__(self) -> None:
        self.wall, self.steady = 1000.0, 5.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


@pytest.mark.parametrize("step", [3600.0, -3600.0, 365 * DAY, -365 * DAY])
def test_a_step_is_told_once(step: float) -> None:
    clocks = Clocks()
    watch = ClockWatch(lambda: clocks.wall, lambda: clocks.steady)
    clocks.pass_by(10 * DAY)
    assert watch.step() == 0
    clocks.wall += step
    assert watch.step() == pytest.approx(step)
    assert watch.step() == 0
    assert watch.ahead_seconds == pytest.approx(step)


def test_what_a_time_server_corrects_is_no_step() -> None:
    clocks = Clocks()
    watch = ClockWatch(lambda: clocks.wall, lambda: clocks.steady)
    clocks.wall += STEP_SECONDS / 2
    assert watch.step() == 0
