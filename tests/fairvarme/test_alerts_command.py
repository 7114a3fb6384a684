"""``fairvarme alerts`` from readings to mails, with a real mail server, killed and away."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, event

from alerts.life.states import State
from alerts.life.store import AlertStore
from alerts.model import AlertKind
from correspondence.channels.mail import MailSender, MailServer
from correspondence.outbox.dispatch import dispatch
from correspondence.outbox.message import Channel
from correspondence.outbox.retries import retries
from correspondence.outbox.store import Outbox
from estate.periods import DAY_MS, HOUR_MS, Period, day_start_ms
from fairvarme.cli import main
from operations.alerts.run import run_alerts
from operations.database import migrate
from operations.settings import read_settings
from tests.support.leaking_house import HOMES, installation, write_leaks, write_readings
from tests.support.ports import free_port
from tests.support.smtp import smtp_server

ZONE = ZoneInfo("Europe/Copenhagen")
NOON = round(datetime(2026, 3, 10, 12, tzinfo=ZONE).timestamp() * 1000)
FEW = 4
KILLS = int(os.environ.get("FAIRVARME_MAIL_KILLS", "5"))
"""Of the run and of the sender; `FAIRVARME_MAIL_KILLS=50` takes some minutes."""
LEAST_MOMENTS = 20


class Killed(BaseException):
    """The end of a process, as far as what it leaves behind is concerned."""


def run_at(config: Path, moment_ms: int) -> dict[str, int]:
    done = run_alerts(read_settings(config), [], clock=lambda: moment_ms)
    return dict(done.announced.queued)


def told(directory: Path) -> list[tuple[str, str]]:
    """Return to whom messages were queued, and how they stand."""
    engine = migrate(f"sqlite:///{directory / 'fairvarme.db'}")
    rows = Outbox(engine).list_rows(1000)
    engine.dispose()
    return sorted((row.tenancy, row.state) for row in rows)


def states(directory: Path) -> Counter[State]:
    engine = migrate(f"sqlite:///{directory / 'fairvarme.db'}")
    cases = AlertStore(engine).list()
    engine.dispose()
    return Counter(each.state for each in cases)


def command(config: Path, *words: str) -> dict[str, Any]:
    done = CliRunner().invoke(main, ["alerts", *words, "--json", "--config", str(config)])
    assert done.exit_code == 0, done.output + repr(done.exception)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_every_hour_the_same_leaks_and_one_mail_each(tmp_path: Path) -> None:
    config = installation(tmp_path, 1, FEW)
    write_readings(tmp_path, NOON, homes=FEW)
    assert run_at(config, NOON) == {"mail": FEW}
    for hour in (1, 2):
        write_readings(tmp_path, NOON, NOON + hour * HOUR_MS, FEW)
        assert run_at(config, NOON + hour * HOUR_MS) == {}
    assert states(tmp_path) == {State.SENT: FEW}


@pytest.mark.slow
def test_an_end_is_told_to_who_was_told_and_not_to_who_was_not(tmp_path: Path) -> None:
    with smtp_server() as (port, boxes):
        config = installation(tmp_path, port, FEW)
        write_readings(tmp_path, NOON, homes=FEW)
        run_at(config, NOON)
        send(tmp_path, port, NOON)
        assert len(boxes.mails) == FEW
        later = NOON + 2 * DAY_MS
        write_readings(tmp_path, NOON, later, FEW, leaks_end_ms=NOON)
        assert run_at(config, later) == {"mail": FEW}
        send(tmp_path, port, later)
    assert states(tmp_path) == {State.CLEARED: FEW}
    ends = [mail.get_body(("plain",)).get_content() for _, mail in boxes.mails[FEW:]]  # type: ignore[union-attr]
    assert all("Det er overstået" in text for text in ends)


@pytest.mark.slow
def test_what_is_over_before_it_was_sent_is_not_sent(tmp_path: Path) -> None:
    config = installation(tmp_path, 1, FEW)
    write_readings(tmp_path, NOON, homes=FEW)
    run_at(config, NOON)
    later = NOON + 2 * DAY_MS
    write_readings(tmp_path, NOON, later, FEW, leaks_end_ms=NOON)
    assert run_at(config, later) == {}
    assert {state for _, state in told(tmp_path)} == {"withdrawn"}


@pytest.mark.slow
def test_corrected_readings_withdraw_and_say_so(tmp_path: Path) -> None:
    with smtp_server() as (port, boxes):
        config = installation(tmp_path, port, FEW)
        write_readings(tmp_path, NOON, homes=FEW)
        run_at(config, NOON)
        send(tmp_path, port, NOON)
        corrected_ms = NOON + HOUR_MS // 2
        write_readings(tmp_path, NOON, homes=FEW, leaking=False, corrected_ms=corrected_ms)
        assert run_at(config, NOON + HOUR_MS) == {"mail": FEW}
        send(tmp_path, port, NOON + HOUR_MS)
        assert len(boxes.mails) == 2 * FEW
    assert states(tmp_path) == {State.WITHDRAWN: FEW}


@pytest.mark.slow
def test_a_meter_that_says_nothing_ends_nothing(tmp_path: Path) -> None:
    config = installation(tmp_path, 1, FEW)
    write_readings(tmp_path, NOON, homes=FEW)
    run_at(config, NOON)
    # Staff hear that the meters are silent, and nobody that the leaks are over.
    assert run_at(config, NOON + 5 * DAY_MS) == {"mail": 1}
    assert told(tmp_path)[0] == ("", "queued")
    assert states(tmp_path) == {State.SENT: FEW + 1, State.NEW: FEW}


@pytest.mark.slow
def test_five_monthly_runs_keep_two_records_of_two_leaks(tmp_path: Path) -> None:
    """The second of the leaks lasts longer than the days before a month that are read too."""
    config = installation(tmp_path, 1, 1)
    begin, end = date(2026, 1, 1), date(2026, 6, 1)
    leaks = [(date(2026, 1, 20), date(2026, 1, 24)), (date(2026, 2, 20), date(2026, 5, 20))]
    spans = [(day_start_ms(first, ZONE), day_start_ms(last, ZONE)) for first, last in leaks]
    write_leaks(tmp_path, day_start_ms(begin, ZONE), day_start_ms(end, ZONE), spans)
    settings, now_ms = read_settings(config), day_start_ms(date(2026, 6, 2), ZONE)
    for month in range(1, 6):
        days = Period.month(f"2026-{month:02d}")
        run_alerts(settings, [], days, clock=lambda: now_ms)
    engine = migrate(f"sqlite:///{tmp_path / 'fairvarme.db'}")
    cases = [each for each in AlertStore(engine).list() if each.kind is AlertKind.LEAK]
    engine.dispose()
    assert [each.state for each in cases] == [State.CLEARED, State.CLEARED]
    for case, (start_ms, end_ms) in zip(cases, spans, strict=True):
        assert abs(case.start_ms - start_ms) <= DAY_MS
        assert abs(case.end_ms - end_ms) <= DAY_MS


def test_list_ack_resolve_and_silence(tmp_path: Path) -> None:
    config = installation(tmp_path, 1, 1)
    now_ms = round(time.time() * 1000)
    write_readings(tmp_path, now_ms, homes=1)
    found = command(config, "run")
    assert found["queued"] == {"mail": 1}
    (alert,) = command(config, "list")["alerts"]
    assert (alert["state"], alert["address"], alert["kind"]) == ("sent", "Street 1, f00", "leak")
    assert datetime.fromisoformat(alert["since"]).utcoffset() is not None
    assert "taps" in alert["to_do"]
    name = alert["id"][:6]
    assert command(config, "ack", name, "--in-work")["alerts"][0]["state"] == "in_work"
    assert (
        command(config, "resolve", name, "--note", "new valve")["alerts"][0]["state"] == "cleared"
    )
    assert command(config, "list")["alerts"] == []
    assert len(command(config, "list", "--all")["alerts"]) == 1
    until = (datetime.now(ZONE) + timedelta(days=9)).date().isoformat()
    command(config, "silence", name, "--until", until, "--label", "pool")
    assert command(config, "list", "--all")["alerts"][0]["label"] == "pool"
    assert told(tmp_path) == [("f00-1", "withdrawn")]
    past = ["alerts", "silence", name, "--until", "2020-01-01", "--label", "x"]
    refused = CliRunner().invoke(main, [*past, "--config", str(config)])
    assert refused.exit_code == 2
    assert "after today" in refused.output


def test_alerts_of_a_building_that_is_gone_are_closed_like_others(tmp_path: Path) -> None:
    config = installation(tmp_path, 1, 1)
    write_readings(tmp_path, round(time.time() * 1000), homes=1)
    command(config, "run")
    (alert,) = command(config, "list")["alerts"]
    config.write_text(config.read_text("utf-8").replace('["estate"]', "[]"), "utf-8")
    (left,) = command(config, "list")["alerts"]
    assert (left["id"], left["address"]) == (alert["id"], "")
    until = (datetime.now(ZONE) + timedelta(days=9)).date().isoformat()
    command(config, "silence", alert["id"], "--until", until, "--label", "sold")
    assert command(config, "resolve", alert["id"])["alerts"][0]["state"] == "cleared"
    assert command(config, "run")["queued"] == {}


@pytest.mark.parametrize(
    ("name", "known", "wrong", "why"),
    [
        ("flats.csv", "70", "large", "area_m2 holds 'large'"),
        ("building.yaml", "id: another", "id: [another]", "building.yaml"),
    ],
)
def test_an_estate_that_is_not_in_order_costs_no_other_building_its_alerts(
    tmp_path: Path, name: str, known: str, wrong: str, why: str
) -> None:
    config = installation(tmp_path, 1, 1)
    write_readings(tmp_path, round(time.time() * 1000), homes=1)
    other = tmp_path / "another"
    shutil.copytree(tmp_path / "estate", other)
    for file, old, new in (("building.yaml", "id: house", "id: another"), (name, known, wrong)):
        path = other / file
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    settings = config.read_text("utf-8").replace('["estate"]', '["another", "estate"]')
    config.write_text(settings, "utf-8")
    arguments = ["alerts", "run", "--config", str(config)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    (told,) = [line for line in done.output.splitlines() if "another is left out: " in line]
    assert why in told
    assert "1 by mail queued" in done.output
    named = CliRunner().invoke(main, [*arguments, "another"])
    assert (named.exit_code, "another is left out" in named.output) == (1, True)
    assert [each["building"] for each in command(config, "list")["alerts"]] == ["house"]


def test_the_question_is_answered_through_staff(tmp_path: Path) -> None:
    config = installation(tmp_path, 1, 1)
    write_readings(tmp_path, round(time.time() * 1000), homes=1)
    command(config, "run")
    (alert,) = command(config, "list")["alerts"]
    assert command(config, "answer", alert["id"][:6], "yes")["alerts"][0]["state"] == "acknowledged"
    assert command(config, "list")["alerts"][0]["label"] == "on_purpose"
    assert told(tmp_path) == [("f00-1", "withdrawn")]
    command(config, "resolve", alert["id"])
    asks = ["alerts", "answer", alert["id"], "no", "--config", str(config)]
    refused = CliRunner().invoke(main, asks)
    assert refused.exit_code == 2
    assert "asks nothing" in refused.output


def test_the_air_of_homes_without_a_box_is_unknown(tmp_path: Path) -> None:
    config = installation(tmp_path, 1, 2)
    write_readings(tmp_path, NOON, homes=2)
    homes = command(config, "air", "house", "--period", "2026-03-01/2026-03-03")["homes"]
    assert [(each["flat"], each["unknown_hours"]) for each in homes] == [("f00", 48), ("f01", 48)]
    words = ["alerts", "air", "house", "--period", "2026-03-01/2026-03-03", "--config", str(config)]
    assert "unknown 48 h" in CliRunner().invoke(main, words).output


@pytest.mark.slow
def test_stopped_at_any_statement_nobody_is_forgotten_or_told_twice(tmp_path: Path) -> None:
    """At each statement to the database a run ends as a killed one does; the next one goes on."""
    config = installation(tmp_path, 1, FEW)
    write_readings(tmp_path, NOON, homes=FEW)
    database, empty = tmp_path / "fairvarme.db", tmp_path / "empty.db"
    migrate(f"sqlite:///{empty}").dispose()
    shutil.copy(empty, database)
    moments = 0
    while _stopped_at(config, moments + 1):
        moments += 1
        assert len(told(tmp_path)) in (0, FEW)
        run_at(config, NOON)
        assert told(tmp_path) == [(f"f{home:02d}-1", "queued") for home in range(FEW)]
        assert states(tmp_path) == {State.SENT: FEW}
        shutil.copy(empty, database)
    assert moments >= LEAST_MOMENTS


def _stopped_at(config: Path, moment: int) -> bool:
    """Run until the database was told so many things; tell whether that was before the end."""
    statements = 0

    def stop(*_: object) -> None:
        nonlocal statements
        statements += 1
        if statements == moment:
            raise Killed

    event.listen(Engine, "before_cursor_execute", stop)
    try:
        run_at(config, NOON)
    except Killed:
        return True
    finally:
        event.remove(Engine, "before_cursor_execute", stop)
    return False


@pytest.mark.slow
def test_a_mail_server_that_is_dead_for_a_day_delays_and_loses_none(tmp_path: Path) -> None:
    port = free_port()
    config = installation(tmp_path, port, FEW)
    write_readings(tmp_path, NOON, homes=FEW)
    run_at(config, NOON)
    for hour in range(24):
        moment = NOON + hour * HOUR_MS
        write_readings(tmp_path, NOON, moment, FEW)
        assert run_at(config, moment) == {}
        assert send(tmp_path, port, moment) == {}
    with smtp_server(port) as (_, boxes):
        assert send(tmp_path, port, NOON + DAY_MS) == {"mail": FEW}
        assert send(tmp_path, port, NOON + DAY_MS + HOUR_MS) == {}
    assert sorted(address for address, _ in boxes.mails) == [
        f"f{home:02d}@example.org" for home in range(FEW)
    ]


def send(directory: Path, port: int, moment_ms: int) -> dict[str, int]:
    engine = migrate(f"sqlite:///{directory / 'fairvarme.db'}")
    server = MailServer("127.0.0.1", port, "varme@example.org", security="none")
    with MailSender(server) as sender:
        done = dispatch(Outbox(engine), {Channel.MAIL: sender}, retries(), lambda: moment_ms)
    engine.dispose()
    return {str(channel): number for channel, number in done.sent.items()}


@pytest.mark.slow
@pytest.mark.timeout(300 + 30 * KILLS)
def test_killed_between_readings_and_mail_each_home_hears_once_or_twice(tmp_path: Path) -> None:
    rng = random.Random(11)  # noqa: S311  of a test
    with smtp_server() as (port, boxes):
        config = installation(tmp_path, port)
        write_readings(tmp_path, round(time.time() * 1000))
        run, out = (
            [sys.executable, "-m", "fairvarme", *words, "--config", str(config)]
            for words in (("alerts", "run"), ("outbox", "send"))
        )
        migrate(f"sqlite:///{tmp_path / 'fairvarme.db'}").dispose()
        began = time.monotonic()
        subprocess.run([*run, "--period", "2026-01-01/2026-01-02"], check=True, capture_output=True)
        whole = time.monotonic() - began
        for _ in range(KILLS):
            _killed(run, rng.random() * 1.5 * whole)
        subprocess.run(run, check=True, capture_output=True)
        _make_due(tmp_path)
        for _ in range(KILLS):
            until = len(boxes.mails) + rng.randrange(1, 4)
            process = subprocess.Popen(out, stdout=subprocess.DEVNULL)
            while len(boxes.mails) < until and process.poll() is None:
                time.sleep(0.001)
            process.kill()
            process.wait()
        _make_due(tmp_path)
        subprocess.run(out, check=True, capture_output=True)
    arrived = Counter((address, mail["Message-ID"]) for address, mail in boxes.mails)
    assert sorted(address for address, _ in arrived) == [
        f"f{home:02d}@example.org" for home in range(HOMES)
    ]
    assert sum(number > 1 for number in arrived.values()) <= KILLS
    assert max(arrived.values()) <= 2


def _killed(words: list[str], seconds: float) -> None:
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    process.kill()
    process.wait()


def _make_due(directory: Path) -> None:
    """Let quiet hours and leases be over."""
    engine = migrate(f"sqlite:///{directory / 'fairvarme.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox_message SET next_ms = 0 WHERE state = 'queued'")
    engine.dispose()
