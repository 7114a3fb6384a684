"""Sends a log-in at once, bypassing the outbox, so that what opens a home is stored nowhere."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from correspondence.catalogue import catalogue
from correspondence.channels.mail import MailSender
from correspondence.channels.text_messages import TextMessageSender
from correspondence.outbox.message import Channel, Message, NotSent, message_id
from operations.channel_settings import mail_server
from operations.visitors.people import MAIL

if TYPE_CHECKING:
    from operations.log_in.links import Asked
    from operations.serving import Serving

log = logging.getLogger(__name__)
LOG_IN = "log_in"


def send_log_in(serving: Serving, asked: Asked, language: str, text: str = LOG_IN) -> None:
    """
    Send link and code to the requester; a failure is only logged, since people ask again.

    Parameters
    ----------
    serving : Serving
    asked : Asked
    language : str
    text : str, optional
        Its words are ``portal.TEXT.…`` of the catalogue.
    """
    if not asked.subject:
        return
    kind, _, address = asked.subject.partition(":")
    message = _message(
        serving, asked, Channel.MAIL if kind == MAIL else Channel.SMS, address, language, text
    )
    try:
        _send(serving, message)
    except NotSent as error:
        # A server's answer names whom it refused.
        said = re.sub(re.escape(address), "the address", str(error), flags=re.IGNORECASE)
        log.warning("a log-in could not be sent by %s: %s", message.channel, said)


def _message(
    serving: Serving, asked: Asked, channel: Channel, address: str, language: str,
    text: str,
) -> Message:  # fmt: skip
    words = catalogue(language)
    link = f"{serving.portal.url}/log-in/link/{asked.link}"
    code = f"{asked.code[:4]} {asked.code[4:]}"
    return Message(
        id=message_id(LOG_IN, asked.request),
        channel=channel,
        kind=LOG_IN,
        address=address,
        subject=words.say(f"portal.{text}.mail.subject"),
        text=words.say(f"portal.{text}.{channel}.text", link=link, code=code),
    )


def _send(serving: Serving, message: Message) -> None:
    settings = serving.settings
    if message.channel is Channel.MAIL and settings.mail is not None:
        with MailSender(mail_server(settings.mail)) as sender:
            sender.send(message)
    elif message.channel is Channel.SMS and settings.sms is not None:
        TextMessageSender(settings.sms.url.get_secret_value()).send(message)
    else:
        log.warning("the settings name nothing to send a log-in by %s", message.channel)
