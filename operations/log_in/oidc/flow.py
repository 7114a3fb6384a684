"""
The log-in by a service, from the button to the proof in the service's answer.

The state, the nonce and the PKCE verifier derive from one secret in the browser's cookie, so that
the database keeps only a hash of the state, which prevents its reuse.
"""

from __future__ import annotations

import hmac
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from estate.database.engine import answering, take_turn
from estate.periods import MINUTE_MS
from operations.access.limits import access_limits, count_try
from operations.access.tables import AccessToken
from operations.access.tokens import digest, new_token
from operations.log_in.oidc.id_token import Expected, proved_subject
from operations.log_in.oidc.service import ServiceRefused, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from operations.log_in.oidc.service import Service
    from operations.serving import Serving

OIDC = "oidc"


class Purpose(StrEnum):
    """Why somebody is sent to a service."""

    LOG_IN = "log_in"
    LINK = "link"
    """A resident who is logged in wants to log in so from now on."""
    INVITED = "invited"
    """Staff follows an administrator's invitation."""


class Begun(NamedTuple):
    """What the browser keeps, and where it is redirected."""

    secret: str
    url: str


class Proof(NamedTuple):
    """
    What a service's answer proves.

    Attributes
    ----------
    service : str
    proof : str
        Digest of issuer and ``sub``.
    purpose : Purpose
    subject : str
        Who began it; empty if nobody was logged in.
    to : str
        The page that was requested.
    invitation : str
        Digest of the invitation that was followed.
    """

    service: str
    proof: str
    purpose: Purpose
    subject: str
    to: str
    invitation: str


def begin(
    serving: Serving, name: str, purpose: Purpose, visitor_address: str, *, subject: str = "",
    to: str = "/", invitation: str = "",
) -> Begun:  # fmt: skip
    """
    Start a log-in by a service; for the other parameters see `Proof`.

    Parameters
    ----------
    serving : Serving
    name : str
        Of the service in the settings.
    purpose : Purpose
    visitor_address : str
    subject, to, invitation : str, optional

    Raises
    ------
    TooManyTries
    ServiceRefused, ServiceUnavailable
    """
    now = serving.clock()
    count_try(serving.engine, "service_of_visitor", visitor_address, now)
    service, secret = service_of(serving, name), new_token()
    facts = {"service": name, "purpose": purpose, "to": to, "invitation": invitation}
    ends_ms = now + access_limits().service_minutes * MINUTE_MS
    with answering(serving.engine) as session:
        session.add(
            AccessToken(
                token=digest(OIDC, _state(secret)), kind=OIDC, subject=subject, facts=facts,
                made_ms=now, ends_ms=ends_ms,
            )
        )  # fmt: skip
    again = purpose is not Purpose.LOG_IN
    return Begun(
        secret, service.address(_state(secret), _nonce(secret), _verifier(secret), again=again)
    )


def finish(serving: Serving, name: str, secret: str, answer: Mapping[str, str]) -> Proof:
    """
    Return what a service's answer proves; the state is used up in any case.

    Parameters
    ----------
    serving : Serving
    name : str
        Name of the service that the answer claims to come from.
    secret : str
        Secret kept by the browser.
    answer : mapping of str to str
        Query parameters with which the browser came back.

    Raises
    ------
    ServiceRefused, ServiceUnavailable
    """
    row = _use_state(serving, name, secret, answer.get("state", ""))
    service = service_of(serving, name)
    if "error" in answer:
        raise ServiceRefused(f"the service says {answer['error'][:40]!r}")
    _require_issuer(service, answer)
    token = service.exchange(answer.get("code", ""), _verifier(secret))
    settings = service.settings
    expected = Expected(
        settings.issuer, settings.client_id, _nonce(secret), token.get("access_token"),
        frozenset(settings.acr_values.split()),
    )  # fmt: skip
    now_s = serving.clock() // 1000
    subject = proved_subject(
        token.get("id_token"), service.keys(), expected, now_s, settings.skew_seconds
    )
    proof = digest(name, settings.issuer, subject)
    facts = row.facts
    return Proof(
        name, proof, Purpose(facts["purpose"]), row.subject, facts["to"], facts["invitation"]
    )


def _use_state(serving: Serving, name: str, secret: str, state: str) -> AccessToken:
    if not secret or not hmac.compare_digest(state.encode(), _state(secret).encode()):
        raise ServiceRefused("the state is of another browser")
    now = serving.clock()
    with answering(serving.engine) as session:
        take_turn(session, OIDC)
        row = session.get(AccessToken, digest(OIDC, state))
        if row is None or not row.is_open(now):
            raise ServiceRefused("the state was used, or is over")
        if row.facts["service"] != name:
            raise ServiceRefused("the state is of another service")
        row.used_ms = now
        session.flush()
        session.expunge(row)
    return row


def _require_issuer(service: Service, answer: Mapping[str, str]) -> None:
    """Reject an answer from another issuer (RFC 9207)."""
    promised = service.about.get("authorization_response_iss_parameter_supported") is True
    if "iss" not in answer and not promised:
        return
    if answer.get("iss") != service.settings.issuer:
        raise ServiceRefused("the answer is of another issuer")


def _state(secret: str) -> str:
    return digest("state", secret)


def _nonce(secret: str) -> str:
    return digest("nonce", secret)


def _verifier(secret: str) -> str:
    return digest("verifier", secret)
