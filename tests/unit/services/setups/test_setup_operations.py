"""What is told of setups: only one's own, by state and kind, each with its changes and what was corrected since."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from tests import houses
from tests.clocks import JumpingClock
from tests.unit.services.trading.material import BEGUN
from tests.unit.services.trading.test_replaying import begun, replayed
from vigie.adapters.stores.plain_json import plain_json
from vigie.domain.errors import NotFound
from vigie.domain.person import OWNER
from vigie.domain.setup import ENDED, SetupScope
from vigie.domain.time import HOUR_MS, iso
from vigie.ports.setups import FollowedCloses
from vigie.services.needs import provide
from vigie.services.operation_calls import run_operation
from vigie.services.operations import setups
from vigie.services.setups.checking import check_setups
from vigie.services.setups.following import SetupFollower
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.log.replay_cache import load_event_log


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = houses.house(tmp_path_factory.mktemp("home") / "home", clock=JumpingClock(BEGUN + 7 * HOUR_MS))
    stores = provide(house, TradingStores)
    replayed(stores, begun(house, stores, tmp_path_factory.mktemp("file")))
    SetupFollower(stores, house.setups).follow_once()
    return house


def ask(house, name, caller=OWNER, **values):
    return run_operation(house, caller, f"setups.{name}", values)


def test_all_of_ones_own_are_listed_the_newest_first_with_counts(house):
    told = ask(house, "list", limit=1_000)
    assert len(told.rows) == told.total == sum(told.counts.values()) > 20
    assert told.accounts == ["main"]
    assert told.timeframes == ["1h", "4h"]
    assert told.instruments == ["btc-usdt-perp", "eth-usdt-perp", "sol-usdt-perp"]
    assert [row.state for row in told.rows].count("expired") == told.counts["expired"]
    open_rows = [row for row in told.rows if row.state not in ENDED]
    assert all(row.next_close == row.ends_ts or row.next_close < row.ends_ts for row in open_rows)
    assert all(row.ends_ts is row.next_close is None for row in told.rows if row.state in ENDED)


def test_a_list_is_narrowed_and_paged(house):
    whole = ask(house, "list", limit=1_000).rows
    confirmed = [row for row in whole if row.state in ENDED and row.side == "short" and row.timeframe == "4h"]
    told = ask(house, "list", state="ended", side="short", timeframe="4h", limit=1_000)
    assert told.rows == confirmed != []
    assert ask(house, "list", strategy="macd_cross", replayed="without").rows == []
    assert len(ask(house, "list", strategy="macd_cross", replayed="only", limit=1_000).rows) > 0
    paged, cursor = [], ""
    while True:
        page = ask(house, "list", limit=7, cursor=cursor)
        paged += page.rows
        cursor = page.next_cursor or ""
        if not cursor:
            break
    assert paged == whole


def test_open_ones_and_the_latest_ended_come_in_one_call(house):
    open_ones = ask(house, "list", state="open", limit=1_000)
    cursor = ""
    for _ in range(2):
        ended = ask(house, "list", state="ended", limit=2, cursor=cursor)
        both = ask(house, "list", limit=1_000, ended_limit=2, cursor=cursor)
        assert both.rows == [*open_ones.rows, *ended.rows]
        assert (both.next_cursor, both.counts) == (ended.next_cursor, ended.counts)
        cursor = ended.next_cursor
    assert ended.rows
    assert ask(house, "list", state="ended", limit=5, ended_limit=2) == ask(
        house, "list", state="ended", limit=5
    )
    least = {"least": 0.0, "replayed": "with"}
    weighed = ask(house, "list", limit=1_000, ended_limit=2, **least).rows
    parts = [
        ask(house, "list", state=state, limit=count, **least).rows
        for state, count in (("open", 1_000), ("ended", 2))
    ]
    assert weighed == parts[0] + parts[1]


def test_one_setup_is_told_whole(house):
    row = next(row for row in ask(house, "list", limit=1_000).rows if row.state == "played_out")
    told = ask(house, "read", setup=row.setup)
    assert told.newest.setup == row.setup
    assert [change.state for change in told.changes][-1] == "played_out"
    assert [change.ts_known for change in told.changes] == sorted(change.ts_known for change in told.changes)
    assert all(change.criteria for change in told.changes)
    assert [row.digest for row in ask(house, "changes", setup=row.setup).rows] == [
        change.digest for change in told.changes
    ]


def test_its_chart_shows_the_levels_until_it_ends(house):
    row = next(row for row in ask(house, "list", limit=1_000).rows if row.state == "played_out")
    told, chart = ask(house, "read", setup=row.setup), ask(house, "chart", setup=row.setup)
    confirmed = next(change for change in told.changes if change.state == "confirmed")
    lines = {line.name: line.values for line in chart.lines}
    assert {name: values[0][1] for name, values in lines.items()} == {
        "entry": confirmed.entry, "stop": confirmed.stop, "target": confirmed.target,
    }  # fmt: skip
    assert lines["stop"][-1][0] + chart.step_ms == row.ts_known
    times = [bar[0] for bar in chart.bars]
    assert times[0] < row.ts_begun < times[-1]
    assert [candle.ts for candle in ask(house, "candles", setup=row.setup).rows] == times


def test_a_bar_that_was_corrected_since_is_told_and_changes_nothing(house):
    row = next(row for row in ask(house, "list", limit=1_000).rows if row.state == "played_out")
    before = ask(house, "read", setup=row.setup)
    assert before.corrections == []
    for account, series in (
        ("main", f"{row.venue}:{row.instrument}/{row.timeframe}"),
        ("other", f"{row.venue}:{row.instrument}/{row.timeframe}"),
        ("main", f"{row.venue}:doge-usdt-perp/{row.timeframe}"),
    ):
        house.audit.append(
            "trade.bar_revised",
            actor="owner",
            subject=account,
            text={"series": series, "bar": iso(row.ts_begun)},
        )
    after = ask(house, "read", setup=row.setup)
    assert [correction.ts_bar for correction in after.corrections] == [row.ts_begun]
    assert after.changes == before.changes


def test_nobody_elses_setups_are_told(house):
    row = ask(house, "list", limit=1).rows[0]
    stranger = houses.person("u2")
    assert ask(house, "list", stranger).rows == []
    with pytest.raises(NotFound, match="you have no trading account"):
        ask(house, "list", stranger, account="main")
    with pytest.raises(NotFound, match="there is no setup"):
        ask(house, "read", stranger, setup=row.setup)
    with pytest.raises(NotFound):
        ask(house, "read", setup=row.setup, account="second")


def test_what_is_kept_is_what_the_logs_give(house):
    stores = provide(house, TradingStores)
    done = check_setups(stores, house.setups, SetupScope("main", is_replayed=True))
    assert done.difference is None
    assert done.changes == sum(
        len(ask(house, "read", setup=row.setup).changes) for row in ask(house, "list", limit=1_000).rows
    )


@pytest.mark.parametrize("what", ["altered", "lost", "another digest", "another column"])
def test_the_first_change_that_is_another_is_told(house, what):
    stores = provide(house, TradingStores)
    row = ask(house, "list", limit=1).rows[0]

    class Otherwise:
        lives, reached, newest = house.setups.lives, house.setups.reached, house.setups.newest

        def of(self, setup, accounts):
            changes = list(house.setups.of(setup, accounts))
            if setup == row.setup:
                last = changes.pop()
                altered = {
                    "altered": {"body": {**last.body, "entry": 1.0}},
                    "another digest": {"digest": "0" * 64},
                    "another column": {"ts_known": 1},
                }
                changes += [replace(last, **altered[what])] if what in altered else []
            return changes

    difference = check_setups(stores, Otherwise(), SetupScope("main", is_replayed=True)).difference
    assert difference.slot == row.slot
    assert difference.made["setup"] == row.setup
    assert (difference.kept is None) == (what == "lost")


def test_a_change_written_before_r_was_kept_is_as_it_was_kept(house):
    stores = provide(house, TradingStores)

    class Before:
        lives, reached, newest = house.setups.lives, house.setups.reached, house.setups.newest

        def of(self, setup, accounts):
            for change in house.setups.of(setup, accounts):
                body = {name: value for name, value in change.body.items() if name not in ("r", "regime")}
                yield replace(change, body=body, digest=hashlib.sha256(plain_json(body).encode()).hexdigest())

    assert check_setups(stores, Before(), SetupScope("main", is_replayed=True)).difference is None


def test_what_is_remembered_otherwise_is_told(house):
    class Forgetful:
        reached, newest, of = house.setups.reached, house.setups.newest, house.setups.of

        def lives(self, scope):
            return {slot: lives for slot, lives in house.setups.lives(scope).items() if "4h" not in slot}

    stores = provide(house, TradingStores)
    difference = check_setups(stores, Forgetful(), SetupScope("main", is_replayed=True)).difference
    assert "4h" in difference.slot
    assert difference.kept is None


def test_an_account_without_runs_cannot_be_checked(house):
    with pytest.raises(NotFound, match="account 'nobody' has no run to check"):
        check_setups(provide(house, TradingStores), house.setups, SetupScope("nobody"))


def test_money_is_that_of_the_decision_whatever_came_after(house, monkeypatch):
    stores = provide(house, TradingStores)
    equity = load_event_log(stores.results, stores.trades, stores.trades.run("main")).account.equity
    assert equity != 10_000.0
    ended = ask(house, "list", state="ended", limit=1_000).rows
    # What the account would make of it now says nothing about a setup that ended.
    assert all(ask(house, "read", setup=row.setup).money is None for row in ended)
    # The same setups as if they were open: few are, when a replay ends.
    monkeypatch.setattr(setups, "ENDED", ())
    counted = 0
    for row in ended:
        told = ask(house, "read", setup=row.setup)
        decided = [change for change in told.changes if change.state == "confirmed"]
        if told.money is None or told.money.refusal:
            continue
        counted += 1
        # What is lost at the stop before costs is what is said to be at risk, also where a limit makes it smaller.
        lost = -told.money.loss - told.money.costs
        assert told.money.risk * equity == pytest.approx(lost, rel=0.02)
        assert (told.money.binding == "risk") == (told.money.risk > 0.97 * told.money.risk_fraction)
        assert told.money.loss < 0.0
        # A past that was replayed: nobody trades it, and it ended with what its account made.
        assert told.money.standing == "stopped"
        assert told.money.capital == pytest.approx(equity)
        if decided:
            assert told.money.notional == pytest.approx(told.money.qty * decided[0].entry, rel=0.01)
    assert counted


def test_its_chart_tells_the_patterns_that_held_at_its_newest_change_and_draws_the_last(house):
    charts = [(row, ask(house, "chart", setup=row.setup)) for row in ask(house, "list", limit=1_000).rows]
    with_patterns = [(row, chart) for row, chart in charts if chart.patterns]
    assert 0 < len(with_patterns) < len(charts)
    for row, chart in with_patterns:
        step = chart.step_ms
        known = [pattern.ts_known for pattern in chart.patterns]
        assert known == sorted(known)
        assert all(row.ts_known - 60 * step < ts <= row.ts_known for ts in known)
        last = chart.patterns[-1]
        lines = {line.key: dict(line.values) for line in chart.lines}
        # The last of what is drawn: each line ends at the bar whose close made it known.
        assert [max(lines[name]) + step for name in ("upper", "lower")] == [last.ts_known] * 2
        edge = lines["upper"] if last.side == "long" else lines["lower"]
        assert edge[last.ts_known - step] == pytest.approx(last.confirmation)
        for pattern in chart.patterns:
            assert 0 <= pattern.completed <= pattern.ended
            assert (pattern.completed_share is None) == (pattern.ended < 30)
            assert (pattern.any_bar is None) is (pattern.any_bar_atr is None) is (pattern.ended == 0)
        bars = {bar[0]: bar for bar in chart.bars}
        for ts, price in last.swings:
            assert ts not in bars or price in (bars[ts][2], bars[ts][3])
    for _, chart in charts:
        if not chart.patterns:
            assert not {"upper", "lower"} & {line.key for line in chart.lines}
    row, chart = with_patterns[0]
    without = ask(house, "chart", setup=row.setup, patterns=False)
    assert (without.bars, without.patterns) == (chart.bars, [])
    assert [line.key for line in without.lines] == ["entry", "stop", "target"]


def test_a_pattern_that_holds_at_the_decision_counts_for_or_against_the_setup(house):
    counted = 0
    for row in ask(house, "list", limit=1_000).rows:
        told = ask(house, "contributions", setup=row.setup)
        (family,) = [one for one in told.families if one.family == "patterns"]
        leans = [one.lean for one in told.rows if one.family == "patterns" and not one.absence]
        assert all(abs(lean) in (0.5, 1.0) for lean in leans)
        assert (family.weight, family.absence) == ((0.5, "") if leans else (0.0, "none"))
        assert family.value == pytest.approx(sum(leans) / len(leans) if leans else 0.0)
        shown = [one for one in told.families if one.weight]
        mean = sum(one.weight * one.value for one in shown) / sum(one.weight for one in shown)
        assert told.total_value == pytest.approx(mean, abs=1e-9)
        counted += bool(leans)
    assert counted


def test_replayed_setups_are_usual_only_where_there_are_no_others(house):
    whole = ask(house, "list", limit=1_000)
    assert ask(house, "list", replayed="usual", limit=1_000) == whole
    one = house.setups.of(whole.rows[0].setup, ["main"])[0]
    live = FollowedCloses(SetupScope("main"), one.run, one.slot, lives=(), changes=(one.body,))
    assert house.setups.record(live) == 1
    told = ask(house, "list", replayed="usual")
    assert [row.is_replayed for row in told.rows] == [False]
    assert told.counts == {one.state: 1}
    # Also where what is asked for has no live ones.
    assert ask(house, "list", replayed="usual", side="long" if one.side == "short" else "short").rows == []
    assert len(ask(house, "list", replayed="with", limit=1_000).rows) == len(whole.rows) + 1
