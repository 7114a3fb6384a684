"""Words of meters by make: what each is told as, to whom, and what is not told at all."""

from __future__ import annotations

import pytest

from alerts.life.kinds import kind_rules
from correspondence.catalogue import catalogue, languages
from operations.alerts.said import said_table

# Words as drivers of wmbusmeters print them, and what a caretaker would call them.
WORDS = [
    ("multical21", "LEAK", "leak"),
    ("multical21", "BURST", "burst"),
    ("multical21", "DRY", "dry"),
    ("multical21", "REVERSED", "reverse"),
    ("flowiq2200", "DRY", "dry"),
    ("izar", "leakage_currently", "leak"),
    ("izar", "leakage_previously", None),
    ("hydrus", "LOW_AMBIENT_TEMPERATURE", "frost"),
    ("hydrus", "BACKFLOW", "reverse"),
    ("iperl", "FREEZING", "frost"),
    ("apator162", "MAGNET_DETECTED", "opened"),
    ("fhkvdataiii", "TAMPER", "opened"),
    ("qwater", "POWER_LOW", "battery"),
    ("ultrimis", "DRY", None),
    ("aptmbusna", "P_REMOVED", None),
    ("em24", "PHASE_SEQUENCE_REVERSED", None),
    ("izar", "WAS_LEAKING", None),
    ("izar", "PREVIOUS_BURST", None),
    ("multical21", "NO_LEAK", None),
    ("multical21", "SOMETHING", None),
    ("iperl", "OK", None),
]


@pytest.mark.parametrize(("driver", "word", "told"), WORDS)
def test_word_of_a_make_is_told_as(driver: str, word: str, told: str | None) -> None:
    found = [str(each.fault or each.kind) for each in said_table() if each.means(word, driver)]
    assert found == ([] if told is None else [told])


def test_what_is_told_of_opened_meters_accuses_nobody_and_goes_to_staff_alone() -> None:
    (row,) = [each for each in said_table() if each.fault == "opened"]
    assert kind_rules()[row.kind].audience == "staff"
    for language in languages():
        words = catalogue(language)
        text = " ".join(
            words.say(key) for key in ("fault.opened", "message.device_fault.check.opened")
        )
        assert not any(each in text.lower() for each in ("snyd", "svindel", "fraud", "stole"))


def test_every_row_has_words_in_every_language_and_a_source() -> None:
    for row in said_table():
        assert row.source
        assert bool(row.fault) == (row.kind == "device_fault")
        for language in languages():
            words = catalogue(language)
            key = f"fault.{row.fault}" if row.fault else f"message.{row.kind}.now"
            assert key in words
