from __future__ import annotations

import re
from datetime import UTC, date, datetime
from importlib import resources
from string import Formatter

import pytest

from alerts.model import OF_DEVICES, AlertKind
from billing.schemes import shipped_schemes
from correspondence.catalogue import PARTS, catalogue, languages, spoken_language
from reports.monthly.advice import advice_rules
from reports.monthly.climate import Shade, Side

DANISH, GERMAN, ENGLISH = catalogue("da"), catalogue("de"), catalogue("en")
MOST_WORDS = 15
SCHEME_KEYS = {
    "area", "equal", "heat_units", "heat_units_position", "degree_hours", "base_temperature",
    "own_heat_loss", "climate_bands", "hot_water_m3", "volume", "shares",
}  # fmt: skip


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_every_language_has_the_same_keys() -> None:
    assert languages() == {"da", "de", "en"}
    assert set(DANISH.texts) == set(GERMAN.texts) == set(ENGLISH.texts)


def test_every_language_has_the_same_placeholders() -> None:
    def placeholders(text: str) -> set[str | None]:
        return {field for _, field, _, _ in Formatter().parse(text) if field is not None}

    for words in (GERMAN, ENGLISH):
        differing = [
            key for key in DANISH.texts
            if placeholders(DANISH.texts[key]) != placeholders(words.texts[key])
        ]  # fmt: skip
        assert differing == []


def test_every_value_is_text() -> None:
    for words in (DANISH, GERMAN, ENGLISH):
        assert all(isinstance(text, str) for text in words.texts.values())


def test_no_key_stands_twice() -> None:
    for language in languages():
        folder = resources.files("correspondence").joinpath("texts")
        parts = [folder.joinpath(f"{part}{language}.yaml").read_text("utf-8") for part in PARTS]
        keys = re.findall(r"^([\w.]+):", "".join(parts), flags=re.MULTILINE)
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize("language", ["da", "de", "en"])
@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("device.", "operations.kind."),
        ("run.state.", "accounts.state."),
        ("kind.", "accounts.kind."),
    ],
)
def test_one_thing_has_one_name_in_papers_messages_and_pages(
    language: str, here: str, there: str
) -> None:
    texts = catalogue(language).texts
    named = {key.removeprefix(there): texts[key] for key in texts if key.startswith(there)}
    assert len(named) >= 6
    assert {name: texts[here + name] for name in named} == named


@pytest.mark.parametrize("language", ["da", "de", "en"])
def test_sentences_are_short(language: str) -> None:
    sentences = [
        sentence
        for text in catalogue(language).texts.values()
        for sentence in re.split(r"[.:!?]\s", text)
    ]
    assert [each for each in sentences if len(each.split()) > MOST_WORDS] == []


@pytest.mark.parametrize("language", ["da", "de", "en"])
def test_everything_that_is_chosen_by_rule_has_words(language: str) -> None:
    words = catalogue(language)
    rules = advice_rules()
    needed = (
        {f"advice.{rule.advice}" for rule in rules.rules + rules.general}
        | {f"alert.{kind}.{part}" for kind in AlertKind for part in ("title", "do")}
        | {f"message.{kind}.{part}" for kind in AlertKind for part in ("now", "check")}
        | {f"message.{kind}.question" for kind in set(AlertKind) - OF_DEVICES}
        | {f"key.{key}" for key in SCHEME_KEYS}
        | {f"scheme.{scheme}" for scheme in shipped_schemes()}
        | {f"{part}.{shade}" for shade in Shade for part in ("colour", "letter", "legend")}
        | {f"side.{name}.{side}" for side in Side for name in ("temperature_c", "humidity_pct")}
    )
    assert needed <= set(words.texts)


@pytest.mark.parametrize(
    ("amount_ore", "danish", "english"),
    [
        (0, "0,00 kr.", "DKK 0.00"),
        (5, "0,05 kr.", "DKK 0.05"),
        (84_250, "842,50 kr.", "DKK 842.50"),
        (123_456, "1.234,56 kr.", "DKK 1,234.56"),
        (123_456_789, "1.234.567,89 kr.", "DKK 1,234,567.89"),
        (-5, "−0,05 kr.", "DKK −0.05"),
        (-123_456, "−1.234,56 kr.", "DKK −1,234.56"),
    ],
)
def test_money_is_written_as_the_language_does(amount_ore: int, danish: str, english: str) -> None:
    assert plain(DANISH.money(amount_ore, "DKK")) == danish
    assert plain(ENGLISH.money(amount_ore, "DKK")) == english


def test_money_of_another_currency_names_it() -> None:
    assert plain(DANISH.money(123_456, "EUR")) == "1.234,56 €"
    assert plain(ENGLISH.money(-123_456, "EUR")) == "EUR −1,234.56"
    assert plain(DANISH.money(123_456, "XYZ")) == "1.234,56 XYZ"


def test_money_days_and_numbers_are_german_in_a_german_letter() -> None:
    assert plain(GERMAN.money(-123_456, "EUR")) == "−1.234,56 €"
    assert plain(GERMAN.money(84_250, "EUR")) == "842,50 €"
    assert plain(GERMAN.full_date(date(2026, 3, 1))) == "1. März 2026"
    assert plain(GERMAN.month(date(2026, 1, 1))) == "Januar 2026"
    assert plain(GERMAN.day(date(2026, 5, 16))) == "16. Mai"
    assert plain(GERMAN.percent(7.3)) == "7,3 %"
    assert GERMAN.number(1160.5, 1) == "1.160,5"
    assert GERMAN.weekdays == ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"]


def test_an_amount_does_not_break_over_two_lines() -> None:
    assert " " not in DANISH.money(84_250, "DKK")


@pytest.mark.parametrize(
    ("value", "decimals", "danish"),
    [(20.61, 1, "20,6"), (-0.04, 1, "0,0"), (-3.25, 2, "−3,25"), (1160.0, 0, "1.160")],
)
def test_numbers_are_written_as_the_language_does(value: float, decimals: int, danish: str) -> None:
    assert DANISH.number(value, decimals) == danish


def test_dates_are_written_as_the_language_does() -> None:
    day = date(2026, 5, 16)
    assert plain(DANISH.full_date(day)) == "16. maj 2026"
    assert plain(ENGLISH.full_date(day)) == "16 May 2026"
    assert plain(DANISH.day(day)) == "16. maj"
    assert plain(DANISH.month(date(2026, 12, 1))) == "december 2026"


@pytest.mark.parametrize("language", ["da", "de", "en"])
def test_a_year_has_its_months_and_a_week_its_days(language: str) -> None:
    words = catalogue(language)
    assert len({words.month(date(2026, month, 1)) for month in range(1, 13)}) == 12
    assert len(set(words.weekdays)) == 7


def test_weekdays_are_short_and_begin_on_monday() -> None:
    assert DANISH.weekdays == ["Ma", "Ti", "On", "To", "Fr", "Lø", "Sø"]
    assert ENGLISH.weekdays == ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]


@pytest.mark.parametrize(
    ("percent", "danish", "english"),
    [(0, "0 %", "0%"), (33, "33 %", "33%"), (7.3, "7,3 %", "7.3%"), (33.33, "33,33 %", "33.33%")],
)
def test_percent_has_the_decimals_that_it_has(percent: float, danish: str, english: str) -> None:
    assert plain(DANISH.percent(percent)) == danish
    assert plain(ENGLISH.percent(percent)) == english


@pytest.mark.parametrize(
    ("count", "danish", "english"),
    [
        (0, "0 timer skøn", "0 hours estimated"),
        (1, "1 time skøn", "1 hour estimated"),
        (2, "2 timer skøn", "2 hours estimated"),
        (1001, "1.001 timer skøn", "1,001 hours estimated"),
    ],
)
def test_a_count_chooses_its_words(count: int, danish: str, english: str) -> None:
    assert DANISH.counted("proof.partly", count) == danish
    assert ENGLISH.counted("proof.partly", count) == english


def test_a_key_without_forms_has_one_text_for_all_counts() -> None:
    assert DANISH.counted("alerts.times", 3, last="2. maj") == "3 gange, senest 2. maj."


def test_every_counted_text_has_both_forms() -> None:
    for words in (DANISH, GERMAN, ENGLISH):
        of_one = {key.removesuffix(".one") for key in words.texts if key.endswith(".one")}
        assert of_one
        assert all("{count}" in words.texts[f"{key}.other"] for key in of_one)


@pytest.mark.parametrize(
    ("wishes", "spoken"),
    [
        (("en", "da"), "en"),
        ((None, "da"), "da"),
        (("pl", "da"), "da"),
        (("pl", "sv"), "en"),
        (("pl", "de"), "de"),
    ],
)
def test_a_resident_is_spoken_to_in_the_first_language_that_has_words(
    wishes: tuple[str | None, ...], spoken: str
) -> None:
    assert spoken_language(*wishes) == spoken


@pytest.mark.parametrize(
    ("language", "said"), [("da", "07.05"), ("en", "07:05"), ("de", "07:05 Uhr")]
)
def test_a_time_of_day_is_written_as_the_language_writes_it(language: str, said: str) -> None:
    assert plain(catalogue(language).clock(datetime(2026, 1, 2, 7, 5, tzinfo=UTC))) == said
