"""Detectors of anomalies in meters' use: pure functions of arrays that never look ahead."""
