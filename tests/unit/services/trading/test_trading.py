"""A run file traded on stored bars: the backtest's decisions, and a log that goes on."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from tests import houses
from tests.traded import DAYS, house_of, said_by
from tests.unit.services.trading.material import BEGUN, FILE, AtOnce, RunningClock, planned
from vigie.data.decided_bars import MOST_BARS
from vigie.domain import codes
from vigie.domain.errors import Conflict, StorageError, UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.order import TradeRun
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, iso
from vigie.engine.backtest import run_shared
from vigie.engine.live.execution import single_line
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.run import prepare_slot
from vigie.services.needs import bound
from vigie.services.runs import request_builder
from vigie.services.runs.backtest import plan_slots
from vigie.services.trading.account_plans.account_plan import KEPT_BARS, load_plan
from vigie.services.trading.account_plans.modes import check_same_plan
from vigie.services.trading.accounts.account_status import get_account_status
from vigie.services.trading.flattening.flattening import flatten
from vigie.services.trading.log import event_reporting
from vigie.services.trading.log.event_log import EventLog
from vigie.services.trading.process import startup, trading
from vigie.services.trading.process.decided_histories import DecidedHistories

# Days pass in seconds here: what is new is looked for ten times as seldom, about once a bar.
TELL_S = 5.0
TICK_S = 0.5


async def ticking(clock):
    """Let no step of a clock be long: it would run away from who is at work beside it."""
    while True:
        await clock.pause(TICK_S)


def go(house, plan, until: int, said: list[str], *, begun=None, market=lambda clock: None):
    """Trade until a time of the market, as one process; `market` makes what gathers prices of its clock."""

    async def process():
        asyncio.get_running_loop().set_default_executor(AtOnce())
        clock = RunningClock(begun or plan.begun, until)
        live = replace(house, clock=clock)
        run = bound(live, trading.check_run)(plan, "owner", is_new=False) or bound(live, trading.begin_run)(
            plan, "owner"
        )
        lease = await trading.acquire_lease(live.trades, plan.account, "tests", clock, said.append)
        job = trading.TradeJob(
            live, run, load_plan(live.results, run.id), lease, clock, None, market(clock),
            speed=lambda: RunningClock.SPEED,
        )  # fmt: skip
        hands, ticks = asyncio.ensure_future(clock.run()), asyncio.ensure_future(ticking(clock))
        await trading.trade(job, said.append, clock.is_over)
        await hands
        ticks.cancel()
        return run

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_reporting, "_TELL_S", TELL_S)
        return asyncio.run(process())


@pytest.fixture
def house(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    return houses.house(tmp_path / "home", clock=clock)


def backtest_of(house, plan, tmp_path, last_ts: int):
    """The same slots from the bar in progress on, until the last bar that was traded on."""
    asked = request_builder.build_request(
        house.data, config=tmp_path / "run.toml", own_strategies=house.results.strategies
    )
    inputs = []
    for one, pinned in zip(plan_slots(house.data, asked), plan.slots, strict=True):
        end = int((one.bars.ts + one.bars.span_ms <= last_ts).sum())
        cut = replace(one, bars=one.bars.slice(0, end), first=pinned.first_bar)
        inputs.append(prepare_slot(cut)[1])
    return run_shared(inputs, protections=plan.protections)


def assert_bars_of_entries_are_known(house, plan, run):
    """What a decision was made on is recorded with its entry, and comes out again when it is read again."""
    told = {one.subject: one.text for one in house.audit.after(0, kinds=["trade.intent"])}
    entries = [one.intent for one in house.trades.intents(run.id) if one.intent.leg == "entry"]
    assert entries
    names = [str(one.slot) for one in plan.slots]
    again = bound(house, DecidedHistories)(plan)
    for intent in sorted(entries, key=lambda one: one.ts_bar):
        number = names.index(intent.slot)
        span = SeriesId(plan.venue, intent.instrument, plan.slots[number].slot.timeframe).span_ms
        again.bars_until(number, intent.ts_bar - span)
        assert told[intent.id]["bars"] == again.fingerprint(number)
        assert len(again.fingerprint(number)) == 16


def test_a_run_file_on_paper_decides_as_its_backtest(traded_home, tmp_path):
    house, run = house_of(traded_home, tmp_path / "home", BEGUN)
    plan, said = planned(house, tmp_path), said_by(traded_home)
    chronicle = trading.load_event_log(house.results, house.trades, run)
    account = chronicle.account
    backtest = backtest_of(house, plan, tmp_path, chronicle.ts)
    ended = len(account.trades)
    assert ended > 3
    assert account.trades["pnl"].tolist() == pytest.approx(backtest.trades["pnl"][:ended].tolist(), abs=1e-7)
    assert account.trades["entry_bar"].tolist() == backtest.trades["entry_bar"][:ended].tolist()
    assert any("orders long" in line or "orders short" in line for line in said)
    assert_bars_of_entries_are_known(house, plan, run)


def test_a_process_that_comes_back_later_goes_on_and_enters_nothing_that_it_missed(house, tmp_path):
    plan, said = planned(house, tmp_path), []
    go(house, plan, BEGUN + 2 * DAY_MS, said)
    run = go(house, plan, BEGUN + 8 * DAY_MS, said, begun=BEGUN + 6 * DAY_MS)
    taken = [steps.decode_step(step) for step in house.trades.steps(run.id)]
    opened = [step.number for step in taken if isinstance(step, steps.BarsOpened)]
    assert opened == list(range(1, len(opened) + 1))
    missed = [
        step.ts for step in taken for veto in getattr(step, "vetoes", ()) if veto.code == codes.MISSED_BAR
    ]
    assert missed
    # What is late because it caught up first is over as well.
    assert min(missed) > BEGUN + 2 * DAY_MS - HOUR_MS
    assert max(missed) < BEGUN + 6 * DAY_MS + 6 * HOUR_MS
    entered = [one.intent.ts for one in house.trades.intents(run.id) if one.intent.leg == "entry"]
    assert not [ts for ts in entered if BEGUN + 2 * DAY_MS + HOUR_MS < ts < BEGUN + 6 * DAY_MS]
    fills = Counter((fill.client_id or fill.id) for fill in house.trades.fills(run.id))
    assert set(fills.values()) == {1}


def test_an_account_that_is_stopped_refuses_entries_and_says_why(house, tmp_path):
    plan, said = planned(house, tmp_path), []
    run = go(house, plan, BEGUN + HOUR_MS // 2, said)
    house.trades.request_state(plan.account, "reducing", by="owner", why="tests")
    go(house, plan, BEGUN + DAYS // 2 * DAY_MS, said, begun=BEGUN + HOUR_MS // 2)
    assert not house.trades.intents(run.id)
    refused = trading.load_event_log(house.results, house.trades, run).refusals
    assert refused
    assert {one.code for one in refused} == {"trading_state"}
    assert any("resume" in line for line in said)


def test_flatten_closes_what_a_dead_process_held_and_the_run_goes_on_after_it(house, tmp_path):
    plan, said = planned(house, tmp_path), []
    until = BEGUN + 3 * DAY_MS
    run = go(house, plan, until, said)
    while not trading.load_event_log(house.results, house.trades, run).open_slots:
        before, until = until, until + 6 * HOUR_MS
        go(house, plan, until, said, begun=before)
    held = trading.load_event_log(house.results, house.trades, run).open_slots

    async def close():
        clock = RunningClock(until, until + DAY_MS)
        live = replace(house, clock=clock)
        house.trades.request_state(plan.account, "flat", by="owner", why="tests")
        lease = live.trades.take(plan.account, "a person", for_s=30.0, by_force=True)
        hands = asyncio.ensure_future(clock.run())
        try:
            return await flatten(trading.TradeJob(live, run, plan, lease, clock), said.append)
        finally:
            hands.cancel()
            live.trades.leave(lease)

    assert asyncio.run(close()) == len(held)
    found = bound(house, get_account_status)(plan.account, "owner")
    assert (found["positions"], found["state"], found["open_intents"]) == ([], "flat", [])
    house.trades.request_state(plan.account, "active", by="owner", why="tests")
    go(house, plan, until + 2 * DAY_MS, said, begun=until + HOUR_MS)
    assert bound(house, get_account_status)(plan.account, "owner")["trades"] >= len(held)


def test_one_account_at_a_venue_is_not_traded_under_two_names_at_once(house, tmp_path):
    plan = replace(planned(house, tmp_path), mode="demo", venue="bitget-perp")
    run = TradeRun("r9", "other", "owner", "bitget-perp", "demo", "f" * 64, Decimal(4_000), 5)
    house.trades.begin(run)
    assert bound(house, trading.check_run)(plan, "owner", is_new=False) is None, (
        "nobody trades the other one now"
    )
    lease = house.trades.take("other", "p1", for_s=10)
    with pytest.raises(
        Conflict, match=r"^account other is trading at bitget-perp in demo mode with the same key"
    ):
        bound(house, trading.check_run)(plan, "owner", is_new=True)
    with pytest.raises(Conflict, match=r"^somebody else's account is trading"):
        bound(house, trading.check_run)(plan, "u1", is_new=False)
    for free in ({"mode": "paper"}, {"mode": "live"}, {"venue": "binance-perp"}):
        assert bound(house, trading.check_run)(replace(plan, **free), "owner", is_new=False) is None
    house.trades.leave(lease)
    assert bound(house, trading.check_run)(plan, "owner", is_new=False) is None


def test_of_two_accounts_that_begin_at_once_with_one_key_the_later_is_refused(house, tmp_path):
    plan = replace(planned(house, tmp_path), mode="demo", venue="bitget-perp")
    assert bound(house, trading.check_run)(plan, "owner", is_new=False) is None
    house.trades.begin(TradeRun("r9", "other", "owner", "bitget-perp", "demo", "f" * 64, Decimal(4_000), 5))
    lease = house.trades.take("other", "p1", for_s=10)
    with pytest.raises(Conflict, match="with the same key"):
        bound(house, trading.begin_run)(plan, "owner")
    house.trades.leave(lease)


def test_a_changed_plan_is_refused_with_what_changed_and_a_new_run_is_the_cure(house, tmp_path):
    plan, said = planned(house, tmp_path), []
    run = go(house, plan, BEGUN + HOUR_MS, said)
    other = planned(house, tmp_path, text=FILE.replace("capital = 10_000", "capital = 5_000"))
    with pytest.raises(UsageError, match=r"changed: capital \(10000.0 before, 5000.0 now\)\. .*--new-run"):
        bound(house, trading.check_run)(other, "owner", is_new=False)
    edited = replace(plan.slots[0], source="another", params={"fast": 3})
    fewer = replace(plan, slots=(edited, *plan.slots[2:]), protections=None)
    with pytest.raises(UsageError) as refused:
        bound(house, trading.check_run)(fewer, "owner", is_new=False)
    name, gone = plan.slots[0].slot, plan.slots[1].slot
    assert f"changed: slot {gone} (gone now), fast of {name} (not set before, 3 now), " in str(refused.value)
    assert (
        f"the file of strategy {name.strategy} of {name}, use of the protections (set before, not set now)"
        in (str(refused.value))
    )
    assert bound(house, trading.check_run)(other, "owner", is_new=True) is None
    check_same_plan(run, planned(house, tmp_path).fingerprint, "paper", houses.VENUE)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('mode = "portfolio"', 'mode = "isolated"', "portfolio"),
        ("capital = 10_000", 'capital = 10_000\ntarget_execution = "limit"', "trigger"),
        (
            "[venue]",
            "[data]\nlast = 100\n\n[venue]",
            ("trading starts now; remove to and last from \\[data\\]"),
        ),
    ],
)
def test_what_cannot_be_traded_is_refused_with_its_cure(house, tmp_path, old, new, said):
    with pytest.raises(UsageError, match=said):
        planned(house, tmp_path, text=FILE.replace(old, new))


@pytest.mark.parametrize("name", ["", "ma\nin", "\N{RIGHT-TO-LEFT OVERRIDE}niam"])
def test_an_account_whose_name_cannot_be_read_is_refused(house, tmp_path, name):
    with pytest.raises(UsageError, match="visible characters"):
        planned(house, tmp_path, account=name)


def test_a_bar_that_is_corrected_after_a_decision_is_told_and_recorded_and_decides_nothing_anew(
    house, tmp_path
):
    plan, said = planned(house, tmp_path), []
    run = go(house, plan, BEGUN + 2 * DAY_MS, said)
    series = SeriesId(plan.venue, "btc-usdt-perp", "1h")
    bar = BEGUN + 5 * HOUR_MS
    stored = house.data.bars.read(series, start_ms=bar, end_ms=bar + 1)
    house.data.bars.upsert(series, stored.with_columns(close=pl.col("high")))
    before = bound(house, startup.load_judge)(plan, bound(house, DecidedHistories)(plan, run))
    go(house, plan, BEGUN + 3 * DAY_MS, said, begun=BEGUN + 2 * DAY_MS)
    told = [line for line in said if "was corrected after it was decided on" in line]
    assert len(told) == 1
    assert told[0].startswith(iso(bar))
    # The process after that knows that it was told.
    again = len(said)
    bound(house, DecidedHistories)(plan, run, said.append).bars_until(0, BEGUN + 3 * DAY_MS - HOUR_MS)
    assert said[again:] == []
    assert [one.text["bar"] for one in house.audit.after(0, kinds=["trade.bar_revised"])] == [iso(bar)]
    kept = before.history(0, BEGUN + 6 * HOUR_MS)
    assert kept.close[kept.ts == bar].tolist() != stored.select("high").to_series().to_list()
    # A process that has decided nothing yet takes up what was decided on last.
    assert len(bound(house, DecidedHistories)(plan, run).fingerprint(0)) == 16


def test_a_history_that_is_pinned_anew_is_told_and_recorded(house, tmp_path):
    plan, said = planned(house, tmp_path), []
    long = replace(plan.slots[0], history_start=BEGUN - MOST_BARS * HOUR_MS)
    plan = replace(plan, slots=(long, *plan.slots[1:]))
    run = bound(house, trading.begin_run)(plan, "owner")
    judge = bound(house, startup.load_judge)(plan, bound(house, DecidedHistories)(plan, run, said.append))
    judge.history(0, BEGUN - HOUR_MS)
    assert said == []
    judge.history(0, BEGUN)
    first = iso(BEGUN - KEPT_BARS * HOUR_MS)
    series = SeriesId(plan.venue, "btc-usdt-perp", "1h")
    assert said == [f"{series}: its history begins at {first} from now on"]
    kept = house.audit.after(0, kinds=["trade.history_pinned"])
    assert [one.text["begins"] for one in kept] == [first]


def test_a_process_whose_book_cannot_be_written_for_a_while_stays_and_goes_on_from_its_log(house, tmp_path):
    plan, said, until = planned(house, tmp_path), [], BEGUN + DAYS * DAY_MS
    commit, failed = house.trades.commit, []

    class Away:
        """A book that cannot be written twice, with days between."""

        def __getattr__(self, name):
            return getattr(house.trades, name)

        def commit(self, lease, change):
            due = BEGUN + (1 + 4 * len(failed)) * DAY_MS
            if len(failed) < 2 and any(step.ts >= due for step in change.steps):
                failed.append(change)
                raise StorageError("the folder cannot be written")
            return commit(lease, change)

    run = go(replace(house, trades=Away()), plan, until, said)
    assert len(failed) == 2
    taken = [steps.decode_step(step) for step in house.trades.steps(run.id)]
    opened = [step for step in taken if isinstance(step, steps.BarsOpened)]
    assert [step.number for step in opened] == list(range(1, len(opened) + 1))
    assert opened[-1].ts > until - DAY_MS, "it went on to the end, and the log has no hole"
    fills = Counter((fill.client_id or fill.id) for fill in house.trades.fills(run.id))
    assert set(fills.values()) == {1}
    assert len(trading.load_event_log(house.results, house.trades, run).account.trades) > 3
    assert sum(line.endswith("once this is fixed: the folder cannot be written") for line in said) == 2
    assert said.count("the book can be written again: the account is taken up from its log") == 2
    assert house.trades.holder(plan.account) is None, "the right to trade is given back at the end"


def test_a_process_that_can_write_nothing_begins_anew_ever_later(house, tmp_path):
    plan, said = planned(house, tmp_path), []

    class Away:
        """A book in which the right to trade is kept, and nothing else can be written."""

        def __getattr__(self, name):
            return getattr(house.trades, name)

        def commit(self, lease, change):
            raise StorageError("the folder cannot be written")

    go(replace(house, trades=Away()), plan, BEGUN + DAYS * DAY_MS, said)
    begun = said.count("the book can be written again: the account is taken up from its log")
    minutes = DAYS * DAY_MS / RunningClock.SPEED / MINUTE_MS
    # At 1, 3, 7, 15 and 31 s, then once a minute; each second it would be sixty times as often.
    assert 5 < begun < 8 + 4 * minutes
    assert begun > minutes / 2


def test_a_book_that_is_away_again_when_its_process_begins_anew_ends_nothing(house, tmp_path):
    plan, said, until = planned(house, tmp_path), [], BEGUN + DAYS * DAY_MS
    away = []

    class Away:
        """A book that cannot be written once, and cannot be read either when the log is read anew."""

        def __getattr__(self, name):
            return getattr(house.trades, name)

        def commit(self, lease, change):
            if not away and any(step.ts >= BEGUN + 4 * DAY_MS for step in change.steps):
                away.append(change)
                raise StorageError("the folder cannot be written")
            return house.trades.commit(lease, change)

        def steps(self, *args):
            # Whoever tells what is new may read in the very moment in which the writing fails: one of them is heard.
            if away and told() < 3:
                raise StorageError("the database does not answer")
            return house.trades.steps(*args)

    def told() -> int:
        return sum(line.endswith("once this is fixed: the database does not answer") for line in said)

    run = go(replace(house, trades=Away()), plan, until, said)
    opened = [
        step
        for step in map(steps.decode_step, house.trades.steps(run.id))
        if isinstance(step, steps.BarsOpened)
    ]
    assert told() == 3
    held = [line for line in said if line.startswith("nothing is entered, what is held is guarded")]
    assert said.count("the book can be written again: the account is taken up from its log") == len(held)
    assert opened[-1].ts > until - DAY_MS, "it went on to the end"


# As the days of tests/crash with a refused entry have them, each from its venue.
@pytest.mark.parametrize(
    "why",
    [
        "Bitget 40762: The order amount exceeds the balance",
        "Binance -2019: Margin is insufficient.",
        "Hyperliquid refused: Insufficient margin to place order.",
        "",
    ],
)
def test_an_entry_that_was_not_filled_is_told_with_what_the_venue_said(house, tmp_path, why):
    plan = planned(house, tmp_path)
    chronicle = EventLog(plan)
    chronicle.replay.memory.account = account = LiveAccount(plan.live_slots(), plan.protections, BEGUN)
    account._books.slots[0]["pending_side"] = 1
    step = steps.encode_step(
        steps.EntriesFilled(1, BEGUN, (steps.EntryResult(0, 0, 0.0, 1.0, 0.0, BEGUN, (), why),))
    )
    # An earlier version wrote none.
    step = step if why else replace(step, body=step.body.replace(',"why":""', ""))
    (line,) = chronicle.apply(replace(step, number=1))
    assert line.partition(": the entry was not filled")[2] == (f": {why}" if why else "")


def test_what_a_venue_says_is_one_line_without_control_characters():
    assert single_line("40762:\x1b[31m too\r\nmuch\u202e ") == "40762: [31m too much"
    assert len(single_line("x" * 10_000)) == 300
