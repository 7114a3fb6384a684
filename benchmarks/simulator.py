"""
The simulated building: a month of 12 flats and of 120, in seconds a flat and month.

    .venv/bin/python -m benchmarks.simulator
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from estate.scaled import write_sample
from firmware_sim.building import simulate
from firmware_sim.clock import month_days
from firmware_sim.devices import Fleet
from firmware_sim.folder import read_house

SIZES = (12, 120)
MONTH = "2026-01"


def main() -> int:
    """Print the table."""
    print(f"{len(os.sched_getaffinity(0))} cores, {MONTH} at 5 minutes with a spin-up of 6 days")
    for flats in SIZES:
        with TemporaryDirectory() as directory:
            write_sample(Path(directory), MONTH, flats)
            house = read_house(Path(directory))
        start = perf_counter()
        simulation = simulate(house, *month_days(MONTH), 1, events=True)
        physics = perf_counter() - start
        messages = Fleet(simulation, 1).messages()
        seconds = perf_counter() - start
        memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{flats:4} flats: physics {physics:6.2f} s, with {len(messages)} messages "
            f"{seconds:6.2f} s ({seconds / flats * 1000:.0f} ms a flat), {memory_mib:.0f} MiB"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
