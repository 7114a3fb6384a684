"""Visitors' roles, and the homes and buildings that these open. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Role(StrEnum):
    """The role of a visitor."""

    RESIDENT = "resident"
    ACCOUNTANT = "accountant"
    OPERATOR = "operator"
    BOARD = "board"
    ADMINISTRATOR = "administrator"


ONE_DAY = timedelta(days=1)
STAFF = frozenset(Role) - {Role.RESIDENT}


@dataclass(frozen=True)
class Home:
    """
    A tenancy that a person may see, for the days on which both tenancy and person were there.

    Attributes
    ----------
    building, tenancy, flat, person : str
    start : date
        First local day.
    end : date or None
        First local day that is no longer the person's; None while they live there.
    """

    building: str
    tenancy: str
    flat: str
    person: str
    start: date
    end: date | None = None

    @property
    def last_day(self) -> date | None:
        """The last local day that is the person's; None while they live there."""
        return None if self.end is None else self.end - ONE_DAY

    def holds(self, day: date) -> bool:
        """Whether a local day is the person's."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Visitor:
    """
    A visitor logged in by a browser's session or a program's token.

    Attributes
    ----------
    subject : str
        What they proved: ``mail:…``, ``sms:…``, ``person:building/tenancy/person``, ``token:…``.
    name : str
        Name in the record of who looked.
    roles : frozenset of Role
    homes : tuple of Home
        A resident's, the present one first.
    buildings : frozenset of str or None
        Those that staff work for; None for every building.
    acting_for : str
        Why staff act for a resident; empty if nobody does.
    scopes : frozenset of str or None
        Scopes of a program's token; None for a person.
    form_token : str
        Token included in every form of the session.
    language : str or None
    """

    subject: str
    name: str
    roles: frozenset[Role]
    homes: tuple[Home, ...] = ()
    buildings: frozenset[str] | None = frozenset()
    acting_for: str = ""
    scopes: frozenset[str] | None = None
    form_token: str = ""
    language: str | None = None

    def home(self, building: str, tenancy: str) -> Home | None:
        """Return a home if it is the visitor's own; None otherwise."""
        own = (each for each in self.homes if (each.building, each.tenancy) == (building, tenancy))
        return next(own, None)

    @property
    def is_staff(self) -> bool:
        """Whether they showed the second factor of a staff account, and act for nobody."""
        return bool(self.roles & STAFF)

    def works_for(self, building: str) -> bool:
        """Whether they are staff of a building."""
        return self.is_staff and (self.buildings is None or building in self.buildings)
