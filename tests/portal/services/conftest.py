"""A portal that trusts two log-in services, which run over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.chromium import browser
from tests.support.oidc_provider import Provider, running
from tests.support.portal_house import Clock, Portal, opened_portal
from tests.support.ports import free_port
from tests.support.web_server import served


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def services(clock: Clock) -> Iterator[tuple[Provider, Provider]]:
    with running(clock) as eid, running(clock) as work:
        yield eid, work


@pytest.fixture
def eid(services: tuple[Provider, Provider]) -> Provider:
    return _as_new(services[0])


@pytest.fixture
def work(services: tuple[Provider, Provider]) -> Provider:
    return _as_new(services[1])


def _as_new(provider: Provider) -> Provider:
    provider.claims, provider.about, provider.answered = {}, {}, {}
    provider.signed, provider.subject = None, "sub-of-anna"
    provider.change_key()
    return provider


@pytest.fixture
def portal(tmp_path: Path, clock: Clock, eid: Provider, work: Provider) -> Iterator[Portal]:
    named = {
        "eid": eid.settings("residents"),
        "work": work.settings("staff"),
        "strict": work.settings("staff", second_factor=True),
    }
    with opened_portal(tmp_path, clock, oidc=named) as portal:
        yield portal


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Portal]]:
    """Serve a portal called localhost: an authenticator answers for a name, not for an address."""
    port = free_port()
    url = f"http://localhost:{port}"
    with (
        opened_portal(tmp_path_factory.mktemp("portal"), url=url) as portal,
        served(portal.app, port),
    ):
        yield url, portal
