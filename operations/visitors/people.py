"""Determines which homes a person may see, from all estates at one moment. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from operations.visitors.roles import Home

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from estate.model import Estate, Person, Tenancy

MAIL, SMS, PERSON = "mail", "sms", "person"
IDENTITY, STAFF_ACCOUNT = "identity", "staff"
"""What somebody proved by a log-in service or a passkey: homes, a staff account."""
DANISH_NUMBER = re.compile(r"\d{8}")
NUMBER = re.compile(r"\+\d{6,15}")
ADDRESS = re.compile(r"[^@\s<>()\[\]\\,;:\"\x00-\x1f\x7f]+@[^@\s<>()\[\]\\,;:\"\x00-\x1f\x7f]+")
"""One mail address: nothing that a header of a mail would take for two, or for its end."""


def subject_of(address: str) -> str | None:
    """
    Return the subject that an address or telephone number proves; None if it is neither.

    Examples
    --------
    >>> subject_of(" Anna@Example.DK ")
    'mail:anna@example.dk'
    >>> subject_of("12 34 56 78")
    'sms:+4512345678'
    >>> subject_of("anna@example.dk,evil@example.com") is None
    True
    """
    text = address.strip().casefold()
    if "@" in text:
        return f"{MAIL}:{text}" if ADDRESS.fullmatch(text) else None
    number = re.sub(r"[\s().-]", "", text)
    number = re.sub(r"^00", "+", number)
    if DANISH_NUMBER.fullmatch(number):
        number = f"+45{number}"
    return f"{SMS}:{number}" if NUMBER.fullmatch(number) else None


def person_subject(building: str, tenancy: str, person: str) -> str:
    """Return the subject that a code in a letter proves."""
    return f"{PERSON}:{building}/{tenancy}/{person}"


def is_subject(text: str) -> bool:
    """Whether a text is a subject that residents prove."""
    return text.partition(":")[0] in (MAIL, SMS, PERSON, IDENTITY)


def homes_by_subject(estates: Iterable[Estate]) -> Mapping[str, tuple[Home, ...]]:
    """
    Return the homes of everybody, by what they can prove: their address, number or letter.

    An id of persons.csv is no proof: two tenancies may use the same.
    """
    found: dict[str, list[Home]] = defaultdict(list)
    for estate in estates:
        for person in estate.persons:
            home = _home(estate, estate.tenancy_by_id[person.tenancy], person)
            if home is not None:
                for subject in subjects_of(estate, person):
                    found[subject].append(home)
    return {subject: tuple(sorted(homes, key=latest_first)) for subject, homes in found.items()}


def subjects_of(estate: Estate, person: Person) -> Iterator[str]:
    """Yield what a person can prove: a code in a letter, an address, a number."""
    yield person_subject(estate.building.id, person.tenancy, person.person)
    for address in (person.mail, person.phone):
        subject = subject_of(address) if address else None
        if subject is not None:
            yield subject


def _home(estate: Estate, tenancy: Tenancy, person: Person) -> Home | None:
    start = max(tenancy.start, person.start or tenancy.start)
    ends = [each for each in (tenancy.end, person.end) if each is not None]
    end = min(ends, default=None)
    if end is not None and end <= start:
        return None
    return Home(estate.building.id, tenancy.tenancy, tenancy.flat, person.person, start, end)


def latest_first(home: Home) -> tuple[int, int, str, str]:
    """Return the sort key of homes, which puts the present one first."""
    end = home.end or date.max
    return -end.toordinal(), -home.start.toordinal(), home.building, home.tenancy
