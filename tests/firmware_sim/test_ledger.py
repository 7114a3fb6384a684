"""A ledger is read back as it was written, and picks the messages that hold its readings."""

from __future__ import annotations

import io

import pytest

from firmware_sim.mqtt.ledger import Ledger, LedgerUnreadable, holding, read_keys
from firmware_sim.mqtt.messages import Sample, Sent

ONE, TWO, THREE = (Sample(minute * 60_000, "box", "temperature_c", 20.0) for minute in range(3))


def message(*samples: Sample) -> Sent:
    return Sent(samples[0].time_ms, "topic", "{}", samples, "box")


def test_keys_are_those_that_were_written() -> None:
    file = io.StringIO()
    ledger = Ledger(file)
    ledger.add([ONE, TWO])
    ledger.add([TWO])
    file.seek(0)
    assert read_keys(file) == {("box", "temperature_c", 0), ("box", "temperature_c", 60_000)}
    assert (ledger.messages, ledger.readings) == (2, 3)


def test_messages_with_any_of_the_readings_are_given_in_order() -> None:
    messages = [message(ONE, TWO), message(THREE), message(TWO)]
    wanted = {("box", "temperature_c", TWO.time_ms), ("other", "temperature_c", THREE.time_ms)}
    assert list(holding(messages, wanted)) == [messages[0], messages[2]]
    assert list(holding(messages, set())) == []


@pytest.mark.parametrize(
    "text", ["device,quantity\nbox,temperature_c\n", "device,quantity,time_ms\nbox,co2_ppm,soon\n",
             "device,quantity,time_ms\nbox\n"]
)  # fmt: skip
def test_a_file_that_is_none_is_named(text: str) -> None:
    file = io.StringIO(text)
    file.name = "keys.csv"
    with pytest.raises(LedgerUnreadable, match=r"keys\.csv is not a ledger"):
        read_keys(file)
