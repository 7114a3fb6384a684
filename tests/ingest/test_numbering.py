"""What went to another client is told by the numbers that never came here."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.mqtt.numbering import NUMBERS, Numbering

FIRST = st.integers(1, NUMBERS)


def after(number: int, steps: int) -> int:
    """Return the number some steps on; after the last comes 1."""
    return (number - 1 + steps) % NUMBERS + 1


def missed(numbering: Numbering, *numbers: int) -> int:
    return sum(numbering.missed_before(number) for number in numbers)


@given(FIRST, st.integers(1, 50), st.integers(0, 20), st.integers(0, 1000))
def test_between_two_connections_it_is_what_lies_between_the_numbers(
    first: int, length: int, again: int, elsewhere: int
) -> None:
    numbering = Numbering()
    numbering.connected(resumed=False)
    here = [after(first, n) for n in range(length)]
    assert missed(numbering, *here) == 0
    numbering.connected(resumed=True)
    redelivered = here[-again:] if again else []
    new = [after(here[-1], 1 + elsewhere + n) for n in range(5)]
    assert missed(numbering, *redelivered, *new) == elsewhere


def test_a_gap_within_a_connection_is_the_broker_s() -> None:
    numbering = Numbering()
    assert missed(numbering, 1, 2, 9, 10) == 0


def test_a_session_that_was_forgotten_begins_anew() -> None:
    numbering = Numbering()
    assert missed(numbering, 1, 2) == 0
    numbering.connected(resumed=False)
    assert missed(numbering, 700, 701) == 0


def test_a_broker_that_came_back_with_an_older_count_has_lost_nothing_here() -> None:
    numbering = Numbering()
    assert missed(numbering, *range(1, 1001)) == 0
    numbering.connected(resumed=True)
    assert missed(numbering, *range(950, 1010)) == 0


def test_of_a_broker_that_gives_numbers_again_nothing_is_told() -> None:
    numbering = Numbering()
    assert missed(numbering, 1, 2, 3, 1, 2, 4) == 0
    numbering.connected(resumed=True)
    assert missed(numbering, 9) == 0
