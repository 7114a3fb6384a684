"""Ten thousand messages through kills of worker, broker and store; `make faults` has more."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from tests.faults.outage import perform_outage
from tests.faults.outcome import Setting
from tests.faults.plan import Moment, Victim
from tests.faults.run import STORES, perform
from tests.support.influxdb import find_influxd
from tests.support.mosquitto import find_program

pytestmark = pytest.mark.integration
MESSAGES = 10_000


@pytest.fixture(autouse=True)
def _servers() -> None:
    find_program("mosquitto")
    multiprocessing.set_forkserver_preload(["tests.faults.worker", "tests.faults.sender"])


@pytest.mark.parametrize("store", STORES)
def test_kills_cost_nothing_where_boxes_repeat(store: str, tmp_path: Path) -> None:
    if store == "influxdb":
        find_influxd()
    outcome = perform(Setting(store, MESSAGES, seed=1, kills_each=1), tmp_path)
    assert outcome.faults() == []
    assert outcome.found == (0, 0, 0, 0)
    met = {(each.kill.victim, each.kill.moment) for each in outcome.killed}
    assert met == {(victim, moment) for victim in Victim for moment in Moment}
    # Three quantities each, and one more in every hundredth.
    assert outcome.acknowledged == 3 * MESSAGES + MESSAGES // 100
    assert outcome.repeated > 0


def test_control_that_acknowledges_early_loses(tmp_path: Path) -> None:
    """Without this the run above might pass because its kills meet nothing."""
    outcome = perform(Setting("sqlite", MESSAGES, seed=1, kills_each=1, ack_early=True), tmp_path)
    assert outcome.found.missing > 0
    assert outcome.faults() == []


def test_store_that_is_away_for_ten_minutes_costs_neither_memory_nor_connections(
    tmp_path: Path,
) -> None:
    """A minute lasts half a second; more messages come than the worker has room for."""
    outage = perform_outage(tmp_path, minute_seconds=0.5, messages_per_minute=1200)
    assert outage.faults() == []
    assert outage.stored == 3 * 12_000
