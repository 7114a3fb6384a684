"""Each shipped scheme on a small building whose amounts are worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.bill.bill import Bill
from billing.schemes import Scheme, shipped_schemes
from estate.errors import DataError
from estate.model import Device, Flat
from estate.periods import Hours, Period
from operations.bill_building import bill_building
from tests.support.estates import (
    add_hourly,
    add_register,
    building,
    cost,
    device,
    estate,
    flat,
    tenancy,
)
from tests.support.samples import HandMadeSource

TWO_DAYS = Period(date(2026, 2, 2), date(2026, 2, 4))
YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
PERMIT = {"reference": "J.nr. 2026-1", "from": "2026-01-01", "to": "2027-01-01"}
AREA = {"1": 50.0, "2": 100.0}
QUANTITIES = {
    "hot_water": "hot_water_m3", "allocator": "allocator_units", "cold_water": "cold_water_m3",
    "cooling": "cooling_kwh", "electricity": "electricity_kwh",
}  # fmt: skip
BESIDE_HEAT = ("cold_water", "cooling", "electricity")


def amounts(bill: Bill) -> dict[str, int]:
    return {statement.flat: statement.total_ore for statement in bill.statements}


def names(bill: Bill) -> set[str]:
    """Name what was found, apart from what statements do not tell."""
    return {finding.name for finding in bill.findings} - {"billing.law.statement"}


class House:
    """Two flats over a period, with the readings of whatever is fitted."""

    def __init__(self, period: Period, *flats: Flat) -> None:
        self.period = period
        self.flats = flats or tuple(flat(name, area_m2) for name, area_m2 in AREA.items())
        self.devices: list[Device] = []
        self.source = HandMadeSource()

    @property
    def hours(self) -> Hours:
        return self.period.hours(building().zone)

    def register(self, name: str, kind: str, flat_name: str | None, use: float) -> None:
        """Fit a meter that counts `use` over the period."""
        quantity = QUANTITIES.get(kind, "heat_kwh")
        self.devices.append(device(name, kind, flat_name))
        readings = [(self.hours.start_ms, 1_000.0), (self.hours.end_ms, 1_000.0 + use)]
        add_register(self.source, name, quantity, readings)

    def temperature(self, name: str, flat_name: str | None, values: list[float]) -> None:
        """Fit a box, or the outdoor one, that measures these hours."""
        self.devices.append(device(name, "climate" if flat_name else "outdoor", flat_name))
        add_hourly(self.source, name, "temperature_c", self.hours, values)

    def bill(self, name: str, *costs: Any, **of_building: Any) -> Bill:  # noqa: ANN401
        """Bill under a shipped scheme of this name, or under `scheme`."""
        scheme = of_building.pop("scheme", None)
        uses = [{"scheme": name, "from": "2022-01-01", **of_building.pop("use", {})}]
        tenancies = [tenancy(f"{each.flat}a", each.flat) for each in self.flats]
        own = estate(
            self.flats, tenancies, self.devices, costs, schemes=uses, **of_building
        )  # fmt: skip
        return bill_building(own, self.source, self.period, scheme)


def metered_house() -> House:
    """Heat 6,000 and 4,000 kWh, hot water 30 and 10 m³, 50 and 100 m², one year."""
    house = House(YEAR)
    for name, kwh, m3 in (("1", 6_000.0, 30.0), ("2", 4_000.0, 10.0)):
        house.register(f"h{name}", "heat", name, kwh)
        house.register(f"w{name}", "hot_water", name, m3)
    return house


def test_dk_metered() -> None:
    """
    60 % by meters with position factor, 40 % by area; hot water by meters.

    Needs at 20 °C with -12 °C outdoors: 100 x 32 / 50 = 64 and 200 x 32 / 100 = 64 W/m², so both
    factors are 1. Heat 10,000.00: 6,000.00 by 6 : 4, 4,000.00 by 1 : 2. Hot water
    1,000.00 by 3 : 1.
    """
    flats = (
        flat("1", 50.0, heat_loss_w_per_k=100.0, gains_w=500.0),
        flat("2", 100.0, heat_loss_w_per_k=200.0, gains_w=250.0),
    )
    house = metered_house()
    house.flats = flats
    costs = [cost(YEAR, "heat", 1_000_000, received=date(2026, 2, 1))]
    costs.append(cost(YEAR, "hot_water", 100_000, received=date(2026, 2, 1)))
    bill = house.bill("dk-metered", *costs, tenure="almen")
    assert amounts(bill) == {"1": 360_000 + 133_333 + 75_000, "2": 240_000 + 266_667 + 25_000}
    assert names(bill) == set()
    assert (bill.scheme, bill.scheme_version, bill.ground) == ("dk-metered", "2022-01-01", None)


def test_position_factor_of_dk_metered_takes_the_exposed_flat_out() -> None:
    """
    Flat 2 needs 40 W/m², flat 1 needs 20: its units count half.

    6,000.00 by 6,000 : 2,000 kWh, 4,000.00 by 1 : 2.
    """
    house = metered_house()
    house.flats = (flat("1", 50.0, position_factor=1.0), flat("2", 100.0, position_factor=0.5))
    costs = [cost(YEAR, "heat", 1_000_000, received=date(2026, 2, 1))]
    bill = house.bill("dk-metered", *costs)
    assert amounts(bill) == {"1": 450_000 + 133_333, "2": 150_000 + 266_667}


def test_dk_climate() -> None:
    """
    40 % by meters, 30 % by area, 30 % by own heat loss with position factor and a floor of 18 °C.

    Two days at 0 °C. Flat 1 at 20: (100 x 20 - 500) x 48 h = 72 kWh, times 1. Flat 2 at 10 counts
    as 18: (100 x 18 - 200) x 48 h = 76.8 kWh, times 0.5 = 38.4. Of 1,000.00: 400.00 by
    60 : 40 x 0.5 = 3 : 1, 300.00 by 1 : 2, 300.00 by 72 : 38.4.
    """
    house = House(
        TWO_DAYS,
        flat("1", 50.0, heat_loss_w_per_k=100.0, gains_w=500.0, position_factor=1.0),
        flat("2", 100.0, heat_loss_w_per_k=100.0, gains_w=200.0, position_factor=0.5),
    )
    house.register("h1", "heat", "1", 60.0)
    house.register("h2", "heat", "2", 40.0)
    house.temperature("out", None, [0.0] * 48)
    house.temperature("b1", "1", [20.0] * 48)
    house.temperature("b2", "2", [10.0] * 48)
    bill = house.bill(
        "dk-climate", cost(TWO_DAYS, "heat", 100_000), tenure="privat", use={"permit": PERMIT}
    )
    assert amounts(bill) == {"1": 30_000 + 10_000 + 19_565, "2": 10_000 + 20_000 + 10_435}
    assert bill.ground is not None
    assert (bill.ground.reference, str(bill.ground.end)) == ("J.nr. 2026-1", "2027-01-01")
    # Beside it by meters alone: 600.00 by 3 : 1 and 400.00 by 1 : 2.
    assert [statement.shadow_ore for statement in bill.statements] == [58_333, 41_667]
    assert (bill.shadow_scheme, bill.shadow_by_climate) == ("dk-metered", False)


def test_dk_trial_bands() -> None:
    """
    Share = A p / sum of A p, with p the mean colour weight: green 1, yellow 1.5, red 2.

    Flat 1 is green throughout: 50 x 1 = 50. Flat 2 is 12 hours yellow (24 °C) and 12 hours red
    (26 °C) of 48: 100 x (24 x 1 + 12 x 1.5 + 12 x 2) / 48 = 137.5. So 1,000.00 kroner become
    266.67 and 733.33.
    """
    house = House(TWO_DAYS)
    house.temperature("b1", "1", [21.0] * 48)
    house.temperature("b2", "2", [21.0] * 24 + [24.0] * 12 + [26.0] * 12)
    bill = house.bill(
        "dk-trial-bands", cost(TWO_DAYS, "heat", 100_000), tenure="almen", use={"permit": PERMIT}
    )
    assert (bill.scheme, bill.trial) == ("dk-trial-bands", False)
    assert bill.ground is not None
    assert bill.ground.reference == "J.nr. 2026-1"
    assert amounts(bill) == {"1": 26_667, "2": 73_333}


def test_climate_without_a_permit_is_information_beside_the_metered_bill() -> None:
    house = metered_house()
    house.flats = (flat("1", 50.0, position_factor=1.0), flat("2", 100.0, position_factor=1.0))
    for name in ("1", "2"):
        house.temperature(f"b{name}", name, [21.0] * house.hours.count)
    costs = [cost(YEAR, "heat", 1_000_000, received=date(2026, 2, 1))]
    bill = house.bill("dk-trial-bands", *costs, tenure="almen")
    assert (bill.scheme, bill.ground) == ("dk-metered", None)
    assert amounts(bill) == {"1": 360_000 + 133_333, "2": 240_000 + 266_667}
    assert [statement.shadow_ore for statement in bill.statements] == [333_333, 666_667]
    assert (bill.shadow_scheme, bill.shadow_by_climate) == ("dk-trial-bands", True)
    assert names(bill) == {"billing.scheme.not_permitted"}


def test_de_heizkostenv() -> None:
    """
    One bill of 12,000.00 for 20,000 kWh; hot water by § 9 (2): 2.5 x 40 m³ x (60 - 10) = 5,000.

    So hot water is 3,000.00: 2,100.00 by 3 : 1 and 900.00 by 1 : 2. Heat is 9,000.00: 6,300.00 by
    6 : 4 and 2,700.00 by 1 : 2.
    """
    house = metered_house()
    bill = house.bill("de-heizkostenv", cost(YEAR, "heat", 1_200_000, energy_kwh=20_000.0))
    assert amounts(bill) == {
        "1": 157_500 + 30_000 + 378_000 + 90_000, "2": 52_500 + 60_000 + 252_000 + 180_000,
    }  # fmt: skip
    assert names(bill) == {"billing.derive.computed", *CO2_UNTOLD}
    assert [(each.item, each.amount_ore) for each in bill.derived] == [
        ("hot_water", 300_000), ("heat", 900_000),
    ]  # fmt: skip


CO2_UNTOLD = {"billing.law.co2_untold", "billing.law.reduction"}


def test_de_heizkostenv_without_any_meter_for_hot_water() -> None:
    """
    § 9 (2) sentence 4: 32 x 150 m² = 4,800 of 20,000 kWh, so 2,880.00 of 12,000.00, all by area.

    A tenant may take 15 % off that: 144.00 of 960.00 and 288.00 of 1,920.00 (§ 12 (1)).
    """
    house = metered_house()
    house.devices = [each for each in house.devices if each.kind == "heat"]
    bill = house.bill("de-heizkostenv", cost(YEAR, "heat", 1_200_000, energy_kwh=20_000.0))
    hot_water = {
        each.flat: sum(row.amount_ore for row in each.rows if row.item == "hot_water")
        for each in bill.statements
    }
    assert hot_water == {"1": 96_000, "2": 192_000}
    assert {row.key for row in bill.rows if row.item == "hot_water"} == {"area"}
    assert {row.key for row in bill.rows if row.item == "heat"} == {"heat_units", "area"}
    assert names(bill) == {"billing.derive.computed", "billing.law.unmetered", *CO2_UNTOLD}
    claims = [
        each.amount_ore
        for statement in bill.statements
        for each in statement.reductions
        if each.rule == "reduction_not_by_use"
    ]
    assert claims == [14_400, 28_800]


def test_at_heizkg_splits_energy_alone_by_use() -> None:
    """10,000.00 of energy as below, 2,000.00 of service by area: 1 : 2 (HeizKG §§ 10, 12)."""
    house = metered_house()
    service = cost(YEAR, "heat", 200_000, kind="inspection")
    bill = house.bill("at-heizkg", cost(YEAR, "heat", 1_000_000), service)
    assert amounts(bill) == {"1": 520_000 + 66_667, "2": 480_000 + 133_333}


def test_at_heizkg() -> None:
    """70 % by use, 30 % by area: 7,000.00 by 6 : 4, 3,000.00 by 1 : 2."""
    house = metered_house()
    bill = house.bill("at-heizkg", cost(YEAR, "heat", 1_000_000))
    assert amounts(bill) == {"1": 420_000 + 100_000, "2": 280_000 + 200_000}
    assert names(bill) == {"billing.law.few_flats"}


def test_ch_vewa() -> None:
    """30 % fixed by area, 70 % by use; hot water 1,000.00: 700.00 by 3 : 1, 300.00 by 1 : 2."""
    house = metered_house()
    bill = house.bill(
        "ch-vewa", cost(YEAR, "heat", 1_000_000), cost(YEAR, "hot_water", 100_000)
    )  # fmt: skip
    assert amounts(bill) == {
        "1": 420_000 + 100_000 + 52_500 + 10_000, "2": 280_000 + 200_000 + 17_500 + 20_000,
    }  # fmt: skip
    assert names(bill) == set()


def test_pl_hybrid() -> None:
    """
    40 % by area, 30 % by (room - outdoor) x area, 30 % by allocator units with position factor.

    Mean 24 and 18 °C over 4 °C outdoors: 20 x 50 : 14 x 100 = 1,000 : 1,400. Units 300 x 1 and
    500 x 0.8 = 400. Of 10,000.00: 4,000.00 by 1 : 2, 3,000.00 by 5 : 7, 3,000.00 by 3 : 4.
    """
    house = House(
        TWO_DAYS, flat("1", 50.0, position_factor=1.0), flat("2", 100.0, position_factor=0.8)
    )
    house.register("a1", "allocator", "1", 300.0)
    house.register("a2", "allocator", "2", 500.0)
    house.temperature("out", None, [2.0, 6.0] * 24)
    house.temperature("b1", "1", [23.0, 25.0] * 24)
    house.temperature("b2", "2", [18.0] * 48)
    bill = house.bill("pl-hybrid", cost(TWO_DAYS, "heat", 1_000_000))
    assert amounts(bill) == {"1": 133_333 + 125_000 + 128_571, "2": 266_667 + 175_000 + 171_429}
    assert names(bill) == set()


def test_scheme_that_changes_at_new_year_is_billed_in_two_parts() -> None:
    """
    Heat 60 : 40 kWh in December by `dk-metered`, and the same in January by `ch-vewa`.

    Two months at once are refused; each month has its own rules and costs, and they add up.
    """
    sides = [
        Period(date(2025, 12, 1), date(2026, 1, 1)),
        Period(date(2026, 1, 1), date(2026, 2, 1)),
    ]
    both = Period(sides[0].start, sides[1].end)
    house = House(both, flat("1", 50.0, position_factor=1.0), flat("2", 100.0, position_factor=1.0))
    for name, kwh in (("1", 60.0), ("2", 40.0)):
        house.devices.append(device(f"h{name}", "heat", name))
        instants = [*(side.hours(building().zone).start_ms for side in sides), house.hours.end_ms]
        readings = [(instant, number * kwh) for number, instant in enumerate(instants)]
        add_register(house.source, f"h{name}", "heat_kwh", readings)
    costs = [cost(side, "heat", ore) for side, ore in zip(sides, (100_001, 200_002), strict=True)]
    uses = [
        {"scheme": "dk-metered", "from": "2024-01-01"}, {"scheme": "ch-vewa", "from": "2026-01-01"},
    ]  # fmt: skip
    own = estate(
        house.flats, [tenancy("1a", "1"), tenancy("2a", "2")], house.devices, costs, schemes=uses
    )
    with pytest.raises(DataError, match="--period 2026-01-01/2026-02-01"):
        bill_building(own, house.source, both)
    bills = [bill_building(own, house.source, side) for side in sides]
    assert [bill.scheme for bill in bills] == ["dk-metered", "ch-vewa"]
    # 600.01 by 60 : 40 and 400.00 by 1 : 2; then 1,400.01 by 60 : 40 and 600.01 by 1 : 2.
    assert [amounts(bill) for bill in bills] == [
        {"1": 36_001 + 13_333, "2": 24_000 + 26_667}, {"1": 84_001 + 20_000, "2": 56_000 + 40_001},
    ]  # fmt: skip
    assert sum(bill.total_ore for bill in bills) == 300_003


def fifty_fifty(metered: float) -> Scheme:
    """Halve the metered part: units, and share numbers of correction x area; the rest by area."""
    half = metered / 2
    return Scheme.model_validate(
        {
            "id": "fifty-fifty", "country": "DK", "valid_from": "2020-01-01",
            "source": "Teknologisk Institut's recipe for exposed position (VM 1)",
            "items": {"heat": [
                {"key": "heat_units", "fraction": half}, {"key": "shares", "fraction": half},
                {"key": "area", "fraction": 1 - metered},
            ]},
        }
    )  # fmt: skip


def test_danish_recipe_for_exposed_position() -> None:
    """
    Theoretical needs 40 and 50 W/m²: corrections 1 and 0.8, share numbers 50 and 100 x 0.8 = 80.

    Of 10,000.00, 80 % metered is halved: 4,000.00 by 6,000 : 4,000 kWh, 4,000.00 by 50 : 80,
    2,000.00 by 1 : 2. Halving 70 % would leave 35 % by meters: the recipe says to check that.
    """
    house = metered_house()
    house.flats = (flat("1", 50.0, shares=50.0), flat("2", 100.0, shares=80.0))
    costs = [cost(YEAR, "heat", 1_000_000, received=date(2026, 2, 1))]
    bill = house.bill("dk-metered", *costs, scheme=fifty_fifty(0.8))
    assert amounts(bill) == {"1": 240_000 + 153_846 + 66_667, "2": 160_000 + 246_154 + 133_333}
    assert names(bill) == set()
    with pytest.raises(DataError, match=r"35% of heat.*at least 40%"):
        house.bill("dk-metered", *costs, scheme=fifty_fifty(0.7))


def test_bill_beside_splits_the_same_items() -> None:
    """
    One bill of 10,000.00, 30 % of it hot water, under a scheme of one's own and `dk-metered`.

    Beside: heat 7,000.00: 4,200.00 by 6 : 4, 2,800.00 by 1 : 2; hot water 3,000.00 by 3 : 1.
    """
    house = metered_house()
    house.flats = (flat("1", 50.0, position_factor=1.0), flat("2", 100.0, position_factor=1.0))
    scheme = fifty_fifty(0.8).model_dump(by_alias=True) | {
        "items": {
            "heat": [{"key": "heat_units_position", "fraction": 1.0}],
            "hot_water": [{"key": "hot_water_m3", "fraction": 1.0}],
        },
        "derive": {"hot_water": {"from": "heat", "by": "fixed", "fraction": 0.3}},
    }
    line = cost(YEAR, "heat", 1_000_000, received=date(2026, 2, 1))
    bill = house.bill("dk-metered", line, scheme=Scheme.model_validate(scheme))
    assert amounts(bill) == {"1": 420_000 + 225_000, "2": 280_000 + 75_000}
    assert [statement.shadow_ore for statement in bill.statements] == [
        252_000 + 93_333 + 225_000, 168_000 + 186_667 + 75_000,
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("scheme", shipped_schemes())
@pytest.mark.parametrize("item", BESIDE_HEAT)
def test_water_cooling_and_electricity_are_split_by_their_own_meters(
    scheme: str, item: str
) -> None:
    """1,000.00 by 30 and 10, whatever the heat is split by."""
    house = House(YEAR)
    for name, use in (("1", 30.0), ("2", 10.0)):
        house.register(f"x{name}", item, name, use)
    bill = house.bill(scheme, cost(YEAR, item, 100_000, received=date(2026, 2, 1)))
    assert amounts(bill) == {"1": 75_000, "2": 25_000}
    assert not {name for name in names(bill) if "metered_fraction" in name}


@pytest.mark.parametrize("item", BESIDE_HEAT)
def test_where_no_meter_tells_anything_they_are_split_by_area_and_that_is_told(item: str) -> None:
    bill = House(YEAR).bill("dk-metered", cost(YEAR, item, 150_000, received=date(2026, 2, 1)))
    assert amounts(bill) == {"1": 50_000, "2": 100_000}
    assert "billing.register.none" in names(bill)
    assert {row.key for row in bill.rows} == {"area"}


def test_shares_of_several_kinds_have_columns_of_their_own() -> None:
    """600.00 by 2 and 1 taps, 400.00 by 1 and 3 of the agreed shares."""
    house = House(
        YEAR,
        flat("1", 50.0, named_shares={"shares:taps": 2.0, "shares:agreed": 1.0}),
        flat("2", 100.0, named_shares={"shares:taps": 1.0, "shares:agreed": 3.0}),
    )
    rules = Scheme.model_validate(
        {
            "id": "own", "valid_from": "2020-01-01", "source": "made for this test",
            "items": {
                "heat": [
                    {"key": "shares:taps", "fraction": 0.6},
                    {"key": "shares:agreed", "fraction": 0.4},
                ]
            },
        }
    )  # fmt: skip
    bill = house.bill("own", cost(YEAR, "heat", 100_000), scheme=rules)
    assert amounts(bill) == {"1": 40_000 + 10_000, "2": 20_000 + 30_000}
    house.flats = (house.flats[0], flat("2", 100.0, named_shares={"shares:taps": 1.0}))
    with pytest.raises(DataError, match="flat 2 has no shares:agreed"):
        house.bill("own", cost(YEAR, "heat", 100_000), scheme=rules)
