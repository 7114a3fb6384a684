"""The words of a home's climate: bars, calendar and legend."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from billing.money import split
from reports.monthly.climate import Shade, climate_rules
from reports.monthly.figures import ClimateState

if TYPE_CHECKING:
    from datetime import date

    from correspondence.catalogue import Catalogue
    from reports.monthly.climate import ClimateMonth, QuantityMonth
    from reports.monthly.figures import HomeMonth

Section = dict[str, Any]

WHY_NOT = {
    ClimateState.REFUSED: "climate.refused",
    ClimateState.NOT_AGREED: "climate.no_consent",
    ClimateState.UNMEASURED: "climate.none",
}
DECIMALS = {"temperature_c": 1, "humidity_pct": 0, "co2_ppm": -1}
"""Decimals of a mean; sensors are not more accurate."""


def climate_section(month: HomeMonth, words: Catalogue) -> Section:
    """Put the climate into words, or the reason why it is not shown."""
    heading = words.say("climate.heading")
    if month.climate is None or month.climate_state is not ClimateState.SHOWN:
        why = words.say(WHY_NOT[month.climate_state])
        return {"heading": heading, "note": why, "bars": [], "calendar": None, "legend": []}
    return {
        "heading": heading,
        "note": _measured(month.climate, month.period.start, words),
        "bars": [_bar(quantity, words) for quantity in month.climate.quantities],
        "calendar": _calendar(month.period.start, month.climate.days, words),
        "legend": [
            {
                "kind": shade,
                "letter": words.say(f"letter.{shade}"),
                "label": words.say(f"legend.{shade}"),
            }
            for shade in Shade
        ],
    }


def _measured(climate: ClimateMonth, on: date, words: Catalogue) -> str:
    measured, hours = words.number(climate.measured_hours), words.number(climate.hours)
    rule = words.counted("calendar.rule", climate_rules(on).colour_hours)
    return f"{words.say('climate.measured', measured=measured, hours=hours)} {rule}"


def _bar(row: QuantityMonth, words: Catalogue) -> Section:
    hours = [row.hours[shade] for shade in Shade]
    percents = split(100, hours) if any(hours) else hours
    spoken = ", ".join(
        words.say(
            "climate.share",
            colour=words.within(words.say(f"colour.{shade}")),
            share=words.percent(percent),
        )
        for shade, percent in zip(Shade, percents, strict=True)
        if percent
    )
    name = words.say(f"quantity.{row.quantity}")
    return {
        "name": name,
        "mean": _mean(row, words),
        "often": words.say(f"side.{row.quantity}.{row.often}") if row.often else "",
        "words": spoken,
        "alt": words.say("climate.bar", quantity=name, shares=spoken),
        "segments": [
            {"kind": shade, "share": row.share(shade), "letter": words.say(f"letter.{shade}")}
            for shade in Shade
        ],
    }


def _mean(row: QuantityMonth, words: Catalogue) -> str:
    if row.mean is None:
        return words.say("climate.mean.none")
    decimals = DECIMALS[row.quantity]
    value = words.value(row.quantity, round(row.mean, decimals), max(decimals, 0))
    return words.say("climate.mean", value=value)


def _calendar(first: date, shades: tuple[Shade, ...], words: Catalogue) -> Section:
    days = [first + timedelta(days=offset) for offset in range(len(shades))]
    cells = [
        {"day": str(day.day), "kind": shade, "letter": words.say(f"letter.{shade}")}
        for day, shade in zip(days, shades, strict=True)
    ]
    spoken = ", ".join(
        words.say("calendar.day", day=day.day, colour=words.within(words.say(f"colour.{shade}")))
        for day, shade in zip(days, shades, strict=True)
    )
    return {
        "heading": words.say("calendar.heading"),
        "alt": words.say("calendar.alt", days=spoken),
        "weekdays": words.weekdays,
        "cells": [None] * first.weekday() + cells,
    }
