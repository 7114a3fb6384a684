"""Costs by a form and by a file, into the estate of the database."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from estate.errors import DataError, UsageError
from estate.model import Cost
from operations.accounts.costs_in import add_costs, take_costs
from operations.estates import estate_history, import_estate, list_estates
from operations.settings import Settings, read_settings
from tests.support.portfolio import portfolio

NEXT = {"period_start": date(2026, 1, 1), "period_end": date(2027, 1, 1)}
ROW = Cost(**NEXT, item="heat", amount_ore=123_456_78, received=date(2027, 1, 20))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    there = portfolio(tmp_path, 1)
    text = there.config.read_text().replace(
        'estates = ["house-000/estate"]', 'estates = "database"'
    )
    there.config.write_text(text)
    found = read_settings(there.config)
    import_estate(found, there.estate("house-000"), "admin")
    return found


def costs(settings: Settings) -> list[Cost]:
    (estate,) = list_estates(settings)
    return list(estate.costs)


def test_a_form_adds_an_amount_and_leaves_the_rest(settings: Settings) -> None:
    before = costs(settings)
    done = add_costs(settings, "house-000", [ROW], "An Accountant")
    assert [each.file for each in done.changes] == ["costs"]
    assert done.findings == ()
    assert ROW in costs(settings)
    assert set(map(str, before)) < set(map(str, costs(settings)))
    last = estate_history(settings, "house-000")[0]
    assert last.imported_by == "An Accountant"


def test_the_same_again_changes_nothing_and_another_amount_takes_its_place(
    settings: Settings,
) -> None:
    add_costs(settings, "house-000", [ROW], "a")
    assert add_costs(settings, "house-000", [ROW], "a").changes == ()
    other = ROW.model_copy(update={"amount_ore": 1})
    add_costs(settings, "house-000", [other], "a")
    found = [each.amount_ore for each in costs(settings) if each.period_start.year == 2026]
    assert found == [1]


def test_a_dry_run_changes_nothing(settings: Settings) -> None:
    before = costs(settings)
    assert len(add_costs(settings, "house-000", [ROW], "a", dry=True).changes) == 1
    assert costs(settings) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        b"period_start,period_end,item,amount\n2026-01-01,2027-01-01,heat,1500.00\n",
        b"period_start;period_end;item;amount\r\n2026-01-01;2027-01-01;heat;1500,00\r\n",
    ],
)
def test_a_file_is_taken_in_either_dialect(settings: Settings, content: bytes) -> None:
    done = take_costs(settings, "house-000", content, "a", "costs.csv")
    assert len(done.changes) == 1
    assert [each.amount_ore for each in costs(settings) if each.period_start.year == 2026] == [
        150_000
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe",
        b"period_start,period_end,item,amount\n2026-01-01,2027-01-01,heat,much\n",
        b"period_start,period_end,item,amount\n2027-01-01,2026-01-01,heat,1.00\n",
        b"period_start,period_end,item,amount,formula\n2026-01-01,2027-01-01,heat,1.00,=1\n",
    ],
)
def test_what_is_wrong_is_named_and_changes_nothing(settings: Settings, content: bytes) -> None:
    before = costs(settings)
    with pytest.raises(DataError) as refused:
        take_costs(settings, "house-000", content, "a", "costs.csv")
    assert all("costs.csv" in each.message for each in refused.value.findings)
    assert costs(settings) == before


def test_folders_are_written_by_those_who_keep_them(tmp_path: Path) -> None:
    there = portfolio(tmp_path, 1)
    with pytest.raises(UsageError, match=r"costs\.csv there"):
        add_costs(read_settings(there.config), "house-000", [ROW], "a")
    with pytest.raises(UsageError, match=r"costs\.csv there"):
        add_costs(read_settings(there.config), "nowhere", [ROW], "a")
