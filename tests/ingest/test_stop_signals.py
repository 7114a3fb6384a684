"""The worker's stop signals: none is lost, and none locks the worker up."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Between the signals the main thread is mostly inside the event's lock.
WAITING = """
import random, signal, threading
from operations.intake import run_worker

run_worker.STOP_SIGNALS = (signal.SIGALRM,)
for _ in range(400):
    stop = run_worker.stop_on_signals()
    signal.setitimer(signal.ITIMER_REAL, random.uniform(2e-4, 1e-3))
    while not stop.wait(1e-6):
        pass
"""


@pytest.mark.slow
def test_signal_in_the_middle_of_a_wait_is_taken() -> None:
    subprocess.run([sys.executable, "-c", WAITING], check=True, timeout=60)
