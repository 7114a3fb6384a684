"""
A backup folder: each distinct content once, encrypted, and a list for each backup.

``objects/`` holds each content under the SHA-256 of its plain text, encrypted by age to one or more
public keys, so that what has not changed since the last backup takes no space and no time.
``backups/`` holds a list for each backup, written last: without it there is no backup. The lists
omit the names of files, which reveal tenancies: those are in an encrypted content of their own.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from estate.errors import FairvarmeError, UsageError
from estate.files.private_files import make_private
from telemetry.stores.sealed.locks import locked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OBJECTS, BACKUPS = "objects", "backups"
WRITING = ".writing"
"""The lock of whoever writes or removes backups."""


class Entry(BaseModel):
    """
    One file of a backup.

    Attributes
    ----------
    name : str
        Its path: relative to the folder of the settings, absolute where it lies elsewhere.
    kind : str
        What it is: ``file``, ``postgresql`` or ``readings``.
    sha256 : str
        Of its content before encryption.
    size : int
        [byte]
    mode : int
        Its permissions.
    """

    name: str
    kind: str
    sha256: str
    size: int
    mode: int = 0o600


class Index(BaseModel):
    """The files of a backup; ``settings`` is the name of that of the settings."""

    settings: str
    entries: list[Entry]


class Listing(BaseModel):
    """
    What can be read of a backup without its key.

    Attributes
    ----------
    name : str
    made_ms : int
        [ms since 1970, UTC]
    version : str
        Version of the program that made it.
    index : str
        Digest of its `Index`.
    objects : list of str
        Digests of all its contents.
    whole : bool
        Whether nothing was damaged or missing when it was made.
    """

    name: str
    made_ms: int
    version: str
    index: str
    objects: list[str]
    whole: bool = True


@dataclass(frozen=True)
class Repository:
    """A folder of backups."""

    directory: Path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait until nobody else writes or removes backups here, and keep others out meanwhile."""
        with locked(self.directory, WRITING):
            yield

    def names(self) -> list[str]:
        """Return the names of all backups, the oldest first."""
        return sorted(path.stem for path in (self.directory / BACKUPS).glob("*.json"))

    def listing(self, name: str | None = None) -> Listing:
        """
        Return the list of a backup, by default the newest.

        Raises
        ------
        UsageError
            If there is none of that name, or its list cannot be read.
        """
        names = self.names()
        chosen = name or (names[-1] if names else None)
        if chosen is None or chosen not in names:
            known = ", ".join(names[-5:]) or "none"
            raise UsageError(f"{self.directory} has no backup {chosen or 'at all'}: {known}")
        path = self.directory / BACKUPS / f"{chosen}.json"
        try:
            return Listing.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise UsageError(f"{path} is damaged; restore an earlier backup") from error

    def keep(self, path: Path, recipients: Sequence[str]) -> tuple[str, int]:
        """
        Store a file's content, encrypted, unless it is here already.

        Returns
        -------
        sha256 : str
        size : int
            [byte]
        """
        import pyrage

        digest, size = hash_file(path)
        target = self._object(digest)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            new = target.with_suffix(".new")
            keys = [pyrage.x25519.Recipient.from_str(each) for each in recipients]
            with removed_on_error(new):
                make_private(new)
                pyrage.encrypt_file(str(path), str(new), keys)
                synced(new)
            new.replace(target)
        return digest, size

    def take(self, entry: Entry, identity: str, target: Path) -> None:
        """Write the content of an entry to a path; raises as `fetch`."""
        self.fetch(entry, identity, target).replace(target)

    def fetch(self, entry: Entry, identity: str, target: Path) -> Path:
        """
        Write an entry's content to a file beside a path, completely and durably; return its path.

        Raises
        ------
        FairvarmeError
            If it is missing or damaged.
        UsageError
            If the key is not the one that it was encrypted to.
        """
        source = self._object(entry.sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        new = target.with_name(f".{target.name}.new")
        with removed_on_error(new):
            make_private(new)
            self._decrypt(entry, identity, source, new)
            if hash_file(new)[0] != entry.sha256:
                raise _damaged(entry, "differs from what was backed up")
            new.chmod(entry.mode)
            synced(new)
        return new

    @staticmethod
    def _decrypt(entry: Entry, identity: str, source: Path, new: Path) -> None:
        import pyrage

        try:
            key = pyrage.x25519.Identity.from_str(identity)
            pyrage.decrypt_file(str(source), str(new), [key])
        except FileNotFoundError:
            raise _damaged(entry, "is missing") from None
        except pyrage.IdentityError as error:
            raise UsageError(f"this is no key of age ({error}); give the secret one") from error
        except (pyrage.DecryptError, OSError) as error:
            # The command itself reports a full disk, which has an error number.
            if getattr(error, "errno", None) is not None:
                raise
            raise _damaged(entry, f"cannot be decrypted: {error}") from error

    def index(self, listing: Listing, identity: str) -> Index:
        """Read the files of a backup; raises as `take`."""
        entry = Entry(name="its list of files", kind="index", sha256=listing.index, size=0)
        with TemporaryDirectory(prefix=".index-", dir=self.directory) as scratch:
            path = Path(scratch) / "index"
            self.take(entry, identity, path)
            return Index.model_validate_json(path.read_bytes())

    def add(
        self,
        name: str,
        made_ms: int,
        index: Index,
        recipients: Sequence[str],
        *,
        whole: bool = True,
    ) -> None:
        """Write the lists of a backup, which completes it."""
        with TemporaryDirectory(prefix=".index-", dir=self.directory) as scratch:
            (plain := Path(scratch) / "index").write_text(index.model_dump_json())
            digest, _ = self.keep(plain, recipients)
        listing = Listing(
            name=name,
            made_ms=made_ms,
            version=version("fairvarme"),
            index=digest,
            objects=sorted({entry.sha256 for entry in index.entries} | {digest}),
            whole=whole,
        )
        path = self.directory / BACKUPS / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        make_private(new)
        new.write_text(listing.model_dump_json(indent=1) + "\n")
        synced(new)
        new.replace(path)

    def forget(self, before_ms: int) -> list[str]:
        """
        Remove the backups made before a time, and what only they contained.

        The newest stays, as does the newest intact one: later ones were made from something
        damaged, which only an earlier one can restore.
        """
        listings = [self.listing(name) for name in self.names()]
        whole = [each for each in listings if each.whole]
        kept_for_good = {each.name for each in (*listings[-1:], *whole[-1:])}
        gone = [
            each for each in listings if each.made_ms < before_ms and each.name not in kept_for_good
        ]
        for each in gone:
            (self.directory / BACKUPS / f"{each.name}.json").unlink()
        kept = {digest for each in listings if each not in gone for digest in each.objects}
        for path in (self.directory / OBJECTS).glob("*/*"):
            if path.stem not in kept:
                path.unlink()
        return [each.name for each in gone]

    def _object(self, digest: str) -> Path:
        return self.directory / OBJECTS / digest[:2] / f"{digest}.age"


@contextmanager
def removed_on_error(path: Path) -> Iterator[None]:
    """Remove a file that could not be completed, such as on a full disk."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def hash_file(path: Path) -> tuple[str, int]:
    """Return the SHA-256 of a file's content, and its size. [byte]"""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return digest.hexdigest(), file.tell()


def synced(path: Path) -> None:
    """Make a file durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(entry: Entry, how: str) -> FairvarmeError:
    return FairvarmeError(
        f"the backup of {entry.name} {how}; restore an earlier one, or another copy of the folder"
    )
