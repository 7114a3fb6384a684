"""Queues notifications of alerts, in the same transaction that records them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from alerts.life.kinds import life_limits
from alerts.life.states import UNTOLD
from alerts.life.store import TURN, read_live, read_notices, write, write_links, write_notices
from alerts.life.telling import WEEK_MS
from correspondence.outbox.message import Channel
from correspondence.outbox.store import Outbox
from correspondence.outbox.store import State as Sending
from correspondence.outbox.tables import OutboxMessage
from estate.database.engine import answering, take_turn
from estate.periods import DAY_MS
from operations.alerts.answers import digest_of
from reports.alert.plan import Post, plan_messages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from alerts.life.case import Case
    from alerts.life.store import Notice
    from estate.model import Estate
    from operations.settings import Settings

LOOKED_BACK_MS = 60 * DAY_MS
"""An alert that was closed before that is not told to be over any more."""
OVERTAKEN = "no longer true before it was sent"


@dataclass
class Announced:
    """
    What was queued.

    Attributes
    ----------
    queued : Counter of str
        Numbers of messages, by channel.
    taken_back : int
        Messages that were still unsent when what they report was no longer true.
    unreached : list of Case
        Dangerous ones of which nobody can be notified within the hour.
    """

    queued: Counter[str] = field(default_factory=Counter)
    taken_back: int = 0
    unreached: list[Case] = field(default_factory=list)


def post_of(settings: Settings) -> Post:
    """Return the channels through which an installation can send."""
    named = {
        Channel.MAIL: settings.mail, Channel.LETTER: settings.letters,
        Channel.SMS: settings.sms,
        Channel.WEBHOOK: settings.webhooks,
    }  # fmt: skip
    alerts = settings.alerts
    return Post(
        channels=frozenset(channel for channel, there in named.items() if there),
        staff=alerts.staff,
        on_call=alerts.on_call,
        webhooks=tuple(each.name for each in settings.webhooks),
        prices_ore={name: price * 100 for name, price in alerts.prices.items()},
        answer_url=alerts.answer_url or _on_portal(settings),
    )


def _on_portal(settings: Settings) -> str:
    """Return where the portal takes answers; empty without a portal that others can reach."""
    portal = settings.portal
    return f"{portal.url}/answer/{{token}}" if portal is not None and portal.secure else ""


def announce(engine: Engine, estates: Mapping[str, Estate], post: Post, now_ms: int) -> Announced:
    """
    Queue the notifications that are due for all alerts.

    Raises
    ------
    StoreUnavailable
        Nothing is queued, and nobody counts as notified; doing it again is harmless.
    """
    done, outbox, limits = Announced(), Outbox(engine), life_limits()
    with answering(engine) as session:
        take_turn(session, TURN)
        cases = read_live(session, now_ms - LOOKED_BACK_MS, now_ms)
        notices = read_notices(session, [each.id for each in cases], now_ms - WEEK_MS)
        waiting, gone = _of_outbox(session, notices)
        overtaken = _overtaken(cases, notices, waiting)
        done.taken_back = outbox.withdraw_within(session, overtaken, now_ms, OVERTAKEN)
        standing = [each for each in notices if each.message not in gone | set(overtaken)]
        plan = plan_messages(estates, cases, standing, post, limits, now_ms)
        outbox.put_within(session, plan.messages, now_ms)
        write(session, list(plan.cases.values()), plan.changes)
        write_notices(session, plan.notices)
        digests = {digest_of(token): message for token, message in plan.links.items()}
        write_links(session, digests, now_ms)
    done.queued.update(str(each.channel) for each in plan.messages)
    done.unreached = plan.unreached
    return done


def _of_outbox(session: Session, notices: Sequence[Notice]) -> tuple[set[str], set[str]]:
    """Return which messages nobody has tried to send yet, and which were retracted."""
    ids = {each.message for each in notices}
    query = select(OutboxMessage.id, OutboxMessage.state, OutboxMessage.attempts).where(
        OutboxMessage.id.in_(ids)
    )
    rows = session.execute(query).all()
    waiting = {row.id for row in rows if row.state == Sending.QUEUED and not row.attempts}
    return waiting, {row.id for row in rows if row.state == Sending.WITHDRAWN}


def _overtaken(cases: Sequence[Case], notices: Sequence[Notice], waiting: set[str]) -> list[str]:
    """Return the waiting messages of which nothing is true any more: it ended, or came back."""
    goes_on = {each.id: each.open for each in cases}
    still_true = {
        each.message
        for each in notices
        if goes_on.get(each.case, each.about in UNTOLD) is (each.about in UNTOLD)
    }
    return sorted(waiting - still_true)
