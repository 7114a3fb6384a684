"""Exports of other systems, read by column maps: shipped ones, and all that a map may say."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estate.errors import DataError, UsageError
from telemetry.readings_file import column_map
from telemetry.readings_file.column_map import ColumnMap, load_map, shipped_maps
from telemetry.readings_file.file import ReadingsFile, read_all, read_readings
from telemetry.readings_file.tables import table as readings_table

ZONE = ZoneInfo("Europe/Copenhagen")
EXAMPLES = Path(column_map.__file__).parent / "column_maps" / "examples"
WIDE = """
time: {column: Dato, format: "%d-%m-%Y", zone: Europe/Copenhagen}
device: {column: Måler}
decimal: ","
values:
  - {column: Energi, quantity: heat_kwh, unit: MWh}
  - {column: Volumen, quantity: heat_volume_m3}
"""
HOURS = """
time: {column: Tid, format: "%d-%m-%Y %H:%M", zone: Europe/Copenhagen}
device: {column: Måler}
values: [{column: Energi, quantity: heat_kwh}]
"""

Reading = tuple[str, str, str, float]


def a_map(text: str, **changes: object) -> ColumnMap:
    return ColumnMap.model_validate({"name": "own"} | yaml.safe_load(text) | changes)


def local(text: str) -> str:
    """Return a Danish local time as the instant in UTC that it is."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(ZoneInfo("UTC")).isoformat()


def readings(file: ReadingsFile) -> list[Reading]:
    return [
        (datetime.fromtimestamp(ms / 1000, ZoneInfo("UTC")).isoformat(), device, quantity, value)
        for ms, device, quantity, value in file.columns().itertuples(index=False)
    ]


def read(
    directory: Path, content: str | bytes, *maps: ColumnMap, name: str = "export.csv"
) -> ReadingsFile:
    path = directory / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_readings(path, maps)


def refusal(directory: Path, content: str | bytes, *maps: ColumnMap) -> str:
    with pytest.raises(DataError) as caught:
        read(directory, content, *maps)
    assert caught.value.findings[-1].name == "readings.file.unreadable"
    return str(caught.value)


# What is shipped


def test_every_shipped_map_has_an_example_that_it_reads_whole() -> None:
    examples = {path.stem: path for path in EXAMPLES.iterdir()}
    assert examples.keys() == shipped_maps().keys()
    for name, path in examples.items():
        file = read_readings(path, [load_map(name)])
        assert file.left_out == 0, name
        assert file.findings == (), name
        assert len(file.time_ms) >= 4, name


def test_local_dates_and_megawatt_hours_of_a_portal() -> None:
    file = read_readings(EXAMPLES / "eforsyning.csv", [load_map("eforsyning")])
    heat = [each for each in readings(file) if each[2] == "heat_kwh"]
    # The register of a day is that of its end.
    assert heat == [
        (local("2026-01-01 00:00"), "64000101", "heat_kwh", 18231.0),
        (local("2026-01-02 00:00"), "64000101", "heat_kwh", 18262.0),
        (local("2026-01-01 00:00"), "64000102", "heat_kwh", 9807.0),
        (local("2026-01-02 00:00"), "64000102", "heat_kwh", 9829.0),
    ]
    volume = [each[3] for each in readings(file) if each[2] == "heat_volume_m3"]
    assert volume == [1402.55, 1403.31, 801.1, 801.64]


def test_gigajoules_of_a_portal(tmp_path: Path) -> None:
    text = "Målernummer;Dato;Energi (GJ)\n64000101;31-12-2025;36,0\n"
    (reading,) = readings(read(tmp_path, text.encode("latin-1"), load_map("eforsyning")))
    assert reading[3] == pytest.approx(10_000.0)


def test_used_electricity_becomes_a_register() -> None:
    file = read_readings(EXAMPLES / "eloverblik.json", [load_map("eloverblik")])
    point = "571313100000000017"
    document = json.loads((EXAMPLES / "eloverblik.json").read_text("utf-8"))
    market = document["result"][0]["MyEnergyData_MarketDocument"]
    points = market["TimeSeries"][0]["Period"][0]["Point"]
    used = [float(each["out_Quantity.quantity"]) for each in points]
    start = datetime.fromisoformat(market["period.timeInterval"]["start"])
    assert readings(file) == [
        ((start + timedelta(hours=n)).isoformat(), point, "electricity_kwh", sum(used[:n]))
        for n in range(5)
    ]


def eloverblik(points: list[dict[str, str]], resolution: str, start: str, end: str) -> str:
    period = {
        "resolution": resolution, "timeInterval": {"start": start, "end": end}, "Point": points,
    }  # fmt: skip
    series = {
        "mRID": "5713", "measurement_Unit.name": "KWH",
        "MarketEvaluationPoint": {"mRID": {"name": "5713"}}, "Period": [period],
    }  # fmt: skip
    return json.dumps({"result": [{"MyEnergyData_MarketDocument": {"TimeSeries": [series]}}]})


def test_quarters_of_an_hour_and_quantities_that_are_not_there(tmp_path: Path) -> None:
    points = [
        {"position": str(n), "out_Quantity.quantity": "0.25", "out_Quantity.quality": quality}
        for n, quality in enumerate(["A04", "A04", "A02", "A04"], start=1)
    ]
    text = eloverblik(points, "PT15M", "2026-01-01T00:00Z", "2026-01-01T01:00Z")
    file = read(tmp_path, text, load_map("eloverblik"), name="maaledata.json")
    assert [(each[0][11:16], each[3]) for each in readings(file)] == [
        ("00:00", 0.0), ("00:15", 0.25), ("00:30", 0.5),
    ]  # fmt: skip
    names = [each.name for each in file.findings]
    assert names == ["readings.row.invalid", "readings.use.gap"]
    assert file.findings[1].data["at"] == "2026-01-01T00:30:00.000Z"


def test_a_day_of_a_clock_change_is_a_day(tmp_path: Path) -> None:
    points = [
        {"position": "1", "out_Quantity.quantity": "7", "out_Quantity.quality": "A04"},
    ]
    text = eloverblik(points, "P1D", "2026-10-24T22:00Z", "2026-10-25T23:00Z")
    file = read(tmp_path, text, load_map("eloverblik"), name="maaledata.json")
    assert [each[0] for each in readings(file)] == [
        "2026-10-24T22:00:00+00:00", "2026-10-25T23:00:00+00:00",
    ]  # fmt: skip


@pytest.mark.parametrize("content", ["{}", "[]", "3", '{"result": [{"success": false}]}', "{"])
def test_what_is_no_meter_data_says_so(tmp_path: Path, content: str) -> None:
    assert "export.csv is no" in refusal(tmp_path, content, load_map("eloverblik"))


# Dialects


TABLE = [
    ["Dato", "Måler", "Energi", "Volumen"],
    ["31-01-2026", "64000101", "18,231", "1402,5"],
    ["01-02-2026", "64000101", "18,262", "1403,0"],
]
EXPECTED = [
    (local("2026-01-31 00:00"), "64000101", "heat_kwh", 18231.0),
    (local("2026-02-01 00:00"), "64000101", "heat_kwh", 18262.0),
    (local("2026-01-31 00:00"), "64000101", "heat_volume_m3", 1402.5),
    (local("2026-02-01 00:00"), "64000101", "heat_volume_m3", 1403.0),
]


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
    assert "say in the map which marks" in finding.message


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
    assert "'hk' is no unit of heat_kwh" in file.findings[0].message


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
    with pytest.raises(DataError, match="name a column map"):
        read_readings(path)
    with pytest.raises(DataError, match="format: xlsx"):
        read_readings(path, [a_map(WIDE)])


def test_days_of_a_workbook_as_numbers(tmp_path: Path) -> None:
    how = a_map(HOURS, format="xlsx", time={"column": "Tid", "format": "excel", "zone": "UTC"})
    path = workbook(tmp_path / "r.xlsx", [["Tid", "Måler", "Energi"], [46023.5, "m", 7]])
    assert readings(read_readings(path, [how]))[0][0] == "2026-01-01T12:00:00+00:00"


# Time


def test_a_local_time_that_did_not_exist_is_left_out_and_told(tmp_path: Path) -> None:
    text = "Tid;Måler;Energi\n29-03-2026 01:30;m;1\n29-03-2026 02:30;m;2\n29-03-2026 03:30;m;3\n"
    file = read(tmp_path, text, a_map(HOURS))
    assert [each[0] for each in readings(file)] == [
        "2026-03-29T00:30:00+00:00", "2026-03-29T01:30:00+00:00",
    ]  # fmt: skip
    (finding,) = file.findings
    assert finding.data["row"] == 3
    assert "did not exist in Europe/Copenhagen" in finding.message


NIGHT = ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"]
INSTANTS = [f"2026-10-{day}" for day in (
    "24T23:30", "25T00:00", "25T00:30", "25T01:00", "25T01:30", "25T02:00",
)]  # fmt: skip


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("devices", [("m",), ("m", "n")])
def test_the_double_hour_is_told_apart_by_the_order_of_the_file(
    tmp_path: Path, backwards: bool, devices: tuple[str, ...]
) -> None:
    rows = [
        f"25-10-2026 {clock};{device};{number}"
        for number, clock in enumerate(NIGHT)
        for device in devices
    ]
    ordered = reversed(rows) if backwards else rows
    file = read(tmp_path, "Tid;Måler;Energi\n" + "\n".join(ordered), a_map(HOURS))
    for device in devices:
        found = [(each[0][:16], each[3]) for each in readings(file) if each[1] == device]
        assert found == list(zip(INSTANTS, range(6), strict=True))
    (finding,) = file.findings
    assert finding.name == "readings.time.twice"
    assert finding.data["rows"] == 4 * len(devices)


def test_a_row_alone_in_the_double_hour_is_left_out(tmp_path: Path) -> None:
    text = "Tid;Måler;Energi\n25-10-2026 01:00;m;1\n25-10-2026 02:00;m;2\n25-10-2026 03:00;m;3\n"
    file = read(tmp_path, text, a_map(HOURS))
    assert [each[3] for each in readings(file)] == [1.0, 3.0]
    assert file.left_out == 1
    assert file.findings[0].data["left_out"] == 1
    assert "2026-10-25" in file.findings[0].message


def test_the_double_hour_across_parts_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"25-10-2026 {clock};m;{number}" for number, clock in enumerate(NIGHT)]
    text = "Tid;Måler;Energi\n" + "\n".join(rows)
    whole = read(tmp_path, text, a_map(HOURS))
    monkeypatch.setattr(readings_table, "CHARACTERS_AT_ONCE", 25)
    assert readings(read(tmp_path, text, a_map(HOURS))) == readings(whole)


@pytest.mark.parametrize(
    ("interval", "shown", "end"),
    [
        ("hour", "31-01-2026 23:00", "2026-02-01 00:00"),
        ("quarter", "31-01-2026 23:45", "2026-02-01 00:00"),
        ("day", "31-01-2026 00:00", "2026-02-01 00:00"),
        ("day", "29-03-2026 00:00", "2026-03-30 00:00"),
        ("day", "25-10-2026 00:00", "2026-10-26 00:00"),
        ("month", "01-10-2026 00:00", "2026-11-01 00:00"),
        ("year", "01-01-2026 00:00", "2027-01-01 00:00"),
    ],
)
def test_a_register_of_an_interval_stands_at_its_end(
    tmp_path: Path, interval: str, shown: str, end: str
) -> None:
    how = a_map(HOURS)
    time = how.time.model_copy(update={"interval": interval})
    text = f"Tid;Måler;Energi\n{shown};m;1\n"
    (reading,) = readings(read(tmp_path, text, how.model_copy(update={"time": time})))
    assert reading[0] == local(end)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2026-01-31T23:00:00Z", "iso"),
        ("2026-02-01 00:00", "iso"),
        ("2026-02-01T00:00:00.000+01:00", "iso"),
        ("2026-02-01", "iso"),
        ("31-01-2026 24:00", "%d-%m-%Y %H:%M"),
        ("01.02.2026 00.00", "%d.%m.%Y %H.%M"),
        ("1/2/2026 0:00", "%d/%m/%Y %H:%M"),
        ("02/01/26 12:00 AM", "%m/%d/%y %I:%M %p"),
        ("01-02-2026 00:00 +0100", "%d-%m-%Y %H:%M %z"),
        ("1769900400", "epoch_s"),
        ("1769900400000", "epoch_ms"),
        ("46054", "excel"),
    ],
)
def test_ways_to_write_a_time(tmp_path: Path, text: str, form: str) -> None:
    time = {"column": "Tid", "format": form, "zone": "Europe/Copenhagen"}
    file = read(tmp_path, f"Tid;Måler;Energi\n{text};m;1\n", a_map(HOURS, time=time))
    assert [each[0] for each in readings(file)] == ["2026-01-31T23:00:00+00:00"]


@given(
    start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
    hours=st.integers(1, 60),
    backwards=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_every_hour_of_local_time_comes_back(
    tmp_path: Path, start: datetime, hours: int, backwards: bool
) -> None:
    """Written in local time by the standard library, whole hours are read as what they were."""
    first = start.replace(minute=0, second=0, microsecond=0, tzinfo=ZoneInfo("UTC"))
    moments = [first + timedelta(hours=n) for n in range(hours)]
    edge = {each.astimezone(ZONE).strftime("%d-%m-%Y %H:%M") for each in (first, moments[-1])}
    rows = [f"{each.astimezone(ZONE):%d-%m-%Y %H:%M};m;{n}" for n, each in enumerate(moments)]
    ordered = reversed(rows) if backwards else rows
    file = read(tmp_path, "Tid;Måler;Energi\n" + "\n".join(ordered), a_map(HOURS))
    found = {(each[0], each[3]) for each in readings(file)}
    right = {(each.isoformat(), float(n)) for n, each in enumerate(moments)}
    assert found <= right
    alone = {row for row in rows if row[:16] in edge}
    assert len(found) >= len(right) - len(alone)


# What was used


USED = """
time: {column: Tid, zone: Europe/Copenhagen, interval: hour}
device: {column: Måler}
values: [{column: Forbrug, quantity: electricity_kwh, use: true}]
"""


def test_files_of_use_go_on_from_each_other(tmp_path: Path) -> None:
    january, february = tmp_path / "1.csv", tmp_path / "2.csv"
    january.write_text("Tid;Måler;Forbrug\n2026-01-31 22:00;m;1\n2026-01-31 23:00;m;2\n")
    february.write_text("Tid;Måler;Forbrug\n2026-02-01 01:00;m;4\n2026-02-01 00:00;m;3\n")
    both = read_all([february, january], [a_map(USED)])
    assert [each[3] for each in readings(both)] == [0, 1, 3, 6, 10]
    alone = read_all([february], [a_map(USED)], lambda _device, _quantity, _time_ms: 3.0)
    assert readings(alone) == readings(both)[2:]


@pytest.mark.parametrize("backwards", [False, True])
def test_use_over_the_double_hour_is_whole(tmp_path: Path, backwards: bool) -> None:
    rows = [f"2026-10-25 0{hour}:00;m;1" for hour in (0, 1, 2, 2, 3)]
    ordered = reversed(rows) if backwards else rows
    text = "Tid;Måler;Forbrug\n" + "\n".join(ordered)
    file = read(tmp_path, text, a_map(USED))
    assert [each[3] for each in readings(file)] == [0, 1, 2, 3, 4, 5]
    assert [each.name for each in file.findings] == ["readings.time.twice"]


@given(used=st.lists(st.integers(0, 1000), min_size=1, max_size=40), data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_register_of_use_rises_by_what_was_used(
    tmp_path: Path, used: list[int], data: st.DataObject
) -> None:
    start = datetime(2026, 1, 1, tzinfo=ZONE)
    rows = [f"{start + timedelta(hours=n):%Y-%m-%d %H:%M};m;{kwh}" for n, kwh in enumerate(used)]
    missing = data.draw(st.none() | st.integers(1, len(rows)))
    kept = rows if missing is None else rows[: missing - 1] + rows[missing:]
    if not kept:
        return
    shuffled = data.draw(st.permutations(kept))
    file = read(tmp_path, "Tid;Måler;Forbrug\n" + "\n".join(shuffled), a_map(USED))
    values = [each[3] for each in readings(file)]
    within = missing is not None and 1 < missing < len(rows)
    expected = used[1:] if missing == 1 else used if missing is None else used[: missing - 1]
    assert values == [sum(expected[:n]) for n in range(len(expected) + 1)]
    assert [each.name for each in file.findings] == (["readings.use.gap"] if within else [])


# Maps that are wrong


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.update(colour="red"), "colour"),
        (lambda d: d.pop("time"), "time"),
        (lambda d: d["time"].pop("zone"), "zone"),
        (lambda d: d["time"].update(zone="Europe/Odense"), "Europe/Copenhagen"),
        (lambda d: d["device"].update(id="m"), "one of column"),
        (lambda d: d.update(device={"header": "Måler"}), "{device}"),
        (lambda d: d.update(device={"header": "{metre}"}), "{metre}"),
        (lambda d: d["values"][0].update(quantity="warmth"), "heat_kwh"),
        (lambda d: d["values"][0].update(unit="m3"), "no unit of heat_kwh"),
        (lambda d: d["values"][0].update(use=True), "interval"),
        (lambda d: d["values"][0].pop("quantity"), "quantity"),
        (lambda d: d.update(decimal=",", thousands=","), "thousands"),
        (lambda d: d.update(values=[]), "values"),
    ],
)
def test_a_wrong_map_says_what_is_wrong(
    tmp_path: Path, change: Callable[[dict[str, object]], object], says: str
) -> None:
    document = yaml.safe_load(HOURS)
    change(document)
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(UsageError, match=r"own\.yaml: ") as caught:
        load_map(str(path))
    assert says in str(caught.value)


def test_a_map_in_toml(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[time]\ncolumn = "Tid"\nzone = "UTC"\n[device]\nid = 7\n'
        '[[values]]\ncolumn = "kWh"\nquantity = "heat_kwh"\n'
    )
    file = read(tmp_path, "Tid,kWh\n2026-01-01,5\n", load_map(str(path)))
    assert readings(file) == [("2026-01-01T00:00:00+00:00", "7", "heat_kwh", 5.0)]


def test_a_map_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(UsageError, match="eforsyning"):
        load_map("nowhere")


def test_a_file_that_does_not_fit_names_its_columns(tmp_path: Path) -> None:
    told = refusal(tmp_path, "Dato;Varme\n31-01-2026;3\n", a_map(WIDE))
    assert "lacks the column Måler of the column map own; it has Dato, Varme" in told


def test_several_maps_and_our_own_files_together(tmp_path: Path) -> None:
    own = tmp_path / "boxes.csv"
    own.write_text("time,device,quantity,value\n2026-01-01T00:00:00Z,b,co2_ppm,700\n")
    wide = tmp_path / "wide.csv"
    wide.write_text(written(";"), "utf-8")
    maps = [load_map("eloverblik"), load_map("excel"), a_map(WIDE)]
    file = read_all([own, EXAMPLES / "excel.xlsx", wide, EXAMPLES / "eloverblik.json"], maps)
    assert {each[2] for each in readings(file)} == {
        "co2_ppm", "heat_kwh", "heat_volume_m3", "hot_water_m3", "electricity_kwh",
    }  # fmt: skip
    assert list(file.digests) == ["boxes.csv", "excel.xlsx", "wide.csv", "eloverblik.json"]
