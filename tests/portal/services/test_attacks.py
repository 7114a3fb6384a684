"""Log-in by a service, attacked on the way: replay, theft, mix-up, fixation, redirects."""

from __future__ import annotations

from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from sqlalchemy import select, text

from estate.database.engine import answering
from operations.access.limits import access_limits
from operations.access.tables import AccessToken, Identity, LoginSession
from operations.channel_settings import OidcSettings
from tests.support.oidc_provider import Provider
from tests.support.portal_house import URL, Portal, form_token
from tests.support.service_visits import (
    BACK,
    HOME,
    at_service,
    begun,
    is_in,
    linked,
    press,
    refusals,
)


@pytest.mark.slow
def test_a_state_is_used_once(portal: Portal) -> None:
    linked(portal)
    browser = portal.browser()
    back = begun(browser)
    cookie = browser.cookies["fairvarme-service"]
    assert browser.get(back).status_code == 303
    again = portal.browser()
    again.cookies.set("fairvarme-service", cookie)
    assert again.get(back).status_code == 403
    assert "the state was used, or is over" in refusals(portal)


def test_a_code_is_used_once(portal: Portal, eid: Provider) -> None:
    linked(portal)
    browser = portal.browser()
    first = begun(browser)
    browser.get(first)
    thief = portal.browser()
    replayed = {**dict(parse_qsl(urlsplit(begun(thief)).query))}
    replayed["code"] = parse_qs(urlsplit(first).query)["code"][0]
    assert thief.get(BACK, params=replayed).status_code == 403
    assert not is_in(thief)
    assert "no token for the code (invalid_grant)" in refusals(portal)


def test_an_answer_in_another_browser_logs_nobody_in(portal: Portal) -> None:
    """Neither the thief of an answer, nor the victim to whom somebody else's is sent."""
    linked(portal)
    browser, victim = portal.browser(), portal.browser()
    back = begun(browser)
    assert portal.browser().get(back).status_code == 403
    begun(victim)
    assert victim.get(back).status_code == 403
    assert not is_in(victim)
    assert browser.get(back).status_code == 303


def test_a_log_in_that_takes_too_long_is_over(portal: Portal) -> None:
    linked(portal)
    browser = portal.browser()
    back = begun(browser)
    portal.clock.wait(access_limits().service_minutes + 1)
    assert browser.get(back).status_code == 403


def test_an_answer_for_another_service_is_refused(portal: Portal) -> None:
    """Mix-up: the answer of one service at the address of another."""
    linked(portal)
    browser = portal.browser()
    back = begun(browser)
    assert browser.get(back.replace("/eid/", "/work/")).status_code == 403
    assert "the state is of another service" in refusals(portal)


@pytest.mark.slow
@pytest.mark.parametrize("named", ["https://evil.example", None])
def test_an_answer_of_another_issuer_is_refused(
    portal: Portal, eid: Provider, named: str | None
) -> None:
    """RFC 9207: an answer that names another issuer, or none where it was promised."""
    eid.about = {"authorization_response_iss_parameter_supported": True}
    linked(portal)
    eid.answered = {"iss": named}
    browser = portal.browser()
    assert browser.get(begun(browser)).status_code == 403
    assert "the answer is of another issuer" in refusals(portal)


def test_a_service_that_names_no_issuer_and_promised_none_is_fine(
    portal: Portal, eid: Provider
) -> None:
    eid.answered = {"iss": None}
    linked(portal)


@pytest.mark.slow
@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_log_in_leads_to_no_other_site(portal: Portal, to: str) -> None:
    linked(portal)
    for fields in ({"to": to}, {}):
        browser = portal.browser()
        shown = browser.get("/log-in", params={"next": to}).text
        assert "evil" not in shown
        assert "javascript:" not in shown
        assert browser.get(begun(browser, **fields)).headers["location"] == "/home"


def test_a_log_in_leads_to_the_page_that_was_wanted(portal: Portal) -> None:
    linked(portal)
    browser = portal.browser()
    page = browser.get("/log-in", params={"next": f"{HOME}/alerts"}).text
    assert f'name="to" value="{HOME}/alerts"' in page
    assert browser.get(begun(browser, to=f"{HOME}/alerts")).headers["location"] == f"{HOME}/alerts"


def test_who_breaks_off_at_the_service_is_told_so(portal: Portal, eid: Provider) -> None:
    eid.answered = {"error": "access_denied", "code": None}
    browser = portal.browser()
    answer = browser.get(begun(browser), headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert "The log-in did not work" in answer.text


def test_a_link_that_somebody_else_began_binds_nothing(portal: Portal) -> None:
    """The session changed between the button and the answer."""
    browser = portal.resident("anna")
    back = at_service(press(browser, f"{HOME}/settings", f"{HOME}/settings/services/eid"))
    browser.cookies.set("fairvarme", portal.resident("erik").cookies["fairvarme"])
    assert browser.get(back).status_code == 403
    with answering(portal.serving.engine) as session:
        assert list(session.scalars(select(Identity))) == []


def test_linking_asks_at_the_service_who_it_is(portal: Portal) -> None:
    """Else whoever is still logged in there, on a shared computer, would be linked."""
    browser = portal.resident("anna")
    address = press(browser, f"{HOME}/settings", f"{HOME}/settings/services/eid")
    assert parse_qs(urlsplit(address).query)["prompt"] == ["login"]


def test_log_out_leads_on_to_the_log_out_of_the_service(portal: Portal, eid: Provider) -> None:
    linked(portal)
    browser = portal.browser()
    browser.get(begun(browser))
    address = press(browser, f"{HOME}/settings", "/log-out")
    assert address.startswith(f"{eid.issuer}/end?")
    asked = parse_qs(urlsplit(address).query)
    assert asked == {"client_id": ["fairvarme"], "post_logout_redirect_uri": [f"{URL}/log-in"]}
    assert browser.get(HOME).status_code == 401


def test_a_service_that_nobody_named_does_not_exist(portal: Portal) -> None:
    browser = portal.browser()
    token = form_token(browser.get("/log-in").text)
    assert browser.post("/log-in/with/other", data={"form_token": token}).status_code == 404
    assert browser.get("/log-in/with/other/back").status_code == 404


@pytest.mark.slow
def test_services_are_not_asked_without_end(portal: Portal) -> None:
    browser = portal.browser()
    token = form_token(browser.get("/log-in").text)
    most = access_limits().windows["service_of_visitor"].most
    answers = [
        browser.post("/log-in/with/eid", data={"form_token": token}).status_code
        for _ in range(most + 3)
    ]
    assert answers == [200] * most + [429] * 3


@pytest.mark.slow
def test_what_is_kept_of_a_log_in_logs_nobody_in(portal: Portal) -> None:
    """Neither state, nonce and verifier of one under way, nor the ``sub``."""
    linked(portal)
    browser = portal.browser()
    address = press(browser, "/log-in", "/log-in/with/eid")
    asked = parse_qs(urlsplit(address).query)
    secrets = [asked["state"][0], asked["nonce"][0], browser.cookies["fairvarme-service"]]
    tables = (LoginSession, AccessToken, Identity)
    with portal.serving.engine.connect() as connection:
        kept = " ".join(
            str(row)
            for table in tables
            for row in connection.execute(text(f"SELECT * FROM {table.__tablename__}"))  # noqa: S608
        )
    assert not [each for each in (*secrets, "sub-of-anna") if each in kept]


def test_a_foisted_session_is_not_used(portal: Portal) -> None:
    linked(portal)
    browser = portal.browser()
    foisted = portal.resident("erik").cookies["fairvarme"]
    browser.cookies.set("fairvarme", foisted)
    answer = browser.get(begun(browser))
    assert answer.cookies["fairvarme"] != foisted
    old = portal.browser()
    old.cookies.set("fairvarme", foisted)
    assert old.get("/home").status_code == 401


def test_an_issuer_elsewhere_is_encrypted() -> None:
    with pytest.raises(ValueError, match="https://"):
        OidcSettings.model_validate(
            {
                "title": "x", "who": "staff", "issuer": "http://id.example", "client_id": "x",
                "client_secret": "x",
            }
        )  # fmt: skip
