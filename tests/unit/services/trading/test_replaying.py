"""An account's past, decided afterwards: as its backtest, one run of its own, and whole after any kill."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from tests import houses
from tests.clocks import JumpingClock
from tests.houses import person
from tests.unit.services.trading.material import BEGUN, run_file
from tests.unit.services.trading.test_trading import backtest_of, go
from vigie.adapters.clock import SystemClock
from vigie.data.live_feed import MarketStores, StoredFeed
from vigie.data.past_feed import PastFeed
from vigie.domain.errors import Conflict, UsageError
from vigie.domain.person import OWNER
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services.needs import bound, provide
from vigie.services.operation_calls import run_operation
from vigie.services.runs import request_builder
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.account_plans.modes import paper_days
from vigie.services.trading.account_plans.planning import make_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.accounts.account_status import marks_of
from vigie.services.trading.gateway.caps import count_cancelled, list_entry_times
from vigie.services.trading.limits.carried_limits import carry_to_new_run
from vigie.services.trading.log.exporting import export
from vigie.services.trading.process import trading
from vigie.services.trading.process.replaying import begin_replay, replay
from vigie.views.cli import run_comparison

DAYS = 12


class Killed(BaseException):
    """Ends a process between two steps."""


@pytest.fixture
def house(tmp_path):
    return houses.house(tmp_path / "home", clock=JumpingClock(BEGUN + 7 * HOUR_MS))


@pytest.fixture
def stores(house):
    return provide(house, TradingStores)


def begun(house, stores, folder, *, days=DAYS):
    request = request_builder.build_request(
        house.data, config=run_file(folder), own_strategies=house.results.strategies
    )
    return begin_replay(stores, request, account="main", owner=OWNER.user, days=days)


def replayed(stores, run):
    lease = stores.trades.take(run.account, "tests", for_s=30.0, by_force=True)
    try:
        return asyncio.run(replay(stores, run, lease, SystemClock(), lambda _: None))
    finally:
        stores.trades.leave(lease)


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    """Give a house whose account was replayed, with its run and what it came to; for those that only read it."""
    folder = tmp_path_factory.mktemp("past")
    house = houses.house(folder / "home", clock=JumpingClock(BEGUN + 7 * HOUR_MS))
    stores = provide(house, TradingStores)
    run = begun(house, stores, folder)
    return house, stores, run, replayed(stores, run)


def test_a_replay_is_told_to_nobody(past):
    _, stores, _, _ = past
    events = stores.audit.after(0)
    assert {event.kind for event in events} <= {"trade.run", "trade.lease"}
    assert [event.text["is_replayed"] for event in events if event.kind == "trade.run"] == [True]


def test_a_replay_decides_as_its_backtest_and_ends_flat_at_midnight(past):
    house, stores, run, event_log = past
    plan, account = load_plan(stores.results, run.id), event_log.account
    assert (plan.begun, plan.until) == (BEGUN - DAYS * DAY_MS, BEGUN)
    assert event_log.ts == BEGUN
    assert event_log.open_slots == []
    backtest = backtest_of(house, plan, house.home.parent, BEGUN)
    assert len(account.trades) > 3
    for column in ("entry_ts", "exit_ts", "slot", "side", "lots", "reason"):
        assert account.trades[column].tolist() == backtest.trades[column].tolist()
    assert account.trades["pnl"].tolist() == pytest.approx(backtest.trades["pnl"].tolist(), abs=1e-7)
    assert account.decision_hash == backtest.decision_hash


@pytest.mark.parametrize("commits", [2, 60])
def test_a_replay_that_is_killed_goes_on_as_if_it_had_not_been(past, tmp_path, monkeypatch, commits):
    *_, whole = past
    other = houses.house(tmp_path / "other", clock=JumpingClock(BEGUN + 7 * HOUR_MS))
    again = provide(other, TradingStores)
    run = begun(other, again, tmp_path)
    commit, left = type(again.trades).commit, [commits]

    def counted(self, lease, change):
        number = commit(self, lease, change)
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        return number

    with monkeypatch.context() as patch:
        patch.setattr(type(again.trades), "commit", counted)
        with pytest.raises(Killed):
            replayed(again, run)
    assert begun(other, again, tmp_path) == run
    event_log = replayed(again, run)
    assert event_log.account.decision_hash == whole.account.decision_hash
    assert event_log.account.trades["pnl"].tolist() == whole.account.trades["pnl"].tolist()
    ids = [fill.id for fill in again.trades.fills(run.id)]
    assert len(ids) == len(set(ids))


def test_what_is_traded_from_then_on_is_another_run_without_its_limits(house, stores, tmp_path):
    past = begun(house, stores, tmp_path)
    replayed(stores, past)
    request = request_builder.build_request(
        house.data, config=run_file(tmp_path), own_strategies=house.results.strategies
    )
    plan = make_plan(stores, request, account="main", mode="paper")
    assert trading.check_run(stores, plan, OWNER.user, is_new=False) is None
    assert asyncio.run(carry_to_new_run(stores, plan, "", None, lambda _: None)) is None
    run = go(house, plan, plan.begun + DAY_MS, [])
    assert (run.id == past.id, run.is_replayed) == (False, False)
    assert [item.is_replayed for item in stores.trades.runs_of(OWNER.user)] == [True, False]
    days = {day * DAY_MS for day in paper_days(stores.audit, stores.trades, OWNER.user, plan)}
    assert all(day >= BEGUN for day in days)


def test_a_replay_is_marked_in_files_and_where_it_is_compared(past, tmp_path, monkeypatch, capsys):
    house, _, run, _ = past
    bound(house, export)(run, tmp_path / "files")
    lines = [json.loads(line) for file in (tmp_path / "files").iterdir() for line in file.open()]
    assert lines
    assert all(line["is_replayed"] for line in lines)
    monkeypatch.setattr("vigie.wiring.app_context.open_app_context", lambda: house)
    gap = run_comparison.explain_gap("backtest", "account:main")
    assert gap["replayed"] == ["main"]
    run_comparison.print_gap({"gap": gap})
    assert "Replayed, not traded as the market went: main." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("stop", {"why": "tests"}), ("resume", {"why": "tests"}), ("flatten", {"why": "tests", "confirm": "main"}),
        ("lift", {"why": "tests", "confirm": "main"}), ("tighten", {"max_positions": 1}),
        ("switch", {"slots": ["btc-usdt-perp/4h/macd_cross"], "on": False}),
    ],
)  # fmt: skip
def test_nobody_changes_what_is_decided_while_it_is_replayed(house, stores, tmp_path, name, more):
    begun(house, stores, tmp_path)
    with pytest.raises(Conflict, match=r"^the past of account main is being replayed"):
        run_operation(house, person(OWNER.user), f"trading.{name}", {"account": "main", **more})
    assert stores.trades.state("main") == "active"


def test_what_was_replayed_today_does_not_use_up_the_days_orders(past):
    _, stores, run, _ = past
    assert stores.trades.changed_since(run.id, 0)
    assert list_entry_times(stores.trades, SystemClock(), run) == []
    assert count_cancelled(stores.trades, run, 0) == 0


def test_what_is_held_in_the_past_has_no_price_of_today(house, stores, tmp_path):
    run = begun(house, stores, tmp_path)
    house.quotes.put([Quote(run.venue, "btc-usdt-perp", last=1.0, ts_event=BEGUN, ts_known=BEGUN)])
    assert marks_of(house.quotes, run) == {}
    assert marks_of(house.quotes, replace(run, is_replayed=False))


def test_where_a_bar_is_missing_nothing_is_entered(house, stores, tmp_path):
    plan = load_plan(stores.results, begun(house, stores, tmp_path).id)
    name, gone = "sol-usdt-perp", plan.begun + 30 * HOUR_MS
    series = [one for one in plan.series if one.instrument == name]

    class Holed:
        def read(self, series_id, *, start_ms=None, end_ms=None):
            frame = stores.data.bars.read(series_id, start_ms=start_ms, end_ms=end_ms)
            return frame.filter(frame["timestamp"].to_physical() != gone)

        def series(self, venue, instrument):
            return [one for one in series if (one.venue, one.instrument) == (venue, instrument)]

    feed = PastFeed(series, plan.begun, plan.until, Holed(), stores.facts)

    async def told():
        number, seen = 0, {}
        while (instant := await feed.after(number)) is not None:
            number, seen[instant.ts] = instant.number, (instant, feed.stale)
        return seen

    seen = asyncio.run(told())
    before, stale = seen[gone]
    # The last close stands in, so that positions are counted, and nothing enters at it.
    assert stale == {f"{name}/1h"}
    assert dict(before.opened) == {f"{name}/1h": before.closed[0].close}
    after, _ = seen[gone + HOUR_MS]
    assert (after.closed, after.opened) == ((), ())


def test_a_replay_whose_last_bars_are_missing_is_refused(house, stores, tmp_path):
    plan = load_plan(stores.results, begun(house, stores, tmp_path).id)
    late = plan.until + 400 * DAY_MS
    with pytest.raises(UsageError, match=r"^a replay needs bars up to its end; those of "):
        PastFeed(plan.series, plan.begun, late, stores.data.bars, stores.facts)


def test_the_past_of_an_account_that_has_traded_is_not_replayed(house, stores, tmp_path):
    request = request_builder.build_request(
        house.data, config=run_file(tmp_path), own_strategies=house.results.strategies
    )
    go(house, make_plan(stores, request, account="main", mode="paper"), BEGUN + 9 * HOUR_MS, [])
    with pytest.raises(UsageError, match=r"^account main has traded already"):
        begun(house, stores, tmp_path)


def test_a_past_feed_gives_the_instants_of_a_live_one(house, stores, tmp_path):
    plan = load_plan(stores.results, begun(house, stores, tmp_path).id)
    past = PastFeed(plan.series, plan.begun, plan.until, stores.data.bars, stores.facts)
    live = StoredFeed(
        plan.series,
        plan.begun,
        MarketStores(stores.data.bars, stores.quotes, stores.facts),
        JumpingClock(plan.until + HOUR_MS),
    )

    async def instants():
        number, pairs = 0, []
        while (instant := await past.after(number)) is not None:
            pairs.append((instant, await live.after(number)))
            number = instant.number
        return pairs

    pairs = asyncio.run(instants())
    assert len(pairs) == DAYS * 24 + 1
    for one, other in pairs[:-1]:
        assert replace(other, is_missed=False) == one
    # Nothing begins where a replay ends.
    last, other = pairs[-1]
    assert last == replace(other, is_missed=False, is_last=True, opened=())


def test_a_replay_ends_where_a_bar_of_every_series_ends(house, stores, tmp_path):
    plan = load_plan(stores.results, begun(house, stores, tmp_path).id)
    with pytest.raises(UsageError, match=r"^a replay must end where a bar of each series ends; .*4h"):
        PastFeed(plan.series, plan.begun, plan.until - HOUR_MS, stores.data.bars, stores.facts)
