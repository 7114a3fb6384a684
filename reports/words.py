"""The words of a page: figures and a catalogue in, ready strings and shares out."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from reports.climate_words import climate_section, whole_percents
from reports.home_month import ClimateState, CostLine, Payment
from reports.texts import NO_BREAK, catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from estate.model import Contact
    from reports.home_month import HomeMonth
    from reports.notices import Notice
    from reports.texts import Catalogue

Page = dict[str, Any]

MOST_COST_LINES = 6
MOST_NOTICES = 3
MOST_NAMES = 3
LONGEST = 90
"""Characters of a text from outside; beyond, it is cut, so that one page stays one page."""
DECIMALS = {"hot_water_m3": 1, "cold_water_m3": 1}
"""Decimals of what meters counted; none where a quantity is not listed."""


@cache
def palette() -> dict[str, dict[str, str]]:
    """Read how each shade looks, on paper and on screen."""
    text = resources.files("reports").joinpath("palette.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))


def page_of(month: HomeMonth) -> Page:
    """
    Put a page into words.

    Returns
    -------
    dict
        JSON-able; what ``templates/monthly.typ`` reads. Neither a name nor an address stands
        outside of ``address``.
    """
    words = catalogue(month.language)
    return {
        "language": month.language,
        "title": _title(month, words),
        "sender": _cut(month.building.organisation or month.building.name),
        "address": _address(month, words),
        "reference": words.say("reference", tenancy=month.tenancy),
        "period": _period(month, words),
        "amount": _amount(month, words),
        "costs": _costs(month, words),
        "climate": climate_section(month, words),
        "alerts": _alerts(month.notices, words) if month.notices else None,
        "advice": {
            "heading": words.say("advice.heading"),
            "items": [words.say(f"advice.{name}") for name in month.advice],
        },
        "foot": [_complaint(month, words), _method(month, words)],
        "palette": palette(),
    }


def _title(month: HomeMonth, words: Catalogue) -> str:
    first, last = month.period.start, _last_day(month)
    if (first.year, first.month) == (last.year, last.month):
        return words.say("title", month=words.month(first))
    return words.say("title.days", first=words.day(first), last=words.full_date(last))


def _period(month: HomeMonth, words: Catalogue) -> str:
    first, last = words.full_date(month.period.start), words.full_date(_last_day(month))
    return words.say("period.days", first=first, last=last)


def _last_day(month: HomeMonth) -> date:
    return month.period.end - timedelta(days=1)


def _address(month: HomeMonth, words: Catalogue) -> list[str]:
    block = month.address
    if not block.names and block.address is None and not block.missing:
        return []
    names = [_cut(name) for name in block.names[:MOST_NAMES]] or [words.say("address.resident")]
    if block.missing or block.address is None:
        return [*names, words.say("address.missing")]
    # The postal district stands on a line of its own.
    lines = re.split(r",\s*(?=\d{4,5}\s)|\n", block.address)
    return [*names, *(_cut(line.strip()) for line in lines)]


def _amount(month: HomeMonth, words: Catalogue) -> Page:
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
        "mark": words.say("trial.mark") if month.trial else None,
        "notes": notes,
    }


def _on_account(month: HomeMonth, words: Catalogue) -> str:
    if month.aconto_ore is None:
        return words.say("on_account.unknown")
    return words.say("on_account", amount=_money(month.aconto_ore, month, words))


def _costs(month: HomeMonth, words: Catalogue) -> Page:
    lines = _longest_lines(month.costs)
    percents = whole_percents([max(line.amount_ore, 0) for line in lines])
    total = {"what": words.say("costs.total"), "amount": _money(month.amount_ore, month, words)}
    notes = [] if lines else [words.say("costs.none")]
    if month.metered:
        notes.append(words.say("costs.metered", uses=_uses(month, words)))
    if month.shadow_ore is not None:
        notes.append(_shadow(month, month.shadow_ore, words))
    return {
        "heading": words.say("costs.heading"),
        "columns": [words.say(f"costs.column.{name}") for name in ("what", "share", "amount")],
        "rows": [
            {
                "what": _component(line, words),
                "share": line.share,
                "share_text": words.percent(percent) if line.amount_ore >= 0 else "",
                "amount": _money(line.amount_ore, month, words),
            }
            for line, percent in zip(lines, percents, strict=True)
        ],
        "total": total if len(lines) > 1 else None,
        "notes": notes,
    }


def _longest_lines(costs: Sequence[CostLine]) -> list[CostLine]:
    """Keep the largest lines in their order, and the rest as one."""
    if len(costs) <= MOST_COST_LINES:
        return list(costs)
    by_size = sorted(costs, key=lambda line: -abs(line.amount_ore))
    kept, rest = by_size[: MOST_COST_LINES - 1], by_size[MOST_COST_LINES - 1 :]
    amount_ore = sum(line.amount_ore for line in rest)
    others = CostLine("", "", amount_ore, sum(line.share for line in rest))
    return [*(line for line in costs if line in kept), others]


def _component(line: CostLine, words: Catalogue) -> str:
    if not line.item:
        return words.say("costs.rest")
    item = _known(f"item.{line.item}", line.item, words)
    return words.say("costs.line", item=item, key=_known(f"key.{line.key}", line.key, words))


def _known(key: str, name: str, words: Catalogue) -> str:
    """Give the text of a key, or its bare name where no catalogue knows it."""
    return words.say(key) if key in words else name.replace("_", " ").capitalize()


def _uses(month: HomeMonth, words: Catalogue) -> str:
    return ", ".join(
        words.say(f"use.{quantity}", number=words.number(use, DECIMALS.get(quantity, 0)))
        for quantity, use in month.metered
        if f"use.{quantity}" in words
    )


def _shadow(month: HomeMonth, shadow_ore: int, words: Catalogue) -> str:
    difference_ore = shadow_ore - month.amount_ore
    if difference_ore == 0:
        return words.say("costs.shadow.same")
    return words.say(
        "costs.shadow.more" if difference_ore > 0 else "costs.shadow.less",
        amount=_money(shadow_ore, month, words),
        difference=_money(abs(difference_ore), month, words),
    )


def _alerts(notices: Sequence[Notice], words: Catalogue) -> Page:
    items = [_notice(notice, words) for notice in notices[:MOST_NOTICES]]
    more = words.say("alerts.more") if len(notices) > len(items) else ""
    return {"heading": words.say("alerts.heading"), "items": items, "more": more}


def _notice(notice: Notice, words: Catalogue) -> Page:
    kind = f"alert.{notice.kind}" if f"alert.{notice.kind}.title" in words else "alert.other"
    title = words.say(f"{kind}.title")
    if f"{kind}.title_of" in words and f"meter.{notice.meter}" in words:
        title = words.say(f"{kind}.title_of", meter=words.say(f"meter.{notice.meter}"))
    return {
        "title": title,
        "text": f"{_when(notice, words)} {words.say(f'{kind}.do')}",
        "contact": _contact(notice.contact, words),
    }


def _when(notice: Notice, words: Catalogue) -> str:
    first, last = words.day(notice.first), words.day(notice.last)
    if notice.count > 1:
        return words.say("alerts.times", count=notice.count, last=last)
    if notice.first == notice.last:
        return words.say("alerts.on", first=first)
    return words.say("alerts.since", first=first, last=last)


def _contact(contact: Contact | None, words: Catalogue) -> str:
    if contact is None:
        return words.say("contact.none")
    about = _cut(", ".join(part for part in (contact.topic, contact.hours) if part))
    if contact.phone:
        phone = _cut(contact.phone).replace(" ", NO_BREAK)
        return words.say("contact.call", phone=phone, about=about)
    return words.say("contact.write", mail=_cut(contact.mail or ""), about=about)


def _complaint(month: HomeMonth, words: Catalogue) -> Page:
    lines = [words.say("complain.wrong"), _contact(month.contact, words)]
    if month.building.complaint_board:
        lines.append(words.say("complain.board", board=_cut(month.building.complaint_board)))
    return {"heading": words.say("complain.heading"), "text": " ".join(lines)}


def _method(month: HomeMonth, words: Catalogue) -> Page:
    boxes = month.climate_state in (ClimateState.SHOWN, ClimateState.UNMEASURED)
    lines = [words.say("how.text" if boxes else "how.text_meters")]
    scheme, version = _cut(month.scheme), _cut(month.scheme_version)
    lines.append(words.say("rule.scheme", scheme=scheme, version=version))
    if month.ground:
        lines.append(words.say("rule.ground", ground=_cut(month.ground)))
    elif month.trial:
        lines.append(words.say("rule.ground_missing"))
    if month.estimated_hours:
        lines.append(words.say("how.estimated", hours=month.estimated_hours))
    return {"heading": words.say("how.heading"), "text": " ".join(lines)}


def _money(amount_ore: int, month: HomeMonth, words: Catalogue) -> str:
    return words.money(amount_ore, month.building.currency)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
