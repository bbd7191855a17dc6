"""Reports of prices and round-ups are told from news of events, in both languages, and join no story of these."""

from __future__ import annotations

import sys

import pytest

from tests.unit.intelligence.news.material import item, read
from vigie.intelligence.news.reading.traits import item_traits
from vigie.intelligence.news.step import AnalysedItem
from vigie.intelligence.news.steps import duplicate, entities, language, story

BITCOIN = "coin:bitcoin"


def genre(title):
    """Return the genre of a title."""
    one = item(title)
    return item_traits(AnalysedItem(one, read([entities.make()], [one])[0])).genre


def stories(*items):
    """Return the story of every item, as the place of its first."""
    steps = [entities.make(), language.make(), duplicate.make(), story.make()]
    found = [one["story"].body["story"] for one in read(steps, items)]
    ids = [one.id for one in items]
    return [ids.index(one) for one in found]


@pytest.mark.parametrize(
    ("title", "subjects", "direction"),
    [
        ("Bitcoin falls 4% to $61,000", {BITCOIN}, "down"),
        ("Bitcoin price dips below $37K", {BITCOIN}, "down"),
        ("BTC tops $100,000 for the first time", {BITCOIN}, "up"),
        ("Bitcoin and Ethereum Extend Losses, Altcoins Tumble", {BITCOIN, "coin:ethereum"}, "down"),
        ("Bitcoin and Ethereum Trim Losses", {BITCOIN, "coin:ethereum"}, "up"),
        ("Bitcoin Holds Ground, Ethereum Gains", {BITCOIN}, "flat"),
        ("8.5% in an hour: Dogecoin falls (Chainpost)", {"coin:dogecoin"}, "down"),
        ("Bitcoin falls 4% to $61,000 - Journal du Coin", {BITCOIN}, "down"),
        ("$500M liquidated as bitcoin crashes below $25K", {BITCOIN}, "down"),
        ("Crypto markets slide as Wall Street sells off", {"market"}, "down"),
        ("Prix du bitcoin : chute sous 60 000 $", {BITCOIN}, "down"),
        ("Le cours du bitcoin recule de 4 % à 61 000 dollars", {BITCOIN}, "down"),
        ("Le bitcoin repasse au-dessus de 61 000 $", {BITCOIN}, "up"),
        ("En bref : 7,3 % en une heure : le Solana s'envole", {"coin:solana"}, "up"),
        ("Bitcoin (BTC) : le prix s'effondre", {BITCOIN}, "down"),
        ("Bitcoin Consolidates as Fed Starts Two-Day Meeting", {BITCOIN}, "flat"),
        ("Chute du bitcoin : 4 % en une heure", {BITCOIN}, "down"),
        ("Nouveau record pour le bitcoin à 110 000 $", {BITCOIN}, "up"),
        ("Le bitcoin au plus bas depuis deux ans", {BITCOIN}, "down"),
        ("Cryptomonnaies : le marché dans le rouge", {"market"}, "down"),
        ("Le marché crypto rebondit", {"market"}, "up"),
    ],
)
def test_reports_of_prices_name_who_moves_which_way(title, subjects, direction):
    found = genre(title)
    assert (found.kind, found.subjects, found.direction) == ("prices", subjects, direction)


@pytest.mark.parametrize(
    "title",
    [
        "Bitcoin could fall to $50,000, analysts say",
        "Solana price eyes 35% jump",
        "Le bitcoin pourrait chuter à 50 000 dollars",
        "Will Ethereum rise above $4,000?",
    ],
)
def test_what_a_price_may_do_is_an_outlook(title):
    assert genre(title).kind == "outlook"


@pytest.mark.parametrize(
    "title",
    [
        "Here's what happened in crypto today",
        "NEAR Raises USD 150M, Pakistan's Central Bank vs. Crypto, Bitstamp's Growth Plan + More News",
        "Nifty News: Meta wants 50% of NFT sales, Coke's Metaverse flavor... and more",
        "Top 5 cryptocurrencies to watch this week: BTC, XRP, CRO",
        "Crypto market wrap: bitcoin rebounds, ether lags",
        "Récap : les actus crypto de la semaine",
        "Voici ce qui s'est passé aujourd'hui dans le monde des cryptos",
        "Actualités crypto du 12 mai",
        "The Daily: SEC drops case, Tether mints $1B and more",
        "5 things to watch in Bitcoin this week",
        "L'essentiel de l'actu crypto du jour",
        "SEC sues Kraken; Tether freezes $20M",
        "SEC sues Kraken, Binance lists Pepe, Ripple buys a bank",
        "La SEC poursuit Kraken ; Binance rachète une banque ; le Salvador taxe l'ether",
    ],
)
def test_round_ups_are_told_by_their_words_or_by_several_subjects(title):
    assert genre(title).kind == "round-up"


@pytest.mark.parametrize(
    "title",
    [
        "SEC sues Kraken over its staking service",
        "Bitcoin hash rate jumps to a record",
        "Bitcoin ETF inflows rise to $600M",
        "Bitcoin miners fall behind on loans",
        "Cardano and Tron fall as eToro restricts access for US users",
        "Dogecoin leaps 25% after Musk announces DOGE payments",
        "Tether to move over 1B USDT from Tron to Ethereum",
        "10,000 bitcoin stolen in hack of Bybit",
        "Kraken lists PEPE, BONK, WIF and more",
        "Traders digest Fed statement",
        "SEC sues Kraken over its staking service - Crypto Briefing",
        "more",
        "and more",
        "5 things to know about the SEC's case against Kraken",
        "Ce qu'il faut retenir de la plainte de la SEC contre Kraken",
        "Piratage de Bybit : ce qui s'est passé",
        "Tether dips to $0.98",
        "Polygon jumps into gaming",
        "Firm raises $10M in funding round up from $5M",
        "En bref : Action collective contre Binance",
        "Fidelity, Coinbase, Square form crypto council",
        "Tornado Cash founder, arrested in August, denies charges, seeks bail",
        "L'AMF met en garde contre la plateforme Omnitrade",
        "Le minage de bitcoin recule au Kazakhstan",
        "",
    ],
)
def test_news_of_an_event_is_neither(title):
    assert genre(title).kind == ""


def test_a_report_of_prices_joins_its_like_of_coins_day_and_direction_alone():
    first = item("Bitcoin falls 4% to $61,000", source="a")
    found = stories(
        first,
        item("Le bitcoin recule de 4 % à 61 000 dollars", hours=1, source="b"),
        item("Bitcoin rises 4% to $61,000", hours=3, source="c"),
        item("Ethereum falls 4% to $61,000", hours=3, source="d"),
        item("Bitcoin falls 4% to $61,000", hours=26, source="e"),
        item("SEC halts bitcoin trading, coin falls 4% to $61,000", hours=26.5, source="f"),
    )
    assert found == [0, 0, 2, 3, 4, 5]


def test_reports_shortly_after_midnight_are_of_the_same_fall():
    found = stories(
        item("Bitcoin falls 4% to $61,000", hours=15, source="a"),
        item("Bitcoin drops 4% to $61,000", hours=17, source="b"),
    )
    assert found == [0, 0]


def test_the_same_words_the_other_way_are_no_copy():
    found = stories(
        item("Bitcoin, Ethereum and Solana prices rise 5% within an hour today", source="a"),
        item("Bitcoin, Ethereum and Solana prices fall 5% within an hour today", hours=1, source="b"),
    )
    assert found == [0, 1]


def test_a_round_up_joins_no_story_of_its_parts_and_they_do_not_join_it():
    event = "NEAR raises $150M as it looks to become a hub of web3 development"
    roundup = "NEAR Raises USD 150M, Pakistan's Central Bank vs. Crypto, Bitstamp's Growth Plan + More News"
    assert stories(item(event, source="a"), item(roundup, hours=1, source="b")) == [0, 1]
    assert stories(item(roundup, source="a"), item(event, hours=1, source="b")) == [0, 1]


def test_a_finding_says_what_kind_of_headline_it_is():
    steps = [entities.make(), language.make(), duplicate.make(), story.make()]
    titles = ("Bitcoin falls 4%", "Weekly crypto roundup", "SEC sues Kraken")
    found = read(steps, [item(title, hours=at) for at, title in enumerate(titles)])
    assert [one["story"].body.get("kind") for one in found] == ["prices", "round-up", None]


def test_a_round_up_of_the_same_name_is_a_copy_within_the_day_alone():
    title = "Here's what happened in crypto today"
    found = stories(
        item(title, source="a"), item(title, hours=2, source="b"), item(title, hours=24, source="a", key="2")
    )
    assert found == [0, 0, 2]


@pytest.mark.parametrize(
    "title",
    [
        "Robinhood Domesticates Shiba Inu, Changes for Celsius Users in US + More News",
        "Top 5 cryptocurrencies to watch this week: BTC, NEAR, ATOM, FTM, FTT",
    ],
)
def test_a_round_up_that_names_what_is_in_it_is_a_copy_on_the_next_day_too(title):
    assert stories(item(title, source="a"), item(title, hours=40, source="b")) == [0, 0]


@pytest.mark.parametrize(
    "title",
    ["Weekly crypto roundup: Bitcoin and Ethereum", "Crypto news recap: Bitcoin, Ethereum and Solana today"],
)
def test_what_every_round_up_names_makes_no_copy_of_another_days(title):
    assert stories(item(title, source="a"), item(title, hours=24, source="a", key="2")) == [0, 1]


@pytest.mark.parametrize(
    "title",
    [
        "Bitcoin " * 5_000,
        "Bitcoin falls, " * 5_000,
        "SEC sues Kraken; " * 5_000,
        "in an hour: " * 5_000,
        "and more " * 5_000,
        "(" * 5_000 + "|" * 5_000,
        "what happened in " * 5_000,
        "Bitcoin" + "\u0301" * 50_000,
        "Bitcoin " + "\u00a0" * 50_000 + " falls",
        "," * 50_000,
        "Bitcoin falls 4% " + "9" * 50_000,
    ],
)
def test_a_headline_of_any_length_takes_few_steps(title):
    """Words and breaks are looked at a few times each: no more calls than so many for each character read."""
    one = item(title)
    seen = AnalysedItem(one, read([entities.make()], [one])[0])
    calls = 0

    def count(frame, event, arg):
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        item_traits(seen)
    finally:
        sys.setprofile(None)
    assert calls < 40 * 400
