"""Clocks that are an hour and a year wrong: no reading is lost, and the wrong clock is found."""

from __future__ import annotations

import json
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from estate.files.folder import read_estate
from fairvarme.doctor.arrivals import clocks
from fairvarme.doctor.check import Check, Patient
from fairvarme.doctor.data import database
from ingest.intake import Intake
from ingest.message import Message
from ingest.quarantine.requeue import requeue
from ingest.quarantine.store import Quarantine, Selection
from ingest.reasons import Reason
from operations.database import migrate
from operations.settings import read_settings
from telemetry.stores.sqlite import SqliteStore
from tests.faults.matrix.row import Cost, Row
from tests.faults.messages import BOXES as ALL_BOXES
from tests.support.ingest_parts import BUILDING, RULES, SOURCES, T0, TOPIC

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR_MS = 3_600_000
JUMPS_MS = (HOUR_MS, -HOUR_MS, 8760 * HOUR_MS, -8760 * HOUR_MS)
BOXES = ALL_BOXES[:4]
WRONG = BOXES[0]
MESSAGES = 24
STEP_MS = 300_000
SETTINGS = 'store = "sqlite:///r.db"\ndatabase = "sqlite:///f.db"\nestates = []\n'


def wrong_clocks(directory: Path, whose: str) -> Row:
    """Send two hours of readings with the clock of a box or of the worker wrong, by each jump."""
    losses, found = 0, 0
    dropped = 0
    for jump_ms in JUMPS_MS:
        (folder := directory / f"{whose}{jump_ms}").mkdir()
        lost, told = _tried(folder, whose, jump_ms)
        losses += lost + (not told)
        found += told
        (folder := directory / f"{whose}{jump_ms}-control").mkdir()
        dropped += _tried(folder, whose, jump_ms, keep=False)[0]
    note = f"{found} of {len(JUMPS_MS)} wrong clocks told"
    control = "what is ahead or before its time is dropped"
    return Row(
        "clock wrong by an hour, by a year", whose, Cost(len(JUMPS_MS), losses, note), control,
        Cost(len(JUMPS_MS), dropped),
    )  # fmt: skip


def _tried(folder: Path, whose: str, jump_ms: int, *, keep: bool = True) -> tuple[int, bool]:
    """Return how many readings are lost, and whether the doctor told of the clock."""
    (config := folder / "fairvarme.toml").write_text(SETTINGS)
    intake = Intake(SOURCES, RULES)
    engine = migrate(f"sqlite:///{folder / 'f.db'}")
    quarantine, store = Quarantine(engine), SqliteStore(folder / "r.db")
    end_ms = T0 + MESSAGES * STEP_MS
    now_ms = end_ms + (jump_ms if whose == "worker" else 0)
    with closing(store):
        for message in _messages(whose, jump_ms):
            taken = intake.take([message])
            store.write(taken.readings)
            if keep:
                quarantine.put(taken.entries)
        told = list(_told(config, now_ms))
        if whose == "worker":
            behind = Selection(reason=Reason.TIME_AHEAD)
            requeue(quarantine, intake, store, behind, now_ms=end_ms)
        stored = store.count(BUILDING)
    waiting = quarantine.count_messages(Selection())
    engine.dispose()
    return MESSAGES * len(BOXES) - stored - waiting, any(_is_of(each, whose) for each in told)


def _messages(whose: str, jump_ms: int) -> Iterator[Message]:
    for number in range(MESSAGES):
        for box in BOXES:
            true_ms = T0 + number * STEP_MS
            time_ms = true_ms + (jump_ms if whose == "box" and box == WRONG else 0)
            arrival_ms = true_ms + 500 + (jump_ms if whose == "worker" else 0)
            payload = json.dumps({"time": time_ms, "temperature_c": 20.0}).encode()
            yield Message(TOPIC.replace("box-0101", box), payload, len(payload), arrival_ms)


def _told(config: Path, now_ms: int) -> Iterator[Check]:
    estate = read_estate(Path(str(resources.files("estate").joinpath("sample"))))
    patient = Patient(config, read_settings(config), {BUILDING: estate}, now_ms)
    yield from database(patient)
    yield from clocks(patient)


def _is_of(check: Check, whose: str) -> bool:
    """Whether a result names the wrong clock and no other."""
    if whose == "worker":
        return check.name == "clock" and check.state == "fault"
    if check.name == "quarantine" and "time" in check.detail:
        return True
    return check.name.startswith("clocks of") and check.detail.endswith(WRONG)
