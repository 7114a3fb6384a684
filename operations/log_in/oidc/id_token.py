"""Validates an id token: signature, issuer, audience, time, nonce. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from operations.log_in.oidc.service import ServiceRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
"""Signatures by a key that the service alone has; whatever it says of itself, no other is taken."""
KEY_TYPES = frozenset({"RSA", "EC", "OKP"})


class Expected(NamedTuple):
    """
    What an id token must say.

    Attributes
    ----------
    issuer, client_id, nonce : str
    access_token : str or None
        The access token that came with it.
    levels : frozenset of str
        Accepted levels of assurance (``acr``); empty for any.
    """

    issuer: str
    client_id: str
    nonce: str
    access_token: str | None
    levels: frozenset[str]


def proved_subject(
    token: object, keys: Mapping[str, Any], expected: Expected, now_s: int, skew_s: int
) -> str:
    """
    Return the subject of an id token: its ``sub``, never an address that it claims.

    Parameters
    ----------
    token : object
        As the service answered.
    keys : mapping
        JWKS of the service.
    expected : Expected
    now_s : int
        [s since 1970, UTC]
    skew_s : int
        Tolerance between the clocks of the service and of this machine. [s]

    Raises
    ------
    ServiceRefused
    """
    if not isinstance(token, str):
        raise ServiceRefused("no id token")
    try:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        signed = jwt.decode(token, _signing(keys), registry=registry)
        _check(signed, expected, now_s, skew_s)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise ServiceRefused(f"id token: {error}") from error
    subject: str = signed.claims["sub"]
    if not subject:
        raise ServiceRefused("id token: sub is empty")
    return subject


def _check(signed: jwt.Token, expected: Expected, now_s: int, skew_s: int) -> None:
    wanted = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
    }
    known = {
        "nonce": expected.nonce,
        "client_id": expected.client_id,
        "access_token": expected.access_token,
    }
    CodeIDToken(signed.claims, signed.header, wanted, known).validate(now_s, skew_s)
    if expected.levels and signed.claims.get("acr") not in expected.levels:
        raise ServiceRefused("id token: the level of assurance is another")


def _signing(keys: Mapping[str, Any]) -> KeySet:
    rows = keys.get("keys")
    usable = [
        each
        for each in (rows if isinstance(rows, list) else [])
        if isinstance(each, dict)
        and each.get("kty") in KEY_TYPES
        and each.get("use", "sig") == "sig"
    ]
    return KeySet.import_key_set({"keys": usable})
