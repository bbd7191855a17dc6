"""Watchlists: order, sharing, files that say the same twice, and nobody else's lists."""

from __future__ import annotations

import csv
import io

import pytest

from tests.houses import house, person
from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.domain.person import VISITOR
from vigie.services.operation_calls import run_operation
from vigie.views.api.exports import export

ANN, BOB = person("u-ann", "viewer"), person("u-bob", "viewer")


@pytest.fixture
def built(tmp_path):
    return house(tmp_path / "home", with_bars=False)


def made(built, name="Large", assets=("bitcoin", "ethereum", "solana"), caller=ANN):
    return run_operation(built, caller, "watchlists.create", {"name": name, "assets": list(assets)})


def test_who_has_no_list_reads_the_one_everybody_begins_with(built):
    first = run_operation(built, ANN, "watchlists.read", {})
    assert (first.watchlist, first.assets) == ("", ["bitcoin", "ethereum", "solana"])
    assert run_operation(built, ANN, "watchlists.list", {}).rows == []


def test_tickers_become_ids_and_each_asset_is_there_once(built):
    assert made(built, assets=("BTC", "bitcoin", "eth")).assets == ["bitcoin", "ethereum"]


def test_unknown_asset_and_empty_name_are_refused(built):
    for values in ({"name": "x", "assets": ["nope"]}, {"name": "  "}, {"name": "a\0b"}):
        with pytest.raises(UsageError):
            run_operation(built, ANN, "watchlists.create", values)
    assert run_operation(built, ANN, "watchlists.list", {}).rows == []


def test_assets_are_added_moved_and_removed(built):
    one = made(built)
    run_operation(built, ANN, "watchlists.move", {"watchlist": one.watchlist, "asset": "solana", "to": "up"})
    run_operation(built, ANN, "watchlists.remove", {"watchlist": one.watchlist, "asset": "bitcoin"})
    last = run_operation(built, ANN, "watchlists.add", {"watchlist": one.watchlist, "asset": "XRP"})
    assert last.assets == ["solana", "ethereum", "ripple"]
    assert last.revision == one.revision + 3


def test_lists_change_places(built):
    for name in ("A", "B", "C"):
        made(built, name)
    rows = run_operation(built, ANN, "watchlists.list", {}).rows
    run_operation(built, ANN, "watchlists.move", {"watchlist": rows[2]["id"], "to": "up"})
    run_operation(built, ANN, "watchlists.move", {"watchlist": rows[0]["id"], "to": "up"})
    assert [row["name"] for row in run_operation(built, ANN, "watchlists.list", {}).rows] == ["A", "C", "B"]


def test_second_of_two_tabs_is_told_and_changes_nothing(built):
    one = made(built)
    first = {"watchlist": one.watchlist, "revision": one.revision}
    run_operation(built, ANN, "watchlists.change", {**first, "name": "First tab"})
    with pytest.raises(Conflict, match="changed meanwhile"):
        run_operation(built, ANN, "watchlists.change", {**first, "name": "Second tab"})
    assert run_operation(built, ANN, "watchlists.read", {}).name == "First tab"


def test_shared_list_is_read_by_its_word_until_sharing_ends(built):
    one = made(built)
    word = run_operation(built, ANN, "watchlists.share", {"watchlist": one.watchlist}).share
    assert len(word) >= 20
    seen = run_operation(built, VISITOR, "watchlists.read", {"share": word})
    assert (seen.assets, seen.watchlist, seen.is_mine) == (one.assets, "", False)
    run_operation(built, ANN, "watchlists.share", {"watchlist": one.watchlist, "is_shared": False})
    with pytest.raises(NotFound):
        run_operation(built, VISITOR, "watchlists.read", {"share": word})


def test_deleted_list_comes_back_as_it_was_but_not_its_link(built):
    one = made(built)
    run_operation(built, ANN, "watchlists.share", {"watchlist": one.watchlist})
    gone = run_operation(built, ANN, "watchlists.delete", {"watchlist": one.watchlist})
    assert run_operation(built, ANN, "watchlists.list", {}).rows == []
    kept = {name: getattr(gone, name) for name in ("watchlist", "name", "assets", "position")}
    back = run_operation(built, ANN, "watchlists.restore", kept)
    assert (back.watchlist, back.name, back.assets, back.share) == (one.watchlist, one.name, one.assets, "")
    with pytest.raises(UsageError, match="already exists"):
        run_operation(built, ANN, "watchlists.restore", kept)


def test_list_of_somebody_else_is_as_if_it_were_not_there(built):
    one = made(built)
    for verb, more in (
        ("read", {}), ("change", {"name": "x"}), ("add", {"asset": "bitcoin"}), ("share", {}), ("delete", {}),
        ("remove", {"asset": "bitcoin"}), ("move", {"to": "up"}), ("export", {}), ("restore", {"name": "x"}),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            run_operation(built, BOB, f"watchlists.{verb}", {"watchlist": one.watchlist, **more})
    assert run_operation(built, ANN, "watchlists.read", {}) == run_operation(
        built, ANN, "watchlists.read", {"watchlist": one.watchlist}
    )


def test_file_that_was_exported_changes_nothing(built):
    made(built, "=SUM(A1)", ("bitcoin", "ripple"))
    made(built, "Second", ("solana",))
    text = export(run_operation(built, ANN, "watchlists.export", {}), "csv", is_simulated=False).decode()
    assert [row[0] for row in csv.reader(io.StringIO(text))][1] == "'=SUM(A1)"
    found = run_operation(built, ANN, "watchlists.import", {"text": text})
    assert (found.changes, found.unread) == ([], [])


def test_dry_run_says_what_the_import_then_does_once(built):
    one = made(built, "Large", ("bitcoin", "ethereum"))
    text = "list,asset\nLarge,solana\nLarge,BTC\nNew,ripple\nNew,nope\n"
    plan = run_operation(built, ANN, "watchlists.import", {"text": text})
    assert [(c.name, c.added, c.removed, c.is_new) for c in plan.changes] == [
        ("Large", ["solana"], ["ethereum"], False),
        ("New", ["ripple"], [], True),
    ]
    assert plan.unread == ["line 5: there is no asset 'nope'"]
    assert run_operation(built, ANN, "watchlists.read", {}).assets == one.assets
    done = run_operation(built, ANN, "watchlists.import", {"text": text, "dry_run": False})
    assert done.changes == plan.changes
    assert run_operation(built, ANN, "watchlists.read", {}).assets == ["solana", "bitcoin"]
    assert run_operation(built, ANN, "watchlists.import", {"text": text, "dry_run": False}).changes == []


def test_order_alone_is_a_change_too(built):
    made(built, "Large", ("bitcoin", "ethereum"))
    plan = run_operation(built, ANN, "watchlists.import", {"text": "Large,ethereum\nLarge,bitcoin\n"})
    assert [(c.added, c.removed, c.is_reordered) for c in plan.changes] == [([], [], True)]


def test_file_of_bare_names_makes_one_list(built):
    run_operation(built, ANN, "watchlists.import", {"text": "\ufeffBTC\n\n# a note\nETH\n", "dry_run": False})
    assert [r["list"] + r["asset"] for r in run_operation(built, ANN, "watchlists.export", {}).rows] == [
        "Importedbitcoin",
        "Importedethereum",
    ]


def test_entities_are_in_the_file_and_come_back_from_it(built):
    one = made(built, "Large", ("bitcoin", "ethereum"))
    run_operation(built, ANN, "entities.follow", {"entity": "org:sec", "watchlist": one.watchlist})
    run_operation(built, ANN, "entities.follow", {"entity": "org:esma", "watchlist": one.watchlist})
    rows = run_operation(built, ANN, "watchlists.export", {}).rows
    assert [(row["position"], row["asset"]) for row in rows] == [
        (1, "bitcoin"), (2, "ethereum"), (3, "org:sec"), (4, "org:esma"),
    ]  # fmt: skip
    assert rows[3]["name"] == "European Securities and Markets Authority"
    text = export(run_operation(built, ANN, "watchlists.export", {}), "csv", is_simulated=False).decode()
    assert run_operation(built, ANN, "watchlists.import", {"text": text}).changes == []
    done = run_operation(built, BOB, "watchlists.import", {"text": text, "dry_run": False})
    assert done.changes[0].added == ["bitcoin", "ethereum", "org:sec", "org:esma"]
    his = run_operation(built, BOB, "watchlists.read", {})
    assert (his.assets, his.entities) == (["bitcoin", "ethereum"], ["org:sec", "org:esma"])


def test_a_file_of_assets_alone_leaves_what_is_followed_and_one_of_entities_the_assets(built):
    one = made(built, "Large", ("bitcoin",))
    run_operation(built, ANN, "entities.follow", {"entity": "org:sec", "watchlist": one.watchlist})

    def read(text):
        answer = run_operation(built, ANN, "watchlists.import", {"text": text, "dry_run": False})
        return answer, run_operation(built, ANN, "watchlists.read", {})

    _, now = read("Large,solana\n")
    assert (now.assets, now.entities) == (["solana"], ["org:sec"])
    answer, now = read("Large,org:esma\nLarge,org:nobody-at-all\n")
    assert (now.assets, now.entities) == (["solana"], ["org:esma"])
    assert (answer.changes[0].added, answer.changes[0].removed) == (["org:esma"], ["org:sec"])
    assert answer.unread == ["line 2: there is no entity 'org:nobody-at-all'"]
