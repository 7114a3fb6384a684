"""
The page of docs/ about purposes, made from the table.

    python -m estate.purposes.page > docs/purposes.md
"""

from __future__ import annotations

import sys

from estate.purposes.table import purposes

HEAD = """\
# What is measured for what

Made from `estate/purposes/purposes.yaml` by `make pages`. Ingest, retention and access obey this
table: what no row keeps is deleted, and what no row shows somebody is not shown to them. Climate of
a home (rows with *agreed*) is stored on days alone that the resident has agreed to, by
`climate_from`, `climate_to` and `climate_refused` of tenancies.csv; else it is dropped where it
arrives. A resident sees their own days, whatever form; `case` is staff while the resident opens a
case for them.

| purpose | quantities | form | lawful basis (GDPR) | agreed | seen by | kept | why so long |
|---|---|---|---|---|---|---|---|
"""


def page() -> str:
    """Return the page."""
    rows = []
    for name, each in purposes().items():
        cells = (
            f"**{name}**: {each.says}",
            ", ".join(f"`{quantity}`" for quantity in sorted(each.quantities)),
            each.form, each.basis, "yes" if each.agreed else "no",
            ", ".join(sorted(each.seen_by)), f"{each.kept_days} days", each.source,
        )  # fmt: skip
        rows.append("| " + " | ".join(cells) + " |")
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
