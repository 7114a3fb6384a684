"""Webhooks are told of each approved bill once, signed, and nothing of a person."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from billing.ledger.store import Ledger
from correspondence.outbox.message import Channel
from correspondence.outbox.store import Outbox
from estate.database.engine import open_database
from operations.ledger.tell import TOLD_WITHIN_MS, queue_approved
from tests.support.ledger import NOW_MS, package

HOMES = {"T-001": (900_00, 800_00), "landlord:C": (100_00, 0)}


@pytest.fixture
def engine(migrated_url: str) -> Iterator[Engine]:
    engine = open_database(migrated_url)
    ledger = Ledger(engine)
    ledger.approve(ledger.keep(package(HOMES), "An Accountant", NOW_MS), "An Accountant", NOW_MS)
    yield engine
    engine.dispose()


def test_each_webhook_is_told_once_however_often_it_is_asked(engine: Engine) -> None:
    assert queue_approved(engine, ["books", "archive"], NOW_MS) == 2
    assert queue_approved(engine, ["books", "archive"], NOW_MS + 1) == 0
    assert queue_approved(engine, [], NOW_MS + 1) == 0
    claimed = Outbox(engine).claim(Channel.WEBHOOK, NOW_MS + 1, 1000)
    assert claimed is not None
    (run,) = Ledger(engine).runs()
    told = json.loads(claimed.message.text)
    assert (told["run"], told["total_ore"], told["digest"]) == (1, 1000_00, run.digest)
    assert "T-001" not in claimed.message.text
    assert "Accountant" not in claimed.message.text


def test_a_new_webhook_is_not_told_of_old_bills(engine: Engine) -> None:
    assert queue_approved(engine, ["books"], NOW_MS + TOLD_WITHIN_MS) == 0
