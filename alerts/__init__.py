"""Consumption and mould alerts: pure functions of arrays, and the life of an alert."""

__all__: list[str] = [
    "air",
    "answers",
    "detect",
    "detectors",
    "devices",
    "life",
    "model",
    "mould",
    "run",
]
