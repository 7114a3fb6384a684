"""Writes a new installation into a folder."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from estate.errors import UsageError
from fairvarme.identity.clients import broker_client, gateway_client, worker_client
from fairvarme.identity.files import make_directory, write_whole
from fairvarme.identity.provision import Provisioner
from fairvarme.init.estate import write_estate
from operations.settings import DEFAULT_FILE, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Environment

    from fairvarme.init.answers import Answers

CERTIFICATE_DAYS = 1095
# Debian installs the broker outside a user's search path.
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
NEXT_STEPS = "next-steps.txt"


def write_installation(directory: Path, answers: Answers) -> str:
    """
    Write settings, estate, broker, log-ins and units of a new installation.

    Returns
    -------
    str
        What to do next.

    Raises
    ------
    UsageError
        If the folder is not empty, or the answers do not fit together.
    """
    if directory.exists() and any(directory.iterdir()):
        raise UsageError(f"{directory} is not empty; name a folder that is new")
    # Before anything is written, so that a second attempt finds the folder empty.
    if faults := list(answers.faults()):
        raise UsageError("; ".join(faults))
    directory = directory.absolute()
    with _emptied_on_error(directory):
        return _write_all(directory, answers)


@contextmanager
def _emptied_on_error(directory: Path) -> Iterator[None]:
    """Leave nothing of what could not be completed, so that a second attempt finds no remains."""
    try:
        yield
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise


def _write_all(directory: Path, answers: Answers) -> str:
    for name in ("", "data", "broker", "broker/data", "letters", "handover", "systemd"):
        make_directory(directory / name)
    write_estate(directory / "estates" / answers.building, answers)
    texts = _texts(directory, answers)
    for name, text in texts.items():
        write_whole(directory / name, text.encode())
    _give_log_ins(directory, answers)
    return texts[NEXT_STEPS]


def _texts(directory: Path, answers: Answers) -> dict[str, str]:
    environment = _templates()
    rows = answers.source_rows()
    facts = {
        **vars(answers),
        "sources": rows,
        "gateways": sum(row["gateway"] is not None for row in rows),
        "directory": str(directory),
        "credentials": str(directory / "broker"),
        "data": str(directory / "broker" / "data"),
        "broker_url": f"mqtt://worker@127.0.0.1:{answers.port}",
        "program": str(Path(sys.executable).with_name("fairvarme")),
        "mosquitto": shutil.which("mosquitto", path=SEARCH_PATH) or "/usr/sbin/mosquitto",
        "user": getpass.getuser(),
    }
    places = {
        "fairvarme.toml": DEFAULT_FILE,
        "mosquitto.conf": "broker/mosquitto.conf",
        "fairvarme.service": "systemd/fairvarme.service",
        "mosquitto.service": "systemd/fairvarme-broker.service",
        "next-steps.txt": NEXT_STEPS,
    }
    return {
        place: environment.get_template(f"{name}.j2").render(facts)
        for name, place in places.items()
    }


def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # noqa: S701  settings and units, no page
        loader=PackageLoader("fairvarme.init"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # A JSON string is a valid TOML string too.
    environment.filters["toml"] = lambda text: json.dumps(text, ensure_ascii=False)
    return environment


def _give_log_ins(directory: Path, answers: Answers) -> None:
    """Create the broker's certificate, and the passwords of the worker and the gateways."""
    settings = read_settings(directory / DEFAULT_FILE)
    broker = directory / "broker"
    own = Provisioner(broker, CERTIFICATE_DAYS)
    own.provision_broker(broker_client(), [answers.host, "localhost"])
    (worker,) = own.provision([worker_client()], "password")
    write_whole(directory / "worker.password", f"{worker.password}\n".encode())
    gateways = dict.fromkeys(each.gateway for each in settings.sources if each.gateway)
    clients = [gateway_client(settings, name) for name in gateways]
    Provisioner(broker, CERTIFICATE_DAYS, directory / "handover").provision(clients, "password")
