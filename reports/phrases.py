"""Phrases that every page shares: who and where, what an amount is for, whom to ask."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from reports.climate_words import whole_percents
from reports.home_month import CostLine
from reports.texts import NO_BREAK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from estate.model import Contact
    from estate.periods import Period
    from reports.address import AddressBlock
    from reports.texts import Catalogue

MOST_COST_LINES = 6
MOST_NAMES = 3
LONGEST = 90
"""Characters of a text from outside; beyond, it is cut, so that one page stays one page."""


def cut(text: str) -> str:
    """Cut a text from outside that is too long for a line or two."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def known(key: str, name: str, words: Catalogue) -> str:
    """Give the text of a key, or its bare name where no catalogue knows it."""
    return words.say(key) if key in words else cut(name).replace("_", " ").capitalize()


def key_words(key: str, words: Catalogue, *, estimated: bool = False) -> str:
    """Say what a component is split by; shares of several kinds by their own name."""
    if estimated:
        return words.say("key.estimated")
    base, _, name = key.partition(":")
    said = known(f"key.{base}", base, words)
    return f"{said} ({cut(name)})" if name else said


def last_day(period: Period) -> date:
    """Give the last day of a period."""
    return period.end - timedelta(days=1)


def period_words(period: Period, words: Catalogue) -> str:
    """Say which days a page covers."""
    first, last = words.full_date(period.start), words.full_date(last_day(period))
    return words.say("period.days", first=first, last=last)


def address_lines(block: AddressBlock, words: Catalogue) -> list[str]:
    """Give the lines of an address block; none where delivery needs none."""
    if not block.names and block.address is None and not block.missing:
        return []
    names = [cut(name) for name in block.names[:MOST_NAMES]] or [words.say("address.resident")]
    if block.missing or block.address is None:
        return [*names, words.say("address.missing")]
    # The postal district stands on a line of its own.
    lines = re.split(r",\s*(?=\d{4,5}\s)|\n", block.address)
    return [*names, *(cut(line.strip()) for line in lines)]


def cost_rows(costs: Sequence[CostLine], currency: str, words: Catalogue) -> list[dict[str, Any]]:
    """Give a table's rows of what an amount is made up of, the smallest ones as one."""
    lines = _largest_lines(costs)
    percents = whole_percents([max(line.amount_ore, 0) for line in lines])
    return [
        {
            "what": _component(line, words),
            "share": line.share,
            "share_text": words.percent(percent) if line.amount_ore >= 0 else "",
            "amount": words.money(line.amount_ore, currency),
        }
        for line, percent in zip(lines, percents, strict=True)
    ]


def _largest_lines(costs: Sequence[CostLine]) -> list[CostLine]:
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
    item = known(f"item.{line.item}", line.item, words)
    return words.say(
        "costs.line", item=item, key=key_words(line.key, words, estimated=line.estimated)
    )


def shadow_words(
    amount_ore: int, shadow_ore: int, currency: str, words: Catalogue, *, by_climate: bool
) -> str:
    """Say what the other scheme would have cost: the rules for meters, or the measured climate."""
    key = "costs.shadow_climate" if by_climate else "costs.shadow"
    difference_ore = shadow_ore - amount_ore
    if difference_ore == 0:
        return words.say(f"{key}.same")
    return words.say(
        f"{key}.more" if difference_ore > 0 else f"{key}.less",
        amount=words.money(shadow_ore, currency),
        difference=words.money(abs(difference_ore), currency),
    )


def contact_words(contact: Contact | None, words: Catalogue) -> str:
    """Say whom to call, or to write to."""
    if contact is None:
        return words.say("contact.none")
    about = cut(", ".join(part for part in (contact.topic, contact.hours) if part))
    if contact.phone:
        phone = cut(contact.phone).replace(" ", NO_BREAK)
        return words.say("contact.call", phone=phone, about=about)
    return words.say("contact.write", mail=cut(contact.mail or ""), about=about)
