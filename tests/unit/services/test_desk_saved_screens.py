"""Kept searches: one's own, one conditions a name, said in words, gone with their person."""

from __future__ import annotations

import pytest

from tests.houses import house, person
from vigie.domain.errors import Conflict, Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.people.accounts import account_removal

ANN, BOB = person("u-ann", "viewer"), person("u-bob", "viewer")


@pytest.fixture
def built(tmp_path):
    return house(tmp_path / "home", with_bars=False)


def saved(built, name="Strong days", where="change_24h>0.05", caller=ANN, **more):
    return run_operation(built, caller, "screens.save", {"name": name, "where": where, **more})


def test_a_search_is_kept_with_its_order_and_said_in_both_languages(built):
    saved(built, " Strong days ", "change_24h>0.05, rsi_14<30", sort="-rsi_14")
    [row] = run_operation(built, ANN, "screens.list", {}).rows
    assert (row["name"], row["where"], row["sort"]) == ("Strong days", "change_24h>0.05,rsi_14<30", "-rsi_14")
    assert "5" in row["sentence_en"]
    assert row["sentence_en"] != row["sentence_fr"]


def test_a_name_that_is_taken_is_refused_and_nothing_is_written_over(built):
    saved(built)
    assert saved(built).total == 1
    with pytest.raises(Conflict, match="another search is called 'Strong days'"):
        saved(built, where="rsi_14<30")
    assert run_operation(built, ANN, "screens.list", {}).rows[0]["where"] == "change_24h>0.05"


def test_a_removed_search_is_kept_again_as_it_was(built):
    saved(built, "One", "rsi_14<30")
    before = saved(built, "Two", "rsi_14>70").rows[0]
    run_operation(built, ANN, "screens.remove", {"name": "One"})
    with pytest.raises(NotFound):
        run_operation(built, ANN, "screens.remove", {"name": "One"})
    back = saved(built, before["name"], before["where"], sort=before["sort"])
    assert sorted(row["name"] for row in back.rows) == ["One", "Two"]


def test_searches_are_ones_own_and_no_visitors(built):
    saved(built)
    assert run_operation(built, BOB, "screens.list", {}).rows == []
    with pytest.raises(Forbidden):
        saved(built, caller=VISITOR)


@pytest.mark.parametrize("where", ["magic>1", "price>", "price>1;drop"])
def test_conditions_that_are_none_are_not_kept(built, where):
    with pytest.raises(UsageError):
        saved(built, where=where)
    assert run_operation(built, ANN, "screens.list", {}).total == 0


def test_kept_searches_are_in_the_export_of_a_person_and_go_with_them(tmp_path):
    made = house(tmp_path / "home", with_bars=False)
    ann = made.accounts.add("Ann", "hash", "viewer")
    saved(made, caller=person(ann.id, "viewer"))
    kept = bound(made, account_removal.export)(ann)["kept_apart"]["screens"]["screens"]
    assert [row["name"] for row in kept] == ["Strong days"]
    bound(made, account_removal.delete_account)(person(ann.id, "viewer"), ann)
    assert made.accounts.extra_settings(ann.id) == {}
