"""Plots a week of every persona as SVG: temperature, humidity and CO2."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from firmware_sim.clock import DAY_MS, QUARTER_MS, day_start_ms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import numpy.typing as npt
    from matplotlib.axes import Axes

    from firmware_sim.physics.building import Simulation

    Shorts = npt.NDArray[np.float32]

WIDTH_INCH, ROW_INCH = 10.0, 1.1
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
    since_ms = day_start_ms(first_day, simulation.clock.zone) - day_start_ms(
        simulation.start, simulation.clock.zone
    )
    first = since_ms // QUARTER_MS
    quarters = slice(first, first + DAYS * DAY_MS // QUARTER_MS)
    # Text stays text, and two pictures of the same week are the same file.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "fairvarme"}):
        figure = Figure(figsize=(WIDTH_INCH, ROW_INCH * (len(flats) + 0.5)), layout="constrained")
        rows = figure.subplots(len(flats), sharex=True, squeeze=False)[:, 0]
        for number, (flat, axes) in enumerate(zip(flats, rows, strict=True)):
            states = {name: simulation.record.states[name][number, quarters] for name, *_ in LINES}
            _plot_flat(axes, flat, states)
        rows[-1].set_xticks(range(DAYS + 1))
        rows[-1].set_xlabel(f"days from {first_day}")
        figure.legend(handles=rows[0].get_lines(), loc="outside upper center", ncols=len(LINES))
        return _svg(figure)


def _plot_flat(axes: Axes, flat: str, states: Mapping[str, Shorts]) -> None:
    """Draw the lines of a flat, each over its own range, cut off at its ends."""
    for name, low, high, colour, scale in LINES:
        heights = np.clip((states[name] - low) / (high - low), 0, 1)
        days = np.linspace(0, DAYS, len(heights))
        axes.plot(days, heights, color=colour, linewidth=0.8, label=f"{name}, {scale}")
    axes.set(xlim=(0, DAYS), ylim=(0, 1), yticks=())
    axes.set_ylabel(flat, rotation=0, ha="right", va="center")
    axes.grid(axis="x", color="#cccccc", linewidth=0.6)


def _svg(figure: Figure) -> str:
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()
