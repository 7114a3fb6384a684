"""The store of alerts on real databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alerts.life.case import Case, Change
from alerts.life.states import Event, NotPossible, State
from alerts.life.store import AlertStore
from alerts.model import AlertKind
from estate.database.engine import open_database
from estate.errors import StoreUnavailable, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LEAK = Case(
    "aaaa11112222", "b1", "f1", AlertKind.LEAK, "w1", "f1-1", 1_000, 2_000, 1_500, 3_000, 3_000,
    evidence={"flow_l_per_h": 20.5},
)  # fmt: skip
MOULD = replace(LEAK, id="bbbb11112222", flat="f2", kind=AlertKind.MOULD_RISK, device="")


@pytest.fixture
def store(migrated_url: str) -> Iterator[AlertStore]:
    engine = open_database(migrated_url)
    yield AlertStore(engine)
    engine.dispose()


def save(store: AlertStore, *cases: Case) -> None:
    def change(_known: list[Case]) -> tuple[Iterable[Case], list[Change]]:
        return cases, [Change(each.id, Event.FOUND, each.state, 3_000) for each in cases]

    store.update("b1", change)


@pytest.mark.slow
def test_what_was_saved_is_listed_and_known_to_the_next_change(store: AlertStore) -> None:
    save(store, MOULD, LEAK)
    assert store.list() == [LEAK, MOULD]
    seen: list[Case] = []

    def look(known: list[Case]) -> tuple[Iterable[Case], list[Change]]:
        seen.extend(known)
        return [], []

    store.update("b1", look)
    store.update("b2", look)
    assert seen == [LEAK, MOULD]


def test_a_known_one_takes_what_changed(store: AlertStore) -> None:
    save(store, LEAK, MOULD)
    longer = replace(LEAK, end_ms=3_000, state=State.CLEARED, evidence={"flow_l_per_h": 19.0})
    save(store, longer)
    assert store.list() == [longer, MOULD]
    assert store.list(only_open=True) == [MOULD]
    assert store.list("b2") == []


def test_an_act_is_kept_with_who_and_why(store: AlertStore) -> None:
    save(store, LEAK, MOULD)
    store.act("aaaa", Event.ACKNOWLEDGED, 4_000, "Kim", "plumber called")
    done = store.act("aaaa1", Event.ENDED, 5_000, "Kim")
    assert (done.state, done.closed_ms, done.changed_ms) == (State.CLEARED, 5_000, 5_000)
    assert [(each.event, each.at_ms, each.by, each.note) for each in store.changes(LEAK.id)] == [
        (Event.FOUND, 3_000, "", ""),
        (Event.ACKNOWLEDGED, 4_000, "Kim", "plumber called"),
        (Event.ENDED, 5_000, "Kim", ""),
    ]
    with pytest.raises(NotPossible):
        store.act("aaaa", Event.ENDED, 6_000, "Kim")
    assert len(store.changes(LEAK.id)) == 3


def test_silence_is_kept_with_its_label(store: AlertStore) -> None:
    save(store, LEAK)
    case = store.silence("aaaa", 9_000, "guests", 4_000, "Kim")
    assert (case.state, case.silenced_ms, case.label) == (State.ACKNOWLEDGED, 9_000, "guests")
    assert store.list() == [case]


@pytest.mark.parametrize("prefix", ["cccc", "aaa", "", "%%%%", "____"])
def test_an_id_that_names_none_or_many_is_told(store: AlertStore, prefix: str) -> None:
    save(store, LEAK, replace(LEAK, id="aaaa99", flat="f3"))
    with pytest.raises(UsageError):
        store.act(prefix, Event.ACKNOWLEDGED, 4_000, "Kim")
    with pytest.raises(UsageError, match="several"):
        store.act("aaaa", Event.ACKNOWLEDGED, 4_000, "Kim")


def test_more_than_one_statement_takes(store: AlertStore) -> None:
    many = [replace(LEAK, id=f"{number:012d}", start_ms=number) for number in range(2_500)]
    save(store, *many)
    assert store.list() == [replace(each) for each in many]


def test_a_database_without_tables_is_not_available(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    for act in (lambda: AlertStore(engine).list(), lambda: save(AlertStore(engine), LEAK)):
        with pytest.raises(StoreUnavailable, match="no such table"):
            act()
    engine.dispose()
