"""Numbers that are written as texts, and the units beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.numbers.units import unit_written, units
from ingest.decoders.payload.numbers import NumberText, read_number


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("21.5", 21.5, None),
        (" +21.5\n", 21.5, None),
        ("−3,5", -3.5, None),
        ("21,5", 21.5, None),
        (".5", 0.5, None),
        (",5", 0.5, None),
        ("0,125", 0.125, None),
        ("12,3456", 12.3456, None),
        ("1204.500", 1204.5, None),
        ("1.204,5", 1204.5, None),
        ("1,204.5", 1204.5, None),
        ("1 204 567,8", 1204567.8, None),
        ("1'204.5", 1204.5, None),
        ("17 031", 17031.0, None),
        ("1.2e3", 1200.0, None),
        ("43.5%RH", 43.5, "%RH"),
        ("21.4 °C", 21.4, "°C"),
        ("1 204 kW h", 1204.0, "kW h"),
        ("7,25 m³", 7.25, "m³"),
        ("3.89V", 3.89, "V"),
        ("2nd", 2.0, "nd"),
    ],
)
def test_text_of_a_number(text: str, value: float, unit: str | None) -> None:
    assert read_number(text) == NumberText(value, unit)


@pytest.mark.parametrize("text", ["1,204", "17031,768", "-1,204 kWh"])
def test_comma_that_may_part_thousands_is_read_as_neither(text: str) -> None:
    number = read_number(text)
    assert number is not None
    assert number.value is None


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "°C", "warm", "nan", "inf", "-", "1.2.3", "1,2,3", "192.168.1.10", "12:30"),
        *("2026-01-14", "2026-01-14T07:05:00Z", "0x1F", "031b15c4004e357f0f9464", "NRZ-2018-123B"),
        *(
            "327.\x1c7",
            "0.12 345",
            ",12 345",
            "1 2 3",
            "12 34",
            "1.2,3.4",
            "1.23,4",
            "9" * 65,
            "9T09:29:01",
            "4.7.1_beta",
        ),
    ],
)
def test_text_that_is_no_number(text: str) -> None:
    assert read_number(text) is None


@given(value=st.floats(-1e9, 1e9).map(lambda value: round(value, 4)))
def test_any_number_with_a_point_or_a_comma(value: float) -> None:
    text = f"{value:.4f}"
    for written in (text, text.replace(".", ","), f"{value:,.4f}", f" {text} kWh"):
        number = read_number(written)
        assert number is not None
        assert number.value == float(text)


@given(text=st.text(max_size=80))
def test_any_text(text: str) -> None:
    number = read_number(text)
    assert number is None or isinstance(number.value, float | None)


@pytest.mark.parametrize(
    ("suffix", "spellings"),
    [
        ("c", ["°C", "℃", "C", "Cel", "oC", "ºC", "º C", "˚C", "degC", "deg. C", "Celsius"]),
        ("f", ["°F", "℉", "F", "oF", "degF", "Fahrenheit"]),
        ("k", ["K", "Kelvin"]),
        ("kwh", ["kWh", "KWH", "kW h", "kW·h", "kW*h"]),
        ("wh", ["Wh", "WH", "W h"]),
        ("mwh", ["MWh", "MWH", "MW·h"]),
        ("gj", ["GJ", "Gj"]),
        ("gcal", ["Gcal", "GCAL"]),
        ("m3", ["m³", "m3", "m^3", "㎥", "cbm"]),
        ("l", ["l", "L", "ℓ", "dm³", "Liter"]),
        ("pct", ["%", "%RH", "% RH", "% r.H.", "%rF", "percent"]),
        ("v", ["V", "Volt"]),
        ("dbm", ["dBm", "dBM"]),
    ],
)
def test_spellings_of_a_unit(suffix: str, spellings: list[str]) -> None:
    assert {spelling: unit_written(spelling) for spelling in spellings} == dict.fromkeys(
        spellings, units()[suffix]
    )


@pytest.mark.parametrize("text", ["", " ", "lx", "m3/h", "l/h", "mW", "hPa", "parrots", "gal", "°"])
def test_what_is_no_unit_of_ours(text: str) -> None:
    assert unit_written(text) is None


def test_gigacalories_of_heat_meters() -> None:
    """15.68 Gcal of the International Table are 18,235.84 kWh: 1 kcal is 1.163 Wh exactly."""
    assert units()["gcal"].convert(15.68) == pytest.approx(18_235.84, rel=1e-12)
    assert units()["kcal"].convert(1e6) == pytest.approx(units()["gcal"].convert(1.0), rel=1e-12)
    assert units()["mcal"].convert(1e3) == pytest.approx(units()["gcal"].convert(1.0), rel=1e-12)
