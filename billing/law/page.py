"""Schemes and law as a page: ``python -m billing.law.page > docs/law.md``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from billing.law.statement_fields import statement_fields
from billing.law.table import law_rules
from billing.schemes import scheme_versions, shipped_schemes
from billing.shown import percent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from billing.schemes import Component, Scheme

HEAD = """\
# Schemes and law

What each shipped scheme splits, and the rules of its country's law that a bill is checked against.
These are facts from the sources named, not legal advice; the text of the law decides. A country
or a rule that is not listed is not checked. Generated from `billing/schemes`,
`billing/law/law.yaml` and `billing/law/statement_fields.yaml` by `make docs`.

"""
SCHEMES = """\
## Schemes

| scheme | country | from | item | split by | source |
|---|---|---|---|---|---|
"""
RULES = """
## Rules

A row is valid from its day until a later one of the same rule and country; a member state's own row
overrides that of the EU. For the effect of a violation see
[findings](findings.md).

| rule | country | from | value | unit | source |
|---|---|---|---|---|---|
"""
FIELDS = """
## Required contents of a statement

Checked for statements of an accounting year.

| field | country | from | meaning | where it comes from | source |
|---|---|---|---|---|---|
"""


def law_page() -> str:
    """Write the page in Markdown."""
    return "".join([HEAD, SCHEMES, *_schemes(), RULES, *_rules(), FIELDS, *_fields()])


def _row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |\n"


def _schemes() -> Iterable[str]:
    versions = (version for name in shipped_schemes() for version in scheme_versions(name))
    for scheme in versions:
        for item, components in scheme.items.items():
            parts = ", ".join(_part(each) for each in components)
            source = f"{parts}{_derived(scheme, item)}"
            row = (f"`{scheme.id}`", scheme.country, scheme.valid_from, item, source, scheme.source)
            yield _row(row)


def _part(component: Component) -> str:
    extras = [
        text
        for text, there in (
            ("position factor", component.position),
            (f"season {' to '.join(component.season or ())}", component.season),
            (f"floor {component.floor_c} °C", component.floor_c is not None),
            (f"without meters {component.without_meters}", component.without_meters),
        )
        if there
    ]
    more = f" ({', '.join(extras)})" if extras else ""
    return f"{percent(component.fraction)} `{component.key}`{more}"


def _derived(scheme: Scheme, item: str) -> str:
    rule = scheme.derive.get(item)
    return f"; out of {rule.source} by {', else '.join(rule.by)}" if rule else ""


def _rules() -> Iterable[str]:
    for row in law_rules():
        value = ", ".join(row.value) if isinstance(row.value, tuple) else row.value
        shown = "yes" if value is True else value
        yield _row((f"`{row.rule}`", row.country, row.start, shown, row.unit, row.source))


def _fields() -> Iterable[str]:
    for row in statement_fields():
        yield _row((f"`{row.field}`", row.country, row.start, row.meaning, row.where, row.source))


if __name__ == "__main__":
    sys.stdout.write(law_page())
