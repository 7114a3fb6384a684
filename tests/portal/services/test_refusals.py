"""What is refused again and again is counted by customer, and recorded up to a limit."""

from __future__ import annotations

import logging

import pytest
from fastapi.testclient import TestClient

from operations.access.limits import access_limits
from operations.channel_settings import MailSettings
from operations.log_in.links import Asked
from operations.log_in.post import send_log_in
from tests.support.portal_house import URL, Portal, form_token
from tests.support.service_visits import BACK, refusals
from tests.support.smtp import smtp_server

MOST = access_limits().windows["refusal_of_visitor"].most
TRIES = MOST + 5


def test_a_robot_does_not_fill_the_record_with_passkeys(portal: Portal) -> None:
    browser = portal.browser()
    fields = {"form_token": form_token(browser.get("/log-in").text), "credential": "{}"}
    answers = [browser.post("/log-in/passkey", data=fields).status_code for _ in range(TRIES)]
    assert answers == [403] * MOST + [429] * (TRIES - MOST)
    assert len(refusals(portal)) == MOST


def test_a_robot_does_not_fill_the_record_with_answers_of_a_service(portal: Portal) -> None:
    browser = portal.browser()
    answers = [browser.get(BACK, params={"state": "x"}).status_code for _ in range(TRIES)]
    assert answers == [403] * MOST + [429] * (TRIES - MOST)
    assert len(refusals(portal)) == MOST


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("testclient", "testclient", True),
    ],
)
def test_a_customer_s_addresses_are_counted_together(
    portal: Portal, first: str, second: str, together: bool
) -> None:
    """Whoever has an IPv6 address has 2**64 of them."""
    answers = []
    for host, tries in ((first, MOST), (second, 1)):
        browser = TestClient(portal.app, base_url=URL, client=(host, 50_000))
        fields = {"form_token": form_token(browser.get("/log-in").text), "credential": "{}"}
        answers += [browser.post("/log-in/passkey", data=fields).status_code for _ in range(tries)]
    assert answers == [403] * MOST + [429 if together else 403]


def test_a_log_of_what_could_not_be_sent_names_nobody(
    portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    with smtp_server() as (port, boxes):
        who = "anna@residents.example"
        boxes.answers[who] = "550 5.1.1 <Anna@Residents.example>: no such user"
        serving = portal.serving
        mail = MailSettings(host="127.0.0.1", port=port, sender="h@h.example", security="none")
        settings = serving.settings.model_copy(update={"mail": mail})
        object.__setattr__(serving, "settings", settings)
        with caplog.at_level(logging.WARNING):
            asked = Asked("request", f"mail:{who}", "link", "12345678")
            send_log_in(serving, asked, "en")
    assert "could not be sent by mail" in caplog.text
    assert "the address" in caplog.text
    assert "anna@" not in caplog.text.casefold()
