"""
What people who run such systems have reported: every payload becomes what is right.

The cases lie in ../shared/data/field_reports. ``field_reports.yaml`` beside this file holds for
each of them what a person reads in its ``right`` and its payload; no value there comes from
running the program. Each case passes the decoder and the rules as in `fairvarme ingest`, for a
building in which the devices named there stand from 2025 on. ``made_field_reports.yaml`` holds
cases of the same kinds with their payloads, for a clone without that folder.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from estate.errors import UsageError
from estate.model import ID_PATTERN
from ingest.intake import Intake
from ingest.message import Message
from ingest.sources import Source
from ingest.validation.devices import FOR_EVER_MS, DeviceSpan
from ingest.validation.validation import ReadingRules
from operations.readings.decode_file import decode_source
from tests.support.real_month import SHARED_DATA, require_shared_data

CASES = SHARED_DATA / "field_reports" / "payloads.jsonl"
RIGHT: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("field_reports.yaml").read_text("utf-8")
)
MADE: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("made_field_reports.yaml").read_text("utf-8")
)
HERE_SINCE = "2025-01-01T00:00:00Z"
REFUSED = "settings_refused"
"""Stands for a reason where the settings of a case are refused already."""


def in_ms(time: str) -> int:
    return round(datetime.fromisoformat(time).timestamp() * 1000)


def cases() -> dict[str, dict[str, Any]]:
    require_shared_data()
    lines = map(json.loads, CASES.read_text("utf-8").splitlines())
    return {case["id"]: case for case in lines}


def source_of(case: dict[str, Any], aliases: dict[str, str]) -> Source:
    options = case.get("options", {})
    first = {name: options.get(name, [None])[0] for name in ("timezone", "topic-pattern")}
    keys = options.get("key-map", [])
    source = decode_source(case["decoder"], first["timezone"], keys, first["topic-pattern"])
    return Source.model_validate(source.model_dump() | {"aliases": aliases})


def taken(case: dict[str, Any], right: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Return what is stored of a case, and what is told, as rows of ``field_reports.yaml``."""
    arrival = case.get("options", {}).get("arrival", ["2026-01-14T07:05:09Z"])[0]
    payload = case["payload"].encode()
    message = Message(case["topic"], payload, len(payload), in_ms(arrival))
    try:
        source = source_of(case, right.get("aliases", {}))
    except UsageError as error:
        return [], [[REFUSED, str(error)]]
    named = {row[0] for row in right.get("readings", [])} | set(right.get("devices", []))
    here = (DeviceSpan(in_ms(HERE_SINCE), FOR_EVER_MS),)
    rules = ReadingRules(
        {(source.building, each): here for each in named if re.match(ID_PATTERN, each)}
    )
    found = Intake([source], rules).take([message])
    readings = [
        [each.device, each.time_ms, each.quantity, each.value, each.quality]
        for each in found.readings
    ]
    told = [
        [str(each.reject.reason), f"{each.reject.quantity} {each.reject.detail}"]
        for each in found.entries
    ]
    told += [[f"status_{remark.said.meaning}", remark.said.word] for remark in found.remarks]
    return readings, told


@pytest.mark.parametrize("name", RIGHT)
def test_case(name: str) -> None:
    check(cases()[name], RIGHT[name])


@pytest.mark.parametrize("name", MADE)
def test_made_case(name: str) -> None:
    payload = MADE[name]["payload"]
    text = payload if isinstance(payload, str) else json.dumps(payload)
    check(MADE[name] | {"payload": text}, MADE[name])


def check(case: dict[str, Any], right: dict[str, Any]) -> None:
    readings, told = taken(case, right)
    expected = [
        [device, in_ms(time), quantity, value, quality]
        for device, time, quantity, value, quality in right.get("readings", [])
    ]
    assert sorted(row[:3] + row[4:] for row in readings) == sorted(
        row[:3] + row[4:] for row in expected
    )
    assert [row[3] for row in sorted(readings)] == pytest.approx(
        [row[3] for row in sorted(expected)], rel=1e-6
    )
    expected_told = right.get("told", [])
    assert sorted(reason for reason, _ in told) == sorted(reason for reason, _ in expected_told)
    for reason, words in expected_told:
        assert any(words in text for other, text in told if other == reason), (words, told)


def test_every_case_has_its_right() -> None:
    assert cases().keys() == RIGHT.keys()
