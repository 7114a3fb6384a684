"""The law as dated data: ``law.yaml``, by country and day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import yaml

Value = float | bool | date | tuple[str, ...]


@dataclass(frozen=True)
class LawRule:
    """One row: a rule of a country from a day on."""

    rule: str
    country: str
    start: date
    value: Value
    unit: str
    source: str


@dataclass(frozen=True)
class Law:
    """
    The rules of a country on a day.

    Attributes
    ----------
    country : str or None
        None: no law is asked.
    rules : mapping of str to LawRule
        Those in force, by name.
    not_heat : frozenset of str
        Items that are no cost of heat.
    no_share_of_its_own : frozenset of str
        Items of heat whose share by meters is asked in the sum only.
    accounts : mapping of str to tuple of str
        Items of each account, where the law keeps accounts apart.
    """

    country: str | None
    rules: Mapping[str, LawRule]
    not_heat: frozenset[str]
    no_share_of_its_own: frozenset[str]
    accounts: Mapping[str, tuple[str, ...]]

    def number(self, rule: str) -> float | None:
        """Return a rule's number, None where the country has no such rule."""
        value = self._value(rule)
        return float(value) if isinstance(value, int | float) else None

    def day(self, rule: str) -> date | None:
        """Return a rule's day."""
        value = self._value(rule)
        return value if isinstance(value, date) else None

    def words(self, rule: str) -> tuple[str, ...]:
        """Return a rule's words; none where the country has no such rule."""
        value = self._value(rule)
        return value if isinstance(value, tuple) else ()

    def wants(self, rule: str) -> bool:
        """Whether the country has a rule that is said with yes."""
        return self._value(rule) is True

    def account_of(self, item: str) -> str:
        """Name the account that an item belongs to; its own name where it is in none."""
        return next((name for name, items in self.accounts.items() if item in items), item)

    def source(self, rule: str) -> str:
        """Name where a rule in force stands."""
        return self.rules[rule].source

    def _value(self, rule: str) -> Value | None:
        return self.rules[rule].value if rule in self.rules else None


def law_of(country: str | None, day: date) -> Law:
    """
    Return what holds in a country on a day: its own rows before those of the union it belongs to.

    Parameters
    ----------
    country : str or None
        Two letters; None: no law is asked.
    day : date
    """
    table = _table()
    rules = {
        row.rule: row
        for whose in (*unions_of(country), country)
        for row in law_rules()
        if row.country == whose and row.start <= day
    }
    return Law(
        country,
        rules,
        frozenset(table["not_heat"]),
        frozenset(table["no_share_of_its_own"]),
        {name: tuple(items) for name, items in table["accounts"].items()},
    )


def unions_of(country: str | None) -> list[str]:
    """Name the unions of states that a country is in."""
    return [name for name, members in _table()["members"].items() if country in members]


@cache
def law_rules() -> tuple[LawRule, ...]:
    """Read every row, the earlier before the later."""
    return tuple(sorted(_rows(), key=lambda row: (row.rule, row.country, row.start)))


def _rows() -> Iterator[LawRule]:
    for row in _table()["rules"]:
        value = tuple(row["value"]) if isinstance(row["value"], list) else row["value"]
        start, unit, source = row["from"], row["unit"], row["source"]
        yield LawRule(row["rule"], row["country"], start, value, unit, source)


@cache
def _table() -> Mapping[str, Any]:
    text = resources.files("billing.law").joinpath("law.yaml").read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table
