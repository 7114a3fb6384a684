"""The month of the sample building, by a real mail server and into the folder of letters."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from fairvarme.cli import main
from firmware_sim.cli import main as simulator
from tests.fairvarme.test_outbox_command import SAMPLE, end_leases, installation
from tests.support.smtp import Mailboxes, smtp_server

MONTH = ("--month", "2026-01")
# Written out from tenancies.csv and persons.csv of the sample: one home is empty in January.
ON_PAPER = {"0101-1", "0121-1", "0202-1"}
BESIDE_ONE_WITH_MAIL = {"0102-1", "0122-1", "0221-1"}
"""Homes in which another person has no address."""
BY_LETTER = ON_PAPER | BESIDE_ONE_WITH_MAIL
BY_MAIL = {
    "0102-1", "0111-1", "0111-2", "0112-1", "0122-1", "0201-1", "0211-1", "0221-1", "0222-1",
}  # fmt: skip


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose store holds January of the sample building."""
    folder = tmp_path_factory.mktemp("january")
    config, file = installation(folder, 1), folder / "january.csv"
    asked = ["write", "--estate", str(SAMPLE), *MONTH, "--readings", str(file)]
    done = CliRunner().invoke(simulator, [*asked, "--truth", str(folder / "truth.json")])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(
        main, ["load", str(file), "--building", "solgaarden", "--config", str(config)]
    )
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def house(measured: Path, tmp_path: Path) -> Iterator[tuple[Path, Mailboxes]]:
    """An installation of its own, and the mailboxes of its server."""
    shutil.copytree(measured, tmp_path, dirs_exist_ok=True)
    with smtp_server() as (port, boxes):
        yield installation(tmp_path, port), boxes


def send(config: Path, *more: str) -> dict[str, Any]:
    words = ["report", *more, *MONTH, "--send", "--json", "--config", str(config)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output + repr(done.exception)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def rows(config: Path) -> list[dict[str, Any]]:
    words = ["outbox", "list", "--limit", "1000", "--json", "--config", str(config)]
    answer = json.loads(CliRunner().invoke(main, words).stdout)
    messages: list[dict[str, Any]] = answer["messages"]
    return messages


def spaced(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def letters(config: Path) -> list[Path]:
    return sorted((config.parent / "letters" / "solgaarden").glob("*.pdf"))


@pytest.mark.slow
def test_everybody_gets_the_month_by_one_way(house: tuple[Path, Mailboxes]) -> None:
    config, boxes = house
    done = send(config)
    assert done["queued"] == {"mail": len(BY_MAIL), "letter": len(BY_LETTER)}
    sent: dict[str, set[str]] = {channel: set() for channel in ("mail", "letter")}
    for row in rows(config):
        sent[row["channel"]].add(row["tenancy"])
    assert sent == {"mail": BY_MAIL, "letter": BY_LETTER}
    assert sorted(address for address, _ in boxes.mails) == sorted(
        f"{tenancy}a@solgaarden.example" for tenancy in BY_MAIL
    )
    numbers = [
        PdfReader(path).pages[0].extract_text().partition("Referencenr.: ")[2].split()[0]
        for path in letters(config)
    ]
    assert sorted(numbers) == sorted(BY_LETTER)


@pytest.mark.slow
def test_a_mail_says_the_same_thrice(house: tuple[Path, Mailboxes], tmp_path: Path) -> None:
    config, boxes = house
    send(config)
    by_address = dict(boxes.mails)
    for tenancy in BY_MAIL:
        mail = by_address[f"{tenancy}a@solgaarden.example"]
        text = mail.get_body(("plain",))
        html = mail.get_body(("html",))
        assert text is not None
        assert html is not None
        (pdf,) = mail.iter_attachments()
        (tmp_path / "page.pdf").write_bytes(pdf.get_content())
        page = spaced(PdfReader(tmp_path / "page.pdf").pages[0].extract_text())
        total = spaced(text.get_content()).partition(": ")[2].splitlines()[0]
        assert re.fullmatch(r"(DKK )?[\d.,]+( kr\.)?", total)
        assert total in page
        assert total in spaced(html.get_content())
        assert tenancy in html.get_content()
    english = by_address["0112-1a@solgaarden.example"]
    assert "January 2026" in english["Subject"]


@pytest.mark.slow
def test_run_again_nobody_gets_it_twice(house: tuple[Path, Mailboxes]) -> None:
    config, boxes = house
    send(config)
    done = send(config, "solgaarden")
    assert done["queued"] == {}
    assert done["known"] == len(BY_MAIL | BY_LETTER)
    assert len(boxes.mails) == len(BY_MAIL)
    assert len(letters(config)) == len(BY_LETTER)


@pytest.mark.slow
def test_a_home_that_changes_to_paper_does_not_get_the_month_both_ways(
    house: tuple[Path, Mailboxes],
) -> None:
    config, boxes = house
    send(config)
    tenancies = config.parent / "estate" / "tenancies.csv"
    tenancies.write_text(tenancies.read_text().replace("digital", "paper"))
    assert send(config)["queued"] == {}
    assert len(letters(config)) == len(BY_LETTER)
    assert len(boxes.mails) == len(BY_MAIL)


@pytest.mark.slow
def test_a_mail_that_is_refused_becomes_the_same_page_on_paper(
    house: tuple[Path, Mailboxes],
) -> None:
    config, boxes = house
    boxes.answers["0201-1a@solgaarden.example"] = "550 no such user"
    done = send(config)
    assert done["sending"]["undeliverable"] == {"mail": 1}
    words = [PdfReader(path).pages[0].extract_text() for path in letters(config)]
    assert sum("Beboer 0201-1a" in text and "Referencenr.: 0201-1" in text for text in words) == 1
    assert len(words) == len(BY_LETTER) + 1


@pytest.mark.slow
def test_who_left_no_address_is_reported_and_sent_once_it_is_known(
    house: tuple[Path, Mailboxes],
) -> None:
    config, _ = house
    persons = config.parent / "estate" / "persons.csv"
    whole = persons.read_text()
    persons.write_text(whole.replace("0111-1a@solgaarden.example,,Postboks 7", ",,"))
    assert "reports.address.missing" in {each["name"] for each in send(config)["findings"]}
    assert "0111-1" not in {row["tenancy"] for row in rows(config)}
    persons.write_text(whole)
    assert send(config)["queued"] == {"mail": 1}


@pytest.mark.parametrize("table", ["[mail]", "[letters]"])
def test_without_a_way_to_a_home_nothing_is_queued(tmp_path: Path, table: str) -> None:
    config = installation(tmp_path, 1)
    head, *tables = re.split(r"(?m)^(?=\[)", config.read_text())
    config.write_text(head + "".join(each for each in tables if not each.startswith(table)))
    done = CliRunner().invoke(main, ["report", *MONTH, "--send", "--config", str(config)])
    assert done.exit_code == 2
    assert table in done.output
    assert rows(config) == []


@pytest.mark.slow
@pytest.mark.parametrize("arrived", [1, 4, 9])
def test_killed_while_it_sends_nobody_is_left_out_and_one_may_come_twice(
    tmp_path: Path, arrived: int
) -> None:
    with smtp_server() as (port, boxes):
        config = installation(tmp_path, port)
        words = [sys.executable, "-m", "fairvarme", "report", *MONTH, "--send"]
        process = subprocess.Popen([*words, "--config", str(config)], stderr=subprocess.DEVNULL)
        # The server has the mail, and its answer never reaches the sender.
        boxes.on_mail = lambda: process.kill() if len(boxes.mails) == arrived else None
        process.wait()
        assert len(boxes.mails) == arrived
        end_leases(config.parent)
        send(config)
        got = Counter(address for address, _ in boxes.mails)
    assert set(got) == {f"{tenancy}a@solgaarden.example" for tenancy in BY_MAIL}
    assert sorted(got.values(), reverse=True)[:2] == [2, 1]
    (twice,) = (address for address, number in got.items() if number == 2)
    (marked,) = (row["tenancy"] for row in rows(config) if row["repeats"])
    assert twice == f"{marked}a@solgaarden.example"
    assert len(letters(config)) == len(BY_LETTER)


def test_either_a_folder_or_sending(tmp_path: Path) -> None:
    config = installation(tmp_path, 1)
    for more in ([], ["--send", "--out", str(tmp_path)]):
        done = CliRunner().invoke(main, ["report", *MONTH, *more, "--config", str(config)])
        assert done.exit_code == 2


@pytest.mark.slow
def test_a_dark_month_without_any_cost_reaches_everybody_all_the_same(tmp_path: Path) -> None:
    with smtp_server() as (port, boxes):
        config = installation(tmp_path, port)
        costs = tmp_path / "estate" / "costs.csv"
        costs.write_text(costs.read_text().splitlines()[0] + "\n")
        assert send(config)["queued"] == {"mail": len(BY_MAIL), "letter": len(BY_LETTER)}
        mail = dict(boxes.mails)["0201-1a@solgaarden.example"]
    text = mail.get_body(("plain",))
    assert text is not None
    said = spaced(text.get_content())
    assert "Beløbet kan ikke beregnes endnu." in said
    assert "Boksen har ikke målt luften i denne periode." in said


@pytest.mark.slow
def test_who_just_moved_in_and_who_refused_the_box_get_a_page_of_their_own_kind(
    tmp_path: Path,
) -> None:
    with smtp_server() as (port, boxes):
        config = installation(tmp_path, port)
        tenancies = tmp_path / "estate" / "tenancies.csv"
        head, *homes = tenancies.read_text().splitlines()
        text = "\n".join([f"{head},climate_refused", *(f"{home}," for home in homes), ""])
        text = text.replace("0201-1,0201,2018-11-01,", "0201-1,0201,2026-01-29,")
        text = re.sub(r"(?m)^(0222-1.*),$", r"\1,yes", text)
        tenancies.write_text(text)
        assert send(config)["queued"] == {"mail": len(BY_MAIL), "letter": len(BY_LETTER)}
        said = {}
        for address, mail in boxes.mails:
            body = mail.get_body(("plain",))
            assert body is not None
            said[address.partition("a@")[0]] = spaced(body.get_content())
    assert "Gælder 29. januar 2026 til 31. januar 2026." in said["0201-1"]
    assert "Du har sagt nej til" in said["0222-1"]
    assert "Du har sagt nej til" not in said["0201-1"]
