"""How a language writes numbers, money and days: the patterns of CLDR, applied by Babel."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import TYPE_CHECKING

from babel import Locale
from babel.numbers import parse_pattern

if TYPE_CHECKING:
    from datetime import date, datetime

    from babel.dates import DateTimePattern
    from babel.numbers import NumberPattern

HYPHEN = "-"
MINUS = "\N{MINUS SIGN}"
MOST_DECIMALS = 6
"""Of a number that is written with the decimals that it has."""
DAY, MONTH = "MMMMd", "yMMMM"
"""Skeletons of CLDR: a day without its year, a month with it."""


@dataclass(frozen=True)
class Formats:
    """
    The formats of one language; each pattern is parsed once, since a page has a hundred numbers.

    Attributes
    ----------
    locale_name : str
        As CLDR names it, such as ``da_DK``.
    money_pattern : str
        Of an amount with its currency, in CLDR's own letters.
    """

    locale_name: str
    money_pattern: str

    @cached_property
    def locale(self) -> Locale:
        """What CLDR knows of the language."""
        return Locale.parse(self.locale_name)

    def number(self, value: float, decimals: int) -> str:
        """Write a number with some decimals, halves to even; nothing is less than nothing."""
        return self._written(self.locale.decimal_formats[None].pattern, value, decimals, decimals)

    def plain_number(self, value: float) -> str:
        """Write a number with the decimals that it has."""
        return self._written(self.locale.decimal_formats[None].pattern, value, 0, MOST_DECIMALS)

    def percent(self, percent: float) -> str:
        """Write percent with the decimals that they have."""
        fraction = _rounded(percent, MOST_DECIMALS).scaleb(-2)
        pattern = self.locale.percent_formats[None].pattern
        return self._apply(_pattern(pattern, 0, MOST_DECIMALS), fraction)

    def money(self, amount: Decimal | float, currency: str, decimals: int) -> str:
        """Write an amount with its currency. [the currency]"""
        pattern = _pattern(self.money_pattern, decimals, decimals)
        return self._apply(pattern, _rounded(amount, decimals), currency)

    def full_date(self, day: date) -> str:
        """Write a day with its year."""
        return self._day(self.locale.date_formats["long"], day)

    def clock(self, time: datetime) -> str:
        """Write a time of day to the minute."""
        return str(self.locale.time_formats["short"].apply(time, self.locale))

    def day(self, day: date) -> str:
        """Write a day without its year."""
        return self._day(self.locale.datetime_skeletons[DAY], day)

    def month(self, day: date) -> str:
        """Write the month that a day lies in."""
        return self._day(self.locale.datetime_skeletons[MONTH], day)

    @property
    def weekdays(self) -> list[str]:
        """Short names of the weekdays, Monday first."""
        names = self.locale.days["stand-alone"]["short"]
        return [names[number].capitalize().rstrip(".") for number in range(len(names))]

    def plural(self, count: float) -> str:
        """Name the form of words that a count takes: one, other, and few or many elsewhere."""
        return self.locale.plural_form(count)

    def _day(self, pattern: DateTimePattern, day: date) -> str:
        return str(pattern.apply(day, self.locale))

    def _written(self, pattern: str, value: float, least: int, most: int) -> str:
        return self._apply(_pattern(pattern, least, most), _rounded(value, most))

    def _apply(self, pattern: NumberPattern, value: Decimal, currency: str | None = None) -> str:
        text = str(pattern.apply(value, self.locale, currency=currency, currency_digits=False))
        # CLDR's hyphen can stand at a line's end, and reads as one.
        return text.replace(HYPHEN, MINUS)


@cache
def _pattern(text: str, least: int, most: int) -> NumberPattern:
    pattern = copy(parse_pattern(text))
    pattern.frac_prec = (least, most)
    return pattern


def _rounded(value: Decimal | float, decimals: int) -> Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(float(value))
    # Adding nothing takes the sign off nothing.
    return exact.quantize(Decimal(1).scaleb(-decimals)) + 0
