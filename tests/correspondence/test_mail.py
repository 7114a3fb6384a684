"""Mail over a real SMTP server: what arrives, and what each refusal means."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from correspondence.channels.bounces import Bounce, bounce_of
from correspondence.channels.mail import MailSender, MailServer, as_mail
from correspondence.outbox.message import Attachment, Channel, Message, NotSent, Scope, message_id
from tests.support.ports import free_port
from tests.support.smtp import Mailboxes, smtp_server

MESSAGE = Message(
    id=message_id("test"),
    channel=Channel.MAIL,
    kind="report",
    address="0101-1a@example.org",
    subject="Dit varmeregnskab \N{EN DASH} januar",
    text="Kære beboer\n\nDu skal intet gøre. Æblegrød på 20 °C.\n",
    html="<p>Du skal intet gøre.</p>",
    attachments=(Attachment("januar.pdf", "application/pdf", b"%PDF-1.7 \x00\xff"),),
)


def server_at(port: int, **more: object) -> MailServer:
    return MailServer("127.0.0.1", port, "varme@example.org", "Solgården", security="none", **more)  # type: ignore[arg-type]  # fields of a server


@pytest.fixture
def boxes() -> Iterator[tuple[MailSender, Mailboxes]]:
    with smtp_server() as (port, boxes), MailSender(server_at(port)) as sender:
        yield sender, boxes


def refused(sender: MailSender, message: Message = MESSAGE) -> Scope:
    with pytest.raises(NotSent) as refusal:
        sender.send(message)
    return refusal.value.scope


def test_a_mail_arrives_with_its_words_its_html_and_its_file(
    boxes: tuple[MailSender, Mailboxes],
) -> None:
    sender, received = boxes
    sender.send(MESSAGE)
    sender.send(MESSAGE)
    (address, mail), (_, again) = received.mails
    assert address == MESSAGE.address
    assert mail["Subject"] == MESSAGE.subject
    assert mail["Message-ID"] == again["Message-ID"] == f"<{MESSAGE.id}@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == MESSAGE.text
    assert html.get_content().strip() == MESSAGE.html
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("januar.pdf", b"%PDF-1.7 \x00\xff")


@pytest.mark.parametrize(
    ("answer", "scope"),
    [
        ("550 no such user", Scope.ADDRESS),
        ("450 mailbox busy", Scope.MESSAGE),
        ("452 out of storage", Scope.MESSAGE),
    ],
)
def test_a_refusal_is_for_good_or_for_now_and_costs_no_other_mail(
    boxes: tuple[MailSender, Mailboxes], answer: str, scope: Scope
) -> None:
    sender, received = boxes
    received.answers[MESSAGE.address] = answer
    assert refused(sender) is scope
    received.answers.clear()
    sender.send(MESSAGE)
    assert len(received.mails) == 1


def test_no_server_is_the_channels_fault_and_it_is_found_again() -> None:
    port = free_port()
    with MailSender(server_at(port)) as sender:
        assert refused(sender) is Scope.CHANNEL
        with smtp_server(port) as (_, received):
            sender.send(MESSAGE)
            assert len(received.mails) == 1
        assert refused(sender) is Scope.CHANNEL


def test_a_server_without_encryption_gets_no_mail_where_it_is_asked_for() -> None:
    with smtp_server() as (port, received):
        server = MailServer("127.0.0.1", port, "varme@example.org", security="starttls")
        with MailSender(server) as sender:
            assert refused(sender) is Scope.CHANNEL
        assert received.mails == []


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b\r\nBcc: all@example.org", "a@example.org, b@example.org"]
)
def test_an_address_that_is_none_reaches_nobody(
    boxes: tuple[MailSender, Mailboxes], address: str
) -> None:
    sender, received = boxes
    hostile = Message(
        id="0" * 32, channel=Channel.MAIL, kind="x", address=address, subject="s", text="t"
    )
    assert refused(sender, hostile) is Scope.ADDRESS
    assert received.mails == []


def test_a_subject_of_two_lines_makes_no_header() -> None:
    hostile = Message(
        id="0" * 32,
        channel=Channel.MAIL,
        kind="x",
        address="a@example.org",
        subject="s\r\nBcc: all@example.org",
        text="t",
    )
    with pytest.raises(NotSent):
        as_mail(hostile, server_at(25))


def test_a_password_is_never_shown() -> None:
    assert "hunter22" not in repr(server_at(25, user="u", password="hunter22"))  # noqa: S106


def report(action: str = "failed", *, as_headers: bool = False) -> bytes:
    """Write a report as RFC 3464 and RFC 6522 describe it."""
    returned = as_mail(MESSAGE, server_at(25))
    kind = "text/rfc822-headers" if as_headers else "message/rfc822"
    headers = "".join(f"{name}: {value}\n" for name, value in returned.items())
    return (
        "From: MAILER-DAEMON@example.org\nTo: varme@example.org\nSubject: Undelivered\n"
        "Message-ID: <00112233445566778899aabbccddeeff@example.org>\n"
        "MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nIt could not be delivered.\n\n"
        "--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mail.example.org\n\n"
        f"Final-Recipient: rfc822; {MESSAGE.address}\nAction: {action}\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 no such user\n\n"
        f"--b\nContent-Type: {kind}\n\n{headers}\n--b--\n"
    ).encode()


@pytest.mark.parametrize("as_headers", [False, True])
def test_a_report_of_a_failure_names_our_message(as_headers: bool) -> None:
    assert bounce_of(report(as_headers=as_headers)) == Bounce(MESSAGE.id, "smtp; 550 no such user")


def test_a_delay_an_answer_and_rubbish_are_no_bounces() -> None:
    plain = EmailMessage()
    plain.set_content(f"I am on holiday. <{MESSAGE.id}@example.org>")
    for mail in (report("delayed"), plain.as_bytes(), b"", b"\xff\x00" * 5000):
        assert bounce_of(mail) is None
