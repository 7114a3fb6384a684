"""Local times and intervals of exports: clock changes, ways to write a time, registers of use."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telemetry.readings_file.file import read_all
from telemetry.readings_file.tables import table as readings_table
from tests.support.column_maps import (
    HOURS,
    ZONE,
    a_map,
    local,
    read,
    readings,
)

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


def test_a_file_with_the_month_before_the_day_is_not_read_by_halves(tmp_path: Path) -> None:
    """01/02/2026 fits the map too, as the first of February."""
    how = a_map(HOURS, time={"column": "Tid", "format": "%d/%m/%Y", "zone": ZONE.key})
    days = [f"{month:02}/{day:02}/2026;m;{month}" for month in (1, 2) for day in range(1, 29)]
    file = read(tmp_path, "Tid;Måler;Energi\n" + "\n".join(days), how)
    assert readings(file) == []
    assert file.left_out == len(days)
    assert "time.format" in file.findings[0].message


def test_one_mistyped_date_costs_no_other(tmp_path: Path) -> None:
    how = a_map(HOURS, time={"column": "Tid", "format": "%d/%m/%Y", "zone": ZONE.key})
    days = [f"{day:02}/01/2026;m;{day}" for day in range(1, 29)]
    file = read(tmp_path, "Tid;Måler;Energi\n" + "\n".join([*days, "01/29/2026;m;29"]), how)
    assert [each[3] for each in readings(file)] == list(range(1, 29))
    assert [each.data["row"] for each in file.findings] == [30]


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


@pytest.mark.slow
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


@pytest.mark.slow
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
