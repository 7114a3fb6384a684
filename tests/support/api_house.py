"""The portal of a house whose estates are in the database, as a program uses it by its token."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import FastAPI
from fastapi.testclient import TestClient

from alerts.life.case import Case
from alerts.life.store import AlertStore
from alerts.model import AlertKind
from estate.model import Estate
from estate.periods import Period
from operations.access.limits import access_limits
from operations.accounts.preview import Asked, make_draft
from operations.estates import import_estate
from operations.ledger.approval import approve
from operations.serving import Serving, serving
from operations.settings import Settings
from operations.tokens.scopes import Scope
from operations.tokens.store import Tokens
from portal.app import create_app
from tests.support.databases import place_database
from tests.support.portal_house import URL, Clock
from tests.support.portfolio import portfolio

HOUSE, OTHER = "house-000", "house-001"
NOW_MS = round(datetime(2026, 3, 10, 9, tzinfo=UTC).timestamp() * 1000)
YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
LANDLORD = tuple(each for each in Scope if each is not Scope.READINGS_READ)


@dataclass
class Api:
    """The API of an installation with one approved bill and two alerts."""

    serving: Serving
    app: FastAPI
    estate: Estate

    def program(
        self, *scopes: Scope, buildings: Collection[str] = (), tenancy: str = ""
    ) -> TestClient:
        """Return a program with a token for some scopes, all of a landlord's by default."""
        made = Tokens(self.serving.engine).add(
            "test", scopes or LANDLORD, "sys", NOW_MS, buildings=buildings, tenancy=tenancy
        )
        return self.client(made.secret)

    def client(self, secret: str | None = None) -> TestClient:
        """Return a program that sends a token, or none."""
        headers = {"authorization": f"Bearer {secret}"} if secret else {}
        return TestClient(self.app, base_url=URL, headers=headers, follow_redirects=False)


def settings_in(directory: Path) -> Settings:
    """Return the settings of an installation whose estates are in its database."""
    return Settings.model_validate(
        {
            "store": f"sqlite:///{directory}/readings.db",
            "database": f"sqlite:///{directory}/fairvarme.db",
            "estates": "database",
            "portal": {"url": URL},
        }
    )


@cache
def approved_bill() -> Mapping[str, bytes]:
    """Return the files of an installation with one approved bill by their names."""
    with TemporaryDirectory() as name:
        there, settings = portfolio(Path(name), 2), settings_in(Path(name))
        place_database(Path(name) / "fairvarme.db")
        for each in there.names:
            import_estate(settings, there.estate(each), "sys")
        draft = make_draft(settings, Asked(HOUSE, YEAR, issued=date(2026, 3, 1)), "ada")
        approve(settings, draft, "ada")
        return {path.name: path.read_bytes() for path in Path(name).glob("*.db")}


@contextmanager
def opened_api(directory: Path) -> Iterator[Api]:
    """Open the API until the block ends."""
    for name, content in approved_bill().items():
        (directory / name).write_bytes(content)
    with serving(settings_in(directory), Clock(NOW_MS)) as opened:
        estate = opened.estates().by_building[HOUSE]
        cases = [a_case(HOUSE, estate, AlertKind.LEAK), a_case(HOUSE, estate, AlertKind.MOULD_RISK)]
        AlertStore(opened.engine).update(HOUSE, lambda _: (cases, []))
        yield Api(opened, create_app(opened), estate)


def a_case(building: str, estate: Estate, kind: AlertKind) -> Case:
    """Return an alert of a building's first home."""
    home = estate.tenancies[0]
    return Case(
        hashlib.sha256(kind.encode()).hexdigest()[:12], building, home.flat, kind, "", home.tenancy,
        NOW_MS - 7_200_000, NOW_MS, NOW_MS, NOW_MS, NOW_MS,
        evidence={"flow_l_per_h": 12.5, "temperature_c": 14.0},
    )  # fmt: skip


def tries_of_tokens() -> int:
    """Return how often a wrong token may be tried."""
    return access_limits().windows["token_of_visitor"].most
