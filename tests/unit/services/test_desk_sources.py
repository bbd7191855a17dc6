"""Connectors as operations: how each does, and what people ask of them."""

import pytest

from tests.houses import person
from tests.unit.services.figures_material import empty, full
from vigie.domain.errors import Forbidden, NotFound
from vigie.domain.person import VISITOR
from vigie.services.operation_calls import run_operation


@pytest.fixture
def built(tmp_path):
    return full(tmp_path / "home")


def asked(built, name, **values):
    return run_operation(built, person(), name, values)


def state(built, name):
    return next(row["state"] for row in asked(built, "sources.list").rows if row["id"] == name)


def test_every_connector_says_how_it_does_and_under_which_terms(built):
    rows = {row["id"]: row for row in asked(built, "sources.list").rows}
    assert len(rows) == len(built.directory.notes())
    failing = rows["coingecko/global"]
    assert (failing["state"], failing["errors"], failing["error"]) == ("failing", 3, "CoinGecko: too many")
    assert (rows["bitget/quotes"]["mode"], rows["coingecko/markets"]["budget_left"]) == ("poll", 4.0)
    assert rows["coinmetrics/network"]["is_non_commercial"]
    assert all(row["terms"] and row["tier"] and row["docs"].startswith("https://") for row in rows.values())


def test_worst_come_first_and_states_are_counted(built):
    found = asked(built, "sources.list")
    assert [row["state"] for row in found.rows[:2]] == ["failing", "stale"]
    assert (found.counts["failing"], found.counts["stale"], found.counts["live"]) == (1, 1, 1)
    assert sum(found.counts.values()) == len(found.rows)


def test_rows_are_filtered_by_state_kind_and_source(built):
    assert [row["id"] for row in asked(built, "sources.list", state="failing").rows] == ["coingecko/global"]
    assert {row["kind"] for row in asked(built, "sources.list", kind="venue").rows} == {"venue"}
    assert {row["source"] for row in asked(built, "sources.list", source="mempool").rows} == {"mempool"}


def test_a_connector_nobody_heard_of_is_unknown(tmp_path):
    assert {row["state"] for row in asked(empty(tmp_path / "home"), "sources.list").rows} == {"unknown"}


def test_pausing_is_seen_at_once_and_resuming_takes_it_back(built):
    done = asked(built, "sources.pause", source="coingecko/markets")
    assert (done.wanted, done.undo) == ("paused", "sources.resume")
    assert built.quotes.requests() == {"coingecko/markets": "paused"}
    assert state(built, "coingecko/markets") == "paused"
    assert asked(built, "sources.resume", source="coingecko/markets").undo == "sources.pause"
    assert built.quotes.requests() == {}
    assert state(built, "coingecko/markets") == "live"


def test_pausing_twice_changes_nothing_and_has_nothing_to_undo(built):
    asked(built, "sources.pause", source="coingecko/markets")
    events = built.audit.newest()
    assert asked(built, "sources.pause", source="coingecko/markets").undo == ""
    assert built.audit.newest() == events


def test_a_source_is_paused_whole_and_one_of_its_connectors_can_go_on(built):
    asked(built, "sources.pause", source="coingecko")
    rows = asked(built, "sources.list", source="coingecko").rows
    assert {row["state"] for row in rows} == {"paused"}
    asked(built, "sources.resume", source="coingecko/markets")
    rows = {row["id"]: row["state"] for row in asked(built, "sources.list", source="coingecko").rows}
    assert rows.pop("coingecko/markets") == "live"
    assert set(rows.values()) == {"paused"}
    asked(built, "sources.resume", source="coingecko")
    assert built.quotes.requests() == {}


def test_testing_asks_now_unless_it_is_paused(built):
    assert asked(built, "sources.test", source="ecb/rates").wanted == "now"
    assert built.quotes.requests() == {"ecb/rates": "now"}
    asked(built, "sources.pause", source="ecb/rates")
    assert asked(built, "sources.test", source="ecb/rates").wanted == "paused"
    assert built.quotes.requests() == {"ecb/rates": "paused"}


@pytest.mark.parametrize("verb", ["pause", "resume", "test"])
def test_a_connector_that_is_not_there_is_not_found(built, verb):
    with pytest.raises(NotFound, match="there is no source"):
        asked(built, f"sources.{verb}", source="nothing/here")
    with pytest.raises(Forbidden, match="sign in"):
        run_operation(built, VISITOR, f"sources.{verb}", {"source": "ecb/rates"})


@pytest.mark.parametrize("verb", ["pause", "resume", "test"])
@pytest.mark.parametrize("role", ["viewer", "trader"])
def test_what_all_share_is_paused_by_who_administers_the_house(built, verb, role):
    with pytest.raises(Forbidden, match="which your role does not have; ask your"):
        run_operation(built, person("ann", role), f"sources.{verb}", {"source": "ecb/rates"})
    assert built.quotes.requests() == {}


def test_what_is_asked_is_in_the_audit_chain(built):
    asked(built, "sources.pause", source="ecb/rates")
    event = built.audit.after(0)[-1]
    assert (event.kind, event.actor, event.subject) == ("source.paused", "owner", "ecb/rates")
