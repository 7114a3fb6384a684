"""
What a process writes and synchronises, seen by strace, and the disk that a power cut leaves.

Nothing of the process is changed: its system calls are recorded as they come. A power cut then
keeps of each file what was written before its last synchronisation. In the torn image an arbitrary
part of the 512-byte sectors written since is kept as well, as a disk may do in any order.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SECTOR = 512
CALLS = "pwrite64,pwritev,write,fsync,fdatasync,ftruncate,unlink,rename"
NAMES = {
    "pwrite64": "write", "fsync": "synchronise", "fdatasync": "synchronise",
    "ftruncate": "truncate", "unlink": "remove",
}  # fmt: skip
WITH_OFFSET = ("pwrite64", "ftruncate")
LONGEST = 1 << 24
"""Bytes of one write that are recorded."""
CALL = re.compile(r"^\d+\s+(?P<name>\w+)\((?P<arguments>.*)\)\s+=\s+(?P<answer>\d+)")
TEXT = re.compile(r'[<"]((?:\\x[0-9a-f]{2})*)[>"]')
NUMBERS = re.compile(r", (\d+)")
STANDARD_OUTPUT = "1<"


class Call(NamedTuple):
    """
    One system call that changed something.

    Attributes
    ----------
    name : {'write', 'synchronise', 'truncate', 'remove', 'say'}
    path : str
        Of the file; empty where the process says something.
    offset : int
        Where it was written, or the new length. [byte]
    data : bytes
        What was written, or said.
    """

    name: str
    path: str
    offset: int = 0
    data: bytes = b""


def find_strace() -> str | None:
    """Return the program that sees the calls; None where it is not installed."""
    return shutil.which("strace")


def record(command: Sequence[str], directory: Path, root: Path) -> list[Call]:
    """Run a command in the project's folder, and return its calls on files in a directory."""
    log = directory.with_suffix(".calls")
    watched = ["-f", "-y", "-xx", "-s", str(LONGEST), "-e", f"trace={CALLS}", "-o", str(log)]
    program = find_strace()
    assert program is not None
    subprocess.run([program, *watched, *command], cwd=root, check=True, stdout=subprocess.DEVNULL)
    with log.open() as lines:
        calls = [call for line in lines for call in _read(line, str(directory))]
    log.unlink()
    return calls


def _read(line: str, directory: str) -> Iterator[Call]:
    found = CALL.match(line)
    if found is None:
        return
    name, arguments = found["name"], found["arguments"]
    texts = [bytes.fromhex(each.replace("\\x", "")) for each in TEXT.findall(arguments)]
    path = texts[0].decode(errors="replace") if texts else ""
    if name == "write" and arguments.startswith(STANDARD_OUTPUT):
        yield Call("say", "", data=texts[1])
    # The shared memory of SQLite's log is made anew after a crash.
    elif path.startswith(directory) and not path.endswith("-shm"):
        if name not in NAMES:
            raise ValueError(f"{name} on {path} is not replayed yet")
        offset = int(NUMBERS.findall(arguments)[-1]) if name in WITH_OFFSET else 0
        yield Call(NAMES[name], path, offset, texts[1] if name == "pwrite64" else b"")


def _inside(paths: Iterable[str], directory: str) -> list[str]:
    return [path for path in paths if str(Path(path).parent) == directory]


@dataclass
class _File:
    """A file as the process sees it, and as it is for certain on the disk."""

    now: bytearray = field(default_factory=bytearray)
    durable: bytes | None = None
    since: list[Call] = field(default_factory=list)

    def take(self, call: Call) -> None:
        if call.name == "synchronise":
            self.durable, self.since = bytes(self.now), []
            return
        _apply(self.now, call)
        self.since.append(call)

    def after_cut(self, rng: random.Random | None) -> bytes | None:
        if rng is None:
            return self.durable
        image = bytearray(self.durable or b"")
        for call in self.since:
            for part in _sectors(call):
                if rng.random() < 0.5:
                    _apply(image, part)
        return bytes(image)


def _apply(image: bytearray, call: Call) -> None:
    if call.name == "truncate":
        del image[call.offset :]
        image.extend(bytes(call.offset - len(image)))
    else:
        image.extend(bytes(max(call.offset - len(image), 0)))
        image[call.offset : call.offset + len(call.data)] = call.data


def _sectors(call: Call) -> Iterator[Call]:
    if call.name == "truncate":
        yield call
        return
    start, stop = call.offset, call.offset + len(call.data)
    edges = [start, *range(start - start % SECTOR + SECTOR, stop, SECTOR), stop]
    for first, last in pairwise(edges):
        yield Call("write", call.path, first, call.data[first - start : last - start])


def said_before(calls: Sequence[Call], cut: int) -> list[str]:
    """Return the lines that the process had said before a cut."""
    said = b"".join(call.data for call in calls[:cut] if call.name == "say")
    return said.decode().splitlines()


def cut_power(
    calls: Sequence[Call],
    cut: int,
    directory: Path,
    rng: random.Random | None,
    before: Mapping[str, bytes],
) -> None:
    """
    Write the files as a power cut before a call leaves them.

    Parameters
    ----------
    calls : sequence of Call
    cut : int
    directory : Path
        Where the files go, by their names.
    rng : random.Random, optional
        Chooses the sectors that reached the disk though nothing was synchronised; none without it.
    before : mapping of str to bytes
        Files that were there before the first call, by name.
    """
    files: dict[str, _File] = {}
    removed: dict[str, _File] = {}
    for call in calls[:cut]:
        if call.name == "remove" and call.path in files:
            removed[call.path] = files.pop(call.path)
        elif call.name == "synchronise" and (directories := _inside(removed, call.path)):
            for path in directories:
                del removed[path]
        elif call.name != "say" and not (call.name == "synchronise" and call.path not in files):
            known = before.get(Path(call.path).name)
            files.setdefault(call.path, _File(bytearray(known or b""), known)).take(call)
    # A name is gone for certain only once its folder was synchronised.
    back = {each: file for each, file in removed.items() if rng is None or rng.random() < 0.5}
    for path, file in (back | files).items():
        image = file.after_cut(rng)
        if image is not None:
            (directory / Path(path).name).write_bytes(image)
