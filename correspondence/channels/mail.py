"""
Mail through an SMTP server.

One connection serves a round. What a server answers says whose fault it is (RFC 5321 4.2.1): 4xx is
for now, 5xx for good; and whether it was about the recipient or about all that we send.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, localtime
from typing import TYPE_CHECKING, Literal

from correspondence.outbox.message import NotSent, Scope, Way

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from correspondence.outbox.message import Message

Security = Literal["starttls", "tls", "none"]
ANSWER_SECONDS = 60.0
REFUSED_FOR_GOOD = 500


@dataclass(frozen=True)
class MailServer:
    """
    How the server is reached.

    Attributes
    ----------
    sender : str
        Address that the mails come from, where bounces arrive too.
    sender_name : str
        Name beside it.
    security : {'starttls', 'tls', 'none'}
        ``none`` sends in the clear, and is for a server on this machine alone.
    ca_file : Path or None
        Authority of its certificate; the system's without it.
    """

    host: str
    port: int
    sender: str
    sender_name: str = ""
    security: Security = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None


class MailSender:
    """
    Hands messages over to an SMTP server.

    Parameters
    ----------
    server : MailServer
    """

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def send(self, message: Message) -> str:
        """Hand one message over; see `correspondence.outbox.message.Sender`."""
        mail = as_mail(message, self._server)
        connection = self._connected()
        try:
            connection.send_message(mail, self._server.sender, [message.address])
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = error.recipients[message.address]
            scope = Scope.ADDRESS if code >= REFUSED_FOR_GOOD else Scope.MESSAGE
            raise NotSent(scope, _words(code, answer)) from error
        except smtplib.SMTPSenderRefused as error:
            self._close()
            raise NotSent(Scope.CHANNEL, _words(error.smtp_code, error.smtp_error)) from error
        except smtplib.SMTPDataError as error:
            raise NotSent(Scope.MESSAGE, _words(error.smtp_code, error.smtp_error)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise NotSent(Scope.ADDRESS, str(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            # The connection broke while the message was handed over: it may have arrived.
            self._close()
            raise NotSent(Scope.MESSAGE, f"{type(error).__name__}: {error}") from error
        return f"taken by {self._server.host}"

    def _connected(self) -> smtplib.SMTP:
        if self._connection is not None:
            try:
                if self._connection.noop()[0] < REFUSED_FOR_GOOD:
                    return self._connection
            except (OSError, smtplib.SMTPException):
                self._close()
        try:
            self._connection = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            reason = f"{type(error).__name__} from {self._server.host}:{self._server.port}"
            raise NotSent(Scope.CHANNEL, reason) from error
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        context = ssl.create_default_context(cafile=server.ca_file)
        connection: smtplib.SMTP
        if server.security == "tls":
            connection = smtplib.SMTP_SSL(
                server.host, server.port, timeout=ANSWER_SECONDS, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=ANSWER_SECONDS)
        try:
            if server.security == "starttls":
                connection.starttls(context=context)
            if server.user is not None:
                connection.login(server.user, server.password or "")
        except BaseException:
            connection.close()
            raise
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def as_mail(message: Message, server: MailServer) -> EmailMessage:
    """
    Return a message as a mail: plain text, the same as HTML, and its files.

    Its Message-ID is made of the message's id, so that a mail that is sent twice is known as one.

    Raises
    ------
    NotSent
        Where the address is none, or a text cannot stand in a header.
    """
    mail = EmailMessage()
    try:
        mail["From"] = Address(server.sender_name, addr_spec=server.sender)
        mail["To"] = Address(addr_spec=message.address)
        mail["Subject"] = message.subject
        mail["Message-ID"] = f"<{message.id}@{server.sender.rpartition('@')[2]}>"
    except (ValueError, IndexError, MessageError) as error:
        raise NotSent(Scope.ADDRESS, f"no mail can be made of it: {error}") from error
    mail["Date"] = format_datetime(localtime())
    # No automatic answer shall come to what a program has sent (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    for each in message.attachments:
        if each.way is not Way.ATTACHED:
            continue
        main, _, sub = each.media_type.partition("/")
        mail.add_attachment(each.content, maintype=main, subtype=sub, filename=each.name)
    return mail


def _words(code: int, answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return f"{code} {text}"
