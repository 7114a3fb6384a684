"""Settings of a person: language, channels, paper, a goal and limits, and climate for a case."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from correspondence.catalogue import languages
from estate.periods import DAY_MS
from operations.access.identities import known_by
from operations.access.limits import access_limits
from operations.access.sessions import end_sessions
from operations.channel_settings import PASSKEY
from operations.wishes.store import LINK, Wish, write_wish
from portal.http.problems import Problem
from portal.pages.resident.home import AtHome

if TYPE_CHECKING:
    from estate.model import Person

router = APIRouter(include_in_schema=False)
CHANNELS = ("", "mail", "sms", "letter", "none")
MOST = 1_000_000.0
Short = Annotated[str, Form(max_length=320)]


@router.get("/home/{building}/{tenancy}/settings")
def show_settings(at: AtHome, saved: int = 0) -> Response:
    """Show a person's wishes."""
    person = next(
        each
        for each in at.estate.persons
        if (each.tenancy, each.person) == (at.home.tenancy, at.home.person)
    )
    known = known_by(at.serving.engine, at.home)
    return at.page(
        "settings.html", wish=at.wish, saved=bool(saved), channels=CHANNELS,
        case_is_open=at.case_is_open, case_days=access_limits().case_days,
        ways={each.way for each in known},
        services=at.serving.portal.services("residents"),
        passkeys=[each for each in known if each.way == PASSKEY], addresses=_addresses(at, person),
    )  # fmt: skip


@router.post("/home/{building}/{tenancy}/settings")
def save_settings(
    at: AtHome,
    language: Short = "",
    channels: Short = "",
    paper: Short = "",
    pdf: Short = "",
    goal_kwh: Short = "",
    day_limit_kwh: Short = "",
    day_limit_l: Short = "",
) -> Response:
    """Store a person's wishes."""
    if language not in ("", *languages()) or channels not in CHANNELS or pdf not in ("", LINK):
        raise Problem(422, "input")
    wish = replace(
        at.wish,
        language=language,
        channels=channels,
        paper={"yes": True, "no": False}.get(paper),
        pdf=pdf,
        goal_kwh=_number(goal_kwh),
        day_limit_kwh=_number(day_limit_kwh),
        day_limit_l=_number(day_limit_l),
    )
    return _keep(at, wish)


@router.post("/home/{building}/{tenancy}/settings/case")
def open_case(at: AtHome, opened: Annotated[str, Form()] = "") -> Response:
    """Let staff see the home's climate for some days, or stop; staff may not do so themselves."""
    at.only_themselves()
    until_ms = at.serving.clock() + access_limits().case_days * DAY_MS if opened == "yes" else None
    return _keep(at, replace(at.wish, case_until_ms=until_ms))


@router.post("/home/{building}/{tenancy}/settings/log-out")
def log_out_everywhere(at: AtHome) -> Response:
    """End every session of a person, on all devices."""
    at.only_themselves()
    end_sessions(at.serving, at.visitor)
    return RedirectResponse("/log-in", 303)


def _keep(at: AtHome, wish: Wish) -> Response:
    key = at.home.building, at.home.tenancy, at.home.person
    write_wish(at.serving.engine, key, wish, at.serving.clock())
    at.serving.look_again()
    return RedirectResponse(f"{at.base}/settings?saved=1", 303)


def _addresses(at: AtHome, person: Person) -> list[tuple[str, str, str | None, str]]:
    """Return the fields of new addresses to which a code can be sent."""
    there = at.serving.settings
    mail = [("mail", "email", person.mail, "email")] if there.mail else []
    return mail + ([("phone", "tel", person.phone, "tel")] if there.sms else [])


def _number(text: str) -> float | None:
    """Return a number as people write it; None for an empty field."""
    plain = text.replace(" ", "").replace(",", ".")
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError as error:
        raise Problem(422, "input") from error
    if not 0 < value <= MOST:
        raise Problem(422, "input")
    return value
