"""A portal that trusts two log-in services, which run over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.oidc_provider import Provider, running
from tests.support.portal_house import Clock, Portal, opened_portal


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
