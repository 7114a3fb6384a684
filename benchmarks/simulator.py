"""
The simulated building: a year of 1,000 flats at 5 minutes, beside a plain loop in Python.

    .venv/bin/python -m benchmarks.simulator

Each measurement has a process of its own. The plain loop computes the same numbers, one flat and
one step after the other; the tests hold the two to each other. Rates are by processor time, so
that they do not hang on what else the machine does.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
from dataclasses import replace
from datetime import date
from importlib import resources
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import click
import numpy as np

from firmware_sim.folder import House, read_house
from firmware_sim.mqtt.devices import Fleet
from firmware_sim.parameters import parameters
from firmware_sim.physics.building import plan, simulate
from tests.support.plain_building import run_plainly

if TYPE_CHECKING:
    from collections.abc import Callable

FLATS = 1_000
YEAR = (date(2025, 7, 1), date(2026, 7, 1))
PLAIN_STEPS = 288
MESSAGES = 200_000
SAMPLE = read_house(Path(str(resources.files("estate").joinpath("sample"))))


def street(flats: int) -> House:
    """Return the sample's house again and again, each with names of its own."""
    houses = range(-(-flats // len(SAMPLE.homes)))
    homes = [replace(home, flat=f"{at}-{home.flat}") for at in houses for home in SAMPLE.homes]
    stays = [replace(stay, flat=f"{at}-{stay.flat}") for at in houses for stay in SAMPLE.stays]
    devices = [
        replace(device, flat=f"{at}-{device.flat}", device=f"{at}-{device.device}")
        for at in houses
        for device in SAMPLE.devices
        if device.flat
    ]
    known = {home.flat for home in homes[:flats]}
    return replace(
        SAMPLE,
        homes=tuple(homes[:flats]),
        stays=tuple(stay for stay in stays if stay.flat in known),
        devices=tuple(device for device in devices if device.flat in known),
        coupling_w_per_k=np.asarray(
            np.kron(np.eye(len(houses)), SAMPLE.coupling_w_per_k)[:flats, :flats], dtype=np.float64
        ),
    )


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def year(flats: int, answer: multiprocessing.SimpleQueue[tuple[float, ...]]) -> None:
    """Answer with seconds, of the clock and of the processor, and MiB; then of some messages."""
    house = street(flats)
    days = (YEAR[1] - YEAR[0]).days + parameters().spin_up_days
    start, worked = perf_counter(), process_time()
    with click.progressbar(length=days, label=f"{flats} flats", file=sys.stderr) as bar:
        simulation = simulate(house, *YEAR, 1, events=True, told=bar.update)
    simulated = (perf_counter() - start, process_time() - worked, peak_mib())
    worked = process_time()
    for _ in islice(Fleet(simulation, 1).messages(), MESSAGES):
        pass
    answer.put((*simulated, process_time() - worked, peak_mib()))


def plainly(answer: multiprocessing.SimpleQueue[tuple[float, ...]]) -> None:
    """Answer with the seconds of a day of one house in plain Python."""
    planned = plan(SAMPLE, *YEAR, 1, events=True)
    worked = process_time()
    run_plainly(planned, PLAIN_STEPS)
    answer.put((process_time() - worked,))


def alone(work: Callable[..., None], *arguments: int) -> tuple[float, ...]:
    """Run in a process of its own; give its answer."""
    answer: multiprocessing.SimpleQueue[tuple[float, ...]] = multiprocessing.SimpleQueue()
    process = multiprocessing.Process(target=work, args=(*arguments, answer))
    process.start()
    process.join()
    return answer.get()


def main() -> int:
    """Print the table."""
    print(f"{len(os.sched_getaffinity(0))} cores, {parameters().step_minutes} minutes a step")
    steps = ((YEAR[1] - YEAR[0]).days + parameters().spin_up_days) * 24 * 12
    (plain_seconds,) = alone(plainly)
    plain_rate = PLAIN_STEPS * len(SAMPLE.homes) / plain_seconds
    print(f"plain loop, {len(SAMPLE.homes)} flats: {plain_rate:,.0f} steps of a flat/s")
    for flats in (len(SAMPLE.homes), FLATS):
        seconds, worked, mib, message_seconds, message_mib = alone(year, flats)
        rate = steps * flats / worked
        print(
            f"a year of {flats} flats: {seconds:.1f} s, {worked:.1f} s of a processor, "
            f"{mib:.0f} MiB; {rate:,.0f} steps of a flat/s, {rate / plain_rate:.0f} times the loop"
        )
        print(
            f"its first {MESSAGES:,} messages: {MESSAGES / message_seconds:,.0f}/s, "
            f"{message_mib:.0f} MiB",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
