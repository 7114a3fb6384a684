"""Consumption and mould alerts: pure functions of arrays, and the store of alerts."""
