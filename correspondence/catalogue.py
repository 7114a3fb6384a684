"""The words of the reports, one catalogue per language, and how a language writes numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

LAST_RESORT = "en"
NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
ORE_PER_KRONE = 100


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

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number with the language's signs for thousands and decimals."""
        plain = f"{abs(value):,.{decimals}f}"
        signs = {",": self.texts["number.thousand"], ".": self.texts["number.decimal"]}
        digits = "".join(signs.get(sign, sign) for sign in plain)
        negative = value < 0 and any(digit in "123456789" for digit in plain)
        return f"{MINUS}{digits}" if negative else digits

    def plain_number(self, value: float) -> str:
        """Write a number with the decimals that it has, none where it is whole."""
        return self.number(value, len(f"{value:f}".rstrip("0").partition(".")[2]))

    def money(self, amount_ore: int, currency: str) -> str:
        """Write an amount of hundredths of the currency. [øre]"""
        whole, rest = divmod(abs(amount_ore), ORE_PER_KRONE)
        digits = f"{self.number(whole)}{self.texts['number.decimal']}{rest:02d}"
        signed = f"{MINUS}{digits}" if amount_ore < 0 else digits
        key = f"money.{currency}" if f"money.{currency}" in self else "money.other"
        return self._kept(key, amount=signed, currency=currency)

    def about(self, amount_ore: int, currency: str) -> str:
        """Write an amount that is known roughly, in whole units of the currency. [øre]"""
        return self.price(amount_ore / ORE_PER_KRONE, 0, currency)

    def price(self, price: float, decimals: int, currency: str) -> str:
        """Write a price with its own number of decimals. [the currency]"""
        key = f"money.{currency}" if f"money.{currency}" in self else "money.other"
        return self._kept(key, amount=self.number(price, decimals), currency=currency)

    def percent(self, percent: float) -> str:
        """Write percent, with the decimals that they have."""
        return self._kept("percent", number=self.plain_number(percent))

    def value(self, quantity: str, value: float, decimals: int = 0) -> str:
        """Write a measured mean with its everyday unit."""
        return self._kept(f"value.{quantity}", number=self.number(value, decimals))

    def day(self, day: date) -> str:
        """Write a day without its year."""
        return self._kept("date.day", day=day.day, month=self._month(day))

    def full_date(self, day: date) -> str:
        """Write a day with its year."""
        return self._kept("date.full", day=day.day, month=self._month(day), year=day.year)

    def month(self, day: date) -> str:
        """Write the month that a day lies in."""
        return self._kept("date.month", month=self._month(day), year=day.year)

    @property
    def weekdays(self) -> list[str]:
        """Short names of the weekdays, Monday first."""
        return self.texts["weekdays"].split()

    def _month(self, day: date) -> str:
        return self.texts["months"].split()[day.month - 1]

    def _kept(self, key: str, /, **values: object) -> str:
        """Fill a text that must not break over two lines."""
        return self.say(key, **values).replace(" ", NO_BREAK)


@cache
def catalogue(language: str) -> Catalogue:
    """Read the texts of a language."""
    text = resources.files("correspondence").joinpath(f"texts/{language}.yaml").read_text("utf-8")
    return Catalogue(language, yaml.safe_load(text))


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
