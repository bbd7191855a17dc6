"""Language: small words and letters decide, the source's word only where they do not."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from tests.architecture.source_tree import ROOT
from tests.shared import shared_dir
from tests.unit.intelligence.news.material import PUBLISHER, item, read
from vigie.intelligence.news.judging.rows import read_rows
from vigie.intelligence.news.reading.languages import SMALL, guess_language
from vigie.intelligence.news.reading.words import tokenize
from vigie.intelligence.news.step import Publisher
from vigie.intelligence.news.steps import language as step

FRENCH = Publisher("fil", "Le Fil", "media", language="fr")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bitcoin repasse au-dessus de 80 000 euros", "fr"),
        ("Kraken lance son jeton", "fr"),
        ("Vers une régulation des stablecoins", "fr"),
        ("L'AMF met en garde contre quatre plateformes", "fr"),
        ("Les mineurs vendent", "fr"),
        ("Hausse spectaculaire du bitcoin", "fr"),
        ("Bitcoin tests support", "en"),
        ("The regulator fines an exchange", "en"),
        ("What miners expect from the next halving", "en"),
        ("SEC sues Kraken over its staking service", "en"),
        ("Krypto-Börse meldet Verluste bei der Bank", "de"),
        ("El bitcoin cae por la guerra y las tasas", "es"),
        ("O bitcoin sobe com a decisão do Fed", "pt"),
        ("De bank en het bedrijf zijn niet op tijd", "nl"),
        ("La banca e il bitcoin: che cosa sono i rischi della rete", "it"),
        ("ビットコインが急落", "ja"),
        ("Биткоин упал ниже", "ru"),
        ("비트코인 급락", "ko"),
        ("", ""),
        ("12 345", ""),
        ("\u202e\u200b", ""),
    ],
)
def test_a_text_tells_its_language(text, expected):
    guess = guess_language(tokenize(text))
    assert guess.language == expected
    assert (guess.surety > 0) == bool(expected)


def test_the_word_of_the_source_decides_where_the_text_does_not():
    found = [
        read([step.make()], [item("Halving imminent")], one)[0]["language"].body
        for one in (PUBLISHER, FRENCH)
    ]
    assert [one["language"] for one in found] == ["en", "fr"]


def test_a_clear_text_is_not_what_its_source_says():
    found = read([step.make()], [item("The regulator fines an exchange over its reserves")], FRENCH)[0][
        "language"
    ]
    assert found.body["language"] == "en"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Kraken lance son jeton", "The exchange did not say when."),
        ("Bitcoin", "Le régulateur n’a pas dit quand, ni où, ni pourquoi."),
        ("", "Биткоин упал ниже"),
        ("BTC ETF " * 12, "la loi sur les jetons " * 12),
        ("ビットコイン", ""),
    ],
)
def test_a_title_and_its_text_are_read_as_one(title, text):
    assert guess_language(tokenize(title), tokenize(text)) == guess_language(tokenize(f"{title} {text}"))


# Headlines of ours in languages near English and French, few of which have a small word that tells them.
with Path(__file__).with_name("near_languages.csv").open(encoding="utf-8") as file:
    NEAR = [(row["language"], row["title"]) for row in csv.DictReader(file, delimiter=";")]


def test_languages_near_english_and_french_are_not_taken_for_them():
    told = [(spoken, guess_language(tokenize(title)).language, title) for spoken, title in NEAR]
    wrong = [one for one in told if one[1] in ("en", "fr")]
    assert len(wrong) <= 1, wrong
    assert all(
        said in ("", spoken) or spoken not in SMALL for spoken, said, _ in told if said not in ("en", "fr")
    )


@pytest.mark.parametrize(("stated", "expected"), [("nl", "nl"), ("", "")])
def test_a_text_below_the_margin_is_what_its_source_says_or_not_told(stated, expected):
    publisher = Publisher("krant", "De Krant", "media", language=stated)
    found = read([step.make()], [item("Beurs sluit handelsplatform wegens fraude")], publisher)[0]
    assert found["language"].body["language"] == expected


@pytest.mark.shared
def test_english_and_french_headlines_are_still_told():
    titles = pl.read_parquet(shared_dir("data", "news", "archive_headlines.parquet"))["title"].to_list()[::10]
    told = [guess_language(tokenize(title)).language for title in titles]
    assert told.count("en") >= 0.95 * len(told)
    assert told.count("") >= 0.75 * (len(told) - told.count("en"))
    rows = read_rows((ROOT / "benchmarks/news/rows/french.csv").read_text(encoding="utf-8"))
    assert sum(guess_language(tokenize(row.title)).language == "fr" for row in rows) >= 0.94 * len(rows)
