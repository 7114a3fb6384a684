"""The machine's folder is lost while the broker lives: what it held arrives after the restore."""

from __future__ import annotations

import re
import shutil
import threading
from pathlib import Path

import pytest

from operations.settings import read_settings
from operations.wiring import opened_store
from tests.support.ingest_parts import wait_until
from tests.support.ingest_process import ingest_process
from tests.support.mosquitto import Mosquitto
from tests.support.shipped_broker import Peer
from tests.support.small_house import BUILDING, bill_files, call, call_json, make_house

pytestmark = pytest.mark.integration
TOPIC = f"fairvarme/v1/{BUILDING}/box-0101/readings"
# 10 February 2026, one reading a minute.
FIRST_S = 1_770_700_000


def publish(broker: Mosquitto, numbers: range) -> None:
    with Peer(broker.port, client_id="box") as box:
        for number in numbers:
            data = f'{{"time": {FIRST_S + 60 * number}, "temperature_c": 21.5}}'
            box.publish(TOPIC, data.encode())


def stored(config: Path) -> int:
    with opened_store(read_settings(config)) as store:
        return store.count(BUILDING)


def test_nothing_that_the_broker_held_is_lost(tmp_path: Path, mosquitto: Mosquitto) -> None:
    house, backups, key = tmp_path / "house", tmp_path / "backups", tmp_path / "house.key"
    config = make_house(house)
    text = re.sub(r"mqtt://[^\"]*", f"mqtt://127.0.0.1:{mosquitto.port}", config.read_text())
    config.write_text(re.sub(r"password_file.*|\[health\]\nport.*", "", text))
    recipient = call("backup", "--new-key", key).strip()
    before_the_fire = stored(config)
    bill = bill_files(config, tmp_path / "before")
    with ingest_process(config) as end:
        sender = threading.Thread(target=publish, args=(mosquitto, range(200)))
        sender.start()
        # Beside a worker at work.
        call_json("backup", backups, "--recipient", recipient, "--config", config)
        sender.join()
        call_json("backup", backups, "--recipient", recipient, "--config", config)
        end()
    publish(mosquitto, range(200, 300))
    shutil.rmtree(house)
    call_json("restore", backups, "--key", key, "--into", house)
    assert bill_files(config, tmp_path / "after") == bill
    held = stored(config)
    with ingest_process(config) as end:
        # The last of them, seen through the store, tells that all came.
        wait_until(lambda: stored(config) == held + 100, 60)
        counts = end()
    assert counts["received"] == 100
    assert held <= before_the_fire + 200
    call("doctor", "--config", config, code=1)  # for boxes that are silent
