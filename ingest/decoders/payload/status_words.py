"""
Status words: what devices report about themselves, and its effect on their values.

A word that does not concern the register does not veto it. Known words are in
``status_words.yaml``; the `statuses` of a source override it. An unknown word does not affect the
value, and is reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from ingest.decoders.payload.outcomes import Said, shown
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ingest.decoders.payload.model import DecodeOptions, Statuses

    """A source's own meanings: by word, or by device and word."""

MOST_WORDS = 4096
"""Number of words cached; a flood of new ones costs time, not memory."""
ANY = "any"
_words = re.compile(r"[^\s,]+").findall


class Meaning(StrEnum):
    """Effect of a status word on the values next to it, from best to worst."""

    WELL = "well"
    HARMLESS = "harmless"
    UNKNOWN = "unknown"
    SUSPECT = "suspect"
    UNUSABLE = "unusable"


WORST_FIRST = tuple(reversed(Meaning))


class Words(NamedTuple):
    """The words of one driver, patterns by meaning."""

    patterns: Mapping[Meaning, tuple[str, ...]]

    def meaning(self, word: str) -> Meaning | None:
        """Return the meaning of a word, None if it is in no list."""
        for meaning in WORST_FIRST:
            if any(_fits(word, pattern) for pattern in self.patterns.get(meaning, ())):
                return meaning
        return None


@cache
def word_table() -> Mapping[str, Words]:
    """Return the table of words, by driver."""
    folder = resources.files("ingest.decoders.payload")
    table = yaml.safe_load(folder.joinpath("status_words.yaml").read_text("utf-8"))
    return {name: _of_driver(row) for name, row in [(ANY, table[ANY]), *table["drivers"].items()]}


def _of_driver(row: Mapping[str, Any]) -> Words:
    return Words({each: tuple(row[each]) for each in Meaning if each in row})


@lru_cache(MOST_WORDS)
def known_as(word: str, driver: str) -> Meaning:
    """
    Return the meaning of a word by the table.

    Parameters
    ----------
    word : str
    driver : str
        Driver of the word; one without a list of its own uses the common list.
    """
    own = word_table().get(driver)
    return (own and own.meaning(word)) or word_table()[ANY].meaning(word) or Meaning.UNKNOWN


def meaning_of(word: str, driver: str, device: str, statuses: Statuses) -> Meaning:
    """Return the meaning of a device's word; the device's setting overrides the source's."""
    for setting in (statuses.get(device), statuses):
        for pattern, meaning in setting.items() if isinstance(setting, Mapping) else ():
            if isinstance(meaning, str) and _fits(word, pattern):
                return Meaning(meaning)
    return known_as(word, driver)


def _fits(word: str, pattern: str) -> bool:
    return fnmatchcase(word.upper(), pattern.upper())


def words_in(status: object) -> list[str]:
    """Return the words of a status field; a value that is not text is one word."""
    if status is None:
        return []
    if isinstance(status, str):
        return [shown(word) for word in _words(status)]
    if isinstance(status, list):
        return [word for each in status for word in words_in(each)]
    return [shown(status)]


class Judged(NamedTuple):
    """
    Combined effect of status words on the values next to them.

    Attributes
    ----------
    quality : int
        Bits of `telemetry.readings.Quality`.
    unusable : tuple of str
        Words that make the values unusable.
    """

    quality: int
    unusable: tuple[str, ...]


def judge(words: Iterable[str], driver: str, device: str, options: DecodeOptions) -> Iterator[Said]:
    """
    Return the words of a device with their meanings, without those of a healthy device.

    Parameters
    ----------
    words : iterable of str
        Repeated ones count once.
    driver, device : str
    options : DecodeOptions
        With the `statuses` of the source.
    """
    for word in list(dict.fromkeys(words))[: options.limits.unknown_names]:
        meaning = meaning_of(word, driver, device, options.statuses)
        if meaning is not Meaning.WELL:
            yield Said(device, word, str(meaning), shown(driver))


def judged(said: Sequence[Said]) -> Judged:
    """Return the combined effect of all words: the worst one counts."""
    meanings = {each.meaning for each in said}
    quality = Quality.NOTICE if meanings else Quality.GOOD
    if Meaning.SUSPECT in meanings:
        quality = Quality.SUSPECT
    unusable = tuple(each.word for each in said if each.meaning == Meaning.UNUSABLE)
    return Judged(int(quality), unusable)
