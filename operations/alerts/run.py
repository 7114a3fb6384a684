"""Checks the buildings of an installation for alerts, records them, and queues messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from operations.alerts.announce import announce, post_of
from operations.alerts.checks import Checks, checked
from operations.alerts.tiers import Tier
from operations.clock import now_ms
from operations.wiring import estates_in_order, opened_database, readable_estates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alerts.run import Checked
    from estate.findings import Finding
    from estate.periods import Period
    from operations.alerts.announce import Announced
    from operations.alerts.tiers import Looked
    from operations.settings import Settings


@dataclass(frozen=True)
class AlertRun:
    """
    What a run did.

    Attributes
    ----------
    looked : list of Looked
        One per building.
    announced : Announced
    findings : list of Finding
        Why buildings could not be looked at: their estates are not in order.
    """

    looked: list[Looked]
    announced: Announced
    findings: list[Finding] = field(default_factory=list)

    @property
    def checked(self) -> list[Checked]:
        """What was found in each building."""
        return [each.checked for each in self.looked]


def run_alerts(
    settings: Settings,
    buildings: Sequence[str],
    period: Period | None = None,
    clock: Callable[[], int] = now_ms,
    *,
    whole: bool = False,
    jobs: int | None = None,
    on_done: Callable[[int, int], None] = lambda _done, _total: None,
) -> AlertRun:
    """
    Check buildings for alerts, record them, and queue messages; doing it again repeats nothing.

    If interrupted at any moment, what was recorded stays, and the next run notifies those not yet
    notified: a message is queued in the same transaction that records it. A building whose estate
    is not in order costs no other its alerts.

    Parameters
    ----------
    settings : Settings
    buildings : sequence of str
        Default: all of the installation.
    period : Period, optional
        A full run for days other than the last ones; it keeps nothing for the next run.
    clock : callable, optional
        [ms since 1970, UTC]
    whole : bool, optional
        Whether to run every building in full, even if that is not due.
    jobs : int, optional
        Number of processes; default: that of the settings.
    on_done : callable, optional
        Called with the number of buildings done, and the total.
    """
    estates, findings = readable_estates(settings, buildings)
    done = []
    checks = Checks(settings, period, clock, whole=whole)
    for looked in checked(checks, estates, jobs or settings.alerts.processes):
        done.append(looked)
        on_done(len(done), len(estates))
    told = {each.building.id: each for each in estates}
    if buildings or any(each.tier is Tier.WHOLE for each in done):
        # For the other buildings too, and persons may have changed in the meantime.
        told = estates_in_order(settings)
    with opened_database(settings) as engine:
        return AlertRun(done, announce(engine, told, post_of(settings), clock()), findings)
