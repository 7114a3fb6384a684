"""Warnings on a measured house: none comes after the growth, and most are right."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.evaluate_mould import DATA, Outcome, judge


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")
def test_a_measured_house_is_warned_in_time() -> None:
    """All seven houses are measured by `make evaluate`; docs/alerts.md has its table."""
    of: dict[str, Outcome] = {}
    for rule, _, one in judge("R7"):
        total = of.setdefault(rule, Outcome())
        total.leads_days += one.leads_days
        for count in ("crossings", "warned_before", "warnings", "right"):
            setattr(total, count, getattr(total, count) + getattr(one, count))
    shipped, late = of["as shipped"], of["by the outlook alone"]
    assert shipped.crossings > 10
    assert shipped.warned_before >= 0.95 * shipped.crossings
    assert np.median(shipped.leads_days) >= 7
    assert shipped.right >= 0.8 * shipped.warnings
    assert np.median(shipped.leads_days) > np.median(late.leads_days)
