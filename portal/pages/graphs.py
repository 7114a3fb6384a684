"""Bars of a year's months, as positions for a template; the table below holds the numbers. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from operations.residents.use import Used

HEIGHT, WIDTH, GAP = 120.0, 26.0, 4.0


class Bar(NamedTuple):
    """A bar; positions from the upper left. [px of the graph]"""

    x: float
    y: float
    height: float


class Month(NamedTuple):
    """The bars of a month: of this year and the year before."""

    number: int
    now: Bar
    before: Bar


def bars(now: Sequence[Used], before: Sequence[Used]) -> list[Month]:
    """Return the bars of months; unknown values have none."""
    most = max((each.value or 0.0 for each in (*now, *before)), default=0.0)
    half = (WIDTH - GAP) / 2

    def bar(x: float, value: float | None) -> Bar:
        height = HEIGHT * (value or 0.0) / most if most > 0 else 0.0
        return Bar(round(x, 1), round(HEIGHT - height, 1), round(height, 1))

    return [
        Month(
            number + 1,
            bar(number * WIDTH + half, this.value),
            bar(number * WIDTH, last.value),
        )
        for number, (this, last) in enumerate(zip(now, before, strict=True))
    ]
