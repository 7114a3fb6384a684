"""Two years of a building's months, as they are kept for staff and boards."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine

from estate.database.engine import answering
from operations.staff.month import ClimateFigures, MonthFigures
from operations.staff.tables import BuildingMonth

DEGREE_DAYS = (490, 440, 410, 280, 150, 50, 15, 20, 90, 220, 340, 450)
"""Of each month, about those of Denmark. [K d]"""
FIRST_YEAR = 2024


def keep_two_years(engine: Engine, building: str) -> None:
    """Keep months in which the last winter takes a quarter more heat than the one before."""
    rows = [_month(building, FIRST_YEAR + number // 12, number % 12) for number in range(26)]
    with answering(engine) as session:
        session.add_all(
            BuildingMonth(
                building=each.building,
                month=f"{each.month:%Y-%m}",
                made_ms=0,
                figures=each.model_dump(mode="json"),
            )
            for each in rows
        )


def _month(building: str, year: int, month: int) -> MonthFigures:
    degree_days = DEGREE_DAYS[month]
    heat_kwh = degree_days * (12.5 if year == FIRST_YEAR + 2 else 10.0)
    good_pct = 90.0 - degree_days / 20
    return MonthFigures(
        building=building,
        month=date(year, month + 1, 1),
        homes=24,
        area_m2=1800.0,
        heat_kwh=heat_kwh,
        hot_water_m3=62.0,
        degree_days=float(degree_days),
        cost_ore=round(heat_kwh * 95) + 400_000,
        climate=ClimateFigures(
            homes=22,
            temperature_c=21.4,
            humidity_pct=44.0,
            co2_ppm=780.0,
            good_pct=good_pct,
            cold_pct=4.0,
            humid_pct=3.0,
            stale_pct=5.0,
        ),
    )
