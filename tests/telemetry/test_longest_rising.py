"""The longest subsequence that never falls, beside trying every subsequence."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from telemetry.series.registers.longest_rising import longest_rising


def rises(numbers: list[float]) -> bool:
    return all(earlier <= later for earlier, later in pairwise(numbers))


def longest_of_all(numbers: list[float]) -> int:
    """Return the length of the longest that rises, of all subsequences there are."""
    lengths = range(len(numbers), 0, -1)
    return next((n for n in lengths for some in combinations(numbers, n) if rises(list(some))), 0)


@given(st.lists(st.integers(0, 6).map(float), max_size=9))
def test_none_is_longer(numbers: list[float]) -> None:
    found = longest_rising(numbers)
    assert found == sorted(set(found))
    assert rises([numbers[position] for position in found])
    assert len(found) == longest_of_all(numbers)


def test_of_nothing_nothing() -> None:
    assert longest_rising([]) == []


def test_what_stands_still_is_kept_whole() -> None:
    assert longest_rising([7.0] * 5) == list(range(5))
