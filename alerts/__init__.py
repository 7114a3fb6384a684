"""Consumption and mould alerts: pure functions of arrays, and the life of an alert."""

__all__: list[str] = [
    "air",
    "answers",
    "coverage",
    "detect",
    "detectors",
    "devices",
    "hourly",
    "life",
    "model",
    "mould",
    "run",
]
