"""Letters into a folder, webhooks to a real server."""

from __future__ import annotations

import hashlib
import hmac
import json
import stat
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typing_extensions import override

from correspondence.channels.letters import LetterSender
from correspondence.channels.webhooks import Webhook, WebhookSender
from correspondence.outbox.message import (
    PDF,
    Attachment,
    Channel,
    Message,
    NotSent,
    Scope,
    message_id,
)

LETTER = Message(
    id=message_id("letter"),
    channel=Channel.LETTER,
    kind="alert",
    address="",
    subject="Vand løber",
    text="Luk alle haner.",
    building="solgaarden",
    tenancy="0101-1",
)


def test_a_letter_lies_whole_under_its_id_however_often_it_is_put_there(tmp_path: Path) -> None:
    sender = LetterSender(tmp_path / "letters", lambda message: message.text.encode())
    assert sender.send(LETTER) == sender.send(LETTER)
    (path,) = (tmp_path / "letters").rglob("*.*")
    assert path == tmp_path / "letters" / "solgaarden" / f"{LETTER.id}.pdf"
    assert path.read_bytes() == b"Luk alle haner."
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_pdf_that_is_there_already_is_not_printed_anew(tmp_path: Path) -> None:
    def printed(_message: Message) -> bytes:
        raise AssertionError("printed anew")

    ready = Attachment("a.pdf", PDF, b"ready")
    message = Message(**{**LETTER.__dict__, "attachments": (ready,)})
    LetterSender(tmp_path, printed).send(message)
    assert (tmp_path / "solgaarden" / f"{LETTER.id}.pdf").read_bytes() == b"ready"


def test_a_folder_that_cannot_be_written_keeps_the_letters(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("a file stands there")
    with pytest.raises(NotSent) as refusal:
        LetterSender(tmp_path / "letters", lambda _message: b"").send(LETTER)
    assert refusal.value.scope is Scope.CHANNEL


class Receiver(BaseHTTPRequestHandler):
    """Takes what is posted, and answers what its server says."""

    def do_POST(self) -> None:
        """Take one."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((body, self.headers["X-Fairvarme-Signature"]))  # type: ignore[attr-defined]
        self.send_response(self.server.answer)  # type: ignore[attr-defined]
        self.send_header("Location", "http://127.0.0.1:1/inside")
        self.end_headers()

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.taken, server.answer = [], 204  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


SECRET = "a secret of sixteen"  # noqa: S105  of this test
POSTED = Message(
    id=message_id("hook"),
    channel=Channel.WEBHOOK,
    kind="alert",
    address="association",
    subject="leak",
    text='{"flat": "0101", "litres_a_day": 240.5}',
    building="solgaarden",
)


def sender_to(server: ThreadingHTTPServer) -> WebhookSender:
    url = f"http://127.0.0.1:{server.server_port}/hook"
    return WebhookSender({"association": Webhook(url, SECRET)})


def test_a_webhook_gets_signed_json(receiver: ThreadingHTTPServer) -> None:
    sender_to(receiver).send(POSTED)
    ((body, signed),) = receiver.taken  # type: ignore[attr-defined]
    document = json.loads(body)
    assert document["id"] == POSTED.id
    assert document["data"] == {"flat": "0101", "litres_a_day": 240.5}
    assert signed == hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("answer", "scope"),
    [
        (500, Scope.MESSAGE),
        (503, Scope.MESSAGE),
        (429, Scope.MESSAGE),
        (401, Scope.MESSAGE),
        (302, Scope.MESSAGE),
        (404, Scope.ADDRESS),
        (410, Scope.ADDRESS),
    ],
)
def test_what_an_answer_means(receiver: ThreadingHTTPServer, answer: int, scope: Scope) -> None:
    receiver.answer = answer  # type: ignore[attr-defined]
    with pytest.raises(NotSent) as refusal:
        sender_to(receiver).send(POSTED)
    assert refusal.value.scope is scope
    assert len(receiver.taken) == 1  # type: ignore[attr-defined]


def test_nobody_there_and_no_such_webhook() -> None:
    gone = WebhookSender({"association": Webhook("http://127.0.0.1:1/", SECRET)})
    with pytest.raises(NotSent) as refusal:
        gone.send(POSTED)
    assert refusal.value.scope is Scope.MESSAGE
    with pytest.raises(NotSent) as unknown:
        WebhookSender({}).send(POSTED)
    assert unknown.value.scope is Scope.ADDRESS
    assert SECRET not in repr(Webhook("http://x", SECRET))
