"""
Golden payloads: messages made up after the formats' documents, with what must come out of them.

``golden/{decoder}.yaml`` holds cases by name: topic, payload (or text), arrival, and what the
source says (timezone, keys, topic_pattern, device_field, aliases, statuses); readings as rows of
device, time, quantity, value and quality; rejects as rows of reason and detail.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.decoders import Measurement, decoders
from ingest.sources import Source

GOLDEN = Path(__file__).with_name("golden")
OF_THE_SOURCE = ("timezone", "keys", "topic_pattern", "device_field", "aliases", "statuses")
CASES = [
    pytest.param(file.stem, case, id=f"{file.stem}-{name}")
    for file in sorted(GOLDEN.glob("*.yaml"))
    for name, case in yaml.safe_load(file.read_text("utf-8")).items()
]


def in_ms(time: str) -> int:
    return round(datetime.fromisoformat(time).timestamp() * 1000)


@pytest.mark.parametrize(("decoder", "case"), CASES)
def test_golden_payload(decoder: str, case: dict[str, Any]) -> None:
    given = {name: case[name] for name in OF_THE_SOURCE if name in case}
    source = Source(topic_filter="#", decoder=decoder, building="home", **given)
    payload = case["text"] if "text" in case else json.dumps(case["payload"])
    arrival_ms = in_ms(case.get("arrival", "2026-01-14T07:05:09Z"))
    found = decoders()[decoder](case["topic"], payload.encode(), arrival_ms, source.options)
    readings = [
        Measurement(device, quantity, in_ms(time), value, quality)
        for device, time, quantity, value, quality in case.get("readings", [])
    ]
    assert [each._replace(value=0.0) for each in found.measurements] == [
        each._replace(value=0.0) for each in readings
    ]
    assert [each.value for each in found.measurements] == pytest.approx(
        [each.value for each in readings], rel=1e-12
    )
    assert [[str(each.reason), each.detail] for each in found.rejects] == case.get("rejects", [])


def test_every_decoder_has_golden_payloads() -> None:
    assert {file.stem for file in GOLDEN.glob("*.yaml")} == set(decoders())
