"""What a mail server reports later of a mail that it could not deliver (RFC 3464). Pure."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

LARGEST_BYTES = 1 << 20
_our_id = re.compile(r"<([0-9a-f]{32})@[^>\s]+>").search


class Bounce(NamedTuple):
    """A message that never arrived, and what the server said."""

    message_id: str
    reason: str


def bounce_of(mail: bytes) -> Bounce | None:
    """
    Read a report of a mail server.

    Parameters
    ----------
    mail : bytes
        The whole mail as it came in; what lies beyond a mebibyte is not looked at.

    Returns
    -------
    Bounce or None
        None where it reports no failure for good, or not of one of our messages.
    """
    report = message_from_bytes(mail[:LARGEST_BYTES], policy=policy.default)
    failed = next((block for block in _status_blocks(report) if _failed(block)), None)
    ours = next((found[1] for text in _returned_headers(report) if (found := _our_id(text))), None)
    if failed is None or ours is None:
        return None
    return Bounce(ours, str(failed.get("Diagnostic-Code", "not delivered")))


def _status_blocks(report: EmailMessage) -> Iterator[EmailMessage]:
    for part in report.walk():
        if part.get_content_type() == "message/delivery-status":
            # Blocks of headers are messages there.
            yield from part.get_payload()  # type: ignore[misc]


def _failed(block: EmailMessage) -> bool:
    return str(block.get("Action", "")).strip().casefold() == "failed"


def _returned_headers(report: EmailMessage) -> Iterator[str]:
    """Yield what the report returns of our mail: as a mail of its own, or its headers as text."""
    for part in report.walk():
        if part.get_content_type() == "text/rfc822-headers":
            yield bytes(part.get_payload(decode=True) or b"").decode(errors="replace")
        elif part is not report:
            yield str(part.get("Message-ID", ""))
