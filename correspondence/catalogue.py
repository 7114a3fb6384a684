"""The words of the reports, one catalogue per language, and its numbers, money and days."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from importlib import resources
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from correspondence.formats import Formats

LAST_RESORT = "en"
NO_BREAK = "\N{NO-BREAK SPACE}"
ORE_PER_KRONE = 100
CAPITAL_NOUNS = frozenset({"de"})
"""Languages that write nouns with a capital letter."""
PARTS = ("", "portal/", "staff/")
"""Folders of texts; a key stands in one of them."""
# The same loader in C, many times as fast, where the library was built with it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Catalogue:
    """
    The texts of one language.

    Attributes
    ----------
    language : str
        Two letters, ISO 639-1.
    texts : mapping
        Key to text with ``{placeholders}``.
    """

    language: str
    texts: Mapping[str, str]

    def __contains__(self, key: str) -> bool:
        return key in self.texts

    def say(self, key: str, /, **values: object) -> str:
        """Return the text of a key with its placeholders filled."""
        return self.texts[key].format(**values)

    def within(self, text: str) -> str:
        """Return a text as it begins within a sentence; German nouns stay as they are."""
        return text if self.language in CAPITAL_NOUNS else text[:1].lower() + text[1:]

    def counted(self, key: str, /, count: float, **values: object) -> str:
        """
        Return the text of a key in the form that a count takes, with ``{count}`` filled.

        A key has a text for each form, such as ``KEY.one`` and ``KEY.other``, or one for all.
        """
        forms = (f"{key}.{self._formats.plural(count)}", f"{key}.other", key)
        form = next(each for each in forms if each in self)
        return self.say(form, count=self.plain_number(count), **values)

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number with the language's signs for thousands and decimals."""
        return self._formats.number(value, decimals)

    def plain_number(self, value: float) -> str:
        """Write a number with the decimals that it has, none where it is whole."""
        return self._formats.plain_number(value)

    def money(self, amount_ore: int, currency: str) -> str:
        """Write an amount of hundredths of the currency. [øre]"""
        return _kept(self._formats.money(Decimal(amount_ore).scaleb(-2), currency, 2))

    def about(self, amount_ore: int, currency: str) -> str:
        """Write an amount that is known roughly, in whole units of the currency. [øre]"""
        return self.price(amount_ore / ORE_PER_KRONE, 0, currency)

    def price(self, price: float, decimals: int, currency: str) -> str:
        """Write a price with its own number of decimals. [the currency]"""
        return _kept(self._formats.money(price, currency, decimals))

    def percent(self, percent: float) -> str:
        """Write percent, with the decimals that they have."""
        return _kept(self._formats.percent(percent))

    def value(self, quantity: str, value: float, decimals: int = 0) -> str:
        """Write a measured mean with its everyday unit."""
        return _kept(self.say(f"value.{quantity}", number=self.number(value, decimals)))

    def day(self, day: date) -> str:
        """Write a day without its year."""
        return _kept(self._formats.day(day))

    def full_date(self, day: date) -> str:
        """Write a day with its year."""
        return _kept(self._formats.full_date(day))

    def clock(self, time: datetime) -> str:
        """Write a local time of day to the minute."""
        return _kept(self.say("clock", time=self._formats.clock(time)))

    def month(self, day: date) -> str:
        """Write the month that a day lies in."""
        return _kept(self._formats.month(day))

    @property
    def weekdays(self) -> list[str]:
        """Short names of the weekdays, Monday first."""
        return self._formats.weekdays

    @cached_property
    def _formats(self) -> Formats:
        # Imported where numbers or days are written: a command that only lists starts faster.
        from correspondence.formats import Formats

        return Formats(self.texts["locale"], self.texts["money"])


def _kept(text: str) -> str:
    """Keep a text from breaking over two lines."""
    return text.replace(" ", NO_BREAK)


@cache
def catalogue(language: str) -> Catalogue:
    """Read the texts of a language."""
    texts: dict[str, str] = {}
    for part in PARTS:
        file = resources.files("correspondence").joinpath(f"texts/{part}{language}.yaml")
        texts |= yaml.load(file.read_text("utf-8"), _Loader)  # noqa: S506  a loader of plain values
    return Catalogue(language, texts)


@cache
def languages() -> frozenset[str]:
    """Languages that have a catalogue."""
    folder = resources.files("correspondence").joinpath("texts")
    return frozenset(
        each.name.removesuffix(".yaml") for each in folder.iterdir() if each.name.endswith(".yaml")
    )


def spoken_language(*wishes: str | None) -> str:
    """Return the first wished language that has a catalogue, or the last resort."""
    return next((each for each in wishes if each in languages() and each), LAST_RESORT)
