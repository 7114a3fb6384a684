"""The words of a page as they wait for their letter to be printed."""

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
    A page that is in words already.

    Attributes
    ----------
    page : dict
        As `reports.monthly.page.page_of` makes it.
    day : date
        The end of the page's period.
    persons : tuple of str
        Whom the letter is to, in the order of the names on it.
    """

    page: Page
    day: date
    persons: tuple[str, ...]

    def as_bytes(self) -> bytes:
        """Return the page as it is kept."""
        facts = {"version": VERSION, "day": self.day.isoformat(), "persons": self.persons}
        return json.dumps(facts | {"page": self.page}, ensure_ascii=False).encode()

    @classmethod
    def read(cls, content: bytes) -> Self | None:
        """Read a page that was kept; None if another version of the program wrote it."""
        facts = json.loads(content)
        if facts["version"] != VERSION:
            return None
        return cls(facts["page"], date.fromisoformat(facts["day"]), tuple(facts["persons"]))
