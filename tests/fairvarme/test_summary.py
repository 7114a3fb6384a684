"""What a demo run is judged by."""

from __future__ import annotations

from pathlib import Path

from fairvarme.demo.summary import alert_names, bill_sum_ore, read_ledger, stored_keys
from telemetry.readings import Reading
from telemetry.stores.sqlite import SqliteStore


def test_only_the_keys_that_are_there_are_found(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "readings.db")
    store.write(
        [Reading("b", "box", "temperature_c", time_ms, 20.0, 0, 0) for time_ms in (1000, 3000)]
    )
    store.write([Reading("other", "box", "temperature_c", 2000, 20.0, 0, 0)])
    asked = {
        ("box", "temperature_c", 1000), ("box", "temperature_c", 2000), ("box", "co2_ppm", 1000),
        ("box", "temperature_c", 3000), ("nobody", "temperature_c", 1000),
    }  # fmt: skip
    assert stored_keys(store, "b", asked) == {
        ("box", "temperature_c", 1000), ("box", "temperature_c", 3000),
    }  # fmt: skip
    store.close()


def test_ledger_keys_are_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("device,quantity,time_ms\na,heat_kwh,5\na,heat_kwh,5\nb,heat_kwh,5\n")
    assert read_ledger(path) == {("a", "heat_kwh", 5), ("b", "heat_kwh", 5)}


def test_bill_is_added_up_in_ore(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text("tenancy,amount\na,0.10\nb,0.20\nc,-0.05\nd,1234567.89\n")
    # In floating point 0.10 + 0.20 is not 0.30.
    assert bill_sum_ore(path) == 10 + 20 - 5 + 123_456_789


def test_each_flat_and_kind_is_named_once() -> None:
    assert alert_names([("2", "leak"), ("1", "spike"), ("2", "leak")]) == [
        {"flat": "1", "kind": "spike"},
        {"flat": "2", "kind": "leak"},
    ]
