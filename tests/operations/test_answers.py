"""An answer silences, is kept, and is nobody else's to give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from alerts.answers.questions import Answer, questions
from alerts.life.states import Event, State
from alerts.life.store import AlertStore
from alerts.life.tables import AlertLink
from alerts.model import AlertKind
from correspondence.catalogue import catalogue, languages
from correspondence.outbox.message import Channel
from correspondence.outbox.store import Outbox
from estate.database.engine import open_database
from estate.errors import UsageError
from estate.periods import DAY_MS, HOUR_MS
from operations.alerts.announce import announce
from operations.alerts.answers import LINK_DAYS, answer, answer_by_link, linked
from reports.alert.plan import Post
from tests.operations.test_announce import HOUSES, LEAK, NOON

TOKEN = "a" * 43
POST = Post(
    frozenset({Channel.MAIL}), answer_url="https://example.org/a/{token}", new_token=lambda: TOKEN
)
HOME = ("b1", "t1")


@pytest.fixture
def engine(migrated_url: str) -> Iterator[Engine]:
    engine = open_database(migrated_url)
    AlertStore(engine).update("b1", lambda _: ([LEAK], []))
    yield engine
    engine.dispose()


def now_of(engine: Engine) -> tuple[State, str, int]:
    (case,) = AlertStore(engine).list("b1")
    return case.state, case.label, case.silenced_ms


def test_yes_silences_keeps_the_label_and_takes_back_what_waits(engine: Engine) -> None:
    announce(engine, HOUSES, POST, NOON)
    answer(engine, LEAK.id, "running_on_purpose", "yes", "p1", NOON + HOUR_MS, home=HOME)
    until = NOON + HOUR_MS + 14 * DAY_MS
    assert now_of(engine) == (State.ACKNOWLEDGED, "on_purpose", until)
    (row,) = Outbox(engine).list_rows(10)
    assert (row.state, row.answer) == ("withdrawn", "answered: on_purpose")
    changes = AlertStore(engine).changes(LEAK.id)
    assert (changes[-1].by, changes[-1].note) == ("p1", "on_purpose")


def test_no_is_kept_and_silences_nothing(engine: Engine) -> None:
    announce(engine, HOUSES, POST, NOON)
    answer(engine, LEAK.id[:6], "running_on_purpose", "no", "kim", NOON)
    assert now_of(engine) == (State.ACKNOWLEDGED, "not_on_purpose", 0)
    (row,) = Outbox(engine).list_rows(10)
    assert row.state == "queued"


@pytest.mark.parametrize(
    ("alert", "question", "given", "home"),
    [
        (LEAK.id, "guests", "yes", HOME),
        (LEAK.id, "running_on_purpose", "perhaps", HOME),
        (LEAK.id, "running_on_purpose", "yes", ("b1", "t2")),
        (LEAK.id, "running_on_purpose", "yes", ("b2", "t1")),
        (LEAK.id[:8], "running_on_purpose", "yes", HOME),
        ("ffffffffffff", "running_on_purpose", "yes", HOME),
    ],
)
def test_another_question_answer_or_home_changes_nothing(
    engine: Engine, alert: str, question: str, given: str, home: tuple[str, str]
) -> None:
    with pytest.raises(UsageError):
        answer(engine, alert, question, given, "p1", NOON, home=home)
    assert now_of(engine) == (State.NEW, "", 0)


def test_a_link_opens_its_own_questions_and_only_for_a_while(engine: Engine) -> None:
    announce(engine, HOUSES, POST, NOON)
    (row,) = Outbox(engine).list_rows(10)
    message = Outbox(engine).message(row.id)
    assert message is not None
    assert f"https://example.org/a/{TOKEN}" in message.text
    with Session(engine) as session:
        (kept,) = session.scalars(select(AlertLink)).all()
        assert TOKEN not in (kept.digest, kept.message)
    found = linked(engine, TOKEN, NOON)
    assert (found.building, found.tenancy, found.person) == ("b1", "t1", "p1")
    assert [(each.case.id, each.question) for each in found.asked] == [
        (LEAK.id, "running_on_purpose")
    ]
    # Looking is no answer: what scans mails opens links.
    assert now_of(engine)[1] == ""
    for wrong, at_ms in (("b" * 43, NOON), (TOKEN, NOON + (LINK_DAYS + 1) * DAY_MS)):
        with pytest.raises(UsageError):
            linked(engine, wrong, at_ms)
    answer_by_link(engine, TOKEN, LEAK.id, "running_on_purpose", "yes", NOON)
    assert now_of(engine)[:2] == (State.ACKNOWLEDGED, "on_purpose")


def test_an_answer_by_an_old_link_is_kept_and_silences_nothing_new(engine: Engine) -> None:
    announce(engine, HOUSES, POST, NOON)
    AlertStore(engine).act(LEAK.id, Event.ENDED, NOON, "kim")
    late_ms = NOON + 40 * DAY_MS
    answer_by_link(engine, TOKEN, LEAK.id, "running_on_purpose", "yes", late_ms)
    state, label, silenced_ms = now_of(engine)
    assert (state, label) == (State.CLEARED, "on_purpose")
    assert silenced_ms == LEAK.end_ms + 14 * DAY_MS
    again = replace(LEAK, id="dddd11112222", end_ms=late_ms, found_ms=late_ms, changed_ms=late_ms)
    AlertStore(engine).update("b1", lambda _: ([again], []))
    assert announce(engine, HOUSES, POST, late_ms).queued == {"mail": 1}


def test_a_link_answers_no_alert_of_another_home(engine: Engine) -> None:
    announce(engine, HOUSES, POST, NOON)
    other = replace(LEAK, id="cccc11112222", tenancy="t0")
    AlertStore(engine).update("b1", lambda _: ([other], []))
    with pytest.raises(UsageError):
        answer_by_link(engine, TOKEN, other.id, "running_on_purpose", "yes", NOON)


def test_every_kind_that_asks_has_a_question_in_every_language() -> None:
    for language in languages():
        words = catalogue(language)
        for kind in AlertKind:
            assert (f"message.{kind}.question" in words) == (kind in questions())


def test_a_no_is_never_taken_for_its_yes() -> None:
    yes, no = (
        {of.label_of(each) for of in questions().values()} for each in (Answer.YES, Answer.NO)
    )
    assert yes.isdisjoint(no)
    assert len(yes) == len(no)
