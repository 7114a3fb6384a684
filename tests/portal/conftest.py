"""The portal of a small house."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.portal_house import Portal, opened_portal


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with opened_portal(tmp_path) as portal:
        yield portal
