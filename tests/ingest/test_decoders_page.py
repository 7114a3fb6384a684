"""docs/decoders.md shows what the program does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ingest.decoders import decoders
from ingest.decoders.payload.names import key_table
from ingest.limits import limits
from ingest.message import Message
from ingest.preview import preview
from ingest.sources import OPTIONS
from operations.readings.decode_file import decode_source

PAGE = (Path(__file__).parents[2] / "docs" / "decoders.md").read_text("utf-8")
ARRIVAL_MS = 1_768_374_360_000
EXAMPLES = dict(re.findall(r"### `(\w+)`\n.*?```\n(topic .*?)```", PAGE, re.DOTALL))


@pytest.mark.parametrize("decoder", sorted(decoders()))
def test_example(decoder: str) -> None:
    given, becomes = EXAMPLES[decoder].split("\n\n")
    facts = dict(re.findall(r"^(\w+) +(.*(?:\n {9,}.*)*)", given, re.MULTILINE))
    keys = [facts["keys"]] if "keys" in facts else []
    options = decode_source(decoder, facts.get("timezone"), keys, None).options
    payload = facts["payload"].encode()
    message = Message(facts["topic"], payload, len(payload), ARRIVAL_MS)
    lines = sorted(map(repr, preview(message, decoder, options)))
    assert lines == sorted(repr(json.loads(line)) for line in becomes.splitlines())


def test_options_and_limits_are_those_of_the_program() -> None:
    for option, fitting in OPTIONS.items():
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{option}`"))
        named = set(re.findall(r"`(\w+)`", row.split("|")[2]))
        assert named in (fitting, set(decoders()) - fitting)
    bounds = limits()
    for number in (bounds.fields, bounds.text, bounds.readings):
        assert f"{number:,}" in PAGE
    assert f"{bounds.payload_bytes // 1024} KiB" in PAGE
    assert f"At most {bounds.unknown_names} such names" in PAGE


def test_times_of_flat_json_are_listed() -> None:
    for name in key_table()["times"]:
        assert f"`{name}`" in PAGE
