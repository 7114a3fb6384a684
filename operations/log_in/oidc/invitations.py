"""An administrator's invitation to log in with a service: a link for staff that works once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from estate.database.engine import answering, take_turn
from estate.errors import UsageError
from estate.periods import DAY_MS
from operations.access.identities import staff_subject
from operations.access.limits import access_limits
from operations.access.tables import AccessToken, StaffAccount
from operations.access.tokens import digest, new_token

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from operations.channel_settings import PortalSettings

INVITATION = "invitation"


class Invitation(NamedTuple):
    """An open invitation: the service that it leads to, and what is stored of it."""

    service: str
    token: str


def invite(engine: Engine, portal: PortalSettings, name: str, service: str, now_ms: int) -> str:
    """
    Return the link by which a staff member binds an account to an identity at a service.

    Raises
    ------
    UsageError
        If there is no such open account, or no such service for staff.
    """
    settings = portal.oidc.get(service)
    if settings is None or settings.who != "staff":
        known = sorted(each for each, row in portal.oidc.items() if row.who == "staff")
        raise UsageError(
            f"no service {service} that staff logs in with; the settings have {known or 'none'}, "
            "see portal.oidc in docs/operation.md"
        )
    secret, ends_ms = new_token(), now_ms + access_limits().invitation_days * DAY_MS
    with answering(engine) as session:
        active = select(StaffAccount).where(StaffAccount.name == name, StaffAccount.active)
        if session.scalars(active).one_or_none() is None:
            raise UsageError(f"there is no account {name}; fairvarme staff list shows them")
        session.add(
            AccessToken(
                token=digest(INVITATION, secret), kind=INVITATION, subject=staff_subject(name),
                facts={"service": service}, made_ms=now_ms, ends_ms=ends_ms,
            )
        )  # fmt: skip
    return f"{portal.url}/log-in/invited/{secret}"


def open_invitation(engine: Engine, secret: str, now_ms: int) -> Invitation | None:
    """Return an open invitation; looking at it changes nothing."""
    with answering(engine) as session:
        row = session.get(AccessToken, digest(INVITATION, secret))
        if row is None or not _opens(row, now_ms):
            return None
        return Invitation(row.facts["service"], row.token)


def use_invitation(engine: Engine, token: str, service: str, now_ms: int) -> str:
    """Use up an invitation, and return the account's subject; empty if it is no longer open."""
    with answering(engine) as session:
        take_turn(session, INVITATION)
        row = session.get(AccessToken, token)
        if row is None or not _opens(row, now_ms) or row.facts["service"] != service:
            return ""
        row.used_ms = now_ms
        return row.subject


def _opens(row: AccessToken, now_ms: int) -> bool:
    return row.kind == INVITATION and row.is_open(now_ms)
