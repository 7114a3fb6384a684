"""The table of findings as a page: ``python -m estate.findings_page > docs/findings.md``."""

from __future__ import annotations

import sys

from estate.findings import finding_kinds

HEAD = """\
# Findings

What the data says that somebody must know. A *warning* is kept with the result and the work goes
on; a *disqualification* stops it with exit code 1. Each finding comes with a sentence that names
the place and what to do, and with the numbers that prove it (`--json`, `findings.json`).

Made from `estate/findings.yaml` by `make docs`.

| finding | severity | meaning |
|---|---|---|
"""


def findings_page() -> str:
    """Write the page in Markdown."""
    rows = (
        f"| `{kind.name}` | {kind.severity} | {kind.meaning} |\n"
        for _, kind in sorted(finding_kinds().items())
    )
    return HEAD + "".join(rows)


if __name__ == "__main__":
    sys.stdout.write(findings_page())
