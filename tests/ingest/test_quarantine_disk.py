"""The bound of the quarantine against what its files hold."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.decoders import Reject
from ingest.message import Entry, Message
from ingest.quarantine.store import Quarantine
from ingest.reasons import Reason
from ingest.worker import BatchSettings
from tests.support.ingest_parts import T0

pytestmark = pytest.mark.slow

BOUND = 3 << 20
# What the worker takes in at once.
BATCH = BatchSettings()
# A transaction stands in the log before it is in the file.
LOG_BYTES = 8 << 20


def entries(number: int, size: int, names: int, senders: int) -> Iterator[list[Entry]]:
    rng = random.Random(number)  # noqa: S311  no secret
    some: list[Entry] = []
    for n in range(number):
        data = rng.randbytes(size)
        message = Message(f"a/{n}", data, size, T0 + n)
        for name in range(names):
            quantity = f"{n}_{name}" if names > 1 else None
            reject = Reject(Reason.QUANTITY_UNKNOWN, str(name), "box", quantity, T0 + n)
            some.append(Entry("a/+", message, reject, f"sender-{n % senders}"))
        if len(some) >= BATCH.messages or len(some) * size / names >= BATCH.bytes:
            yield some
            some = []
    yield some


def used_bytes(quarantine: Quarantine) -> int:
    """Return what the pages of the file hold that are not free."""
    with quarantine.engine.connect() as connection:
        page, pages, free = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_size", "page_count", "freelist_count")
        )
    return page * (pages - free)


def disk_bytes(directory: Path) -> int:
    return sum(each.stat().st_size for each in directory.glob("fairvarme.db*"))


KINDS: dict[str, Callable[[], Iterator[list[Entry]]]] = {
    "small messages": lambda: entries(20_000, 6, 1, 1),
    "small messages of ten": lambda: entries(20_000, 6, 1, 10),
    "many names": lambda: entries(3_000, 300, 8, 3),
    "a page and a bit": lambda: entries(2_000, 4_200, 1, 3),
    "just above half a page": lambda: entries(4_000, 2_100, 1, 3),
    "large messages": lambda: entries(300, 60_000, 1, 3),
}


@pytest.mark.parametrize("kind", KINDS)
def test_files_hold_no_more_than_the_bound(
    quarantine: Quarantine, tmp_path: Path, kind: str
) -> None:
    bounded = replace(quarantine, most_bytes=BOUND)
    largest = 0
    for some in KINDS[kind]():
        bounded.put(some)
        while bounded.tidy(T0).due:
            pass
        largest = max(largest, used_bytes(bounded))
        assert bounded.taken_bytes() <= BOUND
    assert bounded.taken_bytes() > BOUND // 2
    # Freed pages are used again: of one batch more, until it is tidied.
    assert largest <= BOUND
    assert disk_bytes(tmp_path) <= 2 * BOUND + LOG_BYTES
