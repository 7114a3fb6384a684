"""What the ledger promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from billing.ledger.model import Account, Payment, State, StateChange
from billing.ledger.posting import by_tenancy
from billing.ledger.store import Approval, Ledger
from billing.ledger.verify import verify
from estate.database.engine import open_database
from estate.errors import DataError, UsageError
from tests.support.ledger import DEADLINE, ISSUED, NOW_MS, VACANT, package

FIRST = {"A-1": (1_000_00, 800_00), "B-1": (500_00, 700_00), VACANT: (300_00, 0)}
PUT_RIGHT = {"A-1": (900_00, 800_00), "B-1": (600_00, 700_00), VACANT: (300_00, 0)}
TABLES = (
    "ledger_entry", "ledger_posting", "billing_run", "run_document", "run_state", "ledger_payment",
)  # fmt: skip
APPROVER = "the approver"


@pytest.fixture
def engine(migrated_url: str) -> Iterator[Engine]:
    engine = open_database(migrated_url)
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


def approve(
    ledger: Ledger,
    homes: dict[str, tuple[int, int]],
    **more: Any,  # noqa: ANN401  fields of RunFacts
) -> Approval:
    return ledger.approve(ledger.keep(package(homes, **more), APPROVER, NOW_MS), APPROVER, NOW_MS)


def correct(ledger: Ledger, homes: dict[str, tuple[int, int]], run: int) -> Approval:
    return approve(ledger, homes, corrects=run, reason="late_reading")


def serve(ledger: Ledger, run: int, day: date, *tenancies: str) -> None:
    steps = [StateChange(run, State.SERVED, day, each, "digital") for each in tenancies]
    ledger.change(steps, APPROVER, NOW_MS)


def balance(ledger: Ledger, run: int) -> dict[str, int]:
    return dict(by_tenancy(ledger.postings(ledger.run(run)), Account.BALANCE))


def rows(engine: Engine, question: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(question))]


def test_an_approved_bill_is_kept_whole(ledger: Ledger) -> None:
    kept = package(FIRST, {"evidence": b"\x00\xff registers"})
    run = ledger.approve(ledger.keep(kept, "who kept it", NOW_MS), APPROVER, NOW_MS + 1).run
    assert (run.number, run.first, run.approved_by, run.approved_ms) == (
        1, 1, APPROVER, NOW_MS + 1,
    )  # fmt: skip
    assert run.facts == kept.facts
    assert ledger.documents(run) == dict(kept.documents)
    assert ledger.documents(run, "evidence") == {"evidence": b"\x00\xff registers"}
    assert sorted(ledger.postings(run)) == sorted(kept.postings)
    assert ledger.drafts() == []
    assert ledger.standing(run).state is State.APPROVED


def test_a_draft_may_be_discarded(ledger: Ledger) -> None:
    draft = ledger.keep(package(FIRST), APPROVER, NOW_MS)
    assert [each.number for each in ledger.drafts()] == [draft]
    ledger.discard(draft)
    assert ledger.drafts() == []
    with pytest.raises(UsageError, match="no draft"):
        ledger.approve(draft, APPROVER, NOW_MS)


def test_every_line_has_its_counterpart(ledger: Ledger, engine: Engine) -> None:
    approve(ledger, FIRST)
    correct(ledger, PUT_RIGHT, 1)
    sums = rows(engine, "SELECT run, sum(amount_ore) FROM ledger_line GROUP BY run ORDER BY run")
    assert [(run, int(str(total))) for run, total in sums] == [(1, 0), (2, 0)]


def test_the_database_refuses_a_change_and_a_deletion(ledger: Ledger, engine: Engine) -> None:
    approve(ledger, FIRST)
    serve(ledger, 1, ISSUED, "A-1")
    ledger.pay([Payment("house", "A-1", ISSUED, 100, "balance", "k")], APPROVER, NOW_MS)
    columns = {"ledger_entry": "position", "billing_run": "run", "run_document": "name"}
    for table in TABLES:
        column = columns.get(table, "number")
        before = rows(engine, f"SELECT * FROM {table}")  # noqa: S608  names of the test
        assert before
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):  # noqa: S608
            with pytest.raises(DBAPIError, match="append only"), engine.begin() as connection:
                connection.execute(text(statement))
        assert rows(engine, f"SELECT * FROM {table}") == before  # noqa: S608


def test_the_database_refuses_a_posting_that_does_not_belong(
    ledger: Ledger, engine: Engine
) -> None:
    approve(ledger, FIRST)
    for row, reason in (
        ("(1, 99, 'house', 1, 'A-1', 'charge', 'cost', '', '', 5)", "sealed"),
        ("(2, 1, 'house', 1, 'A-1', 'charge', 'charge', '', '', 5)", "ck_ledger_posting_accounts"),
        ("(2, 1, 'house', 1, 'A-1', 'charge', 'cost', '', '', 0)", "ck_ledger_posting_amount"),
        ("(2, 1, 'house', 1, 'A-1', 'charge', 'cost', '', '', -5)", "ck_ledger_posting_amount"),
    ):
        with pytest.raises(DBAPIError, match=reason), engine.begin() as connection:
            connection.execute(text(f"INSERT INTO ledger_posting VALUES {row}"))  # noqa: S608


def test_the_database_refuses_an_entry_whose_postings_do_not_add_up(
    ledger: Ledger, engine: Engine
) -> None:
    approve(ledger, FIRST)
    entry = "(2, 'approval', 0, 'x', 1, 5, 'p', 'd')"
    with pytest.raises(DBAPIError, match="add up"), engine.begin() as connection:
        connection.execute(text(f"INSERT INTO ledger_entry VALUES {entry}"))  # noqa: S608


def test_rows_without_an_entry_are_not_committed(ledger: Ledger, engine: Engine) -> None:
    row = "(7, 1, 'house', NULL, 'A-1', 'bank', 'balance', '', '', 5)"
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text(f"INSERT INTO ledger_posting VALUES {row}"))  # noqa: S608


def test_a_period_is_approved_once(ledger: Ledger) -> None:
    approve(ledger, FIRST)
    with pytest.raises(UsageError, match="approved already, as run 1; correct it with"):
        approve(ledger, FIRST)
    assert len(ledger.drafts()) == 1, "the refused bill is still a draft"
    assert len(ledger.runs()) == 1


def test_of_two_who_approve_at_once_one_wins(ledger: Ledger, engine: Engine) -> None:
    drafts = [ledger.keep(package(FIRST), APPROVER, NOW_MS) for _ in range(8)]

    def try_to(draft: int) -> str:
        try:
            ledger.approve(draft, f"accountant {draft}", NOW_MS)
        except UsageError as error:
            return str(error)
        return "won"

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(try_to, drafts))
    assert answers.count("won") == 1
    assert all("approved already, as run 1" in answer for answer in answers if answer != "won")
    assert len(ledger.runs()) == 1
    assert verify(engine).findings == ()


def test_of_two_who_approve_the_same_draft_one_wins(ledger: Ledger) -> None:
    draft = ledger.keep(package(FIRST), APPROVER, NOW_MS)

    def try_to(_: int) -> str:
        try:
            ledger.approve(draft, APPROVER, NOW_MS)
        except UsageError as error:
            return str(error)
        return "won"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(try_to, range(4)))
    assert answers.count("won") == 1
    assert sum("was approved or discarded" in answer for answer in answers) == 3


def test_a_correction_posts_the_difference(ledger: Ledger) -> None:
    approve(ledger, FIRST)
    run = correct(ledger, PUT_RIGHT, 1).run
    assert (run.number, run.first, run.facts.corrects, run.facts.reason) == (
        2, 1, 1, "late_reading",
    )  # fmt: skip
    assert balance(ledger, 1) == {"A-1": 200_00, "B-1": -200_00}
    assert balance(ledger, 2) == {"A-1": 100_00, "B-1": -100_00}
    assert ledger.standing(ledger.run(1)).state is State.CORRECTED
    assert sorted(ledger.postings(run)) != sorted(package(PUT_RIGHT).postings)


def test_a_correction_of_a_correction_keeps_the_first_deadline(ledger: Ledger) -> None:
    approve(ledger, FIRST)
    later = DEADLINE + timedelta(days=90)
    for run, homes in ((1, PUT_RIGHT), (2, FIRST)):
        corrected = approve(
            ledger, homes, corrects=run, reason="objection", deadline=later,
            issued=ISSUED + timedelta(days=30),
        ).run  # fmt: skip
        assert corrected.facts.deadline == DEADLINE
        assert corrected.first == 1
    assert balance(ledger, 3) == balance(ledger, 1)


@pytest.mark.parametrize(
    ("corrects", "reason"), [(7, "none of house"), (1, "approved already, as run 2")]
)
def test_only_the_newest_run_is_corrected(ledger: Ledger, corrects: int, reason: str) -> None:
    if corrects == 1:
        approve(ledger, FIRST)
        correct(ledger, PUT_RIGHT, 1)
    with pytest.raises(UsageError, match=reason):
        correct(ledger, FIRST, corrects)


def test_a_forgotten_cost_moves_to_the_next_year(ledger: Ledger) -> None:
    approve(ledger, FIRST)
    more = {**FIRST, "A-1": (1_100_00, 800_00)}
    draft = ledger.keep(package(more, corrects=1, reason="wrong_split"), APPROVER, NOW_MS)
    with pytest.raises(DataError, match="carried_over"):
        ledger.approve(draft, APPROVER, NOW_MS)
    assert len(ledger.runs()) == 1
    name = "ledger.correction.forgotten_cost"
    approval = ledger.approve(draft, APPROVER, NOW_MS, [name])
    assert [(each.name, each.data, each.allowed) for each in approval.findings] == [
        (name, {"item": "heat", "more_ore": 100_00}, True)
    ]


def test_where_no_law_is_known_an_added_cost_is_told(ledger: Ledger) -> None:
    approve(ledger, FIRST, tenure="ejer")
    more = {**FIRST, "A-1": (1_100_00, 800_00)}
    approval = approve(ledger, more, corrects=1, reason="wrong_split", tenure="ejer")
    assert [each.name for each in approval.findings] == ["ledger.correction.cost_added"]


def test_a_statement_that_comes_too_late_claims_nothing(ledger: Ledger) -> None:
    approve(ledger, FIRST)
    serve(ledger, 1, DEADLINE, "B-1")
    serve(ledger, 1, DEADLINE + timedelta(days=1), "A-1")
    run = ledger.run(1)
    assert balance(ledger, 1) == {"A-1": 0, "B-1": -200_00}
    assert by_tenancy(ledger.postings(run), Account.NOT_CLAIMED) == {"A-1": 200_00}
    correct(ledger, PUT_RIGHT, 1)
    assert balance(ledger, 2) == {"A-1": 0, "B-1": -100_00}


def test_a_correction_claims_nothing_where_no_statement_came_in_time(ledger: Ledger) -> None:
    approve(ledger, FIRST)
    serve(ledger, 1, DEADLINE, "B-1")
    correct(ledger, PUT_RIGHT, 1)
    late = DEADLINE + timedelta(days=1)
    serve(ledger, 2, late, "A-1", "B-1")
    assert balance(ledger, 2) == {"A-1": 0, "B-1": -100_00}
    dearer = {"A-1": (800_00, 700_00), "B-1": (700_00, 600_00), VACANT: (300_00, 0)}
    correct(ledger, dearer, 2)
    assert balance(ledger, 3) == {"A-1": 0, "B-1": 100_00}
    serve(ledger, 3, late, "A-1", "B-1")
    assert balance(ledger, 3) == {"A-1": 0, "B-1": 100_00}, "B-1 had a statement in time"


def test_what_bounced_did_not_come_in_time(ledger: Ledger) -> None:
    approve(ledger, FIRST)
    serve(ledger, 1, DEADLINE, "A-1", "B-1")
    late = DEADLINE + timedelta(days=1)
    ledger.change([StateChange(1, State.BOUNCED, late, "A-1")], APPROVER, NOW_MS)
    correct(ledger, PUT_RIGHT, 1)
    serve(ledger, 2, late, "A-1", "B-1")
    assert balance(ledger, 2) == {"A-1": 0, "B-1": -100_00}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2025, 6, 1), date(2026, 6, 1)),
        (date(2024, 6, 1), date(2025, 6, 1)),
        (date(2025, 1, 1), date(2026, 1, 2)),
        (date(2025, 3, 1), date(2025, 4, 1)),
    ],
)
def test_no_day_is_settled_twice(ledger: Ledger, start: date, end: date) -> None:
    approve(ledger, FIRST)
    correct(ledger, PUT_RIGHT, 1)
    other: dict[str, Any] = {"period_start": start, "period_end": end}
    with pytest.raises(DataError) as error:
        approve(ledger, FIRST, **other)
    assert [(each.name, each.data["run"]) for each in error.value.findings] == [
        ("ledger.period.overlaps", 1)
    ]
    assert len(ledger.runs()) == 2
    approve(ledger, FIRST, building="another", **other)
    draft = ledger.keep(package(FIRST, **other), APPROVER, NOW_MS)
    ledger.approve(draft, APPROVER, NOW_MS, ["ledger.period.overlaps"])


def test_periods_that_follow_each_other_are_settled(ledger: Ledger) -> None:
    for year in (2025, 2024, 2026):
        approve(ledger, FIRST, period_start=date(year, 1, 1), period_end=date(year + 1, 1, 1))
    assert len(ledger.runs()) == 3


def test_another_payment_under_the_same_key_is_refused(ledger: Ledger) -> None:
    approve(ledger, FIRST)
    paid = Payment("house", "A-1", ISSUED, 150_00, "balance", "bank-1")
    others = [
        replace(paid, **change)
        for change in (
            {"tenancy": "B-1"}, {"day": DEADLINE}, {"amount_ore": 150_01}, {"kind": "on_account"},
        )
    ]  # fmt: skip
    for other in others:
        with pytest.raises(DataError) as error:
            ledger.pay([paid, other], APPROVER, NOW_MS)
        assert [each.name for each in error.value.findings] == ["ledger.payment.key_repeats"]
        assert ledger.payments("house") == []
    ledger.pay([paid], APPROVER, NOW_MS)
    elsewhere = replace(paid, building="another", key="bank-2")
    for other in others:
        with pytest.raises(DataError, match="bank's own number"):
            ledger.pay([elsewhere, other], APPROVER, NOW_MS)
    assert ledger.payments("house") == [paid]
    assert ledger.payments("another") == []


def test_what_bounced_goes_as_a_letter(ledger: Ledger) -> None:
    approve(ledger, FIRST)
    serve(ledger, 1, ISSUED, "A-1", "B-1")
    bounced = StateChange(1, State.BOUNCED, ISSUED + timedelta(days=1), "A-1")
    assert ledger.change([bounced], APPROVER, NOW_MS).state is State.BOUNCED
    again = StateChange(1, State.SERVED, ISSUED + timedelta(days=3), "A-1", "digital")
    with pytest.raises(UsageError, match="bounced, so it goes by letter"):
        ledger.change([again], APPROVER, NOW_MS)
    letter = StateChange(1, State.SERVED, ISSUED + timedelta(days=3), "A-1", "letter")
    standing = ledger.change([letter], APPROVER, NOW_MS)
    assert standing.served == {"A-1": ISSUED + timedelta(days=3), "B-1": ISSUED}
    assert standing.channels == {"A-1": "letter", "B-1": "digital"}


def test_a_run_closes_when_nobody_may_object_any_more(ledger: Ledger) -> None:
    approve(ledger, FIRST)

    def step(state: State, weeks: int, tenancy: str = "") -> State:
        day = ISSUED + timedelta(weeks=weeks)
        return ledger.change([StateChange(1, state, day, tenancy)], APPROVER, NOW_MS).state

    with pytest.raises(UsageError, match="statements still approved: 2"):
        step(State.CLOSED, 1)
    serve(ledger, 1, ISSUED, "A-1", "B-1")
    with pytest.raises(UsageError, match="residents may object until 2026-04-12"):
        step(State.CLOSED, 6)
    assert step(State.OBJECTED, 6, "B-1") is State.OBJECTED
    with pytest.raises(UsageError, match="statements still objected: 1"):
        step(State.CLOSED, 7)
    assert step(State.ANSWERED, 7, "B-1") is State.SERVED
    assert step(State.CLOSED, 8) is State.CLOSED
    with pytest.raises(UsageError, match="nothing more happens to it"):
        step(State.OBJECTED, 9, "A-1")


def test_a_step_that_cannot_be_is_refused(ledger: Ledger) -> None:
    approve(ledger, FIRST)
    early = date(2026, 2, 1)
    for step, reason in (
        (StateChange(1, State.OBJECTED, ISSUED, "A-1"), "is approved and cannot become objected"),
        (StateChange(1, State.SERVED, ISSUED, "X-9", "letter"), "no resident's statement of 'X-9'"),
        (StateChange(1, State.SERVED, ISSUED, VACANT, "letter"), "no resident's statement"),
        (StateChange(1, State.SERVED, early, "A-1", "letter"), "before 2026-03-01"),
        (StateChange(9, State.SERVED, ISSUED, "A-1", "letter"), "there is no run 9"),
    ):
        with pytest.raises(UsageError, match=reason):
            ledger.change([step], APPROVER, NOW_MS)
    assert ledger.changes(ledger.run(1)) == []


def test_a_payment_is_booked_once(ledger: Ledger, engine: Engine) -> None:
    approve(ledger, FIRST)
    payments = [
        Payment("house", "A-1", ISSUED, 150_00, "balance", "bank-1"),
        Payment("house", "B-1", ISSUED, -200_00, "balance", "bank-2"),
        Payment("house", "A-1", ISSUED, 300_00, "on_account", "bank-3"),
    ]
    assert ledger.pay(payments[:2], APPROVER, NOW_MS) == 2
    assert ledger.pay([*payments, payments[2]], APPROVER, NOW_MS) == 1
    assert ledger.payments("house") == payments
    booked = ledger.booked("house")
    assert by_tenancy(booked, Account.BALANCE) == {"A-1": 50_00, "B-1": 0}
    assert by_tenancy(booked, Account.ON_ACCOUNT) == {"A-1": 500_00, "B-1": 700_00}
    assert verify(engine).findings == ()
