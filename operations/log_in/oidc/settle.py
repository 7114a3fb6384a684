"""Decides who is logged in by a service's proof, and binds proofs to accounts and homes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from operations.access.identities import (
    bind_homes,
    bind_staff,
    homes_of,
    identity_subject,
    is_bound,
    staff_of,
    staff_subject,
)
from operations.access.record import AccessEvent, Entry, record_access
from operations.log_in.oidc.flow import Purpose
from operations.log_in.oidc.invitations import use_invitation
from operations.log_in.oidc.service import ServiceRefused
from operations.log_in.staff import account_of_subject
from operations.visitors.roles import Role

if TYPE_CHECKING:
    from operations.log_in.oidc.flow import Proof
    from operations.serving import Serving
    from operations.visitors.roles import Visitor


class Settled(NamedTuple):
    """Who is logged in; ``staff`` is the account whose second factor counts as shown."""

    subject: str
    staff: str


def settle(serving: Serving, proof: Proof) -> Settled | None:
    """
    Return whom a service proved; None if nobody is bound to the proof.

    An invitation is used up, and binds its account to the proof.

    Raises
    ------
    ServiceRefused
        If the invitation is no longer open, or the proof is somebody else's.
    """
    settings = serving.portal.oidc[proof.service]
    if proof.purpose is Purpose.INVITED:
        _bind_invited(serving, proof)
    if settings.who == "residents":
        return _resident(serving, proof)
    name = staff_of(serving.engine, proof.proof, serving.clock())
    subject = staff_subject(name)
    if not name or account_of_subject(serving, subject) is None:
        return None
    return Settled(subject, name if settings.second_factor else "")


def link(serving: Serving, proof: Proof, visitor: Visitor | None) -> None:
    """
    Let a logged-in resident use a service to log in from now on.

    Raises
    ------
    ServiceRefused
        If somebody else began it.
    """
    if visitor is None or visitor.subject != proof.subject or visitor.acting_for:
        raise ServiceRefused("somebody else began to link it")
    if serving.portal.oidc[proof.service].who != "residents" or not visitor.homes:
        raise ServiceRefused("the service is not for residents")
    now = serving.clock()
    bind_homes(serving.engine, proof.service, proof.proof, visitor.homes, now)
    record_linked(serving, visitor, f"+ {proof.service}")


def record_linked(serving: Serving, visitor: Visitor, change: str) -> None:
    """Record, where residents see it, that their way of logging in was changed."""
    for home in visitor.homes:
        entry = Entry(
            serving.clock(), visitor.name, Role.RESIDENT, AccessEvent.CHANGED, "log_in",
            home.building, home.tenancy, change,
        )  # fmt: skip
        record_access(serving.engine, entry)


def _resident(serving: Serving, proof: Proof) -> Settled | None:
    subject = identity_subject(proof.proof)
    if not is_bound(serving.engine, proof.proof, serving.clock()):
        return None
    return Settled(subject, "") if homes_of(serving, subject) else None


def _bind_invited(serving: Serving, proof: Proof) -> None:
    engine, now = serving.engine, serving.clock()
    subject = use_invitation(engine, proof.invitation, proof.service, now)
    if not subject:
        raise ServiceRefused("the invitation was used, or is over")
    name = subject.partition(":")[2]
    if not bind_staff(engine, proof.service, proof.proof, name, now):
        raise ServiceRefused("the service knows another account by it")
    record_access(engine, Entry(now, name, "", AccessEvent.CHANGED, f"bound to {proof.service}"))
