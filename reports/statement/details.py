"""The details of a statement: home, landlord, day, payment, and what it replaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from correspondence.catalogue import NO_BREAK
from correspondence.phrases import cut

if TYPE_CHECKING:
    from datetime import date

    from billing.bill.bill import Bill
    from correspondence.catalogue import Catalogue
    from estate.model import Building


@dataclass(frozen=True)
class FirstStatement:
    """
    Whether a home received the first statement of a period in time.

    Attributes
    ----------
    deadline : date
        Of the first run, which a correction keeps.
    served : date or None
        Day on which it was received; None if unknown.
    """

    deadline: date
    served: date | None

    @property
    def late(self) -> bool:
        """Whether no more may be claimed from that home."""
        return self.served is not None and self.served > self.deadline


@dataclass(frozen=True)
class RunNote:
    """
    What a statement says about its approved run.

    Attributes
    ----------
    reference : str
        Payment reference.
    reason : str or None
        Code of the correction; None if it corrects nothing.
    balance_before_ore : int or None
        The amount in the statement that it replaces. [øre]
    first : FirstStatement or None
        Of a correction; None if the law sets no deadline.
    """

    reference: str
    reason: str | None = None
    balance_before_ore: int | None = None
    first: FirstStatement | None = None


def is_claim(bill: Bill) -> bool:
    """Whether a difference is to be paid, not only shown."""
    return not (bill.trial or bill.interim)


def detail_words(
    building: Building,
    home: str | None,
    issued: date | None,
    note: RunNote | None,
    words: Catalogue,
) -> list[str]:
    """
    Return the home's address, the landlord, the day of issue and the payment reference.

    Parameters
    ----------
    building : Building
    home : str or None
        Its address; None if it is protected, and shown only where delivery needs it.
    issued : date or None
    note : RunNote or None
    words : Catalogue
    """
    landlord = building.landlord or building.organisation
    details = [words.say("statement.home", home=cut(home))] if home else []
    if landlord:
        details.append(words.say("statement.landlord", landlord=cut(landlord)))
    if issued:
        details.append(words.say("statement.issued", day=words.full_date(issued)))
    if note:
        details.append(
            words.say(
                "statement.payment_reference", reference=note.reference.replace(" ", NO_BREAK)
            )
        )
    return details


def replaced_words(
    first_issued: date | None, note: RunNote | None, building: Building, words: Catalogue
) -> list[str]:
    """State which statement this one replaces, why, its amount, and whether it was in time."""
    if first_issued is None:
        return []
    said = [words.say("statement.corrects", day=words.full_date(first_issued))]
    if note and note.reason:
        said.append(words.say(f"correction.{note.reason}"))
    if note and note.balance_before_ore is not None:
        name = "due" if note.balance_before_ore > 0 else "credit"
        label = words.say(f"amount.{name if note.balance_before_ore else 'nothing'}")
        amount = words.money(abs(note.balance_before_ore), building.currency)
        before = words.say("statement.before_amount", label=label, amount=amount)
        said.append(before if note.balance_before_ore else words.say("statement.before_nothing"))
    timely = [_first_words(note.first, words)] if note and note.first else []
    return [" ".join(said), *timely]


def _first_words(first: FirstStatement, words: Catalogue) -> str:
    """State when the first statement was due, and whether it was received by then."""
    deadline = words.full_date(first.deadline)
    if first.served is None:
        return words.say("statement.first_unknown", deadline=deadline)
    name = "late" if first.late else "in_time"
    day = words.full_date(first.served)
    return words.say(f"statement.first_{name}", day=day, deadline=deadline)
