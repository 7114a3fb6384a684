"""The comparison of a month in words: bars, what changed, and a year like it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from billing.measured.spans import counts_heat
from correspondence.catalogue import NO_BREAK
from correspondence.phrases import known
from reports.monthly.beside.uses import beside_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from billing.measured.earlier_uses import Before
    from correspondence.catalogue import Catalogue
    from reports.monthly.beside.uses import MonthBeside, UseBeside
    from reports.monthly.figures import HomeMonth

Section = dict[str, Any]
DECIMALS = {"hot_water_m3": 1, "cold_water_m3": 1}
"""Decimals of metered use; 0 for a quantity that is not listed."""


def beside_section(month: HomeMonth, words: Catalogue) -> Section:
    """Compare this month's use with other months or a similar home, or say why not."""
    groups = [_group(use, month, words) for use in month.beside.uses]
    return {
        "heading": words.say("beside.heading"),
        "groups": groups,
        "notes": list(_notes(month, words)),
    }


def _group(use: UseBeside, month: HomeMonth, words: Catalogue) -> Section:
    now = _amount(use, use.now, words)
    if use.estimated:
        now = words.say("beside.estimate", amount=now)
    rows = [(words.month(month.period.start), use.now, now)]
    rows += [
        (words.month(each.period.start), each.shown, _amount(use, each.shown, words))
        for each in use.others.values()
    ]
    if use.like_home is not None:
        like = (words.say("beside.like_home"), use.like_home, _amount(use, use.like_home, words))
        rows.append(like)
    longest = max(value for _, value, _ in rows) or 1.0
    name = _name(use, words)
    spoken = [words.say("beside.alt.row", what=what, amount=amount) for what, _, amount in rows]
    return {
        "name": name,
        "alt": words.say("beside.alt", name=name, rows=", ".join(spoken)),
        "rows": [
            {"what": what, "share": max(value, 0.0) / longest, "amount": amount}
            for what, value, amount in rows
        ],
    }


def _name(use: UseBeside, words: Catalogue) -> str:
    return known(f"register.{use.quantity}", use.quantity, words)


def _amount(use: UseBeside, value: float, words: Catalogue) -> str:
    unit = known(f"register.{use.quantity}.unit", "", words)
    number = words.number(value, DECIMALS.get(use.quantity, 0))
    return f"{number} {unit}".replace(" ", NO_BREAK)


def _notes(month: HomeMonth, words: Catalogue) -> Iterator[str]:
    beside = month.beside
    others = [other for use in beside.uses for other in use.others.values()]
    if not beside.uses:
        yield words.say("beside.unknown" if month.whole else "beside.part")
        return
    if beside.first_month and not others:
        yield words.say("beside.first")
    elif not others:
        yield words.say("beside.none")
    if any(use.like_home is not None for use in beside.uses):
        yield words.say("beside.like")
    elif beside.few_homes:
        yield words.say("compare.few_homes")
    yield from _weather_notes(beside, words)


def _weather_notes(beside: MonthBeside, words: Catalogue) -> Iterator[str]:
    heat = [
        other for use in beside.uses if counts_heat(use.quantity) for other in use.others.values()
    ]
    adjusted = [words.month(other.period.start) for other in heat if other.by_weather]
    if heat and len(adjusted) == len(heat):
        yield words.say("beside.weather")
    elif adjusted:
        yield words.say("beside.weather_of", month=adjusted[0])
    elif heat:
        yield words.say("beside.no_weather")


def changed_section(month: HomeMonth, words: Catalogue) -> Section | None:
    """Return what changed since the month before, else since the year before."""
    items = [*_need(month.beside, words), *_changes(month.beside, words)]
    return {"heading": words.say("changed.heading"), "items": items} if items else None


def _need(beside: MonthBeside, words: Catalogue) -> Iterator[str]:
    change = beside.heat_need_change
    told = any(counts_heat(use.quantity) and "month" in use.others for use in beside.uses)
    if told and change is not None and abs(change) >= beside_rules().weather_change_least:
        percent = words.percent(round(abs(change) * 100))
        yield words.say(f"changed.need.{'more' if change > 0 else 'less'}", percent=percent)


def _changes(beside: MonthBeside, words: Catalogue) -> Iterator[str]:
    for use in beside.uses:
        change = None if use.estimated else use.change
        if change is None:
            continue
        since: Before = "month" if "month" in use.others else "year"
        by_weather = use.others[since].by_weather
        how = "more" if change > 0 else "less"
        if abs(change) < beside_rules().change_least:
            how = "same"
        yield words.say(
            f"changed.{since}.{how}{'.weather' if by_weather else ''}",
            name=_name(use, words),
            percent=words.percent(round(abs(change) * 100)),
        )


def year_section(month: HomeMonth, words: Catalogue) -> Section | None:
    """Return the cost of a year like this month, as a range; None if it is unknown."""
    if month.year is None:
        return None
    low, high = (words.about(each, month.building.currency) for each in month.year)
    return {
        "heading": words.say("twelve.heading"),
        "text": words.say("twelve.text", low=low, high=high),
        "why": words.say("twelve.why"),
        "low": low,
        "high": high,
        "low_share": month.year.low_ore / month.year.high_ore,
    }
