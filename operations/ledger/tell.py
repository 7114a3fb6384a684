"""Queues webhook messages about approved bills, each once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from billing.ledger.store import Ledger
from correspondence.outbox.message import Channel, Message, message_id
from correspondence.outbox.store import Outbox
from estate.periods import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Engine

    from billing.ledger.model import Run

KIND = "bill"
TOLD_WITHIN_MS = 30 * DAY_MS
"""Of a bill that was approved longer ago a new webhook is not told. [ms]"""


def queue_approved(engine: Engine, webhooks: Sequence[str], now_ms: int) -> int:
    """
    Queue a message for each webhook and recently approved run, each under one id.

    Returns
    -------
    int
        Number of new messages.

    Raises
    ------
    StoreUnavailable
        Nothing may be assumed to be queued; doing it again is harmless.
    """
    if not webhooks:
        return 0
    runs = [run for run in Ledger(engine).runs() if now_ms - run.approved_ms < TOLD_WITHIN_MS]
    messages = [each for run in runs for each in _messages(run, webhooks)]
    return Outbox(engine).put(messages, now_ms)


def _messages(run: Run, webhooks: Sequence[str]) -> Iterator[Message]:
    facts = run.facts
    document = {
        "run": run.number,
        "building": facts.building,
        "period_start": str(facts.period_start),
        "period_end": str(facts.period_end),
        "scheme": facts.scheme,
        "total_ore": facts.total_ore,
        "issued": str(facts.issued),
        "corrects": facts.corrects,
        "reason": facts.reason,
        "digest": run.digest,
    }
    for name in webhooks:
        yield Message(
            id=message_id(KIND, Channel.WEBHOOK, name, run.digest),
            channel=Channel.WEBHOOK,
            kind=KIND,
            address=name,
            subject=f"bill of {facts.building} approved as run {run.number}",
            text=json.dumps(document),
            building=facts.building,
        )
