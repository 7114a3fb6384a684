"""
Passkeys: a key in a telephone or computer, unlocked by a fingerprint or a code.

A logged-in resident adds one, and it opens the homes that they had proved by then, as a
log-in service does. One of staff opens their account: the device and what unlocks it are two
factors. The challenge is made from a secret in the browser's cookie and works once.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, NamedTuple

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from estate.database.engine import answering, take_turn
from estate.errors import FairvarmeError
from estate.periods import MINUTE_MS
from operations.access.identities import (
    bind_homes,
    bind_staff,
    facts_of,
    homes_of,
    identity_subject,
    keep_facts,
    staff_of,
    staff_subject,
)
from operations.access.limits import access_limits, count_try
from operations.access.tables import AccessToken
from operations.access.tokens import digest, new_token
from operations.channel_settings import PASSKEY
from operations.log_in.links import Proved
from operations.log_in.staff import account_of_subject

if TYPE_CHECKING:
    from operations.serving import Serving
    from operations.visitors.roles import Visitor

TITLE = "Fairvarme"
REQUIRED = UserVerificationRequirement.REQUIRED
MOST_BYTES = 20_000


class PasskeyRefused(FairvarmeError):
    """What a browser presented is not proof by a known passkey; ``reason`` is for the record."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the passkey proves nobody: {reason}; begin it again")


class Asked(NamedTuple):
    """What the browser keeps, and what it asks the device; JSON."""

    secret: str
    options: str


def ask_to_add(serving: Serving, subject: str, visitor_address: str) -> Asked:
    """Ask a device for a new passkey of somebody who is logged in; raises `TooManyTries`."""
    secret = _begin(serving, subject, visitor_address)
    options = generate_registration_options(
        rp_id=serving.portal.host_name,
        rp_name=TITLE,
        # The same person's next passkey on a device replaces the first.
        user_id=hashlib.sha256(subject.encode()).digest(),
        user_name=subject.partition(":")[2][:64],
        challenge=_challenge(secret),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED
        ),
    )
    return Asked(secret, options_to_json(options))


def ask_to_log_in(serving: Serving, visitor_address: str) -> Asked:
    """Ask a device for one of its passkeys for this portal; raises `TooManyTries`."""
    secret = _begin(serving, "", visitor_address)
    options = generate_authentication_options(
        rp_id=serving.portal.host_name, challenge=_challenge(secret), user_verification=REQUIRED
    )
    return Asked(secret, options_to_json(options))


def add_passkey(serving: Serving, visitor: Visitor, secret: str, credential: str) -> None:
    """
    Store a passkey for the homes of a logged-in resident.

    Raises
    ------
    PasskeyRefused
    """
    made = _made(serving, visitor.subject, secret, credential)
    now = serving.clock()
    bind_homes(serving.engine, PASSKEY, made.proof, visitor.homes, now)
    keep_facts(serving.engine, made.proof, made.facts, now)


def add_staff_passkey(serving: Serving, account: str, secret: str, credential: str) -> None:
    """
    Store a passkey for a staff account, beside those that it has.

    Raises
    ------
    PasskeyRefused
    """
    made = _made(serving, staff_subject(account), secret, credential)
    now = serving.clock()
    bind_staff(serving.engine, PASSKEY, made.proof, account, now, only=False)
    keep_facts(serving.engine, made.proof, made.facts, now)


def log_in_by_passkey(serving: Serving, secret: str, credential: str) -> Proved:
    """
    Return whose homes or account a passkey opens; it counts as the second factor of staff.

    Raises
    ------
    PasskeyRefused
    """
    _use(serving, secret, "")
    shown = _read(credential)
    proof = _proof(str(shown.get("id", "")))
    facts = facts_of(serving.engine, proof)
    if not facts:
        raise PasskeyRefused("it is not known")
    try:
        verified = verify_authentication_response(
            credential=shown,
            expected_challenge=_challenge(secret),
            expected_rp_id=serving.portal.host_name,
            expected_origin=serving.portal.url,
            credential_public_key=b64decode(facts["key"]),
            credential_current_sign_count=facts["count"],
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused(type(error).__name__) from error
    keep_facts(serving.engine, proof, facts | {"count": verified.new_sign_count}, serving.clock())
    return _proved(serving, proof)


def _proved(serving: Serving, proof: str) -> Proved:
    account = staff_of(serving.engine, proof, serving.clock())
    subject = staff_subject(account) if account else identity_subject(proof)
    if account and account_of_subject(serving, subject) is None:
        raise PasskeyRefused("its account is closed")
    if not account and not homes_of(serving, subject):
        raise PasskeyRefused("its homes are somebody else's now")
    return Proved(subject, account)


class _Made(NamedTuple):
    """A new passkey: the digest of its id, and what is kept with it."""

    proof: str
    facts: dict[str, Any]


def _made(serving: Serving, subject: str, secret: str, credential: str) -> _Made:
    """Verify a new passkey that somebody asked a device for."""
    _use(serving, secret, subject)
    try:
        made = verify_registration_response(
            credential=_read(credential),
            expected_challenge=_challenge(secret),
            expected_rp_id=serving.portal.host_name,
            expected_origin=serving.portal.url,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused(type(error).__name__) from error
    proof = _proof(bytes_to_base64url(made.credential_id))
    if facts_of(serving.engine, proof):
        raise PasskeyRefused("it is known already")
    key = b64encode(made.credential_public_key).decode()
    return _Made(proof, {"key": key, "count": made.sign_count})


def _begin(serving: Serving, subject: str, visitor_address: str) -> str:
    now, secret = serving.clock(), new_token()
    count_try(serving.engine, "service_of_visitor", visitor_address, now)
    ends_ms = now + access_limits().service_minutes * MINUTE_MS
    with answering(serving.engine) as session:
        session.add(
            AccessToken(
                token=digest(PASSKEY, secret), kind=PASSKEY, subject=subject, made_ms=now,
                ends_ms=ends_ms,
            )
        )  # fmt: skip
    return secret


def _use(serving: Serving, secret: str, subject: str) -> None:
    """Use up the challenge of a browser's secret."""
    now = serving.clock()
    with answering(serving.engine) as session:
        take_turn(session, PASSKEY)
        row = session.get(AccessToken, digest(PASSKEY, secret))
        if row is None or not row.is_open(now):
            raise PasskeyRefused("its challenge was used, or is over")
        row.used_ms = now
        began = row.subject
    if began != subject:
        raise PasskeyRefused("somebody else began it")


def _read(credential: str) -> dict[str, Any]:
    try:
        found = json.loads(credential) if len(credential) <= MOST_BYTES else None
    except ValueError as error:
        raise PasskeyRefused("no JSON") from error
    if not isinstance(found, dict):
        raise PasskeyRefused("no JSON object")
    return found


def _challenge(secret: str) -> bytes:
    return bytes.fromhex(digest("challenge", secret))


def _proof(credential_id: str) -> str:
    return digest(PASSKEY, credential_id)
