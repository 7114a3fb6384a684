"""What a bill writes is what it wrote before, byte for byte (see golden/README.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from billing.bill.files import write_bill
from tests.support.golden_bills import CASES, FILES, GOLDEN, bill_of


def test_every_case_has_its_files() -> None:
    folders = {folder.name for folder in GOLDEN.iterdir() if folder.is_dir()}
    assert folders == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_bill_is_written_as_before(name: str, tmp_path: Path) -> None:
    write_bill(tmp_path, bill_of(CASES[name]()), {})
    for file in FILES:
        assert (tmp_path / file).read_bytes() == (GOLDEN / name / file).read_bytes(), file
