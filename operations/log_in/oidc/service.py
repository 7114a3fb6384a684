"""
A log-in service: its metadata, its keys, and the exchange of a code for an id token.

All addresses come from the issuer's discovery document, and no redirect is followed.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import requests
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]

from estate.errors import FairvarmeError
from operations.channel_settings import is_encrypted_or_local

if TYPE_CHECKING:
    from collections.abc import Mapping

    from operations.channel_settings import OidcSettings
    from operations.serving import Serving

log = logging.getLogger(__name__)
DISCOVERY = "/.well-known/openid-configuration"
KEPT_MS = 60 * 60_000
"""How long what a service says of itself is believed."""
ANSWER_SECONDS = 8.0
MOST_BYTES = 1_000_000
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
FOUND = 200


class ServiceRefused(FairvarmeError):
    """
    What a browser or a log-in service presented does not prove anybody's identity.

    Attributes
    ----------
    reason : str
        For the record; not shown to the person logging in.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the log-in proves nobody: {reason}; begin it again")


class ServiceUnavailable(FairvarmeError):
    """
    A log-in service does not answer, or not properly.

    Attributes
    ----------
    name : str
    reason : str
    """

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(
            f"the log-in service {name} cannot be used: {reason}. Check portal.oidc.{name}.issuer"
        )


@dataclass(frozen=True)
class Service:
    """
    A log-in service of the settings.

    Attributes
    ----------
    name : str
    settings : OidcSettings
    back_url : str
        Where it sends browsers back to; unique to this service, so that another service's answer
        is not mistaken for its own.
    about : mapping of str to object
        Its metadata.
    """

    name: str
    settings: OidcSettings
    back_url: str
    about: Mapping[str, Any]

    def address(self, state: str, nonce: str, verifier: str, *, again: bool) -> str:
        """Return where to send a browser; ``again`` forces people to authenticate again."""
        more = {"prompt": "login"} if again else {}
        if self.settings.acr_values:
            more["acr_values"] = self.settings.acr_values
        with self._session() as session:
            url, _ = session.create_authorization_url(
                self.about["authorization_endpoint"], state=state, code_verifier=verifier,
                nonce=nonce, **more,
            )  # fmt: skip
        return str(url)

    def exchange(self, code: str, verifier: str) -> Mapping[str, Any]:
        """
        Return the tokens for a code.

        Raises
        ------
        ServiceRefused
            If the service gives none for it.
        ServiceUnavailable
        """
        try:
            with self._session() as session:
                token: Mapping[str, Any] = session.fetch_token(
                    self.about["token_endpoint"], code=code, code_verifier=verifier,
                    grant_type="authorization_code", timeout=ANSWER_SECONDS, allow_redirects=False,
                )  # fmt: skip
        except AuthlibBaseError as error:
            raise ServiceRefused(f"no token for the code ({error.error})") from error
        except (requests.RequestException, ValueError) as error:
            raise ServiceUnavailable(self.name, type(error).__name__) from error
        return token

    def keys(self) -> Mapping[str, Any]:
        """Fetch the keys that the service signs with (JWKS)."""
        return _fetch(self.name, self.about["jwks_uri"])

    def log_out_address(self, back: str) -> str | None:
        """Return the service's log-out address; None if it has none."""
        page = self.about.get("end_session_endpoint")
        if not page:
            return None
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back}
        return f"{page}{'&' if '?' in page else '?'}{urlencode(asked)}"

    def _session(self) -> OAuth2Session:
        methods = self.about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = "client_secret_basic" in methods
        return OAuth2Session(
            self.settings.client_id, self.settings.client_secret.get_secret_value(),
            token_endpoint_auth_method="client_secret_basic" if basic else "client_secret_post",
            scope="openid", redirect_uri=self.back_url, code_challenge_method="S256",
        )  # fmt: skip


def service_of(serving: Serving, name: str) -> Service:
    """
    Return a log-in service by its name in the settings.

    Raises
    ------
    ServiceRefused
        If the settings name no such service.
    ServiceUnavailable
    """
    settings = serving.portal.oidc.get(name)
    if settings is None:
        raise ServiceRefused("no such service")
    about = serving.kept(("oidc", name), KEPT_MS, lambda: _discover(name, settings.issuer))
    return Service(name, settings, f"{serving.portal.url}/log-in/with/{name}/back", about)


def log_out_of_service(serving: Serving, name: str) -> str | None:
    """Return where a browser logs out of a service too; None if that is not possible."""
    if name not in serving.portal.oidc:
        return None
    try:
        return service_of(serving, name).log_out_address(f"{serving.portal.url}/log-in")
    except ServiceUnavailable as error:
        log.warning("%s", error)
        return None


def _discover(name: str, issuer: str) -> Mapping[str, Any]:
    about = _fetch(name, issuer.rstrip("/") + DISCOVERY)
    if about.get("issuer") != issuer:
        raise ServiceUnavailable(name, "its document is of another issuer")
    for endpoint in ENDPOINTS:
        if not is_encrypted_or_local(str(about.get(endpoint, ""))):
            raise ServiceUnavailable(name, f"its {endpoint} is no address with https://")
    return about


def _fetch(name: str, url: str) -> Mapping[str, Any]:
    try:
        with requests.get(
            url, timeout=ANSWER_SECONDS, allow_redirects=False, stream=True
        ) as answer:
            if answer.status_code != FOUND:
                raise ServiceUnavailable(name, f"{url} answers {answer.status_code}")
            body = answer.raw.read(MOST_BYTES + 1, decode_content=True)
        found = json.loads(body) if len(body) <= MOST_BYTES else None
    except (requests.RequestException, ValueError, OSError) as error:
        raise ServiceUnavailable(name, type(error).__name__) from error
    if not isinstance(found, dict):
        raise ServiceUnavailable(name, f"{url} is not JSON object of at most {MOST_BYTES} bytes")
    return found
