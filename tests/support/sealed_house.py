"""The small house with a year of readings every three hours, whose months can be sealed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from operations.settings import read_settings
from operations.wiring import opened_store
from telemetry.readings import Reading
from tests.support.small_house import BUILDING, make_house

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
START_MS = round(datetime(2024, 12, 31, 23, tzinfo=UTC).timestamp() * 1000)
SERIES = (
    ("box-0101", "temperature_c", 21.0, 0.0),
    ("box-0102", "temperature_c", 20.0, 0.0),
    ("64000101", "heat_kwh", 41210.0, 970 / 2920),
    ("64000102", "heat_kwh", 38077.0, 828 / 2920),
)


def make_sealed_house(directory: Path) -> Path:
    """Make the house with readings of boxes and meters, none sealed yet; return its settings."""
    config = make_house(directory)
    random, written = np.random.default_rng(3), []
    times = range(START_MS + 600_000, START_MS + 365 * DAY_MS, 3 * HOUR_MS)
    for device, quantity, first, step in SERIES:
        for number, time_ms in enumerate(times):
            noise = 0.0 if step else random.normal(0, 0.4)
            value = round(first + number * step + noise, 1)
            written.append(Reading(BUILDING, device, quantity, time_ms, value, 0, time_ms + 50))
    with opened_store(read_settings(config)) as store:
        store.write(written)
    return config
