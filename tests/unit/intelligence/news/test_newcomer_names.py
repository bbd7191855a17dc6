"""Names of emerging coins: who is linked by them, and who is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.first_sighting import FirstSighting
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.gazetteer.linking import link_entities
from vigie.intelligence.news.gazetteer.lookup import packaged_gazetteer
from vigie.intelligence.news.gazetteer.newcomer_names import NewcomerNames

NOW = 1_760_000_000_000
KNOWN = packaged_gazetteer()


def coin(name, symbol="", at=NOW, id_=""):
    return FirstSighting(id_ or name.lower(), "coin", name, (symbol or name).upper(), id_ or name.lower(), at)


def pool(symbol, token="", at=NOW, id_=""):
    return FirstSighting(
        id_ or f"eth_{symbol}", "pool", f"{symbol} / USDC", symbol, token or f"eth_0x{symbol}", at
    )


def named(title, *sights, text=""):
    names = NewcomerNames(KNOWN)
    names.add(sights)
    return names.named_in(title, text)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("New coin: Glimko (GLIMKO) appears on Base", ""),
        ("Glimko is out: what is known", "A coin by the name of Glimko (GLIMKO) can be traded on Base."),
        ("Glimko lance son jeton", ""),
        ("$GLIMKO doubles in an hour", ""),
        ("What Glimko token holders should know", ""),
    ],
)
def test_a_coin_is_named_where_something_says_that_it_is_one(title, text):
    assert named(title, coin("Glimko"), text=text) == {"glimko"}


@pytest.mark.parametrize(
    "title",
    [
        "Glimko opens a bakery in Lyon",
        "The glimko season of tokens",
        "Glimkovo token launches",
        "Bitcoin token prices fall",
    ],
)
def test_a_word_alone_names_nobody(title):
    assert named(title, coin("Glimko")) == set()


def test_a_name_of_several_words_needs_capitals_alone():
    sight = coin("Glim Qorba", "GQB")
    assert named("Glim Qorba raises ten million", sight) == {"glim qorba"}
    assert named("What glim qorba means", sight) == set()


def test_a_longer_known_name_keeps_its_words():
    # Galaxy Digital is known: a coin called Digital is not named by it.
    assert named("Galaxy Digital token desk hires", coin("Digital Qorba", "DQB")) == set()


@pytest.mark.parametrize(
    ("sights", "fault"),
    [
        ([coin("Bitcoin", "BTC", id_="bitcoin-2")], "taken"),
        ([coin("Market", "MARKET")], "everyday"),
        ([coin("Qx", "QX")], "short"),
        ([coin("Glimko"), coin("Glimko", id_="glimko-2", at=NOW + 1)], "shared"),
        ([pool("GLIMKO"), pool("GLIMKO", "eth_0xother", id_="eth_2")], "shared"),
        ([coin("Glimko"), pool("GLIMKO")], ""),
        ([pool("GLIMKO"), pool("GLIMKO", id_="eth_2")], ""),
        ([coin("Bitcoin", "BTC", id_="bitcoin")], ""),
        ([coin("Qx", "GLIMKO")], ""),
    ],
)
def test_a_name_that_tells_nobody_apart_has_a_reason(sights, fault):
    names = NewcomerNames(KNOWN)
    names.add(sights)
    assert {names.fault(one) for one in sights} == {fault}
    found = names.named_in("New coin: Glimko (GLIMKO), a Bitcoin (BTC) token", "Market token QX")
    assert found == (set() if fault else {one.id for one in sights})


def test_a_coin_and_the_pools_that_trade_it_stand_for_one_token():
    names = NewcomerNames(KNOWN)
    sights = [pool("GLIMKO", at=NOW - 5), coin("Glimko"), pool("QORBA"), coin("Market", "MARKET", id_="m")]
    names.add(sights)
    assert [names.token(one, DAY_MS) for one in sights] == ["glimko", "glimko", "eth_QORBA", "m"]
    assert [names.names(one) for one in sights] == [["glimko"], ["glimko"], ["qorba"], []]


@pytest.mark.parametrize(
    ("sights", "unclear_from"),
    [
        ([coin("Glimko")], None),
        ([coin("Glimko"), coin("Glimko", id_="glimko-2", at=NOW + 9)], NOW + 9),
        ([coin("Glimko", id_="g"), coin("Glimko", id_="glimko-2", at=NOW - 9)], NOW),
        # The other one is not watched any more.
        ([coin("Glimko", id_="g"), coin("Glimko", id_="glimko-2", at=NOW - DAY_MS - 1)], None),
        ([coin("Glimko", "QGLM"), coin("Glimko", "QGKO", id_="glimko-2", at=NOW + 9)], None),
        (
            [coin("Glimko", "QGLM"), coin("Glimko", "QGKO", NOW + 9, "2"), coin("Mo", "QGLM", NOW + 20, "3")],
            NOW + 20,
        ),
        ([coin("Market", "MARKET"), coin("Market", "MARKET", id_="m-2", at=NOW + 9)], NOW),
        ([pool("GLIMKO"), coin("Glimko", at=NOW + 3), pool("GLIMKO", "eth_0xcopy", NOW + 9, "eth_copy")], NOW + 9),
    ],
)  # fmt: skip
def test_from_when_no_name_told_the_first_one_from_others(sights, unclear_from):
    names = NewcomerNames(KNOWN)
    names.add(sights)
    assert names.unclear_from(sights[0], DAY_MS) == unclear_from


def test_a_pool_stands_for_its_coin_after_others_copied_its_ticker():
    names = NewcomerNames(KNOWN)
    sights = [coin("Glimko"), pool("GLIMKO", at=NOW + 1), pool("GLIMKO", "eth_0xcopy", NOW + 9, "eth_copy")]
    names.add(sights)
    assert [names.token(one, DAY_MS) for one in sights] == ["glimko", "glimko", "eth_0xcopy"]


def test_who_is_dropped_is_named_no_more_and_shares_nothing():
    names = NewcomerNames(KNOWN)
    first, second = coin("Glimko"), coin("Glimko", id_="glimko-2")
    names.add([first, second])
    names.drop(["glimko-2", "nobody"])
    assert names.fault(first) == ""
    assert names.named_in("Glimko token", "") == {"glimko"}
    names.drop(["glimko"])
    assert names.named_in("Glimko token", "") == set()


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=12))
def test_any_text_and_any_name_can_be_read(title, name, symbol):
    sight = FirstSighting("any", "coin", name, symbol.upper(), "any", NOW)
    assert named(title, sight) <= {"any"}


@given(
    st.lists(
        st.sampled_from("Glimko token Bitcoin and Qorba (QRB) Galaxy Digital the coin".split()), max_size=12
    )
)
def test_whom_the_lists_know_is_linked_as_without_newcomers(parts):
    title = " ".join(parts)
    names = NewcomerNames(KNOWN)
    sights = [coin("Glimko"), coin("Qorba", "QRB")]
    names.add(sights)
    more = KNOWN.extended_by(names._entries(sights))
    before = {(one.id, one.start) for one in link_entities(KNOWN, title)}
    assert before <= {(one.id, one.start) for one in link_entities(more, title)}
