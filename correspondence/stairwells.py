"""The order in which letters are carried through a building. Pure."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from estate.model import Flat

_runs = re.compile(r"\d+|\D+").findall


def walking_order(flat: Flat) -> tuple[Any, ...]:
    """
    Return a key that sorts flats by stairwell, floor and door, as one walks past them.

    A building without these columns is sorted by the numbers in its addresses.
    """
    words = _words()
    return (
        by_number(flat.stairwell),
        _by_rank(flat.floor, words["floors"]),
        _by_rank(flat.door, words["doors"]),
        by_number(flat.address),
        flat.flat,
    )


def _by_rank(text: str | None, listed: Sequence[str]) -> tuple[Any, ...]:
    name = (text or "").casefold().strip(" .")
    return (0, listed.index(name)) if name in listed else (1, by_number(name))


def by_number(text: str | None) -> tuple[tuple[int, int, str], ...]:
    """Return a key by which 2 comes before 10, and numbers before words."""
    parts = _runs((text or "").casefold().strip())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


@cache
def _words() -> Mapping[str, Sequence[str]]:
    text = resources.files("correspondence").joinpath("stairwells.yaml").read_text("utf-8")
    words: Mapping[str, Sequence[str]] = yaml.safe_load(text)
    return words
