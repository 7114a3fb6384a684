"""Consumption and mould alerts: pure functions of arrays, and the store of alerts."""

__all__: list[str] = ["detect", "detectors", "model", "mould", "run", "tables"]
