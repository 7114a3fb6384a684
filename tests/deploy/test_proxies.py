"""The portal behind a real nginx with the shipped configuration."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from portal.app import create_app
from tests.support.ingest_parts import wait_until
from tests.support.portal_house import FORM, opened_portal
from tests.support.ports import free_port

CONFIGURATION = Path(__file__).parents[2] / "deploy/nginx/fairvarme.conf"
NAME = "fairvarme.example"
SPOOFED = "203.0.113.9"
AROUND = """\
pid {directory}/nginx.pid;
error_log {directory}/error.log;
daemon off;
events {{}}
http {{
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
{configuration}
}}
"""


@dataclass
class Site:
    """
    The portal, as a visitor finds it.

    Attributes
    ----------
    plain, encrypted : httpx2.Client
        By HTTP and HTTPS.
    visitors : list of str
        Addresses that the portal took its visitors to have.
    """

    plain: httpx2.Client
    encrypted: httpx2.Client
    visitors: list[str] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """Ask by HTTPS."""
        return self.encrypted.get(path, headers=headers, extensions={"sni_hostname": NAME})


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    nginx = find_nginx()
    http, https, port = free_port(), free_port(), free_port()
    trust = ssl.create_default_context(cafile=make_certificate(tmp_path))
    visitors: list[str] = []
    with (
        opened_portal(tmp_path, url=f"https://{NAME}") as portal,
        served(noting(create_app(portal.serving), visitors), port),
        proxied(nginx, tmp_path, configured(tmp_path, http, https, port)),
        httpx2.Client(base_url=f"http://127.0.0.1:{http}", headers={"Host": NAME}) as plain,
        httpx2.Client(
            base_url=f"https://127.0.0.1:{https}",
            headers={"Host": NAME},
            verify=trust,
        ) as encrypted,
    ):
        wait_until(lambda: is_open(plain), 30)
        yield Site(plain, encrypted, visitors)


def find_nginx() -> str:
    """Find nginx; skip the test where it is absent, fail in CI."""
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        reason = "nginx is not installed (`make servers` brings it)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return program


def make_certificate(directory: Path) -> Path:
    """Make a certificate of the name, which is its own authority."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
         "-keyout", directory / "privkey.pem", "-out", directory / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return directory / "fullchain.pem"


def configured(directory: Path, http: int, https: int, port: int) -> str:
    """Return the shipped configuration with this test's ports and files."""
    text = CONFIGURATION.read_text()
    for shipped, own in (
        ("listen [::]:80;", ""),
        ("listen [::]:443 ssl;", ""),
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{https} ssl;"),
        ("/etc/ssl/fairvarme", str(directory)),
        ("127.0.0.1:8080", f"127.0.0.1:{port}"),
    ):
        assert shipped in text
        text = text.replace(shipped, own)
    return text


@contextmanager
def proxied(nginx: str, directory: Path, configuration: str) -> Iterator[None]:
    around = directory / "nginx.conf"
    around.write_text(AROUND.format(directory=directory, configuration=configuration))
    log = directory / "error.log"
    process = subprocess.Popen([nginx, "-p", directory, "-c", around, "-e", log])
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def served(app: ASGIApp, port: int) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started, 30)
        yield
    finally:
        server.should_exit = True
        thread.join(30)


def noting(app: ASGIApp, visitors: list[str]) -> ASGIApp:
    """Note the address that a request comes from, as the portal is told."""

    async def ask(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            visitors.append(scope["client"][0])
        await app(scope, receive, send)

    return ask


def is_open(client: httpx2.Client) -> bool:
    try:
        client.get("/")
    except httpx2.TransportError:
        return False
    return True


@pytest.mark.integration
def test_visitors_by_http_are_sent_to_https(site: Site) -> None:
    answer = site.plain.get("/home?month=2026-01", follow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["location"] == f"https://{NAME}/home?month=2026-01"


@pytest.mark.integration
def test_log_in_begins_through_the_proxy(site: Site) -> None:
    page = site.get("/log-in")
    token = FORM.search(page.text)
    assert token is not None
    answer = site.encrypted.post(
        "/log-in",
        data={"form_token": token[1], "address": "anna@residents.example"},
        headers={"Origin": f"https://{NAME}"},
        extensions={"sni_hostname": NAME},
        follow_redirects=False,
    )
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
    assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.integration
def test_visitor_does_not_choose_their_address(site: Site) -> None:
    site.get("/log-in", **{"X-Forwarded-For": SPOOFED})
    assert set(site.visitors) == {"127.0.0.1"}


@pytest.mark.integration
def test_who_asks_for_the_log_in_again_and_again_must_wait(site: Site) -> None:
    answers = [site.get("/log-in").status_code for _ in range(30)]
    assert answers[:20] == [200] * 20
    assert answers[-1] == 429


@pytest.mark.integration
def test_only_files_without_a_secret_are_compressed(site: Site) -> None:
    zipped = {"Accept-Encoding": "gzip"}
    assert "content-encoding" not in site.get("/log-in", **zipped).headers
    assert site.get("/static/portal.css", **zipped).headers["content-encoding"] == "gzip"
