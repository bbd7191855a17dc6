"""Contracts that the venue renamed: asked by their new names, read under their usual ones, never read as nothing."""

from __future__ import annotations

import asyncio

import pytest

from vigie.adapters.venues.names import Names, usual_names
from vigie.domain.errors import ConnectorError


def checked(names, held, listed):
    asked = []

    async def ask():
        asked.append(1)
        return listed

    asyncio.run(names.check(held, ask))
    return len(asked)


def test_a_new_name_goes_out_and_the_usual_one_comes_back():
    names = Names("Bitget", {"MATICUSDT": "POLUSDT"})
    assert names.out({"symbol": "MATICUSDT", "size": "1"}) == {"symbol": "POLUSDT", "size": "1"}
    assert names.out({"symbol": "BTCUSDT"}) == {"symbol": "BTCUSDT"}
    told = {"list": [{"symbol": "POLUSDT", "words": "POLUSDT"}, {"symbol": "BTCUSDT", "size": 1}], "n": None}
    assert names.back(told) == {
        "list": [{"symbol": "MATICUSDT", "words": "POLUSDT"}, {"symbol": "BTCUSDT", "size": 1}], "n": None,
    }  # fmt: skip
    assert names.keyed({"POLUSDT": "0.5", "BTCUSDT": "1"}) == {"MATICUSDT": "0.5", "BTCUSDT": "1"}
    assert names.now("MATICUSDT") == "POLUSDT"


def test_names_are_told_by_instrument_and_a_usual_one_is_no_news():
    told = {"matic-usdt-perp": "POLUSDT", "btc-usdt-perp": "BTCUSDT"}
    assert usual_names(told, lambda name: name.split("-")[0].upper() + "USDT") == {"MATICUSDT": "POLUSDT"}


def test_a_position_under_an_unknown_name_while_one_of_ours_is_gone_may_be_ours():
    names = Names("Bitget", {})
    names.touch(["MATICUSDT"])
    with pytest.raises(
        ConnectorError, match=r"no MATICUSDT any more and shows what was traded in POLUSDT.*\[renamed\]"
    ):
        checked(names, ["POLUSDT"], {"POLUSDT", "BTCUSDT"})


def test_a_stranger_is_looked_at_once_while_all_of_ours_are_there():
    names = Names("Bitget", {})
    names.touch(["BTCUSDT"])
    assert checked(names, ["BTCUSDT"], {"BTCUSDT"}) == 0
    assert checked(names, ["BTCUSDT", "DOGEUSDT"], {"BTCUSDT", "DOGEUSDT"}) == 1
    assert checked(names, ["BTCUSDT", "DOGEUSDT"], {"DOGEUSDT"}) == 0


def test_where_nothing_of_ours_was_asked_for_a_stranger_is_not_taken_for_one():
    names = Names("Bitget", {})
    assert checked(names, ["POLUSDT"], {"POLUSDT"}) == 0
    names.touch(["MATICUSDT"])
    with pytest.raises(ConnectorError, match="POLUSDT"):
        checked(names, ["POLUSDT"], {"POLUSDT"})
