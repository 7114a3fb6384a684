"""
Meters heard by a wmbusmeters gateway, which publishes one JSON object for each telegram.

The device is the payload's ``id``: a gateway speaks for many meters, and its topic may name them
as it likes. Which of them it may speak for is the source's list of devices.

The time is ``timestamp``, when the gateway heard the telegram. The meter's own clock
(``device_datetime``, ``meter_datetime``) is not used: it has neither an offset nor a known rule for
summer time, drifts for years, and is whole hours behind in meters that send stored values. Two
gateways that hear one telegram give two readings of the same register, which changes no use.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from ingest.decoders.model import Decoded, DecodeOptions, Measurement, Refused, Reject, shown
from ingest.decoders.parsing import parse_json, parse_number, parse_time
from ingest.reasons import Reason
from ingest.units import Unit, suffixes_for, units
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Field:
    """A field of a telegram and the unit that its name states."""

    name: str
    unit: Unit


Plan = dict[str, tuple[Field, ...]]
"""The fields that may hold each quantity, the preferred one first."""


@dataclass(frozen=True)
class FieldMap:
    """The field map, ``wmbusmeters.yaml``, made ready for looking up."""

    plans: Mapping[str, Plan]
    drivers: Mapping[str, Plan]
    no_value: Mapping[str, frozenset[float]]
    status: Mapping[str, frozenset[str]]
    masked_time: str

    def plan(self, medium: str, driver: object) -> Plan | None:
        """Give the plan for a meter, or None where its medium is not used."""
        plan = self.plans.get(medium)
        special = self.drivers.get(driver) if isinstance(driver, str) else None
        if plan is None or special is None:
            return plan
        return plan | {name: fields for name, fields in special.items() if name in plan}


@cache
def field_map() -> FieldMap:
    """Read the field map."""
    path = resources.files("ingest.decoders").joinpath("wmbusmeters.yaml")
    table = yaml.safe_load(path.read_text("utf-8"))
    plans = {name: _plan(rows | table["common"]) for name, rows in table["maps"].items()}
    special = table["no_value"]
    return FieldMap(
        plans={medium: plans[name] for medium, name in table["media"].items()},
        drivers={driver: _plan(rows) for driver, rows in table["drivers"].items()},
        no_value={
            quantity: frozenset(special["any"] + special.get(quantity, []))
            for plan in plans.values()
            for quantity in plan
        },
        status={name: frozenset(words) for name, words in table["status"].items()},
        masked_time=table["masked_time"],
    )


def _plan(rows: Mapping[str, list[str]]) -> Plan:
    return {
        quantity: tuple(
            Field(f"{stem}_{suffix}", units()[suffix])
            for stem in stems
            for suffix in suffixes_for(quantity)
        )
        for quantity, stems in rows.items()
    }


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:  # noqa: ARG001  the device is in the payload
    """Decode one telegram."""
    found = Decoded([], [])
    try:
        telegram = _telegram(payload, options)
        device = _device(telegram)
        time_ms, quality = _time(telegram, arrival_ms, options)
        _decode_fields(telegram, device, time_ms, quality, found)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail))
    return found


def _telegram(payload: bytes, options: DecodeOptions) -> dict[str, Any]:
    telegram = parse_json(payload, options.limits)
    if not isinstance(telegram, dict):
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, "no object")
    return telegram


def _device(telegram: Mapping[str, Any]) -> str:
    device = telegram.get("id")
    if not isinstance(device, str) or not device:
        raise Refused(Reason.DEVICE_MISSING, "id")
    return device


def _time(
    telegram: Mapping[str, Any], arrival_ms: int, options: DecodeOptions
) -> tuple[int, Quality]:
    health = _health(telegram)
    timestamp = telegram.get("timestamp")
    if timestamp == field_map().masked_time:
        return arrival_ms, health | Quality.ARRIVAL_TIME
    return parse_time(timestamp, options), health


def _health(telegram: Mapping[str, Any]) -> Quality:
    for name, healthy in field_map().status.items():
        status = telegram.get(name)
        if status is not None and not (isinstance(status, str) and status in healthy):
            return Quality.SUSPECT
    return Quality.GOOD


def _decode_fields(
    telegram: Mapping[str, Any], device: str, time_ms: int, quality: Quality, found: Decoded
) -> None:
    medium = telegram.get("media")
    plan = field_map().plan(medium, telegram.get("meter")) if isinstance(medium, str) else None
    for quantity, fields in (plan or {}).items():
        try:
            value = _value(telegram, quantity, fields)
        except Refused as refused:
            reject = Reject(refused.reason, refused.detail, device, quantity, time_ms)
            found.rejects.append(reject)
            continue
        if value is not None:
            measurement = Measurement(device, quantity, time_ms, value, int(quality))
            found.measurements.append(measurement)
    if not found.measurements and not found.rejects:
        detail = f"medium {shown(medium)}, driver {shown(telegram.get('meter'))}"
        found.rejects.append(Reject(Reason.QUANTITY_MISSING, detail, device, None, time_ms))


def _value(telegram: Mapping[str, Any], quantity: str, fields: tuple[Field, ...]) -> float | None:
    none = field_map().no_value[quantity]
    for field in fields:
        raw = telegram.get(field.name)
        if raw is None or raw == "":
            continue
        number = parse_number(raw)
        if number not in none:
            return field.unit.convert(number)
    return None
