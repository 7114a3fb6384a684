"""Passkeys of staff in a real Chromium: the whole log-in, or the second step of one."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect

from estate.database.engine import answering
from operations.access.identities import bind_homes, bind_staff, keep_facts, known_of_staff
from operations.access.record import AccessEvent
from operations.access.sessions import begin_session, visitor_of_session
from operations.access.tables import AccessRecord, Identity
from operations.log_in.links import make_link
from operations.log_in.staff import close_staff
from tests.support.chromium import PHONE, axe_findings, device, opened, wider_than_screen
from tests.support.portal_house import HOUSE, Portal, form_token

PASSKEYS = "/staff/passkeys"
MINUTES_TO_NEXT_CODE = 2


def code_of(portal: Portal, name: str) -> str:
    """Return a code that was not used before: every call is some minutes later."""
    portal.clock.wait(MINUTES_TO_NEXT_CODE)
    return portal.second_factors[name].at(portal.clock() // 1000)


def add(page: Page, site: tuple[str, Portal], name: str) -> None:
    url, portal = site
    token = begin_session(portal.serving, f"mail:{name}@staff.example", name)
    page.context.add_cookies([{"name": "fairvarme", "value": token, "url": url}])
    page.goto(url + PASSKEYS)
    page.fill("#code", code_of(portal, name))
    page.get_by_role("button", name="Add a passkey on this device").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def number_of(portal: Portal, name: str) -> int:
    return known_of_staff(portal.serving.engine, "passkey", name)[0].number


def bound(portal: Portal, name: str, proof: str) -> int:
    """Bind a passkey to an account without a device, and return its number."""
    bind_staff(portal.serving.engine, "passkey", proof, name, portal.clock(), only=False)
    return number_of(portal, name)


def own(site: tuple[str, Portal], name: str) -> TestClient:
    client = site[1].visitor(name)
    client.base_url = site[0]
    return client


@pytest.mark.integration
@pytest.mark.slow
def test_staff_logs_in_by_a_passkey_alone_until_it_is_removed(
    chromium: Browser, site: tuple[str, Portal]
) -> None:
    with device(chromium) as page:
        add(page, site, "oscar")
        assert axe_findings(page) == []
        assert wider_than_screen(page) <= 0
        page.get_by_role("button", name="Log out", exact=True).click()
        page.get_by_role("button", name="Log in with a passkey").click()
        page.wait_for_url("**/operations")
        page.get_by_role("link", name="Your passkeys").click()
        page.get_by_role("button", name="Remove it").click()
        # The session was begun with it, and ended with it.
        expect(page.get_by_role("heading", level=1)).to_have_text("Please log in")
        page.goto(f"{site[0]}/log-in")
        page.get_by_role("button", name="Log in with a passkey").click()
        expect(page.get_by_text("The log-in did not work")).to_be_visible()


@pytest.mark.integration
@pytest.mark.slow
def test_a_passkey_is_the_second_step_after_a_link(
    chromium: Browser, site: tuple[str, Portal]
) -> None:
    url, portal = site
    with device(chromium) as page:
        add(page, site, "ada")
        page.context.clear_cookies()
        page.goto(f"{url}/log-in/link/{make_link(portal.serving, 'mail:ada@staff.example').link}")
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/log-in/staff")
        assert axe_findings(page) == []
        page.get_by_role("button", name="Log in with a passkey").click()
        page.wait_for_url("**/accounts")


@pytest.mark.integration
@pytest.mark.slow
def test_an_account_has_several_and_closing_it_ends_them_all(
    chromium: Browser, site: tuple[str, Portal]
) -> None:
    url, portal = site
    with device(chromium) as page, device(chromium) as other:
        add(page, site, "olga")
        add(other, site, "olga")
        assert len(known_of_staff(portal.serving.engine, "passkey", "olga")) == 2
        close_staff(portal.serving.engine, "olga")
        for each in (page, other):
            each.context.clear_cookies()
            each.goto(f"{url}/log-in")
            each.get_by_role("button", name="Log in with a passkey").click()
            expect(each.get_by_text("The log-in did not work")).to_be_visible()
    assert known_of_staff(portal.serving.engine, "passkey", "olga") == []


@pytest.mark.integration
@pytest.mark.slow
def test_a_wrong_code_adds_no_passkey(chromium: Browser, site: tuple[str, Portal]) -> None:
    url, portal = site
    token = begin_session(portal.serving, "mail:bea@staff.example", "bea")
    with device(chromium) as page:
        page.context.add_cookies([{"name": "fairvarme", "value": token, "url": url}])
        page.goto(url + PASSKEYS)
        page.fill("#code", "000 000")
        page.get_by_role("button", name="Add a passkey on this device").click()
        expect(page.get_by_text("Wait for the next code in your app")).to_be_visible()
    assert known_of_staff(portal.serving.engine, "passkey", "bea") == []
    with answering(portal.serving.engine) as session:
        refused = {"who": "bea", "event": AccessEvent.REFUSED, "what": "second factor"}
        assert session.query(AccessRecord).filter_by(**refused).count() == 1


@pytest.mark.integration
@pytest.mark.slow
def test_without_a_script_the_second_step_offers_the_code(
    chromium: Browser, site: tuple[str, Portal]
) -> None:
    with opened(chromium, PHONE, scripts=False) as page:
        page.goto(f"{site[0]}/log-in/staff")
        expect(page.get_by_label("Code from your app")).to_be_visible()
        expect(page.get_by_role("button", name="Log in with a passkey")).to_be_hidden()


def test_a_device_is_not_asked_without_the_second_factor(site: tuple[str, Portal]) -> None:
    client = own(site, "sys")
    fields = {"form_token": form_token(client.get(PASSKEYS).text)}
    assert client.post(f"{PASSKEYS}/options", data=fields).status_code == 422
    assert client.post(f"{PASSKEYS}/options", data={**fields, "code": "1"}).status_code == 403
    fields["code"] = code_of(site[1], "sys")
    assert client.post(f"{PASSKEYS}/options", data=fields).status_code == 200
    assert client.post(f"{PASSKEYS}/options", data=fields).status_code == 403
    for credential in ("x", "[]", "{}"):
        assert client.post(PASSKEYS, data={**fields, "credential": credential}).status_code == 403


def test_a_link_without_the_second_step_opens_no_passkeys(site: tuple[str, Portal]) -> None:
    client = site[1].browser()
    client.base_url = site[0]
    client.cookies.set("fairvarme", begin_session(site[1].serving, "mail:ada@staff.example"))
    assert client.get(PASSKEYS).status_code == 403


def test_nobody_removes_a_passkey_of_another(site: tuple[str, Portal]) -> None:
    portal = site[1]
    number = bound(portal, "bea", "b" * 64)
    for name, status in (("sys", 404), ("anna", 403), ("bea", 303)):
        client = own(site, name)
        fields = {"form_token": form_token(client.get("/log-in").text)}
        answer = client.post(f"{PASSKEYS}/{number}/end", data=fields)
        assert answer.status_code == status, name


def test_a_resident_s_passkey_is_not_ended_as_staff_s(site: tuple[str, Portal]) -> None:
    portal = site[1]
    home = portal.serving.estates().homes["mail:anna@residents.example"][0]
    bind_homes(portal.serving.engine, "passkey", "c" * 64, [home], portal.clock())
    with answering(portal.serving.engine) as session:
        number = session.query(Identity.number).filter_by(proof="c" * 64).scalar()
    client = own(site, "sys")
    fields = {"form_token": form_token(client.get(PASSKEYS).text)}
    assert client.post(f"{PASSKEYS}/{number}/end", data=fields).status_code == 404
    assert client.get(f"/home/{HOUSE}/0101-1").status_code in (403, 404)


def test_removing_one_ends_the_sessions_begun_with_a_passkey_and_no_others(
    site: tuple[str, Portal],
) -> None:
    portal = site[1]
    number = bound(portal, "ada", "d" * 64)
    keep_facts(portal.serving.engine, "d" * 64, {"key": "", "count": 0}, portal.clock())
    stolen = begin_session(portal.serving, "staff:ada", "ada", "passkey")
    other = begin_session(portal.serving, "staff:sys", "sys", "passkey")
    client = own(site, "ada")
    fields = {"form_token": form_token(client.get(PASSKEYS).text)}
    assert client.post(f"{PASSKEYS}/{number}/end", data=fields).status_code == 303
    assert visitor_of_session(portal.serving, stolen) is None
    assert visitor_of_session(portal.serving, other) is not None
    assert client.get(PASSKEYS).status_code == 200
