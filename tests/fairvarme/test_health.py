"""Health of a worker: what counts as ready, and a part that hangs."""

from __future__ import annotations

import socket

import pytest

from estate.errors import StoreUnavailable, UsageError
from ingest.watch.counts import Counts
from operations.intake import health
from operations.intake.health import OK, Health, Probe, served


def away() -> None:
    raise StoreUnavailable("a store", "gone")


def asked(probe: Probe) -> Probe:
    probe.ask_once()
    return probe


def test_worker_is_ready_where_everything_answers() -> None:
    counts = Counts(subscribed=True)
    assert Health(lambda: counts, {"store": asked(Probe(lambda: None))}).parts() == {
        "store": OK,
        "broker": OK,
        "writes": OK,
    }


@pytest.mark.parametrize(
    ("counts", "part"),
    [(Counts(), "broker"), (Counts(subscribed=True, writing=False), "writes")],
)
def test_worker_that_is_not_subscribed_or_cannot_write_is_not_ready(
    counts: Counts, part: str
) -> None:
    parts = Health(lambda: counts, {}).parts()
    assert [name for name, state in parts.items() if state != OK] == [part]


def test_part_is_not_ready_before_it_was_asked_nor_while_it_is_away() -> None:
    probe = Probe(away)
    assert probe.state != OK
    assert "a store is not available: gone" in asked(probe).state
    probe.ask = lambda: None
    assert asked(probe).state == OK


def test_answer_of_a_part_that_hangs_is_worth_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    probe = asked(Probe(lambda: None))
    monkeypatch.setattr(health, "STALE_SECONDS", -1.0)
    assert probe.state == "does not respond"


def test_address_that_is_taken_is_wrong_usage() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(UsageError, match=rf"127.0.0.1:{port} .* another port in \[health\]"),
            served(Health(Counts, {}), "127.0.0.1", port),
        ):
            pass
