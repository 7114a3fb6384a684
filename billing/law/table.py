"""The law as dated data, by country and day, from ``law.yaml``."""

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
        None: no legal checks.
    rules : mapping of str to LawRule
        Those in force, by name.
    not_heat : frozenset of str
        Items that are not heat costs.
    no_share_of_its_own : frozenset of str
        Heat items whose metered share is checked only in the total.
    accounts : mapping of str to tuple of str
        Items of each account, where the law requires separate accounts.
    """

    country: str | None
    rules: Mapping[str, LawRule]
    not_heat: frozenset[str]
    no_share_of_its_own: frozenset[str]
    accounts: Mapping[str, tuple[str, ...]]

    def number(self, rule: str) -> float | None:
        """Return a rule's number, None if the country has no such rule."""
        value = self._value(rule)
        return float(value) if isinstance(value, int | float) else None

    def day(self, rule: str) -> date | None:
        """Return a rule's day."""
        value = self._value(rule)
        return value if isinstance(value, date) else None

    def words(self, rule: str) -> tuple[str, ...]:
        """Return a rule's words; empty if the country has no such rule."""
        value = self._value(rule)
        return value if isinstance(value, tuple) else ()

    def wants(self, rule: str) -> bool:
        """Whether the country has this rule with the value yes."""
        return self._value(rule) is True

    def account_of(self, item: str) -> str:
        """Return the account of an item; its own name if it is in none."""
        return next((name for name, items in self.accounts.items() if item in items), item)

    def source(self, rule: str) -> str:
        """Return the source of a rule in force."""
        return self.rules[rule].source

    def _value(self, rule: str) -> Value | None:
        return self.rules[rule].value if rule in self.rules else None


def law_of(country: str | None, day: date) -> Law:
    """
    Return the law of a country on a day: its own rows override those of its union.

    Parameters
    ----------
    country : str or None
        Two letters; None: no legal checks.
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
    """Return the unions that a country is in."""
    return [name for name, members in _table()["members"].items() if country in members]


@cache
def law_rules() -> tuple[LawRule, ...]:
    """Return every row, by date."""
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
