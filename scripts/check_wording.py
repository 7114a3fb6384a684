"""Finds words that read like a translation; ``wording.tsv`` says what to write instead."""

import re
import subprocess
import sys
from pathlib import Path

WORDS = Path(__file__).with_name("wording.tsv")
READ = ("*.py", "*.yaml", "*.md")
NOT_READ = (":!tests", ":!docs/adr", ":!CHANGELOG.md", ":!*/da.yaml", ":!scripts")


def main() -> int:
    """Report every hit with file, line and remedy."""
    rows = [line.split("\t") for line in WORDS.read_text("utf-8").splitlines()]
    patterns = [(re.compile(pattern), instead) for pattern, instead in rows]
    listed = subprocess.run(  # noqa: S603  only our own words
        ["git", "ls-files", *READ, *NOT_READ],  # noqa: S607  from the path, as everywhere
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    hits = [
        f"{file}:{number}: '{found.group()}': {instead}"
        for file in listed
        for number, line in enumerate(Path(file).read_text("utf-8").splitlines(), start=1)
        for pattern, instead in patterns
        if (found := pattern.search(line))
    ]
    sys.stdout.writelines(f"{hit}\n" for hit in hits)
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main())
