"""Settings of what messages go out by: mail, letters, text messages, webhooks."""

from __future__ import annotations

# Needed at run time by pydantic.
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class Table(BaseModel):
    """Base of every table of the file: frozen, unknown names rejected."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MailSettings(Table):
    """The server that takes our mails."""

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
    """Where letters wait to be printed."""

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
    """The service that takes our text messages."""

    url: SecretStr = Field(
        description="as Apprise writes the service, with {to} for the number; in the environment"
    )


class WebhookSettings(Table):
    """An address that approved bills and alerts are posted to."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    url: Annotated[str, Field(pattern=r"^https?://\S+$", repr=False)]
    secret: SecretStr = Field(min_length=16, description="signs what is posted")
