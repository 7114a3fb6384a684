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

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from estate.units import Unit, suffixes_for, units
from ingest.decoders.model import Decoded, DecodeOptions, Measurement, Refused, Reject, shown
from ingest.decoders.parsing import finite, parse_number, parse_object, parse_time
from ingest.reasons import Reason
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Mapping


_status_words = re.compile(r"[^\s,]+").findall


@dataclass(frozen=True)
class Field:
    """A field of a telegram and the unit that its name states."""

    name: str
    unit: Unit


Plan = dict[str, tuple[Field, ...]]
"""The fields that may hold each quantity, the preferred one first."""


class Stuck(NamedTuple):
    """A register that does not count beside another one that does."""

    media: tuple[str, ...]
    register: str
    beside: str
    from_m3: float


@dataclass(frozen=True)
class FieldMap:
    """The field map, ``wmbusmeters.yaml``, made ready for looking up."""

    plans: Mapping[str, Plan]
    drivers: Mapping[str, Plan]
    no_value: Mapping[str, frozenset[float]]
    status: tuple[str, ...]
    healthy: frozenset[str]
    notices: tuple[str, ...]
    nothing_by_itself: frozenset[str]
    other_words: frozenset[str]
    information: frozenset[str]
    stuck: Stuck
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
        status=tuple(table["status"]),
        healthy=frozenset(table["healthy"]),
        notices=tuple(table["notices"]),
        nothing_by_itself=frozenset(table["nothing_by_itself"]),
        other_words=frozenset(table["other_words"]),
        information=frozenset(table["information"]),
        stuck=Stuck(**table["stuck"]),
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
        telegram = parse_object(payload, options.limits)
        device = _device(telegram)
        time_ms, quality = _time(telegram, arrival_ms, options)
        _decode_fields(telegram, device, time_ms, quality, options, found)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail))
    return found


def _device(telegram: Mapping[str, Any]) -> str:
    device = telegram.get("id")
    if not isinstance(device, str) or not device:
        raise Refused(Reason.DEVICE_MISSING, "id")
    return shown(device)


def _time(
    telegram: Mapping[str, Any], arrival_ms: int, options: DecodeOptions
) -> tuple[int, Quality]:
    health = _health(telegram)
    timestamp = telegram.get("timestamp")
    if timestamp == field_map().masked_time:
        return arrival_ms, health | Quality.ARRIVAL_TIME
    return parse_time(timestamp, options), health


def _health(telegram: Mapping[str, Any]) -> Quality:
    fields = field_map()
    quality = Quality.GOOD
    for name in fields.status:
        status = telegram.get(name)
        if status is None or status == "":
            continue
        if not isinstance(status, str):
            return Quality.SUSPECT
        unwell = set(_status_words(status)) - fields.healthy
        told = unwell - fields.nothing_by_itself
        if not all(_is_notice(word) for word in told or unwell):
            return Quality.SUSPECT
        if unwell:
            quality = Quality.NOTICE
    return quality


def _is_notice(word: str) -> bool:
    return any(notice in word.upper() for notice in field_map().notices)


def _decode_fields(
    telegram: Mapping[str, Any],
    device: str,
    time_ms: int,
    quality: Quality,
    options: DecodeOptions,
    found: Decoded,
) -> None:
    medium = telegram.get("media")
    plan = field_map().plan(medium, _driver(telegram)) if isinstance(medium, str) else None
    values: dict[str, float] = {}
    for quantity, fields in (plan or {}).items():
        try:
            value = _value(telegram, quantity, fields)
        except Refused as refused:
            reject = Reject(refused.reason, refused.detail, device, quantity, time_ms)
            found.rejects.append(reject)
            continue
        if value is not None:
            values[quantity] = value
    for quantity, value in values.items():
        judged = quality | _stuck(quantity, values, medium)
        found.measurements.append(Measurement(device, quantity, time_ms, value, int(judged)))
    for name in _unknown(telegram, plan or {}, values)[: options.limits.unknown_names]:
        detail = shown(name)
        found.rejects.append(Reject(Reason.QUANTITY_UNKNOWN, detail, device, detail, time_ms))
    if not found.measurements and not found.rejects:
        detail = f"medium {shown(medium)}, driver {shown(_driver(telegram))}"
        found.rejects.append(Reject(Reason.QUANTITY_MISSING, detail, device, None, time_ms))


def _driver(telegram: Mapping[str, Any]) -> object:
    # Newer drivers call it so.
    return telegram.get("meter", telegram.get("driver"))


def _stuck(quantity: str, values: Mapping[str, float], medium: object) -> Quality:
    rule = field_map().stuck
    stuck = (
        quantity == rule.register
        and medium in rule.media
        and values[quantity] == 0
        and values.get(rule.beside, 0.0) >= rule.from_m3
    )
    return Quality.SUSPECT if stuck else Quality.GOOD


def _unknown(telegram: Mapping[str, Any], plan: Plan, values: Mapping[str, float]) -> list[str]:
    """Name the fields that may be what the meter counts, where that was not found."""
    missing = [each for each in plan if each not in values and each not in field_map().information]
    if not missing:
        return []
    suffixes = {suffix for quantity in missing for suffix in suffixes_for(quantity)}
    known = {field.name for fields in plan.values() for field in fields}
    return [
        name
        for name, value in telegram.items()
        if type(value) in {int, float}
        and name not in known
        and name.rpartition("_")[2] in suffixes
        and not _is_other(name.rpartition("_")[0])
    ]


def _is_other(stem: str) -> bool:
    words = stem.split("_")
    return not field_map().other_words.isdisjoint(words) or any(map(str.isdigit, words))


def _value(telegram: Mapping[str, Any], quantity: str, fields: tuple[Field, ...]) -> float | None:
    none = field_map().no_value[quantity]
    for field in fields:
        raw = telegram.get(field.name)
        if raw is None or raw == "":
            continue
        number = parse_number(raw)
        if number not in none:
            return finite(field.unit.convert(number))
    return None
