"""
The simulated building: a year of 1,000 flats at 5 minutes, beside a plain loop in Python.

    .venv/bin/python -m benchmarks.simulator

Each measurement has a process of its own. The plain loop computes the same numbers, one flat and
one step after the other; the tests hold the two to each other.
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
from time import perf_counter

import click
import numpy as np

from firmware_sim.building import plan, simulate
from firmware_sim.devices import Fleet
from firmware_sim.folder import House, read_house
from firmware_sim.parameters import parameters
from tests.support.plain_building import run_plainly

FLATS = 1_000
YEAR = (date(2025, 7, 1), date(2026, 7, 1))
PLAIN_STEPS = 288
MESSAGES = 200_000
SAMPLE = read_house(Path(str(resources.files("estate").joinpath("sample"))))


def street(flats: int) -> House:
    """Give the sample's house again and again, each with names of its own."""
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
    """Answer with the year's seconds and peak memory, and those of some of its messages."""
    house = street(flats)
    days = (YEAR[1] - YEAR[0]).days + parameters().spin_up_days
    start = perf_counter()
    with click.progressbar(length=days, label=f"{flats} flats", file=sys.stderr) as bar:
        simulation = simulate(house, *YEAR, 1, events=True, told=bar.update)
    seconds, mib = perf_counter() - start, peak_mib()
    start = perf_counter()
    for _ in islice(Fleet(simulation, 1).messages(), MESSAGES):
        pass
    answer.put((seconds, mib, perf_counter() - start, peak_mib()))


def plainly(answer: multiprocessing.SimpleQueue[tuple[float, ...]]) -> None:
    """Answer with the seconds of a day of one house in plain Python."""
    planned = plan(SAMPLE, *YEAR, 1, events=True)
    start = perf_counter()
    run_plainly(planned, PLAIN_STEPS)
    answer.put((perf_counter() - start,))


def main() -> int:
    """Print the table."""
    print(f"{len(os.sched_getaffinity(0))} cores, {parameters().step_minutes} minutes a step")
    answer: multiprocessing.SimpleQueue[tuple[float, ...]] = multiprocessing.SimpleQueue()
    steps = ((YEAR[1] - YEAR[0]).days + parameters().spin_up_days) * 24 * 12
    process = multiprocessing.Process(target=plainly, args=(answer,))
    process.start()
    process.join()
    (plain_seconds,) = answer.get()
    plain_rate = PLAIN_STEPS * len(SAMPLE.homes) / plain_seconds
    print(f"plain loop, {len(SAMPLE.homes)} flats: {plain_rate:,.0f} steps of a flat/s")
    for flats in (len(SAMPLE.homes), FLATS):
        process = multiprocessing.Process(target=year, args=(flats, answer))
        process.start()
        process.join()
        seconds, mib, message_seconds, message_mib = answer.get()
        rate = steps * flats / seconds
        print(
            f"a year of {flats} flats: {seconds:.1f} s, {mib:.0f} MiB, {rate:,.0f} steps of a "
            f"flat/s, {rate / plain_rate:.0f} times the plain loop; {MESSAGES:,} messages "
            f"{MESSAGES / message_seconds:,.0f}/s, {message_mib:.0f} MiB"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
