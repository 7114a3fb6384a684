"""What homes used in a month, as other programs ask for it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from estate.errors import UsageError
from operations.exchange.consumption import consumption, months_with_meters
from tests.support import alert_homes
from tests.support import estates as make
from tests.support.alert_homes import FLATS, HOURS
from tests.support.samples import HandMadeSource

FEBRUARY_MS = round(datetime(2026, 2, 3, tzinfo=UTC).timestamp() * 1000)


def test_each_home_has_what_its_meters_counted() -> None:
    homes = alert_homes.ordinary_homes()
    estate = alert_homes.an_estate()
    found = consumption(homes.source(), estate, "2026-01", FEBRUARY_MS)
    assert found.billingunit.reference.mscnumber == estate.building.id
    assert [each.reference.mscnumber for each in found.residentialunits] == list(FLATS)
    for unit in found.residentialunits:
        used = {each.service: each for each in unit.consumptions}
        flat = unit.reference.mscnumber
        assert used["HEATING"].amount == pytest.approx(homes.heat_kwh[flat].sum(), abs=1e-3)
        assert used["HOT_WATER"].amount == pytest.approx(
            homes.hot_water_l[flat].sum() / 1000, abs=1e-3
        )
        units = {each.unitofmeasure for each in unit.consumptions}
        assert units == {"KWH", "M3"}
        assert not any(each.estimated or each.converted or each.errors for each in used.values())


def test_a_gap_is_an_estimate_and_a_silent_meter_an_error() -> None:
    homes = alert_homes.ordinary_homes()
    homes.heat_kwh["f1"][HOURS.count // 2 :] = np.nan
    found = consumption(homes.source(), alert_homes.an_estate(), "2026-01", FEBRUARY_MS)
    (heat,) = (each for each in found.residentialunits[0].consumptions if each.service == "HEATING")
    assert heat.estimated
    silent = consumption(HandMadeSource({}), alert_homes.an_estate(), "2026-01", FEBRUARY_MS)
    for unit in silent.residentialunits:
        assert {(each.amount, each.errors) for each in unit.consumptions} == {
            (None, ("NO_READING",))
        }


def test_a_home_without_a_meter_is_listed_with_nothing() -> None:
    estate = make.estate([make.flat("a"), make.flat("b")], (), [make.device("m", "heat", "a")])
    found = consumption(HandMadeSource({}), estate, "2026-01", FEBRUARY_MS)
    assert [len(each.consumptions) for each in found.residentialunits] == [1, 0]


def test_months_are_those_that_are_over_and_had_meters() -> None:
    estate = make.estate(
        [make.flat("a")], (), [make.device("m", "heat", "a", start=date(2025, 11, 20))]
    )
    assert months_with_meters(estate, FEBRUARY_MS) == ["2026-01", "2025-12", "2025-11"]
    assert months_with_meters(make.estate([make.flat("a")]), FEBRUARY_MS) == []
    for month in ("2026-02", "2025-10", "nonsense"):
        with pytest.raises(UsageError):
            consumption(HandMadeSource({}), estate, month, FEBRUARY_MS)
