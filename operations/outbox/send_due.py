"""Sends what the outbox holds, by the channels that the settings name."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache, partial
from typing import TYPE_CHECKING

from correspondence.channels.bounces import bounce_of
from correspondence.channels.letters import LetterSender
from correspondence.channels.mail import MailSender, MailServer
from correspondence.channels.text_messages import TextMessageSender
from correspondence.channels.webhooks import Webhook, WebhookSender
from correspondence.outbox.dispatch import dispatch
from correspondence.outbox.message import Channel, NotSent, Scope
from correspondence.outbox.retries import retries
from correspondence.outbox.store import Outbox
from estate.errors import DataError, UsageError
from estate.periods import local_date
from operations.clock import now_ms
from operations.ledger.tell import queue_approved
from operations.outbox.in_its_place import letter_instead
from operations.wiring import opened_database, opened_estates
from reports.letter.page import letter_page
from reports.pdf import PLAIN_LETTER, Press

if TYPE_CHECKING:
    from collections.abc import Callable

    from correspondence.outbox.dispatch import Dispatched
    from correspondence.outbox.message import Message, Sender
    from estate.model import Estate
    from operations.channel_settings import MailSettings
    from operations.settings import Settings


def send_due(settings: Settings) -> Dispatched:
    """
    Send every message that is due, once round.

    Raises
    ------
    UsageError
        Where the settings name no channel.
    StoreUnavailable
    """
    with ExitStack() as opened:
        # Read when one is asked for: a building out of order keeps nobody else's mail.
        estate_of = cache(opened.enter_context(opened_estates(settings)).read)
        senders = _senders(settings, estate_of, opened)
        if not senders:
            raise UsageError(
                "the settings name no channel to send by; add [mail], [letters], [sms] or "
                "[[webhooks]] as docs/operation.md shows"
            )
        engine = opened.enter_context(opened_database(settings))
        queue_approved(engine, [each.name for each in settings.webhooks], now_ms())
        instead_of = partial(letter_instead, estate_of)
        return dispatch(Outbox(engine), senders, retries(), now_ms, instead_of)


def _senders(
    settings: Settings, estate_of: Callable[[str], Estate], opened: ExitStack
) -> dict[Channel, Sender]:
    found: dict[Channel, Sender] = {}
    if settings.mail is not None:
        found[Channel.MAIL] = opened.enter_context(MailSender(mail_server(settings.mail)))
    if settings.letters is not None:
        press = opened.enter_context(Press(PLAIN_LETTER))
        printed = partial(print_letter, estate_of, press)
        found[Channel.LETTER] = LetterSender(settings.letters.directory, printed)
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


def mail_server(mail: MailSettings) -> MailServer:
    """Return how the mail server of the settings is reached."""
    secret = mail.password.get_secret_value() if mail.password else None
    return MailServer(**mail.model_dump(exclude={"password"}), password=secret)


def print_letter(estate_of: Callable[[str], Estate], press: Press, message: Message) -> bytes:
    """
    Print a message that carries no PDF as a plain letter to its tenancy.

    Raises
    ------
    NotSent
        Where its building or tenancy is not known, or the estate is not in order.
    """
    try:
        estate = estate_of(message.building)
    except (DataError, UsageError) as error:
        raise NotSent(Scope.MESSAGE, f"building {message.building}: {error}") from error
    own = (each for each in estate.tenancies if each.tenancy == message.tenancy)
    tenancy = next(own, None)
    if tenancy is None:
        where = f"tenancy {message.tenancy} of building {message.building}"
        raise NotSent(Scope.MESSAGE, f"no {where} in the estate")
    day = local_date(now_ms(), estate.building.zone)
    page = letter_page(estate, tenancy, message.subject, message.text, day)
    return press.print_words(page, day)


def take_bounce(settings: Settings, mail: bytes) -> str | None:
    """
    Take a mail server's report of a mail that it could not deliver; a letter takes its place.

    Returns
    -------
    str or None
        Id of the message; None where the mail is no such report, or not of one of ours.
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
