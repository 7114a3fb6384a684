from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from billing.bill.bill import Bill, Statement
from estate.findings import Severity
from estate.periods import Period
from reports.monthly.figures import HomeMonth, home_month
from reports.print_building import month_pages, write_pages
from tests.support.report_homes import (
    JANUARY,
    a_bill,
    a_climate,
    a_statement,
    an_estate,
    home_hours,
)

MOVE = date(2026, 1, 16)


HOMES = [a_climate(20.0, seed=1), a_climate(22.5, seed=2)]
CLIMATE = {name: np.array([home.values[name] for home in HOMES]) for name in HOMES[0].values}


def statements() -> tuple[Statement, ...]:
    vacant = a_statement("landlord:f1", "f1").replace(resident=False)
    return (
        a_statement("t1", "f1"),
        vacant,
        a_statement("t2", "f2", Period(JANUARY.start, MOVE)),
        a_statement("t3", "f2", Period(MOVE, JANUARY.end)),
    )


def january() -> Bill:
    return a_bill(*statements())


def pages_of_january(printed_on: date | None = None) -> list[HomeMonth]:
    return month_pages(
        an_estate(), january(), CLIMATE, lambda row: home_hours(**row), (), printed_on
    )


def test_every_resident_gets_a_page_and_the_landlord_none() -> None:
    pages = pages_of_january()
    assert [page.tenancy for page in pages] == ["t1", "t2", "t3"]


def test_each_page_shows_its_own_home() -> None:
    pages = pages_of_january()
    bill = january()
    for page, home in zip(pages, (HOMES[0], HOMES[1], HOMES[1]), strict=True):
        (statement,) = (each for each in bill.statements if each.tenancy == page.tenancy)
        assert page == home_month(an_estate(), bill, statement, home, ())


def test_pages_are_written_and_one_that_cannot_be_delivered_is_found(tmp_path: Path) -> None:
    pages = pages_of_january()
    done: list[int] = []
    run = write_pages(tmp_path, pages, done.append)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t1.pdf", "t2.pdf", "t3.pdf"]
    assert done == [1, 2, 3]
    (finding,) = run.findings
    assert (finding.name, dict(finding.data)) == ("reports.address.missing", {"tenancy": "t2"})
    assert finding.severity is Severity.WARNING


def test_the_day_of_printing_decides_who_has_moved_out() -> None:
    assert not any(page.address.missing for page in pages_of_january(date(2026, 1, 15)))


def test_no_statements_give_no_pages(tmp_path: Path) -> None:
    assert write_pages(tmp_path, []).paths == ()
