"""
Changes a resident's mail address or number, which counts once a code sent there is typed.

From then on it opens the home, and the old one no longer does: a typing error locks nobody out, and
nobody else's address can be put in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from estate.database.engine import answering, take_turn
from estate.periods import MINUTE_MS
from operations.access.limits import access_limits, count_try
from operations.access.tables import AccessToken
from operations.access.tokens import digest, new_token
from operations.log_in.links import Asked, is_right, new_digits, row_of_request
from operations.visitors.people import MAIL, subject_of
from operations.wishes.store import read_wish, write_wish

if TYPE_CHECKING:
    from operations.serving import Serving
    from operations.visitors.roles import Home, Visitor

ADDRESS = "address"


def ask_to_change(
    serving: Serving, visitor: Visitor, address: str, visitor_address: str
) -> Asked | None:
    """
    Make a code that proves a new address; None if it is neither a mail address nor a number.

    Raises
    ------
    TooManyTries
    """
    now, subject = serving.clock(), subject_of(address)
    if subject is None:
        return None
    count_try(serving.engine, "log_in_of_visitor", visitor_address, now)
    count_try(serving.engine, "log_in_of_address", subject, now)
    asked = Asked(new_token(), subject, "", new_digits())
    ends_ms = now + access_limits().link_minutes * MINUTE_MS
    facts = {"code": digest(asked.request, asked.code), "to": subject}
    with answering(serving.engine) as session:
        session.add(
            AccessToken(
                token=digest(new_token()), kind=ADDRESS, subject=visitor.subject,
                request=digest(asked.request), facts=facts, made_ms=now, ends_ms=ends_ms,
            )
        )  # fmt: skip
    return asked


def take_new_address(
    serving: Serving, visitor: Visitor, home: Home, request: str, code: str, visitor_address: str
) -> str | None:
    """
    Store the address that a code proves, and return its subject; None if the code is wrong.

    Raises
    ------
    TooManyTries
    """
    now = serving.clock()
    count_try(serving.engine, "code_of_visitor", visitor_address, now)
    with answering(serving.engine) as session:
        take_turn(session, ADDRESS)
        row = row_of_request(session, ADDRESS, request, now)
        if row is None or not row.is_open(now) or row.subject != visitor.subject:
            return None
        if not is_right(row, request, code, now):
            return None
        row.used_ms = now
        subject = str(row.facts["to"])
    kind, _, address = subject.partition(":")
    key = home.building, home.tenancy, home.person
    wish = read_wish(serving.engine, key)
    wish = replace(wish, mail=address) if kind == MAIL else replace(wish, phone=address)
    write_wish(serving.engine, key, wish, now)
    serving.look_again()
    return subject
