"""A bill before its approval beside last year's, and after it down to its evidence."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from billing.bill.documents import ClimateShare, StatementsDocument
from billing.ledger.store import Ledger
from billing.measured.gather import gather
from estate.errors import DataError, UsageError
from estate.periods import Period
from operations.accounts.preview import Asked, home_changes, make_draft, preview
from operations.database import migrate
from operations.ledger.approval import approve
from operations.ledger.proof import proof, proof_of
from operations.settings import Settings, read_settings
from tests.support.golden_bills import MONTH, bill_of, every_key
from tests.support.portfolio import portfolio

YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
MARCH = date(2026, 3, 1)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return read_settings(portfolio(tmp_path_factory.mktemp("portfolio"), 3).config)


@pytest.fixture(scope="module")
def run(settings: Settings) -> int:
    """Return an approved run of a third building."""
    return approve(settings, drafted(settings, "house-002"), "An Accountant").run.number


def corrected(settings: Settings, run: int) -> int:
    asked = Asked("house-002", YEAR, corrects=run, reason="late_reading", issued=MARCH)
    return make_draft(settings, asked, "An Accountant")


def drafted(settings: Settings, building: str, by: str = "An Accountant") -> int:
    return make_draft(settings, Asked(building, YEAR, issued=MARCH), by)


def test_a_draft_shows_what_will_be_approved(settings: Settings) -> None:
    number = drafted(settings, "house-000")
    shown = preview(settings, number)
    assert shown.draft.number == number
    assert shown.before is None
    assert sum(each.now_ore for each in shown.homes) == shown.documents.run.total_ore
    assert {each.before_ore for each in shown.homes} == {None}
    assert sum(each.now for each in shown.items) == shown.documents.run.total_ore
    done = approve(settings, number, "An Accountant").run
    assert done.facts.total_ore == shown.documents.run.total_ore
    with pytest.raises(UsageError, match="approved or discarded"):
        preview(settings, number)


def test_who_comes_second_is_told_so(settings: Settings) -> None:
    both = [drafted(settings, "house-001", by) for by in ("An Accountant", "Another")]
    approve(settings, both[0], "An Accountant")
    with pytest.raises(UsageError, match="approved already"):
        approve(settings, both[1], "Another")
    with pytest.raises(UsageError, match="approved already"):
        drafted(settings, "house-001")


def test_a_bill_that_the_data_does_not_allow_leaves_no_draft(settings: Settings) -> None:
    before = Ledger(migrate(settings.database)).drafts()
    future = Asked("house-000", Period(date(2031, 1, 1), date(2032, 1, 1)), issued=MARCH)
    with pytest.raises(DataError):
        make_draft(settings, future, "An Accountant")
    assert Ledger(migrate(settings.database)).drafts() == before


def test_homes_are_compared_whoever_lived_there(settings: Settings, run: int) -> None:
    number = corrected(settings, run)
    now = preview(settings, number).documents.statements.statements
    moved = [
        each.model_copy(update={"tenancy": "before", "total_ore": each.total_ore // 2})
        if each.flat == "A"
        else each
        for each in now
    ]
    changes = home_changes(now, moved)
    assert [(each.flat, each.same) for each in changes] == [("A", False), ("B", True)]
    assert changes[0].change == pytest.approx(1.0, abs=1e-3)
    assert changes[1].change == 0
    assert home_changes(now, ())[0].change is None


def amounts(settings: Settings, number: int) -> list[tuple[str, str, str]]:
    shown = preview(settings, number)
    return [
        (each.tenancy, share.item, share.component)
        for each in shown.documents.statements.statements
        for share in each.components
    ]


def test_every_amount_is_proved_down_to_its_registers(settings: Settings, run: int) -> None:
    for tenancy, item, component in amounts(settings, corrected(settings, run)):
        found = proof(settings, run, tenancy, item, component)
        assert sum(each.amount_ore for each in found.parts) == found.share.component_ore
        assert abs(found.exact_ore - found.share.amount_ore) < 1
        assert round(Fraction(str(found.share.fraction)) * found.item_ore) == pytest.approx(
            found.share.component_ore, abs=1
        )
        if found.registers and "position" not in found.share.key:
            used = sum(each.use for each in found.registers)
            assert used == pytest.approx(found.share.weight, abs=1e-6)
    with pytest.raises(UsageError, match="no amount"):
        proof(settings, run, "nobody", "heat", "heat-1")


def test_a_climate_amount_is_proved_by_the_sums_of_its_days() -> None:
    case = every_key(MONTH)
    evidence = gather(case.estate, case.source, case.period, case.scheme)
    statements = StatementsDocument.of(bill_of(case)).statements
    proved = set()
    for each in statements:
        for share in each.components:
            found = proof_of(statements, evidence, each.tenancy, share.item, share.component)
            assert found is not None
            if not isinstance(share, ClimateShare) or not each.resident:
                continue
            assert len(found.days) == (each.end - each.start).days
            assert all(0 <= day.measured_hours <= 25 for day in found.days)
            total = sum(day.weight for day in found.days)
            if share.position:
                assert 0.5 * total <= share.weight <= total + 1e-6
            else:
                assert share.weight == pytest.approx(total, abs=1e-5)
            proved.add(share.key)
    assert proved >= {"own_heat_loss", "climate_bands", "degree_hours", "base_temperature"}
