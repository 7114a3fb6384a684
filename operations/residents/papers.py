"""Bills and letters of a home, as PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, select

from billing.ledger.model import Account
from billing.ledger.posting import by_tenancy
from billing.ledger.store import Ledger
from correspondence.outbox.message import PDF
from correspondence.outbox.store import State
from correspondence.outbox.tables import OutboxAttachment, OutboxMessage
from estate.database.engine import answering, looking
from estate.periods import DAY_MS, Period, local_date
from operations.access.limits import access_limits
from operations.access.tables import AccessToken
from operations.access.tokens import digest
from operations.ledger.statements import statement_pdf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from billing.ledger.model import Run
    from estate.model import Estate
    from operations.serving import Serving
    from operations.visitors.roles import Home

LETTER = "letter"
KEPT_MS = 600_000
"""So long a bill that was printed, and which there are, is not looked up again. [ms]"""
GONE = frozenset({State.WITHDRAWN})
LETTERS = (
    select(
        OutboxMessage.id, OutboxMessage.kind, OutboxMessage.subject, OutboxMessage.queued_ms,
        OutboxAttachment.name,
    )
    .join(OutboxAttachment, OutboxAttachment.message == OutboxMessage.id)
    .where(
        OutboxMessage.building == bindparam("building"),
        OutboxMessage.tenancy == bindparam("tenancy"),
        OutboxMessage.person.in_(["", bindparam("person")]),
        OutboxMessage.state.not_in(GONE),
        OutboxAttachment.media_type == PDF,
    )
    .order_by(OutboxMessage.queued_ms.desc(), OutboxMessage.id)
)  # fmt: skip


@dataclass(frozen=True)
class Bill:
    """An approved bill of a home; `balance_ore` below 0 is repaid. [øre]"""

    run: int
    start: date
    end: date
    balance_ore: int
    replaced: bool

    @property
    def last_day(self) -> date:
        """The last day of its period."""
        return self.end - timedelta(days=1)


@dataclass(frozen=True)
class Letter:
    """A PDF that the home was sent, by mail or on paper."""

    message: str
    kind: str
    subject: str
    day: date
    name: str


def bills_of(serving: Serving, home: Home) -> list[Bill]:
    """Return the approved bills of a home, the latest first."""
    ledger = Ledger(serving.engine)
    every = ledger.runs(home.building)
    key = ("bills", home, tuple(each.number for each in every))
    return serving.kept(key, KEPT_MS, lambda: _bills(ledger, every, home))


def _bills(ledger: Ledger, every: Sequence[Run], home: Home) -> list[Bill]:
    runs = [each for each in every if _is_of(ledger, each, home)]
    corrected = {each.facts.corrects for each in runs}
    return [
        Bill(
            each.number, each.facts.period_start, each.facts.period_end,
            by_tenancy(ledger.postings(each), Account.BALANCE).get(home.tenancy, 0),
            each.number in corrected,
        )
        for each in reversed(runs)
    ]  # fmt: skip


def bill_pdf(serving: Serving, home: Home, number: int) -> bytes | None:
    """
    Print the statement of a home; None if the run is not of it.

    Raises
    ------
    DataError
        If an amount comes out otherwise than it was approved.
    """
    ledger = Ledger(serving.engine)
    run = next((each for each in ledger.runs(home.building) if each.number == number), None)
    if run is None:
        return None
    key = ("bill", home, number)
    return serving.kept_paper(key, KEPT_MS, lambda: _print(serving, ledger, run, home))


def _print(serving: Serving, ledger: Ledger, run: Run, home: Home) -> bytes | None:
    if not _is_of(ledger, run, home):
        return None
    estate = serving.estates().by_building[home.building]
    return statement_pdf(ledger, run, home.tenancy, estate)


def letters_of(serving: Serving, home: Home) -> list[Letter]:
    """Return the letters that a home was sent, the latest first."""
    estate = serving.estates().by_building[home.building]
    of = {"building": home.building, "tenancy": home.tenancy, "person": home.person}
    until = _papers_until(estate, home)
    with looking(serving.engine) as connection:
        rows = [
            Letter(id_, kind, subject, local_date(queued_ms, estate.building.zone), name)
            for id_, kind, subject, queued_ms, name in connection.execute(LETTERS, of)
        ]
    return [each for each in rows if home.start <= each.day and (until is None or each.day < until)]


def letter_pdf(serving: Serving, home: Home, message: str) -> bytes | None:
    """Return the PDF of a letter; None if it is not one of the home's."""
    if all(each.message != message for each in letters_of(serving, home)):
        return None
    return _attachment(serving.engine, message)


def letter_path(token: str) -> str:
    """Return where the portal shows the PDF that a token is for."""
    return f"/letters/{token}"


def write_letter_links(session: Session, links: Mapping[str, str], now_ms: int) -> None:
    """
    Store the links from mails to PDFs, in the transaction that queues the mails.

    Parameters
    ----------
    session : Session
    links : mapping of str to str
        Token, and the message whose PDF it is for; only a hash of the token is kept.
    now_ms : int
        [ms since 1970, UTC]
    """
    ends_ms = now_ms + access_limits().letter_link_days * DAY_MS
    session.add_all(
        AccessToken(
            token=digest(LETTER, token), kind=LETTER, subject=message, made_ms=now_ms,
            ends_ms=ends_ms,
        )
        for token, message in links.items()
    )  # fmt: skip


class Linked(NamedTuple):
    """A message to whose PDF a mail's link leads."""

    message: str
    subject: str


def linked_letter(serving: Serving, token: str) -> Linked | None:
    """Return what a mail's link leads to; None if it is expired or unknown."""
    with answering(serving.engine) as session:
        row = session.get(AccessToken, digest(LETTER, token))
        if row is None or row.kind != LETTER or row.ends_ms <= serving.clock():
            return None
        message = session.get(OutboxMessage, row.subject)
        if message is None or message.state in GONE:
            return None
        return Linked(message.id, message.subject)


def linked_pdf(serving: Serving, token: str) -> bytes | None:
    """Return the PDF of a mail's link; None if it is expired or unknown."""
    linked = linked_letter(serving, token)
    return None if linked is None else _attachment(serving.engine, linked.message)


def _attachment(engine: Engine, message: str) -> bytes | None:
    query = (
        select(OutboxAttachment.content)
        .where(OutboxAttachment.message == message, OutboxAttachment.media_type == PDF)
        .order_by(OutboxAttachment.number)
    )
    with answering(engine) as session:
        return session.scalars(query).first()


def _is_of(ledger: Ledger, run: Run, home: Home) -> bool:
    period = Period(run.facts.period_start, run.facts.period_end)
    lived = period.overlap(home.start, home.end) is not None
    return lived and home.tenancy in ledger.standing(run).statements


def _papers_until(estate: Estate, home: Home) -> date | None:
    """Return the time from which a home's letters are no longer this person's."""
    ends = estate.tenancy_by_id[home.tenancy].end
    # A past tenancy's account comes months later; a person who left the others gets nothing more.
    return None if home.end == ends else home.end
