"""The climate of a home whose resident has not agreed is kept nowhere, quarantine included."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pytest

from estate.model import Estate
from estate.periods import day_start_ms
from estate.purposes.agreement import may_be_stored
from ingest.intake import Intake
from ingest.message import Message
from ingest.sources import Source
from ingest.validation.devices import device_table
from ingest.validation.validation import ReadingRules
from operations.readings.load_readings import agreed_rows
from tests.support.estates import building, device, flat, tenancy

DAYS = [date(2026, 1, day) for day in range(1, 29)]
START, END = date(2026, 1, 5), date(2026, 1, 20)


def house(**changes: object) -> Estate:
    lives = tenancy("t-1", "1", START, END).model_copy(update=changes)
    return Estate(
        building(),
        flats=(flat("1"),),
        tenancies=(lives,),
        devices=(device("box", "climate", "1"), device("meter", "heat", "1")),
    )


AGREEMENTS: list[dict[str, object]] = [
    {},
    {"climate_refused": True},
    {"climate_from": date(2026, 1, 10)},
    {"climate_to": date(2026, 1, 12)},
    {"climate_from": date(2026, 1, 8), "climate_to": date(2026, 1, 12)},
    {"climate_from": date(2026, 1, 1), "climate_to": date(2026, 2, 12)},
    {"climate_from": date(2026, 1, 25)},
]


@pytest.mark.parametrize("changes", AGREEMENTS)
def test_days_and_instants_are_judged_alike(changes: dict[str, object]) -> None:
    estate = house(**changes)
    rules = ReadingRules(device_table([estate]))
    zone = estate.building.zone
    for day in DAYS:
        noon = day_start_ms(day, zone) + 12 * 3_600_000
        for name, quantity in (("box", "co2_ppm"), ("meter", "heat_kwh")):
            dropped = rules.is_unagreed("house", name, quantity, noon)
            assert dropped is not may_be_stored(estate, "1", quantity, day), (day, quantity)


def test_a_message_leaves_nothing_behind() -> None:
    estate = house(climate_refused=True)
    source = Source.model_validate(
        {
            "topic_filter": "fairvarme/v1/house/+/readings",
            "decoder": "fairvarme",
            "building": "house",
        }
    )
    intake = Intake([source], ReadingRules(device_table([estate])))
    payload = {"time": "2026-01-10T12:00:00Z", "temperature_c": 21.0, "co2_ppm": 99_999}
    content = json.dumps(payload).encode()
    taken = intake.take(
        [
            Message(
                "fairvarme/v1/house/box/readings",
                content,
                len(content),
                day_start_ms(date(2026, 1, 11), estate.building.zone),
            )
        ]
    )
    assert (taken.readings, taken.entries) == ([], [])


def test_a_file_leaves_nothing_behind() -> None:
    estate = house(climate_refused=True)
    noon = day_start_ms(date(2026, 1, 10), estate.building.zone) + 43_200_000
    rows = [
        ("box", "temperature_c", noon, 21.0), ("meter", "heat_kwh", noon, 5.0),
        ("box", "temperature_c", noon + 20 * 86_400_000, 22.0),
    ]  # fmt: skip
    columns = pd.DataFrame(rows, columns=["device", "quantity", "time_ms", "value"])
    assert agreed_rows(estate, columns)["value"].tolist() == [5.0, 22.0]


def test_who_moves_in_is_asked_anew() -> None:
    estate = house(climate_refused=True)
    rules = ReadingRules(device_table([estate]))
    ((start, end),) = rules.unagreed["house", "box"]
    zone = estate.building.zone
    assert (start, end) == (day_start_ms(START, zone), day_start_ms(END, zone))
