"""Relevance: named or worded as crypto, with the reason; what a regulator publishes needs a word of its own."""

from __future__ import annotations

import pytest

from tests.unit.intelligence.news.material import PUBLISHER, item, read
from vigie.intelligence.news.gazetteer.entries import GazetteerEntry, load_packaged
from vigie.intelligence.news.gazetteer.general_entities import load_general_entities
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
    assert load_general_entities() <= {one.id for one in load_packaged() if isinstance(one, GazetteerEntry)}
    assert "org:sec" in load_general_entities()


OUTLET = Publisher("daily", "Coin Daily", "media", "Coin House", "en", "coindaily.example")
NO_SIGN = "Fortress drained of all funds, its team says"


def judge_last(*titles, publisher=PUBLISHER):
    items = [item(title, hours=at / 10) for at, title in enumerate(titles)]
    return read([entities.make(), relevance.make()], items, publisher)[-1]["relevance"].body


def test_what_an_outlet_of_crypto_publishes_is_relevant_without_a_sign():
    assert judge(NO_SIGN) == {"is_relevant": False, "signs": ["no_sign"]}
    assert judge(NO_SIGN, publisher=OUTLET) == {"is_relevant": True, "signs": ["source"]}


@pytest.mark.parametrize(
    ("signed", "others", "is_relevant"), [(10, 0, True), (18, 2, True), (8, 3, False), (9, 0, False)]
)
def test_an_outlet_is_known_by_what_it_published_in_three_days(signed, others, is_relevant):
    before = [f"Solana halts for {at} hours" for at in range(signed)]
    before += [f"A bakery opens for {at} hours" for at in range(others)]
    assert judge_last(*before, NO_SIGN)["is_relevant"] is is_relevant


def test_what_an_outlet_publishes_counts_more_than_its_name():
    general = [f"A bakery opens for {at} hours" for at in range(12)]
    assert judge_last(*general[:9], NO_SIGN, publisher=OUTLET)["signs"] == ["source"]
    assert judge_last(*general, NO_SIGN, publisher=OUTLET)["signs"] == ["no_sign"]


def test_a_regulator_tells_of_more_than_crypto():
    regulator = Publisher("office", "The Crypto Office", "regulator", "", "en", "crypto.example")
    titles = [f"A stablecoin fined {at} euros" for at in range(12)]
    assert judge_last(*titles, NO_SIGN, publisher=regulator)["is_relevant"] is False


@pytest.mark.parametrize("title", ["Two Coins", "Le coin des affaires", "Recoinage Monthly", "Business Wire"])
def test_other_names_are_of_no_outlet_of_crypto(title):
    assert (
        judge(NO_SIGN, publisher=Publisher("x", title, "media", title, "en", "x.example"))["is_relevant"]
        is False
    )
