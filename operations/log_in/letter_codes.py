"""
First access: every printed report has a code for each person.

A code is used up by its first log-in; the next letter has another. It proves only the person for
whom it was printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session as DatabaseSession

from estate.database.engine import answering, take_turn
from estate.periods import DAY_MS
from operations.access.limits import access_limits, count_try
from operations.access.tables import AccessToken
from operations.access.tokens import digest, new_code, typed
from operations.visitors.people import person_subject

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from operations.serving import Serving

LETTER_CODE = "letter_code"
GROUPS = 3


def letter_code(engine: Engine, building: str, tenancy: str, person: str, now_ms: int) -> str:
    """
    Return a new code for a letter to a person, such as ``ABCD-EFGH-JKLM``; it is kept as a hash.

    Codes of earlier letters work until they are used or expire, since letters cross in the post.
    """
    with answering(engine) as session:
        return letter_code_within(session, building, tenancy, person, now_ms)


def letter_code_within(
    session: DatabaseSession, building: str, tenancy: str, person: str, now_ms: int
) -> str:
    """Return what `letter_code` does, in the caller's transaction."""
    code = new_code(GROUPS)
    ends_ms = now_ms + access_limits().letter_code_days * DAY_MS
    session.add(
        AccessToken(
            token=digest(LETTER_CODE, typed(code)), kind=LETTER_CODE,
            subject=person_subject(building, tenancy, person), made_ms=now_ms, ends_ms=ends_ms,
        )
    )  # fmt: skip
    return code


def use_letter_code(serving: Serving, code: str, visitor_address: str) -> str | None:
    """
    Use up a letter's code, and return the subject that it proves; None if it is invalid.

    Raises
    ------
    TooManyTries
    """
    now = serving.clock()
    count_try(serving.engine, "code_of_visitor", visitor_address, now)
    count_try(serving.engine, "code_of_all", "", now)
    with answering(serving.engine) as session:
        take_turn(session, LETTER_CODE)
        row = session.get(AccessToken, digest(LETTER_CODE, typed(code)))
        if row is None or not row.is_open(now):
            return None
        if row.subject not in serving.estates().homes:
            return None
        row.used_ms = now
        return row.subject
