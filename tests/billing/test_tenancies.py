"""Whose days a flat's days are, and the degree-day table's published values."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from billing.measured.spans import degree_days, divides_by_degree_days, plain_days, spans_of
from estate.periods import Period
from tests.support.estates import estate, flat, tenancy

JANUARY = Period.month("2026-01")


@pytest.mark.parametrize(
    ("period", "per_mille"),
    [
        ("2025-01-01/2026-01-01", 1000.0),
        ("2024-01-01/2025-01-01", 1000.0),
        ("2025-01-01/2025-05-01", 530.0),
        ("2025-10-01/2026-01-01", 360.0),
        ("2025-03-15/2026-01-01", 621.29),
        ("2025-06-01/2025-09-01", 40.0),
        ("2025-07-10/2025-07-11", 0.4348),
        ("2025-01-01/2025-01-02", 5.48),
        ("2025-02-01/2025-02-02", 5.36),
        ("2024-02-01/2024-03-01", 150.0),
    ],
)
def test_published_values_of_the_table(period: str, per_mille: float) -> None:
    assert float(degree_days(Period.parse(period)) * 1000) == pytest.approx(per_mille, abs=0.005)


def test_parts_add_up_exactly() -> None:
    whole = degree_days(Period.parse("2025-01-01/2026-01-01"))
    parts = degree_days(Period.parse("2025-01-01/2025-07-13")) + degree_days(
        Period.parse("2025-07-13/2026-01-01")
    )
    assert parts == whole == 1
    assert plain_days(Period.parse("2025-01-01/2026-01-01")) == 1
    assert plain_days(JANUARY) == Fraction(31, 365)


def test_heat_alone_goes_by_degree_days() -> None:
    assert divides_by_degree_days("heat")
    assert not divides_by_degree_days("hot_water")


def test_every_day_is_somebodys_and_only_one_partys() -> None:
    own = estate(
        [flat("1"), flat("2"), flat("3")],
        [
            tenancy("1a", "1", end=date(2026, 1, 10)),
            tenancy("1b", "1", start=date(2026, 1, 20)),
            tenancy("2a", "2", end=date(2025, 6, 1)),
            tenancy("3a", "3", start=date(2026, 1, 5), end=date(2026, 1, 6)),
        ],
        [],
        [],
    )
    found = [
        (s.tenancy, s.period.start.day, s.period.end.day, s.resident)
        for s in spans_of(own, JANUARY)
    ]
    assert found == [
        ("1a", 1, 10, True), ("landlord:1", 10, 20, False), ("1b", 20, 1, True),
        ("landlord:2", 1, 1, False),
        ("landlord:3", 1, 5, False), ("3a", 5, 6, True), ("landlord:3", 6, 1, False),
    ]  # fmt: skip
    for name in ("1", "2", "3"):
        assert sum(s.period.days for s in spans_of(own, JANUARY) if s.flat == name) == 31
