"""
Shows a finished demo in the portal, on this machine, with the clock set to its month.

A log-in link is printed for everybody; it is valid for a day, and only for this demo.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from alerts.life.store import AlertStore
from correspondence.outbox.message import PDF, Attachment, Channel, Message, message_id
from correspondence.outbox.store import Outbox
from estate.errors import UsageError
from estate.files.folder import read_estate
from estate.periods import HOUR_MS, Period, day_start_ms
from fairvarme.demo.transport import SETTINGS_FILE
from operations.channel_settings import PortalSettings
from operations.log_in.links import make_link
from operations.log_in.staff import add_staff, list_staff
from operations.serving import serving
from operations.settings import read_settings
from operations.staff.figures import keep_figures, read_figures
from operations.visitors.people import person_subject
from operations.visitors.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from estate.model import Estate
    from operations.serving import Serving

SUMMARY_FILE = "summary.json"
LINK_MINUTES = 24 * 60
STAFF = (Role.ACCOUNTANT, Role.OPERATOR, Role.BOARD, Role.ADMINISTRATOR)
SHOWN_RESIDENTS = 3


class Way(NamedTuple):
    """A log-in of the demo: who, and the link."""

    who: str
    link: str


def is_finished(directory: Path, month: str, flats: int) -> bool:
    """Whether a demo of that month and size was completed in a folder."""
    if not (directory / SUMMARY_FILE).is_file():
        return False
    estate = read_estate(directory / "estate")
    return _month_of(estate) == Period.month(month) and len(estate.flats) == flats


@contextmanager
def opened_demo(directory: Path, port: int) -> Iterator[Serving]:
    """Open a finished demo until the block ends; its clock runs on from the end of its month."""
    url = f"http://127.0.0.1:{port}"
    settings = read_settings(directory / SETTINGS_FILE)
    settings = settings.model_copy(update={"portal": PortalSettings(url=url, port=port)})
    estate = read_estate(directory / "estate")
    end_ms = day_start_ms(_month_of(estate).end, estate.building.zone) - HOUR_MS
    started = time.time()

    def clock() -> int:
        return end_ms + round((time.time() - started) * 1000)

    with serving(settings, clock) as installation:
        _send_letters(directory, estate, installation)
        if not read_figures(installation.engine):
            keep_figures(settings, months=[_month_of(estate)])
        yield installation


def ways_in(installation: Serving) -> list[Way]:
    """Make a link for some residents and for each role of staff."""
    return [*_residents(installation), *_staff(installation)]


def _residents(installation: Serving) -> Iterator[Way]:
    estates = installation.estates()
    homes = [
        (person_subject(home.building, home.tenancy, home.person), home)
        for subject, found in estates.homes.items()
        for home in found
        if subject.startswith("person:")
    ]
    alarmed = _with_alerts(installation)
    homes.sort(key=lambda each: (each[1].flat not in alarmed, each[1].end is not None, each[0]))
    seen: set[str] = set()
    for subject, home in homes:
        if home.flat not in seen and len(seen) < SHOWN_RESIDENTS:
            seen.add(home.flat)
            yield Way(f"resident of {home.flat}", _link(installation, subject))
    moved = next((each for each in homes if each[1].end is not None), None)
    if moved is not None:
        yield Way(f"who moved out of {moved[1].flat}", _link(installation, moved[0]))


def _with_alerts(installation: Serving) -> set[str]:
    return {each.flat for each in AlertStore(installation.engine).list(only_open=True)}


def _staff(installation: Serving) -> Iterator[Way]:
    known = {each.name for each in list_staff(installation.engine)}
    for role in STAFF:
        mail = f"{role}@demo.example"
        if role.value not in known:
            add_staff(installation.engine, role.value, mail, [role], None, installation.clock())
        yield Way(role.value, _link(installation, f"mail:{mail}", role.value))


def _link(installation: Serving, subject: str, staff: str = "") -> str:
    asked = make_link(installation, subject, staff, minutes=LINK_MINUTES)
    return f"{installation.portal.url}/log-in/link/{asked.link}"


def _send_letters(directory: Path, estate: Estate, installation: Serving) -> None:
    """Add the run's reports to the homes' letters, as if they had been sent."""
    month = _month_of(estate)
    subject = f"Varmerapport {month.start:%Y-%m}"
    for path in sorted((directory / "reports").glob("*.pdf")):
        message = Message(
            id=message_id("report", estate.building.id, path.stem, f"{month.start:%Y-%m}"),
            channel=Channel.LETTER, kind="report", address="", subject=subject, text="",
            attachments=(Attachment(path.name, PDF, path.read_bytes()),),
            building=estate.building.id, tenancy=path.stem,
        )  # fmt: skip
        Outbox(installation.engine).put([message], installation.clock())


def _month_of(estate: Estate) -> Period:
    if not estate.costs:
        raise UsageError("the demo's estate has no costs; run the demo anew without --serve")
    return Period.month(f"{estate.costs[0].period_start:%Y-%m}")
