"""Relevance: named or worded as crypto, with the reason; what a regulator publishes needs a word of its own."""

from __future__ import annotations

import pytest

from tests.unit.intelligence.news.material import PUBLISHER, item, read
from vigie.intelligence.news.gazetteer.entries import Entry, packaged
from vigie.intelligence.news.gazetteer.worldly import worldly
from vigie.intelligence.news.step import Publisher
from vigie.intelligence.news.steps import entities, relevance

REGULATOR = Publisher("office", "The Office", "regulator")


def judge(title, text="", publisher=PUBLISHER):
    return read([entities.make(), relevance.make()], [item(title, text)], publisher)[0]["relevance"].body


@pytest.mark.parametrize(
    ("title", "signs"),
    [
        ("Solana halts for five hours", ["asset"]),
        ("Kraken opens an office", ["organisation"]),
        ("Vitalik Buterin speaks in Paris", ["person"]),
        ("MiCA enters into force", ["law"]),
        ("A stablecoin for banks", ["word"]),
        ("Les actifs numériques et l'impôt", ["word"]),
        ("New wallet for holders of the token", ["words"]),
    ],
)
def test_a_sign_makes_an_item_relevant(title, signs):
    assert judge(title) == {"is_relevant": True, "signs": signs}


@pytest.mark.parametrize(
    "title",
    [
        "Federal Reserve Board issues enforcement action with former employee of a bank",
        "SEC charges adviser with misusing client funds",
        "Un défi pour les banques centrales",
        "Advances in cryptography",
        "Elon Musk buys a bakery",
        "Seagate Technology Holdings plc (STX) returned 100 per cent",
    ],
)
def test_what_has_no_sign_is_not_relevant(title):
    assert judge(title) == {"is_relevant": False, "signs": ["no_sign"]}
    assert judge(title, publisher=REGULATOR)["is_relevant"] is False


def test_common_words_count_in_the_media_only():
    title = "Court rules on custody and exchange of shares"
    assert judge(title)["signs"] == ["words"]
    assert judge(title, publisher=REGULATOR)["is_relevant"] is False
    assert judge("SEC charges issuer of a crypto asset", publisher=REGULATOR)["is_relevant"] is True


def test_whoever_is_worldly_is_on_a_list():
    assert worldly() <= {one.id for one in packaged() if isinstance(one, Entry)}
    assert "org:sec" in worldly()
