"""The shipped profiles and their columns: ``python -m billing.exchange.page``, a page of docs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from billing.exchange.columns import tables
from billing.exchange.profile import load_profile, shipped_profiles

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """\
# Profiles and columns

What files for other systems may hold, and how those are laid out that are shipped.
[Exchange](exchange.md) says how to use them and how to write one of your own.

Made from `billing/exchange/profiles` and `billing/exchange/columns.yaml` by `make docs`.

## Shipped profiles

`--set NAME=VALUE` tells a parameter; one in brackets has a value of its own.

| profile | table | format | code page | parameters | what it is |
|---|---|---|---|---|---|
"""


def exchange_page() -> str:
    """Write the page in Markdown."""
    return HEAD + "".join(_profiles()) + "".join(_tables())


def _profiles() -> Iterator[str]:
    for name in shipped_profiles():
        profile = load_profile(name)
        parameters = ", ".join(
            f"`{key}`" if each.default is None else f"[`{key}`]"
            for key, each in profile.parameters.items()
        )
        page = "" if profile.format == "xlsx" else profile.encoding
        cells = (f"`{name}`", f"`{profile.table}`", profile.format, page, parameters)
        yield f"| {' | '.join(cells)} | {profile.description} |\n"


def _tables() -> Iterator[str]:
    for name, table in tables().items():
        yield f"\n## {name}\n\n{table.meaning[0].upper()}{table.meaning[1:]}.\n\n"
        yield "| column | kind | what stands there |\n|---|---|---|\n"
        for column, each in table.columns.items():
            yield f"| `{column}` | {each.kind} | {each.meaning} |\n"


if __name__ == "__main__":
    sys.stdout.write(exchange_page())
