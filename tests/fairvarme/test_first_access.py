"""The code in a printed letter logs in to the portal; links of mails open a PDF by a button."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from pypdf import PdfReader

from estate.periods import DAY_MS
from fairvarme.cli import main
from operations.access.limits import access_limits
from operations.clock import now_ms
from operations.serving import Serving, serving
from operations.settings import read_settings
from operations.wishes.store import LINK, Wish, write_wish
from portal.app import create_app
from tests.fairvarme.test_outbox_command import installation
from tests.fairvarme.test_print_file import printed, send
from tests.support.portal_house import form_token
from tests.support.smtp import Mailboxes, smtp_server

URL = "http://127.0.0.1:8080"
CODE = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}")
# By hand from persons.csv of the sample: who stands on a letter, and has a code; 0122-1 is
# protected, and has none.
WITH_CODE = {"0101-1": 1, "0102-1": 1, "0121-1": 1, "0122-1": 0, "0202-1": 1, "0221-1": 1}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Path, Mailboxes]]:
    """An installation with a portal, and the mailboxes of its server."""
    with smtp_server() as (port, boxes):
        config = installation(tmp_path, port)
        config.write_text(config.read_text() + f'\n[portal]\nurl = "{URL}"\n')
        yield config, boxes


@contextmanager
def portal(config: Path, days_later: int = 0) -> Iterator[tuple[Serving, TestClient]]:
    """The real portal of the installation, as it is some days later, and a browser."""
    with serving(read_settings(config), lambda: now_ms() + days_later * DAY_MS) as opened:
        yield opened, TestClient(create_app(opened), base_url=URL, follow_redirects=False)


def log_in(browser: TestClient, code: str) -> int:
    token = form_token(browser.get("/log-in/letter").text)
    browser.cookies.delete("fairvarme")
    fields = {"form_token": token, "code": code}
    return browser.post("/log-in/letter", data=fields).status_code


def letters(made: dict[str, Any]) -> dict[str, str]:
    """Return the text of each letter in a print file, by tenancy."""
    pages = [page.extract_text() for page in PdfReader(made["path"]).pages]
    found: dict[str, str] = {}
    for page in pages:
        tenancy = page.partition("Referencenr.: ")[2].split()[0].rstrip(".")
        found[tenancy] = found.get(tenancy, "") + page
    return found


@pytest.mark.slow
def test_the_code_on_the_paper_logs_in_once_to_its_home_alone(
    house: tuple[Path, Mailboxes],
) -> None:
    config, _ = house
    send(config)
    found = {tenancy: CODE.findall(text) for tenancy, text in letters(printed(config)).items()}
    assert {tenancy: len(codes) for tenancy, codes in found.items()} == WITH_CODE
    with portal(config) as (_, browser):
        for tenancy in ("0101-1", "0102-1"):
            (code,) = found[tenancy]
            assert log_in(browser, code.lower().replace("-", "")) == 303
            assert browser.get(f"/home/solgaarden/{tenancy}").status_code == 200
            assert browser.get("/home/solgaarden/0121-1").status_code == 404
            assert log_in(browser, code) == 403


@pytest.mark.slow
def test_the_paper_says_where_and_how_long(house: tuple[Path, Mailboxes]) -> None:
    config, _ = house
    send(config)
    found = letters(printed(config))
    for tenancy, number in WITH_CODE.items():
        assert (URL in found[tenancy]) == bool(number)
        assert ("virker én gang" in found[tenancy]) == bool(number)


@pytest.mark.slow
@pytest.mark.parametrize(("days", "answer"), [(30, 303), (99, 303), (101, 403), (365, 403)])
def test_the_code_of_an_old_month_does_not_log_in(
    house: tuple[Path, Mailboxes], days: int, answer: int
) -> None:
    config, _ = house
    send(config)
    (code,) = CODE.findall(letters(printed(config))["0101-1"])
    assert access_limits().letter_code_days == 100
    with portal(config, days) as (_, browser):
        assert log_in(browser, code) == answer


@pytest.mark.slow
def test_no_code_stands_where_nobody_printed_it(house: tuple[Path, Mailboxes]) -> None:
    """Neither a mail, nor the portal's copy of a letter, nor the database holds a code."""
    config, boxes = house
    send(config)
    codes = CODE.findall(" ".join(letters(printed(config)).values()))
    with sqlite3.connect(config.parent / "fairvarme.db") as database:
        kept = "\n".join(database.iterdump())
        copies = [row[0] for row in database.execute("SELECT content FROM outbox_attachment")]
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]
    (config.parent / "copy.pdf").write_bytes(b"")
    for each in copies:
        if each.startswith(b"%PDF"):
            (config.parent / "copy.pdf").write_bytes(each)
            pages = PdfReader(config.parent / "copy.pdf").pages
            assert not CODE.search(" ".join(page.extract_text() for page in pages))
    for _, mail in boxes.mails:
        body = mail.get_body(("plain",))
        assert body is not None
        assert not CODE.search(body.get_content())
        assert URL in body.get_content()


@pytest.mark.slow
def test_a_mail_that_is_refused_becomes_a_letter_with_its_page_and_a_code(
    house: tuple[Path, Mailboxes],
) -> None:
    config, boxes = house
    for tenancy in ("0201-1", "0122-1"):
        boxes.answers[f"{tenancy}a@solgaarden.example"] = "550 no such user"
    send(config)
    found = letters(printed(config))
    assert "Beboer 0201-1a" in found["0201-1"]
    assert len(CODE.findall(found["0201-1"])) == 1
    assert "Sådan er beløbet sammensat" in found["0122-1"]
    assert "Solgaarden 1" in found["0122-1"]
    assert not CODE.findall(found["0122-1"])


def wish_link(opened: Serving, tenancy: str, person: str) -> None:
    write_wish(opened.engine, ("solgaarden", tenancy, person), Wish(pdf=LINK), now_ms())


def links(boxes: Mailboxes, address: str) -> list[str]:
    body = dict(boxes.mails)[address].get_body(("plain",))
    assert body is not None
    return re.findall(rf"{URL}(/letters/\S+)", body.get_content())


@pytest.mark.slow
def test_who_wished_a_link_gets_one_and_everybody_else_the_file(
    house: tuple[Path, Mailboxes],
) -> None:
    config, boxes = house
    with portal(config) as (opened, browser):
        wish_link(opened, "0201-1", "0201-1a")
        send(config)
        for address, mail in boxes.mails:
            linked = address.startswith("0201-1")
            assert len(list(mail.iter_attachments())) == (0 if linked else 1)
            assert len(links(boxes, address)) == (1 if linked else 0)
        (path,) = links(boxes, "0201-1a@solgaarden.example")
        for _ in range(2):
            page = browser.get(path)
            assert page.headers["content-type"].startswith("text/html")
            assert "0201" not in page.text.replace(path, "")
            answer = browser.post(path, data={"form_token": form_token(page.text)})
            assert answer.headers["content-type"] == "application/pdf"
        (config.parent / "linked.pdf").write_bytes(answer.content)
        assert (
            "Referencenr.: 0201-1"
            in PdfReader(config.parent / "linked.pdf").pages[0].extract_text()
        )


@pytest.mark.slow
def test_an_old_link_says_what_to_do(house: tuple[Path, Mailboxes]) -> None:
    config, boxes = house
    with portal(config) as (opened, _):
        wish_link(opened, "0201-1", "0201-1a")
    send(config)
    (path,) = links(boxes, "0201-1a@solgaarden.example")
    for days, status in ((access_limits().letter_link_days - 1, 200), (401, 410)):
        with portal(config, days) as (_, browser):
            page = browser.get(path)
            assert page.status_code == status
            token = form_token(browser.get("/log-in").text)
            assert browser.post(path, data={"form_token": token}).status_code == status
    assert 'href="/log-in"' in page.text
    assert "Regninger og breve" in page.text or "Bills and letters" in page.text


@pytest.mark.slow
def test_a_letter_in_the_place_of_a_linked_mail_is_printed(house: tuple[Path, Mailboxes]) -> None:
    config, boxes = house
    boxes.answers["0201-1a@solgaarden.example"] = "550 no such user"
    with portal(config) as (opened, _):
        wish_link(opened, "0201-1", "0201-1a")
    send(config)
    assert "Beboer 0201-1a" in letters(printed(config))["0201-1"]


@pytest.mark.slow
def test_without_a_portal_nobody_is_sent_to_one(tmp_path: Path) -> None:
    with smtp_server() as (port, boxes):
        config = installation(tmp_path, port)
        send(config)
        assert not CODE.search(" ".join(letters(printed(config)).values()))
        assert all(len(list(mail.iter_attachments())) == 1 for _, mail in boxes.mails)
        body = boxes.mails[0][1].get_body(("plain",))
        assert body is not None
        assert "http" not in body.get_content()


@pytest.mark.slow
def test_sent_again_nobody_has_a_second_link(house: tuple[Path, Mailboxes]) -> None:
    config, _ = house
    with portal(config) as (opened, _):
        wish_link(opened, "0201-1", "0201-1a")
    for _ in range(2):
        done = CliRunner().invoke(
            main, ["report", "--month", "2026-01", "--send", "--config", str(config)]
        )
        assert done.exit_code == 0, done.output
    with sqlite3.connect(config.parent / "fairvarme.db") as database:
        ((number,),) = database.execute("SELECT count(*) FROM access_token WHERE kind = 'letter'")
    assert number == 1


def run(config: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["residents", *words, "--config", str(config)])
    return done.exit_code, done.output


@pytest.mark.slow
def test_staff_chooses_for_a_resident(house: tuple[Path, Mailboxes]) -> None:
    config, boxes = house
    assert run(config, "pdf", "solgaarden", "0201-1", "0201-1a", "--as", "link")[0] == 0
    assert run(config, "pdf", "solgaarden", "0211-1", "0211-1a", "--as", "link")[0] == 0
    assert run(config, "pdf", "solgaarden", "0211-1", "0211-1a", "--as", "attachment")[0] == 0
    send(config)
    assert len(links(boxes, "0201-1a@solgaarden.example")) == 1
    assert links(boxes, "0211-1a@solgaarden.example") == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("pdf", "solgaarden", "0122-1", "nobody", "--as", "link"),
        ("pdf", "elsewhere", "0122-1", "0122-1a", "--as", "link"),
        ("pdf", "solgaarden", "0101-1", "0201-1a", "--as", "link"),
    ],
)
def test_nobody_unknown_is_given_anything(
    house: tuple[Path, Mailboxes], words: tuple[str, ...]
) -> None:
    status, output = run(house[0], *words)
    assert status == 2
    assert "no " in output
