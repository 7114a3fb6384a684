"""An alert in words: what was seen, since when, its cost, what to check, whom to ask."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from alerts.life.states import State
from alerts.model import OF_DEVICES, SAID
from correspondence.contacts import contact_for
from correspondence.phrases import contact_words, cut
from correspondence.text_message import longest_fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alerts.life.case import Case
    from correspondence.catalogue import Catalogue
    from estate.model import Estate

HOURS_A_DAY = 24
LITRES_PER_M3 = 1000
QUANTITIES = {
    "cold_water": "cold_water_m3", "hot_water": "hot_water_m3", "heat": "heat_kwh",
    "electricity": "electricity_kwh",
}  # fmt: skip
"""The register that each kind of meter counts, and by which it is charged."""
HALF = 0.5
MOST_WITH_LINK = 4
"""What is left out for a link at most: the first step and whom to ask stay."""


@dataclass(frozen=True)
class Told:
    """
    An alert, and what is reported about it.

    Attributes
    ----------
    case : Case
    about : State
        `NEW`, `REOPENED`, `CLEARED` or `WITHDRAWN`.
    """

    case: Case
    about: State


@dataclass(frozen=True)
class Written:
    """A message in words; paragraphs of the text are separated by an empty line."""

    subject: str
    short: str
    text: str
    html: str


def resident_message(
    estate: Estate,
    told: Sequence[Told],
    words: Catalogue,
    prices_ore: Mapping[str, float],
    link: str = "",
    *,
    several_homes: bool = False,
) -> Written:
    """
    Write the message to a home.

    Parameters
    ----------
    estate : Estate
    told : sequence of Told
        Of one home.
    words : Catalogue
    prices_ore : mapping of str to float
        Of a unit of each quantity; if it is missing, no cost is stated. [øre]
    link : str, optional
        Where the questions are answered.
    several_homes : bool, optional
        Whether the reader has other homes, so that a text message too must say which it is about.
    """
    said = [_Alert(estate, each.case, words, prices_ore) for each in told]
    parts = [_paragraphs(each, one.about, words) for each, one in zip(said, told, strict=True)]
    title = _title(said[0], told[0].about, words)
    subject = title if len(told) == 1 else words.counted("message.about", len(told))
    address = words.say("message.address", address=cut(said[0].address))
    if len(parts) > 1:
        # On paper and in plain text, a number marks where the next one begins.
        parts = [[f"{number}. {part[0]}", *part[1:]] for number, part in enumerate(parts, 1)]
    lines = [line for part in parts for line in part]
    if several_homes or not said[0].protected:
        lines.insert(0, address)
    answer = words.say("message.answer.link", link=link) if link else ""
    shorts = _shorts(said, told, words, subject)
    if several_homes:
        shorts = [f"{address} {each}" for each in shorts]
    # A text message has the complete link or none.
    with_link = [f"{each} {answer}" for each in shorts if answer]
    short = longest_fit([*with_link[:MOST_WITH_LINK], *shorts])
    return _written(subject, short, [*lines, answer] if answer else lines)


def staff_message(
    estates: Mapping[str, Estate], told: Sequence[Told], words: Catalogue, *, urgent: bool = False
) -> Written:
    """
    Write the message to staff: one, however many alerts there are.

    Parameters
    ----------
    estates : mapping of str to Estate
    told : sequence of Told
    words : Catalogue
    urgent : bool, optional
        Whether it concerns danger in homes that cannot be reached.
    """
    said = [_Alert(estates[each.case.building], each.case, words, {}) for each in told]
    if urgent and len(told) > 1:
        subject = words.counted("message.staff.urgent", len(told))
    elif urgent:
        first = said[0]
        where = cut(first.address)
        subject = words.say("message.staff.danger", title=first.now, address=where)
    else:
        subject = words.counted("message.staff", len(told))
    lines = [_staff_line(each, one.about, words, urgent=urgent) for each, one in
             zip(said, told, strict=True)]  # fmt: skip
    short = longest_fit([f"{subject}. {lines[0]}", f"{subject}."])
    return _written(subject, short, lines)


class _Alert:
    """One alert in the words of a language."""

    def __init__(
        self, estate: Estate, case: Case, words: Catalogue, prices_ore: Mapping[str, float]
    ) -> None:
        self.case = case
        self._estate, self._words, self._prices_ore = estate, words, prices_ore
        places = estate.placements.get(case.device, ())
        self._meter = places[0].kind if places else _kind_of(str(case.evidence.get("quantity", "")))

    @property
    def address(self) -> str:
        number = self._estate.flat_index.get(self.case.flat)
        if number is None:
            return self._estate.building.address
        return self._estate.flats[number].address

    @property
    def protected(self) -> bool:
        """Whether somebody there has a protected address, to be written only where it is needed."""
        persons = self._estate.persons
        return any(each.protected and each.tenancy == self.case.tenancy for each in persons)

    @property
    def now(self) -> str:
        """What is going on."""
        words, of_one = self._words, f"message.{self.case.kind}.now_of"
        if self.case.kind in OF_DEVICES and self.case.device and f"device.{self._meter}" in words:
            fault = f"fault.{self.case.evidence.get('fault')}"
            return words.say(
                of_one,
                meter=words.say(f"device.{self._meter}"),
                device=self.case.device,
                fault=words.say(fault) if fault in words else "",
            )
        if room := self.case.evidence.get("room"):
            return words.say(f"message.{self.case.kind}.now_in", room=cut(str(room)))
        if of_one in words and f"meter.{self._meter}" in words:
            return words.say(of_one, meter=words.say(f"meter.{self._meter}"))
        return self._said("now")

    @property
    def then(self) -> str:
        """What it was."""
        return self._words.say(f"alert.{self.case.kind}.title")

    @property
    def check(self) -> str:
        return self._said("check")

    @property
    def question(self) -> str:
        return self._said("question")

    @property
    def contact(self) -> str:
        building = self._estate.building
        contact = contact_for(self.case.kind, building.contacts)
        return contact_words(contact, self._words, building.language)

    def moment(self, time_ms: int) -> dict[str, str]:
        """Return an instant's day and time of day, in the building's local time."""
        local = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(self._estate.building.zone)
        return {"day": self._words.day(local.date()), "time": self._words.clock(local)}

    @property
    def since(self) -> str:
        return self._words.say("message.since", **self.moment(self.case.start_ms))

    @property
    def homes(self) -> int:
        """How many homes of a building it concerns; 0 for a single home's own."""
        return int(self.case.evidence.get("homes", 0))

    @property
    def amount(self) -> str:
        """The amount; empty if it was not measured on the tenancy's own days."""
        found, words = self.case.evidence, self._words
        if "flow_l_per_h" in found:
            return words.say("message.flow", flow=words.number(found["flow_l_per_h"]))
        if SAID in found:
            return words.say("message.said")
        for unit, key in (("l", "message.litres"), ("kwh", "message.kwh")):
            if f"used_{unit}" in found:
                used, expected = (
                    words.say(key, number=words.number(found[f"{name}_{unit}"]))
                    for name in ("used", "expected")
                )
                days = found.get("high_days", 1)
                return words.counted("message.more", days, used=used, expected=expected)
        return ""

    @property
    def cost(self) -> str:
        """The cost per day; empty if no price is known."""
        price_ore = self._prices_ore.get(QUANTITIES.get(self._meter, ""))
        units = self._units_a_day()
        if price_ore is None or units is None:
            return ""
        amount = self._words.about(round(units * price_ore), self._estate.building.currency)
        return self._words.say("message.cost", amount=amount)

    def _units_a_day(self) -> float | None:
        found = self.case.evidence
        if "flow_l_per_h" in found:
            return float(found["flow_l_per_h"]) * HOURS_A_DAY / LITRES_PER_M3
        days = found.get("high_days")
        for unit, divisor in (("l", LITRES_PER_M3), ("kwh", 1)):
            if days and f"used_{unit}" in found:
                more = float(found[f"used_{unit}"]) - float(found[f"expected_{unit}"])
                return more / float(days) / divisor
        return None

    @property
    def _variant(self) -> str:
        """What a kind's wording depends on: its meter, a device's fault, or a cold wall."""
        if float(self.case.evidence.get("wall_share", 0.0)) > HALF:
            return "wall"
        return str(self.case.evidence.get("fault", self._meter))

    def _said(self, what: str) -> str:
        key = f"message.{self.case.kind}.{what}"
        of_variant = f"{key}.{self._variant}"
        return self._words.say(of_variant if of_variant in self._words else key)


def _kind_of(quantity: str) -> str:
    return next((kind for kind, name in QUANTITIES.items() if name == quantity), "")


def _title(alert: _Alert, about: State, words: Catalogue) -> str:
    if about is State.CLEARED:
        return words.say("message.over", title=alert.then).rstrip(".")
    if about is State.WITHDRAWN:
        return words.say("message.mistaken", title=alert.then).rstrip(".")
    return alert.now


def _paragraphs(alert: _Alert, about: State, words: Catalogue) -> list[str]:
    reference = words.say("message.reference", id=alert.case.id)
    title = f"{_title(alert, about, words)}."
    if about is State.CLEARED:
        first, last = alert.moment(alert.case.start_ms), alert.moment(alert.case.end_ms)
        named = {f"from_{name}": value for name, value in first.items()}
        named |= {f"to_{name}": value for name, value in last.items()}
        return [f"{title} {words.say('message.over.times', **named)}", reference]
    if about is State.WITHDRAWN:
        return [f"{title} {words.say('message.mistaken.do')}", reference]
    again = words.say("message.again") if about is State.REOPENED else ""
    seen = " ".join(each for each in (title, again, alert.since, alert.amount, alert.cost) if each)
    ask = f"{alert.question} {words.say('message.answer')}"
    return [seen, alert.check, alert.contact, ask, reference]


def _shorts(
    said: Sequence[_Alert], told: Sequence[Told], words: Catalogue, subject: str
) -> list[str]:
    """Return versions of a text message, the fullest first; what to check is dropped last."""
    titles = [f"{_title(each, one.about, words)}." for each, one in zip(said, told, strict=True)]
    first = said[0]
    if told[0].about in (State.CLEARED, State.WITHDRAWN):
        return [" ".join(titles), f"{subject}."]
    if len(said) > 1:
        return [f"{' '.join(titles)} {first.contact}", f"{subject}. {first.contact}", f"{subject}."]
    step = first.check.partition(". ")[0].rstrip(".") + "."
    return [
        f"{titles[0]} {first.since} {first.check} {first.contact}",
        f"{titles[0]} {first.check} {first.contact}",
        f"{titles[0]} {step} {first.contact}",
        f"{titles[0]} {first.contact}",
        titles[0],
    ]


def _staff_line(alert: _Alert, about: State, words: Catalogue, *, urgent: bool) -> str:
    where = alert.address
    if alert.homes:
        where = words.counted("message.staff.homes", alert.homes, building=cut(where))
    unreached = words.say("message.staff.unreached") if urgent and not alert.homes else ""
    empty = "" if urgent or alert.case.tenancy or alert.homes else words.say("message.staff.empty")
    title = f"{_title(alert, about, words)}."
    reference = words.say("message.reference", id=alert.case.id)
    said = [f"{cut(where)}:", title]
    if about not in (State.CLEARED, State.WITHDRAWN):
        said += [alert.since, alert.amount, alert.check, unreached, empty]
    return " ".join(each for each in (*said, reference) if each)


def _written(subject: str, short: str, paragraphs: Sequence[str]) -> Written:
    body = "\n".join(f"<p>{html.escape(each)}</p>" for each in paragraphs)
    return Written(subject, short, "\n\n".join(paragraphs), f"<html><body>\n{body}\n</body></html>")
