"""Line protocol, read back by a parser of its own that follows InfluxDB's description of it."""

from __future__ import annotations

import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.model import ID_PATTERN
from telemetry.readings import Reading
from telemetry.stores.line_protocol import escape_measurement, escape_tag, reading_line
from telemetry.stores.refusal import EARLIEST_MS, LATEST_MS, refusal, sort_out

ID_LETTERS = string.ascii_letters + string.digits + "._:-"
ids = st.text(ID_LETTERS, min_size=1, max_size=64)
numbers = st.floats(allow_nan=False, allow_infinity=False)
readings = st.builds(
    Reading,
    building=ids,
    device=ids,
    quantity=ids,
    time_ms=st.integers(EARLIEST_MS, LATEST_MS),
    value=numbers,
    quality=st.integers(0, 255),
    arrival_ms=st.integers(0, LATEST_MS),
)
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\\"), min_size=1)


def split_unescaped(text: str, separator: str) -> list[str]:
    parts = [""]
    position = 0
    while position < len(text):
        if text[position] == "\\" and position + 1 < len(text) and text[position + 1] in ",= ":
            parts[-1] += text[position : position + 2]
            position += 2
        elif text[position] == separator:
            parts.append("")
            position += 1
        else:
            parts[-1] += text[position]
            position += 1
    return parts


def unescape(text: str) -> str:
    for character in ",= ":
        text = text.replace(f"\\{character}", character)
    return text


def number(text: str) -> float | int:
    return int(text[:-1]) if text.endswith("i") else float(text)


def parse(line: str) -> tuple[str, dict[str, str], dict[str, float | int], int]:
    assert "\n" not in line
    front, fields, time = split_unescaped(line, " ")
    measurement, *tags = split_unescaped(front, ",")
    tag_pairs = [[unescape(part) for part in split_unescaped(tag, "=")] for tag in tags]
    field_pairs = [field.split("=") for field in fields.split(",")]
    return (
        unescape(measurement),
        {key: value for key, value in tag_pairs},  # noqa: C416  a pair, and no more
        {key: number(value) for key, value in field_pairs},
        int(time),
    )


def test_a_line_written_by_hand() -> None:
    reading = Reading(
        "solgaarden", "box-0101", "temperature_c", 1768374300000, 21.4, 0, 1768374300512
    )
    assert reading_line(reading) == (
        "temperature_c,building=solgaarden,device=box-0101"
        " value=21.4,quality=0i,arrival=1768374300512i 1768374300000"
    )


@given(readings)
def test_a_line_reads_back_as_its_reading(reading: Reading) -> None:
    measurement, tags, fields, time_ms = parse(reading_line(reading))
    assert measurement == reading.quantity
    assert tags == {"building": reading.building, "device": reading.device}
    assert fields == {
        "value": reading.value,
        "quality": reading.quality,
        "arrival": reading.arrival_ms,
    }
    assert [type(fields[name]) for name in ("value", "quality", "arrival")] == [float, int, int]
    assert time_ms == reading.time_ms


@given(texts.filter(lambda text: not text.startswith("#")), texts)
def test_an_escaped_name_reads_back(measurement: str, tag: str) -> None:
    tag = tag.lstrip("#") or "x"
    line = f"{escape_measurement(measurement)},t={escape_tag(tag)} value=1.0 5"
    assert parse(line) == (measurement, {"t": tag}, {"value": 1.0}, 5)


@pytest.mark.parametrize("text", ["", "a\\", "a\\b", "a\nb", "a\rb", "a\x00", "a\tb", "#comment"])
def test_a_name_that_line_protocol_cannot_carry_is_refused(text: str) -> None:
    for escape in (escape_measurement, escape_tag):
        with pytest.raises(ValueError, match="cannot express"):
            escape(text)


@given(st.text().filter(lambda text: not set(text) <= set(ID_LETTERS) or not 1 <= len(text) <= 64))
def test_no_line_is_made_of_a_name_that_is_no_id(text: str) -> None:
    good = Reading("b", "d", "q", 0, 1.0, 0, 0)
    bad = (good._replace(building=text), good._replace(device=text), good._replace(quantity=text))
    for reading in bad:
        with pytest.raises(ValueError, match="does not match"):
            reading_line(reading)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_no_line_is_made_of_a_value_that_is_not_finite(value: float) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        reading_line(Reading("b", "d", "q", 0, value, 0, 0))


def test_numbers_of_other_types_become_plain_floats() -> None:
    values: list[float] = [7, True, np.float64(0.1), float(np.float32(0.5))]
    lines = [reading_line(Reading("b", "d", "q", 0, value, 0, 0)) for value in values]
    shown = [line.split(" value=")[1].split(",")[0] for line in lines]
    assert shown == ["7.0", "1.0", "0.1", "0.5"]


def test_sorting_out_keeps_the_order_and_loses_nothing() -> None:
    good = [Reading("b", f"d{n}", "q", n, 1.0, 0, 0) for n in range(4)]
    bad = [good[0]._replace(device="a b"), good[1]._replace(value=float("nan"))]
    taken, rejected = sort_out([good[0], bad[0], *good[1:], bad[1]])
    assert taken == good
    assert [each.reading for each in rejected] == bad
    assert ID_PATTERN in rejected[0].reason


@given(readings)
def test_a_reading_within_the_limits_is_not_refused(reading: Reading) -> None:
    assert refusal(reading) is None
