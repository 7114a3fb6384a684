"""``fairvarme outbox`` against a real mail server, killed between sending and writing it down."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from correspondence.outbox.message import Channel, Message, message_id
from correspondence.outbox.store import Outbox
from fairvarme.cli import main
from operations.database import migrate
from tests.support.smtp import smtp_server

SAMPLE = Path(str(resources.files("estate").joinpath("sample")))
KILLS = 8
MESSAGES = 40


def installation(directory: Path, port: int) -> Path:
    shutil.copytree(SAMPLE, directory / "estate", dirs_exist_ok=True)
    path = directory / "fairvarme.toml"
    path.write_text(
        'store = "sqlite:///readings.db"\ndatabase = "sqlite:///fairvarme.db"\n'
        'estates = ["estate"]\n\n'
        f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
        'sender = "varme@example.org"\n\n[letters]\ndirectory = "letters"\n'
    )
    return path


def mail(number: int, address: str = "") -> Message:
    return Message(
        id=message_id("test", str(number)),
        channel=Channel.MAIL,
        kind="alert",
        address=address or f"{number}@example.org",
        subject=f"Vand løber i hjem {number}",
        text="Luk alle haner.\n\nAflæs måleren to gange.",
        building="solgaarden",
        tenancy="0111-2",
        # Danger goes to whoever lives there, at an address that is nobody's, too.
        safety=True,
    )


def queue(directory: Path, *messages: Message) -> None:
    engine = migrate(f"sqlite:///{directory / 'fairvarme.db'}")
    Outbox(engine).put(messages, round(time.time() * 1000))
    engine.dispose()


def run(config: Path, *words: str, data: bytes | None = None) -> tuple[int, dict[str, Any]]:
    command = ["outbox", *words, "--json", "--config", str(config)]
    done = CliRunner().invoke(main, command, input=data)
    assert done.stdout, done.output + repr(done.exception)
    return done.exit_code, json.loads(done.stdout)


def test_a_dead_address_becomes_a_letter_to_the_home(tmp_path: Path) -> None:
    with smtp_server() as (port, boxes):
        config = installation(tmp_path, port)
        boxes.answers["gone@example.org"] = "550 no such user"
        queue(tmp_path, mail(1), mail(2, "gone@example.org"))
        code, done = run(config, "send")
        assert code == 0
        assert done["sent"] == {"mail": 1, "letter": 1}
        assert done["undeliverable"] == {"mail": 1}
    (letter,) = (tmp_path / "letters" / "solgaarden").glob("*.pdf")
    words = PdfReader(letter).pages[0].extract_text()
    assert "Beboer 0111-2a" in words
    assert "Luk alle haner." in words
    assert "Vand løber i hjem 2" in words


@pytest.mark.slow
@pytest.mark.parametrize("spoiled", ["building.yaml", "tenancies.csv"])
def test_an_estate_out_of_order_keeps_its_letters_and_nobody_s_mail(
    tmp_path: Path, spoiled: str
) -> None:
    with smtp_server() as (port, boxes):
        config = installation(tmp_path, port)
        whole = (tmp_path / "estate" / spoiled).read_bytes()
        (tmp_path / "estate" / spoiled).write_text("id: [\n")
        boxes.answers["gone@example.org"] = "550 no such user"
        queue(tmp_path, mail(1, "gone@example.org"), mail(2))
        _, done = run(config, "send")
        assert (done["sent"], done["later"]) == ({"mail": 1}, {"letter": 1})
        (tmp_path / "estate" / spoiled).write_bytes(whole)
        (row,) = [each for each in rows(config) if each["channel"] == "letter"]
        assert row["state"] == "queued"
        assert "solgaarden" in row["answer"]


def rows(config: Path) -> list[dict[str, Any]]:
    return list(run(config, "list")[1]["messages"])


def test_no_mail_server_keeps_everything_and_says_so(tmp_path: Path) -> None:
    config = installation(tmp_path, 1)
    queue(tmp_path, mail(1))
    code, done = run(config, "send")
    assert code == 1
    assert "ConnectionRefused" in done["away"]["mail"]
    assert run(config, "list")[1]["counts"] == {"queued": 1}


def test_a_list_shows_neither_addresses_nor_texts(tmp_path: Path) -> None:
    config = installation(tmp_path, 1)
    queue(tmp_path, mail(1))
    done = CliRunner().invoke(main, ["outbox", "list", "--config", str(config)])
    assert "0111-2" in done.output
    assert "@" not in done.output
    assert "haner" not in done.output


def test_a_bounce_that_comes_later_becomes_a_letter_once(tmp_path: Path) -> None:
    with smtp_server() as (port, boxes):
        config = installation(tmp_path, port)
        queue(tmp_path, mail(1))
        run(config, "send")
        ((_, sent),) = boxes.mails
        report = (
            b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n'
            b"MIME-Version: 1.0\n\n--b\nContent-Type: message/delivery-status\n\n"
            b"Reporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n"
            b"Diagnostic-Code: smtp; 550 gone\n\n--b\nContent-Type: message/rfc822\n\n"
            + sent.as_bytes()
            + b"\n--b--\n"
        )
        for _ in range(2):
            assert run(config, "bounce", data=report)[1] == {"message": mail(1).id}
        run(config, "send")
        run(config, "send")
        assert run(config, "bounce", data=b"hello")[1] == {"message": None}
        assert len(boxes.mails) == 1
    assert len(list((tmp_path / "letters" / "solgaarden").glob("*.pdf"))) == 1
    assert run(config, "list")[1]["counts"] == {"undeliverable": 1, "sent": 1}


def test_without_a_channel_it_says_what_to_add(tmp_path: Path) -> None:
    config = installation(tmp_path, 1)
    config.write_text(config.read_text().partition("[mail]")[0])
    done = CliRunner().invoke(main, ["outbox", "send", "--config", str(config)])
    assert done.exit_code == 2
    assert "[mail]" in done.output


@pytest.mark.slow
def test_killed_at_any_moment_no_mail_is_lost_and_few_come_twice(tmp_path: Path) -> None:
    rng = random.Random(7)  # noqa: S311  of a test
    with smtp_server() as (port, boxes):
        config = installation(tmp_path, port)
        queue(tmp_path, *(mail(number) for number in range(MESSAGES)))
        command = [sys.executable, "-m", "fairvarme", "outbox", "send", "--config", str(config)]
        for _ in range(KILLS):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            until = len(boxes.mails) + rng.randrange(1, 4)
            while len(boxes.mails) < until and process.poll() is None:
                time.sleep(0.001)
            time.sleep(rng.random() * 0.01)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        end_leases(tmp_path)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        arrived = Counter(mail["Message-ID"] for _, mail in boxes.mails)
    assert len(arrived) == MESSAGES
    assert max(arrived.values()) <= 2
    twice = sum(number > 1 for number in arrived.values())
    rows = run(config, "list", "--limit", "1000")[1]["messages"]
    marked = {f"<{row['id']}@example.org>" for row in rows if row["repeats"]}
    assert {key for key, number in arrived.items() if number > 1} <= marked
    assert twice <= len(marked) <= KILLS
    assert {row["state"] for row in rows} == {"sent"}


def end_leases(directory: Path) -> None:
    """Let the time go by that an attempt may take."""
    engine = migrate(f"sqlite:///{directory / 'fairvarme.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox_message SET next_ms = 0 WHERE state = 'queued'")
    engine.dispose()
