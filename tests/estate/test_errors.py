"""Errors reach another process whole, as those of a building that a pool of processes works on."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from correspondence.outbox.message import NotSent, Scope
from estate.errors import DataError, FairvarmeError, StoreUnavailable, UsageError
from estate.findings import Finding
from operations.access.limits import TooManyTries
from telemetry.stores.sealed.damage import SealedDamaged


@pytest.mark.parametrize(
    "error",
    [
        UsageError("name a building"),
        DataError([Finding("alerts.not_judged", "no outdoor temperature", {"homes": 2})]),
        StoreUnavailable("InfluxDB", "connection refused"),
        SealedDamaged(Path("sealed/b1/2026-01"), "is missing"),
        TooManyTries(60),
        NotSent(Scope.CHANNEL, "no answer"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_message_and_facts_reach_another_process(error: FairvarmeError) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  our own
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
