"""
Nothing with a number vanishes.

Any number of a payload is in a reading, in a finding that names it, or under a name that is known
and not used. Names, objects, lists, labels and texts are put together at random; whether a name is
known is looked up in ``keys.yaml`` here, not asked of the decoders.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import isclose
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.numbers.units import own_unit, units
from estate.quantities import quantities
from ingest.decoders import Decoded, DecodeOptions, decoders
from ingest.decoders.payload.names import key_table, words

ARRIVAL_MS = 1_768_374_300_000
HEARD = "2026-01-14T07:05:00Z"
TABLE = key_table()
KNOWN = [
    *quantities(),
    *("temperature", "temp", "Temperature", "TempC_SHT", "humidity", "rh", "co2", "carbon_dioxide"),
    *("temperature_1", "temperature_2", "battery_voltage", "vdd", "energy", "rssi", "volume_m3"),
    *("heat_gcal", "room_temperature_degF", "Heat energy (MWh)", "hot_water", "latest_volume"),
]
UNKNOWN = [
    "rum",
    "a",
    "value",
    "unit",
    "type",
    "label",
    "n",
    "v",
    "outdoor",
    "soil_temp",
    "foo_bar",
]
WRAPPING = [
    "data",
    "values",
    "payload",
    "params",
    "messages",
    "history",
    "SHT3X",
    "DS18B20",
    "room",
]
UNUSED = ["battery", "light", "status", "uptime", "x", "max", "gps", "device", "illuminance_lux"]
NAMES = st.sampled_from([*KNOWN, *UNKNOWN, *WRAPPING, *UNUSED])
LABELS = st.sampled_from([*KNOWN, "SDS_P1", "signal"])


class Slot(NamedTuple):
    """Stands for a number of its own; how it is written."""

    written: str


SLOTS = st.sampled_from([Slot(each) for each in ("number", "text", "comma", "percent", "celsius")])
OTHERS = st.none() | st.booleans() | st.sampled_from(["", "ok", "°C", "2026-01-14", "0x1F"])


def labelled(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"type": LABELS, "value": value}, optional={"date": st.just(HEARD)}
    )


DOCUMENTS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    NAMES,
    st.recursive(
        SLOTS | OTHERS,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(NAMES, inner, max_size=4)
            | labelled(inner)
            | st.lists(labelled(SLOTS), max_size=3)
        ),
        max_leaves=12,
    ),
    min_size=1,
    max_size=5,
)


class Number(NamedTuple):
    """A number of a payload with the names around it, its own last."""

    names: tuple[str, ...]
    value: float


def filled(document: Any, found: list[Number], names: tuple[str, ...] = ()) -> Any:  # noqa: ANN401
    """Return a document with numbers of their own, far apart, in its slots; they are noted."""
    if isinstance(document, Slot):
        value = round(3.1 * 1.7 ** len(found), 1)
        found.append(Number(names, value))
        texts = {"text": f"{value:.1f}", "comma": f" {value:.1f}".replace(".", ","),
                 "percent": f"{value:.1f}%RH", "celsius": f"{value:.1f} °C"}  # fmt: skip
        return texts.get(document.written, value)
    if isinstance(document, dict):
        label = (document["type"],) if isinstance(document.get("type"), str) else ()
        document = {key: _as_label(key, value, document) for key, value in document.items()}
        return {key: filled(value, found, (*names, *label, key)) for key, value in document.items()}
    if isinstance(document, list):
        return [filled(each, found, names) for each in document]
    return document


def _as_label(key: str, value: Any, document: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return a text beside a value as the label or unit that it is, whatever digits it holds."""
    valued = TABLE["valued"]
    is_text = isinstance(value, Slot) and value.written != "number"
    beside_a_value = not document.keys().isdisjoint(valued["values"])
    is_of_it = key in {*valued["labels"], *valued["units"]}
    return "5.3" if is_text and beside_a_value and is_of_it else value


def is_known_and_unused(number: Number, decoder: str) -> bool:
    own = TABLE["formats"].get(decoder, {}).get("ignored", {})
    named, part, around = (
        {*TABLE["ignored"][kind], *own.get(kind, ())} for kind in ("names", "words", "objects")
    )
    levels = [words(name) for name in number.names]
    times = {*TABLE["times"], *TABLE["valued"]["times"], *TABLE["device_times"]["names"]}
    return (
        any(each in named or each.rstrip("0123456789").rstrip("_") in named for each in levels)
        or any(part & set(re.split("_", each)) for each in levels)
        or bool(around & set(levels))
        or levels[-1] in {*times, *TABLE["faults"], *TABLE["valued"]["codes"]}
    )


def is_read(number: Number, found: Decoded) -> bool:
    return any(
        isclose(unit.convert(number.value), each.value, rel_tol=2e-3, abs_tol=0.1)
        for each in found.measurements
        for unit in units().values()
        if unit.to == own_unit(each.quantity)
    )


def is_named(number: Number, found: Decoded) -> bool:
    return any(
        name in f"{reject.quantity} {reject.detail}"
        for reject in found.rejects
        for name in number.names
    )


EXTRA = "extra"
"""A field of a record of SenML that is none of SenML's."""
ENVELOPES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "json": ("homes/box-0101", lambda document: document),
    "ttn": (
        "v3/homes@housing/devices/box-0101/up",
        lambda document: {"received_at": HEARD, "uplink_message": {"decoded_payload": document}},
    ),
    "chirpstack": (
        "application/1/device/a81758fffe040001/event/up",
        lambda document: {"time": HEARD, "object": document},
    ),
    "zigbee2mqtt": ("zigbee2mqtt/box-0101", lambda document: document | {"last_seen": HEARD}),
    "tasmota": ("tele/box-0101/SENSOR", lambda document: {"Time": HEARD, **document}),
    "senml": (
        "homes/box-0101/senml",
        lambda document: [
            {"bt": 1768374300, "n": "humidity", "u": "%RH", "v": 1e9, EXTRA: document}
        ],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("decoder", sorted(ENVELOPES))
@given(document=DOCUMENTS)
def test_every_number_is_read_named_or_known(decoder: str, document: dict[str, Any]) -> None:
    topic, envelope = ENVELOPES[decoder]
    numbers: list[Number] = []
    inner = filled(document, numbers, (EXTRA,) if decoder == "senml" else ())
    payload = json.dumps(envelope(inner)).encode()
    found = decoders()[decoder](topic, payload, ARRIVAL_MS, DecodeOptions())
    lost = [
        each
        for each in numbers
        if not (is_read(each, found) or is_named(each, found) or is_known_and_unused(each, decoder))
    ]
    assert lost == [], (inner, found)
