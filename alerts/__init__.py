"""Consumption and mould alerts: pure models of arrays, and the record of what was raised."""
