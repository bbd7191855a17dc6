"""Kept lists of emerging coins: one's own, one conditions a name, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.houses import house, person
from vigie.adapters.stores.sql.accounts.store import SqlUserStore
from vigie.domain.errors import Conflict, Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR
from vigie.services.operation_calls import run_operation

ANN, BOB = person("u-ann", "viewer"), person("u-bob", "viewer")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home") / "home", with_bars=False)


@pytest.fixture
def built(home, database, clock):
    return replace(home, accounts=SqlUserStore(database, clock))


def saved(built, name="Liquid ones", where="liquidity_usd>=100000", caller=ANN):
    return run_operation(built, caller, "newcomers.save", {"name": name, "where": where})


def test_a_list_is_kept_in_one_way_of_writing_and_said_in_both_languages(built):
    saved(built, " Liquid ones ", "place=ETH,liquidity_usd>=100000.0")
    [row] = run_operation(built, ANN, "newcomers.list", {}).rows
    assert (row["name"], row["where"], row["sort"]) == (
        "Liquid ones", "liquidity_usd>=100000,place=eth", "age_hours",
    )  # fmt: skip
    assert (row["sentence_en"], row["sentence_fr"][:9]) == (
        "liquidity at least $100,000 and on eth",
        "liquidité",
    )


def test_lists_are_ones_own_beside_searches_of_the_screener_and_no_visitors(built):
    saved(built)
    assert run_operation(built, BOB, "newcomers.list", {}).rows == []
    assert run_operation(built, ANN, "screens.list", {}).rows == []
    with pytest.raises(NotFound):
        run_operation(built, BOB, "newcomers.remove", {"name": "Liquid ones"})
    with pytest.raises(Forbidden):
        saved(built, caller=VISITOR)
    assert run_operation(built, ANN, "newcomers.remove", {"name": "Liquid ones"}).rows == []


@pytest.mark.parametrize("where", ["price>1", "liquidity_usd>lots", " "])
def test_conditions_that_are_none_are_not_kept(built, where):
    with pytest.raises(UsageError):
        saved(built, where=where)
    assert run_operation(built, ANN, "newcomers.list", {}).total == 0


def test_a_name_that_is_taken_is_refused(built):
    saved(built)
    assert saved(built).total == 1
    with pytest.raises(Conflict, match="another search is called 'Liquid ones'"):
        saved(built, where="flags=none")
