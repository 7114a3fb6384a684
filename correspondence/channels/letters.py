"""Letters: each a PDF in a folder, from which a building's print file is made."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from correspondence.outbox.message import PDF, NotSent, Scope, Way

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from correspondence.outbox.message import Message


class LetterSender:
    """
    Puts letters into a folder for printing.

    Parameters
    ----------
    directory : Path
        Letters of a building go into a folder of its name.
    printed : callable
        Makes the PDF of a message that carries the words of a page, or no PDF.
    """

    def __init__(self, directory: Path, printed: Callable[[Message], bytes]) -> None:
        self._directory = directory
        self._printed = printed

    def send(self, message: Message) -> str:
        """Put one letter into the folder; a letter with its id replaces itself."""
        pdfs = [each.content for each in message.attachments if each.media_type == PDF]
        to_print = any(each.way is Way.PAGE for each in message.attachments) or not pdfs
        content = self._printed(message) if to_print else pdfs[0]
        path = self._directory / (message.building or "-") / f"{message.id}.pdf"
        try:
            write_durably(path, content)
        except OSError as error:
            raise NotSent(Scope.CHANNEL, f"{self._directory}: {error.strerror}") from error
        return path.name


def write_durably(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
