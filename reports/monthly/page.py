"""The words of a page: from figures and a catalogue to finished strings and shares."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from correspondence.catalogue import catalogue
from correspondence.phrases import (
    address_lines,
    contact_words,
    cut,
    last_day,
    period_words,
)
from reports.costs import cost_rows, shadow_words
from reports.monthly.beside_text import DECIMALS, beside_section, changed_section, year_section
from reports.monthly.climate import climate_rules
from reports.monthly.climate_text import climate_section
from reports.monthly.closing import foot_sections, whom_section
from reports.monthly.figures import ClimateState, Payment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from correspondence.catalogue import Catalogue
    from reports.monthly.climate import ClimateMonth
    from reports.monthly.figures import HomeMonth
    from reports.monthly.notices import Notice

Page = dict[str, Any]

MOST_NOTICES = 3


@cache
def palette() -> dict[str, dict[str, str]]:
    """Return the appearance of each shade, on paper and on screen."""
    text = resources.files("reports.monthly").joinpath("palette.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))


def page_of(month: HomeMonth) -> Page:
    """
    Put a page into words.

    Returns
    -------
    dict
        JSON-able; input of ``templates/monthly.typ``. Neither a name nor an address appears
        outside of ``address``.
    """
    words = catalogue(month.language)
    return {
        "language": month.language,
        "title": _title(month, words),
        "sender": cut(month.building.organisation or month.building.name),
        "address": address_lines(month.address, words),
        "reference": words.say("reference", tenancy=month.tenancy),
        "period": period_words(month.period, words),
        "amount": _amount(month, words),
        "kind": _kind(month, words),
        "alerts": _alerts(month, words) if month.notices else None,
        "beside": beside_section(month, words),
        "climate": climate_section(month, words),
        "changed": changed_section(month, words),
        "advice": {
            "heading": words.say("advice.heading"),
            "items": [_advice(name, month, words) for name in month.advice],
        },
        "year": year_section(month, words),
        "whom": whom_section(month, words),
        "next": words.say("page.next"),
        "costs": _costs(month, words),
        "online": None,
        "foot": foot_sections(month, words),
        "palette": palette(),
        "attached": month.document,
        "attached-as": words.say("attached"),
    }


def _title(month: HomeMonth, words: Catalogue) -> str:
    first, last = month.period.start, last_day(month.period)
    if (first.year, first.month) == (last.year, last.month):
        return words.say("title", month=words.month(first))
    return words.say("title.days", first=words.day(first), last=words.full_date(last))


def _kind(month: HomeMonth, words: Catalogue) -> str:
    """
    Return the kind of month: a partial one, one without measurements, or how it went.

    Readers should know within half a minute whether something is wrong, even if nothing is.
    """
    lines = []
    if not month.whole:
        came = month.period.start.day > 1
        day = words.day(month.period.start if came else last_day(month.period))
        moved = "moved_in" if came else "moved_out"
        lines.append(words.counted(f"kind.{moved}", month.period.days, day=day))
    if month.dark:
        lines.append(words.say("kind.dark"))
    silent = month.climate_state is ClimateState.UNMEASURED
    if not (lines or month.notices or silent):
        lines.append(_how_it_went(month.climate, month.period.start, words))
    return " ".join(lines)


def _how_it_went(climate: ClimateMonth | None, on: date, words: Catalogue) -> str:
    """Return that nothing was wrong, unless that is not known, or the air says otherwise."""
    rules = climate_rules(on)
    if climate is not None and climate.measured_share < rules.known_share:
        measured, hours = words.number(climate.measured_hours), words.number(climate.hours)
        return words.say("kind.gaps", measured=measured, hours=hours)
    if climate is not None and any(each.is_often_red(rules) for each in climate.quantities):
        return words.say("kind.poor_air")
    return words.say("kind.well")


def _advice(name: str, month: HomeMonth, words: Catalogue) -> str:
    saving_ore = month.savings.get(name)
    if saving_ore is None:
        return words.say(f"advice.{name}")
    amount = words.about(saving_ore, month.building.currency)
    return words.say(f"advice.{name}.saves", amount=amount)


def _amount(month: HomeMonth, words: Catalogue) -> Page:
    if month.payment is Payment.UNKNOWN:
        value, notes = words.say("amount.unknown"), [words.say("amount.unknown.explain")]
        return {"label": words.say("amount.cost"), "value": value, "mark": None, "notes": notes}
    label = "cost" if month.payment is not Payment.DUE else "due"
    if month.amount_ore <= 0:
        label = "credit" if month.amount_ore < 0 else "nothing"
    notes = []
    if month.payment is Payment.TRIAL:
        notes.append(words.say("trial.explain"))
    elif month.payment is Payment.ON_ACCOUNT:
        notes.append(_on_account(month, words))
    return {
        "label": words.say(f"amount.{label}"),
        "value": _money(abs(month.amount_ore), month, words),
        "mark": _mark(month, words),
        "notes": notes,
    }


def _mark(month: HomeMonth, words: Catalogue) -> str | None:
    if month.trial:
        return words.say("trial.mark")
    return None if month.priced_by is None else words.say("priced.mark")


def _on_account(month: HomeMonth, words: Catalogue) -> str:
    if month.aconto_ore is None:
        return words.say("on_account.unknown")
    return words.say("on_account", amount=_money(month.aconto_ore, month, words))


def _costs(month: HomeMonth, words: Catalogue) -> Page:
    rows = cost_rows(month.costs, month.building.currency, words)
    total = {"what": words.say("costs.total"), "amount": _money(month.amount_ore, month, words)}
    notes = [] if rows else [words.say("costs.unknown")]
    if isinstance(month.priced_by, date):
        notes.append(words.say("priced.tariff", day=words.full_date(month.priced_by)))
    elif month.priced_by is not None:
        notes.append(words.say("priced.explain", day=words.full_date(last_day(month.priced_by))))
    notes += _known_uses(month, words)
    if month.shadow_ore is not None:
        shadow = shadow_words(
            month.amount_ore,
            month.shadow_ore,
            month.building.currency,
            words,
            by_climate=month.shadow_by_climate,
        )
        notes.append(shadow)
    return {
        "heading": words.say("costs.heading"),
        "columns": [words.say(f"costs.column.{name}") for name in ("what", "share", "amount")],
        "rows": rows,
        "sums": [total] if len(rows) > 1 else [],
        "notes": notes,
    }


def _known_uses(month: HomeMonth, words: Catalogue) -> list[str]:
    """Return the use in words, and how it is known: measured, partly, or not."""
    lines = []
    if month.metered:
        lines.append(words.say("costs.metered", uses=_uses(month.metered, words)))
    for each in month.estimated:
        uses = _uses(each.uses, words)
        lines.append(words.counted(f"costs.{each.method}", each.hours, uses=uses))
    return lines + [
        words.say("costs.no_meter", what=words.say(f"meter.{kind}")) for kind in month.without_meter
    ]


def _uses(uses: Sequence[tuple[str, float]], words: Catalogue) -> str:
    return ", ".join(
        words.say(f"use.{quantity}", number=words.number(use, DECIMALS.get(quantity, 0)))
        for quantity, use in uses
        if f"use.{quantity}" in words
    )


def _alerts(month: HomeMonth, words: Catalogue) -> Page:
    notices, written_in = month.notices, month.building.language
    items = [_notice(notice, written_in, words) for notice in notices[:MOST_NOTICES]]
    more = words.say("alerts.more") if len(notices) > len(items) else ""
    return {"heading": words.say("alerts.heading"), "items": items, "more": more}


def _notice(notice: Notice, written_in: str, words: Catalogue) -> Page:
    kind = f"alert.{notice.kind}" if f"alert.{notice.kind}.title" in words else "alert.other"
    title = words.say(f"{kind}.title")
    if f"{kind}.title_of" in words and f"meter.{notice.meter}" in words:
        title = words.say(f"{kind}.title_of", meter=words.say(f"meter.{notice.meter}"))
    of_meter = f"{kind}.do.{notice.meter}"
    what_to_do = words.say(of_meter if of_meter in words else f"{kind}.do")
    return {
        "title": title,
        "text": f"{_when(notice, words)} {what_to_do}",
        "contact": contact_words(notice.contact, words, written_in),
    }


def _when(notice: Notice, words: Catalogue) -> str:
    first, last = words.day(notice.first), words.day(notice.last)
    if notice.count > 1:
        return words.say("alerts.times", count=notice.count, last=last)
    if notice.first == notice.last:
        return words.say("alerts.on", first=first)
    return words.say("alerts.since", first=first, last=last)


def _money(amount_ore: int, month: HomeMonth, words: Catalogue) -> str:
    return words.money(amount_ore, month.building.currency)
