"""Selects the building's contact that fits a question best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from estate.model import Contact

QUESTION = "question"


@dataclass(frozen=True)
class ContactWish:
    """Words of a fitting topic, the best first, and whether an emergency line fits."""

    topics: tuple[str, ...]
    emergency: bool


@cache
def contact_wishes() -> Mapping[str, ContactWish]:
    """Return the contact wishes by kind of alert, and for a general question."""
    text = resources.files("correspondence").joinpath("contacts.yaml").read_text("utf-8")
    return {
        name: ContactWish(tuple(row["topics"]), row["emergency"])
        for name, row in yaml.safe_load(text).items()
    }


def contact_for(subject: str, contacts: Sequence[Contact]) -> Contact | None:
    """
    Return the contact for an alert's kind or a question.

    Only one with a telephone number or a mail address counts: the first whose topic contains one of
    the wished words; else an emergency line where one is wished; else the first contact that is
    no emergency line; else the first.
    """
    wish = contact_wishes().get(subject, contact_wishes()[QUESTION])
    contacts = [contact for contact in contacts if contact.phone or contact.mail]
    by_topic = (
        contact
        for word in wish.topics
        for contact in contacts
        if word in contact.topic.casefold() and (wish.emergency or not contact.emergency)
    )
    by_urgency = (contact for contact in contacts if contact.emergency and wish.emergency)
    everyday = (contact for contact in contacts if not contact.emergency)
    for choice in (by_topic, by_urgency, everyday, iter(contacts)):
        found = next(choice, None)
        if found is not None:
            return found
    return None
