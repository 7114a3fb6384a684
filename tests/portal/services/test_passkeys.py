"""
Passkeys in a real Chromium with an authenticator of its own, and what is no passkey.

An authenticator answers for a name and not for an address: the portal is called localhost here.
"""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from estate.database.engine import answering
from operations.access.sessions import begin_session
from operations.access.tables import AccessRecord, Identity
from tests.support.chromium import (
    PHONE,
    axe_findings,
    device,
    opened,
    wider_than_screen,
)
from tests.support.portal_house import HOUSE, Portal, form_token
from tests.support.service_visits import HOME

ANNA = "mail:anna@residents.example"


def log_in(page: Page, site: tuple[str, Portal], subject: str = ANNA) -> None:
    token = begin_session(site[1].serving, subject)
    page.context.add_cookies([{"name": "fairvarme", "value": token, "url": site[0]}])


def add(page: Page, site: tuple[str, Portal]) -> None:
    page.goto(f"{site[0]}{HOME}/settings")
    page.get_by_role("button", name="Add a passkey on this device").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def refusals(portal: Portal) -> list[str]:
    query = select(AccessRecord.reason).where(AccessRecord.what == "log-in by passkey")
    with answering(portal.serving.engine) as session:
        return list(session.scalars(query))


@pytest.mark.integration
@pytest.mark.slow
def test_a_passkey_is_added_logs_in_and_is_removed(
    chromium: Browser, site: tuple[str, Portal]
) -> None:
    with device(chromium) as page:
        log_in(page, site)
        add(page, site)
        assert axe_findings(page) == []
        assert wider_than_screen(page) <= 0
        page.get_by_role("button", name="Log out", exact=True).click()
        page.get_by_role("button", name="Log in with a passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your home today")
        page.goto(f"{site[0]}{HOME}/settings")
        page.get_by_role("button", name="Remove it").click()
        # What came by it ends with it.
        page.goto(f"{site[0]}/log-in")
        page.get_by_role("button", name="Log in with a passkey").click()
        expect(page.get_by_text("The log-in did not work")).to_be_visible()
    assert refusals(site[1])[-1] == "it is not known"


@pytest.mark.integration
@pytest.mark.slow
def test_a_passkey_opens_its_own_homes_alone(chromium: Browser, site: tuple[str, Portal]) -> None:
    with device(chromium) as page:
        log_in(page, site)
        add(page, site)
        page.context.clear_cookies()
        page.goto(f"{site[0]}/log-in")
        page.get_by_role("button", name="Log in with a passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your home today")
        answer = page.goto(f"{site[0]}/home/{HOUSE}/0102-1")
        assert answer is not None
        assert answer.status == 404


@pytest.mark.integration
@pytest.mark.slow
def test_a_device_that_does_not_ask_who_it_is_adds_nothing(
    chromium: Browser, site: tuple[str, Portal]
) -> None:
    with device(chromium, verifies=False) as page:
        log_in(page, site)
        page.goto(f"{site[0]}{HOME}/settings")
        page.get_by_role("button", name="Add a passkey on this device").click()
        expect(page.get_by_text("It did not work.")).to_be_visible()


@pytest.mark.integration
@pytest.mark.slow
def test_without_a_script_the_page_offers_what_works(
    chromium: Browser, site: tuple[str, Portal]
) -> None:
    with opened(chromium, PHONE, scripts=False) as page:
        page.goto(f"{site[0]}/log-in")
        expect(page.get_by_role("button", name="Send me a link")).to_be_visible()
        expect(page.get_by_role("button", name="Log in with a passkey")).to_be_hidden()


@pytest.mark.integration
@pytest.mark.slow
def test_an_answer_works_once_and_in_its_own_browser(
    chromium: Browser, site: tuple[str, Portal]
) -> None:
    """The answer of a device, taken on the way, is sent again by somebody else."""
    taken: list[dict[str, str]] = []
    with device(chromium) as page:
        log_in(page, site)
        add(page, site)
        page.get_by_role("button", name="Log out", exact=True).click()
        page.on(
            "request",
            lambda request: (
                taken.append({"body": request.post_data or "", **request.headers})
                if request.url.endswith("/log-in/passkey")
                else None
            ),
        )
        page.get_by_role("button", name="Log in with a passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your home today")
    thief = site[1].browser()
    thief.base_url = site[0]
    from urllib.parse import parse_qs

    credential = parse_qs(taken[-1]["body"])["credential"][0]
    token = form_token(thief.get("/log-in").text)
    fields = {"form_token": token, "credential": credential}
    assert thief.post("/log-in/passkey", data=fields).status_code == 403
    assert thief.post("/log-in/passkey/options", data=fields).status_code == 200
    assert thief.post("/log-in/passkey", data=fields).status_code == 403
    assert refusals(site[1])[-2:] == [
        "its challenge was used, or is over", "InvalidAuthenticationResponse",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("credential", ["", "x", "[]", "{}", json.dumps({"id": "x" * 99})])
def test_what_is_no_passkey_is_refused(site: tuple[str, Portal], credential: str) -> None:
    client = site[1].browser()
    client.base_url = site[0]
    token = form_token(client.get("/log-in").text)
    fields = {"form_token": token, "credential": credential}
    assert client.post("/log-in/passkey/options", data=fields).status_code == 200
    assert client.post("/log-in/passkey", data=fields).status_code in (403, 422)
    own = site[1].resident("anna")
    own.base_url = site[0]
    token = form_token(own.get(f"{HOME}/settings").text)
    fields["form_token"] = token
    assert own.post(f"{HOME}/settings/passkeys/options", data=fields).status_code == 200
    assert own.post(f"{HOME}/settings/passkeys", data=fields).status_code in (403, 422)


def test_nobody_removes_a_passkey_of_another(site: tuple[str, Portal]) -> None:
    own = {"way": "passkey", "proof": "a" * 64, "staff": "", "building": HOUSE, "facts": {"x": 1}}
    with answering(site[1].serving.engine) as session:
        row = Identity(**own, tenancy="0101-1", person="axel", made_ms=1, used_ms=1)
        session.add(row)
        session.flush()
        number = row.number
    for name, status in (("anna", 404), ("axel", 303)):
        client = site[1].resident(name)
        client.base_url = site[0]
        token = form_token(client.get(f"{HOME}/settings").text)
        path = f"{HOME}/settings/passkeys/{number}/end"
        assert client.post(path, data={"form_token": token}).status_code == status
