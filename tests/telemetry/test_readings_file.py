"""Readings files as people and spreadsheets save them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estate.errors import DataError, UsageError
from estate.findings import Severity
from estate.quantities import quantities
from telemetry.readings_file.file import ReadingsFile, read_readings, write_readings
from telemetry.readings_file.tables import table as readings_table
from telemetry.readings_file.tables.table import OVERFLOW
from telemetry.stores.refusal import EARLIEST_MS, LATEST_MS

T0 = 1_767_222_000_000
"""2026-01-01T00:00:00+01:00, which is 2025-12-31T23:00:00Z."""
HEADER = "time,device,quantity,value\n"
GOOD = "2026-01-01T00:00:00+01:00,box,temperature_c,21.4\n"

Row = tuple[int, str, str, float]


def a_file(directory: Path, content: str | bytes, name: str = "r.csv") -> Path:
    path = directory / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows_of(file: ReadingsFile) -> list[Row]:
    return list(file.columns().itertuples(index=False, name=None))


def read(directory: Path, content: str | bytes) -> ReadingsFile:
    return read_readings(a_file(directory, content))


def refusal(directory: Path, content: str | bytes, name: str = "r.csv") -> str:
    with pytest.raises(DataError) as caught:
        read_readings(a_file(directory, content, name))
    assert [each.name for each in caught.value.findings] == ["readings.file.unreadable"]
    return str(caught.value)


def left_out(
    directory: Path, row: str, header: str = HEADER, good: str = GOOD
) -> dict[str, object]:
    """Read one row between two good ones, which stay, and give the data of its finding."""
    other = good.replace("2026-01-01", "2026-01-02")
    file = read(directory, header + good + row + "\n" + other)
    assert [each[0] for each in rows_of(file)] == [T0, T0 + 24 * 3_600_000]
    assert file.left_out == 1
    (finding,) = file.findings
    assert finding.name == "readings.row.invalid"
    assert finding.severity is Severity.WARNING
    data = dict(finding.data)
    assert (data.pop("file"), data.pop("row")) == ("r.csv", 3)
    assert finding.message.startswith(f"r.csv row 3, column {data['column']} ")
    return data


def test_columns(tmp_path: Path) -> None:
    text = HEADER + "2026-01-01T01:00:00+01:00,m2,heat_kwh,7\n" + GOOD
    file = read(tmp_path, text)
    frame = file.columns()
    assert list(frame) == ["time_ms", "device", "quantity", "value"]
    assert [str(frame[name].dtype) for name in ("time_ms", "value")] == ["int64", "float64"]
    assert rows_of(file) == [
        (T0, "box", "temperature_c", 21.4),
        (T0 + 3_600_000, "m2", "heat_kwh", 7.0),
    ]
    assert file.findings == ()
    assert file.left_out == 0
    assert file.sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "time",
    [
        "2026-01-01T00:00:00+01:00",
        "2026-01-01 00:00:00+0100",
        "2026-01-01T00:00+01",
        "2025-12-31T23:00:00Z",
        "2025-12-31T23:00:00.000Z",
        "2025-12-31T23:00:00 Z",
        "1767222000",
        "1767222000.0",
        ' "2025-12-31T23:00:00Z" ',
    ],
)
def test_ways_to_write_one_instant(tmp_path: Path, time: str) -> None:
    assert rows_of(read(tmp_path, f"{HEADER}{time},box,co2_ppm,800")) == [
        (T0, "box", "co2_ppm", 800.0)
    ]


def test_fractions_of_seconds_are_kept_to_the_millisecond(tmp_path: Path) -> None:
    text = f"{HEADER}1767222000.1236,a,co2_ppm,1\n2025-12-31T23:00:00.1236Z,b,co2_ppm,1\n"
    assert [each[0] for each in rows_of(read(tmp_path, text))] == [T0 + 124, T0 + 124]


@pytest.mark.parametrize(
    "time",
    [
        "2026-01-01T00:00:00",  # no offset
        "2026-01-01",
        "01-01-2026 00:00",  # as a Danish spreadsheet shows it
        "1/1/2026 0:00",
        "46023.0416666667x",
        "1767222000000",  # milliseconds
        "1.767222E+09",  # a spreadsheet's short form has lost the minutes
        "2026-02-30T00:00:00Z",
        "2026-01-01T25:00:00Z",
        "1500-01-01T00:00:00Z",  # before what a store can hold
        "9999999999",  # and after it
        "nan",
        "",
    ],
)
def test_a_time_that_is_none(tmp_path: Path, time: str) -> None:
    found = left_out(tmp_path, f"{time},box,temperature_c,21")
    assert found == {"column": "time", "value": time}


@pytest.mark.parametrize(
    "value",
    [
        "",
        "NaN",
        "nan",
        "inf",
        "-",
        "21 4",
        "21.4 °C",
        "1'234",
        "0x10",
        "1_000",
        "#N/A",
        "TRUE",
        "1e400",
    ],
)
def test_a_value_that_is_none(tmp_path: Path, value: str) -> None:
    found = left_out(tmp_path, f"2026-01-03T00:00:00Z,box,temperature_c,{value}")
    assert found == {"column": "value", "value": value}


@pytest.mark.parametrize("value", ["21.4", "+21.4", "2.14e1", " 21.4 ", '"21.4"'])
def test_ways_to_write_one_value(tmp_path: Path, value: str) -> None:
    file = read(tmp_path, f"{HEADER}1767222000,box,temperature_c,{value}\n")
    assert rows_of(file) == [(T0, "box", "temperature_c", 21.4)]


@pytest.mark.parametrize("device", ["", "6.4E+07", "stue nord", "æ", "x" * 65])
def test_a_device_that_is_none(tmp_path: Path, device: str) -> None:
    found = left_out(tmp_path, f"2026-01-03T00:00:00Z,{device},temperature_c,21")
    assert found == {"column": "device", "value": device}


def test_a_device_of_digits_stays_as_it_is(tmp_path: Path) -> None:
    assert read(tmp_path, f"{HEADER}1767222000,00640101,heat_kwh,1\n").devices == ("00640101",)


@pytest.mark.parametrize("quantity", ["", "temperature", "Temperature_C", "heat_mwh"])
def test_a_quantity_that_is_not_known(tmp_path: Path, quantity: str) -> None:
    found = left_out(tmp_path, f"2026-01-03T00:00:00Z,box,{quantity},21")
    assert found == {"column": "quantity", "value": quantity}


@pytest.mark.parametrize("name", list(quantities()))
def test_physical_limits(tmp_path: Path, name: str) -> None:
    limits = quantities()[name]
    inside = [limits.minimum, limits.maximum]
    outside = [limits.minimum - 0.5, limits.maximum + 0.5]
    lines = [
        f"{1767222000 + number},box,{name},{value}\n"
        for number, value in enumerate([*inside, *outside])
    ]
    file = read(tmp_path, HEADER + "".join(lines))
    assert [each[3] for each in rows_of(file)] == inside
    assert [each.data["row"] for each in file.findings] == [4, 5]
    assert limits.unit in file.findings[0].message


def test_a_row_has_one_finding_of_its_first_fault(tmp_path: Path) -> None:
    assert left_out(tmp_path, "yesterday,,warmth,much") == {"column": "time", "value": "yesterday"}


SEMICOLONS = "time;device;quantity;value\n"
GOOD_SEMICOLONS = GOOD.replace(",", ";").replace("21.4", "21,4")


def test_semicolons_with_decimal_commas(tmp_path: Path) -> None:
    text = SEMICOLONS + GOOD_SEMICOLONS + "1767222000,25;meter;heat_kwh;1234\n"
    assert rows_of(read(tmp_path, text)) == [
        (T0, "box", "temperature_c", 21.4),
        (T0 + 250, "meter", "heat_kwh", 1234.0),
    ]


@pytest.mark.parametrize("value", ["1.234", "1.234,5", "21.4"])
def test_a_point_among_decimal_commas_is_not_guessed(tmp_path: Path, value: str) -> None:
    row = f"2026-01-03T00:00:00Z;box;heat_kwh;{value}"
    found = left_out(tmp_path, row, SEMICOLONS, GOOD_SEMICOLONS)
    assert found == {"column": "value", "value": value}


def test_a_decimal_comma_among_commas_is_one_cell_too_many(tmp_path: Path) -> None:
    found = left_out(tmp_path, "2026-01-03T00:00:00Z,box,temperature_c,21,4")
    assert found == {"column": OVERFLOW, "value": "4"}
    found = left_out(tmp_path, '2026-01-03T00:00:00Z,box,temperature_c,"21,4"')
    assert found == {"column": "value", "value": "21,4"}


def test_a_row_of_many_cells_costs_no_other(tmp_path: Path) -> None:
    found = left_out(tmp_path, "2026-01-03T00:00:00Z,box,temperature_c,21" + ",x" * 300)
    assert found == {"column": OVERFLOW, "value": "x"}


def test_a_row_of_few_cells_costs_no_other(tmp_path: Path) -> None:
    assert left_out(tmp_path, "2026-01-03T00:00:00Z,box") == {"column": "quantity", "value": ""}


def test_a_stray_quote_costs_no_other_row(tmp_path: Path) -> None:
    assert left_out(tmp_path, '2026-01-03T00:00:00Z,"bo"x,temperature_c,21')["column"] == "device"
    file = read(
        tmp_path, f'{HEADER}{GOOD}1767222001,"box,temperature_c,21\n1767222002,box,co2_ppm,9\n'
    )
    assert len(rows_of(file)) == 3


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_byte_order_mark_and_line_ends(tmp_path: Path, mark: bytes, end: str) -> None:
    text = (HEADER + GOOD + "1767222000,z,co2_ppm,800\n").replace("\n", end)
    assert len(rows_of(read(tmp_path, mark + text.encode()))) == 2


def test_what_a_spreadsheet_adds(tmp_path: Path) -> None:
    header = "value;time;quantity;device;;\r\n"
    text = header + "21,4;2025-12-31T23:00:00Z;temperature_c;box;;\r\n;;;;;\r\n\r\n"
    file = read(tmp_path, text)
    assert rows_of(file) == [(T0, "box", "temperature_c", 21.4)]
    assert file.findings == ()


def test_quotes_around_everything(tmp_path: Path) -> None:
    text = HEADER + GOOD
    quoted = "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()
    )
    assert rows_of(read(tmp_path, quoted)) == rows_of(read(tmp_path, text))


def test_own_columns_are_passed_over_and_unknown_ones_are_told(tmp_path: Path) -> None:
    text = "x_room,time,device,quantity,value,unit\nstue,1767222000,box,temperature_c,21,°C\n"
    file = read(tmp_path, text)
    assert rows_of(file) == [(T0, "box", "temperature_c", 21.0)]
    assert [(each.name, each.data["column"]) for each in file.findings] == [
        ("readings.column.unknown", "unit")
    ]


def test_files_that_are_no_readings(tmp_path: Path) -> None:
    assert "lacks the column time, device" in refusal(tmp_path, "")
    assert "lacks the column quantity;" in refusal(tmp_path, "time,device,value\n1,2,3\n")
    assert "twice" in refusal(tmp_path, "time,device,quantity,value,value\n")
    assert "no readings" in refusal(tmp_path, HEADER)
    assert "r.parquet cannot be read" in refusal(tmp_path, b"PAR1 or so", "r.parquet")


def test_a_nul_in_a_cell_costs_no_other_row(tmp_path: Path) -> None:
    assert left_out(tmp_path, "2026-01-03T00:00:00Z,bo\0x,temperature_c,21")["column"] == "device"


def test_no_such_file_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="check the name"):
        read_readings(tmp_path / "nowhere.csv")
    with pytest.raises(UsageError, match="check the name"):
        read_readings(tmp_path)


def test_the_later_row_of_a_repeated_key_wins(tmp_path: Path) -> None:
    lines = ["1767222000,box,co2_ppm,1", "2026-01-01T00:00:00+01:00,box,co2_ppm,2",
             "1767222000,box,temperature_c,3", "1767222000,box,co2_ppm,nonsense"]  # fmt: skip
    file = read(tmp_path, HEADER + "\n".join(lines))
    assert rows_of(file) == [(T0, "box", "temperature_c", 3.0), (T0, "box", "co2_ppm", 2.0)]


def test_the_first_hundred_bad_rows_are_named_and_all_are_counted(tmp_path: Path) -> None:
    bad = "2026-01-01T00:00:00,box,temperature_c,21\n" * 130 + "1767222000,box,warmth,1\n" * 7
    file = read(tmp_path, HEADER + bad + GOOD)
    assert len(rows_of(file)) == 1
    assert file.left_out == 137
    assert len(file.findings) == 101
    assert [each.data["row"] for each in file.findings[:100]] == list(range(2, 102))
    assert file.findings[-1].name == "readings.rows.more"
    assert file.findings[-1].data == {
        "file": "r.csv",
        "rows": 37,
        "by_column": {"time": 130, "quantity": 7},
    }


def test_a_file_in_parts_is_the_file_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"{1767222000 + n},d{n % 7},co2_ppm,{n}\n" for n in range(200)]
    lines[150] = "1767222000,d0,co2_ppm,99999\n"
    text = HEADER + "".join(lines)
    whole = read(tmp_path, text)
    monkeypatch.setattr(readings_table, "CHARACTERS_AT_ONCE", 100)
    parts = read(tmp_path, text)
    assert rows_of(parts) == rows_of(whole)
    assert parts.findings == whole.findings
    assert [each.data["row"] for each in parts.findings] == [152]


def test_samples_like_a_store(tmp_path: Path) -> None:
    rows = [(T0 + n, device, name, float(n)) for device in ("b", "a")
            for name in ("co2_ppm", "humidity_pct") for n in range(10)]  # fmt: skip
    path = tmp_path / "r.csv"
    write_readings(path, rows)
    samples = read_readings(path).samples("any", ["b", "none", "a"], "humidity_pct", T0 + 2, T0 + 5)
    assert samples.device_index.tolist() == [0, 0, 0, 2, 2, 2]
    assert samples.time_ms.tolist() == [T0 + 2, T0 + 3, T0 + 4] * 2
    assert samples.value.tolist() == [2.0, 3.0, 4.0] * 2
    assert samples.quality.tolist() == [0] * 6
    assert samples.device_index.dtype == np.int32
    assert samples.quality.dtype == np.uint8
    assert len(read_readings(path).samples("any", [], "co2_ppm", T0, T0 + 9)) == 0
    assert len(read_readings(path).samples("any", ["a"], "power_kw", T0, T0 + 9)) == 0


def test_kept_rows(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    write_readings(path, [(T0 + n, "b", "co2_ppm", float(n)) for n in range(4)])
    file = read_readings(path)
    kept = file.keep(file.columns()["value"].to_numpy() != 2.0)
    assert [each[3] for each in rows_of(kept)] == [0.0, 1.0, 3.0]
    assert kept.samples("any", ["b"], "co2_ppm", 0, T0 + 9).value.tolist() == [0.0, 1.0, 3.0]
    assert (kept.sha256, kept.findings) == (file.sha256, file.findings)
    assert rows_of(file.keep(np.zeros(4, dtype=np.bool_))) == []


some_rows = st.lists(
    st.tuples(
        st.integers(EARLIEST_MS, LATEST_MS).filter(lambda time_ms: time_ms > -62_135_596_800_000),
        st.from_regex(r"[A-Za-z0-9._:-]{1,64}", fullmatch=True),
        st.just("temperature_c"),
        st.floats(-40, 60),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row[:3],
)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["r.csv", "r.parquet"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=some_rows)
def test_what_was_written_is_read(tmp_path: Path, name: str, rows: Sequence[Row]) -> None:
    path = tmp_path / name
    write_readings(path, rows)
    file = read_readings(path)
    assert file.findings == ()
    assert rows_of(file) == sorted(rows, key=lambda row: (row[1], row[0]))


def a_parquet(directory: Path, **columns: object) -> ReadingsFile:
    frame = {"time": [1767222000.25], "device": ["b"], "quantity": ["co2_ppm"], "value": [800]}
    path = directory / "r.parquet"
    pd.DataFrame(frame | columns).to_parquet(path)
    return read_readings(path)


@pytest.mark.parametrize(
    "time",
    [
        pd.to_datetime(["2025-12-31T23:00:00.25Z"]).tz_convert("Europe/Copenhagen"),
        ["2026-01-01T00:00:00.250+01:00"],
        [1767222000.25],
        pd.Categorical(["2026-01-01T00:00:00.250+01:00"]),
    ],
)
def test_typed_times_of_parquet(tmp_path: Path, time: object) -> None:
    assert rows_of(a_parquet(tmp_path, time=time)) == [(T0 + 250, "b", "co2_ppm", 800.0)]


def test_what_is_wrong_in_parquet_is_found_too(tmp_path: Path) -> None:
    naive = a_parquet(tmp_path, time=pd.to_datetime(["2026-01-01T00:00:00"]))
    assert [each.data["column"] for each in naive.findings] == ["time"]
    rows = a_parquet(
        tmp_path,
        time=[1767222000, 1767222001, 1767222002],
        device=["b", None, "b"],
        quantity=["co2_ppm"] * 3,
        value=[800.0, 800.0, float("nan")],
    )
    assert [(each.data["row"], each.data["column"]) for each in rows.findings] == [
        (2, "device"),
        (3, "value"),
    ]
    assert [each.data["value"] for each in rows.findings] == ["", ""]
    assert len(rows_of(rows)) == 1
    truths = a_parquet(tmp_path, value=[True])
    assert truths.findings[0].data["value"] == "True"


def test_the_page_shows_a_file_that_can_be_read_and_names_every_quantity(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "readings-file.md").read_text("utf-8")
    file = read(tmp_path, page.split("```")[1].lstrip())
    assert (len(rows_of(file)), file.findings) == (2, ())
    assert [name for name in quantities() if f"`{name}`" not in page] == []
