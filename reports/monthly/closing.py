"""The end of a report in words: whom to ask, where to complain, how the figures are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from billing.rules import billing_rules
from correspondence.catalogue import NO_BREAK
from correspondence.contacts import QUESTION, contact_for
from correspondence.phrases import contact_words, cut, hours_words, scheme_words
from reports.monthly.figures import ClimateState
from reports.supply import supply_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from correspondence.catalogue import Catalogue
    from estate.model import Contact
    from reports.monthly.figures import HomeMonth

Section = dict[str, Any]
SUBJECTS = (QUESTION, "no_heat", "leak", "mould_risk")
"""What a resident may ask about, in the order of the page."""


def whom_section(month: HomeMonth, words: Catalogue) -> Section:
    """Return whom to ask for what; subjects with the same contact share a row."""
    contacts = month.building.contacts
    subjects: dict[Contact | None, list[str]] = {}
    for subject in SUBJECTS:
        found = contact_for(subject, contacts)
        subjects.setdefault(found, []).append(words.say(f"whom.{subject}"))
    if None in subjects:
        rows = [{"what": "", "who": words.say("contact.none")}]
    else:
        rows = [
            {"what": _joined(names, words), "who": _reach(contact, month, words)}
            for contact, names in subjects.items()
        ]
    return {"heading": words.say("whom.heading"), "rows": rows}


def _joined(names: list[str], words: Catalogue) -> str:
    if len(names) == 1:
        return names[0]
    one = ", ".join([names[0], *map(words.within, names[1:-1])])
    return words.say("whom.also", one=one, other=words.within(names[-1]))


def _reach(contact: Contact | None, month: HomeMonth, words: Catalogue) -> str:
    if contact is None:
        return words.say("contact.none")
    hours = hours_words(contact, words, month.building.language)
    number = cut(contact.phone).replace(" ", NO_BREAK) if contact.phone else cut(contact.mail or "")
    return f"{number} ({cut(hours)})" if hours else number


def online_section(portal: str, codes: Sequence[str], until: date, words: Catalogue) -> Section:
    """
    Return how readers of a letter get into the portal for the first time.

    Parameters
    ----------
    portal : str
        Its address.
    codes : sequence of str
        One for each person whose name stands on the letter, in that order.
    until : date
        The last day of the codes.
    words : Catalogue
    """
    spoken = portal.removeprefix("https://")
    return {
        "heading": words.say("online.heading"),
        "where": words.say("online.where", portal=spoken),
        "label": words.counted("online.code", len(codes)),
        "codes": list(codes),
        "once": words.say("online.once", day=words.full_date(until)),
    }


def foot_sections(month: HomeMonth, words: Catalogue) -> list[Section]:
    """Return where to complain, how the figures are made, and who helps with reading."""
    access = {"heading": words.say("access.heading"), "text": words.say("access.text")}
    return [_complaint(month, words), _method(month, words), access]


def _complaint(month: HomeMonth, words: Catalogue) -> Section:
    contact = contact_words(month.contact, words, month.building.language)
    lines = [words.say("complain.wrong"), contact]
    if month.building.complaint_board:
        lines.append(words.say("complain.board", board=cut(month.building.complaint_board)))
    return {"heading": words.say("complain.heading"), "text": " ".join(lines)}


def _method(month: HomeMonth, words: Catalogue) -> Section:
    boxes = month.climate_state in (ClimateState.SHOWN, ClimateState.UNMEASURED)
    lines = [words.say("how.text" if boxes else "how.text_meters")]
    lines.append(scheme_words(month.scheme, month.scheme_version, words))
    foreign = words.language != month.building.language
    if month.ground and foreign and billing_rules(month.period.start).trial_mark in month.ground:
        lines.append(words.say("rule.ground_trial"))
    elif month.ground:
        lines.append(words.say("rule.ground", ground=cut(month.ground)))
    elif month.trial:
        lines.append(words.say("rule.ground_missing"))
    if month.estimated_hours:
        lines.append(words.counted("how.estimated", month.estimated_hours))
    lines += supply_words(month.building.supply, words, month.building.language)
    return {"heading": words.say("how.heading"), "text": " ".join(lines)}
