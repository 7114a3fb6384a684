"""One message to one recipient by one channel. Pure data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, Protocol

from estate.errors import FairvarmeError

ID_CHARACTERS = 32
PDF = "application/pdf"
"""Media type of letters and statements."""


class Channel(StrEnum):
    """How a message goes out."""

    MAIL = "mail"
    LETTER = "letter"
    SMS = "sms"
    WEBHOOK = "webhook"


class Scope(StrEnum):
    """
    What a failed attempt says.

    Attributes
    ----------
    CHANNEL
        Nothing can be sent this way now; no message is to blame.
    MESSAGE
        This one cannot be sent now.
    ADDRESS
        This one can never be delivered there.
    """

    CHANNEL = "channel"
    MESSAGE = "message"
    ADDRESS = "address"


class NotSent(FairvarmeError):
    """
    A channel did not take a message.

    Attributes
    ----------
    scope : Scope
    reason : str
        What the other side answered, without secrets.
    """

    def __init__(self, scope: Scope, reason: str) -> None:
        self.scope = scope
        self.reason = reason
        super().__init__(f"not sent ({scope}): {reason}. It is kept and tried again")


class Way(StrEnum):
    """
    How a file goes with a message.

    Attributes
    ----------
    ATTACHED
        In the mail itself, or as the letter.
    LINKED
        It stays here; the mail has a link to it.
    PAGE
        The words of a page, of which the letter is printed when it goes out.
    """

    ATTACHED = "attached"
    LINKED = "linked"
    PAGE = "page"


class Attachment(NamedTuple):
    """A file that goes with a message."""

    name: str
    media_type: str
    content: bytes
    way: Way = Way.ATTACHED


@dataclass(frozen=True)
class Message:
    """
    What one recipient is sent by one channel.

    Attributes
    ----------
    id : str
        Of what it is about (`message_id`): queued again under it nothing is sent twice, and who
        receives it twice can tell.
    kind : str
        What it is about, such as ``alert`` or ``report``.
    address : str
        A mail address or telephone number, the name of a webhook; empty for a letter, whose address
        is printed on it.
    text : str
        All of it in plain words; ``html`` shows the same.
    building, tenancy, person : str
        Empty where it is about none.
    due_ms : int
        Not sent before. [ms since 1970, UTC]
    safety : bool
        Danger to people or the building: no opt-out and no quiet hour holds it back.
    instead_of : str
        Id of a message that could not be delivered, in whose place it stands.
    """

    id: str
    channel: Channel
    kind: str
    address: str
    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    building: str = ""
    tenancy: str = ""
    person: str = ""
    due_ms: int = 0
    safety: bool = False
    instead_of: str = ""


class Sender(Protocol):
    """A channel's way out."""

    def send(self, message: Message) -> str:
        """
        Hand a message over; when this returns the other side has it.

        Returns
        -------
        str
            What the other side calls it, or said.

        Raises
        ------
        NotSent
        """
        ...


def message_id(*parts: str) -> str:
    """
    Name a message by what it is about, so that the same one is never queued twice.

    Examples
    --------
    >>> message_id("report", "solgaarden", "0101-1", "2026-01", "mail")
    'f834548817e20e6a9a06316478ea8d0a'
    """
    text = json.dumps(parts, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_CHARACTERS]


def as_letter(message: Message, due_ms: int) -> Message:
    """Return the letter that stands in the place of a message that could not be delivered."""
    return replace(
        message,
        id=message_id(message.id, Channel.LETTER),
        channel=Channel.LETTER,
        address="",
        due_ms=due_ms,
        instead_of=message.id,
    )
