"""The alerts of a home, and its residents' answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.answers.questions import Answer, questions
from alerts.life.kinds import kind_rules
from alerts.life.states import Event, State, can
from alerts.life.store import AlertStore
from correspondence.contacts import contact_for
from correspondence.outbox.message import Channel, Message, message_id
from correspondence.outbox.store import Outbox
from operations.alerts import answers
from operations.alerts.listed import meter_kind
from operations.residents.clip import span_ms
from operations.wishes.store import Fault, report_fault

if TYPE_CHECKING:
    from alerts.life.case import Case
    from estate.model import Contact, Estate
    from operations.serving import Serving
    from operations.visitors.roles import Home, Visitor

UNSEEN = frozenset({State.WITHDRAWN})
MOST_SHOWN = 30
FAULT = "fault"
ANSWERS = ("guests", "on_purpose", "away", "known")
"""What a resident may say that it was; their words are ``portal.alerts.answer.NAME``."""


@dataclass(frozen=True)
class HomeAlert:
    """
    An alert as its home sees it.

    Attributes
    ----------
    case : Case
    meter : str
        Kind of the meter that it is about; empty for none.
    contact : Contact or None
        Whom to call about it.
    """

    case: Case
    meter: str
    contact: Contact | None

    @property
    def can_be_acknowledged(self) -> bool:
        """Whether an answer is of use."""
        return self.case.open and can(self.case.state, Event.ACKNOWLEDGED)


def alerts_of(serving: Serving, home: Home) -> list[HomeAlert]:
    """Return the alerts of a home's own days: those still open first, then the latest."""
    estate = serving.estates().by_building[home.building]
    cases = [
        each
        for each in AlertStore(serving.engine).list(home.building)
        if each.state not in UNSEEN and _is_of(estate, home, each)
    ]
    cases.sort(key=lambda each: (not each.open, -each.start_ms))
    contacts = estate.building.contacts
    return [
        HomeAlert(each, meter_kind(each, estate), contact_for(each.kind, contacts))
        for each in cases[:MOST_SHOWN]
    ]


def alert_of(serving: Serving, home: Home, alert: str) -> HomeAlert | None:
    """Return an alert of a home by its whole id; None for anybody else's."""
    return next((each for each in alerts_of(serving, home) if each.case.id == alert), None)


def acknowledge(serving: Serving, visitor: Visitor, found: HomeAlert) -> None:
    """Record that a home has seen an alert."""
    if found.can_be_acknowledged:
        store = AlertStore(serving.engine)
        store.act(found.case.id, Event.ACKNOWLEDGED, serving.clock(), visitor.name)


def explain(serving: Serving, visitor: Visitor, found: HomeAlert, answer: str) -> None:
    """Record that the residents were the cause: it is silenced for as long as its kind says."""
    now = serving.clock()
    until_ms = questions()[found.case.kind].silent_until_ms(Answer.YES, now)
    answers.explain(serving.engine, found.case, answer, until_ms, visitor.name, now)


def tell_of_fault(serving: Serving, home: Home, text: str, alert: str = "") -> int:
    """
    Store the report of a fault, queue a mail to staff, and return the report's number.

    Parameters
    ----------
    serving : Serving
    home : Home
    text : str
        The resident's words.
    alert : str, optional
        Id of the alert that it is about.
    """
    now = serving.clock()
    fault = Fault(home.building, home.tenancy, home.flat, alert, now, text.strip())
    number = report_fault(serving.engine, fault)
    Outbox(serving.engine).put(_mails(serving, fault, number), now)
    return number


def _mails(serving: Serving, fault: Fault, number: int) -> list[Message]:
    estate = serving.estates().by_building[fault.building]
    contact = contact_for(FAULT, estate.building.contacts)
    to = serving.settings.alerts.staff or ((contact.mail,) if contact and contact.mail else ())
    if serving.settings.mail is None:
        return []
    flat = estate.flats[estate.flat_index[fault.flat]]
    return [
        Message(
            id=message_id(FAULT, fault.building, str(number), address),
            channel=Channel.MAIL, kind=FAULT, address=address,
            subject=f"{flat.address}: {fault.text[:60]}".replace("\n", " ").replace("\r", " "),
            text=f"{flat.address}\n\n{fault.text}\n\n{fault.case}".strip(),
            building=fault.building, tenancy=fault.tenancy,
        )
        for address in to
    ]  # fmt: skip


def _is_of(estate: Estate, home: Home, case: Case) -> bool:
    """Whether an alert is of a home: of its tenancy, and of the person's own days."""
    start_ms, end_ms = span_ms(estate, home, case.start_ms, case.end_ms)
    own = (case.flat, case.tenancy) == (home.flat, home.tenancy)
    return own and start_ms < end_ms and kind_rules()[case.kind].audience == "resident"
