"""
Log-in by a one-time link or a typed code, sent by mail or text message.

The response is the same whether or not the address is known. Only a button uses up the link, not
viewing it; the code works in the browser that asked, and a few wrong ones void both.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select, update

from estate.database.engine import answering, take_turn
from estate.periods import MINUTE_MS
from operations.access.limits import access_limits, count_try
from operations.access.tables import AccessToken
from operations.access.tokens import digest, new_token
from operations.log_in.staff import account_of_subject
from operations.visitors.people import subject_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from operations.serving import Serving

LINK = "link"
CODE_DIGITS = 8


class Asked(NamedTuple):
    """
    A requested log-in.

    Attributes
    ----------
    request : str
        Kept by the browser, for the typed code.
    subject : str
        Empty if it belongs to nobody: then nothing is sent.
    link, code : str
        What is sent.
    """

    request: str
    subject: str
    link: str
    code: str


def ask_for_link(serving: Serving, address: str, visitor_address: str) -> Asked:
    """
    Make a link and a code for the owner of an address or telephone number.

    Raises
    ------
    TooManyTries
    """
    now = serving.clock()
    count_try(serving.engine, "log_in_of_visitor", visitor_address, now)
    subject = subject_of(address) or ""
    count_try(serving.engine, "log_in_of_address", subject or address.strip().casefold(), now)
    return make_link(serving, subject if _is_known(serving, subject) else "")


def make_link(serving: Serving, subject: str, staff: str = "", minutes: int | None = None) -> Asked:
    """
    Make a link and a code that prove a subject; for nobody they prove nothing.

    Parameters
    ----------
    serving : Serving
    subject : str
    staff : str, optional
        The account whose second factor counts as shown: links made at the command line.
    minutes : int, optional
        Validity of both; default: as in ``limits.yaml``. [min]
    """
    now = serving.clock()
    asked = Asked(new_token(), subject, new_token(), new_digits())
    facts = {"code": digest(asked.request, asked.code), "staff": staff}
    ends_ms = now + (minutes or access_limits().link_minutes) * MINUTE_MS
    with answering(serving.engine) as session:
        session.add(
            AccessToken(
                token=digest(asked.link), kind=LINK, subject=subject, request=digest(asked.request),
                facts=facts, made_ms=now, ends_ms=ends_ms,
            )
        )  # fmt: skip
    return asked


class Proved(NamedTuple):
    """What a link or code proves; ``staff`` as in `make_link`."""

    subject: str
    staff: str


def link_is_open(serving: Serving, link: str) -> bool:
    """Whether a link would log somebody in now; looking changes nothing."""
    with answering(serving.engine) as session:
        row = session.get(AccessToken, digest(link))
        return row is not None and _opens(row, serving.clock())


def use_link(serving: Serving, link: str) -> Proved | None:
    """Use up a link, and return what it proves; None if it is used, expired or unknown."""
    with answering(serving.engine) as session:
        take_turn(session, LINK)
        row = session.get(AccessToken, digest(link))
        return _use(row, serving.clock()) if row is not None else None


def use_code(serving: Serving, request: str, code: str, visitor_address: str) -> Proved | None:
    """
    Use up the code sent for a browser's request, and return what it proves; None if it is wrong.

    Raises
    ------
    TooManyTries
    """
    now = serving.clock()
    count_try(serving.engine, "code_of_visitor", visitor_address, now)
    with answering(serving.engine) as session:
        take_turn(session, LINK)
        row = row_of_request(session, LINK, request, now)
        return _use(row, now) if row is not None and is_right(row, request, code, now) else None


def void_links(serving: Serving, subject: str) -> None:
    """Invalidate all open links of a subject."""
    with answering(serving.engine) as session:
        session.execute(
            update(AccessToken)
            .where(
                AccessToken.kind == LINK,
                AccessToken.subject == subject,
                AccessToken.used_ms.is_(None),
            )
            .values(used_ms=serving.clock())
        )


def new_digits() -> str:
    """Return a code of digits, for somebody to type."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def row_of_request(session: Session, kind: str, request: str, now: int) -> AccessToken | None:
    """Return a browser's request, until it expires."""
    query = select(AccessToken).where(
        AccessToken.kind == kind, AccessToken.request == digest(request), AccessToken.ends_ms > now
    )
    return session.scalars(query).one_or_none()


def is_right(row: AccessToken, request: str, code: str, now: int) -> bool:
    """Whether a code is the one that was sent; a few wrong ones void the right one."""
    if row.attempts >= access_limits().code_tries:
        return False
    typed = "".join(each for each in code if each.isdigit())
    if hmac.compare_digest(row.facts["code"], digest(request, typed)):
        return True
    row.attempts += 1
    if row.attempts >= access_limits().code_tries:
        row.used_ms = now
    return False


def _opens(row: AccessToken, now: int) -> bool:
    return row.kind == LINK and row.is_open(now) and bool(row.subject)


def _use(row: AccessToken, now: int) -> Proved | None:
    if not _opens(row, now):
        return None
    row.used_ms = now
    return Proved(row.subject, row.facts["staff"])


def _is_known(serving: Serving, subject: str) -> bool:
    if not subject:
        return False
    # Do both in any case, so that timing does not reveal who is known.
    account = account_of_subject(serving, subject)
    return subject in serving.estates().homes or account is not None
