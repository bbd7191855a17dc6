"""Language: small words and letters decide, the source's word only where they do not."""

from __future__ import annotations

import pytest

from tests.unit.intelligence.news.material import PUBLISHER, item, read
from vigie.intelligence.news.reading.languages import language
from vigie.intelligence.news.reading.words import words
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
    guess = language(words(text))
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
    assert language(words(title), words(text)) == language(words(f"{title} {text}"))
