"""Verifies that the credentials' files are as they were written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from estate.errors import UsageError
from fairvarme.identity.clients import Client
from fairvarme.identity.mosquitto import hash_digest, with_access
from fairvarme.identity.provision import (
    ACCESS,
    AUTHORITY,
    AUTHORITY_KEY,
    BROKER_CERTIFICATE,
    BROKER_KEY,
    PASSWORDS,
    REVOKED,
    Roster,
    read_roster,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNREADABLE = (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm)
PASSWORD_LINE = re.compile(r"\$7\$\d+\$[A-Za-z0-9+/]+=*\$[A-Za-z0-9+/]+=*")


def find_damage(directory: Path) -> Iterator[str]:
    """
    Yield what differs from what `devices provision` wrote: one text per file or client.

    Lines that an administrator added to the password file or the access list are ignored.
    """
    try:
        roster = read_roster(directory)
    except UsageError as error:
        yield str(error)
        return
    yield from _passwords(directory, roster)
    yield from _access(directory, roster)
    yield from _certificates(directory)


def _passwords(directory: Path, roster: Roster) -> Iterator[str]:
    # A broker ends lines only at this character.
    rows = _text(directory / PASSWORDS).split("\n")
    lines = dict(line.split(":", 1) for line in rows if ":" in line)
    for name, each in roster.clients.items():
        if each.method != "password":
            continue
        hashed = lines.get(name, "")
        same = each.hash_digest is None or each.hash_digest == hash_digest(hashed)
        if not (PASSWORD_LINE.fullmatch(hashed) and same):
            yield f"{directory / PASSWORDS}: {name} has another password than it was given"


def _access(directory: Path, roster: Roster) -> Iterator[str]:
    if not roster.clients:
        return
    clients = [
        Client(name, each.kind, each.write, each.read) for name, each in roster.clients.items()
    ]
    text = _text(directory / ACCESS)
    try:
        same = with_access(text, clients) == text
    except UsageError:
        same = False
    if not same:
        yield f"{directory / ACCESS}: what clients may do is not what they were given"


def _certificates(directory: Path) -> Iterator[str]:
    authority = directory / AUTHORITY
    if not authority.exists():
        return
    try:
        issuer = x509.load_pem_x509_certificate(authority.read_bytes())
        issuer.verify_directly_issued_by(issuer)
        _same_key(issuer, directory / AUTHORITY_KEY)
    except UNREADABLE:
        yield f"{authority}, or its key, is damaged"
        return
    for path in (directory / BROKER_CERTIFICATE, directory / REVOKED):
        if path.exists() and not _is_issued(path, issuer):
            yield f"{path} is damaged, or of another authority"
    try:
        if (directory / BROKER_CERTIFICATE).exists():
            certificate = x509.load_pem_x509_certificate(
                (directory / BROKER_CERTIFICATE).read_bytes()
            )
            _same_key(certificate, directory / BROKER_KEY)
    except UNREADABLE:
        yield f"{directory / BROKER_KEY} is damaged, or of another certificate"


def _is_issued(path: Path, issuer: x509.Certificate) -> bool:
    try:
        if path.name == REVOKED:
            revoked = x509.load_pem_x509_crl(path.read_bytes())
            return revoked.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # a key that signs
        x509.load_pem_x509_certificate(path.read_bytes()).verify_directly_issued_by(issuer)
    except UNREADABLE:
        return False
    return True


def _same_key(certificate: x509.Certificate, path: Path) -> None:
    """Raise ValueError unless a private key belongs to a certificate."""
    if not path.exists():
        return
    key = load_pem_private_key(path.read_bytes(), None)
    if key.public_key() != certificate.public_key():
        raise ValueError(f"{path} is not the key of its certificate")


def _text(path: Path) -> str:
    return path.read_bytes().decode(errors="replace") if path.exists() else ""
