"""Phrases common to all pages: address, period, scheme, cost components, contacts."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

from correspondence.catalogue import NO_BREAK

if TYPE_CHECKING:
    from correspondence.address import AddressBlock
    from correspondence.catalogue import Catalogue
    from estate.model import Contact
    from estate.periods import Period

MOST_NAMES = 3
LONGEST = 90
"""Longest text from outside; longer ones are truncated, so that one page stays one page."""


def cut(text: str) -> str:
    """Truncate a text from outside that is too long for a line or two."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def known(key: str, name: str, words: Catalogue) -> str:
    """Return the text of a key, or the key itself if no catalogue has it."""
    return words.say(key) if key in words else cut(name).replace("_", " ").capitalize()


def key_words(key: str, words: Catalogue, *, estimated: bool = False) -> str:
    """Return the name of a component's key; named shares by their own name."""
    if estimated:
        return words.say("key.estimated")
    base, _, name = key.partition(":")
    said = known(f"key.{base}", base, words)
    return f"{said} ({cut(name)})" if name else said


def scheme_words(scheme: str, version: str, words: Catalogue) -> str:
    """Return the name of the scheme; a building's own scheme by its id."""
    name = words.say(f"scheme.{scheme}") if f"scheme.{scheme}" in words else cut(scheme)
    return words.say("rule.scheme", scheme=name, version=cut(version))


def last_day(period: Period) -> date:
    """Return the last day of a period."""
    return period.end - timedelta(days=1)


def period_words(period: Period, words: Catalogue) -> str:
    """Return the days that a page covers, in words."""
    first, last = words.full_date(period.start), words.full_date(last_day(period))
    return words.say("period.days", first=first, last=last)


def address_lines(block: AddressBlock, words: Catalogue) -> list[str]:
    """Return the lines of an address block; none if delivery needs none."""
    if not block.names and block.address is None and not block.missing:
        return []
    names = [cut(name) for name in block.names[:MOST_NAMES]] or [words.say("address.resident")]
    if block.missing or block.address is None:
        return [*names, words.say("address.missing")]
    # The postal district goes on a line of its own.
    lines = re.split(r",\s*(?=\d{4,5}\s)|\n", block.address)
    return [*names, *(cut(line.strip()) for line in lines)]


def contact_words(contact: Contact | None, words: Catalogue, written_in: str | None = None) -> str:
    """
    Return the contact in words: whom to call or write to.

    Parameters
    ----------
    contact : Contact or None
    words : Catalogue
    written_in : str, optional
        Language in which the building wrote its contacts; a reader of another one is told the
        hours where they can be put into words, and no topic.
    """
    if contact is None:
        return words.say("contact.none")
    topic = contact.topic if written_in in (None, words.language) else None
    hours = hours_words(contact, words, written_in)
    about = cut(", ".join(part for part in (topic, hours) if part))
    only = "" if about else ".only"
    if contact.phone:
        phone = cut(contact.phone).replace(" ", NO_BREAK)
        return words.say(f"contact.call{only}", phone=phone, about=about)
    return words.say(f"contact.write{only}", mail=cut(contact.mail or ""), about=about)


def hours_words(contact: Contact, words: Catalogue, written_in: str | None = None) -> str | None:
    """Return a contact's hours in the reader's language; None if that has no words for them."""
    return None if contact.hours is None else translated(contact.hours, written_in, words.language)


def translated(text: str, source: str | None, target: str) -> str | None:
    """
    Put hours or a source of heat into another language, term by term.

    Parameters
    ----------
    text : str
    source : str or None
        The language in which it is written; None: the reader's.
    target : str
        The reader's language.

    Returns
    -------
    str or None
        None where a term is not known.
    """
    if source in (None, target):
        return text
    left, source = text.casefold(), str(source)
    for row in _terms():
        if source in row and target in row:
            left = re.sub(rf"\b{re.escape(row[source].casefold())}\b", f"\0{row[target]}\0", left)
    parts = left.split("\0")
    # What stands between the known terms may be numbers and signs, and no words.
    return None if any(re.search(r"[^\W\d_]", each) for each in parts[::2]) else "".join(parts)


@cache
def _terms() -> list[dict[str, str]]:
    """Return the terms by language, the longest first."""
    text = resources.files("correspondence").joinpath("terms.yaml").read_text("utf-8")
    return sorted(yaml.safe_load(text), key=lambda row: -len(row["da"]))
