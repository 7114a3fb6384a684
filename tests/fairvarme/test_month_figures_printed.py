"""Every figure on a month's pages is found in statements.json or in the readings."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from pypdf import PdfReader

from correspondence.catalogue import catalogue
from fairvarme.cli import main
from firmware_sim.cli import main as simulator
from tests.fairvarme.test_outbox_command import SAMPLE, installation

DAYS = "2025-12-01/2026-02-01"
JANUARY, DECEMBER = ("2026-01-01", "2026-02-01"), ("2025-12-01", "2026-01-01")
ZONE = "Europe/Copenhagen"
NUMBER = re.compile(r"−?\d(?:[\d.,\N{NO-BREAK SPACE}]*\d)?")
HEATING_LIMIT_C = 17.0
SHOWN = {"heat_kwh": "heat", "hot_water_m3": "hot_water"}


@dataclass
class House:
    """What was printed, and what it is to be found in."""

    pages: dict[str, str]
    statements: dict[str, dict[str, Any]]
    readings: pd.DataFrame
    devices: pd.DataFrame = field(repr=False)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Two months of the sample building; its January as pages and as statements.json."""
    folder = tmp_path_factory.mktemp("months")
    config, file = installation(folder, 1), folder / "readings.csv"
    run(simulator, "write", "--estate", str(SAMPLE), "--period", DAYS, "--readings", str(file),
        "--truth", str(folder / "truth.json"))  # fmt: skip
    where = ("--config", str(config))
    run(main, "load", str(file), "--building", "solgaarden", *where)
    run(main, "report", "solgaarden", "--month", "2026-01", "--out", str(folder / "pages"), *where)
    run(main, "bill", "solgaarden", "--period", "/".join(JANUARY), "--out", str(folder / "bill"),
        *where)  # fmt: skip
    (written,) = folder.glob("bill/**/statements.json")
    readings = pd.read_csv(file)
    readings["time"] = pd.to_datetime(readings["time"], utc=True)
    return House(
        {path.stem: text_of(path) for path in folder.glob("pages/solgaarden/*.pdf")},
        {each["tenancy"]: each for each in json.loads(written.read_text())["statements"]},
        readings,
        pd.read_csv(SAMPLE / "devices.csv", dtype=str),
    )


def run(command: Any, *words: str) -> None:  # noqa: ANN401  of either program
    done = CliRunner().invoke(command, words)
    assert done.exit_code == 0, done.output + repr(done.exception)


def text_of(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


class Written:
    """Numbers as a language writes them, made without the catalogue's own code."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, value: float, decimals: int = 0) -> str:
        text = f"{value:,.{decimals}f}".replace("-", "−")
        return text if self.language == "en" else text.translate(str.maketrans(",.", ".,"))

    def money(self, amount_ore: float) -> str:
        return self(abs(amount_ore) / 100, 2)


def of_days(readings: pd.DataFrame, days: tuple[str, str]) -> pd.DataFrame:
    first, last = (pd.Timestamp(day, tz=ZONE) for day in days)
    return readings[(readings["time"] >= first) & (readings["time"] < last)]


def used(house: House, tenancy: dict[str, Any], quantity: str, days: tuple[str, str]) -> float:
    """Difference of the registers at the month's edges, by the readings themselves."""
    rows = house.devices
    mine = rows[(rows["flat"] == tenancy["flat"]) & (rows["kind"] == SHOWN[quantity])]["device"]
    at_edges = []
    for day in days:
        edge = pd.Timestamp(day, tz=ZONE)
        near = house.readings[
            house.readings["device"].isin(mine) & (house.readings["quantity"] == quantity)
        ]
        near = near.assign(off=(near["time"] - edge).abs()).sort_values("off")
        at_edges.append(near.groupby("device")["value"].first().sum())
    return float(at_edges[1] - at_edges[0])


def degree_days(house: House, days: tuple[str, str]) -> float:
    outdoor = house.devices[house.devices["kind"] == "outdoor"]["device"]
    rows = of_days(house.readings, days)
    rows = rows[rows["device"].isin(outdoor) & (rows["quantity"] == "temperature_c")]
    hours = rows.set_index("time")["value"].resample("1h").mean()
    daily = hours.tz_convert(ZONE).resample("1D").mean()
    return float((HEATING_LIMIT_C - daily).clip(lower=0).sum())


def money_figures(one: dict[str, Any], written: Written) -> Iterator[str]:
    yield written.money(one["total_ore"])
    if one["shadow_ore"] is not None:
        yield written.money(one["shadow_ore"])
        yield written.money(one["shadow_ore"] - one["total_ore"])
    by_key: dict[tuple[str, str], int] = defaultdict(int)
    for row in one["components"]:
        by_key[row["item"], row["key"]] += row["amount_ore"]
    for amount in by_key.values():
        yield written.money(amount)
        share = 100 * amount / sum(each for each in by_key.values() if each > 0)
        # The largest remainder may lift a share by one.
        yield from (written(np.floor(share)), written(np.floor(share) + 1))
    if one["aconto_ore"] is not None:
        yield written.money(one["aconto_ore"])
    if one["half_degree"] is not None:
        yield written(-one["half_degree"]["colder_ore"] / 100)
    for row in one["components"]:
        if row["key"] == "hot_water_m3" and row["weight"] > 0:
            yield written(row["amount_ore"] / 100 * min(9 * 31 / 1000 / row["weight"], 1))


def year_figures(one: dict[str, Any], written: Written) -> Iterator[str]:
    """A mild and a normal winter: January is 170 of 1000 parts of a year's heat."""
    heat = sum(row["amount_ore"] for row in one["components"] if row["item"] == "heat")
    costs = pd.read_csv(SAMPLE / "costs.csv")
    costs = costs[(costs["item"] == "heat") & (costs["period_start"] == JANUARY[0])]
    fixed = heat * float(costs[costs["kind"] == "fixed"]["amount"].sum() / costs["amount"].sum())
    heat -= fixed
    other = (one["total_ore"] - heat - fixed) * 365 / 31
    low = heat / 0.170 * 0.85 * 0.9 + fixed * 365 / 31 + other * 0.85
    high = heat / 0.170 * 1.1 + fixed * 365 / 31 + other * 1.15
    yield written(np.floor(low / 10_000) * 100)
    yield written(np.ceil(high / 10_000) * 100)


def use_figures(house: House, one: dict[str, Any], written: Written) -> Iterator[str]:
    weather = degree_days(house, JANUARY) / degree_days(house, DECEMBER)
    yield written(round(abs(weather - 1) * 100))
    for quantity in SHOWN:
        now, before = (used(house, one, quantity, days) for days in (own_days(one), DECEMBER))
        shown = before * weather if quantity == "heat_kwh" else before
        decimals = 1 if quantity == "hot_water_m3" else 0
        yield from (written(value, decimals) for value in (now, shown))
        yield written(round(abs(now / shown - 1) * 100))
    for row in one["comparison"]:
        quantity = "hot_water_m3" if row["item"] == "hot_water" else "heat_kwh"
        like = used(house, one, quantity, JANUARY) * row["others"] / row["own"]
        yield written(like, 1 if quantity == "hot_water_m3" else 0)


def air_figures(house: House, one: dict[str, Any], written: Written) -> Iterator[str]:
    rows = of_days(house.readings, own_days(one))
    boxes = house.devices[
        (house.devices["flat"] == one["flat"]) & (house.devices["kind"] == "climate")
    ]["device"]
    rows = rows[rows["device"].isin(boxes)]
    limits = climate_limits()
    for quantity, decimals in (("temperature_c", 1), ("humidity_pct", 0), ("co2_ppm", -1)):
        values = rows[rows["quantity"] == quantity].set_index("time")["value"]
        hours = values.resample("1h").mean().reindex(all_hours(own_days(one)))
        yield written(round(float(hours.mean()), decimals), max(decimals, 0))
        green, yellow = (
            ((hours >= low) & (hours <= high)).mean() for low, high in limits[quantity]
        )
        for share in (green, yellow - green, hours.notna().mean() - yellow, hours.isna().mean()):
            percent = 100 * float(share)
            yield from (written(np.floor(percent)), written(np.floor(percent) + 1))
        yield written(int(hours.notna().sum()))
    yield written(len(all_hours(own_days(one))))


def own_days(one: dict[str, Any]) -> tuple[str, str]:
    return one["from"], one["to"]


def all_hours(days: tuple[str, str]) -> pd.DatetimeIndex:
    first, last = (pd.Timestamp(day, tz=ZONE) for day in days)
    return pd.date_range(first, last, freq="1h", inclusive="left").tz_convert("UTC")


def texts_figures(language: str) -> set[str]:
    """Numbers that stand in the texts themselves, such as 3 times a day."""
    texts = (re.sub(r"\{[^}]*\}", "", text) for text in catalogue(language).texts.values())
    return {number for text in texts for number in NUMBER.findall(text)}


def estate_figures(one: dict[str, Any]) -> Iterator[str]:
    """Numbers of names, days, contacts and the rule."""
    building = yaml.safe_load((SAMPLE / "building.yaml").read_text("utf-8"))
    flats = pd.read_csv(SAMPLE / "flats.csv", dtype=str).set_index("flat")
    persons = pd.read_csv(SAMPLE / "persons.csv", dtype=str).fillna("").set_index("tenancy")
    texts = [
        one["tenancy"], one["scheme_version"],
        flats.loc[one["flat"], "address"],
        *persons.loc[[one["tenancy"]], "name"], *persons.loc[[one["tenancy"]], "post_address"],
        *(str(value) for contact in building["contacts"] for value in contact.values()),
        building["schemes"][0]["permit"]["reference"], "1 31 2026 2025", last_day_and_count(one),
    ]  # fmt: skip
    return (number for text in texts for number in NUMBER.findall(text))


def last_day_and_count(one: dict[str, Any]) -> str:
    first, end = (date.fromisoformat(day) for day in own_days(one))
    return f"{first.day} {(end - timedelta(days=1)).day} {(end - first).days}"


def climate_limits() -> dict[str, list[tuple[float, float]]]:
    """The green and the yellow band of each quantity, as the file of the rules has them."""
    text = (Path("billing") / "measured" / "climate" / "climate_limits.yaml").read_text("utf-8")
    quantities = yaml.safe_load(text)["quantities"]
    return {
        name: [
            (-np.inf if low is None else low, np.inf if high is None else high)
            for low, high in (row["green"], row["yellow"])
        ]
        for name, row in quantities.items()
    }


def found_in(house: House, tenancy: str, language: str) -> set[str]:
    one, written = house.statements[tenancy], Written(language)
    figures: Iterable[str] = [
        *money_figures(one, written), *year_figures(one, written),
        *use_figures(house, one, written), *air_figures(house, one, written),
        *estate_figures(one),
    ]  # fmt: skip
    return {*figures} | texts_figures(language)


def printed_figures(text: str) -> set[str]:
    """The numbers of a page but the days of its calendar, and those that name a month."""
    text = re.sub(r"(?m)^\d{1,2} [A-Z–]$|\b\d{1,2} [GPDTB–]\b", " ", text)
    text = text.replace("\N{NO-BREAK SPACE}", " ").replace("CO₂", "")
    text = re.sub(r"\b([1-9]|[12]\d|3[01])\.? (januar|January)\b", " ", text)
    return set(NUMBER.findall(text))


@pytest.mark.slow
def test_every_figure_is_found(house: House) -> None:
    assert len(house.pages) == 12
    wrong = {}
    for tenancy, text in house.pages.items():
        language = "en" if "Your heat" in text else "da"
        left = printed_figures(text) - found_in(house, tenancy, language)
        if left:
            wrong[tenancy] = left
    assert wrong == {}


@pytest.mark.slow
def test_the_pages_hold_the_kinds_of_figures_that_are_looked_for(house: House) -> None:
    whole = [text for text in house.pages.values() if "Et år som denne måned" in text]
    # Of twelve homes two changed hands, and one is written to in English.
    assert len(whole) == 9
    assert all("december\N{NO-BREAK SPACE}2025" in text for text in whole)
