"""
Settings of an installation: one TOML file and the environment, read once and passed down.

docs/operation.md shows a complete file. Relative paths in it are relative to the file. A variable
such as ``FAIRVARME_STORE`` or ``FAIRVARME_BROKER__URL`` overrides the file.
"""

from __future__ import annotations

import os
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from estate.errors import UsageError
from estate.files.documents import DocumentRefused, load_toml
from estate.files.rows import remedy_for

# Needed at run time by pydantic.
from ingest.limits import limits
from ingest.sources import Source, filters_overlap, known_zone
from operations.channel_settings import (
    LetterSettings,
    MailSettings,
    PortalSettings,
    ReportSettings,
    SmsSettings,
    Table,
    WebhookSettings,
)
from operations.mqtt_address import MqttAddress
from telemetry.stores.sealed.limits import sealing_limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails
    from pydantic_settings import PydanticBaseSettingsSource

CONFIG_VARIABLE = "FAIRVARME_CONFIG"
PASSWORD_VARIABLE = "FAIRVARME_MQTT_PASSWORD"  # noqa: S105  the name of the variable
PREFIX, BETWEEN = "FAIRVARME_", "__"
"""Separator of table and name in environment variables: ``FAIRVARME_BROKER__URL``."""
DEFAULT_FILE = "fairvarme.toml"
SQLITE = "sqlite:///"
IN_DATABASE = "database"
"""What `Settings.estates` is where they were imported."""
PATHS_IN_TABLES = {
    "broker": {"ca_file", "certificate_file", "key_file", "password_file"},
    "credentials": {"directory"},
    "mail": {"ca_file"},
    "backup": {"directory"},
    "sealed": {"directory"},
    "letters": {"directory"},
    "service": {"directory"},
}


class BrokerSettings(Table):
    """Connection of the worker to the broker."""

    url: str = Field(repr=False)
    password: SecretStr | None = Field(
        default=None, description="instead of one in the url; preferably in the environment"
    )
    password_file: Path | None = Field(
        default=None, description="a file that holds it alone, instead"
    )
    protocol: Literal["5", "3.1.1"] = "5"
    client_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "fairvarme-ingest"
    receive_maximum: Annotated[int, Field(ge=1, le=65_535)] = Field(
        default_factory=lambda: limits().receive_maximum, description="most unacknowledged messages"
    )
    shared_group: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] | None = Field(
        default=None, description="workers of one group share the messages ($share)"
    )
    ca_file: Path | None = Field(
        default=None, description="authority of the broker's certificate; default: the system's"
    )
    certificate_file: Path | None = Field(
        default=None, description="client certificate of the worker"
    )
    key_file: Path | None = Field(default=None, description="key of that certificate")

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        files = (self.ca_file, self.certificate_file, self.key_file)
        if any(files) and not MqttAddress.parse(self.url).tls:
            raise ValueError("files for TLS need a url that begins with mqtts://")
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file go together")
        return self

    def address(self, environment: Mapping[str, str] = os.environ) -> MqttAddress:
        """
        Return the broker's address, with the configured password.

        Raises
        ------
        UsageError
            If the file of the password cannot be read.
        """
        address = MqttAddress.parse(self.url)
        password = environment.get(PASSWORD_VARIABLE) or self._own_password()
        return replace(address, password=password) if password else address

    def _own_password(self) -> str | None:
        if self.password is not None or self.password_file is None:
            return self.password.get_secret_value() if self.password else None
        try:
            return self.password_file.read_text("utf-8").strip()
        except OSError as error:
            raise UsageError(
                f"broker.password_file cannot be read: {error}. Check the path and its permissions"
            ) from error


class CredentialsSettings(Table):
    """Folder in which `devices provision` writes files for the broker."""

    directory: Path = Field(description="password file, access list, certificates, roster")
    certificate_days: int = Field(
        default=1095, ge=1, le=7305, description="validity of a new certificate"
    )


class HealthSettings(Table):
    """Address of the worker's health pages."""

    port: Annotated[int, Field(ge=1, le=65535)]
    host: str = "127.0.0.1"


def _folders_or_database(value: object) -> object:
    # Otherwise a mistake is reported as mismatches with two internal types.
    if isinstance(value, list | tuple) or value == IN_DATABASE:
        return value
    raise ValueError(f'write a list of folders such as ["estates/one"], or "{IN_DATABASE}"')


class AlertSettings(Table):
    """Who is notified of alerts besides residents, and what a unit costs."""

    staff: tuple[Annotated[str, Field(pattern=r"^\S+@\S+$")], ...] = Field(
        default=(), description="mail addresses; the buildings' own contacts without them"
    )
    on_call: tuple[Annotated[str, Field(pattern=r"^(\S+@\S+|\+\d{6,15})$")], ...] = Field(
        default=(),
        description="mail addresses and telephone numbers that danger goes to where nobody of "
        "the home has one; the buildings' emergency contacts without them",
    )
    prices: dict[
        Literal["heat_kwh", "hot_water_m3", "cold_water_m3", "electricity_kwh"],
        Annotated[float, Field(ge=0, allow_inf_nan=False)],
    ] = Field(default={}, description="kroner a unit, VAT included, told as the cost of a day")
    answer_url: Annotated[str, Field(pattern=r"^(|https://[^\s{}]*\{token\}[^\s{}]*)$")] = Field(
        default="",
        description="page that takes answers to a message, with {token}; the portal's own",
    )
    processes: Annotated[int, Field(ge=1, le=256)] = Field(
        default=1, description="how many share the work of a run of many buildings"
    )


class BackupSettings(Table):
    """Where backups go, and who can restore them."""

    directory: Path = Field(description="folder of backups; better on another machine's disk")
    recipients: Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        description="public keys of age; whoever has the secret key of one can restore"
    )
    keep_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=35, description="how old a backup becomes; personal data is in it so much longer"
    )


class SealedSettings(Table):
    """Where closed months of readings go, and when."""

    directory: Path | None = Field(
        default=None, description="beside the file of a SQLite store without it; none for a server"
    )
    after_days: Annotated[int, Field(ge=7, le=3650)] = Field(
        default_factory=lambda: sealing_limits().after_days,
        description="after the end of a month",
    )
    release: bool = Field(default=True, description="whether the store lets go of what is sealed")


class ServiceSettings(Table):
    """What `fairvarme run` runs, and when."""

    directory: Path | None = Field(
        default=None, description="of its lock and record; beside the database's file without it"
    )
    timezone: Annotated[str, AfterValidator(known_zone)] = Field(
        default="Europe/Copenhagen",
        description="zone of the jobs' times, and of those that commands show to people",
    )
    without: tuple[str, ...] = Field(default=(), description="parts and jobs that are left out")
    times: dict[str, str] = Field(default={}, description="times of jobs, as cron writes them")


class Settings(BaseSettings):
    """Settings of an installation; the environment overrides the file."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, env_nested_delimiter=BETWEEN
    )

    store: str = Field(repr=False, description="URL of the store of readings")
    database: str = Field(repr=False, description="URL of the relational database")
    estates: Annotated[
        Literal["database"] | tuple[Path, ...], BeforeValidator(_folders_or_database)
    ] = Field(description="estate folders, one per building; or that they were imported")
    broker: BrokerSettings | None = None
    sources: tuple[Source, ...] = ()
    credentials: CredentialsSettings | None = None
    health: HealthSettings | None = None
    mail: MailSettings | None = None
    letters: LetterSettings | None = None
    reports: ReportSettings = ReportSettings()
    backup: BackupSettings | None = None
    sealed: SealedSettings = SealedSettings()
    sms: SmsSettings | None = None
    webhooks: tuple[WebhookSettings, ...] = ()
    alerts: AlertSettings = AlertSettings()
    service: ServiceSettings = ServiceSettings()
    portal: PortalSettings | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the library's names
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use the environment, then the file; no .env file and no folder of secrets."""
        return env_settings, init_settings

    @model_validator(mode="after")
    def _gateways_are_apart(self) -> Self:
        """Reject a gateway that could write where another's messages, or a box's, are read."""
        gateways = [each for each in self.sources if each.gateway is not None]
        for one in gateways:
            for other in self.sources:
                apart = one.gateway == other.gateway
                if not apart and filters_overlap(one.topic_filter, other.topic_filter):
                    raise ValueError(
                        f"gateway {one.gateway} could write to {other.topic_filter}; "
                        "give each gateway a topic prefix of its own"
                    )
        return self

    @model_validator(mode="after")
    def _gateways_of_a_building_have_lists(self) -> Self:
        """Reject two gateways of a building of which one could report the other's devices."""
        for source in self.sources:
            others = {
                each.gateway
                for each in self.sources
                if each.gateway and each.building == source.building
            }
            if source.gateway and source.devices is None and len(others) > 1:
                raise ValueError(
                    f"{source.building} has {len(others)} gateways, so each reports only the "
                    f"devices on its list; add devices to the source of {source.gateway}"
                )
        return self

    @model_validator(mode="after")
    def _files_are_apart(self) -> Self:
        """Reject one file for readings and records, whose tables and backups are not the same."""
        files = [each.resolve() for each in self.files()]
        if len(set(files)) < len(files):
            raise ValueError(
                f"store and database are the same file, {files[0]}; give each a file of its own"
            )
        return self

    @property
    def estate_folders(self) -> tuple[Path, ...]:
        """The estate folders; none where the estates are in the database."""
        return () if isinstance(self.estates, str) else self.estates

    @property
    def sealed_directory(self) -> Path | None:
        """Where closed months are sealed; None if they are not."""
        if self.sealed.directory is not None or not self.store.startswith(SQLITE):
            return self.sealed.directory
        path = Path(self.store.removeprefix(SQLITE))
        return path.with_name(f"{path.stem}-sealed")

    def files(self) -> tuple[Path, ...]:
        """Return the SQLite files of database and store."""
        urls = (self.database, self.store)
        return tuple(Path(each.removeprefix(SQLITE)) for each in urls if each.startswith(SQLITE))


def settings_path(path: Path | None = None) -> Path:
    """Return the settings file: the one given, else ``FAIRVARME_CONFIG``, else fairvarme.toml."""
    return path or Path(os.environ.get(CONFIG_VARIABLE, DEFAULT_FILE))


def read_settings(path: Path | None = None) -> Settings:
    """
    Read the settings from the file of `settings_path`.

    Raises
    ------
    UsageError
        Names the file and the invalid setting.
    """
    path = settings_path(path)
    try:
        document = load_toml(path)
    except FileNotFoundError as error:
        raise UsageError(
            f"there is no settings file {path}; name one with --config, or make an installation "
            "with `fairvarme init DIR`; docs/operation.md shows the format"
        ) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error}. Correct it there") from error
    except DocumentRefused as error:
        raise UsageError(f"{path} cannot be read: it {error}") from error
    try:
        return Settings.model_validate(_with_absolute_paths(document, path.absolute().parent))
    except ValidationError as error:
        raise UsageError(f"{path}: {_faults(error)}") from error


def _with_absolute_paths(document: dict[str, Any], directory: Path) -> dict[str, Any]:
    found = dict(document)
    if isinstance(found.get("estates"), list):
        found["estates"] = [directory / str(each) for each in found["estates"]]
    for table, names in PATHS_IN_TABLES.items():
        if isinstance(found.get(table), dict):
            paths = {
                name: directory / str(found[table][name]) for name in names & found[table].keys()
            }
            found[table] = found[table] | paths
    for name in ("store", "database"):
        url = found.get(name)
        if isinstance(url, str) and url.startswith(SQLITE):
            found[name] = f"{SQLITE}{directory / url.removeprefix(SQLITE)}"
    return found


def _faults(error: ValidationError) -> str:
    # Values are omitted: one may contain a password.
    return "; ".join(
        _fault(fault) for fault in error.errors(include_input=False, include_url=False)
    )


def _fault(fault: ErrorDetails) -> str:
    place = ".".join(str(part) for part in fault["loc"]) or "the settings"
    if fault["type"] == "missing":
        return f"{place} is missing; add it"
    if fault["type"] == "extra_forbidden":
        alike = get_close_matches(str(fault["loc"][-1]), _names(), n=1)
        remedy = f"did you mean {alike[0]}?" if alike else "remove it"
        return f"{place} is not a setting; {remedy}"
    return f"{place}: {remedy_for(fault).removeprefix('Value error, ')}"


def _names() -> set[str]:
    """Return the names of all settings, those in tables without their table."""
    schema = Settings.model_json_schema()
    tables = (schema, *schema["$defs"].values())
    return {name for table in tables for name in table.get("properties", ())}
