"""The papers about personal data hold what is in force, and what the building is called."""

from __future__ import annotations

from pathlib import Path

from estate.purposes.table import Form, Reader, purposes
from estate.quantities import quantities
from operations.privacy.kept import kept
from operations.privacy.papers import DANISH_READERS, GERMAN_CHANNELS, PAPERS, danish, german
from tests.support.small_house import BUILDING, call, make_house


def test_every_purpose_and_quantity_has_danish_words() -> None:
    assert set(danish()["purposes"]) == set(purposes())
    assert set(danish()["quantities"]) == set(quantities())
    assert set(DANISH_READERS) == {str(each) for each in Reader}


def test_everything_has_german_words() -> None:
    words = german()
    assert set(words["purposes"]) == set(purposes())
    assert set(words["quantities"]) == set(quantities())
    assert set(words["readers"]) == {str(each) for each in Reader}
    assert set(words["forms"]) == {str(each) for each in Form}
    assert set(words["records"]) == set(kept().records)
    assert GERMAN_CHANNELS.keys() == {"mail", "text messages", "webhooks"}


def test_each_paper_is_filled(tmp_path: Path) -> None:
    config = make_house(tmp_path / "house", "--name", "Kanariehuset", "--tenure", "almen")
    call("privacy-papers", BUILDING, "--out", tmp_path / "papers", "--config", config)
    texts = {name: (tmp_path / "papers" / name).read_text("utf-8") for name in PAPERS}
    for text in texts.values():
        assert "Kanariehuset" in text
        assert "{{" not in text
    for row in purposes().values():
        assert row.basis in texts["record-of-processing.md"]
        assert row.basis in texts["impact-assessment.md"]
        assert row.basis in texts["record-of-processing.de.md"]
        assert row.basis in texts["impact-assessment.de.md"]
        if row.form != "building":
            assert f"{row.kept_days} dage" in texts["notice.da.md"]
            assert row.says in texts["notice.en.md"]
            assert f"{row.kept_days} Tagen" in texts["notice.de.md"]
    for kept_row in kept().records.values():
        assert f"| {kept_row.says} | {kept_row.days} days |" in texts["record-of-processing.md"]
    for name, kept_row in kept().records.items():
        line = f"| {german()['records'][name]} | {kept_row.days} Tage |"
        assert line in texts["record-of-processing.de.md"]
    assert "Uden tilladelse" in texts["notice.da.md"]
    assert "Ohne Genehmigung" in texts["notice.de.md"]
    assert "fairvarme, wmbusmeters" in texts["record-of-processing.md"]


def test_no_secret_stands_in_them(tmp_path: Path) -> None:
    config = make_house(tmp_path / "house")
    call("privacy-papers", BUILDING, "--out", tmp_path / "papers", "--config", config)
    secret = (tmp_path / "house" / "worker.password").read_text().strip()
    for path in (tmp_path / "papers").iterdir():
        assert secret not in path.read_text("utf-8")
        assert "Kanariesen" not in path.read_text("utf-8")
