"""
Webhooks: a message as JSON to an address of the settings, signed.

The receiver knows a repeated message by its id, and that it is ours by the signature:
HMAC-SHA256 of the body with the secret that both sides hold, in hexadecimal, as the header
``X-Fairvarme-Signature``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import urllib3
from urllib3.exceptions import HTTPError

from correspondence.outbox.message import NotSent, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from correspondence.outbox.message import Message

ANSWER_SECONDS = 15.0
TAKEN, GONE, TOO_MANY, SERVER_FAULT = range(200, 300), (404, 410), 429, 500
SIGNATURE = "X-Fairvarme-Signature"


@dataclass(frozen=True)
class Webhook:
    """An address, and the secret that signs what goes there."""

    url: str = field(repr=False)
    secret: str = field(repr=False)


class WebhookSender:
    """
    Posts messages to the webhooks that their address names.

    Parameters
    ----------
    webhooks : mapping of str to Webhook
        By name.
    """

    def __init__(self, webhooks: Mapping[str, Webhook]) -> None:
        self._webhooks = webhooks
        timeout = urllib3.Timeout(total=ANSWER_SECONDS)
        # A redirect could lead inside: it is an answer like any other that is none of success.
        self._pool = urllib3.PoolManager(timeout=timeout, retries=False)

    def send(self, message: Message) -> str:
        """Post one message; see `correspondence.outbox.message.Sender`."""
        webhook = self._webhooks.get(message.address)
        if webhook is None:
            raise NotSent(Scope.ADDRESS, f"no webhook {message.address} in the settings")
        body = webhook_body(message)
        headers = {"Content-Type": "application/json", SIGNATURE: signature(webhook.secret, body)}
        try:
            answer = self._pool.request(
                "POST", webhook.url, body=body, headers=headers, redirect=False
            )
        except HTTPError as error:
            raise NotSent(Scope.MESSAGE, type(error).__name__) from error
        if answer.status in TAKEN:
            return f"HTTP {answer.status}"
        for_now = answer.status >= SERVER_FAULT or answer.status == TOO_MANY
        scope = Scope.MESSAGE if for_now or answer.status not in GONE else Scope.ADDRESS
        raise NotSent(scope, f"HTTP {answer.status}")


def webhook_body(message: Message) -> bytes:
    """Return what is posted: the id, what it is about, and its text, which is JSON already."""
    document = {
        "id": message.id,
        "kind": message.kind,
        "building": message.building,
        "subject": message.subject,
        "data": json.loads(message.text),
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def signature(secret: str, body: bytes) -> str:
    """Sign a body. [HMAC-SHA256, hexadecimal]"""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
