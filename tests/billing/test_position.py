"""Position factors of bills: one for each home and scheme, whatever the weather of the period."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.bill.bill import Bill
from billing.schemes import Scheme
from estate.errors import DataError
from estate.model import Flat
from estate.periods import Period
from operations.bill_building import bill_building
from tests.support.estates import add_register, building, cost, device, estate, flat, tenancy
from tests.support.samples import HandMadeSource

MONTHS = ("2025-01", "2025-04", "2025-07", "2025-09")
KWH = 100.0


def scheme(**more: object) -> Scheme:
    return Scheme.model_validate(
        {
            "id": "test", "valid_from": "2020-01-01", "source": "made for this test",
            "items": {"heat": [{"key": "heat_units_position", "fraction": 1.0}]}, **more,
        }
    )  # fmt: skip


def bill_of(
    flats: list[Flat], rules: Scheme, month: str = "2025-01", allowed: tuple[str, ...] = ()
) -> Bill:
    """Bill 1,000.00 of homes that each used as much heat; nothing measures the weather."""
    period, source = Period.month(month), HandMadeSource()
    hours = period.hours(building().zone)
    for each in flats:
        readings = [(hours.start_ms, 0.0), (hours.end_ms, KWH)]
        add_register(source, f"m{each.flat}", "heat_kwh", readings)
    own = estate(
        flats,
        [tenancy(f"{each.flat}a", each.flat) for each in flats],
        [device(f"m{each.flat}", "heat", each.flat) for each in flats],
        [cost(period, "heat", 100_000)],
    )
    return bill_building(own, source, period, rules, allowed)


def factors(bill: Bill) -> list[float]:
    return [row.weight / KWH for row in bill.rows]


@pytest.mark.parametrize("month", MONTHS)
def test_a_roof_flat_has_one_factor_in_every_month(month: str) -> None:
    """100 and 50 W/K over 50 m²: half, in July too, with gains or without."""
    flats = [flat("mid", 50, heat_loss_w_per_k=50.0), flat("roof", 50, heat_loss_w_per_k=100.0)]
    assert factors(bill_of(flats, scheme(), month)) == [1.0, 0.5]


def test_a_modern_building_pays_by_its_heat_losses() -> None:
    """0.42, 0.46 and 0.55 W/(m² K), however large the gains are beside them."""
    flats = [
        flat(name, 80, heat_loss_w_per_k=80 * loss, gains_w=400)
        for name, loss in (("1", 0.42), ("2", 0.46), ("3", 0.55))
    ]
    assert factors(bill_of(flats, scheme())) == pytest.approx([1, 42 / 46, 42 / 55], abs=1e-8)


def test_the_scheme_s_own_condition_is_taken() -> None:
    """At 20 and 4.5 °C less gains: 1,192.5 W and 1,657.5 W of like areas."""
    rules = scheme(position_condition={"indoor_c": 20, "outdoor_c": 4.5, "gains": True})
    flats = [
        flat("M", 70, heat_loss_w_per_k=95.0, gains_w=280.0),
        flat("T", 70, heat_loss_w_per_k=125.0, gains_w=280.0),
    ]
    assert factors(bill_of(flats, rules)) == pytest.approx([1, 1192.5 / 1657.5], abs=1e-8)


def test_given_factors_win() -> None:
    flats = [
        flat("1", 50, heat_loss_w_per_k=50.0, position_factor=0.9),
        flat("2", 50, heat_loss_w_per_k=80.0),
        flat("3", 50, position_factor=0.6),
    ]
    assert factors(bill_of(flats, scheme())) == [0.9, 0.625, 0.6]


@pytest.mark.parametrize(
    ("flats", "condition", "finding", "allowed_factors"),
    [
        (
            [flat("1", 50, heat_loss_w_per_k=20.0), flat("2", 50, heat_loss_w_per_k=50.0)],
            {}, "billing.position.low", [1.0, 0.4],
        ),
        ([flat("1", 50, position_factor=0.49)], {}, "billing.position.low", [0.49]),
        (
            [
                flat("1", 50, heat_loss_w_per_k=30.0, gains_w=1000.0),
                flat("2", 50, heat_loss_w_per_k=50.0, gains_w=100.0),
            ],
            {"gains": True}, "billing.position.no_need", [1.0, 1.0],
        ),
    ],
)  # fmt: skip
def test_odd_factors_stop_unless_they_are_allowed(
    flats: list[Flat], condition: dict[str, object], finding: str, allowed_factors: list[float]
) -> None:
    rules = scheme(position_condition=condition)
    with pytest.raises(DataError) as caught:
        bill_of(flats, rules)
    assert {each.name for each in caught.value.findings} == {finding}
    assert factors(bill_of(flats, rules, allowed=(finding,))) == allowed_factors


def test_gains_are_asked_for_where_the_condition_takes_them_off_alone() -> None:
    flats = [flat("1", 50, heat_loss_w_per_k=50.0)]
    assert factors(bill_of(flats, scheme())) == [1.0]
    with pytest.raises(DataError, match="gains_w"):
        bill_of(flats, scheme(position_condition={"gains": True}))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(20, 200), st.floats(0.4, 0.79)), min_size=1, max_size=5),
    st.floats(0.1, 10),
)
def test_factors_are_at_most_1_and_do_not_change_with_the_scale_of_the_losses(
    homes: list[tuple[float, float]], scale: float
) -> None:
    def found(by: float) -> list[float]:
        rows = enumerate(homes)
        return factors(
            bill_of(
                [
                    flat(str(n), area, heat_loss_w_per_k=area * loss * by)
                    for n, (area, loss) in rows
                ],
                scheme(),
            )
        )

    plain = found(1.0)
    assert max(plain) == 1.0
    assert plain == pytest.approx([min(loss for _, loss in homes) / loss for _, loss in homes])
    assert found(scale) == pytest.approx(plain, abs=1e-7)
