"""The doctor, on installations that are well and ill in one way each."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from click.testing import CliRunner
from sqlalchemy import text

from estate.devices import REGISTER_OF
from estate.files.folder import read_estate
from fairvarme.cli import main
from fairvarme.doctor.broker import BrokerAnswer
from fairvarme.doctor.check import Patient, _table, limit
from fairvarme.doctor.examine import disk
from fairvarme.doctor.services import _dropped, _subscriptions
from ingest.decoders import Reject
from ingest.decoders.payload.outcomes import Said
from ingest.intake import Remark
from ingest.limits import limits
from ingest.message import Entry, Message
from ingest.quarantine.store import Quarantine
from ingest.reasons import Reason, reason_texts
from ingest.remarks import Remarks
from operations.database import migrate
from operations.settings import read_settings
from telemetry.readings import Quality, Reading
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import BUILDING
from tests.support.ports import free_port
from tests.support.shipped_broker import SAMPLE, Installation

HOUR_MS = 3_600_000
SETTINGS = 'store = "sqlite:///r.db"\ndatabase = "sqlite:///f.db"\nestates = ["estate"]\n'


class Site:
    """A folder with settings, an estate, a store and a database, and no broker."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.config = directory / "fairvarme.toml"
        self.config.write_text(SETTINGS)
        shutil.copytree(SAMPLE, directory / "estate")
        self.database = f"sqlite:///{directory}/f.db"
        migrate(self.database).dispose()
        self.kinds = {
            row.device: row.kind
            for row in read_estate(SAMPLE).devices
            if row.kind != "unmetered" and row.end is None and row.start <= date.today()  # noqa: DTZ011  days of the sample
        }
        self.devices = list(self.kinds)

    def store(
        self,
        devices: list[str],
        time_ms: int,
        quantity: str | None = None,
        quality: Quality = Quality.GOOD,
    ) -> None:
        """Store a reading of each device: of its register where it has one."""
        store = SqliteStore(self.directory / "r.db")
        store.write(
            [
                Reading(
                    BUILDING,
                    device,
                    quantity or REGISTER_OF.get(self.kinds[device], "battery_v"),
                    time_ms,
                    3.0,
                    quality,
                    time_ms,
                )
                for device in devices
            ]
        )
        store.close()

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.examine()["checks"] if line["name"].startswith(name)]

    def examine(self) -> dict[str, Any]:
        done = CliRunner().invoke(main, ["doctor", "--config", str(self.config), "--json"])
        found: dict[str, Any] = json.loads(done.stdout)
        assert done.exit_code == (1 if found["faults"] else 0)
        assert found["faults"] == sum(line["state"] == "fault" for line in found["checks"])
        assert all(bool(line["remedy"]) == (line["state"] != "ok") for line in found["checks"])
        return found


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.mark.slow
def test_what_is_well_is_told_in_a_line_each(site: Site) -> None:
    site.store(site.devices, now_ms() - 5 * 60_000)
    found = site.examine()
    states = {line["name"]: line["state"] for line in found["checks"]}
    # Somebody who loads files needs no broker; of backups everybody is told.
    assert states.pop("broker") == "warning"
    assert states.pop("backup") == "warning"
    assert set(states.values()) == {"ok"}
    assert {"settings", "estate", "clock", "disk", "store", "database", "quarantine"} < set(states)
    assert found["faults"] == 0
    (line,) = site.lines("readings")
    assert line["detail"].startswith("the newest is 5 min old")


def test_devices_that_are_silent_are_named(site: Site) -> None:
    site.store(site.devices[2:], now_ms())
    site.store(site.devices[:2], now_ms() - (limit("silent_hours") + 1) * HOUR_MS)
    (line,) = site.lines("readings")
    assert line["state"] == "warning"
    assert f"2 of {len(site.devices)}" in line["detail"]
    assert all(device in line["detail"] for device in site.devices[:2])


def test_what_arrived_in_the_last_hour_is_told_by_device_and_address(site: Site) -> None:
    before = (now_ms() - 20 * 60_000) // 60_000 * 60_000
    for minutes in (0, 10):
        site.store(["box-0101"], before + minutes * 60_000)
    site.store(["box-0102"], now_ms() - 2 * HOUR_MS)
    (line,) = site.lines("last hour")
    at = datetime.fromtimestamp((before + 600_000) / 1000, ZoneInfo("Europe/Copenhagen"))
    assert line["detail"] == (
        f"2 readings of 1 of {len(site.devices)} devices; box-0101 (Solgaarden 1, st. tv): "
        f"2 until {at:%Y-%m-%d %H:%M}"
    )


@pytest.mark.slow
def test_meters_that_send_all_but_their_register_are_named(site: Site) -> None:
    meters = [device for device in site.devices if site.kinds[device] == "hot_water"]
    site.store([each for each in site.devices if each not in meters[:2]], now_ms())
    site.store(meters[:1], now_ms(), "rssi_dbm")
    site.store(meters[1:2], now_ms(), "hot_water_m3", Quality.SUSPECT)
    (line,) = site.lines("registers")
    assert line["state"] == "warning"
    assert line["detail"].startswith("2 meters send, but no valid register")
    assert all(f"{meter} (Solgaarden 1, st. t" in line["detail"] for meter in meters[:2])
    assert site.lines("readings")[0]["state"] == "ok"


def test_words_that_devices_say_are_told_with_their_count(site: Site) -> None:
    def said(device: str, word: str, meaning: str, times: int = 1) -> list[Remark]:
        return [Remark(BUILDING, Said(device, word, meaning), now_ms())] * times

    engine = migrate(site.database)
    remarks = [
        *said("71000101", "UNKNOWN_40", "unknown", 3),
        *said("71000102", "UNKNOWN_40", "unknown", 2),
        *said("71000102", "LEAK", "harmless"),
        *said("64000102", "PERMANENT_ERROR", "suspect"),
    ]
    Remarks(engine).keep(remarks)
    engine.dispose()
    assert [(line["state"], line["detail"]) for line in site.lines("device words")] == [
        ("warning", "1 times PERMANENT_ERROR (suspect), reported by 64000102"),
        ("warning", "5 times UNKNOWN_40 (unknown), reported by 71000101, 71000102"),
    ]
    found = CliRunner().invoke(
        main, ["devices", "words", "--device", "71000102", "--config", str(site.config), "--json"]
    )
    assert [
        (each["word"], each["meaning"], each["times"]) for each in json.loads(found.stdout)["words"]
    ] == [("LEAK", "harmless", 1), ("UNKNOWN_40", "unknown", 2)]


def test_building_that_is_silent_is_a_fault(site: Site) -> None:
    site.store(site.devices, now_ms() - 40 * HOUR_MS)
    (line,) = site.lines("readings")
    assert line["state"] == "fault"


@pytest.mark.slow
def test_clock_that_stands_before_what_is_written_is_a_fault(site: Site) -> None:
    site.store(site.devices, now_ms() + 2 * HOUR_MS)
    assert "ahead of this clock" in site.lines("readings")[0]["detail"]
    os.utime(site.config, (time.time() + 3600, time.time() + 3600))
    (line,) = site.lines("clock")
    assert line["state"] == "fault"


def test_wrong_settings_end_it(tmp_path: Path) -> None:
    path = tmp_path / "fairvarme.toml"
    path.write_text(SETTINGS + 'stroe = "x"\n[broker]\nurl = "mqtt://u:geheim@h"\n')
    done = CliRunner().invoke(main, ["doctor", "--config", str(path)])
    assert done.exit_code == 1
    assert "stroe" in done.output
    assert "geheim" not in done.output
    assert "docs/operation.md" in done.output


def test_estate_that_is_not_in_order_is_a_fault(site: Site) -> None:
    (site.directory / "estate" / "flats.csv").unlink()
    (line,) = site.lines("estate")
    assert line["state"] == "fault"
    assert "flats.csv" in line["detail"]
    assert str(site.directory / "estate") in line["remedy"]


def test_nothing_is_made_by_looking(site: Site) -> None:
    (site.directory / "f.db").unlink()
    assert {line["state"] for line in site.lines("store") + site.lines("database")} == {"warning"}
    assert not (site.directory / "r.db").exists()
    assert not (site.directory / "f.db").exists()


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ("DELETE FROM alembic_version", "warning"),
        ("UPDATE alembic_version SET version_num = 'from the future'", "fault"),
    ],
)
def test_tables_of_another_version(site: Site, change: str, state: str) -> None:
    engine = migrate(site.database)
    with engine.begin() as connection:
        connection.execute(text(change))
    engine.dispose()
    (line,) = site.lines("database")
    assert line["state"] == state


def test_damaged_files_are_faults(site: Site) -> None:
    for name in ("r.db", "f.db"):
        (site.directory / name).write_bytes(b"no database at all" * 100)
    assert [line["state"] for line in site.lines("store") + site.lines("database")] == [
        "fault",
        "fault",
    ]


def test_quarantine_is_told_by_reason(site: Site) -> None:
    message = Message("a/b", b"x", 1, now_ms())
    engine = migrate(site.database)
    Quarantine(engine).put(
        [Entry("", message, Reject(Reason.TIME_MISSING, str(number))) for number in range(3)]
        + [Entry("", message, Reject(Reason.PAYLOAD_EMPTY))]
    )
    engine.dispose()
    lines = site.lines("quarantine")
    assert [line["detail"].split(":")[0] for line in lines] == ["3 time_missing", "1 payload_empty"]
    assert lines[0]["remedy"] == reason_texts()[Reason.TIME_MISSING].remedy


def test_disk_without_room(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = Patient(site.config, read_settings(site.config), {}, now_ms())
    states = []
    for name in ("free_bytes_warning", "free_bytes_fault"):
        for free in (limit(name), limit(name) - 1):
            room = os.statvfs_result((1, 1, 9**20, 9**20, free, 1, 1, 1, 0, 255))
            monkeypatch.setattr(os, "statvfs", lambda _path, room=room: room)
            states += [line.state for line in disk(patient)]
    assert states == ["ok", "warning", "warning", "fault"]


def test_folder_that_is_not_there_is_told_apart_from_a_full_disk(site: Site) -> None:
    site.config.write_text(SETTINGS.replace("///r.db", "///elsewhere/r.db"))
    (told,) = [line for line in site.lines("disk") if line["state"] == "fault"]
    assert "there is no folder" in told["detail"]
    assert "make the folder" in told["remedy"]


def test_source_of_a_building_that_is_not_there_is_a_fault(site: Site) -> None:
    source = '[[sources]]\ntopic_filter = "a/+"\ndecoder = "fairvarme"\nbuilding = "{}"\n'
    site.config.write_text(SETTINGS + source.format(BUILDING) + source.format("solgarden"))
    (told,) = site.lines("sources")
    assert (told["state"], told["detail"].split()[0]) == ("fault", "solgarden")
    # One that cannot be read has been told, and may be the one that is meant.
    (site.directory / "estate" / "flats.csv").write_text("")
    assert site.lines("sources") == []


def test_health_page_of_another_program_is_told_apart(site: Site) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        site.config.write_text(f"{SETTINGS}[health]\nport = {server.server_port}\n")
        (told,) = site.lines("worker")
        server.shutdown()
    assert "is answered by another program" in told["detail"]


def test_subscription_that_is_refused_is_a_fault() -> None:
    """Mosquitto 2.0 grants every one and sends nothing; other brokers refuse."""
    answer = BrokerAnswer(refused_filters=["a/+"], dropped=7)
    lines = [*_subscriptions("h:1883", 2, answer), *_dropped(answer)]
    assert [line.state for line in lines] == ["fault", "warning"]
    assert "a/+" in lines[0].detail
    assert "7 messages" in lines[1].detail


def test_worker_that_does_not_answer_is_a_fault(site: Site) -> None:
    site.config.write_text(f"{SETTINGS}[health]\nport = {free_port()}\n")
    (line,) = site.lines("worker")
    assert line["state"] == "fault"


@pytest.mark.parametrize(("days", "state"), [(400, "ok"), (20, "warning")])
def test_certificates_that_end_soon(tmp_path: Path, days: int, state: str) -> None:
    installation = Installation(tmp_path)
    installation.settings.write_text(
        installation.settings.read_text().replace(
            "[credentials]", f"[credentials]\ncertificate_days = {days}"
        )
    )
    installation.certificate(f"{BUILDING}/box-0101")
    done = CliRunner().invoke(main, ["doctor", "--config", str(installation.settings), "--json"])
    (line,) = [each for each in json.loads(done.stdout)["checks"] if each["name"] == "certificates"]
    assert line["state"] == state
    assert ("box-0101" in line["detail"]) == (state == "warning")


def test_address_of_a_broker_that_cannot_be_read_is_a_fault(site: Site) -> None:
    source = f'[[sources]]\ntopic_filter = "a/+"\ndecoder = "fairvarme"\nbuilding = "{BUILDING}"\n'
    site.config.write_text(f'{SETTINGS}[broker]\nurl = "http://u:geheim@h"\n{source}')
    (line,) = site.lines("broker")
    assert line["state"] == "fault"
    assert "geheim" not in json.dumps(line)


@pytest.mark.parametrize(("pct", "told"), [(79, False), (81, True)])
def test_quarantine_that_is_nearly_full_is_told(site: Site, pct: int, told: bool) -> None:
    engine = migrate(site.database)
    share = limits().quarantine_bytes * pct // 100 + 1
    with engine.begin() as connection:
        statement = text("INSERT INTO quarantine_share VALUES ('cellar', :bytes)")
        connection.execute(statement, {"bytes": share})
    engine.dispose()
    details = [line["detail"] for line in site.lines("quarantine")]
    assert any("81 % of its space" in detail for detail in details) is told


def test_check_that_may_not_look_costs_no_other(site: Site) -> None:
    long = "x" * 300
    site.config.write_text(SETTINGS.replace("r.db", f"{long}/r.db"))
    found = site.examine()
    states = {line["name"]: line["state"] for line in found["checks"]}
    assert (states["disk"], states["store"], states["database"]) == ("fault", "fault", "ok")


def test_every_limit_has_a_unit_and_a_source() -> None:
    for row in _table()["limits"].values():
        assert set(row) == {"value", "unit", "source"}


def test_every_remedy_is_used() -> None:
    directory = Path(__file__).parents[2] / "fairvarme" / "doctor"
    code = "".join(path.read_text("utf-8") for path in directory.glob("*.py"))
    remedies = yaml.safe_load((directory / "doctor.yaml").read_text("utf-8"))["remedies"]
    assert [name for name in remedies if f'"{name}"' not in code] == []
