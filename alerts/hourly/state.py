"""
A detector's state as arrays by name, and back into a new detector. Pure.

All of its attributes are taken, so that what a later version adds is kept without being listed.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.found import Found
from alerts.model import AlertKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import numpy.typing as npt

    Arrays = dict[str, npt.NDArray[Any]]

OF_DETECTORS = "alerts.detectors."
"""Objects of these modules are looked into; limits and the like come from their own place."""
WITHOUT_STATE = "alerts.detectors.limits"


class Unfit(Exception):
    """What was kept belongs to another version, or to other meters."""


def state_of(detector: object, prefix: str = "") -> Arrays:
    """
    Return the state of a detector.

    Parameters
    ----------
    detector : object
        Made of arrays, lists of `Found`, and objects of such; the rest comes from its limits.
    prefix : str, optional
        Prepended to each name.
    """
    kept: Arrays = {}
    for name, value in sorted(vars(detector).items()):
        if isinstance(value, np.ndarray):
            kept[prefix + name] = value.copy()
        elif isinstance(value, list):
            text = json.dumps([asdict(each) for each in value])
            kept[prefix + name] = np.frombuffer(text.encode(), dtype=np.uint8)
        elif _has_state(value):
            kept |= state_of(value, f"{prefix}{name}.")
    return kept


def put_back(detector: object, kept: Mapping[str, npt.NDArray[Any]], prefix: str = "") -> None:
    """
    Make a new detector continue where another one stopped.

    Raises
    ------
    Unfit
        If an array is missing, or of another shape.
    """
    for name, value in sorted(vars(detector).items()):
        if isinstance(value, np.ndarray):
            array = _of(kept, prefix + name)
            if array.shape != value.shape or array.dtype != value.dtype:
                raise Unfit(prefix + name)
            setattr(detector, name, array.copy())
        elif isinstance(value, list):
            rows = json.loads(_of(kept, prefix + name).tobytes())
            setattr(detector, name, [_found(row) for row in rows])
        elif _has_state(value):
            put_back(value, kept, f"{prefix}{name}.")


def _has_state(value: object) -> bool:
    module = type(value).__module__
    return module.startswith(OF_DETECTORS) and module != WITHOUT_STATE


def _of(kept: Mapping[str, npt.NDArray[Any]], name: str) -> npt.NDArray[Any]:
    if name not in kept:
        raise Unfit(name)
    return kept[name]


def _found(row: dict[str, Any]) -> Found:
    spans = [(int(first), int(last)) for first, last in row["open_ms"]]
    return Found(**{**row, "kind": AlertKind(row["kind"]), "open_ms": spans})
