"""Text messages through Apprise, to a service on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from correspondence.channels.text_messages import TextMessageSender
from correspondence.outbox.message import Channel, Message, NotSent, Scope
from estate.errors import UsageError

NUMBER = "+4512345678"
SMS = Message("id1", Channel.SMS, "alert", NUMBER, "Leak", "Der løber vand. Luk alle haner.")


@contextmanager
def service(status: int) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Run a service that answers so; yield its Apprise url and what it took: path and words."""
    taken: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            taken.append((self.path, body["message"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"json://127.0.0.1:{server.server_port}/sms/{{to}}/?format=text", taken
    finally:
        server.shutdown()
        server.server_close()


def test_the_service_takes_number_and_words() -> None:
    with service(200) as (url, taken):
        TextMessageSender(url).send(SMS)
    ((path, words),) = taken
    assert "4512345678" in path
    assert words == SMS.text


def test_a_refusal_keeps_the_message_and_says_no_secret() -> None:
    with service(500) as (url, _):
        sender = TextMessageSender(url.replace("json://", "json://user:hidden@"))
        with pytest.raises(NotSent) as caught:
            sender.send(SMS)
    assert caught.value.scope is Scope.MESSAGE
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("url", ["json://127.0.0.1/no-number", "carrier-pigeon://{to}", ""])
def test_what_is_no_service_is_told_without_its_secret(url: str) -> None:
    with pytest.raises(UsageError, match="Apprise"):
        TextMessageSender(url)
