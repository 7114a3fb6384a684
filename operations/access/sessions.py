"""Browser sessions in the database, and the visitor behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, select, update

from estate.database.engine import answering, looking
from estate.periods import DAY_MS
from operations.access.identities import homes_of, identity_subject, proofs_of
from operations.access.limits import access_limits
from operations.access.tables import LoginSession, StaffAccount
from operations.access.tokens import digest, new_token
from operations.visitors.people import person_subject, subjects_of
from operations.visitors.roles import STAFF, Role, Visitor

if TYPE_CHECKING:
    from sqlalchemy import Row

    from operations.serving import Serving
    from operations.visitors.roles import Home

SEEN_EVERY_MS = 10 * 60_000
"""A session's last page is written down no more often than that."""
SESSION = (
    select(
        LoginSession.subject, LoginSession.staff, LoginSession.acting_for, LoginSession.form_token,
        LoginSession.seen_ms, LoginSession.ends_ms, LoginSession.way,
        StaffAccount.name, StaffAccount.roles, StaffAccount.buildings,
    )
    .outerjoin(StaffAccount, and_(StaffAccount.name == LoginSession.staff, StaffAccount.active))
    .where(LoginSession.token == bindparam("token"))
)  # fmt: skip
"""A session with the account of its staff, None where that is none or is closed."""


def begin_session(serving: Serving, subject: str, staff: str = "", way: str = "") -> str:
    """
    Begin a session for somebody who proved a subject, and return the browser's token.

    Parameters
    ----------
    serving : Serving
    subject : str
    staff : str, optional
        The staff account whose second factor was shown.
    way : str, optional
        The log-in service that proved the subject.
    """
    token, now = new_token(), serving.clock()
    days = access_limits().session_days
    ends_ms = now + round((days.staff if staff else days.resident) * DAY_MS)
    with answering(serving.engine) as session:
        session.add(
            LoginSession(
                token=digest(token), subject=subject, staff=staff, acting_for=None,
                form_token=new_token(), started_ms=now, seen_ms=now, ends_ms=ends_ms, way=way,
            )
        )  # fmt: skip
    return token


def way_of_session(serving: Serving, token: str) -> str:
    """Return the log-in service through which a session was begun; empty for none."""
    with answering(serving.engine) as session:
        row = session.get(LoginSession, digest(token))
        return row.way if row is not None else ""


def end_session(serving: Serving, token: str) -> None:
    """End the session of a browser."""
    with answering(serving.engine) as session:
        session.execute(delete(LoginSession).where(LoginSession.token == digest(token)))


def end_sessions(serving: Serving, visitor: Visitor) -> None:
    """End all sessions of a resident, on all devices, however they logged in there."""
    subjects = {visitor.subject}
    for home in visitor.homes:
        estate = serving.estates().by_building[home.building]
        key = home.tenancy, home.person
        for each in estate.persons:
            if (each.tenancy, each.person) == key:
                subjects.update(subjects_of(estate, each))
        subjects.update(map(identity_subject, proofs_of(serving.engine, home)))
    with answering(serving.engine) as session:
        session.execute(delete(LoginSession).where(LoginSession.subject.in_(subjects)))


def visitor_of_session(serving: Serving, token: str) -> Visitor | None:
    """Return the visitor for a browser's token; None if its session is over."""
    now, key = serving.clock(), digest(token)
    with looking(serving.engine) as connection:
        row = connection.execute(SESSION, {"token": key}).one_or_none()
    if row is None or not _lasts(row, now) or (row.staff and row.name is None):
        return None
    if now - row.seen_ms > SEEN_EVERY_MS:
        seen = update(LoginSession).where(LoginSession.token == key).values(seen_ms=now)
        with answering(serving.engine) as session:
            session.execute(seen)
    return _visitor(serving, row)


def act_for(serving: Serving, token: str, home: Home | None, reason: str = "") -> None:
    """Let the staff member of a session act for a resident, or stop acting."""
    acting = home and [home.building, home.tenancy, home.person, reason]
    with answering(serving.engine) as session:
        session.execute(
            update(LoginSession)
            .where(LoginSession.token == digest(token), LoginSession.staff != "")
            .values(acting_for=acting)
        )


def _lasts(row: Row[Any], now: int) -> bool:
    idle = access_limits().session_idle_days
    idle_ms = round((idle.staff if row.staff else idle.resident) * DAY_MS)
    return bool(now < row.ends_ms and now - row.seen_ms < idle_ms + SEEN_EVERY_MS)


def _visitor(serving: Serving, row: Row[Any]) -> Visitor:
    if row.acting_for is not None and row.staff:
        building, tenancy, person, reason = row.acting_for
        return Visitor(
            subject=row.subject, name=row.name, roles=frozenset({Role.RESIDENT}),
            homes=homes_of(serving, person_subject(building, tenancy, person)),
            acting_for=reason, form_token=row.form_token,
        )  # fmt: skip
    homes = homes_of(serving, row.subject)
    roles = frozenset(Role(each) for each in row.roles or ()) & STAFF
    if homes:
        roles |= {Role.RESIDENT}
    buildings: frozenset[str] | None = frozenset()
    if row.staff:
        buildings = None if row.buildings is None else frozenset(row.buildings)
    return Visitor(
        subject=row.subject, name=row.name or row.way or row.subject, roles=roles, homes=homes,
        buildings=buildings, form_token=row.form_token,
    )  # fmt: skip
