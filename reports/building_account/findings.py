"""Findings of a building account, or of an accountant's page, in the language of the page."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

from correspondence.phrases import cut, known
from estate.findings import finding_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from billing.bill.documents import FindingDocument
    from correspondence.catalogue import Catalogue
    from estate.findings import Finding

LONGEST = 400
ABOUT = ("tenancy", "tenancies", "flat", "flats", "device", "item", "items", "component", "run")
"""Facts of a finding that say what it is about; of several the first counts."""
TOLD = ("billing.", "estate.", "evidence.", "ledger.", "reports.")
"""With what the names of findings begin that accountants are told."""
TRANSLATED = ("da", "de")
"""Languages with a file of texts; findings are written in English."""
NAMED = 8
"""Of one finding's homes, meters or items; the others are counted."""


def finding_lines(findings: Iterable[Finding | FindingDocument], words: Catalogue) -> list[str]:
    """
    Describe the findings, in one line per name if the language has a text for it.

    Findings are written in English. In another language a line says what they mean and what they
    are about; their numbers stand in ``findings.csv``.
    """
    texts = finding_texts(words.language)
    lines: list[str] = []
    about: dict[str, list[str]] = {}
    for each in findings:
        if each.name not in texts:
            lines.append(each.message[:LONGEST])
        else:
            about.setdefault(each.name, []).extend(_about(each, words))
    return [_line(texts[name], whose, words) for name, whose in about.items()] + lines


def finding_texts(language: str) -> Mapping[str, str]:
    """Return the meanings of findings in a language, by name; none for the language of findings."""
    return _texts().get(language, {})


def names_told() -> frozenset[str]:
    """Return the names of findings that may stand in an account, or on a page for accountants."""
    return frozenset(name for name in finding_kinds() if name.startswith(TOLD))


def _line(text: str, whose: Sequence[str], words: Catalogue) -> str:
    named = list(dict.fromkeys(whose))
    if not named:
        return f"{text}."
    told = ", ".join(named[:NAMED])
    more = len(named) - NAMED
    if more > 0:
        told = words.say("building_account.and_more", names=told, number=str(more))
    return f"{text}: {told}."


def _about(finding: Finding | FindingDocument, words: Catalogue) -> list[str]:
    name = next((name for name in ABOUT if finding.data.get(name)), None)
    if name is None:
        return _place(finding, words)
    value = finding.data[name]
    values = value if isinstance(value, list | tuple) else [value]
    return [_name(str(each), name, words) for each in values]


def _place(finding: Finding | FindingDocument, words: Catalogue) -> list[str]:
    """Return where in a file something was found; empty if it is not in a file."""
    data = finding.data
    where = [str(data[each]) for each in ("file", "column") if data.get(each)]
    if data.get("row"):
        where.insert(1, words.say("building_account.row", number=str(data["row"])))
    return [cut(" ".join(where))] if where else []


def _name(value: str, kind: str, words: Catalogue) -> str:
    return known(f"item.{value}", value, words) if kind in ("item", "items") else cut(value)


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    folder = resources.files("reports.building_account")
    return {
        language: yaml.safe_load(folder.joinpath(f"{language}.yaml").read_text("utf-8"))
        for language in TRANSLATED
    }
