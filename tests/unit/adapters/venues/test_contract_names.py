"""Contracts that the venue renamed: asked by their new names, read under their usual ones, never read as nothing."""

from __future__ import annotations

import asyncio

import pytest

from vigie.adapters.venues.contract_names import ContractNames, usual_names
from vigie.domain.errors import ConnectorError


def checked(names, held, listed):
    asked = []

    async def ask():
        asked.append(1)
        return listed

    asyncio.run(names.check(held, ask))
    return len(asked)


def test_a_new_name_goes_out_and_the_usual_one_comes_back():
    names = ContractNames("Bitget", {"MATICUSDT": "POLUSDT"})
    assert names.to_venue({"symbol": "MATICUSDT", "size": "1"}) == {"symbol": "POLUSDT", "size": "1"}
    assert names.to_venue({"symbol": "BTCUSDT"}) == {"symbol": "BTCUSDT"}
    told = {"list": [{"symbol": "POLUSDT", "words": "POLUSDT"}, {"symbol": "BTCUSDT", "size": 1}], "n": None}
    assert names.from_venue(told) == {
        "list": [{"symbol": "MATICUSDT", "words": "POLUSDT"}, {"symbol": "BTCUSDT", "size": 1}], "n": None,
    }  # fmt: skip
    assert names.keys_from_venue({"POLUSDT": "0.5", "BTCUSDT": "1"}) == {"MATICUSDT": "0.5", "BTCUSDT": "1"}
    assert names.current_name("MATICUSDT") == "POLUSDT"


def test_names_are_told_by_instrument_and_a_usual_one_is_no_news():
    told = {"matic-usdt-perp": "POLUSDT", "btc-usdt-perp": "BTCUSDT"}
    assert usual_names(told, lambda name: name.split("-")[0].upper() + "USDT") == {"MATICUSDT": "POLUSDT"}


def test_a_position_under_an_unknown_name_while_one_of_ours_is_gone_may_be_ours():
    names = ContractNames("Bitget", {})
    names.add_ours(["MATICUSDT"])
    with pytest.raises(ConnectorError, match="Bitget no longer lists MATICUSDT; what was traded now"):
        checked(names, ["POLUSDT"], {"POLUSDT", "BTCUSDT"})


def test_a_stranger_is_looked_at_once_while_all_of_ours_are_there():
    names = ContractNames("Bitget", {})
    names.add_ours(["BTCUSDT"])
    assert checked(names, ["BTCUSDT"], {"BTCUSDT"}) == 0
    assert checked(names, ["BTCUSDT", "DOGEUSDT"], {"BTCUSDT", "DOGEUSDT"}) == 1
    assert checked(names, ["BTCUSDT", "DOGEUSDT"], {"DOGEUSDT"}) == 0


def test_where_nothing_of_ours_was_asked_for_a_stranger_is_not_taken_for_one():
    names = ContractNames("Bitget", {})
    assert checked(names, ["POLUSDT"], {"POLUSDT"}) == 0
    names.add_ours(["MATICUSDT"])
    with pytest.raises(ConnectorError, match="POLUSDT"):
        checked(names, ["POLUSDT"], {"POLUSDT"})
