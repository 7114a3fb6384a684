"""A command of ours as a child process, which ends with the process that started it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# From <linux/prctl.h>: the signal that a process gets when its parent dies.
PR_SET_PDEATHSIG = 1


class Child:
    """
    A process of a command, in a group of its own.

    Attributes
    ----------
    seconds : float
        Since it started. [s]
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603  a command of ours, by the table of parts
            command,
            stdin=subprocess.DEVNULL,
            env=os.environ | environment,
            # Ctrl-C reaches only the service, which then ends its parts in order.
            start_new_session=True,
            preexec_fn=end_with_parent(os.getpid()),
        )
        self._started = time.monotonic()
        self._killed_at: float | None = None

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def seconds(self) -> float:
        """How long ago it started. [s]"""
        return time.monotonic() - self._started

    def code(self) -> int | None:
        """Return the exit code, None while it runs; below 0 the signal that ended it."""
        return self._process.poll()

    def end(self, within_seconds: float) -> None:
        """Ask it to end; if called again after a while, kill it and its children."""
        now = time.monotonic()
        if self._killed_at is None:
            self._killed_at = now + within_seconds
            self._process.terminate()
        elif now >= self._killed_at and self._process.poll() is None:
            # Not reaped, so its group is still its own.
            os.killpg(self._process.pid, signal.SIGKILL)


def end_with_parent(parent: int) -> Callable[[], None] | None:
    """
    Return what a child calls to end with its parent; None if that is not supported.

    Parameters
    ----------
    parent : int
        Process id of the parent.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is None:
        return None

    def ask_for_signal() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask_for_signal
