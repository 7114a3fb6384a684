"""Names and address on a page: the minimum needed to deliver it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from correspondence.catalogue import spoken_language

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from estate.model import Building, Estate, Flat, Person, Tenancy


@dataclass(frozen=True)
class AddressBlock:
    """
    Names and address; they appear nowhere else on a page.

    Attributes
    ----------
    names : tuple of str
        Empty if nobody is known, or if delivery needs no name.
    address : str or None
        None if delivery needs none, or if it is unknown.
    missing : bool
        The page cannot be delivered on paper: the tenancy has ended and left no new address.
    """

    names: tuple[str, ...]
    address: str | None
    missing: bool = False


def persons_on(persons: Iterable[Person], tenancy: str, day: date) -> tuple[Person, ...]:
    """Return the persons of a tenancy on a day, by their ids."""
    here = (
        person
        for person in persons
        if person.tenancy == tenancy
        and (person.start is None or person.start <= day)
        and (person.end is None or day < person.end)
    )
    return tuple(sorted(here, key=lambda person: person.person))


def addressees(persons: tuple[Person, ...]) -> tuple[Person, ...]:
    """
    Return who of some persons a letter is to.

    A protected name stands on it only where nobody else can receive it. Where one has an address of
    their own, the letter is to those who share it.
    """
    named = [person for person in persons if not person.protected] or list(persons[:1])
    posted = next((person.post_address for person in named if person.post_address), None)
    return tuple(person for person in named if posted in (None, person.post_address))


def address_block(
    tenancy: Tenancy, flat: Flat, persons: tuple[Person, ...], *, moved_out: bool
) -> AddressBlock:
    """
    Return the names and address needed to deliver a page.

    A digital page of a home with a protected person carries neither name nor address, since the
    log-in delivers it. Of a paper page see `addressees`. Those who moved out are written to at
    their new address only, never at the flat, where somebody else opens the letterbox.
    """
    protected = any(person.protected for person in persons)
    if protected and tenancy.delivery == "digital":
        return AddressBlock((), None)
    named = addressees(persons)
    names = tuple(person.name for person in named)
    posted = next((person.post_address for person in named), None)
    address = posted or (None if moved_out else flat.address)
    return AddressBlock(names, address, missing=address is None)


def delivery_block(
    estate: Estate, tenancy: Tenancy, persons: tuple[Person, ...], printed_on: date
) -> AddressBlock:
    """Return the names and address needed to deliver a page on a day."""
    flat = estate.flats[estate.flat_index[tenancy.flat]]
    moved_out = tenancy.end is not None and tenancy.end <= printed_on
    return address_block(tenancy, flat, persons, moved_out=moved_out)


def language_of(persons: Iterable[Person], building: Building) -> str:
    """Return the language of letters to a home: a resident's, else the building's."""
    spoken = next((person.language for person in persons if person.language), None)
    return spoken_language(spoken, building.language)
