"""Splitting øre without a remainder."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.money import MICRO, micro, split

amounts = st.integers(-(10**12), 10**12)
weights = st.lists(st.integers(0, 10**15), min_size=1, max_size=30).filter(any)


def test_a_hundred_kroner_on_three_equal_flats() -> None:
    assert split(10_000, [1, 1, 1]) == [3334, 3333, 3333]


def test_negative_amount_is_split_by_its_absolute_value() -> None:
    assert split(-10_000, [1, 1, 1]) == [-3334, -3333, -3333]


@pytest.mark.parametrize(
    ("amount", "given_weights", "expected"),
    [
        (0, [1, 2], [0, 0]),
        (1, [1, 1, 1], [1, 0, 0]),
        (100, [0, 5, 0], [0, 100, 0]),
        (7, [3], [7]),
        # Quotas 1.2, 1.2, 0.6: the largest remainder takes the one that is left.
        (3, [2, 2, 1], [1, 1, 1]),
    ],
)
def test_plain_cases(amount: int, given_weights: list[int], expected: list[int]) -> None:
    assert split(amount, given_weights) == expected


@given(amounts, weights)
def test_parts_add_up_and_are_within_one_ore(amount: int, given_weights: list[int]) -> None:
    parts = split(amount, given_weights)
    assert sum(parts) == amount
    total = sum(given_weights)
    for part, weight in zip(parts, given_weights, strict=True):
        assert abs(part - Fraction(amount * weight, total)) < 1


@given(amounts, weights, st.integers(1, 1000))
def test_scale_of_the_weights_does_not_matter(
    amount: int, given_weights: list[int], factor: int
) -> None:
    scaled = [weight * factor for weight in given_weights]
    assert split(amount, scaled) == split(amount, given_weights)


@given(st.integers(0, 10**12), weights)
def test_larger_weight_never_pays_less(amount: int, given_weights: list[int]) -> None:
    parts = split(amount, given_weights)
    pairs = sorted(zip(given_weights, parts, strict=True))
    for (small, less), (large, more) in pairwise(pairs):
        assert small == large or less <= more


@pytest.mark.parametrize("bad", [[], [0, 0], [1, -1], [2, -1]])
def test_weights_that_cannot_split_are_refused(bad: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(100, bad)


def test_weights_are_whole_millionths() -> None:
    assert [micro(0.1), micro(1 / 3), micro(2e-7)] == [100_000, 333_333, 0]
    assert micro(1.0) == MICRO
    with pytest.raises(ValueError, match="NaN"):
        micro(float("nan"))
