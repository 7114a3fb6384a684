"""Text messages, by any service that Apprise knows; needs ``fairvarme[sms]``."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from correspondence.outbox.message import NotSent, Scope
from estate.errors import UsageError

if TYPE_CHECKING:
    from correspondence.outbox.message import Message

TO = "{to}"
"""Where a service's address takes the number."""


class TextMessageSender:
    """
    Hands text messages over to a service.

    Parameters
    ----------
    url : str
        As Apprise writes the service, with ``{to}`` for the number and the secrets in it.

    Raises
    ------
    UsageError
        Apprise is not installed, or knows no such service.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._check()

    def _check(self) -> None:
        try:
            from apprise import Apprise
        except ImportError as error:
            raise UsageError(
                "text messages need Apprise; install fairvarme[sms], or remove [sms] of the "
                "settings"
            ) from error
        if TO not in self._url or Apprise.instantiate(self._to("+4500000000")) is None:
            raise UsageError(
                "url of [sms] is no service that Apprise knows, or has no {to} for the number; "
                "write it as Apprise's page of the service shows"
            )

    def _to(self, number: str) -> str:
        return self._url.replace(TO, quote(number, safe=""))

    def send(self, message: Message) -> str:
        """Hand one message over; see `correspondence.outbox.message.Sender`."""
        from apprise import Apprise

        service = Apprise.instantiate(self._to(message.address))
        if service is None:
            raise NotSent(Scope.ADDRESS, "the service takes no such number")
        # Apprise says whether, and logs why; a secret of the url could stand in the reason.
        if not service.notify(body=message.text):
            raise NotSent(Scope.MESSAGE, f"refused by {service.service_name}")
        return f"taken by {service.service_name}"
