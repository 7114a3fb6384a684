"""Log-in, and how it is attacked: each way that is known is tried."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.event import listen

from estate.errors import UsageError
from operations.access.identities import bind_homes, homes_of, identity_subject
from operations.access.limits import access_limits
from operations.access.sessions import begin_session, visitor_of_session
from operations.access.tables import AccessToken, LoginSession
from operations.channel_settings import MailSettings
from operations.log_in.letter_codes import letter_code
from operations.log_in.links import ask_for_link, make_link
from operations.log_in.staff import add_staff, close_staff
from operations.visitors.people import person_subject
from operations.visitors.roles import Role
from tests.support.portal_house import HOUSE, URL, Portal, form_token, opened_portal
from tests.support.smtp import Mailboxes, smtp_server

ANNA = "mail:anna@residents.example"


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


def fill(browser: TestClient, path: str, to: str = "", **fields: str) -> int:
    """Fill in the form of a page, and send it."""
    token = form_token(browser.get(path).text)
    return browser.post(to or path, data={"form_token": token} | fields).status_code


def asked(
    portal: Portal, server: tuple[int, Mailboxes], address: str
) -> tuple[TestClient, str, str]:
    """Ask for a log-in, and return the browser, and the link and the code of the mail."""
    browser = portal.browser()
    assert fill(browser, "/log-in", address=address) == 303
    _, mail = server[1].mails[-1]
    body = mail.get_content()
    link = re.search(rf"{URL}(/log-in/link/\S+)", body)
    code = re.search(r"(\d{4} \d{4})", body)
    assert link is not None
    assert code is not None
    return browser, link[1], code[1]


def is_in(browser: TestClient) -> bool:
    return browser.get("/home").status_code == 303 and "fairvarme" in browser.cookies


def test_a_link_logs_in_by_its_button(portal: Portal, server: tuple[int, Mailboxes]) -> None:
    browser, link, _ = asked(portal, server, "Anna@Residents.example")
    assert fill(browser, link) == 303
    assert is_in(browser)


def test_a_typed_code_logs_in_the_browser_that_asked(
    portal: Portal, server: tuple[int, Mailboxes]
) -> None:
    browser, _, code = asked(portal, server, "anna@residents.example")
    other = portal.browser()
    assert fill(other, "/log-in/sent", "/log-in/code", code=code) == 403
    assert fill(browser, "/log-in/sent", "/log-in/code", code=code) == 303
    assert is_in(browser)


def test_a_program_that_follows_every_link_burns_none(
    portal: Portal, server: tuple[int, Mailboxes]
) -> None:
    browser, link, _ = asked(portal, server, "anna@residents.example")
    robot = portal.browser()
    for _ in range(3):
        page = robot.get(link)
        for found in re.findall(r'href="(/[^"]*)"', page.text):
            robot.get(found)
        robot.head(link)
    assert not is_in(robot)
    assert fill(browser, link) == 303
    assert is_in(browser)


def test_a_link_works_once_and_voids_its_code(
    portal: Portal, server: tuple[int, Mailboxes]
) -> None:
    browser, link, code = asked(portal, server, "anna@residents.example")
    assert fill(portal.browser(), link) == 303
    again = portal.browser()
    assert again.get(link).status_code == 410
    token = form_token(again.get("/log-in").text)
    assert again.post(link, data={"form_token": token}).status_code == 410
    assert fill(browser, "/log-in/sent", "/log-in/code", code=code) == 403


def test_a_link_is_over_after_its_time(portal: Portal, server: tuple[int, Mailboxes]) -> None:
    browser, link, code = asked(portal, server, "anna@residents.example")
    portal.clock.wait(access_limits().link_minutes + 1)
    assert browser.get(link).status_code == 410
    assert fill(browser, "/log-in/sent", "/log-in/code", code=code) == 403


def test_a_few_wrong_codes_void_the_right_one(
    portal: Portal, server: tuple[int, Mailboxes]
) -> None:
    browser, link, code = asked(portal, server, "anna@residents.example")
    for number in range(access_limits().code_tries):
        assert fill(browser, "/log-in/sent", "/log-in/code", code=f"{number:08d}") == 403
    assert fill(browser, "/log-in/sent", "/log-in/code", code=code) == 403
    assert browser.get(link).status_code == 410


@pytest.mark.slow
def test_a_thousand_guesses_are_stopped(portal: Portal, server: tuple[int, Mailboxes]) -> None:
    browser, _, code = asked(portal, server, "anna@residents.example")
    token = form_token(browser.get("/log-in/sent").text)
    answers = [
        browser.post("/log-in/code", data={"form_token": token, "code": f"{n:08d}"}).status_code
        for n in range(1000)
    ]
    most = access_limits().windows["code_of_visitor"].most
    assert answers[:most] == [403] * most
    assert set(answers[most:]) == {429}
    assert fill(browser, "/log-in/sent", "/log-in/code", code=code) == 429


@pytest.mark.slow
def test_a_thousand_letter_codes_are_stopped(portal: Portal) -> None:
    browser = portal.browser()
    token = form_token(browser.get("/log-in/letter").text)
    answers = [
        browser.post("/log-in/letter", data={"form_token": token, "code": f"AAAA-BBBB-{n:04d}"})
        for n in range(1000)
    ]
    assert [each.status_code for each in answers].count(403) <= 30
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


@pytest.mark.slow
def test_nobody_is_flooded_with_mails(portal: Portal, server: tuple[int, Mailboxes]) -> None:
    answers = [
        fill(portal.browser(), "/log-in", address="anna@residents.example") for _ in range(9)
    ]
    most = access_limits().windows["log_in_of_address"].most
    assert answers == [303] * most + [429] * (9 - most)
    assert len(server[1].mails) == most


@pytest.mark.slow
@pytest.mark.parametrize("address", ["nobody@else.example", "+4599999999", "no address", "'--"])
def test_who_is_unknown_is_told_the_same_and_sent_nothing(
    portal: Portal, server: tuple[int, Mailboxes], address: str
) -> None:
    browser = portal.browser()
    token = form_token(browser.get("/log-in").text)
    answer = browser.post("/log-in", data={"form_token": token, "address": address})
    known = portal.browser()
    token = form_token(known.get("/log-in").text)
    other = known.post("/log-in", data={"form_token": token, "address": "anna@residents.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in/sent")
    assert other.headers["location"] == answer.headers["location"]
    assert [to for to, _ in server[1].mails] == ["anna@residents.example"]


def test_as_much_is_looked_up_for_who_is_unknown(portal: Portal) -> None:
    asked: list[str] = []
    listen(
        portal.serving.engine, "before_cursor_execute", lambda _c, _cu, said, *_: asked.append(said)
    )
    looked_up = []
    for address in ("anna@residents.example", "nobody@residents.example", "ada@staff.example"):
        asked.clear()
        ask_for_link(portal.serving, address, "10.0.0.1")
        looked_up.append(list(asked))
    assert looked_up[0] == looked_up[1] == looked_up[2]


def test_a_session_that_was_foisted_on_a_browser_is_not_used(portal: Portal) -> None:
    attacker = portal.resident("erik")
    foisted = attacker.cookies["fairvarme"]
    victim = portal.browser()
    victim.cookies.set("fairvarme", foisted)
    asked_for = make_link(portal.serving, ANNA)
    page = victim.get(f"/log-in/link/{asked_for.link}")
    answer = victim.post(
        f"/log-in/link/{asked_for.link}", data={"form_token": form_token(page.text)}
    )
    assert answer.status_code == 303
    assert answer.cookies["fairvarme"] != foisted
    assert not is_in(attacker)


def test_a_token_that_nobody_was_given_opens_nothing(portal: Portal) -> None:
    browser = portal.browser()
    for token in ("", "x", "../..", "0" * 64, "'; drop table login_session; --"):
        browser.cookies.clear()
        browser.cookies.set("fairvarme", token)
        assert browser.get("/home").status_code == 401


def test_what_is_kept_does_not_log_in(portal: Portal, server: tuple[int, Mailboxes]) -> None:
    """Whoever reads the database has hashes, and no session, link or code."""
    asked(portal, server, "anna@residents.example")
    browser = portal.resident("anna")
    code = letter_code(portal.serving.engine, HOUSE, "0101-1", "anna", portal.clock())
    secrets = [browser.cookies["fairvarme"], code, code.replace("-", "")]
    with portal.serving.engine.connect() as connection:
        kept = " ".join(
            str(row)
            for table in (LoginSession, AccessToken)
            for row in connection.execute(text(f"SELECT * FROM {table.__tablename__}"))  # noqa: S608
        )
    assert not [each for each in secrets if each in kept]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_a_form_of_another_site_changes_nothing(portal: Portal, headers: dict[str, str]) -> None:
    browser = portal.resident("anna")
    token = form_token(browser.get(f"/home/{HOUSE}/0101-1/fault").text)
    fields = {"form_token": token, "text": "broken"}
    path = f"/home/{HOUSE}/0101-1/fault"
    assert browser.post(path, data=fields, headers=headers).status_code == 403
    assert browser.post(path, data=fields).status_code == 303


def test_the_form_token_of_another_session_is_refused(portal: Portal) -> None:
    theirs = form_token(portal.resident("erik").get("/log-in").text)
    browser = portal.resident("anna")
    fields = {"form_token": theirs, "text": "broken"}
    assert browser.post(f"/home/{HOUSE}/0101-1/fault", data=fields).status_code == 403


def test_a_cookie_is_for_this_host_and_no_script(portal: Portal) -> None:
    made = make_link(portal.serving, ANNA)
    browser = portal.browser()
    page = browser.get(f"/log-in/link/{made.link}")
    answer = browser.post(f"/log-in/link/{made.link}", data={"form_token": form_token(page.text)})
    cookie = next(
        each for each in answer.headers.get_list("set-cookie") if each.startswith("fairvarme=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Domain" not in cookie


def test_behind_https_cookies_are_secure(tmp_path: Path) -> None:
    with opened_portal(tmp_path, url="https://varme.example.dk") as portal:
        browser = TestClient(
            portal.app, base_url="https://varme.example.dk", follow_redirects=False
        )
        answer = browser.get("/log-in")
        assert answer.headers["set-cookie"].startswith("__Host-fairvarme-form=")
        assert "Secure" in answer.headers["set-cookie"]
        assert "max-age" in answer.headers["strict-transport-security"]


def test_a_host_header_leads_no_link_elsewhere(
    portal: Portal, server: tuple[int, Mailboxes]
) -> None:
    browser = portal.browser()
    token = form_token(browser.get("/log-in").text)
    fields = {"form_token": token, "address": "anna@residents.example"}
    for name in ("host", "x-forwarded-host"):
        browser.post("/log-in", data=fields, headers={name: "evil.example"})
    bodies = [mail.get_content() for _, mail in server[1].mails]
    assert all("evil.example" not in each and URL in each for each in bodies)


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "/%0d%0aSet-Cookie:x=y",
        "javascript:alert(1)", "\thttps://evil.example", "/home\r\nLocation: //evil.example",
    ],
)  # fmt: skip
def test_nobody_is_led_to_another_site(portal: Portal, back: str) -> None:
    browser = portal.browser()
    token = form_token(browser.get("/log-in").text)
    fields = {"form_token": token, "language": "en", "back": back}
    answer = browser.post("/language", data=fields)
    assert re.fullmatch(r"/(?![/\\])[^\s]*", answer.headers["location"])
    assert "evil" not in answer.headers["location"]


def test_a_letter_s_code_is_its_person_s_and_works_once(portal: Portal) -> None:
    code = letter_code(portal.serving.engine, HOUSE, "0102-2", "carla", portal.clock())
    assert re.fullmatch(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", code)
    browser = portal.browser()
    assert fill(browser, "/log-in/letter", code=code.lower().replace("-", " ")) == 303
    assert browser.get(f"/home/{HOUSE}/0102-2").status_code == 200
    assert browser.get(f"/home/{HOUSE}/0101-1").status_code == 404
    assert fill(portal.browser(), "/log-in/letter", code=code) == 403


def test_each_letter_has_a_code_and_the_last_works_beside_the_new(portal: Portal) -> None:
    engine = portal.serving.engine
    codes = [letter_code(engine, HOUSE, "0102-2", "carla", portal.clock()) for _ in range(2)]
    assert codes[0] != codes[1]
    for code in codes:
        assert fill(portal.browser(), "/log-in/letter", code=code) == 303


def test_a_letter_s_code_is_over_after_its_days(portal: Portal) -> None:
    code = letter_code(portal.serving.engine, HOUSE, "0102-2", "carla", portal.clock())
    portal.clock.wait(60 * 24 * (access_limits().letter_code_days + 1))
    assert fill(portal.browser(), "/log-in/letter", code=code) == 403


def test_staff_shows_a_second_factor_and_none_twice(portal: Portal) -> None:
    made = make_link(portal.serving, "mail:ada@staff.example")
    browser = portal.browser()
    page = browser.get(f"/log-in/link/{made.link}")
    path = f"/log-in/link/{made.link}"
    answer = browser.post(path, data={"form_token": form_token(page.text)})
    assert answer.headers["location"] == "/log-in/staff"
    assert browser.get(f"/help/{HOUSE}").status_code == 403
    code = portal.second_factors["ada"].at(portal.clock() // 1000)
    assert fill(browser, "/log-in/staff", code="000000") == 403
    assert fill(browser, "/log-in/staff", code=code) == 303
    assert browser.get(f"/help/{HOUSE}").status_code == 200
    other = portal.browser()
    made = make_link(portal.serving, "mail:ada@staff.example")
    fill(other, f"/log-in/link/{made.link}")
    assert fill(other, "/log-in/staff", code=code) == 403


def test_second_factors_are_not_guessed(portal: Portal) -> None:
    made = make_link(portal.serving, "mail:ada@staff.example")
    browser = portal.browser()
    fill(browser, f"/log-in/link/{made.link}")
    answers = [fill(browser, "/log-in/staff", code=f"{n:06d}") for n in range(15)]
    assert answers[-1] == 429


def test_a_closed_account_is_logged_out(portal: Portal) -> None:
    browser = portal.staff("ada")
    assert browser.get(f"/help/{HOUSE}").status_code == 200
    close_staff(portal.serving.engine, "ada")
    assert browser.get(f"/help/{HOUSE}").status_code == 401


def test_a_lost_second_factor_is_replaced_by_closing_and_adding_again(portal: Portal) -> None:
    engine, old = portal.serving.engine, portal.second_factors["ada"]
    before = portal.staff("ada")
    close_staff(engine, "ada")
    roles = Role.ACCOUNTANT, Role.BOARD
    address = add_staff(engine, "ada", "ada@staff.example", roles, None, portal.clock())
    assert before.get("/accounts").status_code == 401
    new = pyotp.parse_uri(address)
    assert isinstance(new, pyotp.TOTP)
    browser = portal.browser()
    browser.cookies.set("fairvarme", begin_session(portal.serving, "mail:ada@staff.example"))
    for factor, status in ((old, 403), (new, 303)):
        code = factor.at(portal.clock() // 1000)
        assert fill(browser, "/log-in/staff", code=code) == status
    assert browser.get("/board").status_code == 200


@pytest.mark.parametrize(("name", "mail"), [("ada", "a@x.example"), ("a", "ada@staff.example")])
def test_a_closed_account_s_name_and_address_go_to_nobody_else(
    portal: Portal, name: str, mail: str
) -> None:
    """The record of who looked names an account."""
    close_staff(portal.serving.engine, "ada")
    with pytest.raises(UsageError, match="ada has this name or mail address"):
        add_staff(portal.serving.engine, name, mail, [Role.BOARD], None, portal.clock())


def test_log_out_ends_the_session_and_everywhere_all_of_them(portal: Portal) -> None:
    one, other, third = (portal.resident("anna") for _ in range(3))
    token = one.cookies["fairvarme"]
    assert fill(one, "/log-in", "/log-out") == 303
    one.cookies.set("fairvarme", token)
    assert one.get("/home").status_code == 401
    path = f"/home/{HOUSE}/0101-1/settings"
    assert fill(other, path, f"{path}/log-out") == 303
    assert third.get("/home").status_code == 401


def test_log_out_everywhere_ends_what_began_another_way_and_nothing_of_others(
    portal: Portal,
) -> None:
    serving = portal.serving
    (home,) = homes_of(serving, ANNA)
    bind_homes(serving.engine, "passkey", "proof", [home], portal.clock())
    of_anna = [
        "sms:+4511111111",
        person_subject(HOUSE, home.tenancy, home.person),
        identity_subject("proof"),
    ]
    tokens = {each: begin_session(serving, each) for each in of_anna}
    axel, browser = portal.resident("axel"), portal.resident("anna")
    path = f"/home/{HOUSE}/0101-1/settings"
    assert fill(browser, path, f"{path}/log-out") == 303
    assert [visitor_of_session(serving, each) for each in tokens.values()] == [None] * 3
    assert axel.get("/home").status_code == 303


def test_a_session_ends_by_itself(portal: Portal) -> None:
    browser, staff = portal.resident("anna"), portal.staff("ada")
    portal.clock.wait(60 * 13)
    assert browser.get("/home").status_code == 303
    assert staff.get(f"/help/{HOUSE}").status_code == 401
    portal.clock.wait(60 * 24 * 31)
    assert browser.get("/home").status_code == 401


def test_staff_acts_for_a_resident_on_paper_on_the_record(portal: Portal) -> None:
    browser = portal.staff("oscar")
    path = f"/help/{HOUSE}"
    assert fill(browser, path, home="0101-1/anna", reason="curious") == 404
    assert fill(browser, path, home="0102-2/carla", reason="rang about the bill") == 303
    home = f"/home/{HOUSE}/0102-2"
    assert "rang about the bill" in browser.get(home).text
    assert browser.get(f"/home/{HOUSE}/0101-1").status_code == 404
    assert browser.get("/help/" + HOUSE).status_code == 403
    looked = portal.resident("carla").get(f"{home}/looked").text
    assert looked.count("rang about the bill") >= 2
    assert "oscar" in looked
    assert fill(browser, home, "/help-end") == 303
    assert browser.get(home).status_code == 403
