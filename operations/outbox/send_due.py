"""Sends the messages in the outbox through the configured channels."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache, partial
from typing import TYPE_CHECKING

from correspondence.channels.bounces import bounce_of
from correspondence.channels.letters import LetterSender
from correspondence.channels.mail import MailSender
from correspondence.channels.text_messages import TextMessageSender
from correspondence.channels.webhooks import Webhook, WebhookSender
from correspondence.outbox.dispatch import dispatch
from correspondence.outbox.message import Channel
from correspondence.outbox.retries import retries
from correspondence.outbox.store import Outbox
from estate.errors import UsageError
from operations.channel_settings import mail_server
from operations.clock import now_ms
from operations.ledger.tell import queue_approved
from operations.outbox.in_its_place import letter_instead
from operations.outbox.print_letter import LetterPress
from operations.outbox.still_wanted import still_wanted
from operations.wiring import opened_database, opened_estates

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from correspondence.outbox.dispatch import Dispatched
    from correspondence.outbox.message import Sender
    from estate.model import Estate
    from operations.settings import Settings


def send_due(settings: Settings) -> Dispatched:
    """
    Send every message that is due, in one round.

    Raises
    ------
    UsageError
        If the settings name no channel.
    StoreUnavailable
    """
    with ExitStack() as opened:
        # Estates are read on demand, so that an invalid one does not delay anybody else's mail.
        estate_of = cache(opened.enter_context(opened_estates(settings)).read)
        engine = opened.enter_context(opened_database(settings))
        senders = _senders(settings, estate_of, engine, opened)
        if not senders:
            raise UsageError(
                "the settings name no channel to send by; add [mail], [letters], [sms] or "
                "[[webhooks]] as docs/operation.md shows"
            )
        queue_approved(engine, [each.name for each in settings.webhooks], now_ms())
        instead_of = partial(letter_instead, estate_of)
        wanted = partial(still_wanted, estate_of)
        return dispatch(Outbox(engine), senders, retries(), now_ms, instead_of, wanted)


def _senders(
    settings: Settings, estate_of: Callable[[str], Estate], engine: Engine, opened: ExitStack
) -> dict[Channel, Sender]:
    found: dict[Channel, Sender] = {}
    if settings.mail is not None:
        found[Channel.MAIL] = opened.enter_context(MailSender(mail_server(settings.mail)))
    if settings.letters is not None:
        portal = settings.portal.url if settings.portal else ""
        press = opened.enter_context(LetterPress(estate_of, engine, portal))
        found[Channel.LETTER] = LetterSender(settings.letters.directory, press.print)
    if settings.sms is not None:
        found[Channel.SMS] = TextMessageSender(settings.sms.url.get_secret_value())
    if settings.webhooks:
        found[Channel.WEBHOOK] = WebhookSender(
            {
                each.name: Webhook(each.url, each.secret.get_secret_value())
                for each in settings.webhooks
            }
        )
    return found


def take_bounce(settings: Settings, mail: bytes) -> str | None:
    """
    Process a mail server's report of an undeliverable mail, which a letter then replaces.

    Returns
    -------
    str or None
        Id of the message; None if the mail is not such a report, or not about one of ours.
    """
    bounce = bounce_of(mail)
    if bounce is None:
        return None
    with opened_database(settings) as engine:
        outbox = Outbox(engine)
        message = outbox.message(bounce.message_id)
        if message is None:
            return None
        moment = now_ms()
        with opened_estates(settings) as estates:
            letter = letter_instead(estates.read, message, moment)
        outbox.undeliverable(message.id, moment, bounce.reason, letter)
    return message.id
