"""One press for the tests of a module: it reads the templates and the type once."""

from __future__ import annotations

import pytest

from reports.pdf import STATEMENT, Press


@pytest.fixture(scope="module")
def press() -> Press:
    """Return the press of statements."""
    return Press(STATEMENT)
