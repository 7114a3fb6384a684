"""MQTT messages of devices: our own JSON from boxes, wmbusmeters JSON from a gateway of meters."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from firmware_sim.clock import DAY_MS, HOUR_MS, QUARTER_MS, day_start_ms, iso
from firmware_sim.life.scenario import FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    import numpy as np

    from firmware_sim.folder import Placement
    from firmware_sim.life.scenario import Fault
    from firmware_sim.mqtt.faults import Series

GJ_PER_KWH = 0.0036
ONCE_A_DAY = frozenset({"battery_v"})
"""Quantities that a box does not measure in every record."""


class Sample(NamedTuple):
    """
    One reading: device time in ms since 1970, UTC, and value in the quantity's unit.

    The value is None if the device sent null.
    """

    time_ms: int
    device: str
    quantity: str
    value: float | None


@dataclass(frozen=True)
class Sent:
    """
    One MQTT message.

    Attributes
    ----------
    time_ms : int
        Time of sending. [ms since 1970, UTC]
    samples : tuple of Sample
        Its readings.
    sender : str
        The device or gateway that sends it.
    after_reboot : bool
        Whether the sender rebooted and lost everything before it.
    """

    time_ms: int
    topic: str
    payload: str
    samples: tuple[Sample, ...]
    sender: str
    after_reboot: bool = False


@dataclass(frozen=True)
class Telegram:
    """Medium, driver and fields of a meter's telegrams."""

    media: str
    driver: str
    fields: dict[str, str]


HEAT_FIELDS = {"heat_kwh": "total_energy_consumption_kwh", "heat_volume_m3": "total_volume_m3"}
TELEGRAMS = {
    "heat": Telegram("heat", "kamheat", HEAT_FIELDS),
    "main_heat": Telegram("heat", "kamheat", HEAT_FIELDS),
    "hot_water": Telegram("warm water", "flowiq2200", {"hot_water_m3": "total_m3"}),
    "cold_water": Telegram("cold water", "flowiq2200", {"cold_water_m3": "total_m3"}),
    "electricity": Telegram(
        "electricity", "omnipower", {"electricity_kwh": "total_energy_consumption_kwh"}
    ),
    "allocator": Telegram(
        "heat cost allocation", "fhkvdataiii", {"allocator_units": "current_consumption_hca"}
    ),
}
"""Telegrams by kind of meter, with the fields of wmbusmeters 3."""


def box_topic(building: str, placement: Placement) -> str:
    """Return the prefix of a box's topics."""
    return f"fairvarme/v1/{building}/{placement.device}"


def box_messages(
    building: str,
    placement: Placement,
    series: Series,
    faults: Sequence[Fault],  # noqa: ARG001  a box's faults are all in its series
) -> Iterator[Sent]:
    """Combine a box's readings into one message per hour."""
    topic = f"{box_topic(building, placement)}/readings"
    columns = {name: column.tolist() for name, column in series.columns.items()}
    times, sent, sequence = (
        each.tolist() for each in (series.time_ms, series.sent_ms, series.sequence)
    )
    for _, rows in groupby(range(len(times)), key=lambda row: sent[row] // HOUR_MS):
        records, samples, last, booted = [], [], 0, False
        for row in rows:
            values = {
                name: _known(column[row])
                for name, column in columns.items()
                if name not in ONCE_A_DAY or sent[row] % DAY_MS < QUARTER_MS
            }
            records.append({"time": iso(times[row]), "sequence": sequence[row], **values})
            samples += _samples(times[row], placement, values)
            last = sent[row]
            booted |= row > 0 and sequence[row] <= sequence[row - 1]
        yield Sent(last, topic, json.dumps(records), tuple(samples), placement.device, booted)


def gateway_name(building: str) -> str:
    """Return the name of the gateway of a building's meters."""
    return f"{building}-gateway"


def meter_messages(
    building: str, placement: Placement, series: Series, faults: Sequence[Fault]
) -> Iterator[Sent]:
    """Put each register of a meter into a telegram."""
    kind = TELEGRAMS[placement.kind]
    topic = f"{building}/wmbusmeters/{placement.device}"
    in_gj = any(fault.kind is FaultKind.ENERGY_IN_GJ for fault in faults)
    columns = {name: column.tolist() for name, column in series.columns.items()}
    rows = zip(series.time_ms.tolist(), series.sent_ms.tolist(), strict=True)
    for row, (time_ms, sent_ms) in enumerate(rows):
        values = {name: _known(column[row]) for name, column in columns.items()}
        telegram: dict[str, Any] = {
            "_": "telegram",
            "media": kind.media,
            "meter": kind.driver,
            "name": f"{placement.kind}-{placement.flat or 'main'}",
            "id": placement.device,
            "status": "OK",
            **{kind.fields[name]: value for name, value in values.items()},
            "timestamp": iso(time_ms),
        }
        if in_gj and values.get("heat_kwh") is not None:
            kwh = telegram.pop(HEAT_FIELDS["heat_kwh"])
            telegram["total_energy_consumption_gj"] = round(kwh * GJ_PER_KWH, 6)
        samples = _samples(time_ms, placement, values)
        yield Sent(sent_ms, topic, json.dumps(telegram), tuple(samples), gateway_name(building))


def radio(
    messages: list[Sent], faults: Sequence[Fault], zone: ZoneInfo, rng: np.random.Generator
) -> list[Sent]:
    """Lose, delay and repeat messages by faults of the radio."""
    for fault in faults:
        start_ms, end_ms = day_start_ms(fault.start, zone), day_start_ms(fault.end, zone)
        messages = [
            arrived
            for message in messages
            for arrived in (
                _on_the_way(message, fault, rng)
                if start_ms <= message.time_ms < end_ms
                else [message]
            )
        ]
    return messages


def _on_the_way(message: Sent, fault: Fault, rng: np.random.Generator) -> list[Sent]:
    match fault.kind:
        case FaultKind.HALF_OF_RADIO_LOST:
            return [] if rng.random() < fault.size else [message]
        case FaultKind.LATE_SENDS:
            return [replace(message, time_ms=message.time_ms + round(fault.size * HOUR_MS))]
        case FaultKind.DUPLICATE_SENDS:
            return [message] * round(fault.size)
        case _:
            return [message]


def _samples(time_ms: int, placement: Placement, values: dict[str, float | None]) -> list[Sample]:
    return [Sample(time_ms, placement.device, name, value) for name, value in values.items()]


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
