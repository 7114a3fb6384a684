"""Our own files that every page needs: read once, and cached by browsers until they change."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import NamedTuple

STATIC = {
    "portal.css": "text/css; charset=utf-8",
    "portal.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
KEPT_BY_BROWSERS = "public, max-age=3600"
KEPT_FOR_GOOD = "public, max-age=31536000, immutable"


class StaticFile(NamedTuple):
    """A file; its mark changes with its content."""

    content: bytes
    mark: str
    media_type: str


@cache
def static_file(name: str) -> StaticFile | None:
    """Return a file; the name is only looked up, and never becomes a path."""
    if name not in STATIC:
        return None
    content = resources.files("portal").joinpath("static", name).read_bytes()
    return StaticFile(content, hashlib.sha256(content).hexdigest()[:16], STATIC[name])


@cache
def static_path(name: str) -> str:
    """Return the address of a file, which changes with its content."""
    found = static_file(name)
    if found is None:
        raise KeyError(name)
    return f"/static/{name}?v={found.mark}"
