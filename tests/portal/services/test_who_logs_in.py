"""Log-in by a service over HTTP: who is whom, and by what first."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from estate.database.engine import answering
from operations.access.limits import access_limits
from operations.access.tables import Identity
from operations.log_in.letter_codes import letter_code
from operations.log_in.oidc.invitations import invite
from operations.log_in.staff import close_staff
from tests.support.oidc_provider import Provider
from tests.support.portal_house import HOUSE, URL, Portal, form_token
from tests.support.service_visits import (
    HOME,
    at_service,
    begun,
    is_in,
    linked,
    press,
)


@pytest.mark.slow
def test_a_resident_who_linked_the_service_logs_in_by_it(portal: Portal) -> None:
    linked(portal)
    browser = portal.browser()
    answer = browser.get(begun(browser))
    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert browser.get(HOME).status_code == 200
    assert browser.get(f"/home/{HOUSE}/0102-1").status_code == 404


def test_who_linked_nothing_is_nobody_whatever_the_mail_claims(portal: Portal) -> None:
    """The id token claims Anna's mail address, verified; that opens nothing."""
    browser = portal.browser()
    answer = browser.get(begun(browser))
    assert answer.status_code == 403
    assert "Stub-ID" in answer.text
    assert not is_in(browser)


def test_a_letter_s_code_first_then_the_service(portal: Portal, eid: Provider) -> None:
    eid.subject = "sub-of-carla"
    home = f"/home/{HOUSE}/0102-2"
    code = letter_code(portal.serving.engine, HOUSE, "0102-2", "carla", portal.clock())
    browser = portal.browser()
    token = form_token(browser.get("/log-in/letter").text)
    browser.post("/log-in/letter", data={"form_token": token, "code": code})
    browser.get(at_service(press(browser, f"{home}/settings", f"{home}/settings/services/eid")))
    other = portal.browser()
    other.get(begun(other))
    assert other.get(home).status_code == 200
    assert other.get(HOME).status_code == 404


def test_two_homes_are_one_person_s_after_linking_both(portal: Portal) -> None:
    linked(portal)
    linked(portal, "dora", f"/home/{HOUSE}/0103-1")
    browser = portal.browser()
    browser.get(begun(browser))
    assert browser.get(HOME).status_code == browser.get(f"/home/{HOUSE}/0103-1").status_code == 200


def test_an_address_that_changes_hands_takes_no_service_along(portal: Portal) -> None:
    """What is linked is the person of the tenancy, not the mail address that proved it."""
    linked(portal)
    with answering(portal.serving.engine) as session:
        rows = [(each.tenancy, each.person) for each in session.scalars(select(Identity))]
    assert rows == [("0101-1", "anna")]


def test_unlinking_ends_it_and_its_sessions(portal: Portal) -> None:
    linked(portal)
    other = portal.browser()
    other.get(begun(other))
    browser = portal.resident("anna")
    token = form_token(browser.get(f"{HOME}/settings").text)
    path = f"{HOME}/settings/services/eid/end"
    assert browser.post(path, data={"form_token": token}).status_code == 303
    assert other.get(HOME).status_code == 401
    again = portal.browser()
    assert again.get(begun(again)).status_code == 403


def test_a_resident_sees_that_the_way_of_logging_in_was_changed(portal: Portal) -> None:
    linked(portal)
    page = portal.resident("anna").get(f"{HOME}/looked", headers={"accept-language": "da"}).text
    assert "måden at logge ind på" in page
    assert "+ eid" in page


def test_staff_who_acts_for_a_resident_links_nothing(portal: Portal) -> None:
    browser = portal.staff("ada")
    token = form_token(browser.get(f"/help/{HOUSE}").text)
    fields = {"form_token": token, "home": "0102-2/carla", "reason": "no phone"}
    assert browser.post(f"/help/{HOUSE}", data=fields).status_code == 303
    home = f"/home/{HOUSE}/0102-2"
    for path in (f"{home}/settings/services/eid", f"{home}/settings/services/eid/end"):
        token = form_token(browser.get(f"{home}/settings").text)
        assert browser.post(path, data={"form_token": token}).status_code == 403


def invitation(portal: Portal, name: str, service: str = "work") -> str:
    link = invite(portal.serving.engine, portal.serving.portal, name, service, portal.clock())
    return link.removeprefix(URL)


def accepted(portal: Portal, name: str, service: str = "work") -> TestClient:
    """Follow an invitation of staff to its end."""
    browser, path = portal.browser(), invitation(portal, name, service)
    answer = browser.get(at_service(press(browser, path, path)))
    assert answer.status_code == 303
    return browser


def test_staff_is_invited_and_shows_a_second_factor(portal: Portal, work: Provider) -> None:
    work.subject = "sub-of-ada"
    browser = accepted(portal, "ada")
    assert browser.get(f"/help/{HOUSE}").status_code == 403
    page = browser.get("/log-in/staff")
    code = portal.second_factors["ada"].at(portal.clock() // 1000)
    fields = {"form_token": form_token(page.text), "code": code}
    assert browser.post("/log-in/staff", data=fields).status_code == 303
    assert browser.get(f"/help/{HOUSE}").status_code == 200


@pytest.mark.slow
def test_a_service_that_asks_for_a_second_factor_needs_none_of_ours(portal: Portal) -> None:
    accepted(portal, "ada", "strict")
    browser = portal.browser()
    assert browser.get(begun(browser, "strict")).headers["location"] == "/accounts"
    assert browser.get(f"/help/{HOUSE}").status_code == 200


def test_staff_without_an_invitation_is_nobody(portal: Portal, work: Provider) -> None:
    work.claims = {"email": "ada@staff.example", "email_verified": True}
    browser = portal.browser()
    assert browser.get(begun(browser, "work")).status_code == 403


def test_an_invitation_is_looked_at_freely_and_works_once(portal: Portal) -> None:
    path = invitation(portal, "ada")
    browser = portal.browser()
    for _ in range(3):
        assert browser.get(path).status_code == 200
    back = at_service(press(browser, path, path))
    assert browser.get(back).status_code == 303
    assert portal.browser().get(path).status_code == 410


def test_an_invitation_used_meanwhile_binds_nobody(portal: Portal, work: Provider) -> None:
    """Two follow one invitation; the second to come back is refused."""
    path, one, other = invitation(portal, "ada"), portal.browser(), portal.browser()
    back_of_one = at_service(press(one, path, path))
    work.subject = "sub-of-a-thief"
    back_of_other = at_service(press(other, path, path))
    assert one.get(back_of_one).status_code == 303
    assert other.get(back_of_other).status_code == 403
    assert not is_in(other)


def test_an_invitation_is_over_after_its_days(portal: Portal) -> None:
    path = invitation(portal, "ada")
    portal.clock.wait(60 * 24 * access_limits().invitation_days + 1)
    assert portal.browser().get(path).status_code == 410


def test_a_sub_opens_one_account(portal: Portal) -> None:
    accepted(portal, "ada")
    browser, path = portal.browser(), invitation(portal, "oscar")
    assert browser.get(at_service(press(browser, path, path))).status_code == 403


def test_a_closed_account_is_opened_by_no_service(portal: Portal) -> None:
    accepted(portal, "ada", "strict")
    close_staff(portal.serving.engine, "ada")
    browser = portal.browser()
    assert browser.get(begun(browser, "strict")).status_code == 403
