"""
Every benchmark of this folder in the order of names; exit 1 where one is below its target.

    .venv/bin/python -m benchmarks
"""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from pkgutil import iter_modules

import benchmarks


def main() -> int:
    """Run all modules that have a main()."""
    day, cores = datetime.now(UTC).date(), len(os.sched_getaffinity(0))
    print(f"# Benchmarks of {day}, {cores} cores, Python {platform.python_version()}")
    worst = 0
    for name in sorted(each.name for each in iter_modules(benchmarks.__path__)):
        run = (
            None
            if name == "__main__"
            else getattr(import_module(f"benchmarks.{name}"), "main", None)
        )
        if run is not None:
            print(f"\n## {name}\n", flush=True)
            worst = max(worst, run())
    return worst


if __name__ == "__main__":
    sys.exit(main())
