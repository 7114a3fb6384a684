"""A page and a statement never print an estimate as measured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from billing.bill.bill import RegisterUse
from billing.bill.explanations import Comparison
from reports.measured import how_known, kinds_without_meter, uses_by_method
from reports.monthly.page import page_of
from reports.statement.letter import letter_of
from tests.support.report_homes import a_bill, a_month, a_statement, an_estate

if TYPE_CHECKING:
    from billing.bill.bill import Statement, UseMethod

CLAIMS = ("Målt hos dig", "Measured in your home")


def with_hot_water(
    method: UseMethod, *, estimated_hours: int = 0, interpolated_hours: int = 0
) -> Statement:
    """A statement whose heat is measured, and whose hot water is known in another way."""
    heat = RegisterUse(
        device="h1",
        quantity="heat_kwh",
        serial=None,
        start_register=1000.0,
        end_register=1412.4,
        use=412.4,
    )
    water = RegisterUse(
        device="w1",
        quantity="hot_water_m3",
        serial=None,
        start_register=10.0,
        end_register=13.2,
        use=3.2,
        method=method,
        estimated_hours=estimated_hours,
        interpolated_hours=interpolated_hours,
    )
    return a_statement(registers=(heat, water))


def notes(statement: Statement, language: str = "da") -> list[str]:
    month = a_month(statement, estate=an_estate(language=language))
    found: list[str] = page_of(month)["costs"]["notes"]
    return [note.replace("\N{NO-BREAK SPACE}", " ") for note in found]


def of_hot_water(statement: Statement, language: str = "da") -> str:
    names = ("varmt vand", "Warmwasser", "hot")
    (note,) = [each for each in notes(statement, language) if any(name in each for name in names)]
    return note


def test_what_is_measured_is_said_to_be() -> None:
    assert of_hot_water(with_hot_water("measured")) == (
        "Målt hos dig: 412 kWh varme, 3,2 m³ varmt vand."
    )


@pytest.mark.parametrize("language", ["da", "de", "en"])
@pytest.mark.parametrize("method", ["year_before", "like_homes"])
def test_what_is_not_measured_is_not_said_to_be(method: UseMethod, language: str) -> None:
    note = of_hot_water(with_hot_water(method, estimated_hours=744), language)
    assert not any(claim in note for claim in CLAIMS)
    starts = (
        "Skøn, ikke målt: 3,2",
        "Geschätzt, nicht gemessen: 3,2",
        "Estimated, not measured: 3.2",
    )
    assert note.startswith(starts)
    assert "412" not in note


def test_how_an_estimate_was_made_is_said() -> None:
    for method, how in [("year_before", "året før"), ("like_homes", "de andre hjem")]:
        assert how in of_hot_water(with_hot_water(method, estimated_hours=744))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "hours"),
    [
        ("own_rate", {"estimated_hours": 31}),
        # Whatever the method is called: hours that nothing tells are no measurement.
        ("measured", {"estimated_hours": 31}),
        ("interpolated", {"estimated_hours": 31, "interpolated_hours": 4}),
    ],
)
def test_what_is_measured_in_part_tells_the_part(method: UseMethod, hours: dict[str, int]) -> None:
    assert of_hot_water(with_hot_water(method, **hours)) == (
        "Delvist målt: 3,2 m³ varmt vand. Heraf er 31 timer et skøn efter målerens øvrige forbrug."
    )


def test_hours_between_two_readings_are_told_beside_what_is_measured() -> None:
    note = of_hot_water(with_hot_water("interpolated", interpolated_hours=9))
    assert note == (
        "Målt hos dig: 3,2 m³ varmt vand. Heraf er 9 timer fordelt mellem to aflæsninger."
    )


def test_home_without_a_meter_is_told_so() -> None:
    statement = a_statement(registers=())
    assert kinds_without_meter(statement) == ("heat", "hot_water")
    assert notes(statement)[:2] == [
        "Skøn, ikke målt: Dit hjem har ingen måler til varme.",
        "Skøn, ikke målt: Dit hjem har ingen måler til varmt vand.",
    ]
    assert not any(claim in note for note in notes(statement) for claim in CLAIMS)


def test_meters_of_one_home_that_are_known_in_two_ways_are_told_apart() -> None:
    def allocator(device: str, use: float, hours: int, method: UseMethod) -> RegisterUse:
        return RegisterUse(
            device=device,
            quantity="allocator_units",
            serial=None,
            start_register=0.0,
            end_register=use,
            use=use,
            estimated_hours=hours,
            method=method,
        )

    registers = [
        allocator("a1", 10.0, 0, "measured"),
        allocator("a2", 5.0, 0, "measured"),
        allocator("a3", 7.0, 744, "like_homes"),
    ]
    known = uses_by_method(a_statement(registers=tuple(registers)))
    assert [(each.method, each.uses, each.hours) for each in known] == [
        ("measured", (("allocator_units", 15.0),), 0),
        ("like_homes", (("allocator_units", 7.0),), 744),
    ]
    assert [how_known(each) for each in registers] == ["measured", "measured", "like_homes"]


def letter(statement: Statement) -> dict[str, Any]:
    compared = (Comparison(item="hot_water", key="hot_water_m3", own=3.2, others=2.4, homes=11),)
    statement = statement.replace(comparison=compared)
    page = letter_of(an_estate(), a_bill(statement), statement).page
    return json.loads(json.dumps(page, ensure_ascii=False).replace("\N{NO-BREAK SPACE}", " "))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("statement", "cell", "note"),
    [
        (with_hot_water("measured"), "Målt", None),
        (with_hot_water("interpolated", interpolated_hours=9), "Målt", "9 timer er fordelt jævnt"),
        (with_hot_water("own_rate", estimated_hours=31), "31 timer skøn", "øvrige forbrug"),
        (with_hot_water("year_before", estimated_hours=744), "Skøn", "året før"),
        (with_hot_water("like_homes", estimated_hours=744), "Skøn", "de andre hjem"),
    ],
)
def test_the_proof_says_of_each_meter_how_its_use_is_known(
    statement: Statement, cell: str, note: str | None
) -> None:
    meters = letter(statement)["proof"]["tables"][1]
    assert [row[-1] for row in meters["rows"]] == ["Målt", cell]
    assert len(meters["notes"]) == (note is not None)
    assert note is None or note in meters["notes"][0]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (with_hot_water("measured"), "3,2 m³. De andre hjem i huset: 2,4 i snit."),
        (with_hot_water("own_rate", estimated_hours=31), "2,4 i snit. Dit tal er delvist et skøn."),
        (with_hot_water("like_homes", estimated_hours=744), "Dit forbrug er et skøn."),
        (a_statement(registers=()), "Dit forbrug er et skøn."),
    ],
)
def test_an_estimate_is_not_compared_as_if_it_were_measured(
    statement: Statement, said: str
) -> None:
    (item,) = [each for each in letter(statement)["why"]["items"] if each.startswith("Varmt vand")]
    assert said in item
    assert ("De andre" in item) == (said[0] in "32")


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        (with_hot_water("measured"), "Varmt vand: din måler"),
        (with_hot_water("own_rate", estimated_hours=31), "Varmt vand: din måler"),
        (with_hot_water("like_homes", estimated_hours=744), "Varmt vand: skøn, ikke målt"),
        (a_statement(registers=()), "Varmt vand: skøn, ikke målt"),
    ],
)
def test_an_amount_by_an_estimate_is_not_put_down_to_the_homes_meter(
    statement: Statement, line: str
) -> None:
    page = letter(statement)
    month = page_of(a_month(statement))
    for rows in (month["costs"]["rows"], page["costs"]["rows"]):
        assert [row["what"] for row in rows if "Varmt vand" in row["what"]] == [line]
    parts = page["proof"]["tables"][0]
    assert [row[0] for row in parts["rows"] if "Varmt vand" in row[0]] == [
        f"{line} (50 % af posten)"
    ]
    told = "Hos dig er tallet et skøn." in " ".join(parts["notes"])
    assert told == (line == "Varmt vand: skøn, ikke målt")
