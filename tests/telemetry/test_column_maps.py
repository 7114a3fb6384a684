"""Column maps: the shipped ones read their examples, and a wrong one says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml

from estate.errors import UsageError
from telemetry.readings_file import column_map
from telemetry.readings_file.column_map import load_map, shipped_maps
from telemetry.readings_file.file import read_all, read_readings
from tests.support.column_maps import (
    HOURS,
    TABLE,
    WIDE,
    a_map,
    local,
    read,
    readings,
    refusal,
)

EXAMPLES = Path(column_map.__file__).parent / "column_maps" / "examples"


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


def test_a_sheet_that_leaves_its_units_blank_is_of_the_units_of_registers(tmp_path: Path) -> None:
    """But for the allocator's, they could be others: kWh or MWh, m³ or litres."""
    own = yaml.safe_load((EXAMPLES.parent / "excel.yaml").read_text("utf-8"))
    kinds = {kind: row["quantity"] for kind, row in own["quantity"]["names"].items() if row}
    head = "Dato;Klokken;Måler;Type;Aflæsning;Enhed\n"
    rows = "".join(f"31-12-2025;23:30;m;{kind};12,5;\n" for kind in kinds)
    as_text = load_map("excel").model_copy(update={"format": "csv"})
    file = read(tmp_path, head + rows, as_text)
    assert file.findings == ()
    assert {each[2]: each[3] for each in readings(file)} == dict.fromkeys(kinds.values(), 12.5)
    (litres,) = readings(read(tmp_path, f"{head}31-12-2025;23:30;m;Koldt vand;500;l\n", as_text))
    assert litres[2:] == ("cold_water_m3", 0.5)


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


def written(delimiter: str, quote: str = "") -> str:
    rows = (delimiter.join(f"{quote}{cell}{quote}" for cell in row) for row in TABLE)
    return "\n".join(rows) + "\n"


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
        (lambda d: d["values"][0].update(unit="m3"), "not a unit of heat_kwh"),
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
