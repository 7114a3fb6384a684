"""What the boxes of a fault run send: every value tells which message it is of."""

from __future__ import annotations

import json

from tests.support.ingest_parts import BUILDING, ESTATE, T0

ReadingKey = tuple[str, str, int]
"""Device, quantity, device time [ms since 1970, UTC]."""
Ledger = dict[ReadingKey, float]

BOXES = [device.device for device in ESTATE.devices_of_kind("climate")]
IMPOSSIBLE_EVERY = 100
IMPOSSIBLE_VOLTS = -1.0


def time_of(number: int) -> int:
    """Return the device time of a message: a second after the one before. [ms since 1970, UTC]"""
    return T0 + number * 1000


def readings_of(number: int) -> Ledger:
    """Return the readings of a message; each hundredth one has a value that no sensor gives."""
    values = {
        "temperature_c": 15 + number % 997 / 100,
        "humidity_pct": 30 + number % 5003 / 200,
        "co2_ppm": 400.0 + number % 10_007,
    }
    if number % IMPOSSIBLE_EVERY == 0:
        values["battery_v"] = IMPOSSIBLE_VOLTS
    device, time_ms = BOXES[number % len(BOXES)], time_of(number)
    return {(device, quantity, time_ms): value for quantity, value in values.items()}


def message_of(readings: Ledger) -> tuple[str, bytes]:
    """Return topic and payload of one message's readings."""
    device, _, time_ms = next(iter(readings))
    values = {quantity: value for (_, quantity, _), value in readings.items()}
    topic = f"fairvarme/v1/{BUILDING}/{device}/readings"
    return topic, json.dumps({"time": time_ms, **values}).encode()


def is_impossible(key: ReadingKey) -> bool:
    """Whether a reading belongs into quarantine."""
    return key[1] == "battery_v"
