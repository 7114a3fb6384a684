"""Plots a week of every persona as SVG: temperature, humidity and CO2."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.clock import DAY_MS, QUARTER_MS, day_start_ms

if TYPE_CHECKING:
    from datetime import date

    import numpy.typing as npt

    from firmware_sim.physics.building import Simulation

    Shorts = npt.NDArray[np.float32]

WIDTH, ROW, LEFT, TOP, GAP = 900, 90, 130, 30, 14
DAYS = 7
LINES = (
    ("temperature_c", 12.0, 26.0, "#b3261e", "12-26 °C"),
    ("humidity_pct", 10.0, 90.0, "#1a5fb4", "10-90 %"),
    ("co2_ppm", 400.0, 2400.0, "#3a7d34", "400-2400 ppm"),
)
"""Quantity, range of its axis, colour, and label."""


def week_picture(simulation: Simulation, first_day: date) -> str:
    """
    Plot a week from a local day on, one row per flat.

    Returns
    -------
    str
        SVG.
    """
    flats = simulation.house.flats
    height = TOP + len(flats) * (ROW + GAP) + GAP
    since_ms = day_start_ms(first_day, simulation.clock.zone) - day_start_ms(
        simulation.start, simulation.clock.zone
    )
    quarters = slice(since_ms // QUARTER_MS, since_ms // QUARTER_MS + DAYS * DAY_MS // QUARTER_MS)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
    )
    parts = [head]
    for number, (name, _, _, colour, scale) in enumerate(LINES):
        place = LEFT + number * 220
        parts.append(f'<text x="{place}" y="20" fill="{colour}">{name}, {scale}</text>')
    for row, flat in enumerate(flats):
        top = TOP + row * (ROW + GAP)
        parts.append(f'<text x="8" y="{top + ROW / 2}">{flat}</text>')
        parts += _days(top)
        for name, low, high, colour, _ in LINES:
            values = simulation.record.states[name][row, quarters]
            parts.append(_line((values - low) / (high - low), top, colour))
    return "\n".join([*parts, "</svg>", ""])


def _days(top: float) -> list[str]:
    width = (WIDTH - LEFT - 10) / DAYS
    return [
        f'<rect x="{LEFT + day * width:.1f}" y="{top}" width="{width:.1f}" height="{ROW}" '
        'fill="none" stroke="#ccc"/>'
        for day in range(DAYS)
    ]


def _line(heights: Shorts, top: float, colour: str) -> str:
    across = np.linspace(LEFT, WIDTH - 10, len(heights))
    down = top + ROW * (1 - np.clip(heights, 0, 1))
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
    return f'<polyline points="{points}" fill="none" stroke="{colour}"/>'
