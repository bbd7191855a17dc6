"""Rarity of terms, names in headlines with a capital on every word, and what each kind of pair is weighed by."""

from __future__ import annotations

import pytest

from tests.unit.intelligence.news.material import item, read
from vigie.intelligence.news.reading.item_terms import item_terms
from vigie.intelligence.news.reading.join_model import load_join_models, strongest_signs
from vigie.intelligence.news.reading.pair_features import EVENT, PRICE, pair_features, pair_side
from vigie.intelligence.news.reading.rarity import Rarity, document_count, term_counts
from vigie.intelligence.news.step import AnalysedItem
from vigie.intelligence.news.steps import duplicate, entities, language, story


def seen(title, text="", **more):
    one = item(title, text, **more)
    return AnalysedItem(one, read([entities.make(), language.make(), duplicate.make()], [one])[0])


def test_a_term_is_rarer_the_fewer_have_it_in_the_background_and_lately():
    rarity = Rarity(100, {"museum": 40}.get)
    plain = Rarity(0, lambda term: 0)
    assert plain["museum"] > plain["market"] > 0.0
    assert Rarity(100, lambda term: 40 if term == "museum" else 0)["museum"] < plain["museum"]
    assert rarity["museum"] == Rarity(100, {"museum": 40}.get)["museum"]
    assert document_count("org:nobody-ever-heard") == document_count("e:org:zzzzzz") == 0.0


def test_counts_hold_no_text():
    counts = term_counts()
    assert counts.total > 4_000
    assert all(" " not in term and (len(term) <= 6 or term.startswith("e:")) for term in counts.documents)
    assert all(held >= 2 for held in counts.documents.values())


def test_names_are_found_where_every_word_has_a_capital():
    found = item_terms(seen("Halvorn Bank Launches Trading Of Digital Assets In Europe"))
    assert "halvor" in found.names
    assert not found.names & {"launch", "tradin", "digita", "assets"}


def test_reports_of_prices_are_weighed_apart():
    one = seen(
        "Bitcoin Drops Below USD 33K, Ethereum Slides More", "Bitcoin price declined below USD 33,000."
    )
    other = seen("Bitcoin price falls to $32.9K as traders prepare for more downside", hours=3, source="b")
    event = seen("Ethereum slides into the new office of Halvorn Bank in Lisbon", hours=3, source="b")
    other_event = seen("Halvorn Bank opens an office in Lisbon", hours=3, source="b")
    rarity = Rarity(0, lambda term: 0)
    kind, found = pair_features(pair_side(one), pair_side(other), rarity)
    assert kind == PRICE
    assert found["one level"] == found["one day"] == found["one way"] == 1.0
    assert pair_features(pair_side(one), pair_side(event), rarity)[0] == EVENT
    assert pair_features(pair_side(one), pair_side(other_event), rarity) is None
    late = seen("Bitcoin price falls to $32.9K as traders prepare for more downside", hours=40)
    assert pair_features(pair_side(one), pair_side(late), rarity) is None


@pytest.mark.parametrize(
    ("title", "direction"),
    [
        ("Bitcoin bounces at $36.6K as Meta adds 20% losses to US tech stock rout", 1),
        ("BTC price dives with stocks as fresh sell-off sees PayPal shed nearly 25%", -1),
        ("Crypto Market Tries to Recover With Ukraine Negotiations in Focus", 1),
        ("Bitcoin steadies as gold hits $2K, US dollar strongest since May 2020", 0),
    ],
)
def test_a_headline_that_begins_with_the_move_of_the_market_is_a_report_of_prices(title, direction):
    found = item_terms(seen(title))
    assert (found.is_led, found.is_price, found.direction) == (True, True, direction)


@pytest.mark.parametrize(
    "title",
    [
        "Bitcoin mining difficulty falls 4% after miners leave Kazakhstan",
        "Bitcoin Could Surpass $1 Million in the Next Decade, Says ARK Invest",
        "CELO Skyrockets to 3-Month High After Launching $20 Million Incentive Program",
        "PayPal shares dive with Bitcoin",
    ],
)
def test_what_else_moves_or_only_may_does_not_lead_as_the_market(title):
    assert not item_terms(seen(title)).is_led


def test_views_of_prices_are_told_from_reports_of_them():
    one = item_terms(seen("Bitcoin and Ethereum Trend Lower, ATOM Accelerates"))
    other = item_terms(seen("3 reasons why Bitcoin traders expect a bottom, data suggests"))
    assert one.n_hedges == 0 < other.n_hedges


def test_weights_exist_for_every_feature_and_rounded_amounts_are_one():
    one = seen("MicroStrategy spends $191M on Bitcoin after loan")
    other = seen("MicroStrategy buys $190 million worth of Bitcoin", hours=1, source="b")
    rarity = Rarity(0, lambda term: 0)
    kind, found = pair_features(pair_side(one), pair_side(other), rarity)
    assert (found["amounts"], found["other amounts"]) == (1.0, 0.0)
    assert set(found) == set(load_join_models()[kind].weights)
    assert load_join_models()[kind].points(found) > 0.0
    assert "amounts" in strongest_signs(kind, found)


def test_what_follows_says_by_what():
    steps = [entities.make(), language.make(), duplicate.make(), story.make()]
    items = [
        item("Largest Israeli Bank Leumi Taps Paxos to Launch Bitcoin and Ethereum Trading Services"),
        item("Top Israeli bank Leumi will offer trading of bitcoin through Paxos", hours=1, source="b"),
    ]
    body = read(steps, items)[1]["story"].body
    assert body["place"] == "follows"
    assert {"names", "words"} & set(body["signs"])
