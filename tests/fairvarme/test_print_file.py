"""The month of the sample building on paper: the print file, its index, and its count sheet."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from fairvarme.cli import main
from tests.fairvarme.test_outbox_command import installation
from tests.support.smtp import Mailboxes, smtp_server

# As somebody walks who delivers: from tenancies.csv and flats.csv of the sample, by hand.
IN_ORDER = ["0101-1", "0102-1", "0121-1", "0122-1", "0202-1", "0221-1"]
"""Homes on paper, and those in which one of two persons has no mail."""
TOLD_TWICE = {"0102-1", "0122-1", "0221-1"}
TO = {"0102-1": "0102-1b", "0221-1": "0221-1b"}
"""Whom a letter beside a mail is to; of the protected home 0122-1 the first, as ever."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Path, Mailboxes]]:
    with smtp_server() as (port, boxes):
        yield installation(tmp_path, port), boxes


def run(config: Path, *words: str, data: bytes | None = None) -> dict[str, Any]:
    done = CliRunner().invoke(main, [*words, "--json", "--config", str(config)], input=data)
    assert done.exit_code == 0, done.output + repr(done.exception)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def send(config: Path) -> None:
    run(config, "report", "--month", "2026-01", "--send")


def printed(config: Path) -> dict[str, Any]:
    (made,) = run(config, "outbox", "print", "solgaarden")["files"]
    file: dict[str, Any] = made
    return file


def index_of(made: dict[str, Any]) -> list[dict[str, str]]:
    with Path(made["path"]).with_suffix(".csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_the_right_homes_in_the_right_order_each_on_its_own_sheet(
    house: tuple[Path, Mailboxes],
) -> None:
    config, boxes = house
    send(config)
    made = printed(config)
    pages = [page.extract_text() for page in PdfReader(made["path"]).pages]
    numbers = [page.partition("Referencenr.: ")[2].split("\n")[0] for page in pages[0::2]]
    assert numbers == IN_ORDER
    assert [each["tenancy"] for each in index_of(made)] == IN_ORDER
    for tenancy, page, back in zip(IN_ORDER, pages[0::2], pages[1::2], strict=True):
        named = TO.get(tenancy, f"{tenancy}a")
        assert re.findall(r"Beboer (\S+)", page) == [named]
        assert [each for each in IN_ORDER if each in back] == [tenancy]
        mailed = any(tenancy in address for address, _ in boxes.mails)
        assert mailed == (tenancy in TOLD_TWICE)


@pytest.mark.slow
def test_the_sheet_that_counts_adds_up(house: tuple[Path, Mailboxes]) -> None:
    config, _ = house
    send(config)
    made = printed(config)
    sheet = PdfReader(Path(made["path"]).with_suffix(".count.pdf")).pages[0].extract_text()
    assert [made["letters"], made["pages"], made["sheets"]] == [6, 12, 6]
    # Stairwell, letters, pages, sheets: those of 01.. in number 1, of 02.. in number 3.
    counted = sheet.partition("Ark")[2].partition("Blanke")[0].split()
    assert counted == ["1", "4", "8", "4", "3", "2", "4", "2", "I", "alt", "6", "12", "6"]
    assert "Beboer" not in sheet
    assert len(PdfReader(made["path"]).pages) == 2 * made["sheets"]


@pytest.mark.slow
def test_a_mail_that_comes_back_is_in_the_next_file_alone(house: tuple[Path, Mailboxes]) -> None:
    config, boxes = house
    send(config)
    first = printed(config)
    mail = dict(boxes.mails)["0201-1a@solgaarden.example"]
    report = (
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n'
        b"MIME-Version: 1.0\n\n--b\nContent-Type: message/delivery-status\n\n"
        b"Reporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n\n--b\n"
        b"Content-Type: text/rfc822-headers\n\nMessage-ID: "
        + str(mail["Message-ID"]).encode()
        + b"\n\n--b--\n"
    )
    run(config, "outbox", "bounce", data=report)
    run(config, "outbox", "send")
    second = printed(config)
    assert [each["tenancy"] for each in index_of(second)] == ["0201-1"]
    assert [each["tenancy"] for each in index_of(first)] == IN_ORDER
    assert printed(config)["path"] == ""


@pytest.mark.slow
def test_killed_after_the_index_nothing_is_printed_twice(house: tuple[Path, Mailboxes]) -> None:
    config, _ = house
    send(config)
    folder = config.parent / "letters" / "solgaarden"
    before = {path: path.read_bytes() for path in folder.glob("*.pdf")}
    printed(config)
    for path, content in before.items():
        path.write_bytes(content)
    assert printed(config)["letters"] == 0
    assert not list(folder.glob("*.pdf"))


@pytest.mark.slow
def test_killed_before_the_index_everything_is_printed(house: tuple[Path, Mailboxes]) -> None:
    config, _ = house
    send(config)
    folder = config.parent / "letters" / "solgaarden"
    before = {path: path.read_bytes() for path in folder.glob("*.pdf")}
    made = printed(config)
    Path(made["path"]).with_suffix(".csv").unlink()
    for path, content in before.items():
        path.write_bytes(content)
    assert printed(config) == made


@pytest.mark.slow
def test_a_letter_without_an_address_and_a_broken_one_stay_out(
    house: tuple[Path, Mailboxes],
) -> None:
    config, _ = house
    send(config)
    letters = sorted((config.parent / "letters" / "solgaarden").glob("*.pdf"))
    letters[0].write_bytes(b"%PDF-1.7 cut off")
    tenancies = config.parent / "estate" / "tenancies.csv"
    row = "0121-1,0121,2024-02-01,"
    tenancies.write_text(tenancies.read_text().replace(f"{row},", f"{row}2026-02-01,"))
    made = printed(config)
    assert made["letters"] + len(set(made["aside"])) == len(IN_ORDER)
    assert "0121-1" in made["aside"]
    sheet = PdfReader(Path(made["path"]).with_suffix(".count.pdf")).pages[0].extract_text()
    assert "0121-1" in sheet


@pytest.mark.slow
def test_a_protected_home_whose_mail_is_refused_gets_a_letter_with_an_address(
    house: tuple[Path, Mailboxes],
) -> None:
    config, boxes = house
    boxes.answers["0122-1a@solgaarden.example"] = "550 no such user"
    send(config)
    made = printed(config)
    number = [each["tenancy"] for each in index_of(made)].index("0122-1")
    words = PdfReader(made["path"]).pages[2 * number].extract_text()
    assert "Beboer 0122-1a" in words
    assert "Solgaarden 1, 2. th" in words
    assert "Din varme i januar" in words.replace("\N{NO-BREAK SPACE}", " ")
