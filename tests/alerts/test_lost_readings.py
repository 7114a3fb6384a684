"""A damp home is warned of although readings of its box are lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from alerts.model import Alert, AlertKind
from alerts.rules import rules
from alerts.run import check_building
from estate.periods import DAY_MS
from tests.support.alert_homes import JANUARY, an_estate, ordinary_homes
from tests.support.samples import HandMadeSource


def mould_of(source: HandMadeSource) -> tuple[Alert, list[str]]:
    checked = check_building(an_estate(), source, JANUARY)
    (alert,) = [each for each in checked.alerts if each.kind is AlertKind.MOULD_RISK]
    (judged,) = [each for each in checked.coverage if each.check == AlertKind.MOULD_RISK]
    return alert, [flat for names in judged.not_judged.values() for flat in names]


def test_a_damp_home_is_warned_as_early_where_half_of_the_messages_are_lost() -> None:
    homes, rng = ordinary_homes(), np.random.default_rng(3)
    homes.temperature_c["f5"][:], homes.humidity_pct["f5"][:] = 20.5, 68
    every = homes.source()
    hours = sorted({row[0] // 3_600_000 for rows in every.rows.values() for row in rows})
    lossy = replace(every, rows=dict(every.rows))
    for device in {device for device, quantity in every.rows if quantity == "temperature_c"}:
        lost = set(np.array(hours)[rng.random(len(hours)) < 0.5].tolist())
        for quantity in ("temperature_c", "humidity_pct"):
            rows = every.rows.get((device, quantity), [])
            lossy.rows[device, quantity] = [row for row in rows if row[0] // 3_600_000 not in lost]
    (whole, _), (half, not_judged) = mould_of(every), mould_of(lossy)
    assert not_judged == []
    assert abs(half.raised_ms - whole.raised_ms) <= DAY_MS
    # What was lost is counted all the same: of box and outdoor sensor, three in four.
    assert half.evidence["missing_hours"] > 0.6 * half.evidence["damp_hours"]
    assert half.evidence["frozen_hours"] < 24
    assert rules().held_hours == 6
