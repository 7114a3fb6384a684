"""The hash chain over the ledger's entries: each digest covers the one before it. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

START = "0" * 64
"""What stands before the first entry."""


def canonical(body: Mapping[str, Any]) -> bytes:
    """Write JSON-able data as bytes; the same data gives the same bytes."""
    text = json.dumps(
        body, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode()


def link(previous: str, body: Mapping[str, Any]) -> str:
    """Return the digest of an entry that follows another. [SHA-256, hexadecimal]"""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(body)).hexdigest()


def digest(content: bytes) -> str:
    """Return the SHA-256 of a document, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
