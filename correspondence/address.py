"""Whose name and which address stand on a page: as little as it takes to deliver it."""

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
    The only place of a page where a name or an address stands.

    Attributes
    ----------
    names : tuple of str
        Empty where nobody is known, or where delivery needs no name.
    address : str or None
        None where delivery needs none, or where it is not known.
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


def address_block(
    tenancy: Tenancy, flat: Flat, persons: tuple[Person, ...], *, moved_out: bool
) -> AddressBlock:
    """
    Decide what is printed to deliver a page.

    A digital page of a home with a protected person carries neither name nor address, since the
    log-in delivers it. A paper page carries a protected name only where nobody else of the home
    can take the letter. Who has moved out is written to at the new address alone, never at the
    flat, where somebody else opens the letterbox.
    """
    protected = any(person.protected for person in persons)
    if protected and tenancy.delivery == "digital":
        return AddressBlock((), None)
    addressees = [person for person in persons if not person.protected] or list(persons[:1])
    posted = next((person.post_address for person in addressees if person.post_address), None)
    if posted:
        addressees = [person for person in addressees if person.post_address == posted]
    names = tuple(person.name for person in addressees)
    address = posted or (None if moved_out else flat.address)
    return AddressBlock(names, address, missing=address is None)


def delivery_block(
    estate: Estate, tenancy: Tenancy, persons: tuple[Person, ...], printed_on: date
) -> AddressBlock:
    """Decide what is printed to deliver a page on a day."""
    flat = estate.flats[estate.flat_index[tenancy.flat]]
    moved_out = tenancy.end is not None and tenancy.end <= printed_on
    return address_block(tenancy, flat, persons, moved_out=moved_out)


def language_of(persons: Iterable[Person], building: Building) -> str:
    """Return the language that a home is written to in: a resident's, else the building's."""
    spoken = next((person.language for person in persons if person.language), None)
    return spoken_language(spoken, building.language)
