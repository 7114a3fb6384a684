"""Status words and kinds end to end: telegrams of a simulated month, to the bill and the page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from estate.periods import Period
from fairvarme.cli import main
from firmware_sim.cli import main as simulate
from ingest.intake import Intake, Taken
from ingest.message import Message
from ingest.sources import Source
from operations.bill_building import bill_building
from operations.monthly_report import month_climate, write_month
from telemetry.readings import Quality, Reading
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import BUILDING, ESTATE, RULES
from tests.support.shipped_broker import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from billing.bill.bill import Bill

pytestmark = pytest.mark.slow

METER, FLAT, TENANCY = "71000102", "0102", "0102-1"
JANUARY = Period.month("2026-01")
ARRIVAL_MS = 1_769_900_000_000
# Of flat 0102 in this month, as the telegrams were before anything happened to them.
HOT_WATER_M3, AMOUNT_ORE = 0.916, 8331
MEAN_OF_THE_OTHERS_ORE = 17140


@pytest.fixture(scope="module")
def january(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Simulate the sample's January without leak and damp home."""
    path = tmp_path_factory.mktemp("january") / "readings.csv"
    options = ["--month", "2026-01", "--seed", "1", "--no-events", "--even-days"]
    files = ["--readings", str(path), "--truth", str(path.with_name("truth.json"))]
    done = CliRunner().invoke(simulate, ["write", "--estate", str(SAMPLE), *options, *files])
    assert done.exit_code == 0, done.output
    return path


@dataclass(frozen=True)
class Month:
    """What became of a month in which one meter sent telegrams with some fields of their own."""

    taken: Taken
    bill: Bill
    page: str

    @property
    def estimate(self) -> str:
        """What the page must say where the hot water is an estimate."""
        use = f"{self.hot_water[0]:.1f}".replace(".", ",")
        return f"Skøn, ikke målt: {use} m³ varmt vand. Skønnet følger de andre hjem i huset."

    @property
    def hot_water(self) -> tuple[float, int]:
        """What flat 0102 used, and what it pays for that."""
        (row,) = [each for each in self.bill.rows if (each.flat, each.item) == (FLAT, "hot_water")]
        return round(row.weight, 3), row.amount_ore


def month_of(
    january: Path,
    directory: Path,
    fields: dict[str, str],
    **settings: Any,  # noqa: ANN401  settings of a source
) -> Month:
    rows = pd.read_csv(january, dtype={"device": str})
    mine = (rows["device"] == METER) & (rows["quantity"] == "hot_water_m3")
    taken = _taken(rows[mine], fields, settings)
    store = SqliteStore(directory / "readings.db")
    store.write([*_others(rows[~mine]), *taken.readings])
    bill = bill_building(ESTATE, store, JANUARY)
    climate = month_climate(ESTATE, store, JANUARY).own
    write_month(directory / "pages", ESTATE, climate, bill, [])
    store.close()
    reader = PdfReader(directory / "pages" / f"{TENANCY}.pdf")
    text = " ".join(page.extract_text() for page in reader.pages)
    return Month(taken, bill, " ".join(text.split()))


def _taken(rows: pd.DataFrame, fields: dict[str, str], settings: dict[str, Any]) -> Taken:
    source = Source(topic_filter="meters/+", decoder="wmbusmeters", building=BUILDING, **settings)
    messages = []
    for time, value in zip(rows["time"], rows["value"], strict=True):
        telegram = {"id": METER, "timestamp": time, "total_m3": value, **fields}
        data = json.dumps(telegram).encode()
        messages.append(Message("meters/x", data, len(data), ARRIVAL_MS))
    return Intake([source], RULES).take(messages)


def _others(rows: pd.DataFrame) -> Iterator[Reading]:
    times = pd.to_datetime(rows["time"], utc=True, format="ISO8601").dt.as_unit("ms")
    for device, quantity, time_ms, value in zip(
        rows["device"], rows["quantity"], times.astype("int64"), rows["value"], strict=True
    ):
        yield Reading(BUILDING, device, quantity, time_ms, value, Quality.GOOD, ARRIVAL_MS)


WARM = {"media": "warm water", "meter": "iwmtx5", "status": "OK"}


def test_register_of_a_meter_with_an_unknown_status_is_billed_and_the_word_told(
    january: Path, tmp_path: Path
) -> None:
    month = month_of(january, tmp_path, WARM | {"status": "UNKNOWN_40"})
    assert month.hot_water == (HOT_WATER_M3, AMOUNT_ORE)
    assert {each.said.word for each in month.taken.remarks} == {"UNKNOWN_40"}
    assert len(month.taken.remarks) == len(month.taken.readings)
    assert "Målt hos dig" in month.page
    assert "0,9 m³ varmt vand" in month.page
    assert "Skøn, ikke målt" not in month.page


def test_word_that_an_installation_calls_suspect_is_an_estimate_and_printed_as_one(
    january: Path, tmp_path: Path
) -> None:
    statuses = {METER: {"UNKNOWN_*": "suspect"}}
    month = month_of(january, tmp_path, WARM | {"status": "UNKNOWN_40"}, statuses=statuses)
    assert month.hot_water[1] == MEAN_OF_THE_OTHERS_ORE
    assert month.estimate in month.page
    assert "varmt vand" not in month.page.partition("Målt hos dig")[2].partition(".")[0]


def test_plain_water_is_what_devices_csv_says(january: Path, tmp_path: Path) -> None:
    month = month_of(january, tmp_path, WARM | {"media": "water", "meter": "hydrus"})
    assert month.hot_water == (HOT_WATER_M3, AMOUNT_ORE)
    assert month.taken.entries == []


def test_contradiction_is_told_until_the_installation_decides(
    january: Path, tmp_path: Path
) -> None:
    cold = WARM | {"media": "cold water"}
    month = month_of(january, tmp_path, cold)
    assert {each.reject.detail for each in month.taken.entries} == {
        "cold_water_m3 from a device of kind hot_water"
    }
    assert month.estimate in month.page
    (tmp_path / "decided").mkdir()
    decided = month_of(january, tmp_path / "decided", cold, kind_from="devices")
    assert decided.hot_water == (HOT_WATER_M3, AMOUNT_ORE)
    assert "Målt hos dig" in decided.page


def test_file_that_contradicts_devices_csv_is_told_with_both(january: Path, tmp_path: Path) -> None:
    rows = pd.read_csv(january, dtype={"device": str})
    rows.loc[rows["device"] == METER, "quantity"] = rows["quantity"].replace(
        "hot_water_m3", "cold_water_m3"
    )
    path = tmp_path / "cold.csv"
    rows.to_csv(path, index=False)
    options = ["--period", "2026-01-01/2026-02-01", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(
        main, ["bill", "--estate", str(SAMPLE), "--readings", str(path), *options]
    )
    assert done.exit_code == 0, done.output
    findings = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))["findings"]
    (found,) = [each for each in findings if each["name"] == "readings.kind.contradicted"]
    assert found["data"] == {
        "device": METER, "quantity": "cold_water_m3", "kind": "hot_water", "readings": 745,
    }  # fmt: skip
