"""What happened to an account: its own records and nobody else's, in words, and grave until it is over."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

import vigie
from tests import houses
from tests.architecture.source_tree import parsed
from tests.unit.services.trading.material import BEGUN, planned
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.errors import Forbidden, NotFound
from vigie.domain.order import TradeRun
from vigie.domain.time import iso
from vigie.ports.tradebook import AuditNote, TradeChange
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.trading.accounts.account_status import get_account_status
from vigie.services.trading.log.trading_event_texts import INTENT, KINDS, SENTENCES, reason_parts
from vigie.services.trading.log.trading_events import (
    TradingEventReader,
    find_open_concerns,
    iterate_records,
    list_trading_events,
)
from vigie.services.trading.process.trading import begin_run
from vigie.views.web.language import texts

ANN, BOB = houses.person("ann"), houses.person("bob")
BTC, SLOT = "btc-usdt-perp", "btc-usdt-perp/1h/ema_cross"


@pytest.fixture
def house(tmp_path, database, clock):
    built = houses.house(tmp_path / "home", with_bars=False)
    return replace(
        built, audit=SqlAuditLog(database, clock), trades=SqlTradeBook(database, clock), clock=clock
    )


def begin(house, account, owner, id_=None):
    run = TradeRun(id_ or f"run-{account}", account, owner, "bitget-perp", "demo", "p", Decimal(1_000), BEGUN)
    house.trades.begin(run)
    return run


def note(house, account, kind, subject, /, **text):
    lease = house.trades.take(account, "trade@here:1", for_s=60, by_force=True)
    house.trades.commit(lease, TradeChange(notes=(AuditNote(kind, subject, text),)))
    house.trades.leave(lease)


def kinds(found):
    return [one.kind for one in found]


def written_kinds():
    """Return every kind of trading record that the product's code names."""
    found = set()
    for path in Path(vigie.__file__).parent.rglob("*.py"):
        # Most files name none, and need not be read as code.
        tree = parsed(path) if "trade." in path.read_text("utf-8") else ast.Module([], [])
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= set(re.findall(r"^trade\.[a-z_]+$", node.value))
    return found - {"trade.html", "trade."}


def test_every_kind_that_is_written_anywhere_has_its_words():
    assert written_kinds() == {INTENT, *KINDS}
    assert all(one.title and (one.todo or one.weight == "notice") for one in KINDS.values())


def test_every_word_and_sentence_has_its_french():
    said = {text for one in KINDS.values() for text in (one.title, one.todo) if text} | set(SENTENCES)
    assert said - set(texts("fr")) == set()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_record_with_fewer_words_than_today_says_what_it_has(kind):
    for text in ({}, {"why": "so"}, {"strange": 1}):
        sentence, values = reason_parts(kind, text)
        assert isinstance(sentence % values, str)


def test_money_and_targets_are_told_from_values_and_older_records_in_the_words_they_have():
    def said(kind, **text):
        sentence, values = reason_parts(kind, text)
        return sentence % values

    came = {"amount": 512.25, "way": "came_in", "money": "512.25", "currency": "USDT"}
    assert said("trade.money", **came) == "512.25 USDT received without a Vigie trade"
    found = {"amount": 0.0, "way": "found", "money": "9989.16", "currency": "USDT"}
    assert said("trade.money", **found) == "9989.16 USDT at the venue"
    assert said("trade.target_lost", begun=BEGUN) == f"opened {iso(BEGUN)}"
    assert said("trade.money", amount=-5.0, why="5 USDT went out") == "-5: 5 USDT went out"
    assert said("trade.target_lost", why=f"entered at {BEGUN}") == f"entered at {BEGUN}"


def test_of_one_persons_accounts_each_has_its_own(house):
    one, two = begin(house, "one", "ann"), begin(house, "two", "ann")
    note(house, "one", "trade.unexplained_order", BTC, order="7", side=1, qty="0.5", kind="limit")
    assert "trade.unexplained_order" in kinds(list_trading_events(house.audit, house.trades, one))
    assert "trade.unexplained_order" not in kinds(list_trading_events(house.audit, house.trades, two))
    told = run_operation(house, ANN, "trading.events", {"account": "one"}).rows[0]
    assert (told["account"], told["subject"], told["why"]) == ("one", BTC, "buy 0.5, limit, id 7")
    assert (told["weight"], told["title"]) == ("grave", "Order not placed by Vigie")


def test_old_records_that_name_no_account_are_told_with_all_of_their_owners(house):
    one, two = begin(house, "one", "ann"), begin(house, "two", "ann")
    begin(house, "other", "bob")
    house.audit.append("trade.halted", actor="ann", subject=SLOT, text={"why": "denied"})
    for run in (one, two):
        found = list_trading_events(house.audit, house.trades, run)[0]
        assert (found.kind, found.account, found.why) == ("trade.halted", "", "denied")
    assert "trade.halted" not in kinds(
        list_trading_events(house.audit, house.trades, house.trades.run("other"))
    )


def test_nobody_is_told_of_somebody_elses_account(house):
    begin(house, "hers", "ann")
    his = begin(house, "his", "bob")
    note(house, "hers", "trade.halted", SLOT, why="secret plans")
    house.trades.request_state("hers", "reducing", by="owner", why="secret plans")
    for name in ("events", "concerns"):
        with pytest.raises(NotFound):
            run_operation(house, BOB, f"trading.{name}", {"account": "hers"})
    assert kinds(find_open_concerns(house.audit, house.trades, his, [SLOT])) == []
    assert "secret plans" not in str(run_operation(house, BOB, "trading.events", {"account": "his"}).rows)
    assert "secret plans" not in str(list(iterate_records(house.audit, house.trades, his)))
    with pytest.raises(NotFound):
        run_operation(house, BOB, "trading.seen", {"account": "hers"})
    assert house.audit.after(0, kinds=["trade.seen"]) == []
    with pytest.raises(Forbidden):
        run_operation(house, houses.person("ann", "viewer"), "trading.seen", {"account": "hers"})


def test_who_takes_the_name_of_an_account_that_is_gone_hears_nothing_of_it(house):
    begin(house, "main", "ann")
    note(house, "main", "trade.halted", SLOT, why="secret plans")
    house.trades.request_state("main", "reducing", by="owner", why="secret plans")
    house.trades.forget("ann")
    run = begin(house, "main", "bob", "run-bob")
    house.trades.request_state("main", "reducing", by="owner", why="of Bob's")
    assert kinds(list_trading_events(house.audit, house.trades, run)) == ["trade.state", "trade.run"]
    assert "secret plans" not in str(list(iterate_records(house.audit, house.trades, run)))


def test_an_account_that_was_handed_over_keeps_its_past(house):
    begin(house, "main", "owner")
    house.audit.append("trade.unprotected", actor="owner", subject=BTC, text={"done": "protect"})
    note(house, "main", "trade.blind", "main", why="busy")
    house.trades.hand_over("owner", "ann")
    begin(house, "his", "bob")
    found = list_trading_events(house.audit, house.trades, house.trades.run("main"))
    assert {"trade.unprotected", "trade.blind", "trade.run"} <= set(kinds(found))
    assert kinds(list_trading_events(house.audit, house.trades, house.trades.run("his"))) == ["trade.run"]


def test_pages_follow_one_another_to_the_first_record(house):
    run = begin(house, "main", "ann")
    for number in range(7):
        note(house, "main", INTENT, f"{number}")
        note(house, "main", "trade.unanswered", "main", why=str(number))
    everything = [one.seq for one in list_trading_events(house.audit, house.trades, run)]
    found, cursor = [], ""
    while cursor is not None:
        page = run_operation(house, ANN, "trading.events", {"cursor": cursor, "limit": 3})
        found += [row["seq"] for row in page.rows]
        cursor = page.next_cursor
    assert found == everything == sorted(everything, reverse=True)
    assert INTENT not in kinds(list_trading_events(house.audit, house.trades, run))


def test_what_is_grave_is_told_until_somebody_has_seen_it_or_lets_it_enter(house):
    run = begin(house, "main", "ann")
    note(house, "main", "trade.unexplained_order", BTC, order="7")
    note(house, "main", "trade.unexplained_order", BTC, order="8")
    note(house, "main", "trade.money", "main", amount=0.0, why="")
    assert kinds(find_open_concerns(house.audit, house.trades, run, [])) == ["trade.unexplained_order"], (
        "each thing once, no others"
    )
    run_operation(house, ANN, "trading.seen", {})
    assert find_open_concerns(house.audit, house.trades, run, []) == []
    note(house, "main", "trade.unexplained_order", BTC, order="9")
    assert len(find_open_concerns(house.audit, house.trades, run, [])) == 1
    house.trades.request_state("main", "active", by="ann", why="mine")
    assert find_open_concerns(house.audit, house.trades, run, []) == []


def test_what_was_seen_hides_nothing_that_came_after_it(house):
    run = begin(house, "main", "ann")
    note(house, "main", "trade.unexplained_order", BTC, order="7")
    before = find_open_concerns(house.audit, house.trades, run, [])[0].seq
    note(house, "main", "trade.blind", "main", why="busy")
    assert run_operation(house, ANN, "trading.seen", {"until": before}).until == before
    assert kinds(find_open_concerns(house.audit, house.trades, run, [])) == ["trade.blind"]


def test_what_a_process_sees_itself_is_over_when_another_begins(house):
    run = begin(house, "main", "ann")
    note(house, "main", "trade.blind", "main", why="busy")
    note(house, "main", "trade.unprotected", BTC, done="protect")
    house.trades.leave(house.trades.take("main", "trade@here:2", for_s=9))
    assert kinds(find_open_concerns(house.audit, house.trades, run, [SLOT])) == ["trade.unprotected"]


def test_that_positions_cannot_be_read_is_over_when_they_can(house):
    run = begin(house, "main", "ann")
    note(house, "main", "trade.blind", "main", why="429")
    assert kinds(find_open_concerns(house.audit, house.trades, run, [])) == ["trade.blind"]
    note(house, "main", "trade.sighted", "main")
    assert find_open_concerns(house.audit, house.trades, run, []) == []
    note(house, "main", "trade.blind", "main", why="429 again")
    assert [one.why for one in find_open_concerns(house.audit, house.trades, run, [])] == ["429 again"]


def test_why_a_process_ended_is_told_before_what_was_earlier_and_until_another_begins(house):
    run = begin(house, "main", "ann")
    note(house, "main", "trade.exit_waits", SLOT, why="busy")
    house.audit.append("trade.ended", actor="ann", subject="main", text={"why": "the key was refused"})
    first = find_open_concerns(house.audit, house.trades, run, [SLOT])[0]
    assert (first.kind, first.why) == ("trade.ended", "the key was refused")
    house.trades.leave(house.trades.take("main", "trade@here:2", for_s=9))
    assert "trade.ended" not in kinds(find_open_concerns(house.audit, house.trades, run, [SLOT]))


def test_what_is_about_a_position_is_over_with_it(house):
    run = begin(house, "main", "ann")
    note(house, "main", "trade.unprotected", BTC, done="protect")
    note(house, "main", "trade.exit_waits", SLOT, why="later")
    assert kinds(find_open_concerns(house.audit, house.trades, run, [SLOT])) == [
        "trade.exit_waits",
        "trade.unprotected",
    ]
    assert kinds(find_open_concerns(house.audit, house.trades, run, ["btc-usdt-perp/4h/macd_cross"])) == [
        "trade.unprotected"
    ]
    assert find_open_concerns(house.audit, house.trades, run, ["eth-usdt-perp/1h/ema_cross"]) == []


def test_an_account_that_is_not_halted_any_more_is_no_concern(house):
    run = begin(house, "main", "ann")
    lease = house.trades.take("main", "x", for_s=9)
    halted = TradeChange(state="halted", notes=(AuditNote("trade.halted", SLOT, {"why": "denied"}),))
    house.trades.commit(lease, halted)
    assert kinds(find_open_concerns(house.audit, house.trades, run, [])) == ["trade.halted"]
    house.trades.request_state("main", "reducing", by="ann", why="calm")
    assert find_open_concerns(house.audit, house.trades, run, []) == []


def test_a_process_says_what_happens_and_what_it_does_not_say_anyway(house):
    run = begin(house, "main", "ann")
    begin(house, "other", "ann")
    note(house, "main", "trade.blind", "main", why="before")
    news = TradingEventReader(house.audit, house.is_simulated, run)
    note(house, "other", "trade.blind", "other", why="elsewhere")
    note(house, "main", "trade.unexplained_order", BTC, order="7", side=-1, qty="2", kind="limit")
    house.audit.append("trade.bar_revised", actor="ann", subject="main", text={"series": "s", "bar": "b"})
    house.trades.request_state("main", "reducing", by="ann", why="calm")
    said = news.new_lines()
    assert [line.partition("Z ")[2] for line in said] == [
        f"{BTC}: Order not placed by Vigie: sell 2, limit, id 7",
        "Account state changed: from “active” to “reducing”: calm",
    ]
    assert news.new_lines() == []
    simulated = replace(house, is_simulated=True)
    practised = TradingEventReader(simulated.audit, simulated.is_simulated, run)
    note(house, "main", "trade.blind", "main", why="so")
    assert [line.rpartition(" (")[2] for line in practised.new_lines()] == ["this machine's clock)"]


def test_status_names_what_needs_a_look_and_what_happened(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(tmp_path / "home", clock=clock)
    bound(house, begin_run)(planned(house, tmp_path), "owner")
    note(house, "main", "trade.unexplained_order", BTC, order="7", side=1, qty="1", kind="limit")
    found = bound(house, get_account_status)("main", "owner")
    assert [one["title"] for one in found["concerns"]] == ["Order not placed by Vigie"]
    assert found["happened"][0]["kind"] == "trade.unexplained_order"
