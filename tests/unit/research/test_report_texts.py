"""Words, numbers and colours of the report."""

from __future__ import annotations

import re
from importlib import resources

import numpy as np
import pytest

from vigie.catalogue import is_singular, locale_of
from vigie.domain.codes import REASONS, REFUSALS
from vigie.research.report.numbers import format_time, report_numbers, span_parts
from vigie.research.report.tables import FIGURES
from vigie.research.report.texts import TEXTS, report_texts

EN, FR = report_numbers("en"), report_numbers("fr")


def test_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(TEXTS["en"]) == list(TEXTS["fr"])


def test_english_numbers_and_plurals_are_those_of_its_locale() -> None:
    locale = locale_of("en")
    marks = locale.number_symbols["latn"]
    assert (EN.point, EN.group) == (marks["decimal"], marks["group"])
    assert EN.before_percent == ""
    assert locale.percent_formats[None].pattern.endswith("0%")
    counts = (-2, -1, 0, 1, 2, 11, 21, 101)
    assert [is_singular("en", n) for n in counts] == [locale.plural_form(n) == "one" for n in counts]


def test_languages_have_the_same_places_for_values() -> None:
    def places(texts: dict[str, str]) -> dict[str, list[str]]:
        return {key: sorted(re.findall(r"\{\w+\}", text)) for key, text in texts.items()}

    assert places(TEXTS["en"]) == places(TEXTS["fr"])


def test_every_code_and_figure_has_words() -> None:
    wanted = {f"refusal.{name}{end}" for name in REFUSALS.values() for end in ("", ".why")}
    wanted |= {f"reason.{name}" for name in REASONS.values()}
    keys = [part.partition(":")[0] for spec in FIGURES.values() for part in spec.split()]
    wanted |= {f"metric.{key}{end}" for key in keys for end in ("", ".how")}
    assert wanted <= set(TEXTS["en"])


def test_french_twelve_months() -> None:
    assert [len(TEXTS[language]["months.names"].split()) for language in ("en", "fr")] == [12, 12]


def test_count_takes_the_singular_of_the_language() -> None:
    assert [report_texts("en").count("slots", n) for n in (0, 1, 2)] == [
        "0 active strategies",
        "1 active strategy",
        "2 active strategies",
    ]
    assert [report_texts("fr").count("slots", n) for n in (0, 1, 2)] == [
        "0 stratégie active",
        "1 stratégie active",
        "2 stratégies actives",
    ]


def test_french_marks_stand_off_by_a_fixed_space() -> None:
    assert report_texts("fr").say("verdict.title") == "Cela peut-il être de la chance\u00a0?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (EN.number(1234567.891), "1,234,567.89"),
        (EN.number(-1234.5, 1, sign=True), "−1,234.5"),
        (EN.number(3.0, sign=True), "+3.00"),
        (EN.number(-0.001, sign=True), "0.00"),
        (EN.number(float("nan")), "–"),
        (EN.number(float("inf")), "∞"),
        (FR.number(1234567.891), "1\u202f234\u202f567,89"),
        (FR.percent(0.1234), "12,3\u202f%"),
        (EN.percent(float("nan")), "–"),
        (EN.plain(0.000123456789), "0.000123457"),
        (EN.plain(64000.0), "64,000"),
        (EN.plain(0.5), "0.5"),
        (FR.plain(-0.16644), "−0,16644"),
        (format_time(1_700_000_000_000), "2023-11-14 22:13"),
    ],
)
def test_numbers_as_written(text: str, expected: str) -> None:
    assert text == expected


@pytest.mark.parametrize(
    ("duration_ms", "expected"),
    [
        (86_400_000 * 3, (3.0, "day")),
        (86_400_000, (1.0, "day")),
        (3_600_000 * 5, (5.0, "hour")),
        (60_000 * 90, (90.0, "minute")),
    ],
)
def test_spans_take_the_unit_people_would(duration_ms: int, expected: tuple[float, str]) -> None:
    assert span_parts(duration_ms) == expected


def _rgb(text: str) -> np.ndarray:
    return np.array([int(text[k : k + 2], 16) for k in (1, 3, 5)]) / 255


def _contrast(one: np.ndarray, other: np.ndarray) -> float:
    def light(colour: np.ndarray) -> float:
        linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def _themes() -> list[dict[str, str]]:
    css = (resources.files("vigie.research.report") / "templates" / "report.css").read_text()
    blocks = re.findall(r':root(?:\[data-theme="dark"\])? \{\n\s+color-scheme.*?\}', css, re.S)
    return [dict(re.findall(r"--([\w-]+): ([^;]+);", block)) for block in blocks]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(theme: int) -> None:
    colours = _themes()[theme]
    grounds = [_rgb(colours[name]) for name in ("paper", "card", "faint")]
    for name in ("ink", "soft", "accent", "up", "down"):
        assert min(_contrast(_rgb(colours[name]), ground) for ground in grounds) >= 4.5, name
    assert _contrast(_rgb(colours["warn-ink"]), _rgb(colours["warn"])) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_months_can_be_read_on_the_deepest_colour(theme: int) -> None:
    colours = _themes()[theme]
    for name, share in (("heat-up", 0.5), ("heat-down", 0.42)):
        tint = np.array([int(part) for part in colours[name].split(",")]) / 255
        ground = share * tint + (1 - share) * _rgb(colours["paper"])
        assert _contrast(_rgb(colours["ink"]), ground) >= 4.5


def test_dark_by_system_and_dark_by_choice_are_one_theme() -> None:
    css = (resources.files("vigie.research.report") / "templates" / "report.css").read_text()
    by_system = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\}', css, re.S)[1]
    by_choice = re.search(r':root\[data-theme="dark"\] \{(.*?)\}', css, re.S)[1]
    assert by_system.split() == by_choice.split()
