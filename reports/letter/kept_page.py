"""A page's words, stored until their letter is printed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from reports.monthly.page import Page

MEDIA_TYPE = "application/vnd.fairvarme.page+json"
VERSION = 1
"""Of what the template reads; raised with each change that an older page would not print under."""


@dataclass(frozen=True)
class KeptPage:
    """
    A page already put into words.

    Attributes
    ----------
    page : dict
        As `reports.monthly.page.page_of` makes it.
    day : date
        The end of the page's period.
    persons : tuple of str
        The recipients of the letter, in the order of the names on it.
    """

    page: Page
    day: date
    persons: tuple[str, ...]

    def as_bytes(self) -> bytes:
        """Serialise the page for storage."""
        facts = {"version": VERSION, "day": self.day.isoformat(), "persons": self.persons}
        return json.dumps(facts | {"page": self.page}, ensure_ascii=False).encode()

    @classmethod
    def read(cls, content: bytes) -> Self | None:
        """Read a stored page; None if another version of the program wrote it."""
        facts = json.loads(content)
        if facts["version"] != VERSION:
            return None
        return cls(facts["page"], date.fromisoformat(facts["day"]), tuple(facts["persons"]))
