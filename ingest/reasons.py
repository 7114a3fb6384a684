"""Reasons for quarantine: names in code, meaning and remedy in ``reasons.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping


class Reason(StrEnum):
    """Why a message, or one reading of it, is quarantined."""

    PAYLOAD_EMPTY = auto()
    PAYLOAD_TOO_LARGE = auto()
    PAYLOAD_NOT_TEXT = auto()
    PAYLOAD_NOT_JSON = auto()
    PAYLOAD_TOO_COMPLEX = auto()
    PAYLOAD_WRONG_SHAPE = auto()
    TOO_MANY_READINGS = auto()
    TOPIC_UNEXPECTED = auto()
    SOURCE_UNKNOWN = auto()
    DECODER_FAILED = auto()
    DEVICE_MISSING = auto()
    DEVICE_ID_INVALID = auto()
    DEVICE_CONTRADICTED = auto()
    DEVICE_AMBIGUOUS = auto()
    DEVICE_UNKNOWN = auto()
    DEVICE_NOT_ALLOWED = auto()
    TIME_MISSING = auto()
    TIME_INVALID = auto()
    TIME_UNIT_WRONG = auto()
    TIME_RETAINED = auto()
    TIME_AHEAD = auto()
    TIME_BEFORE_PLACEMENT = auto()
    TIME_OUTSIDE_PLACEMENT = auto()
    QUANTITY_UNKNOWN = auto()
    QUANTITY_MISSING = auto()
    QUANTITY_AMBIGUOUS = auto()
    NAME_REPEATED = auto()
    UNIT_UNKNOWN = auto()
    VALUE_NOT_NUMBER = auto()
    VALUE_NOT_FINITE = auto()
    VALUE_IMPOSSIBLE = auto()
    STATUS_UNUSABLE = auto()
    KIND_CONTRADICTED = auto()
    STORE_REFUSED = auto()


class Kept(StrEnum):
    """Which of the messages with one complaint are kept, so that they can be decoded later."""

    EACH = auto()
    UNLESS_READ = auto()
    LATEST = auto()


@dataclass(frozen=True)
class ReasonText:
    """Meaning and remedy of a reason, and which of its messages are kept."""

    meaning: str
    remedy: str
    kept: Kept = Kept.EACH


@cache
def reason_texts() -> Mapping[Reason, ReasonText]:
    """Return the table of reasons."""
    table = yaml.safe_load(resources.files("ingest").joinpath("reasons.yaml").read_text("utf-8"))
    return {Reason(name): _text(**row) for name, row in table.items()}


def _text(meaning: str, remedy: str, kept: str = Kept.EACH) -> ReasonText:
    return ReasonText(meaning, remedy, Kept(kept))
