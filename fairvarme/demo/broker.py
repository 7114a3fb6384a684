"""
The demo's broker: Mosquitto if installed, else amqtt, as a child process.

Both listen on 127.0.0.1 only and require a password generated for this run. amqtt drops a message
that is not acknowledged within 5 s and redelivers nothing, so it is suitable only for a demo, whose
boxes repeat what is missing.
"""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import yaml

from estate.errors import FairvarmeError

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
START_SECONDS = 15.0
STOP_SECONDS = 10.0
# Debian installs the broker outside a user's search path.
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


@dataclass(frozen=True)
class BrokerAccess:
    """
    Address of the broker, and its protocol version.

    Attributes
    ----------
    redelivers : bool
        Whether the broker keeps a message until it is acknowledged.
    """

    program: str
    redelivers: bool
    port: int
    username: str
    password: str
    protocol: Literal["5", "3.1.1"]

    @property
    def url(self) -> str:
        """Address with credentials, for child processes only."""
        return f"mqtt://{self.username}:{self.password}@{HOST}:{self.port}"


@contextmanager
def embedded_broker(directory: Path) -> Iterator[BrokerAccess]:
    """Run a broker on a free port until the block ends; its files and log are in `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    mosquitto = shutil.which("mosquitto", path=SEARCH_PATH)
    password, port = secrets.token_urlsafe(24), _free_port()
    if mosquitto:
        command = _mosquitto_command(mosquitto, directory, port, password)
        access = BrokerAccess("mosquitto", True, port, "demo", password, "5")
    else:
        command = _amqtt_command(directory, port, password)
        access = BrokerAccess("amqtt", False, port, "demo", password, "3.1.1")
    log_file = directory / "broker.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603  made above from no outside input
    try:
        _wait_until_listening(process, port, log_file)
        yield access
    finally:
        stop_process(process)


def stop_process(process: subprocess.Popen[bytes]) -> None:
    """Terminate a child process, then kill it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _mosquitto_command(mosquitto: str, directory: Path, port: int, password: str) -> list[str]:
    password_file, config = directory / "passwords", directory / "mosquitto.conf"
    _write_private(password_file, f"demo:{password}\n")
    tool = shutil.which("mosquitto_passwd", path=SEARCH_PATH) or "mosquitto_passwd"
    subprocess.run([tool, "-U", str(password_file)], check=True)  # noqa: S603  hashes the file in place
    config.write_text(
        f"listener {port} {HOST}\n"
        "allow_anonymous false\n"
        f"password_file {password_file.absolute()}\n"
        f"user {getpass.getuser()}\n"
        "max_queued_messages 0\n"
        "max_queued_bytes 268435456\n"
        "max_inflight_messages 1000\n"
        "persistence false\n"
    )
    return [mosquitto, "-c", str(config)]


def _amqtt_command(directory: Path, port: int, password: str) -> list[str]:
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    password_file, config = directory / "passwords", directory / "amqtt.yaml"
    _write_private(password_file, f"demo:{PasswordHash((Argon2Hasher(),)).hash(password)}\n")
    plugins = {
        "amqtt.plugins.authentication.FileAuthPlugin": {
            "password_file": str(password_file.absolute())
        }
    }
    listener = {"type": "tcp", "bind": f"{HOST}:{port}"}
    config.write_text(yaml.safe_dump({"listeners": {"default": listener}, "plugins": plugins}))
    return [sys.executable, "-m", "amqtt.scripts.broker_script", "-c", str(config)]


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log_file: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise FairvarmeError(f"the broker did not start; see its log {log_file} and try again")
