"""Who somebody is to the house, and which homes and buildings that opens. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Role(StrEnum):
    """What somebody does in the house."""

    RESIDENT = "resident"
    ACCOUNTANT = "accountant"
    OPERATOR = "operator"
    BOARD = "board"
    ADMINISTRATOR = "administrator"


STAFF = frozenset(Role) - {Role.RESIDENT}


@dataclass(frozen=True)
class Home:
    """
    A tenancy that a person may see: the days in which both the tenancy and the person were there.

    Attributes
    ----------
    building, tenancy, flat, person : str
    start : date
        First local day.
    end : date or None
        First local day that is not the person's any more; None while they live there.
    """

    building: str
    tenancy: str
    flat: str
    person: str
    start: date
    end: date | None = None

    def holds(self, day: date) -> bool:
        """Whether a local day is the person's."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Visitor:
    """
    Somebody who is logged in, by a browser's session or a program's token.

    Attributes
    ----------
    subject : str
        What they proved: ``mail:…``, ``sms:…``, ``person:building/tenancy/person``, ``token:…``.
    name : str
        As the record of who looked says it.
    roles : frozenset of Role
    homes : tuple of Home
        A resident's, the present one first.
    buildings : frozenset of str or None
        That staff works for; None for every building.
    acting_for : str
        Why staff acts for a resident; empty where nobody does.
    scopes : frozenset of str or None
        What a program's token is for; None for a person.
    form_token : str
        That every form of the session carries.
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
        """Return a home that is the visitor's own; None for anybody else's."""
        own = (each for each in self.homes if (each.building, each.tenancy) == (building, tenancy))
        return next(own, None)

    def works_for(self, building: str) -> bool:
        """Whether they are staff of a building."""
        staff = bool(self.roles & STAFF)
        return staff and (self.buildings is None or building in self.buildings)
