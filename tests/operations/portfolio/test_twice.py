"""A task that is done twice, as by a cluster that has lost a worker, is as one done once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest

from billing.ledger.store import Ledger
from billing.ledger.verify import verify
from estate.periods import Period
from operations.portfolio.run import Wanted, bill_buildings
from operations.portfolio.task import BillTask, Keep, do_task
from operations.settings import read_settings
from operations.wiring import opened_database
from tests.support.portfolio import TOTAL_ORE, YEAR, Portfolio, contents, portfolio

TIMES = 6
NAME = "house-000"
ISSUED = date(2026, 3, 1)
BY = "An Accountant"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return portfolio(tmp_path_factory.mktemp("portfolio"), 1)


@pytest.fixture
def books(house: Portfolio, tmp_path: Path) -> Portfolio:
    """The house with a ledger and a folder of bills of its own."""
    return replace(house, directory=tmp_path, url=f"sqlite:///{tmp_path / 'books.db'}")


def task_of(house: Portfolio, books: Portfolio, keep: Keep | None) -> BillTask:
    settings = read_settings(house.config).model_copy(update={"database": books.url})
    return BillTask(
        settings, NAME, house.estate(NAME), Period.parse(YEAR), None, (), ISSUED,
        books.out / NAME, keep=keep,
    )  # fmt: skip


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(TIMES // 2, mp_context=get_context("spawn")) as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("keep", [None, Keep(BY, approve=False), Keep(BY, approve=True)])
def test_at_once(
    house: Portfolio, books: Portfolio, pool: ProcessPoolExecutor, keep: Keep | None
) -> None:
    task = task_of(house, books, keep)
    outcomes = list(pool.map(do_task, [task] * TIMES))
    assert len(set(map(repr, outcomes))) == 1, outcomes
    assert (outcomes[0].state, outcomes[0].total_ore) == ("billed", TOTAL_ORE)
    assert [each.name for each in books.out.iterdir()] == [NAME]
    once = replace(task, directory=books.directory / "once", keep=None)
    assert do_task(once).state == "billed"
    assert contents(books.out / NAME) == contents(books.directory / "once")
    if keep is None:
        return
    with opened_database(task.settings) as engine:
        ledger = Ledger(engine)
        assert [len(ledger.drafts()), len(ledger.runs())] == [1 - keep.approve, int(keep.approve)]
        assert verify(engine).findings == ()


def test_what_another_batch_has_approved_is_no_second_time(
    house: Portfolio, books: Portfolio
) -> None:
    settings = read_settings(house.config).model_copy(update={"database": books.url})
    wanted = Wanted(settings, YEAR, books.out, issued=ISSUED, keep=Keep(BY, approve=True))
    bill = partial(bill_buildings, wanted, [NAME])
    assert [(each.state, each.number) for each in bill()] == [("billed", 1)]
    (again,) = bill()
    assert again.state == "failed"
    assert "approved already, as run 1" in again.message


@pytest.mark.slow
def test_other_bytes_are_no_second_time(house: Portfolio, books: Portfolio) -> None:
    task = task_of(house, books, Keep(BY, approve=True))
    assert do_task(task).number == 1
    before = contents(books.out)
    for other in (
        replace(task, issued=date(2026, 3, 2)),
        replace(task, keep=Keep("Somebody Else", approve=True)),
    ):
        outcome = do_task(other)
        assert outcome.state == "failed"
        assert "approved already, as run 1" in outcome.message
        assert contents(books.out) == before, "the approved bill lies there still"
