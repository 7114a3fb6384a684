"""
Decoders: convert what devices publish to measurements.

A new one is a module with a `model.Decoder` function and a line in `decoders`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ingest.decoders import (
    chirpstack,
    fairvarme,
    flat_json,
    senml,
    tasmota,
    ttn,
    value,
    zigbee2mqtt,
)
from ingest.decoders.payload.model import DecodeOptions, Decoder
from ingest.decoders.payload.outcomes import Decoded, Measurement, Reject
from ingest.decoders.wmbus import wmbusmeters

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DecodeOptions", "Decoded", "Decoder", "Measurement", "Reject", "decoders"]


@cache
def decoders() -> Mapping[str, Decoder]:
    """Return every decoder, by the name that a source uses."""
    return {
        "fairvarme": fairvarme.decode,
        "wmbusmeters": wmbusmeters.decode,
        "ttn": ttn.decode,
        "chirpstack": chirpstack.decode,
        "zigbee2mqtt": zigbee2mqtt.decode,
        "tasmota": tasmota.decode,
        "json": flat_json.decode,
        "value": value.decode,
        "senml": senml.decode,
    }
