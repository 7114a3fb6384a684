"""What the ledger holds: runs, postings between accounts, states, payments. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, NamedTuple

NOTHING = ""
"""Stands for no item and no component in the key of a posting."""
STATEMENTS = "statements.json"
"""Document of a run that holds its statements."""

Channel = Literal["letter", "digital", "mail", "portal", "hand"]
PaymentKind = Literal["on_account", "balance"]


class Account(StrEnum):
    """
    The accounts that money is booked to; all but `COST` and `BANK` belong to one tenancy.

    Attributes
    ----------
    COST
        The building's costs that a run divides.
    CHARGE
        What a tenancy's home cost; zero after each run, since it is either charged or borne.
    ON_ACCOUNT
        Payments on account that bills credited, less those received.
    BALANCE
        Claimed by statements, less what was paid; negative if it is to be repaid.
    LANDLORD
        The landlord's own share: flats without a tenant, and what the law puts on the landlord.
    NOT_CLAIMED
        A back-payment that came too late to be claimed.
    BANK
        Money received or paid out.
    """

    COST = "cost"
    CHARGE = "charge"
    ON_ACCOUNT = "on_account"
    BALANCE = "balance"
    LANDLORD = "landlord"
    NOT_CLAIMED = "not_claimed"
    BANK = "bank"


class State(StrEnum):
    """The state of a run, or of one of its statements."""

    DRAFT = "draft"
    APPROVED = "approved"
    SERVED = "served"
    BOUNCED = "bounced"
    OBJECTED = "objected"
    ANSWERED = "answered"
    CORRECTED = "corrected"
    CLOSED = "closed"


class Posting(NamedTuple):
    """
    An amount that goes from one account of a tenancy to another, so that the two add up to 0.

    Attributes
    ----------
    debit : Account
        Rises by the amount.
    credit : Account
        Falls by it.
    item, component : str
        Of the bill's row; empty if it belongs to none.
    amount_ore : int
        More than 0. [øre]
    """

    tenancy: str
    debit: Account
    credit: Account
    item: str
    component: str
    amount_ore: int


@dataclass(frozen=True)
class RunFacts:
    """
    The facts about a run; together with its documents, everything that is kept of it.

    Attributes
    ----------
    corrects : int or None
        The run that it replaces.
    reason : str or None
        Code of the reason for the correction, a row of ``reasons.yaml``.
    total_ore : int
        What was divided, the landlord's own share included. [øre]
    issued : date
        Day on which the bill was made.
    deadline : date or None
        Last day on which the statements may be served without losing a back-payment; of a
        correction that of the first run.
    program : str
        Version of this program.
    """

    building: str
    period_start: date
    period_end: date
    scheme: str
    scheme_version: str
    total_ore: int
    issued: date
    deadline: date | None
    program: str
    country: str | None = None
    tenure: str = NOTHING
    corrects: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Package:
    """
    A bill in the form in which the ledger accepts it.

    Attributes
    ----------
    postings : tuple of Posting
        Of the whole bill, even if it corrects another.
    documents : mapping of str to bytes
        By name: what it was made from, and the files of the bill.
    """

    facts: RunFacts
    postings: tuple[Posting, ...]
    documents: Mapping[str, bytes]


@dataclass(frozen=True)
class Run:
    """
    An approved run.

    Attributes
    ----------
    number : int
    first : int
        The run that the chain of corrections begins with; its own number if it corrects none.
    approved_by : str
    approved_ms : int
        [ms since 1970, UTC]
    digest : str
        SHA-256 of its entry, which covers all entries before it.
    """

    number: int
    first: int
    facts: RunFacts
    approved_by: str
    approved_ms: int
    digest: str


@dataclass(frozen=True)
class StateChange:
    """
    A step taken with one statement, or with the whole run if `tenancy` is empty.

    Attributes
    ----------
    day : date
        The day on which it happened.
    channel : str or None
        How a statement was served.
    note : str
        What was objected to, or answered; in the landlord's words, shown only to accountants.
    """

    run: int
    state: State
    day: date
    tenancy: str = NOTHING
    channel: Channel | None = None
    note: str = ""


@dataclass(frozen=True)
class Payment:
    """
    Money received from a tenancy; negative if it was paid out.

    Attributes
    ----------
    kind : str
        On account, or towards a statement's balance.
    key : str
        By which a repeated payment is recognised, such as the bank's own reference.
    """

    building: str
    tenancy: str
    day: date
    amount_ore: int
    kind: PaymentKind
    key: str
