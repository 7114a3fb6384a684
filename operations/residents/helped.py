"""Residents for whom staff may act: those on paper, who cannot or will not log in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from estate.periods import local_date
from operations.visitors.people import person_subject

if TYPE_CHECKING:
    from operations.serving import Serving
    from operations.visitors.roles import Home


class Helped(NamedTuple):
    """A resident on paper; a protected one is identified only by the flat."""

    home: Home
    address: str
    name: str

    @property
    def key(self) -> str:
        """The key that identifies them in a form."""
        return f"{self.home.tenancy}/{self.home.person}"


def helped_in(serving: Serving, building: str) -> list[Helped]:
    """Return the residents on paper of a building who live there now, by address."""
    estates = serving.estates()
    estate = estates.by_building[building]
    today = local_date(serving.clock(), estate.building.zone)
    paper = {each.tenancy for each in estate.tenancies if each.delivery == "paper"}
    found = []
    for person in estate.persons:
        subject = person_subject(building, person.tenancy, person.person)
        for home in estates.homes.get(subject, ()):
            if person.tenancy in paper and home.holds(today):
                flat = estate.flats[estate.flat_index[home.flat]]
                name = "" if person.protected else person.name
                found.append(Helped(home, flat.address, name))
    return sorted(found, key=lambda each: (each.address, each.key))


def find_helped(serving: Serving, building: str, key: str) -> Home | None:
    """Return the home of a person on paper; None if there is none."""
    return next((each.home for each in helped_in(serving, building) if each.key == key), None)
