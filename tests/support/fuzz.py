"""
Payloads that are nearly right, by the million, through every decoder and the rules behind it.

    .venv/bin/python -m tests.support.fuzz --payloads 1000000

Golden payloads are broken at random: values, names and levels of the JSON, its bytes, the topic,
and which decoder reads them. For each it must hold that no decoder fails, that no value outside its
limits would be stored, and nothing in a series but those that the topic, or the gateway's list,
allows. Blocks of one seed give the same payloads on every machine.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import yaml

from estate.model import ID_PATTERN
from estate.quantities import quantities
from fairvarme.output import progress_bars
from ingest.intake import Intake
from ingest.limits import limits
from ingest.message import Entry, Message
from ingest.reasons import Reason
from ingest.sources import Source
from ingest.validation.devices import FOR_EVER_MS, DeviceSpan
from ingest.validation.validation import ReadingRules
from telemetry.readings import Reading

GOLDEN = Path(__file__).parents[1] / "ingest" / "golden"
BLOCK = 5000
LONGEST = 100_000
ARRIVAL_MS = 1_768_374_309_000
BUILDING, OTHER_BUILDING = "home", "elsewhere"
VICTIM = "victim-1"
"""Stands in the building, and no message here may speak for it."""

OF_THE_SOURCE = ("timezone", "keys", "topic_pattern", "device_field", "aliases", "statuses")
# In the payload of these stands whose values they are; the list of the source decides.
GATEWAYS = frozenset({"wmbusmeters", "senml"})
NASTY: list[Any] = [
    *(None, True, False, "", "NaN", "21.5", "1e400", "\0", "\ud800", "ø" * 70, "a" * 3000, VICTIM),
    *(0, -1, 127, 65535, 65534, 32767, -32768, 4294967295, -2147483648, 2**63, 10**400, -(10**30)),
    *(1e308, -1e308, 5e-324, float("nan"), float("inf"), -0.0, 85.0, -127.0, 327.67, 3276.7),
    *([], {}, [[]], {"": {}}, [None], {"value": 1e308, "unit": "MWh"}, {"value": {}}, [["a", 1]]),
    *("1111-11-11T11:11:11Z", "2127-01-01T00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59"),
]
TOKENS = [
    *(b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-0", b"\0", b"\xff\xfe", b"\\u0000"),
    *(
        b"\\ud800",
        b"[" * 40,
        b"{" * 9,
        b"9" * 400,
        b'"',
        b",",
        b":",
        b"null",
        b"\xc3",
        b"\xef\xbb\xbf",
    ),
]


class Seed(NamedTuple):
    """A golden message with the source that takes it."""

    source: Source
    topic: str
    text: str


class Block(NamedTuple):
    """What came of the payloads of one block."""

    payloads: int
    readings: int
    reasons: Counter[str]
    faults: list[str]


@cache
def seeds() -> list[Seed]:
    """Return every golden message."""
    return [_seed(decoder, case) for decoder, cases in _golden().items() for case in cases]


@cache
def _golden() -> dict[str, list[dict[str, Any]]]:
    """Read the golden cases of each decoder."""
    return {
        file.stem: list(yaml.safe_load(file.read_text("utf-8")).values())
        for file in sorted(GOLDEN.glob("*.yaml"))
    }


def _seed(decoder: str, case: dict[str, Any]) -> Seed:
    source = Source(
        topic_filter="#",
        decoder=decoder,
        building=BUILDING,
        devices=frozenset(_devices()) if _names_devices(decoder, case) else None,
        **{name: case[name] for name in OF_THE_SOURCE if name in case},
    )
    text = case["text"] if "text" in case else json.dumps(case["payload"])
    return Seed(source, case["topic"], text)


def _names_devices(decoder: str, case: dict[str, Any]) -> bool:
    """Return whether the payload says whose values they are, so that the source's list decides."""
    levels = case["topic"].split("/")
    named = {row[0] for row in case.get("readings", [])}
    return decoder in GATEWAYS or "device_field" in case or not named <= set(levels)


@cache
def _devices() -> tuple[str, ...]:
    """Name the devices of all golden messages."""
    rows = (
        row for cases in _golden().values() for case in cases for row in case.get("readings", [])
    )
    return tuple(sorted({row[0] for row in rows if re.fullmatch(ID_PATTERN, row[0])}))


@cache
def _rules() -> ReadingRules:
    always = (DeviceSpan(-FOR_EVER_MS, FOR_EVER_MS),)
    placed = {(BUILDING, device): always for device in (*_devices(), VICTIM)}
    return ReadingRules(placed | {(OTHER_BUILDING, device): always for device in _devices()})


def run_block(seed: int, number: int, payloads: int) -> Block:
    """Break, decode and check one block of payloads."""
    random = Random(f"{seed}-{number}")  # noqa: S311  repeatable on purpose
    block = Block(payloads, 0, Counter(), [])
    readings = 0
    for _ in range(payloads):
        golden = random.choice(seeds())
        other = random.choice(seeds()) if random.random() < 0.1 else golden
        payload = _broken(golden, random)
        topic = _broken_topic(golden.topic, random) if random.random() < 0.15 else golden.topic
        kept = payload[: limits().payload_bytes]
        message = Message(topic, kept, len(payload), ARRIVAL_MS)
        taken = Intake([other.source], _rules()).take([message])
        readings += len(taken.readings)
        block.reasons.update(str(each.reject.reason) for each in taken.entries)
        faults = [
            fault for each in taken.readings if (fault := _fault(each, other.source, topic, kept))
        ]
        faults += [fault for each in taken.entries if (fault := _entry_fault(each))]
        if not taken.readings and not taken.entries:
            faults.append("a message vanished")
        block.faults.extend(f"{each}: {other.source.decoder} {topic!r} {kept!r}" for each in faults)
    return block._replace(readings=readings)


def _fault(reading: Reading, source: Source, topic: str, payload: bytes) -> str | None:
    limit = quantities().get(reading.quantity)
    if limit is None or not limit.minimum <= reading.value <= limit.maximum:
        return f"{reading.quantity} {reading.value} is outside its limits"
    if reading.building != source.building:
        return f"building {reading.building}"
    if re.fullmatch(ID_PATTERN, reading.device) is None or reading.device == VICTIM:
        return f"device {reading.device} is not its own"
    levels = topic.split("/")
    named = source.devices is not None or b"Zb" in payload or levels[-1] == "events"
    if not named and reading.device not in levels:
        return f"device {reading.device} is not of the topic"
    if reading.time_ms > ARRIVAL_MS + limits().ahead_ms:
        return f"time {reading.time_ms} is ahead"
    return None


def _entry_fault(entry: Entry) -> str | None:
    reject = entry.reject
    if reject.reason is Reason.DECODER_FAILED:
        return f"decoder failed: {reject.detail}"
    if "\0" in reject.detail or len(reject.detail) > 2000:
        return "a detail that can not be kept"
    try:
        reject.detail.encode()
    except UnicodeEncodeError:
        return "a detail that can not be encoded"
    return None


def _broken(seed: Seed, random: Random) -> bytes:
    text = seed.text
    if random.random() < 0.75:
        try:
            document = json.loads(text)
        except ValueError:
            document = text
        for _ in range(random.randint(1, 3)):
            document = _changed(document, random)
        text = json.dumps(document, ensure_ascii=random.random() < 0.5)
    payload = text.encode(errors="surrogatepass")
    for _ in range(random.choice((0, 0, 0, 0, 1, 1, 3))):
        payload = _bent(payload, random)[:LONGEST]
    return payload


def _changed(document: Any, random: Random) -> Any:  # noqa: ANN401  any JSON
    """Change one value, name or level somewhere in a document."""
    if isinstance(document, list) and document and random.random() < 0.85:
        place = random.randrange(len(document))
        changed = [*document]
        changed[place] = _changed(document[place], random)
        return changed if random.random() < 0.9 else changed * random.choice((0, 2, 30))
    if isinstance(document, dict) and document and random.random() < 0.85:
        return _changed_object(document, random)
    deep = random.random() < 0.03
    return _nested(document, random.randint(1, 300)) if deep else random.choice(NASTY)


def _changed_object(document: dict[str, Any], random: Random) -> dict[str, Any]:
    key = random.choice(list(document))
    value, rest = document[key], {name: document[name] for name in document if name != key}
    roll = random.random()
    if roll < 0.1:
        return rest
    if roll < 0.25:
        names = [*quantities(), "temperature", "time", "id", "v", key.upper(), f"{key}_2", "\ud800"]
        return rest | {random.choice(names): value}
    if roll < 0.35:
        return document | {random.choice(list(document)): value}
    return document | {key: _changed(value, random)}


def _nested(document: Any, levels: int) -> Any:  # noqa: ANN401  any JSON
    for _ in range(levels):
        document = {"a": document} if levels % 2 else [document]
    return document


def _bent(payload: bytes, random: Random) -> bytes:
    """Change some bytes of a payload."""
    place = random.randrange(len(payload) + 1)
    head, tail = payload[:place], payload[place:]
    match random.randrange(6):
        case 0:
            return head + bytes([random.randrange(256)]) + tail[1:]
        case 1:
            return head
        case 2:
            return head + random.choice(TOKENS) + tail
        case 3:
            return head + tail[random.randint(1, 8) :]
        case 4:
            return head + random.choice(seeds()).text.encode() + tail
        case _:
            return head + tail * random.choice((2, 2, 40, 400))


def _broken_topic(topic: str, random: Random) -> str:
    levels = topic.split("/")
    place = random.randrange(len(levels))
    changes = ["", "+", "#", "..", "ø", "a b", VICTIM, "box-1", "x" * 70, "\\", "tele", "bridge"]
    match random.randrange(4):
        case 0:
            levels[place] = random.choice(changes)
        case 1:
            del levels[place]
        case 2:
            levels.insert(place, random.choice(changes))
        case _:
            random.shuffle(levels)
    # The victim's own topics are the victim's.
    return "/".join(level for level in levels if level != VICTIM)


def run(seed: int, payloads: int, processes: int) -> Block:
    """Run all blocks; the first fault ends it."""
    blocks = -(-payloads // BLOCK)
    total = Block(0, 0, Counter(), [])
    with ProcessPoolExecutor(processes) as pool, progress_bars() as bars:
        task = bars.add_task("payloads", total=payloads)
        sizes = [min(BLOCK, payloads - number * BLOCK) for number in range(blocks)]
        waiting = [pool.submit(run_block, seed, number, size) for number, size in enumerate(sizes)]
        for done in as_completed(waiting):
            block = done.result()
            total = Block(
                total.payloads + block.payloads,
                total.readings + block.readings,
                total.reasons + block.reasons,
                total.faults + block.faults,
            )
            bars.update(task, completed=total.payloads)
            if total.faults:
                pool.shutdown(cancel_futures=True)
                break
    return total


def main() -> int:
    """Run as many payloads as asked for; exit 1 where one of them broke a promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payloads", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    start = time.perf_counter()
    found = run(asked.seed, asked.payloads, asked.processes)
    seconds = time.perf_counter() - start
    summary = {
        "payloads": found.payloads,
        "readings": found.readings,
        "quarantined": dict(found.reasons.most_common()),
        "faults": found.faults[:5],
        "seed": asked.seed,
        "seconds": round(seconds),
    }
    sys.stdout.write(json.dumps(summary, indent=1) + "\n")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
