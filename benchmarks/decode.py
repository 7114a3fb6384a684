"""
Decoders: messages a second of each, beside json.loads of the same payloads.

    .venv/bin/python -m benchmarks.decode

The payload of a decoder is its first golden one; the best of five rounds counts on both sides.
"""

from __future__ import annotations

import json
import sys
from time import perf_counter
from typing import TYPE_CHECKING

from ingest.decoders import decoders
from tests.support.fuzz import ARRIVAL_MS, Seed, seeds

if TYPE_CHECKING:
    from collections.abc import Callable

MESSAGES = 5000
ROUNDS = 5


def best_rate(work: Callable[[], object]) -> float:
    """Messages a second in the best round."""
    seconds = []
    for _ in range(ROUNDS):
        start = perf_counter()
        for _ in range(MESSAGES):
            work()
        seconds.append(perf_counter() - start)
    return MESSAGES / min(seconds)


def measure(name: str, seed: Seed) -> str:
    payload, options, decode = seed.text.encode(), seed.source.options, decoders()[name]
    found = decode(seed.topic, payload, ARRIVAL_MS, options)
    assert found.measurements
    rate = best_rate(lambda: decode(seed.topic, payload, ARRIVAL_MS, options))
    plain = best_rate(lambda: json.loads(payload))
    readings = len(found.measurements)
    return (
        f"{name:12} {len(payload):5} bytes {readings} readings {rate:9.0f} messages/s, "
        f"json.loads {plain:9.0f}/s: {rate / plain:.2f}"
    )


def main() -> int:
    """Print a line for each decoder."""
    first: dict[str, Seed] = {}
    for seed in seeds():
        first.setdefault(seed.source.decoder, seed)
    for name in sorted(decoders()):
        print(measure(name, first[name]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
