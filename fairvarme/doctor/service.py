"""Checks what `fairvarme run` has done: which part ended, which job failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.periods import HOUR_MS
from fairvarme.doctor.check import fault, limit, ok, warning
from fairvarme.output import as_local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairvarme.doctor.check import Check, Patient
    from operations.service.plan import Plan
    from operations.service.record import PartState, Record


def service(patient: Patient) -> Iterator[Check]:
    """Report parts that do not stay alive and jobs that fail, where there is a service."""
    from estate.errors import UsageError
    from operations.service.plan import plan_of
    from operations.service.record import is_running, read_record, service_directory

    try:
        plan = plan_of(patient.settings)
    except UsageError as error:
        yield fault("service", str(error), "settings")
        return
    directory = service_directory(patient.settings, patient.path)
    record = read_record(directory)
    if record is None:
        return
    if not is_running(directory):
        yield fault("service", f"{directory}: nothing runs", "service_away")
        return
    found = [*_parts(plan, record, patient), *_jobs(plan, record, patient)]
    yield from found
    if not found:
        yield ok(
            "service", f"{len(plan.parts)} parts run, and {len(plan.jobs)} jobs at their times"
        )


def _parts(plan: Plan, record: Record, patient: Patient) -> Iterator[Check]:
    zone = patient.settings.service.timezone
    for part in plan.parts:
        state = record.parts.get(part.name)
        if state is None:
            continue
        recent = _recent_ends(state, patient.now_ms)
        if state.state == "waiting":
            end = state.ends[-1]
            at = as_local(end.at_ms, zone)
            detail = f"{part.name} ended with {end.code} at {at}, {recent} times in a day"
            yield fault("service", detail, "service_part", command=" ".join(part.command))
        elif recent:
            last = as_local(state.ends[-1].at_ms, zone)
            detail = f"{part.name} ended {recent} times in a day, last {last}"
            yield warning("service", detail, "service_restarted")


def _recent_ends(state: PartState, now_ms: int) -> int:
    since = now_ms - limit("ends_hours") * HOUR_MS
    return sum(end.at_ms >= since for end in state.ends)


def _jobs(plan: Plan, record: Record, patient: Patient) -> Iterator[Check]:
    for job in plan.jobs:
        state = record.jobs.get(job.name)
        if state is not None and state.failures and state.ended_ms is not None:
            last = as_local(state.ended_ms, patient.settings.service.timezone)
            detail = (
                f"{job.name} failed {state.failures} times in a row, last {last} with {state.code}"
            )
            yield warning("service", detail, "service_job", command=" ".join(job.command))
