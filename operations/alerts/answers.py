"""
The answer to an alert's question: by a link in the message, by log-in, or through staff.

GET only shows a link's question, and POST answers it, since mail scanners open links. Only a digest
of the link is kept; it opens only the questions of its own message, for `LINK_DAYS`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from alerts.answers.questions import Answer, question_of, questions
from alerts.life.states import OPEN
from alerts.life.store import AlertStore
from alerts.life.tables import AlertLink, AlertNotice
from correspondence.outbox.store import Outbox
from estate.database.engine import answering
from estate.errors import UsageError
from estate.periods import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from alerts.life.case import Case

LINK_DAYS = 60
ANSWERED = "answered: {label}"


@dataclass(frozen=True)
class Asked:
    """
    An alert with its question.

    Attributes
    ----------
    case : Case
    question : str
        Its name in ``questions.yaml``; the words are ``message.KIND.question`` of the texts.
    answers : tuple of Answer
    """

    case: Case
    question: str
    answers: tuple[Answer, ...] = tuple(Answer)


@dataclass(frozen=True)
class Linked:
    """
    What a link opens.

    Attributes
    ----------
    building, tenancy, person : str
        The recipient of the message.
    asked : tuple of Asked
        Of the message's alerts that are still open.
    """

    building: str
    tenancy: str
    person: str
    asked: tuple[Asked, ...]


def asked_of(cases: Sequence[Case]) -> tuple[Asked, ...]:
    """Return the questions of those alerts that are open and have one."""
    known = questions()
    return tuple(
        Asked(each, known[each.kind].question)
        for each in cases
        if each.state in OPEN and each.kind in known
    )


def answer(
    engine: Engine,
    alert: str,
    question: str,
    given: str,
    by: str,
    now_ms: int,
    *,
    home: tuple[str, str] | None = None,
) -> Case:
    """
    Record the answer to an alert's question, and keep it as the alert's label.

    A "yes" explains it: it and similar ones are silenced for as long as the kind says, counted from
    its end if it is over, and messages waiting to be sent are retracted. A "no" leaves it open, but
    acknowledged.

    Parameters
    ----------
    engine : Engine
    alert : str
        Its id; staff may abbreviate it.
    question : str
        The question as shown.
    given : str
        ``yes`` or ``no``.
    by : str
        Who answers: a person's id, or the name of whoever recorded the answer.
    now_ms : int
        [ms since 1970, UTC]
    home : (str, str), optional
        Building and tenancy of a resident, for whom another home's alert does not exist.

    Raises
    ------
    UsageError
        If that home has no such alert, the question differs, or the answer is not yes or no.
    StoreUnavailable
    """
    store = AlertStore(engine)
    case = store.find(alert)
    if home is not None and ((case.building, case.tenancy) != home or case.id != alert):
        raise UsageError(f"no alert {alert} of this home; its page lists those there are")
    try:
        chosen = Answer(given)
    except ValueError as error:
        raise UsageError(f"answer yes or no, not {given}") from error
    of = question_of(case.kind, question)
    # An answer by an old link is about what was, and silences nothing that comes.
    from_ms = now_ms if case.open else case.end_ms
    until_ms = of.silent_until_ms(chosen, from_ms)
    return explain(engine, case, of.label_of(chosen), until_ms, by, now_ms)


def explain(engine: Engine, case: Case, label: str, until_ms: int, by: str, now_ms: int) -> Case:
    """
    Record what an alert was, and retract its waiting messages while it is silenced.

    Parameters
    ----------
    engine : Engine
    case : Case
    label : str
        The cause, in one word.
    until_ms : int
        Until when it and similar ones are silenced; 0 for not at all. [ms since 1970, UTC]
    by : str
    now_ms : int
        [ms since 1970, UTC]
    """
    store = AlertStore(engine)
    case = store.silence(case.id, until_ms, label, now_ms, by)
    if until_ms:
        Outbox(engine).withdraw(store.messages(case.id), now_ms, ANSWERED.format(label=label))
    return case


def linked(engine: Engine, token: str, now_ms: int) -> Linked:
    """
    Return a link's questions; looking changes nothing.

    Raises
    ------
    UsageError
        If it is unknown, or too old.
    """
    query = (
        select(AlertNotice)
        .join(AlertLink, AlertLink.message == AlertNotice.message)
        .where(AlertLink.digest == digest_of(token))
        .where(AlertLink.made_ms > now_ms - LINK_DAYS * DAY_MS)
        .order_by(AlertNotice.case)
    )
    with answering(engine) as session:
        rows = [(row.case, row.tenancy, row.person) for row in session.scalars(query)]
    if not rows:
        raise UsageError("this link is not known or too old; call or write to us instead")
    store = AlertStore(engine)
    cases = [store.find(case) for case, _, _ in rows]
    _, tenancy, person = rows[0]
    return Linked(cases[0].building, tenancy, person, asked_of(cases))


def answer_by_link(
    engine: Engine, token: str, alert: str, question: str, given: str, now_ms: int
) -> Case:
    """
    Record an answer given by a link; the link may answer each of its alerts, even repeatedly.

    Raises
    ------
    UsageError
        As for `linked` and `answer`.
    """
    of = linked(engine, token, now_ms)
    home = (of.building, of.tenancy)
    return answer(engine, alert, question, given, of.person or of.tenancy, now_ms, home=home)


def digest_of(token: str) -> str:
    """Return the digest that is kept of a link."""
    return hashlib.sha256(token.encode()).hexdigest()
