"""Checks of services: the broker, the worker, and their certificates."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.exceptions import HTTPError

from estate.errors import FairvarmeError, UsageError
from fairvarme.doctor.check import Check, fault, limit, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fairvarme.doctor.broker import BrokerAnswer
    from fairvarme.doctor.check import Patient
    from ingest.mqtt.client import SessionSettings

ANSWER_SECONDS = 5.0


def broker(patient: Patient) -> Iterator[Check]:
    """Log in and subscribe like the worker, without disturbing it."""
    from fairvarme.doctor.broker import ask_broker
    from operations.intake.run_worker import worker_session

    settings = patient.settings
    if settings.broker is None or not settings.sources:
        yield warning("broker", "the settings name none, or no source", "broker_none")
        return
    filters = [source.topic_filter for source in settings.sources]
    try:
        session = worker_session(settings.broker)
        answer = ask_broker(session, filters)
    except UsageError as error:
        yield fault("broker", str(error), "settings")
        return
    address = f"{session.host}:{session.port}"
    if answer.failure:
        yield fault("broker", f"{address}: {answer.failure}", answer.remedy)
    elif answer.refusal and not answer.bound:
        detail = f"{address} refused the log-in: {answer.refusal}"
        yield fault("broker", detail, _remedy_of_refusal(patient, session))
    elif answer.refusal or answer.taken_over:
        yield ok("broker", f"{address}: log-in accepted, in the one session of its user")
        yield from _dropped(answer)
    else:
        yield from _subscriptions(address, len(set(filters)), answer)
        yield from _dropped(answer)
    if answer.bound is False:
        detail = "any client with a log-in can take over the session of the worker"
        yield warning("broker", detail, "broker_unbound")


def _remedy_of_refusal(patient: Patient, session: SessionSettings) -> str:
    """Choose a remedy that does not harm a running worker, which a new password would stop."""
    parts = _worker_parts(patient)
    if isinstance(parts, dict) and parts.get("ready"):
        return "broker_other_password"
    if session.password is None and session.certificate_file is None:
        return "broker_no_password"
    return "broker_refused"


def _subscriptions(address: str, number: int, answer: BrokerAnswer) -> Iterator[Check]:
    if answer.refused_filters:
        refused = ", ".join(answer.refused_filters)
        yield fault("broker", f"{address} refused to subscribe to {refused}", "broker_filters")
    else:
        yield ok("broker", f"{address}: log-in accepted, {number} subscriptions granted")


def _dropped(answer: BrokerAnswer) -> Iterator[Check]:
    if answer.dropped:
        detail = f"it has dropped {answer.dropped} messages since it started"
        yield warning("broker", detail, "broker_dropped")


def worker(patient: Patient) -> Iterator[Check]:
    """Check whether the worker is ready, if it serves health pages."""
    parts = _worker_parts(patient)
    if parts is None:
        return
    if isinstance(parts, str):
        yield fault("worker", parts, "worker_away")
    elif parts.pop("ready", False):
        yield ok("worker", "it is ready")
    else:
        told = "; ".join(f"{name}: {state}" for name, state in parts.items() if state != "ok")
        yield fault("worker", f"it is not ready: {told}", "worker_not_ready")


def _worker_parts(patient: Patient) -> dict[str, Any] | str | None:
    """Return what the worker reports of its parts, or why it does not; None without its pages."""
    health = patient.settings.health
    if health is None:
        return None
    url = f"http://{health.host}:{health.port}/readyz"
    try:
        answer = urllib3.request("GET", url, timeout=ANSWER_SECONDS, retries=False)
        return dict(json.loads(answer.data))
    except HTTPError as error:
        return f"{url} does not respond ({type(error).__name__})"
    except (ValueError, TypeError):
        return f"{url} is answered by another program; choose another port in [health]"


def certificates(patient: Patient) -> Iterator[Check]:
    """Check how long the installation's certificates are valid."""
    expiries: dict[str, datetime] = {}
    settings = patient.settings
    if settings.broker is not None:
        for path in (settings.broker.ca_file, settings.broker.certificate_file):
            if path is not None:
                yield from _read_expiry(path, expiries)
    if settings.credentials is not None:
        from fairvarme.identity.provision import read_roster

        try:
            clients = read_roster(settings.credentials.directory).clients
        except (FairvarmeError, OSError) as error:
            yield warning("certificates", str(error), "certificate_unreadable")
            clients = {}
        expiries |= {name: each.expires for name, each in clients.items() if each.expires}
    yield from _overdue(patient, expiries)


def credentials(patient: Patient) -> Iterator[Check]:
    """Check that the broker's files are as they were written."""
    if patient.settings.credentials is None:
        return
    from fairvarme.identity.verify import find_damage

    directory = patient.settings.credentials.directory
    damage = list(find_damage(directory)) if directory.is_dir() else []
    for each in damage:
        yield fault("credentials", each, "credentials_damaged")
    if not damage:
        yield ok("credentials", f"{directory} is as it was written")


def _read_expiry(path: Path, expiries: dict[str, datetime]) -> Iterator[Check]:
    from cryptography import x509

    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        yield fault("certificates", f"{path}: {error}", "certificate_unreadable")
    else:
        expiries[str(path)] = certificate.not_valid_after_utc


def _overdue(patient: Patient, expiries: dict[str, datetime]) -> Iterator[Check]:
    now = datetime.fromtimestamp(patient.now_ms / 1000, UTC)
    soon = 0
    for name, expires in sorted(expiries.items(), key=lambda pair: pair[1]):
        left = (expires - now).days
        if expires <= now:
            yield fault("certificates", f"{name}: expired {expires:%Y-%m-%d}", "certificate")
        elif left < limit("certificate_days"):
            yield warning("certificates", f"{name}: {left} days left", "certificate")
        else:
            continue
        soon += 1
    if expiries and not soon:
        first = min(expiries.values())
        yield ok("certificates", f"{len(expiries)} valid, the first until {first:%Y-%m-%d}")
