"""Detectors of what meters show: pure functions of arrays that never look ahead."""
