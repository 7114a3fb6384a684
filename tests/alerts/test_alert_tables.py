"""The store of alerts on a real database file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alerts.model import Alert, AlertKind
from alerts.tables import AlertStore
from estate.database.engine import Base, open_database
from estate.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEAK = Alert("b1", "f1", AlertKind.LEAK, "w1", 1_000, 2_000, 1_500, {"flow_l_per_h": 20.5})
MOULD = Alert("b1", "f2", AlertKind.MOULD_RISK, None, 1_000, 9_000, 5_000, {"index_max": 0.9})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AlertStore]:
    engine = open_database(f"sqlite:///{tmp_path / 'alerts.db'}")
    Base.metadata.create_all(engine)
    yield AlertStore(engine)
    engine.dispose()


def test_what_was_saved_is_listed(store: AlertStore) -> None:
    assert store.save([MOULD, LEAK]) == 2
    assert store.list() == [LEAK, MOULD]
    assert store.list()[1].device is None


def test_the_same_again_is_kept_once(store: AlertStore) -> None:
    for _ in range(2):
        assert store.save([LEAK, MOULD, LEAK]) == 2
    assert store.list() == [LEAK, MOULD]


def test_a_known_alert_takes_its_new_end_and_evidence(store: AlertStore) -> None:
    store.save([LEAK, MOULD])
    longer = replace(LEAK, end_ms=3_000, evidence={"flow_l_per_h": 19.0, "missing_hours": 2})
    store.save([longer])
    assert store.list() == [longer, MOULD]


@pytest.mark.parametrize(
    "change", [{"building": "b2"}, {"flat": "f9"}, {"kind": AlertKind.SPIKE}, {"device": "w2"},
               {"start_ms": 999}],
)  # fmt: skip
def test_another_key_is_another_alert(store: AlertStore, change: dict[str, object]) -> None:
    store.save([LEAK, replace(LEAK, **change)])  # type: ignore[arg-type]  # one field each
    assert len(store.list()) == 2


def test_a_building_sees_its_own(store: AlertStore) -> None:
    elsewhere = replace(LEAK, building="b2")
    store.save([LEAK, elsewhere, MOULD])
    assert store.list("b2") == [elsewhere]
    assert store.list("b3") == []


def test_nothing_is_saved_of_nothing(store: AlertStore) -> None:
    assert store.save([]) == 0
    assert store.list() == []


def test_more_alerts_than_one_statement_takes(store: AlertStore) -> None:
    many = [replace(LEAK, start_ms=number) for number in range(2_500)]
    assert store.save(many) == 2_500
    assert store.list() == many


def test_a_database_without_tables_is_not_available(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    for act in (lambda: AlertStore(engine).list(), lambda: AlertStore(engine).save([LEAK])):
        with pytest.raises(StoreUnavailable, match="no such table"):
            act()
    engine.dispose()
