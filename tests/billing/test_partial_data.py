"""A part of ``make partial``: bills of partial data, some of the same buildings at every run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.partial_data import Tally, a_case, by_flat, check


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1000, 1012))
def test_a_bill_of_partial_data_holds(number: int, tmp_path: Path) -> None:
    tally = Tally()
    check(a_case(number), tmp_path, tally)
    assert tally.broken == []
    assert tally.bills == 4 or tally.stopped


def test_the_buildings_are_partial_in_many_ways() -> None:
    """They differ in what stood there, when, and how often it was read."""
    cases = [a_case(number) for number in range(60)]
    devices = [row.split(",") for case in cases for row in case.tables["devices"]]
    assert any(end for _, _, _, _, end, _, _ in devices)
    assert any(start != "2020-01-01" for _, _, _, start, _, _, _ in devices)
    counts = {len(meter.readings) for case in cases for meter in case.meters}
    assert {0, 1, 2} <= counts
    assert max(counts) > 1000
    assert any(
        value == 0 for case in cases for meter in case.meters[:] for _, value in meter.readings
    )


def test_a_tally_tells_a_neighbour_who_pays_for_a_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where each tenancy stood for a flat of its own, a move would change the others' amounts."""
    monkeypatch.setattr(
        "tests.support.partial_data.by_flat",
        lambda bill: {key: ore + len(bill.statements) for key, ore in by_flat(bill).items()},
    )
    tally = Tally()
    check(a_case(1000), tmp_path, tally)
    assert any("the move in flat" in text for text in tally.broken)
