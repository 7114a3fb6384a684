"""
A small building with known answers, in memory and as files.

Six equal flats of 70 m² in two columns over three floors, with different temperatures, 4.5 °C
outdoors and constant for 5,040 hours; the heat balance of each flat gives its meter's kWh.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from estate.model import Estate, Neighbour
from estate.periods import Period
from tests.support.estates import add_hourly, add_register, cost, device, estate, flat, tenancy
from tests.support.samples import HandMadeSource

PERIOD = "2025-10-01/2026-04-29"
SEASON = Period.parse(PERIOD)
START = date(2025, 10, 1)
HOURS = 5040
OUTDOOR_C = 4.5
GAINS_W = 280
TEMPERATURE_C = {"G1": 21.0, "G2": 20.5, "M1": 19.0, "M2": 22.0, "T1": 21.0, "T2": 23.0}
HEAT_LOSS_W_PER_K = {"G1": 115, "G2": 115, "M1": 95, "M2": 95, "T1": 125, "T2": 125}
COUPLING_W_PER_K = {
    ("G1", "G2"): 40, ("M1", "M2"): 40, ("T1", "T2"): 40,
    ("G1", "M1"): 126, ("M1", "T1"): 126, ("G2", "M2"): 126, ("M2", "T2"): 126,
}  # fmt: skip

BUILDING_YAML = """\
id: six
name: Six flats
address: Test street 1
timezone: UTC
currency: DKK
language: en
tenure: ejer
schemes:
  - {scheme: six, from: 2020-01-01, decision: "made for this test"}
"""


def heat_kwh(flat: str) -> float:
    """Return what a flat's radiators deliver over the period, from its heat balance."""
    own = TEMPERATURE_C[flat]
    watts = HEAT_LOSS_W_PER_K[flat] * (own - OUTDOOR_C) - GAINS_W
    for pair, coupling in COUPLING_W_PER_K.items():
        if flat in pair:
            other = pair[1] if pair[0] == flat else pair[0]
            watts += coupling * (own - TEMPERATURE_C[other])
    return watts * HOURS / 1000


def six_estate() -> tuple[Estate, HandMadeSource]:
    """Return the building with what its boxes and meters send."""
    names = list(TEMPERATURE_C)
    pairs = [
        Neighbour(flat_a=a, flat_b=b, coupling_w_per_k=value)
        for (a, b), value in COUPLING_W_PER_K.items()
    ]
    own = estate(
        [
            flat(name, heat_loss_w_per_k=HEAT_LOSS_W_PER_K[name], gains_w=GAINS_W)
            for name in names
        ],
        [tenancy(f"t-{name}", name) for name in names],
        [device("out", "outdoor", None)]
        + [device(f"b-{name}", "climate", name) for name in names]
        + [device(f"m-{name}", "heat", name) for name in names],
        [cost(SEASON, "heat", 6_000_000)],
        neighbours=pairs, timezone="UTC",
    )  # fmt: skip
    source, hours = HandMadeSource(), SEASON.hours(own.building.zone)
    add_hourly(source, "out", "temperature_c", hours, [OUTDOOR_C] * hours.count)
    for name in names:
        add_hourly(source, f"b-{name}", "temperature_c", hours, [TEMPERATURE_C[name]] * hours.count)
        rows = [(hours.start_ms, 0.0), (hours.end_ms, heat_kwh(name))]
        add_register(source, f"m-{name}", "heat_kwh", rows)
    return own, source


def write_six_flats(directory: Path) -> tuple[Path, Path]:
    """Write the estate folder and the readings file."""
    estate = directory / "estate"
    estate.mkdir(parents=True)
    (estate / "building.yaml").write_text(BUILDING_YAML)
    _table(
        estate / "flats.csv",
        "flat,address,area_m2,heat_loss_w_per_k,gains_w",
        [f"{flat},Flat {flat},70,{HEAT_LOSS_W_PER_K[flat]},{GAINS_W}" for flat in TEMPERATURE_C],
    )
    _table(
        estate / "neighbours.csv",
        "flat_a,flat_b,coupling_w_per_k",
        [f"{a},{b},{coupling}" for (a, b), coupling in COUPLING_W_PER_K.items()],
    )
    _table(
        estate / "tenancies.csv",
        "tenancy,flat,from,to,delivery",
        [f"t-{flat},{flat},2020-01-01,,digital" for flat in TEMPERATURE_C],
    )
    _table(
        estate / "devices.csv",
        "device,kind,flat,from,to",
        [
            "outdoor,outdoor,,2020-01-01,",
            *(f"box-{flat},climate,{flat},2020-01-01," for flat in TEMPERATURE_C),
            *(f"heat-{flat},heat,{flat},2020-01-01," for flat in TEMPERATURE_C),
        ],
    )
    start, end = PERIOD.split("/")
    costs = [f"{start},{end},heat,60000.00"]
    _table(estate / "costs.csv", "period_start,period_end,item,amount", costs)
    readings = directory / "readings.csv"
    _table(readings, "time,device,quantity,value", _readings(start, end))
    return estate, readings


def write_scheme(
    directory: Path, name: str, components: list[dict[str, object]], *more: str
) -> Path:
    """Write a scheme that splits the item ``heat`` by some components; `more` are lines of it."""
    path = directory / f"{name}.yaml"
    lines = [f"id: {name}", "valid_from: 2020-01-01", "source: made for this test", *more]
    lines += ["items:", "  heat:", *(f"    - {component}" for component in components)]
    path.write_text("\n".join(lines) + "\n")
    return path


def _readings(start: str, end: str) -> list[str]:
    rows = [
        f"{instant}T00:00:00Z,heat-{flat},heat_kwh,{value!r}"
        for flat in TEMPERATURE_C
        for instant, value in ((start, 1000.0), (end, 1000.0 + heat_kwh(flat)))
    ]
    temperatures = {"outdoor": OUTDOOR_C}
    temperatures |= {f"box-{flat}": value for flat, value in TEMPERATURE_C.items()}
    for hour in range(HOURS):
        day = START + timedelta(days=hour // 24)
        time = f"{day}T{hour % 24:02d}:30:00Z"
        rows += [f"{time},{box},temperature_c,{value}" for box, value in temperatures.items()]
    return rows


def _table(path: Path, header: str, rows: list[str]) -> None:
    path.write_text("\n".join([header, *rows]) + "\n")
