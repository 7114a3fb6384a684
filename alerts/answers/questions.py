"""The question asked with an alert, and the effect of its answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

from alerts.model import AlertKind
from estate.errors import UsageError
from estate.periods import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT = "not_"


class Answer(StrEnum):
    """The possible answers."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True)
class Question:
    """
    A row of ``questions.yaml``; its head says what each column means.

    Attributes
    ----------
    question, label : str
    silent_days : float
    """

    question: str
    label: str
    silent_days: float

    def label_of(self, answer: Answer) -> str:
        """Return the label under which an answer is kept."""
        return self.label if answer is Answer.YES else NOT + self.label

    def silent_until_ms(self, answer: Answer, now_ms: int) -> int:
        """Return until when an answer silences the alert; 0 if it does not. [ms since 1970]"""
        return now_ms + round(self.silent_days * DAY_MS) if answer is Answer.YES else 0


@cache
def questions() -> Mapping[AlertKind, Question]:
    """Return the question for every kind of alert that has one."""
    text = resources.files("alerts.answers").joinpath("questions.yaml").read_text("utf-8")
    return {AlertKind(name): Question(**row) for name, row in yaml.safe_load(text).items()}


def question_of(kind: AlertKind, asked: str) -> Question:
    """
    Return the question for a kind of alert, provided that it is the one that was asked.

    Raises
    ------
    UsageError
        If it is not: an answer to it would mean something else.
    """
    found = questions().get(kind)
    if found is None or found.question != asked:
        own = found.question if found else "none"
        raise UsageError(f"{asked} is not the question of {kind}; that is {own}")
    return found
