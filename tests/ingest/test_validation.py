"""The rules for a reading: each one, their order, and columns judged as single readings are."""

from __future__ import annotations

from datetime import datetime
from math import inf, nan
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.reasons import Reason
from ingest.validation.devices import DeviceSpan, device_table
from ingest.validation.validation import VERDICTS, ReadingRules
from tests.support.ingest_parts import BUILDING, ESTATE

NOW_MS = 1_000_000
AHEAD_MS = 600_000
# One device stood there twice, another still does.
DEVICES = {
    ("home", "moved"): (DeviceSpan(100, 200), DeviceSpan(300, 400)),
    ("home", "there"): (DeviceSpan(100, 2**63 - 1),),
    ("other", "elsewhere"): (DeviceSpan(0, 2**63 - 1),),
}
OUTSIDE = Reason.TIME_OUTSIDE_PLACEMENT
RULES = ReadingRules(DEVICES, ahead_ms=AHEAD_MS)


def verdict(
    device: str = "there",
    quantity: str = "temperature_c",
    time_ms: int = 150,
    value: float = 21.4,
    allowed: frozenset[str] | None = None,
) -> Reason | None:
    return RULES.verdict("home", device, quantity, time_ms, value, NOW_MS, allowed)


@pytest.mark.parametrize(
    ("reading", "reason"),
    [
        ({}, None),
        ({"device": "stranger"}, Reason.DEVICE_UNKNOWN),
        ({"device": "elsewhere"}, Reason.DEVICE_UNKNOWN),
        ({"device": "back\\slash"}, Reason.DEVICE_ID_INVALID),
        ({"device": "x" * 65}, Reason.DEVICE_ID_INVALID),
        ({"device": ""}, Reason.DEVICE_ID_INVALID),
        ({"allowed": frozenset({"moved"})}, Reason.DEVICE_NOT_ALLOWED),
        ({"allowed": frozenset({"there"})}, None),
        ({"quantity": "radon"}, Reason.QUANTITY_UNKNOWN),
        ({"value": nan}, Reason.VALUE_NOT_FINITE),
        ({"value": inf}, Reason.VALUE_NOT_FINITE),
        ({"value": -inf}, Reason.VALUE_NOT_FINITE),
        ({"value": 127.0}, Reason.VALUE_IMPOSSIBLE),
        ({"value": 60.0}, None),
        ({"value": -40.0}, None),
        ({"value": -40.1}, Reason.VALUE_IMPOSSIBLE),
        ({"quantity": "humidity_pct", "value": 140.0}, Reason.VALUE_IMPOSSIBLE),
        ({"time_ms": NOW_MS + AHEAD_MS}, None),
        ({"time_ms": NOW_MS + AHEAD_MS + 1}, Reason.TIME_AHEAD),
        ({"time_ms": 99}, Reason.TIME_BEFORE_PLACEMENT),
        ({"time_ms": 100}, None),
        ({"device": "moved", "time_ms": 199}, None),
        ({"device": "moved", "time_ms": 200}, OUTSIDE),
        ({"device": "moved", "time_ms": 300}, None),
        ({"device": "moved", "time_ms": 400}, OUTSIDE),
        ({"device": "moved", "quantity": "heat_kwh", "time_ms": 200}, None),
        ({"device": "moved", "quantity": "heat_kwh", "time_ms": 201}, OUTSIDE),
        ({"device": "moved", "quantity": "heat_kwh", "time_ms": 400}, None),
    ],
    ids=str,
)
def test_rule(reading: dict[str, object], reason: Reason | None) -> None:
    assert verdict(**reading) is reason  # type: ignore[arg-type]  # parts of a reading


def test_first_broken_rule_is_the_reason() -> None:
    worst = {"device": "stranger", "quantity": "radon", "value": nan, "time_ms": 2**60}
    mended = {"device": "there", "quantity": "temperature_c", "value": 21.4, "time_ms": 150}
    reasons = []
    for name, good in mended.items():
        reasons.append(verdict(**worst))  # type: ignore[arg-type]  # parts of a reading
        worst[name] = good
    assert reasons == [
        Reason.DEVICE_UNKNOWN,
        Reason.QUANTITY_UNKNOWN,
        Reason.VALUE_NOT_FINITE,
        Reason.TIME_AHEAD,
    ]
    assert verdict(**worst) is None  # type: ignore[arg-type]  # parts of a reading


reading = st.tuples(
    st.sampled_from(["there", "moved", "elsewhere", "stranger", "bad id", "", "x" * 64, "x" * 65]),
    st.sampled_from(["temperature_c", "humidity_pct", "heat_kwh", "radon"]),
    st.sampled_from([99, 100, 199, 200, 299, 300, 400, NOW_MS + AHEAD_MS, NOW_MS + AHEAD_MS + 1])
    | st.integers(min_value=-(2**60), max_value=2**60),
    st.sampled_from([nan, inf, -inf, -40.0, 60.0, 100.0, 127.0]) | st.floats(),
)


@given(
    readings=st.lists(reading, max_size=40),
    allowed=st.none() | st.frozensets(st.sampled_from(["there", "moved", "stranger"])),
)
def test_columns_are_judged_as_single_readings(
    readings: list[tuple[str, str, int, float]], allowed: frozenset[str] | None
) -> None:
    device, quantity, time_ms, value = zip(*readings, strict=True) if readings else ((),) * 4
    codes = RULES.verdicts(
        "home",
        list(device),
        list(quantity),
        np.array(time_ms, dtype=np.int64),
        np.array(value, dtype=np.float64),
        NOW_MS,
        allowed,
    )
    assert [VERDICTS[code] for code in codes] == [verdict(*each, allowed) for each in readings]


def test_device_stands_from_local_midnight() -> None:
    placement = ESTATE.placements["box-0101"][0]
    zone = ZoneInfo("Europe/Copenhagen")
    start = datetime.combine(placement.start, datetime.min.time(), zone)
    assert device_table([ESTATE])[BUILDING, "box-0101"][0].start_ms == start.timestamp() * 1000
