"""The table of findings as a page: ``python -m estate.findings_page > docs/findings.md``."""

from __future__ import annotations

import sys

from estate.findings import finding_kinds

HEAD = """\
# Findings

Problems in the data that somebody must know about. A *warning* is kept with the result and the
work goes on; a *disqualification* stops it with exit code 1. Each finding comes with a sentence
that names the place and what to do, and with the numbers that prove it (`--json`, `findings.json`).

A disqualification marked *may be allowed* lets the work go on where the command is called with
`--allow NAME`; that is recorded in findings.json and run.json and printed on the bill. The others
stop it always: without the missing data there is nothing to compute, or the bill would not add up.

Generated from `estate/findings.yaml` by `make docs`.

| finding | severity | meaning |
|---|---|---|
"""
ALLOW = ", may be allowed"


def findings_page() -> str:
    """Return the page as Markdown."""
    rows = (
        f"| `{kind.name}` | {kind.severity}{ALLOW if kind.allow else ''} | {kind.meaning} |\n"
        for _, kind in sorted(finding_kinds().items())
    )
    return HEAD + "".join(rows)


if __name__ == "__main__":
    sys.stdout.write(findings_page())
