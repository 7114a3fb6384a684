"""The commands of a page of docs/, as one script of the shell."""

from __future__ import annotations

import re
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
BLOCKS = re.compile(r"```sh ?(\w*)\n(.*?)```", flags=re.DOTALL)


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
    chosen = [text for label, text in blocks if install or label != "install"]
    return "set -euo pipefail\n" + "".join(chosen)


if __name__ == "__main__":
    sys.stdout.write(page_script("thirty-minutes.md", install=True))
