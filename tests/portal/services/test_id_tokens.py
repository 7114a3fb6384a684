"""Id tokens and documents that are not what they must be prove nobody."""

from __future__ import annotations

import base64
import hmac
import json
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.support.oidc_provider import Provider
from tests.support.portal_house import Clock, Portal, form_token, opened_portal
from tests.support.service_visits import (
    begun,
    is_in,
    linked,
    refusals,
)

WRONG = {
    "another audience": {"aud": "another-client"},
    "another party": {"aud": ["fairvarme", "another-client"], "azp": "another-client"},
    "several audiences without a party": {"aud": ["fairvarme", "another-client"]},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "no sub": {"sub": None},
    "an empty sub": {"sub": ""},
    "a number for a sub": {"sub": 7},
    "another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.slow
@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG.keys())
def test_an_id_token_with_a_wrong_claim_proves_nobody(
    portal: Portal, eid: Provider, claims: dict[str, object]
) -> None:
    linked(portal)
    eid.claims = claims
    browser = portal.browser()
    assert browser.get(begun(browser)).status_code == 403
    assert not is_in(browser)
    assert refusals(portal)[-1].startswith("id token: ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("claim", "seconds", "status"),
    [
        ("exp", -59, 303), ("exp", -61, 403), ("exp", None, 403),
        ("iat", 59, 303), ("iat", 61, 403), ("iat", None, 403), ("nbf", 61, 403),
    ],
)  # fmt: skip
def test_clocks_may_differ_by_a_minute(
    portal: Portal, eid: Provider, claim: str, seconds: int | None, status: int
) -> None:
    linked(portal)
    eid.claims = {claim: None if seconds is None else portal.clock() // 1000 + seconds}
    browser = portal.browser()
    assert browser.get(begun(browser)).status_code == status


def url64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unsigned(claims: dict[str, object]) -> str:
    parts = (json.dumps(each).encode() for each in ({"alg": "none"}, claims))
    return ".".join([*(url64(each) for each in parts), ""])


@pytest.mark.slow
@pytest.mark.parametrize("promised", [["RS256"], ["none", "HS256", "RS256"]])
def test_an_unsigned_id_token_proves_nobody(
    portal: Portal, eid: Provider, promised: list[str]
) -> None:
    eid.about = {"id_token_signing_alg_values_supported": promised}
    linked(portal)
    eid.signed = unsigned
    browser = portal.browser()
    assert browser.get(begun(browser)).status_code == 403


def test_a_public_key_is_no_shared_secret(portal: Portal, eid: Provider) -> None:
    linked(portal)
    public = eid.keys[0].as_pem(private=False)

    def by_public_key(claims: dict[str, object]) -> str:
        header = {"alg": "HS256", "kid": eid.keys[0].kid}
        said = ".".join(url64(json.dumps(each).encode()) for each in (header, claims))
        return f"{said}.{url64(hmac.digest(public, said.encode(), 'sha256'))}"

    eid.signed = by_public_key
    browser = portal.browser()
    assert browser.get(begun(browser)).status_code == 403


def test_a_signature_by_another_key_proves_nobody(portal: Portal, eid: Provider) -> None:
    linked(portal)
    other = RSAKey.generate_key(2048)
    kid = eid.keys[0].kid
    eid.signed = lambda claims: jwt.encode({"alg": "RS256", "kid": kid}, claims, other)
    browser = portal.browser()
    assert browser.get(begun(browser)).status_code == 403


def test_a_service_that_changes_its_key_goes_on(portal: Portal, eid: Provider) -> None:
    linked(portal)
    eid.keys = [ECKey.generate_key("P-256", {"kid": "new"})]
    browser = portal.browser()
    assert browser.get(begun(browser)).status_code == 303


@pytest.mark.slow
@pytest.mark.parametrize("shown", ["high", "low", None])
def test_the_level_of_assurance_is_held(
    tmp_path: Path, clock: Clock, eid: Provider, shown: str | None
) -> None:
    named = {"eid": eid.settings("residents", acr_values="substantial high")}
    with opened_portal(tmp_path, clock, oidc=named) as portal:
        eid.claims = {"acr": "substantial"}
        linked(portal)
        eid.claims = {"acr": shown}
        browser = portal.browser()
        assert browser.get(begun(browser)).status_code == (303 if shown == "high" else 403)


@pytest.mark.slow
@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_document_of_somebody_else_is_not_believed(
    portal: Portal, eid: Provider, about: dict[str, str]
) -> None:
    eid.about = about
    browser = portal.browser()
    token = form_token(browser.get("/log-in").text)
    answer = browser.post("/log-in/with/eid", data={"form_token": token})
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_a_service_that_is_away_is_said_so(tmp_path: Path, clock: Clock, eid: Provider) -> None:
    named = {"eid": eid.settings("residents") | {"issuer": "http://127.0.0.1:9"}}
    with opened_portal(tmp_path, clock, oidc=named) as portal:
        browser = portal.browser()
        token = form_token(browser.get("/log-in").text)
        assert browser.post("/log-in/with/eid", data={"form_token": token}).status_code == 503
        # Whoever came by it before is still logged out here.
        assert browser.get("/log-in").status_code == 200
