"""
Free ports for servers of tests.

They lie below those that the system gives to outgoing connections, and apart for each process of
a run: a server that is down for some seconds finds its own port free when it comes back.
"""

from __future__ import annotations

import os
import random
import socket

FIRST, LAST = 20_000, 32_000
PER_PROCESS = 1_500
WORKER = "PYTEST_XDIST_WORKER"

# Hypothesis seeds the common generator: every process would draw the same.
SYSTEM = random.SystemRandom()

_given: set[int] = set()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody has, and that this process never returned before."""
    own = _own_ports()
    while True:
        port = SYSTEM.choice(own)
        if port not in _given and _is_free(port):
            _given.add(port)
            return port


def _own_ports() -> range:
    """Return the ports of this process: beside each other for the workers of one run."""
    worker = int(os.environ.get(WORKER, "gw0").removeprefix("gw"))
    run = os.getppid() if WORKER in os.environ else os.getpid()
    parts = (LAST - FIRST) // PER_PROCESS
    first = FIRST + (run * 7 + worker) % parts * PER_PROCESS
    return range(first, first + PER_PROCESS)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port_with(*above: int) -> int:
    """Return a port that is free, as are those so far above it."""
    while True:
        port = free_port()
        if all(_is_free(port + each) for each in above):
            return port
