"""A real SMTP server on 127.0.0.1, with a mailbox for each address and a say over what it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.ports import free_port

TAKEN = "250 OK"


class Mailboxes:
    """
    What arrived.

    Attributes
    ----------
    mails : list of (str, EmailMessage)
        Recipient and mail, in the order of arrival.
    answers : dict of str to str
        What the server says to a recipient instead of taking the mail.
    on_mail : callable
        Called when a mail has arrived, before the sender hears of it.
    """

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.answers: dict[str, str] = {}
        self.on_mail: Callable[[], None] = lambda: None

    async def handle_RCPT(  # noqa: N802  the server's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or give the answer that was asked for."""
        del server, session, options
        answer = self.answers.get(address, TAKEN)
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        del server, session
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        self.mails += [(address, mail) for address in envelope.rcpt_tos]
        self.on_mail()
        return TAKEN


@contextmanager
def smtp_server(port: int | None = None) -> Iterator[tuple[int, Mailboxes]]:
    """Run a server until the block ends; yield its port and its mailboxes."""
    boxes = Mailboxes()
    port = port or free_port()
    controller = Controller(boxes, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port, boxes
    finally:
        controller.stop()
