"""The commands of a page of docs/, as one script of the shell."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
BLOCKS = re.compile(r"```sh ?(\w*)\n(.*?)```", flags=re.DOTALL)


CLUSTER = "cluster"
"""Label of what needs a cluster and buildings to bill; a test of its own runs it."""


def page_script(page: str, *, install: bool) -> str:
    """
    Return the commands of a page in their order; the script ends at the first that fails.

    Parameters
    ----------
    page : str
        Name of the file.
    install : bool
        Whether those that install the program are among them.
    """
    blocks = BLOCKS.findall((DOCS / page).read_text("utf-8"))
    assert blocks
    left_out = {CLUSTER} if install else {CLUSTER, "install"}
    return _script(text for label, text in blocks if label not in left_out)


def labelled_script(page: str, label: str) -> str:
    """Return the commands of a page that have a label, as one script."""
    blocks = BLOCKS.findall((DOCS / page).read_text("utf-8"))
    return _script(text for each, text in blocks if each == label)


def _script(texts: Iterable[str]) -> str:
    return "set -euo pipefail\n" + "".join(texts)


if __name__ == "__main__":
    sys.stdout.write(page_script("thirty-minutes.md", install=True))
