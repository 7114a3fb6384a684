"""The foot of a statement: where to complain and until when, and how the figures are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from billing.law.table import law_of
from billing.schemes import CLIMATE_KEYS
from correspondence.contacts import QUESTION, contact_for
from correspondence.phrases import contact_words, cut
from reports.statement.details import is_claim

if TYPE_CHECKING:
    from billing.bill.bill import Bill, Statement
    from correspondence.catalogue import Catalogue
    from estate.model import Building, Contact

Page = dict[str, Any]


def foot_section(
    bill: Bill, statement: Statement, building: Building, words: Catalogue
) -> list[Page]:
    """Return where to complain and until when, and how the figures are made."""
    by_climate = any(row.key in CLIMATE_KEYS for row in statement.rows)
    how = [words.say("how.text" if by_climate else "how.text_meters")]
    how.append(words.say("statement.proof_follows"))
    complaint = " ".join(_complaint(bill, building, words))
    return [
        {"heading": words.say("complain.heading"), "text": complaint},
        {"heading": words.say("how.heading"), "text": " ".join(how)},
    ]


def _complaint(bill: Bill, building: Building, words: Catalogue) -> list[str]:
    contact = contact_for(QUESTION, building.contacts)
    lines = [words.say("complain.wrong")]
    if is_claim(bill):
        lines += _deadlines(bill, building, contact, words)
    if building.records_open:
        lines.append(words.say("complain.records", where=cut(building.records_open)))
    lines.append(contact_words(contact, words, building.language))
    if building.complaint_board:
        lines.append(words.say("complain.board", board=cut(building.complaint_board)))
    return lines


def _deadlines(
    bill: Bill, building: Building, contact: Contact | None, words: Catalogue
) -> list[str]:
    """Return until when one may object to a claim, by its law."""
    law = law_of(bill.country, bill.period.start)
    weeks, own_weeks = law.number("objection_weeks"), law.number("landlord_board_weeks")
    months = law.number("objection_months")
    lines = []
    if weeks is not None:
        lines.append(_objection(contact, weeks, words))
        if own_weeks is not None and building.tenure in law.words("landlord_goes_to_board"):
            lines.append(words.counted("complain.landlord_weeks", own_weeks))
    if months is not None:
        lines.append(words.counted("complain.months", months))
    return lines


def _objection(contact: Contact | None, weeks: float, words: Catalogue) -> str:
    """Return the deadline and address of an objection, in words."""
    if contact is None or not contact.mail:
        return words.counted("complain.weeks", weeks)
    return words.counted("complain.weeks_to", weeks, mail=cut(contact.mail))
