"""
Issues and revokes credentials: writes the broker's files and the clients' secrets.

``clients.json`` in the folder is the roster: who has which credentials. It contains no secrets. The
password file, the access list and the revocation list are generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from estate.errors import UsageError
from fairvarme.identity.authority import Authority, Issued, check_name, utc_now
from fairvarme.identity.clients import Client, Kind
from fairvarme.identity.files import PRIVATE_DIRECTORY, locked, make_directory, write_whole
from fairvarme.identity.mosquitto import (
    hash_digest,
    make_password,
    password_hash,
    with_access,
    with_password,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

ROSTER, PASSWORDS, ACCESS = "clients.json", "passwords", "acl"
AUTHORITY, REVOKED = "ca.crt", "crl.pem"
AUTHORITY_KEY = Path("authority") / "ca.key"
BROKER_CERTIFICATE, BROKER_KEY = "broker.crt", "broker.key"

CredentialKind = Literal["password", "certificate"]
State = Literal["made", "rotated", "kept", "revoked", "none"]


class Enrolled(BaseModel):
    """
    Roster entry of one client.

    Attributes
    ----------
    hash_digest : str or None
        Digest of the line with the password's hash, by which a damaged one is found; None if
        there is no password, or an earlier version gave it.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    method: CredentialKind
    issued: datetime
    write: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    serial: int | None = None
    expires: datetime | None = None
    hash_digest: str | None = None


class Roster(BaseModel):
    """Every client by name, and the revocation time of certificates by serial number."""

    clients: dict[str, Enrolled] = {}
    revoked: dict[int, datetime] = {}


class Outcome(NamedTuple):
    """
    Result for one client.

    Attributes
    ----------
    name, kind : str
    state : {'made', 'rotated', 'kept', 'revoked', 'none'}
    method : str or None
    username : str
    password : str or None
        Shown once, if no folder was given for it.
    files : tuple of Path
        Files for the client.
    expires : datetime or None
    """

    name: str
    kind: Kind | None
    state: State
    method: CredentialKind | None = None
    password: str | None = None
    files: tuple[Path, ...] = ()
    expires: datetime | None = None


def read_roster(directory: Path) -> Roster:
    """
    Read the roster of a folder; empty if there is none yet.

    Raises
    ------
    UsageError
        If it cannot be read.
    """
    path = directory / ROSTER
    try:
        return Roster.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Roster()
    except ValidationError as error:
        raise UsageError(f"{path} is damaged; restore it from the back-up") from error


@dataclass(frozen=True)
class Provisioner:
    """
    Changes credentials in one folder.

    Attributes
    ----------
    directory : Path
        Folder of the broker's files and the roster.
    certificate_days : int
        Validity of certificates. [days]
    out : Path or None
        Folder for clients' secrets; required for a certificate's key.
    """

    directory: Path
    certificate_days: int
    out: Path | None = None

    def provision(
        self, clients: Sequence[Client], method: CredentialKind, *, rotate: bool = False
    ) -> list[Outcome]:
        """
        Issue credentials to clients that have none, and update everybody's access.

        Parameters
        ----------
        clients : sequence of Client
        method : {'password', 'certificate'}
        rotate : bool
            Whether to replace existing credentials.

        Raises
        ------
        UsageError
            If a client has credentials of the other method, or there is no folder for a key.
        """
        if method == "certificate" and self.out is None:
            raise UsageError("a key needs a folder; give one with --out")
        make_directory(self.directory)
        with locked(self.directory):
            roster = read_roster(self.directory)
            for client in clients:
                if method == "certificate":
                    check_name(client.name)
                _check_method(roster, client, method, rotate=rotate)
            try:
                return [self._provision(roster, each, method, rotate=rotate) for each in clients]
            finally:
                # Also after a full disk: an issued certificate must be known, so that it can be
                # revoked.
                self._write(roster)

    def provision_broker(
        self, client: Client, hosts: Sequence[str], *, rotate: bool = False
    ) -> Outcome:
        """Issue a certificate for the broker's host names, into its folder."""
        make_directory(self.directory)
        with locked(self.directory):
            roster = read_roster(self.directory)
            before = roster.clients.get(client.name)
            if before is not None and not rotate:
                return _kept(client, before)
            now = utc_now()
            issued = self._authority(now).issue_server(hosts, self.certificate_days, now)
            for name, content in (
                (BROKER_KEY, issued.key),
                (BROKER_CERTIFICATE, issued.certificate),
            ):
                write_whole(self.directory / name, content, like_directory=True)
            self._enter(roster, client, "certificate", issued)
            self._write(roster)
        files = (self.directory / BROKER_CERTIFICATE, self.directory / AUTHORITY)
        state: State = "made" if before is None else "rotated"
        return Outcome(client.name, client.kind, state, "certificate", None, files, issued.expires)

    def revoke(self, names: Sequence[str]) -> list[Outcome]:
        """Revoke credentials and access; no change for a client without them."""
        make_directory(self.directory)
        with locked(self.directory):
            roster = read_roster(self.directory)
            outcomes = [self._revoke(roster, name) for name in names]
            self._write(roster)
        return outcomes

    def _provision(
        self, roster: Roster, client: Client, method: CredentialKind, *, rotate: bool
    ) -> Outcome:
        before = roster.clients.get(client.name)
        if before is not None and not rotate:
            changed = before.model_copy(update={"write": client.write, "read": client.read})
            roster.clients[client.name] = changed
            return _kept(client, before)
        state: State = "made" if before is None else "rotated"
        if method == "password":
            return self._give_password(roster, client, state)
        return self._give_certificate(roster, client, state)

    def _give_password(self, roster: Roster, client: Client, state: State) -> Outcome:
        password = make_password()
        hashed = password_hash(password)
        self._put_password(client.name, hashed)
        self._enter(roster, client, "password", None, hash_digest(hashed))
        if self.out is None:
            return Outcome(client.name, client.kind, state, "password", password)
        authority = self.directory / AUTHORITY
        known = {AUTHORITY: authority.read_bytes()} if authority.exists() else {}
        files = self._given(client, {"password": password.encode(), **known})
        return Outcome(client.name, client.kind, state, "password", None, files)

    def _give_certificate(self, roster: Roster, client: Client, state: State) -> Outcome:
        now = utc_now()
        authority = self._authority(now)
        issued = authority.issue_client(client.name, self.certificate_days, now)
        self._put_password(client.name, None)
        self._enter(roster, client, "certificate", issued)
        contents = {
            "client.key": issued.key,
            "client.crt": issued.certificate,
            AUTHORITY: authority.certificate_pem,
        }
        files = self._given(client, contents)
        return Outcome(client.name, client.kind, state, "certificate", None, files, issued.expires)

    def _given(self, client: Client, contents: dict[str, bytes]) -> tuple[Path, ...]:
        """Write a client's secrets into its private folder."""
        assert self.out is not None  # noqa: S101  asked for before
        # An id has no @, so two names never share a folder, and none leads out of it.
        directory = self.out / f"{client.kind}@{client.name.replace('/', '@')}"
        make_directory(directory)
        directory.chmod(PRIVATE_DIRECTORY)
        for name, content in contents.items():
            write_whole(directory / name, content)
        return tuple(directory / name for name in contents)

    def _revoke(self, roster: Roster, name: str) -> Outcome:
        before = roster.clients.pop(name, None)
        self._put_password(name, None)
        if before is None:
            return Outcome(name, None, "none")
        _revoke_certificate(roster, before)
        return Outcome(name, before.kind, "revoked", before.method)

    def _enter(
        self,
        roster: Roster,
        client: Client,
        method: CredentialKind,
        issued: Issued | None,
        hash_digest: str | None = None,
    ) -> None:
        before = roster.clients.get(client.name)
        if before is not None:
            _revoke_certificate(roster, before)
        roster.clients[client.name] = Enrolled(
            kind=client.kind,
            method=method,
            issued=utc_now(),
            write=client.write,
            read=client.read,
            serial=issued.serial if issued else None,
            expires=issued.expires if issued else None,
            hash_digest=hash_digest,
        )

    def _authority(self, now: datetime) -> Authority:
        return Authority.of(self.directory / AUTHORITY, self.directory / AUTHORITY_KEY, now)

    def _put_password(self, name: str, hashed: str | None) -> None:
        path = self.directory / PASSWORDS
        text = with_password(_text(path), name, hashed)
        write_whole(path, text.encode(), like_directory=True)

    def _write(self, roster: Roster) -> None:
        """Write the broker's files, then the roster."""
        clients = [
            Client(name, each.kind, each.write, each.read) for name, each in roster.clients.items()
        ]
        path = self.directory / ACCESS
        write_whole(path, with_access(_text(path), clients).encode(), like_directory=True)
        if (self.directory / AUTHORITY_KEY).exists():
            now = utc_now()
            revoked = self._authority(now).revocation_list(roster.revoked, now)
            write_whole(self.directory / REVOKED, revoked, like_directory=True)
        text = roster.model_dump_json(indent=1)
        write_whole(self.directory / ROSTER, text.encode())


def _check_method(roster: Roster, client: Client, method: CredentialKind, *, rotate: bool) -> None:
    before = roster.clients.get(client.name)
    if before is not None and before.method != method and not rotate:
        raise UsageError(
            f"{client.name} has a {before.method}; replace it by a {method} with --rotate"
        )


def _kept(client: Client, before: Enrolled) -> Outcome:
    return Outcome(client.name, client.kind, "kept", before.method, expires=before.expires)


def _revoke_certificate(roster: Roster, before: Enrolled) -> None:
    if before.serial is not None:
        roster.revoked[before.serial] = datetime.now(UTC).replace(microsecond=0)


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""
