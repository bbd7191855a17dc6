"""Answers have the keys and kinds of values of the venue's own."""

import pytest

from tests.unit.sandbox.exchange.hyperliquid.counter import market, open_counter
from tests.unit.sandbox.world.captured import samples, shape

pytest.importorskip("coincurve")
pytestmark = pytest.mark.shared
FILE = ("leaderboard", "hyperliquid-info-samples.json")


@pytest.fixture(scope="module")
def real():
    return samples(*FILE)


@pytest.fixture(scope="module")
def counter():
    opened = open_counter()
    opened.place(market(1))
    return opened


def test_a_fill_has_every_key_of_a_captured_one(real, counter):
    theirs = real["http_user_fills_dust_conversion.json"][0]
    mine = counter.mine("userFills")[0]
    assert set(theirs) - set(mine) <= {"twapId"}
    same = set(theirs) - {"twapId"}
    assert {name: shape(mine[name]) for name in same} == {name: shape(theirs[name]) for name in same}


def test_an_account_has_every_key_of_a_captured_one(real, counter):
    theirs = real["http_clearinghouse_state_negative_total_raw_usd.json"]
    mine = counter.mine("clearinghouseState")
    assert set(theirs) <= set(mine)
    assert shape(mine["crossMarginSummary"]) == shape(theirs["crossMarginSummary"])


@pytest.mark.parametrize(
    ("kind", "name", "left_out"),
    [
        ("meta", "http_meta_perp_sample.json", {"isDelisted", "onlyIsolated"}),
        ("l2Book", "http_l2_book_btc.json", set()),
    ],
)
def test_the_market_is_told_as_it_was_captured(real, counter, kind, name, left_out):
    theirs, mine = real[name], counter.info(kind, coin="BTC")
    assert set(theirs) <= set(mine)
    first = {"meta": lambda told: told["universe"][0], "l2Book": lambda told: told["levels"][0][0]}[kind]
    assert set(first(theirs)) - left_out <= set(first(mine))
    for key in set(first(theirs)) - left_out:
        assert shape(first(mine)[key]) == shape(first(theirs)[key])


def test_trades_of_everybody_and_spot_money_have_the_keys_of_captured_ones(real, counter):
    theirs, mine = real["http_recent_trades_btc.json"][0], counter.info("recentTrades", coin="BTC")[0]
    assert mine.keys() == theirs.keys()
    assert shape(mine) == shape(theirs)
    counter.opened.control.answer("POST", "/control/do", {"what": "deposit", "amount": "7", "wallet": "main"})
    theirs = real["http_spot_clearinghouse_state.json"]["balances"][0]
    assert shape(counter.mine("spotClearinghouseState")["balances"][0]) == shape(theirs)
