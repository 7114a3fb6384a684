"""
A house with everybody who may visit the portal, and browsers that are logged in as each of them.

Flat 0101: Anna and Axel live there together. Flat 0102: Bent moved out on 16 January 2026 and
Carla moved in, on paper. Flat 0103: Dora, whose address is protected. Another building: Erik.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pyotp
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi.testclient import TestClient

from alerts.life.case import Case
from alerts.life.states import State
from alerts.life.store import write
from alerts.model import AlertKind
from correspondence.outbox.message import Attachment, Channel, Message
from correspondence.outbox.store import Outbox
from estate.database.engine import answering
from estate.files.writer import write_folder
from estate.model import Device, Estate, Person, Tenancy
from estate.periods import day_start_ms, local_date
from operations.access.sessions import begin_session
from operations.channel_settings import MailSettings, PortalSettings
from operations.log_in.staff import add_staff
from operations.serving import Serving, serving
from operations.settings import Settings
from operations.visitors.people import person_subject
from operations.visitors.roles import Role
from portal.app import create_app
from telemetry.readings import Reading
from tests.support.databases import place_database
from tests.support.estates import building, flat

URL = "http://127.0.0.1:8080"
NOW = datetime(2026, 2, 10, 9, tzinfo=UTC)
HOUSE, OTHER = "house", "other"
MOVED = date(2026, 1, 16)
FORM = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass
class Clock:
    """The time of day, which a test moves. [ms since 1970, UTC]"""

    now_ms: int = round(NOW.timestamp() * 1000)

    def __call__(self) -> int:
        return self.now_ms

    def wait(self, minutes: float) -> None:
        self.now_ms += round(minutes * 60_000)


def tenancy(name: str, of: str, start: date, end: date | None = None, **more: str) -> Tenancy:
    row = {"tenancy": name, "flat": of, "start": start, "end": end, "delivery": "digital"}
    return Tenancy.model_validate(row | more)


def person(of: str, name: str, **more: object) -> Person:
    row = {"tenancy": of, "person": name, "name": f"Name of {name}"}
    if "delivery" not in more:
        row["mail"] = f"{name}@residents.example"
    return Person.model_validate(row | more)


def device(name: str, kind: str, of: str) -> Device:
    return Device.model_validate(
        {"device": name, "kind": kind, "flat": of, "start": date(2020, 1, 1)}
    )


def house() -> Estate:
    start = date(2021, 3, 1)
    return Estate(
        building(id=HOUSE, contacts=[{"topic": "skimmel", "phone": "00 00 00 00"}]),
        flats=tuple(flat(each) for each in ("0101", "0102", "0103")),
        tenancies=(
            tenancy("0101-1", "0101", start),
            tenancy("0102-1", "0102", start, MOVED),
            tenancy("0102-2", "0102", MOVED, delivery="paper"),
            tenancy("0103-1", "0103", start),
        ),
        persons=(
            person("0101-1", "anna", phone="+4511111111"),
            person("0101-1", "axel"),
            person("0102-1", "bent"),
            Person(tenancy="0102-2", person="carla", name="Name of carla"),
            person("0103-1", "dora", protected=True),
        ),
        devices=tuple(
            device(f"{kind}-{of}", kind, of)
            for of in ("0101", "0102", "0103")
            for kind in ("climate", "heat", "hot_water")
        ),
    )


def other_house() -> Estate:
    return Estate(
        building(id=OTHER),
        flats=(flat("0201"),),
        tenancies=(tenancy("0201-1", "0201", date(2021, 3, 1)),),
        persons=(person("0201-1", "erik"),),
        devices=tuple(device(f"{kind}-0201", kind, "0201") for kind in ("climate", "heat")),
    )


STAFF = {
    "ada": ((Role.ACCOUNTANT,), (HOUSE,)),
    "oscar": ((Role.OPERATOR,), (HOUSE,)),
    "bea": ((Role.BOARD,), (HOUSE,)),
    "sys": ((Role.ADMINISTRATOR,), None),
    "olga": ((Role.OPERATOR, Role.ACCOUNTANT, Role.BOARD), (OTHER,)),
}
"""Staff accounts: their roles and buildings; of olga those of another building."""


class Portal:
    """The portal of the house, which tests visit."""

    def __init__(self, serving: Serving, clock: Clock, loop: BlockingPortal) -> None:
        self.serving = serving
        self.clock = clock
        self.loop = loop
        self.app = create_app(serving)
        self.second_factors: dict[str, pyotp.TOTP] = {}
        for name, (roles, buildings) in STAFF.items():
            address = add_staff(
                serving.engine, name, f"{name}@staff.example", roles, buildings, clock()
            )
            factor = pyotp.parse_uri(address)
            assert isinstance(factor, pyotp.TOTP)
            self.second_factors[name] = factor

    def browser(self) -> TestClient:
        """Return a browser that nobody has logged in with."""
        browser = TestClient(self.app, base_url=URL, follow_redirects=False)
        # Else it starts an event loop and a thread for each request, which takes most of its time.
        browser.portal = self.loop
        return browser

    def resident(self, name: str) -> TestClient:
        """Return the browser of a resident who is logged in."""
        subject = f"mail:{name}@residents.example"
        if name == "carla":
            subject = person_subject(HOUSE, "0102-2", "carla")
        return self._logged_in(begin_session(self.serving, subject))

    def staff(self, name: str) -> TestClient:
        """Return the browser of staff who showed their second factor."""
        return self._logged_in(begin_session(self.serving, f"mail:{name}@staff.example", name))

    def visitor(self, name: str) -> TestClient:
        """Return anybody's browser; of ``nobody`` one without a log-in."""
        if name == "nobody":
            return self.browser()
        return self.staff(name) if name in STAFF else self.resident(name)

    def _logged_in(self, token: str) -> TestClient:
        browser = self.browser()
        browser.cookies.set("fairvarme", token)
        return browser


def settings_of(directory: Path, *estates: Estate, url: str = URL) -> Settings:
    """Return the settings of an installation in a folder, with estates written there."""
    for each in estates:
        write_folder(directory / each.building.id, each)
    return Settings.model_validate(
        {
            "store": f"sqlite:///{directory}/readings.db",
            "database": place_database(directory / "fairvarme.db"),
            "estates": [directory / each.building.id for each in estates],
            "portal": {"url": url},
        }
    )


@contextmanager
def opened_portal(
    directory: Path,
    clock: Clock | None = None,
    url: str = URL,
    mail: MailSettings | None = None,
    oidc: Mapping[str, Mapping[str, object]] | None = None,
) -> Iterator[Portal]:
    """Open the portal of the house and the other one until the block ends."""
    clock = clock or Clock()
    settings = settings_of(directory, house(), other_house(), url=url)
    named = PortalSettings.model_validate({"url": url, "oidc": oidc or {}})
    settings = settings.model_copy(update={"mail": mail, "portal": named})
    with serving(settings, clock) as open_house, start_blocking_portal() as loop:
        yield Portal(open_house, clock, loop)


AIR = {"0101-1": 20.11, "0102-1": 21.22, "0102-2": 22.33, "0103-1": 23.44, "0201-1": 24.55}
"""Temperature of each tenancy's days, by which a page of another's is known. [°C]"""


def live_in(portal: Portal) -> None:
    """Let every tenancy have its readings, a letter ``letter-…`` and an alert ``alert-…``."""
    for estate in portal.serving.estates().by_building.values():
        with portal.serving.store() as store:
            store.write(list(readings(estate)))
        for each in estate.tenancies:
            _write_letter(portal, estate, each)
            _write_alert(portal, estate, each)


def readings(estate: Estate) -> Iterator[Reading]:
    """Yield the readings of a building's homes from New Year to the clock of the tests."""
    day_ms, start_ms = 86_400_000, round(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)
    for number, time_ms in enumerate(range(start_ms, round(NOW.timestamp() * 1000), day_ms // 24)):
        day = local_date(time_ms, estate.building.zone)
        for each in estate.tenancies:
            if each.start <= day and (each.end is None or day < each.end):
                values = {
                    ("climate", "temperature_c"): AIR[each.tenancy] + number % 5 * 0.3,
                    ("climate", "humidity_pct"): 45.0 + number % 7,
                    ("climate", "co2_ppm"): 600.0 + number % 9 * 40,
                    ("heat", "heat_kwh"): number * 0.5,
                    ("hot_water", "hot_water_m3"): number * 0.005,
                }
                for (kind, quantity), value in values.items():
                    name = f"{kind}-{each.flat}"
                    if any(device.device == name for device in estate.devices):
                        yield Reading(
                            estate.building.id, name, quantity, time_ms, value, 0, time_ms
                        )


def _write_letter(portal: Portal, estate: Estate, of: Tenancy) -> None:
    message = Message(
        id=f"letter-{of.tenancy}", channel=Channel.LETTER, kind="report", address="",
        subject=f"Subject of {of.tenancy}", text="", building=estate.building.id,
        tenancy=of.tenancy,
        attachments=(Attachment("r.pdf", "application/pdf", b"%PDF-1.7 " + of.tenancy.encode()),),
    )  # fmt: skip
    when = date(2026, 1, 10) if of.end else date(2026, 2, 2)
    Outbox(portal.serving.engine).put([message], day_start_ms(when, estate.building.zone))


def _write_alert(portal: Portal, estate: Estate, of: Tenancy) -> None:
    start = date(2026, 1, 5) if of.end else date(2026, 2, 3)
    start_ms = day_start_ms(start, estate.building.zone)
    case = Case(
        id=f"alert-{of.tenancy}", building=estate.building.id, flat=of.flat, kind=AlertKind.LEAK,
        device=f"hot_water-{of.flat}", tenancy=of.tenancy, start_ms=start_ms,
        end_ms=start_ms + 7_200_000, raised_ms=start_ms, found_ms=start_ms, changed_ms=start_ms,
        state=State.SENT,
    )  # fmt: skip
    with answering(portal.serving.engine) as session:
        write(session, [case], [])


def form_token(page: str) -> str:
    """Return the token that a page's forms carry."""
    found = FORM.search(page)
    assert found is not None
    return found[1]
