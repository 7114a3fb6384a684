"""
Decoders: from what devices publish to measurements.

A new one is a module with a function of the shape `model.Decoder` and a line in `decoders`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ingest.decoders import fairvarme, wmbusmeters
from ingest.decoders.model import Decoded, DecodeOptions, Decoder, Measurement, Reject

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DecodeOptions", "Decoded", "Decoder", "Measurement", "Reject", "decoders"]


@cache
def decoders() -> Mapping[str, Decoder]:
    """Give every decoder, by the name that a source uses."""
    return {"fairvarme": fairvarme.decode, "wmbusmeters": wmbusmeters.decode}
