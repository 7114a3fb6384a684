"""Mosquitto's password file and access list, as pure functions of text."""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode
from typing import TYPE_CHECKING

from estate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fairvarme.identity.clients import Client

BEGIN = "# fairvarme begin: written by `fairvarme devices provision`, changes in here are lost"
END = "# fairvarme end"

# Mosquitto 2 accepts only salts of 12 bytes, and uses 101 iterations itself. A password of 256
# random bits cannot be guessed, so more iterations would only slow down a broker when all
# reconnect.
SALT_BYTES = 12
TURNS = 101
SECRET_BYTES = 32


def make_password() -> str:
    """Return a password of 256 random bits."""
    return secrets.token_urlsafe(SECRET_BYTES)


def password_hash(password: str, salt: bytes | None = None) -> str:
    """Hash a password as ``mosquitto_passwd`` does: PBKDF2 with SHA-512, ``$7$turns$salt$hash``."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, TURNS)
    return f"$7${TURNS}${b64encode(salt).decode()}${b64encode(digest).decode()}"


def hash_digest(hashed: str) -> str:
    """Return the digest of a password's hash, which detects damage and reveals nothing."""
    return hashlib.sha256(hashed.encode()).hexdigest()


def with_password(text: str, name: str, hashed: str | None) -> str:
    """Return a password file in which one user has this hash, or is removed; other lines stay."""
    lines = [line for line in text.splitlines() if line.partition(":")[0] != name]
    if hashed is not None:
        lines.append(f"{name}:{hashed}")
    return _joined(lines)


def with_access(text: str, clients: Iterable[Client]) -> str:
    """
    Return an access list with these clients between the two marks; other lines stay.

    Every client is listed explicitly: patterns with %u end at a slash from Mosquitto 2.1 on.
    """
    lines = text.splitlines()
    block = [BEGIN, *_access_lines(clients), END]
    if BEGIN in lines and END in lines[lines.index(BEGIN) :]:
        first = lines.index(BEGIN)
        last = lines.index(END, first)
        return _joined([*lines[:first], *block, *lines[last + 1 :]])
    return _joined([*lines, *block])


def _access_lines(clients: Iterable[Client]) -> Iterable[str]:
    for client in sorted(clients):
        topics = [*(("read", topic) for topic in client.read)]
        topics += [("write", topic) for topic in client.write]
        if topics:
            yield f"user {client.name}"
        for access, topic in topics:
            if not topic.isprintable() or topic != topic.strip():
                raise UsageError(f"{topic!r} cannot be in an access list; correct the source")
            yield f"topic {access} {topic}"


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
