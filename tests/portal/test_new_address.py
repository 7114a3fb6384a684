"""A resident's new address: it opens the home once it is proved; before, nobody is locked out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from operations.access.limits import access_limits
from operations.channel_settings import MailSettings
from operations.visitors.people import person_subject
from tests.support.portal_house import HOUSE, Portal, form_token, opened_portal
from tests.support.smtp import Mailboxes, smtp_server

BASE = f"/home/{HOUSE}/0101-1/settings"
ANNA, NEW = "mail:anna@residents.example", "mail:new@residents.example"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[int, Mailboxes]]:
    with smtp_server() as running:
        yield running


@pytest.fixture
def portal(tmp_path: Path, server: tuple[int, Mailboxes]) -> Iterator[Portal]:
    server[1].mails.clear()
    mail = MailSettings(host="127.0.0.1", port=server[0], sender="h@h.example", security="none")
    with opened_portal(tmp_path, mail=mail) as portal:
        yield portal


def send(browser: TestClient, path: str, **fields: str) -> int:
    token = form_token(browser.get(f"{BASE}/address").text)
    return browser.post(path, data={"form_token": token} | fields).status_code


def asked(portal: Portal, server: tuple[int, Mailboxes], browser: TestClient) -> str:
    """Ask for a new address, and return the code that was sent there."""
    assert send(browser, f"{BASE}/address", address="New@Residents.example") == 303
    to, mail = server[1].mails[-1]
    assert "new@residents.example" in to
    code = re.search(r"(\d{4} \d{4})", mail.get_content())
    assert code is not None
    return code[1]


def opens(portal: Portal, subject: str) -> set[str]:
    return {each.tenancy for each in portal.serving.estates().homes.get(subject, ())}


def test_it_opens_the_home_once_its_code_is_typed(
    portal: Portal, server: tuple[int, Mailboxes]
) -> None:
    anna = portal.resident("anna")
    code = asked(portal, server, anna)
    assert (opens(portal, ANNA), opens(portal, NEW)) == ({"0101-1"}, set())
    assert send(anna, f"{BASE}/address/code", code=code) == 303
    assert (opens(portal, ANNA), opens(portal, NEW)) == (set(), {"0101-1"})
    assert 'value="new@residents.example"' in anna.get(BASE).text
    assert portal.resident("anna").get(BASE).status_code == 403
    assert "+ mail" in anna.get(f"/home/{HOUSE}/0101-1/looked").text


def test_a_code_works_once_and_not_after_its_time(
    portal: Portal, server: tuple[int, Mailboxes]
) -> None:
    anna = portal.resident("anna")
    late = asked(portal, server, anna)
    portal.clock.wait(access_limits().link_minutes)
    assert send(anna, f"{BASE}/address/code", code=late) == 403
    code = asked(portal, server, anna)
    request = anna.cookies["fairvarme-asked"]
    assert send(anna, f"{BASE}/address/code", code=code) == 303
    anna.cookies.set("fairvarme-asked", request)
    assert send(anna, f"{BASE}/address/code", code=code) == 403


def test_a_few_wrong_codes_void_the_right_one(
    portal: Portal, server: tuple[int, Mailboxes]
) -> None:
    anna = portal.resident("anna")
    code = asked(portal, server, anna)
    wrong = ["0000 0000" if code != "0000 0000" else "0000 0001"] * access_limits().code_tries
    for each in [*wrong, code]:
        assert send(anna, f"{BASE}/address/code", code=each) == 403
    assert opens(portal, ANNA) == {"0101-1"}


def test_a_code_is_for_who_asked_alone(portal: Portal, server: tuple[int, Mailboxes]) -> None:
    anna, axel = portal.resident("anna"), portal.resident("axel")
    code = asked(portal, server, anna)
    axel.cookies.set("fairvarme-asked", anna.cookies["fairvarme-asked"])
    assert send(axel, f"{BASE}/address/code", code=code) == 403
    assert opens(portal, NEW) == set()


@pytest.mark.parametrize("address", ["x", "a@b,c@d.example", "a@b\0.example", "@", " "])
def test_what_is_no_address_is_refused(
    portal: Portal, server: tuple[int, Mailboxes], address: str
) -> None:
    assert send(portal.resident("anna"), f"{BASE}/address", address=address) == 422
    assert server[1].mails == []


def test_saving_the_settings_changes_no_address(portal: Portal) -> None:
    anna = portal.resident("anna")
    assert send(anna, BASE, language="da", mail="new@residents.example", phone="12345678") == 303
    assert (opens(portal, ANNA), opens(portal, NEW)) == ({"0101-1"}, set())
    (person,) = [
        each
        for each in portal.serving.estates().by_building[HOUSE].persons
        if each.person == "anna"
    ]
    assert (person.mail, person.phone) == ("anna@residents.example", "+4511111111")
    assert person.language == "da"


@pytest.mark.slow
def test_staff_who_helps_takes_no_address_of_a_resident(
    portal: Portal, server: tuple[int, Mailboxes]
) -> None:
    oscar = portal.staff("oscar")
    token = form_token(oscar.get(f"/help/{HOUSE}").text)
    form = {"home": "0102-2/carla", "reason": "rang about the bill", "form_token": token}
    assert oscar.post(f"/help/{HOUSE}", data=form).status_code == 303
    base = f"/home/{HOUSE}/0102-2/settings"
    page = oscar.get(base).text
    assert "/settings/address" not in page
    sent = {"form_token": form_token(page), "address": "oscar@staff.example"}
    assert oscar.post(f"{base}/address", data=sent).status_code == 403
    assert server[1].mails == []
    assert opens(portal, "mail:oscar@staff.example") == set()
    assert opens(portal, person_subject(HOUSE, "0102-2", "carla")) == {"0102-2"}


def test_where_no_code_can_be_sent_no_address_is_asked_for(tmp_path: Path) -> None:
    with opened_portal(tmp_path) as portal:
        page = portal.resident("anna").get(BASE).text
        assert "Your addresses" not in page
        assert "/settings/address" not in page
