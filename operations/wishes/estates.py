"""Estates with residents' wishes applied: the portal's settings override the import."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from operations.wishes.store import wishes_changed, wishes_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from sqlalchemy import Engine

    from estate.model import Estate, Person, Tenancy
    from estate.sources.port import EstateSource
    from operations.wishes.store import Wish

OF_PERSON = ("language", "channels", "mail", "phone")
NEVER_MS = 0


@dataclass(frozen=True)
class WishedEstates:
    """
    The estates of a source, with the wishes of a database; an `EstateSource`.

    Attributes
    ----------
    source : EstateSource
    engine : Engine
    """

    source: EstateSource
    engine: Engine

    def revisions(self) -> Mapping[str, Hashable]:
        """Return every building with a mark that changes with its estate and its wishes."""
        changed = wishes_changed(self.engine)
        return {
            name: (mark, changed.get(name, NEVER_MS))
            for name, mark in self.source.revisions().items()
        }

    def read(self, building: str) -> Estate:
        """Return the estate of a building; raises as the source does."""
        return with_wishes(self.source.read(building), wishes_of(self.engine, building))


def with_wishes(estate: Estate, wishes: Mapping[tuple[str, str], Wish]) -> Estate:
    """Return an estate in which residents are contacted as they wish. Pure."""
    if not wishes:
        return estate
    return replace(
        estate,
        persons=tuple(_person(each, wishes) for each in estate.persons),
        tenancies=tuple(_tenancy(each, wishes) for each in estate.tenancies),
    )


def _person(person: Person, wishes: Mapping[tuple[str, str], Wish]) -> Person:
    wish = wishes.get((person.tenancy, person.person))
    if wish is None:
        return person
    said: dict[str, Any] = {name: getattr(wish, name) for name in OF_PERSON if getattr(wish, name)}
    return person.model_copy(update=said)


def _tenancy(tenancy: Tenancy, wishes: Mapping[tuple[str, str], Wish]) -> Tenancy:
    """Return a tenancy set to paper if one of its persons wants paper."""
    paper = [wish.paper for (of, _), wish in wishes.items() if of == tenancy.tenancy]
    if True in paper:
        return tenancy.model_copy(update={"delivery": "paper"})
    return tenancy.model_copy(update={"delivery": "digital"}) if False in paper else tenancy
