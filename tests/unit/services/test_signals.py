"""What slots say at the close of their last bar, and that a backtest would do just that."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.unit.data.material import make_desk
from tests.unit.services.strategy_material import with_answer, write
from vigie.data.frames import to_frame
from vigie.domain.account import AccountSettings, Sizing
from vigie.domain.bar import Bars
from vigie.domain.codes import END_OF_DATA, ENTRY_DECIDED, REFUSALS
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId, SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.money import GridStep
from vigie.domain.time import HOUR_MS, iso
from vigie.engine.run import PlannedSlot, execute
from vigie.research.files import to_json_value
from vigie.services.judging.signal_reading import signal_at, version_at
from vigie.services.judging.signals import fill_from_store, latest_signals, report_record
from vigie.services.runs.backtest import NATIVE, BacktestRequest, SlotRequest, expand_slots
from vigie.trading import catalogue
from vigie_sandbox.market import simulate_market

START_MS = 1_704_067_200_000
VENUE = "simulated-perp"
NAMES = list(catalogue.available())
RULES = Instrument(VENUE, "btc-usdt-perp", GridStep(1, 1), GridStep(1, 4), min_qty=0.0001, min_notional=5.0)


def bars_of(timeframe: str = "1h", n_bars: int = 1_200, seed: int = 3) -> Bars:
    return simulate_market(seed, ["BTC"], START_MS, n_bars, timeframe).bars("BTC")


def run_of(strategy, bars: Bars, *, versions=(RULES,), **sizing: object):
    account = AccountSettings(sizing=Sizing(**sizing))
    slot = SlotId(bars.instrument, bars.timeframe, strategy.name)
    plan = PlannedSlot(slot, bars, strategy, strategy.defaults(), versions, account)
    return execute([plan], account, check=False)


def desk_with(home: Path, *series: Bars, now: int | None = None):
    desk = make_desk(
        home, now=now if now is not None else max(int(bars.ts[-1]) + bars.span_ms for bars in series)
    )
    for bars in series:
        desk.bars.upsert(SeriesId(VENUE, bars.instrument, bars.timeframe), to_frame(bars))
    return desk


def request(*names: str, symbols=("BTC",), timeframe=NATIVE, **more: object) -> BacktestRequest:
    return BacktestRequest(
        slots=expand_slots(symbols, [timeframe], names, {}), venue=VENUE, tick="0.1", lot="0.0001", **more
    )


# The record is what the kernel decides


@pytest.mark.parametrize("name", [name for name in NAMES if name != "funding_carry"])
def test_signal_at_every_decision_is_the_decision_of_the_backtest(name):
    strategy = catalogue.load(name)
    bars = bars_of(strategy.timeframe)
    run = run_of(strategy, bars)
    at = {int(ts): bar for bar, ts in enumerate(bars.ts)}
    decided = [row for row in run.log if row[6] == ENTRY_DECIDED]
    assert len(decided) >= 5
    for ts, _, side, _, stop_ticks, target_ticks, _ in decided:
        signal = signal_at(run.slots[0], at[int(ts)])
        assert signal.side == ("long" if side > 0 else "short")
        assert (signal.stop_ticks, signal.target_ticks) == (stop_ticks, target_ticks)
        assert (signal.refusal, signal.forming) == ("", "none")
        assert signal.entry == bars.close[at[int(ts)]]
        assert (signal.ts_bar, signal.ts_known) == (ts, ts + bars.span_ms)
        assert all(one.holds for one in signal.criteria if one.required)


def test_levels_lie_on_the_grid_stop_away_from_the_close_and_target_towards_it():
    coarse = replace(RULES, tick=GridStep(50, 0))
    strategy = catalogue.load("ema_cross")
    run = run_of(strategy, bars_of("4h"), versions=(coarse,))
    slot = run.slots[0]
    for bar in np.flatnonzero(slot.input.flags).tolist():
        signal = signal_at(slot, bar)
        side = 1 if signal.side == "long" else -1
        atr = slot.input.stop_unit[bar]
        assert signal.stop % 50 == signal.target % 50 == 0
        assert 0 <= side * (signal.entry - side * 2 * atr - signal.stop) < 50
        assert 0 <= side * (signal.entry + side * 3 * atr - signal.target) < 50


@pytest.mark.parametrize(("lot", "code"), [(GridStep(1000, 0), "too_small"), (GridStep(1, 4), "")])
def test_entry_that_would_be_refused_says_the_code_and_keeps_its_side(lot, code):
    run = run_of(
        catalogue.load("ema_cross"), bars_of("4h"), versions=(replace(RULES, lot=lot, min_qty=lot.value),)
    )
    slot = run.slots[0]
    signal = signal_at(slot, int(np.flatnonzero(slot.input.flags)[0]))
    assert signal.side in ("long", "short")
    assert signal.refusal == code
    assert (signal.limit > 0) == bool(code)
    logged = {REFUSALS[row[6]] for row in run.log if row[6] in REFUSALS}
    assert logged == ({code} if code else set())


def test_rules_are_those_that_hold_at_the_bar():
    later = replace(RULES, tick=GridStep(5, 0), valid_from=2_000)
    assert version_at((later, RULES), 1_999) == RULES
    assert version_at((later, RULES), 2_000) == later
    assert version_at((later,), 0) == later


# Sides


def at_bar(tmp_path: Path, body: str, bar: int = 100, **more: object):
    strategy = catalogue.load_file(with_answer(tmp_path, body))
    return signal_at(run_of(strategy, bars_of(n_bars=200), **more).slots[0], bar)


def near(*values: float, holds_at: int = -1, n: int = 200) -> str:
    """A required criterion whose nearness at bars 99 and 100 is given, long; short is always far."""
    return f"""
value = np.zeros(len(bars))
value[99:101] = {list(values)}
holds = np.arange(len(bars)) == {holds_at}
far = np.zeros(len(bars), np.bool_)
return Criteria(
    long=(Criterion("Near", Reading(value, 1.0, holds)), is_above("Shown", bars.close, 0.0)),
    short=(Criterion("Far", Reading(value - 5.0, 1.0, far)),),
)"""


@pytest.mark.parametrize(
    ("nearness", "forming"),
    [((0.4, 0.4), "long"), ((0.39, 0.4), "none"), ((0.4, 0.39), "none"), ((0.9, 0.95), "long")],
)
def test_forming_when_the_mean_nearness_is_at_least_seven_tenths_for_two_closes(tmp_path, nearness, forming):
    signal = at_bar(tmp_path, near(*nearness))
    assert (signal.side, signal.forming) == ("none", forming)
    assert signal.long.nearness == pytest.approx((nearness[1] + 1.0) / 2.0)
    assert (signal.stop is not None) == (forming == "long")


def test_decided_side_is_not_forming(tmp_path: Path):
    signal = at_bar(tmp_path, near(0.9, 0.9, holds_at=100))
    assert (signal.side, signal.forming, signal.score) == ("long", "none", 1.0)


def test_nearness_that_is_not_known_forms_nothing(tmp_path: Path):
    assert at_bar(tmp_path, near(0.9, 0.9).replace("[0.9, 0.9]", "[np.nan, 0.9]")).forming == "none"


def test_first_bar_forms_nothing(tmp_path: Path):
    assert at_bar(tmp_path, near(0.9, 0.9), bar=0).forming == "none"


def test_nearer_side_forms_and_a_tie_forms_none(tmp_path: Path):
    body = near(0.9, 0.9).replace("value - 5.0", "value - {0}")
    assert at_bar(tmp_path, body.format(0.05)).forming == "long"
    assert at_bar(tmp_path, body.format(-0.09)).forming == "short"
    tie = body.format(0.0).replace('is_above("Shown", bars.close, 0.0)', "")
    assert at_bar(tmp_path, tie).forming == "none"


def test_both_sides_at_once_are_no_signal_and_said_so(tmp_path: Path):
    body = 'return Criteria(long=(is_above("A", bars.close, 0.0),), short=(is_above("B", bars.close, 0.0),))'
    signal = at_bar(tmp_path, body)
    assert (signal.side, signal.forming, signal.refusal) == ("none", "none", "both_sides")
    assert signal.stop is None


def test_without_a_range_there_is_neither_signal_nor_refusal(tmp_path: Path):
    body = 'return Criteria(long=(is_above("A", bars.close, 0.0),), short=(is_below("B", bars.close, 0.0),))'
    path = with_answer(tmp_path, body)
    path.write_text(path.read_text().replace("return params.window\n", "return 0\n"))
    early, later = (
        signal_at(run_of(catalogue.load_file(path), bars_of(n_bars=200)).slots[0], bar) for bar in (13, 14)
    )
    assert (early.side, early.forming, early.refusal) == ("none", "none", "")
    assert later.side == "long"


def test_nothing_is_decided_or_forming_inside_the_declared_warm_up(tmp_path: Path):
    body = near(0.9, 0.95)
    path = with_answer(tmp_path, body)
    path.write_text(path.read_text().replace("return params.window\n", "return 101\n"))
    signal = signal_at(run_of(catalogue.load_file(path), bars_of(n_bars=200)).slots[0], 100)
    assert (signal.side, signal.forming) == ("none", "none")


def test_record_without_a_side_carries_the_criteria_of_the_nearer_one(tmp_path: Path):
    signal = at_bar(tmp_path, near(0.1, 0.1))
    assert (signal.side, signal.shown_side, signal.outlook_side) == ("none", "none", "long")
    first, shown = signal.criteria
    assert (first.name, first.value, first.threshold, first.holds, first.required) == (
        "Near",
        0.1,
        1.0,
        False,
        True,
    )
    assert first.nearness == pytest.approx(0.1)
    assert shown.holds
    assert signal.score == 0.5
    assert [one.name for one in signal.short.criteria] == ["Far"]


def test_exit_conditions_are_shown_by_side(tmp_path: Path):
    body = near(0.1, 0.1).replace(
        "    short=", '    long_exit=is_below("Leave", bars.close, 0.0),\n    short='
    )
    exits = at_bar(tmp_path, body).exits
    assert list(exits) == ["long"]
    assert (exits["long"].name, exits["long"].holds) == ("Leave", False)


# Horizon


def test_horizon_is_the_time_stop_where_one_is_set():
    run = run_of(catalogue.load("ema_cross"), bars_of("4h"), max_bars=7)
    signal = signal_at(run.slots[0], 500)
    assert (signal.horizon_bars, signal.horizon_trades) == (7.0, 0)


def test_horizon_is_the_median_length_of_own_trades_that_ended_by_then():
    run = run_of(catalogue.load("ema_cross"), bars_of("4h"))
    trades = run.slots[0].trades
    for bar in (400, 1_199):
        ended = [t["bars_held"] for t in trades if t["exit_bar"] <= bar and t["reason"] != END_OF_DATA]
        signal = signal_at(run.slots[0], bar)
        assert (signal.horizon_bars, signal.horizon_trades) == (float(np.median(ended)), len(ended))
    assert any(t["reason"] == END_OF_DATA for t in trades) or len(ended) == len(trades)


def test_horizon_is_unknown_before_the_first_trade():
    signal = signal_at(run_of(catalogue.load("ema_cross"), bars_of("4h")).slots[0], 20)
    assert (signal.horizon_bars, signal.horizon_trades) == (None, 0)


# The service


def test_last_closed_bar_is_judged_and_one_in_progress_never(tmp_path: Path):
    bars = bars_of(n_bars=600)
    last = int(bars.ts[-1])
    in_progress = desk_with(tmp_path / "a", bars, now=last + HOUR_MS - 1)
    (signal,) = latest_signals(in_progress, request("rsi_reversion", timeframe="1h")).signals
    assert signal.ts_bar == last - HOUR_MS
    closed = desk_with(tmp_path / "b", bars, now=last + HOUR_MS)
    report = latest_signals(closed, request("rsi_reversion", timeframe="1h"))
    assert report.signals[0].ts_bar == last
    assert (report.age_ms(report.signals[0]), report.bars_behind(report.signals[0])) == (0, 0)
    # Others have closed since and are not stored: it is of then, and says how long ago that was.
    late = latest_signals(
        desk_with(tmp_path / "d", bars, now=last + 4 * HOUR_MS - 1), request("rsi_reversion", timeframe="1h")
    )
    assert late.signals == report.signals
    assert late.bars_behind(late.signals[0]) == 2
    assert report_record(late)["signals"][0]["bars_behind"] == 2
    # What a bar in progress holds changes nothing.
    without = desk_with(tmp_path / "c", bars.slice(0, 599), now=last + 5)
    assert latest_signals(without, request("rsi_reversion", timeframe="1h")).signals == (signal,)


def test_slot_whose_only_bar_is_in_progress_is_refused(tmp_path: Path):
    bars = bars_of(n_bars=1)
    with pytest.raises(UsageError, match="has no closed bar yet"):
        latest_signals(desk_with(tmp_path, bars, now=int(bars.ts[0]) + 5), request("zscore_reversion"))


def test_newest_1500_bars_are_read_where_no_span_is_asked_for(tmp_path: Path):
    bars = bars_of(n_bars=2_000)
    desk = desk_with(tmp_path, bars)
    given = request("ema_cross", timeframe="1h")
    (usual,) = latest_signals(desk, given).signals
    assert (usual,) == latest_signals(desk, replace(given, last=1_500)).signals
    assert usual.horizon_trades != latest_signals(desk, replace(given, last=2_000)).signals[0].horizon_trades


def test_signals_come_in_slot_order_with_ids_of_their_own(tmp_path: Path):
    hourly, four = bars_of("1h", 900), bars_of("4h", 900)
    now = int(four.ts[-1]) + four.span_ms
    report = latest_signals(
        desk_with(tmp_path, hourly, four, now=now), request("zscore_reversion", "ema_cross", "quiet_pullback")
    )
    assert [one.slot.strategy for one in report.signals] == [
        "zscore_reversion",
        "ema_cross",
        "quiet_pullback",
    ]
    assert [one.slot.timeframe for one in report.signals] == ["1h", "4h", "1h"]
    assert report.signals[1].id == f"btc-usdt-perp/4h/ema_cross@{iso(int(four.ts[-1]))}"
    assert report.signals[1].params == {"fast": 20, "slow": 50}


def test_slot_that_cannot_be_judged_is_named_and_the_others_are_judged(tmp_path: Path):
    own = tmp_path / "own"
    seer = """
later = np.append(bars.close[1:], 0.0)
return Criteria(long=(is_above("Later", later, bars.close),), short=())"""
    with_answer(own, seer, "seer")
    write(own, "broken", ("TIMEFRAME =", "FRAME ="))
    desk = desk_with(tmp_path / "home", bars_of("1h", 600))
    report = latest_signals(
        desk, request("seer", "broken", "zscore_reversion", symbols=("BTC", "ETH"), own_strategies=own)
    )
    assert [str(one.slot) for one in report.signals] == ["btc-usdt-perp/1h/zscore_reversion"]
    refused = {one.slot: one.message for one in report.refused}
    assert "seer looks ahead or repaints: 'Later' at" in refused["btc-usdt-perp/1h/seer"]
    assert "must define TIMEFRAME" in refused["BTC/native/broken"]
    assert "are stored" in refused["ETH/native/zscore_reversion"]


def test_all_slots_refused_is_an_error(tmp_path: Path):
    desk = desk_with(tmp_path, bars_of("1h", 600))
    with pytest.raises(UsageError, match="strategy must be one of"):
        latest_signals(desk, request("nothing"))
    slot = SlotRequest("BTC", NATIVE, "zscore_reversion", {"window": 1})
    with pytest.raises(UsageError, match=r"zscore_reversion\.window must be"):
        latest_signals(desk, replace(request("zscore_reversion"), slots=(slot,)))


def test_portfolio_settings_are_judged_slot_by_slot(tmp_path: Path):
    desk = desk_with(tmp_path, bars_of("1h", 600))
    shared = replace(request("zscore_reversion"), account=AccountSettings(mode="portfolio"))
    assert latest_signals(desk, shared) == latest_signals(desk, request("zscore_reversion"))


def test_document_is_plain_json_with_times_as_numbers_and_text(tmp_path: Path):
    desk = desk_with(tmp_path, bars_of("1h", 120))
    told = []
    report = latest_signals(desk, request("zscore_reversion"), progress=lambda *news: told.append(news))
    document = json.loads(json.dumps(to_json_value(report_record(report)), allow_nan=False))
    (record,) = document["signals"]
    assert record["slot"] == "btc-usdt-perp/1h/zscore_reversion"
    assert iso(record["ts_bar"]) == record["bar"]
    assert iso(record["ts_known"]) == record["known_at"]
    expected = {"side", "forming", "entry", "stop", "target", "horizon_bars", "score", "criteria", "refusal"}
    assert expected <= set(record)
    trend = next(one for one in record["criteria"] if "EMA(200)" in one["name"])
    assert (trend["threshold"], trend["required"]) == (None, False)
    assert document["refused"] == []
    assert told == [("signals", 1, 1)]


# What is left out


def test_everything_stored_is_taken_where_nothing_is_asked_for(tmp_path: Path):
    four = bars_of("4h", 50)
    desk = desk_with(tmp_path / "home", four, replace(four, instrument="eth-usdt-perp"))
    own = tmp_path / "own"
    write(own, "broken", ("TIMEFRAME =", "FRAME ="))
    venue, symbols, names = fill_from_store(desk, None, (), None, own=own)
    assert (venue, symbols) == (VENUE, ["btc-usdt-perp", "eth-usdt-perp"])
    # Hourly strategies have no bars; daily ones are made of those of four hours; a broken file is not passed over.
    timeframes = {name: catalogue.load(name).timeframe for name in NAMES}
    assert names.split(",") == sorted(
        [*(name for name, frame in timeframes.items() if frame != "1h"), "broken"]
    )
    assert fill_from_store(desk, VENUE, ["BTC"], "all") == (VENUE, ["BTC"], "all")


def test_nothing_stored_and_several_venues_are_refused_with_a_cure(tmp_path: Path):
    with pytest.raises(UsageError, match="vigie data import PATH"):
        fill_from_store(make_desk(tmp_path / "empty"), None, (), None)
    bars = bars_of("4h", 50)
    desk = desk_with(tmp_path / "home", bars)
    with pytest.raises(UsageError, match="no bars of bitget-perp are stored"):
        fill_from_store(desk, "bitget-perp", (), None)
    desk.bars.upsert(SeriesId("bitget-perp", bars.instrument, "4h"), to_frame(bars))
    with pytest.raises(UsageError, match="--venue must be one of bitget-perp simulated-perp"):
        fill_from_store(desk, None, (), None)
