"""A command in a process of its own that tells at its end what it has loaded."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

# The peak is asked for there: what the system tells the parent holds what it was forked from.
PROGRAM = """\
import sys
try:
    {work}
finally:
    print("MODULES", *sorted(sys.modules))
    with open("/proc/self/status") as status:
        print(*(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


class Told(NamedTuple):
    """What a command printed, the modules it loaded by their whole names, and its peak. [MiB]"""

    text: str
    modules: set[str]
    peak_mib: float


def telling(work: str) -> list[str]:
    """Return the command line of some Python."""
    return [sys.executable, "-c", PROGRAM.format(work=work)]


def telling_command(arguments: Sequence[str], module: str = "fairvarme.cli") -> list[str]:
    """Return the command line of one command."""
    return telling(f"from {module} import main; main({list(arguments)!r})")


def told(output: str) -> Told:
    """Part what a command printed from what it loaded."""
    text, _, loaded = output.rpartition("MODULES ")
    modules, peak_kib = loaded.splitlines()
    return Told(text, set(modules.split()), int(peak_kib) / 1024)
