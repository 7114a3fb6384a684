"""
A log-in service (OpenID Connect) over HTTP on 127.0.0.1, signing with real keys.

It keeps the rules of a good one: a code works once, for its client, address and PKCE verifier.
What a bad one does a test puts in: `claims`, `signed`, `about`, `answered`.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from tests.support.ports import free_port
from tests.support.web_server import served

CLIENT, SECRET = "fairvarme", "stub-client-secret"
Signed = Callable[[dict[str, Any]], str]


@dataclass
class Code:
    """A code that was given to a browser."""

    asked: dict[str, str]
    subject: str
    used: bool = False


@dataclass
class Provider:
    """
    The service.

    Attributes
    ----------
    clock : callable
        [ms since 1970, UTC]
    subject : str
        ``sub`` of whoever sits at the browser.
    claims : dict
        That stand in the id token beside, or instead of, what is right; None leaves one out.
    about : dict
        The same in the document of the issuer.
    answered : dict
        The same in the address that a browser is led back to.
    signed : callable or None
        Signs claims, instead of the key.
    """

    clock: Callable[[], int]
    issuer: str = ""
    subject: str = "sub-of-anna"
    claims: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    answered: dict[str, Any] = field(default_factory=dict)
    signed: Signed | None = None
    keys: list[RSAKey | ECKey] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.change_key()

    def change_key(self) -> None:
        """Sign with a new key from now on, and show the old one no more."""
        self.keys = [RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})]

    def settings(self, who: str, **more: object) -> dict[str, object]:
        """Return the settings of an installation that trusts the service."""
        named = {"title": "Stub-ID", "who": who, "issuer": self.issuer}
        return named | {"client_id": CLIENT, "client_secret": SECRET} | more

    def sign(self, claims: dict[str, Any]) -> str:
        """Sign claims with the key."""
        if self.signed is not None:
            return self.signed(claims)
        (key,) = self.keys
        algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
        return jwt.encode(
            {"alg": algorithm, "kid": key.kid}, claims, key, algorithms=["RS256", "ES256"]
        )

    def id_token(self, code: Code) -> str:
        """Return the id token for a code."""
        now = self.clock() // 1000
        right = {
            "iss": self.issuer, "sub": code.subject, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": code.asked["nonce"], "email": "anna@residents.example",
        }  # fmt: skip
        return self.sign({k: v for k, v in (right | self.claims).items() if v is not None})


def application(provider: Provider) -> FastAPI:
    """Return the service as an application."""
    app = FastAPI(openapi_url=None)

    @app.middleware("http")
    async def note(request: Request, call_next: Any) -> Response:  # noqa: ANN401
        provider.requests.append(request.url.path)
        answer: Response = await call_next(request)
        return answer

    @app.get("/.well-known/openid-configuration")
    def about() -> dict[str, Any]:
        right = {
            "issuer": provider.issuer,
            "authorization_endpoint": f"{provider.issuer}/authorize",
            "token_endpoint": f"{provider.issuer}/token",
            "jwks_uri": f"{provider.issuer}/jwks",
            "end_session_endpoint": f"{provider.issuer}/end",
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return right | provider.about

    @app.get("/jwks")
    def jwks() -> JSONResponse:
        return JSONResponse(KeySet(list(provider.keys)).as_dict(private=False))

    @app.get("/authorize")
    def authorize(request: Request) -> Response:
        asked = dict(request.query_params)
        code = secrets.token_urlsafe(16)
        provider.codes[code] = Code(asked, provider.subject)
        answer = {"code": code, "state": asked["state"], "iss": provider.issuer}
        answer = {k: v for k, v in (answer | provider.answered).items() if v is not None}
        back = "&".join(f"{name}={value}" for name, value in answer.items())
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    @app.post("/token")
    def token(
        request: Request,
        code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()] = "",
    ) -> Response:
        given = provider.codes.get(code)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return JSONResponse({"error": "invalid_client"}, 401)
        if given is None or given.used or not _fits(given, redirect_uri, code_verifier):
            return JSONResponse({"error": "invalid_grant"}, 400)
        given.used = True
        body = {"access_token": "at", "token_type": "Bearer", "id_token": provider.id_token(given)}
        return JSONResponse(body)

    return app


def _fits(given: Code, redirect_uri: str, verifier: str) -> bool:
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    return (
        given.asked["redirect_uri"] == redirect_uri
        and given.asked["code_challenge_method"] == "S256"
        and given.asked["code_challenge"] == hashed.rstrip(b"=").decode()
    )


@contextmanager
def running(clock: Callable[[], int]) -> Iterator[Provider]:
    """Run a log-in service until the block ends."""
    provider, port = Provider(clock), free_port()
    with served(application(provider), port) as address:
        provider.issuer = address
        yield provider
