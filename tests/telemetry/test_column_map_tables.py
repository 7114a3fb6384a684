"""The tables that a column map may describe: encodings, dialects, numbers, shapes, workbooks."""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime
from datetime import time as time_of_day
from pathlib import Path

import openpyxl
import pytest

from estate.errors import DataError
from telemetry.readings_file.column_map import load_map
from telemetry.readings_file.file import read_readings
from tests.support.column_maps import (
    EXPECTED,
    HOURS,
    TABLE,
    WIDE,
    a_map,
    local,
    read,
    readings,
    refusal,
)


def written(delimiter: str, quote: str = "") -> str:
    rows = (delimiter.join(f"{quote}{cell}{quote}" for cell in row) for row in TABLE)
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings(tmp_path: Path, encoding: str, end: str) -> None:
    content = written(";").replace("\n", end).encode(encoding)
    assert readings(read(tmp_path, content, a_map(WIDE))) == EXPECTED


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\n" + written(";"),
        '"sep=;"\n' + written(";"),
        "SEP=\t\n" + written("\t"),
        written("\t"),
        written("|"),
        written(",", '"'),
        written(";", '"'),
        "Udtræk for ejendommen\n\nPeriode: januar;2026\n" + written(";"),
        written(";").replace("\n", ";;\n"),
        written(";").replace("Energi", " ENERGI  "),
    ],
)
def test_delimiters_quotes_and_titles(tmp_path: Path, text: str) -> None:
    file = read(tmp_path, text, a_map(WIDE))
    assert (readings(file), file.findings) == (EXPECTED, ())


@pytest.mark.parametrize(
    ("cell", "changes", "value"),
    [
        ("1.234,5", {"thousands": "."}, 1234.5),
        ("1.234.567", {"thousands": "."}, 1234567.0),
        ("12 345,5", {"thousands": " "}, 12345.5),
        ("12\xa0345,5", {"thousands": " "}, 12345.5),
        ("12\u202f345,5", {"thousands": " "}, 12345.5),
        ("1'234,5", {"thousands": "'"}, 1234.5),
        ("1,234.5", {"thousands": ",", "decimal": "."}, 1234.5),
        ("1234,5", {"thousands": "."}, 1234.5),
        ("1234,5 m3", {}, 1234.5),
        ("1.234,5 m³", {"thousands": "."}, 1234.5),
    ],
)
def test_ways_to_write_a_number(
    tmp_path: Path, cell: str, changes: dict[str, object], value: float
) -> None:
    text = f"Dato;Måler;Vand\n31-01-2026;w;{cell}\n"
    unit = "m³" if "³" in cell else "m3"
    how = a_map(WIDE, values=[{"column": "Vand", "quantity": "hot_water_m3", "unit": unit}])
    how = how.model_copy(update=changes)
    assert [each[3] for each in readings(read(tmp_path, text, how))] == [value]


@pytest.mark.parametrize("cell", ["1.23", "12.34,5", "1.2345", "1.234.5", "1,234.5", "ca. 7", ""])
def test_a_number_that_is_grouped_otherwise_is_not_guessed(tmp_path: Path, cell: str) -> None:
    values = [{"column": "Vand", "quantity": "hot_water_m3"}]
    how = a_map(WIDE, thousands=".", values=values)
    text = f"Dato;Måler;Vand\n30-01-2026;w;1\n31-01-2026;w;{cell}\n"
    file = read(tmp_path, text, how)
    assert [each[3] for each in readings(file)] == [1.0]
    assert [(each.data["row"], each.data["column"]) for each in file.findings] == [(3, "Vand")]
    assert "1.234,5" in file.findings[0].message


def test_a_mark_for_thousands_that_the_map_does_not_name_is_asked_for(tmp_path: Path) -> None:
    file = read(tmp_path, written(";").replace("1402,5", "1.402,5"), a_map(WIDE))
    (finding,) = file.findings
    assert (finding.data["row"], finding.data["column"]) == (2, "Volumen")
    assert "set decimal and thousands in the map" in finding.message


def test_the_mark_of_decimals_in_a_tabbed_file_is_told_from_its_numbers(tmp_path: Path) -> None:
    points = written("\t").replace(",", ".")
    assert readings(read(tmp_path, points, a_map(WIDE, decimal=None))) == EXPECTED
    assert readings(read(tmp_path, written("\t"), a_map(WIDE, decimal=None))) == EXPECTED


@pytest.mark.parametrize("text", ["sep=;\n{}", "{}"])
def test_our_own_file_in_any_dialect(tmp_path: Path, text: str) -> None:
    own = "time;device;quantity;value\n2026-01-01T00:00:00Z;b;temperature_c;21,5\n"
    expected = [("2026-01-01T00:00:00+00:00", "b", "temperature_c", 21.5)]
    for content in (own, own.replace(";", "\t"), own.replace(";", "\t").replace(",", ".")):
        if text.startswith("sep") and "\t" in content:
            continue
        assert readings(read(tmp_path, text.format(content))) == expected
    assert readings(read(tmp_path, own.encode("utf-16"))) == expected
    latin = own.replace("value\n", "value;x_rum\n").replace("21,5\n", "21,5;køkken\n")
    assert readings(read(tmp_path, latin.encode("latin-1"))) == expected


# Layouts


def test_one_column_for_each_device(tmp_path: Path) -> None:
    how = a_map(
        'time: {column: Tid, zone: Europe/Copenhagen}\ndevice: {header: "M {device}*"}\n'
        "values: [{quantity: heat_kwh, unit: MWh}]"
    )
    text = "Tid;M 1 (MWh);M 2;Udetemp\n2026-01-01 00:00;1,5;;3\n2026-01-01 01:00;1,6;7;4\n"
    file = read(tmp_path, text, how)
    assert [each[1:] for each in readings(file)] == [
        ("1", "heat_kwh", 1500.0), ("1", "heat_kwh", 1600.0), ("2", "heat_kwh", 7000.0),
    ]  # fmt: skip
    assert [(each.name, each.data["column"]) for each in file.findings] == [
        ("readings.column.unknown", "Udetemp")
    ]


def test_a_header_of_two_rows_for_device_and_quantity(tmp_path: Path) -> None:
    how = a_map(
        "time: {column: Tid, zone: Europe/Copenhagen}\nheader_rows: 2\n"
        'device: {header: "{device} {quantity}"}\n'
        "quantity: {names: {Energi: {quantity: heat_kwh, unit: GJ}, Retur: null}}\nvalues: [{}]"
    )
    text = ";64000101;;64000102;\nTid;Energi;Retur;Energi;Retur\n2026-01-01 00:00;36;30;72;31\n"
    found = readings(read(tmp_path, text, how))
    assert [each[1] for each in found] == ["64000101", "64000102"]
    assert [each[3] for each in found] == pytest.approx([10_000, 20_000])
    told = refusal(tmp_path, text.replace("Retur", "Flow"), how)
    assert "'Flow'" in told
    assert "quantity.names" in told


def test_columns_by_number_in_a_file_without_a_header(tmp_path: Path) -> None:
    how = a_map(
        "time: {column: [1, 2], format: '%d.%m.%y %H.%M', zone: Europe/Copenhagen}\n"
        "header_rows: 0\ndevice: {column: 3, names: {Kælder: heat-1}}\n"
        "values: [{column: 4, quantity: heat_kwh, unit_column: 5}]"
    )
    text = "31.01.26;23.30;Kælder;1,5;MWh\n31.01.26;23.45;Kælder;1501;kWh\n"
    assert readings(read(tmp_path, text, how)) == [
        (local("2026-01-31 23:30"), "heat-1", "heat_kwh", 1500.0),
        (local("2026-01-31 23:45"), "heat-1", "heat_kwh", 1501.0),
    ]
    file = read(tmp_path, text + "31.01.26;23.50;Kælder;1502;hk\n", how)
    assert "'hk' is not a unit of heat_kwh" in file.findings[0].message


ROWS_WITH_UNITS = (
    "time: {column: [Zeit, Uhr], format: '%d.%m.%Y %H:%M', zone: Europe/Copenhagen}\n"
    "device: {column: Gerät, names: {Keller 1: heat-1}}\n"
    "quantity: {column: Art, names: {Wärme: {quantity: heat_kwh, unit: MWh},"
    " Wasser: {quantity: hot_water_m3}, HKV: {quantity: allocator_units}}}\n"
    "values: [{column: Wert, unit_column: Einheit}]"
)


def test_quotes_around_every_cell(tmp_path: Path) -> None:
    rows = ["Zeit;Uhr;Gerät;Art;Wert;Einheit", "31.01.2026;23:30;Keller 1;Wärme;1501,5;kWh"]
    text = "\r\n".join(";".join(f'"{cell}"' for cell in row.split(";")) for row in rows)
    file = read(tmp_path, text, a_map(ROWS_WITH_UNITS))
    assert (readings(file), file.findings) == (
        [(local("2026-01-31 23:30"), "heat-1", "heat_kwh", 1501.5)], (),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "quantity", "value"),
    [
        ("Wärme;1,5;", "heat_kwh", 1500.0),  # the map's unit, in a column of units too
        ("Wärme;1,5;kWh", "heat_kwh", 1.5),
        ("HKV;15;", "allocator_units", 15.0),  # has one unit
        ('"HKV";"15";""', "allocator_units", 15.0),
    ],
)
def test_a_blank_cell_in_a_column_of_units(
    tmp_path: Path, cells: str, quantity: str, value: float
) -> None:
    text = f"Zeit;Uhr;Gerät;Art;Wert;Einheit\n31.01.2026;23:30;m;{cells}\n"
    assert [each[2:] for each in readings(read(tmp_path, text, a_map(ROWS_WITH_UNITS)))] == [
        (quantity, value)
    ]


def test_a_unit_that_nothing_says_is_asked_for(tmp_path: Path) -> None:
    text = "Zeit;Uhr;Gerät;Art;Wert;Einheit\n31.01.2026;23:30;m;HKV;1;\n"
    file = read(tmp_path, text + "31.01.2026;23:30;m;Wasser;1500;\n", a_map(ROWS_WITH_UNITS))
    assert [each[2] for each in readings(file)] == ["allocator_units"]
    assert "the unit of hot_water_m3 is blank" in file.findings[0].message


EFORSYNING = "Dato;Målernummer;Energi (MWh);Volumen (m3)\n"


@pytest.mark.parametrize(
    "rows",
    [
        "01-01-2026;m;12.345;234.567\n02-01-2026;m;12.367;235.600\n",
        "01-01-2026;m;12.345;1234.56\n02-01-2026;m;12.367;1235.60\n",
        "01-01-2026;m;0.345;4.567\n",
    ],
)
def test_decimal_points_where_the_map_expects_points_between_thousands(
    tmp_path: Path, rows: str
) -> None:
    """12.345 MWh of an English browser is not 12,345 MWh."""
    refused = read(tmp_path, EFORSYNING + rows, load_map("eforsyning"))
    assert readings(refused) == []
    assert refused.left_out == 2 * rows.count("\n")
    assert "correct decimal and thousands" in refused.findings[0].message
    right = load_map("eforsyning").model_copy(update={"decimal": ".", "thousands": ","})
    energy = float(rows.split(";")[2])
    assert readings(read(tmp_path, EFORSYNING + rows, right))[0][3] == pytest.approx(energy * 1000)


def test_one_mistyped_number_does_not_settle_what_a_point_means(tmp_path: Path) -> None:
    rows = [f"0{day}-01-2026;m;12,34{day};1.234,5{day}" for day in range(1, 9)]
    text = EFORSYNING + "\n".join([*rows, "09-01-2026;m;12,350;1234.59", "10-01-2026;m;13;1.234"])
    file = read(tmp_path, text, load_map("eforsyning"))
    assert [each.data["row"] for each in file.findings] == [10]
    assert [each[3] for each in readings(file)][-1] == 1234.0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (gzip.compress(b"Dato;Energi (MWh)\n"), "is compressed"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "save it as .xlsx"),
        (b"<html><table><tr><td>Dato</td></tr></table></html>", "is a web page"),
        ("\ufeff <html>".encode(), "is a web page"),
        (b'[{"Dato": "01-01-2026"}]', "is JSON"),
        (b"%PDF-1.7", "is a PDF"),
        ("Dato;Energi\n01-01-2026;5\n".encode("utf-16-le"), "UTF-16 without"),
        ("Dato;Energi\n01-01-2026;5\n".encode("utf-16-be"), "UTF-16 without"),
    ],
)
def test_a_file_of_another_kind_is_called_what_it_is(
    tmp_path: Path, content: bytes, told: str
) -> None:
    assert told in refusal(tmp_path, content, load_map("eforsyning"))
    path = tmp_path / "readings.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=told):
        read_readings(path)


def test_the_device_in_the_name_of_the_file(tmp_path: Path) -> None:
    how = a_map(HOURS, device={"file_name": "forbrug-{device}-*", "names": {"7": "heat-7"}})
    text = "Tid;Energi\n01-02-2026 00:00;5\n"
    file = read(tmp_path, text, how, name="forbrug-7-2026.csv")
    assert [each[1] for each in readings(file)] == ["heat-7"]
    assert "is not named like" in refusal(tmp_path, text, how)


def test_a_json_list_of_objects(tmp_path: Path) -> None:
    how = a_map(
        "format: json\nrows: data.readings\ntime: {column: ts, format: epoch_ms}\n"
        "device: {column: meter}\nvalues: [{column: kwh, quantity: heat_kwh}]"
    )
    rows = [{"ts": 1767225600000, "meter": 64, "kwh": 1.5}, {"ts": 1767229200000, "meter": 64}]
    file = read(tmp_path, json.dumps({"data": {"readings": rows}}), how, name="r.json")
    assert readings(file) == [("2026-01-01T00:00:00+00:00", "64", "heat_kwh", 1.5)]
    assert file.findings[0].data["row"] == 2
    assert "data.readings" in refusal(tmp_path, '{"data": 3}', how)


def workbook(path: Path, rows: list[list[object]], sheet: str = "Ark1") -> Path:
    book = openpyxl.Workbook()
    book.create_sheet(sheet, 0)
    for row in rows:
        book[sheet].append(row)
    book.save(path)
    return path


def test_a_workbook_of_typed_cells(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Aflæsninger", None],
        ["Dato", "Kl.", "Måler", "Energi"],
        [datetime(2026, 1, 31), time_of_day(23, 30), 64000101, 18.231],  # noqa: DTZ001
        [date(2026, 1, 31), "23:45", 64000101.0, "18,232"],
        ["31-01-2026", "24:00", "64000101", 18],
        [None, None, None, None],
        [46054, "00:15", 64000101, 18.233],
    ]
    how = a_map(
        WIDE, format="xlsx", sheet="Data",
        time={"column": ["Dato", "Kl."], "format": "%d-%m-%Y %H:%M", "zone": "Europe/Copenhagen"},
        values=[{"column": "Energi", "quantity": "heat_kwh", "unit": "MWh"}],
    )  # fmt: skip
    path = workbook(tmp_path / "r.xlsx", rows, "Data")
    file = read_readings(path, [how])
    assert readings(file) == [
        (local("2026-01-31 23:30"), "64000101", "heat_kwh", 18231.0),
        (local("2026-01-31 23:45"), "64000101", "heat_kwh", 18232.0),
        (local("2026-02-01 00:00"), "64000101", "heat_kwh", 18000.0),
    ]
    assert [each.data["row"] for each in file.findings] == [7]
    with pytest.raises(DataError, match="has no sheet 9"):
        read_readings(path, [how.model_copy(update={"sheet": 9})])
    with pytest.raises(DataError, match="choose a column map"):
        read_readings(path)
    with pytest.raises(DataError, match="format: xlsx"):
        read_readings(path, [a_map(WIDE)])


def test_days_of_a_workbook_as_numbers(tmp_path: Path) -> None:
    how = a_map(HOURS, format="xlsx", time={"column": "Tid", "format": "excel", "zone": "UTC"})
    path = workbook(tmp_path / "r.xlsx", [["Tid", "Måler", "Energi"], [46023.5, "m", 7]])
    assert readings(read_readings(path, [how]))[0][0] == "2026-01-01T12:00:00+00:00"


def test_a_name_that_an_object_has_twice(tmp_path: Path) -> None:
    how = a_map(HOURS, format="json", time={"column": "Tid"})
    row = '{"Tid": "2026-01-31T23:00:00Z", "Måler": "m", "Energi": 1, "Energi": %s}'
    assert "the name Energi twice" in refusal(tmp_path, f"[{row % 2}]", how)
    assert [each[3] for each in readings(read(tmp_path, f"[{row % 1}]", how))] == [1.0]
