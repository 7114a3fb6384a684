"""
Templates such as ``Meter {device} ({unit})``, which extract names from a text.

Names in braces such as ``{device}`` match what is extracted, ``*`` matches anything. Unlike a
regular expression, no template can take exponential time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic_core import core_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import GetCoreSchemaHandler

LONGEST_TEXT = 150
MOST_PARTS = 4
FIELDS = {"device": r"(?P<device>[A-Za-z0-9._:-]+)", "quantity": r"(?P<quantity>.+?)"}
ANYTHING = ".*?"
TAKES_ANYTHING = frozenset({"*", "{quantity}"})
_parts = re.compile(r"(\{\w*\}|\*)")


@dataclass(frozen=True)
class Template:
    """A parsed template; `ValueError` if a name is unknown or there are too many."""

    text: str

    def __post_init__(self) -> None:
        variable = [part for part in _parts.split(self.text) if _parts.fullmatch(part)]
        unknown = [part for part in variable if part != "*" and part[1:-1] not in FIELDS]
        if unknown:
            raise ValueError(f"{unknown[0]} is not known; write {{{'}, {'.join(FIELDS)}}} or *")
        names = [part for part in variable if part != "*"]
        if len(variable) > MOST_PARTS or len(set(names)) != len(names):
            raise ValueError(f"write each name once, and at most {MOST_PARTS} names and * in all")

    @cached_property
    def fields(self) -> frozenset[str]:
        """Names in the template."""
        return frozenset(name for name in FIELDS if f"{{{name}}}" in self.text)

    def match(self, text: str) -> Mapping[str, str] | None:
        """Return the text at each name, or None if the text does not match."""
        found = self._pattern.fullmatch(text) if len(text) <= LONGEST_TEXT else None
        return None if found is None else found.groupdict()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        first, *parts = _parts.split(self.text)
        pattern = re.escape(first)
        for part, literal, follower in zip(
            parts[::2], parts[1::2], [*parts[2::2], ""], strict=True
        ):
            found = ANYTHING if part == "*" else FIELDS[part[1:-1]]
            found += re.escape(literal)
            # What follows matches anything too, so the first occurrence of the literal is the right
            # one: trying the others would multiply the cost by the length of the text.
            pattern += (
                f"(?>{found})" if part in TAKES_ANYTHING and follower in TAKES_ANYTHING else found
            )
        return re.compile(pattern, re.IGNORECASE | re.DOTALL)

    @classmethod
    def __get_pydantic_core_schema__(
        cls,
        source: Any,  # noqa: ANN401  pydantic's
        handler: GetCoreSchemaHandler,
    ) -> core_schema.CoreSchema:
        """Let a column map contain a template as text."""
        del source, handler
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())
