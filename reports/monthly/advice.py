"""Advice chosen by rule from what was measured. The rules are data, in ``advice.yaml``."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict

from estate.numbers.values import load_table
from reports.monthly.beside.savings import Saving
from reports.monthly.climate import Shade, Side, climate_rules

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from alerts.model import AlertKind
    from reports.monthly.climate import ClimateMonth


class Advice(NamedTuple):
    """
    A piece of advice.

    Attributes
    ----------
    advice : str
        Its name.
    saving_ore : int or None
        What it may save in a month; None if that is not known. [øre]
    """

    advice: str
    saving_ore: int | None


class AdviceRule(BaseModel):
    """One rule; ``advice.yaml`` explains the conditions. All that are set must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    advice: str
    source: str
    quantity: str | None = None
    side: Side | None = None
    unmeasured: float | None = None
    known: bool = False
    green: float | None = None
    green_days: float | None = None
    months: tuple[int, ...] | None = None
    unless: str | None = None
    not_beside: str | None = None
    saving: Saving | None = None
    only_saving: bool = False

    def fits(self, climate: ClimateMonth, month: int, told: Collection[AlertKind]) -> bool:
        """Return whether every condition of the rule holds."""
        return (
            (self.side is None or self._is_often(climate))
            and (self.unmeasured is None or self._is_gap(climate))
            and (self.green is None or self._is_green(climate))
            and (self.green_days is None or self._has_green_days(climate))
            and (not self.known or self._is_known(climate))
            and (self.months is None or month in self.months)
            and self.unless not in told
        )

    def _is_often(self, climate: ClimateMonth) -> bool:
        return any(
            each.quantity == self.quantity and each.often is self.side
            for each in climate.quantities
        )

    def _is_gap(self, climate: ClimateMonth) -> bool:
        return self.unmeasured is not None and 1 - climate.measured_share >= self.unmeasured

    def _is_known(self, climate: ClimateMonth) -> bool:
        return climate.measured_share >= climate_rules().known_share

    def _has_green_days(self, climate: ClimateMonth) -> bool:
        measured = [each for each in climate.days if each is not Shade.UNMEASURED]
        return measured.count(Shade.GREEN) >= (self.green_days or 0) * len(measured)

    def _is_green(self, climate: ClimateMonth) -> bool:
        measured = [each for each in climate.quantities if each.mean is not None]
        return bool(measured) and all(
            each.hours[Shade.GREEN] >= (self.green or 0) * each.measured_hours for each in measured
        )


class AdviceRules(BaseModel):
    """All rules, the most important first, and how many are printed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    valid_from: date
    most: int
    least: int
    rules: tuple[AdviceRule, ...]
    general: tuple[AdviceRule, ...]


@cache
def advice_rules(on: date | None = None) -> AdviceRules:
    """Return the rules valid on a day; the newest by default."""
    return AdviceRules.model_validate(load_table("reports.monthly", "advice.yaml", on))


def advice_for(
    climate: ClimateMonth | None,
    first_day: date,
    told: Collection[AlertKind],
    savings: Mapping[Saving, int],
) -> tuple[Advice, ...]:
    """
    Choose advice for a page.

    Parameters
    ----------
    climate : ClimateMonth or None
        None if no climate is shown: then only general advice applies.
    first_day : date
        First day of the page.
    told : collection of AlertKind
        Kinds of alert on the page.
    savings : mapping of str to int
        What may be saved in a month, by its name, where it is known. [øre]

    Returns
    -------
    tuple of Advice
        The most important first.
    """
    rules = advice_rules(first_day)
    holding = [
        rule
        for rule in rules.rules
        if climate is not None and rule.fits(climate, first_day.month, told)
    ]
    names = {rule.advice for rule in holding}
    fitting = [rule for rule in holding if rule.not_beside not in names]
    general = [
        rule
        for rule in rules.general
        if rule.not_beside not in names and (rule.saving in savings or not rule.only_saving)
    ]
    chosen = fitting + general[: max(rules.least - len(fitting), 0)]
    return tuple(
        Advice(rule.advice, savings.get(rule.saving) if rule.saving else None)
        for rule in chosen[: rules.most]
    )
