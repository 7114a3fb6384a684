"""A meter's own alarm, from its telegram over a real broker to the words that people read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from alerts.life.states import State
from alerts.life.store import AlertStore
from correspondence.channels.mail import MailSender, MailServer
from correspondence.outbox.dispatch import dispatch
from correspondence.outbox.message import Channel
from correspondence.outbox.retries import retries
from correspondence.outbox.store import Outbox
from estate.files.folder import read_estate
from estate.periods import HOUR_MS
from ingest.mqtt.client import SessionSettings
from ingest.quarantine.store import Quarantine
from ingest.remarks import Remarks
from ingest.sources import Source
from ingest.validation.devices import device_table
from ingest.validation.validation import ReadingRules
from ingest.worker import BatchSettings, Worker
from operations.alerts.run import run_alerts
from operations.clock import now_ms
from operations.database import migrate
from operations.settings import read_settings
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import publish, running, wait_until
from tests.support.leaking_house import installation, write_readings
from tests.support.smtp import smtp_server

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support.mosquitto import Mosquitto

pytestmark = pytest.mark.integration
HOMES = 3


def telegram(device: str, time_ms: int, total_m3: float, status: str) -> tuple[str, bytes]:
    fields = {
        "id": device, "media": "cold water", "meter": "multical21", "total_m3": total_m3,
        "status": status, "timestamp": datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(),
    }  # fmt: skip
    return f"house/wmbusmeters/{device}", json.dumps(fields).encode()


def receive(directory: Path, mosquitto: Mosquitto, messages: list[tuple[str, bytes]]) -> None:
    """Let a worker take messages as `fairvarme ingest` does."""
    estate = read_estate(directory / "estate")
    source = Source(
        topic_filter="house/wmbusmeters/+", decoder="wmbusmeters", building=estate.building.id
    )
    engine = migrate(f"sqlite:///{directory / 'fairvarme.db'}")
    store = SqliteStore(directory / "readings.db")
    worker = Worker(
        SessionSettings(mosquitto.host, mosquitto.port), [source],
        ReadingRules(device_table([estate])), store, Quarantine(engine),
        BatchSettings(seconds=0.05), Remarks(engine),
    )  # fmt: skip
    with running(worker):
        publish(mosquitto, messages)
        wait_until(lambda: worker.counts.acknowledged == len(messages))
    assert Quarantine(engine).counts() == {}
    store.close()
    engine.dispose()


def mails(
    directory: Path, port: int, boxes: Sequence[tuple[object, EmailMessage]]
) -> dict[str, str]:
    """Send what waits, and return the plain text by whom it is to."""
    engine = migrate(f"sqlite:///{directory / 'fairvarme.db'}")
    before = len(boxes)
    server = MailServer("127.0.0.1", port, "varme@example.org", security="none")
    # Past the quiet hours.
    later = now_ms() + 12 * HOUR_MS
    with MailSender(server) as sender:
        dispatch(Outbox(engine), {Channel.MAIL: sender}, retries(), lambda: later)
    engine.dispose()
    found = {}
    for _, mail in boxes[before:]:
        body = mail.get_body(("plain",))
        assert body is not None
        found[str(mail["To"])] = body.get_content()
    return found


def test_alarms_of_meters_reach_whom_they_concern(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with smtp_server() as (port, boxes):
        config = installation(tmp_path, port, HOMES)
        now = now_ms()
        write_readings(tmp_path, now, homes=HOMES, leaking=False)
        receive(
            tmp_path,
            mosquitto,
            [
                telegram("w-f00", now, 200.0, "LEAK"),
                telegram("w-f01", now, 200.0, "TAMPER"),
                telegram("w-f02", now, 200.0, "OK"),
            ],
        )
        run_alerts(read_settings(config), [])
        told = mails(tmp_path, port, boxes.mails)
        assert set(told) == {"f00@example.org", "drift@example.org"}
        leak, staff = told["f00@example.org"], told["drift@example.org"]
        assert "Der løber vand uafbrudt. Siden" in leak
        assert "Måleren melder det selv." in leak
        assert "Luk alle haner." in leak
        assert "w-f01" in staff
        assert "åbnet, flyttet eller nær en magnet" in staff
        assert "Det siger ikke noget om beboeren." in staff
        # Nobody hears of it again while it is said again.
        receive(tmp_path, mosquitto, [telegram("w-f00", now + 1000, 200.0, "LEAK")])
        run_alerts(read_settings(config), [])
        assert mails(tmp_path, port, boxes.mails) == {}
    engine = migrate(f"sqlite:///{tmp_path / 'fairvarme.db'}")
    cases = AlertStore(engine).list()
    engine.dispose()
    assert sorted((each.flat, str(each.kind), each.state) for each in cases) == [
        ("f00", "leak", State.SENT), ("f01", "device_fault", State.SENT),
    ]  # fmt: skip
