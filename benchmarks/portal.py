"""
Pages of the portal, asked by 50 at once over 1,000 homes' data; target: 95 of 100 under 50 ms.

Twenty buildings of 50 homes with a month of readings of one of them in full. The server is a
process of its own; those who ask share its machine.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from estate.files.folder import read_estate
from estate.files.writer import write_folder
from estate.numbers.scaled import write_sample
from operations.access.sessions import begin_session
from operations.serving import serving
from operations.settings import read_settings
from telemetry.readings import Reading
from tests.support.ports import free_port

BUILDINGS, HOMES, AT_ONCE, PAGES_EACH = 20, 50, 50, 20
TARGET_MS = 50.0
DAYS, STEP_MS = 31, 300_000
PAGES = ("", "/use", "/alerts", "/papers", "/settings")


def main() -> int:
    """Measure, and return 1 where the slowest page is above the target."""
    with tempfile.TemporaryDirectory() as name:
        directory, port = Path(name), free_port()
        tokens = _prepare(directory, port)
        command = [
            sys.executable,
            "-m",
            "fairvarme",
            "serve",
            "--config",
            str(directory / "f.toml"),
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            _wait(port)
            worst = max(_measure(port, tokens, page) for page in PAGES)
        finally:
            process.terminate()
            process.wait()
    print(f"slowest page: p95 {worst:.0f} ms, target {TARGET_MS:.0f} ms")
    return int(worst > TARGET_MS)


def _prepare(directory: Path, port: int) -> list[tuple[str, str]]:
    """Write the installation, and return the path and session of residents."""
    write_sample(directory / "sample", "2026-01", HOMES)
    sample = read_estate(directory / "sample")
    names = [f"b{number:02d}" for number in range(BUILDINGS)]
    for each in names:
        building = sample.building.model_copy(update={"id": each})
        write_folder(directory / each, replace(sample, building=building))
    estates = ", ".join(f'"{each}"' for each in names)
    (directory / "f.toml").write_text(
        f'store = "sqlite:///r.db"\ndatabase = "sqlite:///f.db"\nestates = [{estates}]\n'
        f'[portal]\nurl = "http://127.0.0.1:{port}"\nport = {port}\n'
    )
    tokens = []
    with serving(read_settings(directory / "f.toml")) as installation:
        people = [
            (subject, homes[0])
            for subject, homes in installation.estates().homes.items()
            if subject.startswith("person:") and homes[0].end is None
        ]
        chosen = people[:: max(len(people) // AT_ONCE, 1)][:AT_ONCE]
        flats = {(home.building, home.flat) for _, home in chosen}
        with installation.store() as store:
            for name, flat in sorted(flats):
                store.write(_readings(name, flat))
        for subject, home in chosen:
            path = f"/home/{home.building}/{home.tenancy}"
            tokens.append((path, begin_session(installation, subject)))
    return tokens


def _readings(building: str, flat: str) -> list[Reading]:
    now = round(time.time() * 1000)
    rng = np.random.default_rng(1)
    found = []
    for time_ms in range(now - DAYS * 86_400_000, now, STEP_MS):
        values = {"temperature_c": 21 + rng.normal(0, 0.3), "humidity_pct": 45 + rng.normal(0, 2)}
        found += [
            Reading(building, f"box-{flat}", name, time_ms, value, 0, time_ms)
            for name, value in values.items()
        ]
    return found


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the portal did not start")


def _measure(port: int, tokens: list[tuple[str, str]], page: str) -> float:
    """Ask a page by all of them at once, and return the time of 95 of 100. [ms]"""
    times: list[float] = []

    def ask(path: str, token: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(PAGES_EACH):
            started = time.perf_counter()
            connection.request("GET", path + page, headers={"Cookie": f"fairvarme={token}"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == http.client.OK, (path + page, answer.status)
            times.append((time.perf_counter() - started) * 1000)

    threads = [threading.Thread(target=ask, args=each) for each in tokens]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(times) / (time.perf_counter() - started)
    median, most = np.percentile(times, [50, 95])
    print(f"{page or '/':<12} p50 {median:5.0f} ms  p95 {most:5.0f} ms  {rate:5.0f} pages/s")
    return float(most)


if __name__ == "__main__":
    sys.exit(main())
