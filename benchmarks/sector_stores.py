"""
A sector's store once every series is there: each reading of a write goes to another place.

    .venv/bin/python -m benchmarks.sector_stores             # 60,000 homes
    .venv/bin/python -m benchmarks.sector_stores 600000      # several minutes

Every home gets a few rounds of readings, in order; then batches of homes in a random order are
written, as they come from a broker, each of them durable before the next.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.sector import INDEX, MIB, memory_mib, processor_seconds
from benchmarks.sector_boxes import building_of, device_of
from estate.errors import StoreUnavailable
from telemetry.readings import Reading
from telemetry.stores.open import open_store
from tests.support.influxdb import Influxdb

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from telemetry.stores.store import Store

HOMES, ROUNDS = 60_000, 2
QUANTITIES = ("temperature_c", "humidity_pct", "co2_ppm")
ROUND_MS = 300_000
FILL, BATCH, BATCHES = 3000, 600, 100
MOST_RETRIES = 60
KIB = 1 << 10


class Place(NamedTuple):
    """
    A store to be measured.

    Attributes
    ----------
    server : int or None
        The process that writes, if it is another.
    """

    name: str
    url: str
    server: int | None


def places(directory: Path, stack: ExitStack) -> Iterator[Place]:
    """Yield a SQLite file, then an InfluxDB of its own, which ends with the stack."""
    yield Place("SQLite", f"sqlite:///{directory}/readings.db", None)
    (folder := directory / "influxdb").mkdir()
    server = Influxdb(folder, data=INDEX)
    stack.callback(server.close)
    server.start()
    url = f"influxdb://127.0.0.1:{server.port}/{server.create_database()}"
    yield Place("InfluxDB", url, server.pid)


def readings(homes: Iterable[int], time_ms: int) -> list[Reading]:
    """Return what the boxes of some homes send at a time."""
    return [
        Reading(building_of(home), device_of(home), quantity, time_ms, 20.5, 0, time_ms + 300)
        for home in homes
        for quantity in QUANTITIES
    ]


def write(store: Store, some: list[Reading]) -> int:
    """Write until it is durable, as a worker does; return how often the store was unavailable."""
    for refused in range(MOST_RETRIES):
        try:
            assert not store.write(some)
        except StoreUnavailable:
            time.sleep(1)
        else:
            return refused
    raise StoreUnavailable("the store", f"{MOST_RETRIES} times in a row")


def fill(store: Store, homes: int, now_ms: int) -> int:
    """Write the first rounds of every home; return how often the store was unavailable."""
    return sum(
        write(store, readings(range(first, min(first + FILL, homes)), now_ms - number * ROUND_MS))
        for number in range(ROUNDS, 0, -1)
        for first in range(0, homes, FILL)
    )


def measure(place: Place, homes: int) -> None:
    """Fill a store, write to it in a random order, and print what that took."""
    now_ms = time.time_ns() // 1_000_000
    with closing(open_store(place.url)) as store:
        began = time.monotonic()
        refused = fill(store, homes, now_ms)
        filled = time.monotonic() - began
        order = random.Random(1).sample(range(homes), min(BATCH * BATCHES, homes))  # noqa: S311  no secret
        before, longest = _used(place), 0.0
        began = time.monotonic()
        for first in range(0, len(order), BATCH):
            batch = readings(order[first : first + BATCH], now_ms)
            at = time.monotonic()
            refused += write(store, batch)
            longest = max(longest, time.monotonic() - at)
        took = time.monotonic() - began
        used = [
            (after - each) / len(order) for each, after in zip(before, _used(place), strict=True)
        ]
    print(
        f"{place.name}: {homes} homes filled in {filled:.0f} s; then {len(order) / took:.0f} "
        f"messages/s, {used[0] * 1e6:.0f} us of processor here and {used[1] * 1e6:.0f} in the "
        f"server, {used[2] / KIB:.1f} KiB written a message, a batch at most {longest:.2f} s"
    )
    if place.server is not None:
        most = memory_mib(place.server, "VmHWM")
        print(f"the server: at most {most:.0f} MiB, {refused} times not in time for a write")


def _used(place: Place) -> tuple[float, float, float]:
    """Return processor time here and in the server [s], and what was written so far [byte]."""
    server = 0.0 if place.server is None else processor_seconds(place.server)
    lines = Path(f"/proc/{place.server or 'self'}/io").read_text().splitlines()
    (written,) = (line.split()[1] for line in lines if line.startswith("write_bytes"))
    return time.process_time(), server, float(written)


def main(homes: int = HOMES) -> int:
    """Measure both stores."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        for place in places(Path(directory), stack):
            measure(place, homes)
        size = sum(each.stat().st_size for each in Path(directory).glob("readings.db"))
        print(f"the file of SQLite: {size / MIB:.0f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in sys.argv[1:])))
