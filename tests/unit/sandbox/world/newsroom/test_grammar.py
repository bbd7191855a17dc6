import re
import string

import pytest

from vigie.intelligence.news.reading.words import tokenize
from vigie.intelligence.news.steps.relevance import _find_crypto_word
from vigie_sandbox.world.catalogue import make_catalogue
from vigie_sandbox.world.newsroom.facts import NewsEvent, _millions, draw_facts, fill_template, format_facts
from vigie_sandbox.world.newsroom.grammar import load_templates, load_words

COINS = make_catalogue(10)
LANGUAGES = ("en", "fr")
# What only some events are given.
GIVEN = {"move": 4.2, "network": "Ethereum", "liquidity": 12_345.0}


def slots(text):
    """Return the slots of a pattern."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_each_language_tells_at_least_sixty_kinds_of_events_that_outlets_write_about():
    written = [
        one for one in load_templates().values() if one.origin not in ("routine", "homonym", "giveaway")
    ]
    assert len(written) >= 60
    for language in LANGUAGES:
        titles = [title for one in written for title in one.wordings[language].titles]
        assert len(set(titles)) == len(titles) >= 2.5 * len(written)
        assert all(len(one.wordings[language].text) >= 3 for one in written)


def test_every_topic_is_there():
    topics = {name.partition(".")[0] for name in load_templates()}
    wanted = (
        "regulation enforcement etf hack listing stablecoin macro technology legal adoption exchange policy"
    )
    assert set(wanted.split()) | {"elections", "sanctions", "tax", "market", "newcoin"} <= topics


@pytest.mark.parametrize("kind", load_templates())
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_slot_of_a_template_is_filled(kind, language):
    texts = format_facts(draw_facts(7, NewsEvent("any", kind, 0, GIVEN), COINS), language)
    wording = load_templates()[kind].wordings[language]
    for pattern in (*wording.titles, *wording.text):
        assert slots(pattern) <= set(texts)
        assert not re.search(r"[{}]", fill_template(pattern, texts, language))


# An asset whose name is also a word, or that no list has, does not tell what a release is about.
@pytest.mark.parametrize(
    "kind", [name for name, one in load_templates().items() if one.origin in ("regulator", "register")]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_regulator_says_of_crypto_is_about_crypto_whatever_the_asset_is_called(kind, language):
    texts = format_facts(draw_facts(7, NewsEvent("any", kind, 0, GIVEN), COINS), language)
    texts = {**texts, "coin": "Avalanche", "de_coin": "d’Avalanche", "stable": "Palno"}
    wording = load_templates()[kind].wordings[language]
    told = [fill_template(pattern, texts, language) for pattern in (wording.titles[0], *wording.text[:2])]
    assert any(_find_crypto_word(tokenize(one)) for one in told), told


@pytest.mark.parametrize("language", LANGUAGES)
def test_openings_and_closings_need_only_what_every_event_has(language):
    texts = format_facts(draw_facts(7, NewsEvent("any", "hack.bridge", 0), COINS), language)
    patterns = [one for some in load_words()["openings"].values() for one in some] + load_words()["closings"][
        language
    ]
    assert all(slots(one) <= set(texts) for one in patterns)


def test_the_same_event_has_the_same_figures_in_both_languages():
    facts = draw_facts(7, NewsEvent("story/1", "hack.bridge", 0), COINS) | {"amount": 12.44, "percent": 3.25}
    english, french = format_facts(facts, "en"), format_facts(facts, "fr")
    assert (english["amount"], french["amount"]) == ("$12.4 million", "12,4 millions de dollars")
    assert (english["percent"], french["percent"]) == ("3.2%", "3,2 %")
    assert english["firm"] == french["firm"]


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("le {coin} monte", "L'Ethereum monte"),
        ("vendre du {coin}", "Vendre de l'Ethereum"),
        ("gains au {coin}", "Gains à l'Ethereum"),
        ("ventes {de_coin}", "Ventes d'Ethereum"),
        ("un produit de {firm}", "Un produit d'Ebrin Digital"),
        ("la mise à jour de {person}", "La mise à jour de Jonas Harrowby"),
    ],
)
def test_french_articles_fit_the_name_that_follows(pattern, sentence):
    given = {"coin": ("Ethereum", "ETH"), "firm": "Ebrin Digital", "person": "Jonas Harrowby"}
    texts = format_facts(draw_facts(7, NewsEvent("any", "hack.bridge", 0, given), COINS), "fr")
    assert fill_template(pattern, texts, "fr") == sentence


def test_no_name_of_a_host_or_organisation_is_one_that_resolves():
    from vigie_sandbox.world.newsroom.outlets import LOOK_ALIKE, OUTLETS

    assert all(one.host.endswith(".example") for one in OUTLETS)
    assert LOOK_ALIKE.endswith(".example")


@pytest.mark.parametrize(
    ("value", "told"), [(1.94, "1,9 million de dollars"), (1.96, "2,0 millions de dollars")]
)
def test_millions_in_french_are_several_from_the_figure_that_is_written(value, told):
    assert _millions(value, "fr") == told
