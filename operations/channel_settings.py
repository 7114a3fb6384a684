"""Settings for reaching people and being reached: mail, letters, messages, webhooks, portal."""

from __future__ import annotations

import os

# Needed at run time by pydantic.
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

if TYPE_CHECKING:
    from correspondence.channels.mail import MailServer

PASSKEY = "passkey"
"""The way to log in beside the services; proofs of both are kept under their names."""
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class Table(BaseModel):
    """Base of every table of the file: frozen, unknown names rejected."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MailSettings(Table):
    """The server that accepts our outgoing mail."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    sender: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] = Field(
        description="address that mails come from, where bounces arrive too"
    )
    sender_name: str = ""
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="none is for a server on this machine alone"
    )
    user: str | None = None
    password: SecretStr | None = Field(default=None, description="better in the environment")
    ca_file: Path | None = Field(
        default=None, description="authority of the server's certificate; the system's without it"
    )

    @model_validator(mode="after")
    def _secret_is_encrypted(self) -> Self:
        if self.security == "none" and self.host not in LOCAL_HOSTS:
            raise ValueError(
                "mail to another machine is encrypted; set security to starttls or tls"
            )
        return self


class LetterSettings(Table):
    """The folder where letters wait to be printed."""

    directory: Path


class ReportSettings(Table):
    """When monthly reports are sent, and how long print files are kept."""

    day: Annotated[int, Field(ge=1, le=28)] = Field(
        default=4, description="day of the month from which the month before is sent"
    )
    print_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=90, description="days after which a print file, which names people, is removed"
    )


class SmsSettings(Table):
    """The service that sends our text messages."""

    url: SecretStr = Field(
        description="as Apprise writes the service, with {to} for the number; in the environment"
    )


class WebhookSettings(Table):
    """An address that approved bills and alerts are posted to."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    url: Annotated[str, Field(pattern=r"^https?://\S+$", repr=False)]
    secret: SecretStr = Field(min_length=16, description="signs what is posted")


def is_encrypted_or_local(url: str) -> bool:
    """Whether nobody along the way can read what is sent to an address."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL_HOSTS)


class OidcSettings(Table):
    """A service that staff or residents log in with (OpenID Connect)."""

    title: str = Field(min_length=1, max_length=40, description="what the button calls it")
    who: Literal["staff", "residents"]
    issuer: Annotated[str, Field(pattern=r"^https?://\S+$")]
    client_id: str
    client_secret: SecretStr = Field(min_length=1, description="better in the environment")
    acr_values: str = Field(default="", description="levels of assurance, of which it shows one")
    second_factor: bool = Field(
        default=False, description="the service asks staff for a second factor, so we need not"
    )
    skew_seconds: int = Field(
        default=60, ge=0, le=300, description="by which its clock may differ from ours"
    )

    @model_validator(mode="after")
    def _is_encrypted(self) -> Self:
        if not is_encrypted_or_local(self.issuer):
            raise ValueError("an issuer on another machine begins with https://")
        return self


MOST_USUAL_PROCESSES = 4


def _usual_processes() -> int:
    return min(len(os.sched_getaffinity(0)), MOST_USUAL_PROCESSES)


class PortalSettings(Table):
    """The address that the portal listens on, and the one that its visitors use."""

    url: Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.:\[\]-]+$")] = Field(
        description="its public address, without a path; links in mails begin with it"
    )
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    processes: Annotated[int, Field(ge=1, le=64)] = Field(
        default_factory=_usual_processes, description="how many share the work"
    )
    oidc: dict[Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")], OidcSettings] = Field(
        default={}, description="log-in services by name"
    )

    @model_validator(mode="after")
    def _is_encrypted(self) -> Self:
        if not self.secure and self.host_name not in LOCAL_HOSTS:
            raise ValueError("log-ins are encrypted; begin the url with https://")
        return self

    @model_validator(mode="after")
    def _services_are_told_from_passkeys(self) -> Self:
        if PASSKEY in self.oidc:
            raise ValueError(
                f"oidc.{PASSKEY} has the name under which passkeys are kept; give the service "
                "another"
            )
        return self

    def services(self, *who: str) -> list[tuple[str, str]]:
        """Return name and title of the log-in services for staff, for residents, or for both."""
        return [(name, each.title) for name, each in self.oidc.items() if each.who in who]

    @property
    def secure(self) -> bool:
        """Whether visitors connect by HTTPS."""
        return self.url.startswith("https://")

    @property
    def host_name(self) -> str:
        """Its host name, as browsers request it."""
        return urlsplit(self.url).hostname or ""


def mail_server(mail: MailSettings) -> MailServer:
    """Return how to reach the mail server of the settings."""
    from correspondence.channels.mail import MailServer

    secret = mail.password.get_secret_value() if mail.password else None
    return MailServer(**mail.model_dump(exclude={"password"}), password=secret)
