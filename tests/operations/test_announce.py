"""What is queued and what is written down about it are one transaction, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from alerts.life.case import Case
from alerts.life.states import Event, State
from alerts.life.store import AlertStore
from alerts.model import AlertKind
from correspondence.outbox.message import Channel
from correspondence.outbox.store import Outbox
from estate.database.engine import open_database
from estate.model import Person
from estate.periods import DAY_MS, HOUR_MS
from operations.alerts.announce import announce, post_of
from operations.channel_settings import PortalSettings
from operations.settings import AlertSettings, Settings
from reports.alert.plan import Post
from tests.support import estates as make

NOON = round(datetime(2026, 1, 15, 12, tzinfo=ZoneInfo("Europe/Copenhagen")).timestamp() * 1000)
POST = Post(frozenset({Channel.MAIL}))
HOUSES = {
    name: make.estate(
        [make.flat("f1")],
        [make.tenancy("t1", "f1")],
        [make.device("w1", "cold_water", "f1")],
        persons=[Person(tenancy="t1", person="p1", name="Resident", mail=f"{name}@example.org")],
        id=name,
    )
    for name in ("b1", "b2")
}
LEAK = Case(
    "aaaa11112222", "b1", "f1", AlertKind.LEAK, "w1", "t1", NOON - 2 * DAY_MS, NOON - HOUR_MS,
    NOON - DAY_MS, NOON, NOON, evidence={"flow_l_per_h": 20.5},
)  # fmt: skip
OTHER = replace(LEAK, id="bbbb11112222", building="b2")


@pytest.fixture
def engine(migrated_url: str) -> Iterator[Engine]:
    engine = open_database(migrated_url)
    AlertStore(engine).update("b1", lambda _: ([LEAK, OTHER], []))
    yield engine
    engine.dispose()


def messages(engine: Engine) -> list[tuple[str, str]]:
    return sorted((row.building, row.state) for row in Outbox(engine).list_rows(100))


def test_each_is_told_once_however_often_it_is_asked(engine: Engine) -> None:
    assert announce(engine, HOUSES, POST, NOON).queued == {"mail": 2}
    assert announce(engine, HOUSES, POST, NOON + HOUR_MS).queued == {}
    assert messages(engine) == [("b1", "queued"), ("b2", "queued")]
    assert {each.state for each in AlertStore(engine).list()} == {State.SENT}
    changes = AlertStore(engine).changes(LEAK.id)
    assert [(each.event, each.at_ms, each.by) for each in changes] == [(Event.TOLD, NOON, "")]


def test_two_at_a_time_queue_it_once(engine: Engine) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: announce(engine, HOUSES, POST, NOON), range(2)))
    assert sorted(each.queued.total() for each in both) == [0, 2]
    assert len(messages(engine)) == 2


def test_what_fails_on_the_way_leaves_nothing_behind(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("operations.alerts.announce.write_notices", fail)
    with pytest.raises(RuntimeError):
        announce(engine, HOUSES, POST, NOON)
    assert messages(engine) == []
    assert {each.state for each in AlertStore(engine).list()} == {State.NEW}
    monkeypatch.undo()
    assert announce(engine, HOUSES, POST, NOON).queued == {"mail": 2}


def test_what_is_over_before_it_was_sent_is_taken_back_and_its_return_told(engine: Engine) -> None:
    announce(engine, HOUSES, POST, NOON)
    store = AlertStore(engine)
    store.act(LEAK.id, Event.ENDED, NOON + HOUR_MS, "Kim")
    assert announce(engine, HOUSES, POST, NOON + HOUR_MS).taken_back == 1
    assert messages(engine) == [("b1", "withdrawn"), ("b2", "queued")]
    (closed,) = store.list("b1")
    back = replace(closed, state=State.REOPENED, changed_ms=NOON + 2 * HOUR_MS)
    store.update("b1", lambda _: ([back], []))
    assert announce(engine, HOUSES, POST, NOON + 2 * HOUR_MS).queued == {"mail": 1}
    assert messages(engine) == [("b1", "queued"), ("b1", "withdrawn"), ("b2", "queued")]


def test_an_end_is_told_once_a_beginning_was_sent(engine: Engine) -> None:
    announce(engine, HOUSES, POST, NOON)
    outbox = Outbox(engine)
    while claimed := outbox.claim(Channel.MAIL, NOON, 1):
        outbox.sent(claimed.message.id, NOON, "taken")
    AlertStore(engine).act(LEAK.id, Event.ENDED, NOON + HOUR_MS, "Kim")
    for expected in ({"mail": 1}, {}):
        assert announce(engine, HOUSES, POST, NOON + HOUR_MS).queued == expected


@pytest.mark.parametrize(
    ("kind", "return_told"), [(AlertKind.LEAK, {}), (AlertKind.BURST, {"mail": 1})]
)
def test_an_all_clear_that_waits_for_the_morning_is_taken_back_where_it_returns_at_night(
    engine: Engine, kind: AlertKind, return_told: dict[str, int]
) -> None:
    store, outbox, evening = AlertStore(engine), Outbox(engine), NOON + 10 * HOUR_MS
    store.update("b1", lambda _: ([replace(LEAK, kind=kind)], []))
    announce(engine, HOUSES, POST, NOON)
    while claimed := outbox.claim(Channel.MAIL, NOON, 1):
        outbox.sent(claimed.message.id, NOON, "taken")
    store.act(LEAK.id, Event.ENDED, evening, "Kim")
    assert announce(engine, HOUSES, POST, evening).queued == {"mail": 1}
    (closed,) = store.list("b1")
    back = replace(
        closed, state=State.REOPENED, end_ms=evening + HOUR_MS, changed_ms=evening + HOUR_MS
    )
    store.update("b1", lambda _: ([back], []))
    done = announce(engine, HOUSES, POST, evening + HOUR_MS)
    assert (done.taken_back, done.queued) == (1, return_told)
    assert outbox.counts().get("withdrawn") == 1
    # Its end is told once it comes.
    store.act(LEAK.id, Event.ENDED, evening + 20 * HOUR_MS, "Kim")
    assert announce(engine, HOUSES, POST, evening + 20 * HOUR_MS).queued == {"mail": 1}


@pytest.mark.parametrize(
    ("portal", "own", "expected"),
    [
        (None, "", ""),
        ("https://varme.example", "", "https://varme.example/answer/{token}"),
        ("http://127.0.0.1:8080", "", ""),
        ("https://varme.example", "https://other.example/{token}", "https://other.example/{token}"),
    ],
)
def test_answers_go_to_the_portal_unless_told(portal: str | None, own: str, expected: str) -> None:
    settings = Settings(
        store="sqlite:///s.db", database="sqlite:///d.db", estates=(),
        portal=None if portal is None else PortalSettings(url=portal),
        alerts=AlertSettings(answer_url=own),
    )  # fmt: skip
    assert post_of(settings).answer_url == expected
