"""The Python door: every shape of input, the published cases through `vigie.simulate`, results as frames."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import vigie
from tests.shared import ROOT
from tests.unit.services.backtest_material import market, write_bars
from vigie.domain.bar import Bars
from vigie.domain.errors import DataError, UsageError
from vigie.domain.signal import Criteria
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY
from vigie.reading import as_bars, as_flags, as_settlements, as_unit
from vigie.research.tables import TRADE_COLUMNS
from vigie.trading import catalogue

CASES = json.loads((ROOT / "tests" / "data" / "cases" / "fill_model.json").read_text(encoding="utf-8"))
HOUR = 3_600_000
MONEY = ("fees", "funding", "pnl", "return_pct", "equity")


@pytest.fixture(scope="module")
def btc() -> Bars:
    """Hourly bars of simulated BTC."""
    return market().bars("BTC", "1h").slice(0, 1_500)


@pytest.fixture(scope="module")
def frame(btc: Bars) -> pl.DataFrame:
    """The same as a frame."""
    stamp = pl.Series("timestamp", btc.ts).cast(pl.Datetime("ms", "UTC"))
    return pl.DataFrame(
        [stamp, *(pl.Series(name, getattr(btc, name)) for name in ("open", "high", "low", "close", "volume"))]
    )


# The door itself


def test_every_name_of_the_door_is_there_and_others_are_not():
    for name in vigie.__all__:
        assert getattr(vigie, name)
    with pytest.raises(AttributeError, match="module 'vigie' has no attribute 'nothing'"):
        vigie.nothing  # noqa: B018


def test_importing_the_door_loads_nothing_heavy():
    code = (
        "import sys, vigie; print([m for m in ('numba', 'polars', 'numpy', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


# The published cases


def answer(case: dict, bars: object, **more: object) -> vigie.api.Simulation:
    entries = {name: case[name] for name in ("long_entry", "short_entry", "long_exit", "short_exit")}
    return vigie.simulate(
        bars, atr=case["atr"], funding=case["funding"], **entries, **case["settings"], **more
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_published_case_through_the_public_door(case: dict):
    trades, refusals = answer(case, case["bars"], bar_ts=case["bar_ts"], timeframe_ms=case["timeframe_ms"])
    rows = trades.with_columns(pl.col("entry_ts", "exit_ts").dt.epoch("ms")).to_dicts()
    assert len(rows) == len(case["trades"])
    for row, expected in zip(rows, case["trades"], strict=True):
        found = {**row, "entry": row["entry_price"], "exit": row["exit_price"]}
        for name, value in expected.items():
            assert found[name] == (pytest.approx(value, abs=1e-7, rel=0) if name in MONEY else value), name
    stamps = refusals["timestamp"].dt.epoch("ms").to_list()
    assert [list(row) for row in zip(stamps, refusals["code"], strict=True)] == case["refusals"]


@pytest.mark.parametrize("case", CASES[::9], ids=[case["name"] for case in CASES[::9]])
def test_a_case_is_the_same_from_a_frame_with_signals_as_bools(case: dict):
    columns = dict(zip(("open", "high", "low", "close"), zip(*case["bars"], strict=True), strict=True))
    table = pl.DataFrame(
        {"timestamp": case["bar_ts"], **{k: [float(x) for x in v] for k, v in columns.items()}}
    )
    n = range(len(table))
    as_bools = {
        name: pl.Series([i in case[name] for i in n])
        for name in ("long_entry", "short_entry", "long_exit", "short_exit")
    }
    first = answer(case, case["bars"], bar_ts=case["bar_ts"], timeframe_ms=case["timeframe_ms"])
    second = answer(
        {**case, **as_bools, "atr": pl.Series(case["atr"])}, table, timeframe_ms=case["timeframe_ms"]
    )
    assert second.trades.equals(first.trades)
    assert second.refusals.equals(first.refusals)


def test_trades_have_the_columns_of_the_file_then_equity_and_lots():
    case = CASES[0]
    trades, refusals = answer(case, case["bars"], bar_ts=case["bar_ts"])
    assert trades.columns == [*TRADE_COLUMNS, "equity", "lots"]
    assert refusals.columns == ["timestamp", "slot", "side", "code", "limit", "value"]
    assert trades.schema["entry_ts"] == pl.Datetime("ms", "UTC")


def test_finer_bars_and_protections_through_the_door(btc: Bars):
    day = market().bars("BTC", "1d").slice(0, 60)
    entry = np.arange(60) % 2 == 0
    settings = {"tick": "0.1", "lot": "0.0001", "atr": day.close * 0.02, "stop_atr": 0.3, "target_atr": 0.4}
    plain = vigie.simulate(day, long_entry=entry, **settings)
    fine = vigie.simulate(day, long_entry=entry, detail=market().bars("BTC", "1h"), **settings)
    assert fine.trades["exit_ts"].dt.hour().n_unique() > 1
    assert plain.trades["exit_ts"].dt.hour().unique().to_list() == [0]
    on = vigie.simulate(day, long_entry=entry, protections=True, **settings)
    loose = vigie.simulate(
        day, long_entry=entry, protections={"cooldown_bars": 0, "cooldown_stop_bars": 0}, **settings
    )
    assert "cooldown" in on.refusals["code"]
    assert "cooldown" not in loose.refusals["code"]
    assert vigie.simulate(day, long_entry=entry, protections=False, **settings).trades.equals(plain.trades)
    with pytest.raises(UsageError, match=r"protection must be one of .*, was 'cooldown'"):
        vigie.simulate(day, long_entry=entry, protections={"cooldown": 0}, **settings)


# Bars in every shape


def shapes(bars: Bars, frame: pl.DataFrame) -> dict[str, object]:
    rows = np.column_stack([bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume])
    return {
        "bars": bars,
        "frame": frame,
        "frame in microseconds": frame.with_columns(pl.col("timestamp").cast(pl.Datetime("us", "UTC"))),
        "frame without a zone": frame.with_columns(pl.col("timestamp").dt.replace_time_zone(None)),
        "frame of epoch milliseconds": frame.with_columns(pl.col("timestamp").dt.epoch("ms")),
        "frame of ISO text": frame.with_columns(pl.col("timestamp").dt.to_string("iso:strict")),
        "capital letters": frame.rename({name: name.capitalize() for name in frame.columns}),
        "mapping": {
            "ts": bars.ts,
            **{n: getattr(bars, n).tolist() for n in ("open", "high", "low", "close", "volume")},
        },
        "mapping of datetimes": {
            "timestamp": [datetime.fromtimestamp(int(ts) / 1_000, UTC) for ts in bars.ts],
            **{n: getattr(bars, n) for n in ("open", "high", "low", "close", "volume")},
        },
        "rows": rows.tolist(),
        "rows as an array": rows,
    }


@pytest.mark.parametrize(
    "shape",
    shapes(
        market().bars("BTC", "1h").slice(0, 2),
        pl.DataFrame({"timestamp": [datetime(2024, 1, 1, tzinfo=UTC)], "open": [1.0]}),
    ),
)
def test_bars_are_read_from_any_usual_shape(shape: str, btc: Bars, frame: pl.DataFrame):
    found = as_bars(shapes(btc, frame)[shape])
    assert found.timeframe == "1h"
    for name in ("ts", "open", "high", "low", "close", "volume"):
        assert np.array_equal(getattr(found, name), getattr(btc, name)), name


def test_bars_are_read_from_a_file(tmp_path: Path, btc: Bars):
    path = write_bars(tmp_path / "BTCUSDT-1h.csv", btc)
    for given in (path, str(path)):
        found = as_bars(given)
        assert (found.instrument, found.timeframe, len(found)) == ("btc-usdt-perp", "1h", len(btc))


def test_dates_are_times_and_volume_may_be_missing():
    days = [date(2024, 1, 1) + timedelta(days=k) for k in range(3)]
    table = pl.DataFrame(
        {"timestamp": days, **{name: [1.0, 2.0, 3.0] for name in ("open", "high", "low", "close")}}
    )
    bars = as_bars(table)
    assert (bars.timeframe, bars.volume.tolist()) == ("1d", [0.0, 0.0, 0.0])
    assert as_bars(table, timeframe="4h").timeframe == "4h"


GOOD = {
    "timestamp": [0, HOUR, 2 * HOUR],
    **{name: [1.0, 2.0, 3.0] for name in ("open", "high", "low", "close")},
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"close": ["1", "two", "3"]}, "close must be numbers: could not convert string to float: 'two'"),
        ({"close": [1.0, 2.0]}, "close must have 3 values like the bars"),
        ({"volume": [1.0]}, "volume must have 3 values like the bars"),
        ({"timestamp": ["2024-01-01", "soon", "2024-01-03"]}, "time must be ISO 8601"),
        ({"timestamp": [0.5, 1.5, 2.5]}, "timestamp must be datetimes, ISO text or epoch milliseconds"),
        ({"timestamp": [True, False, True]}, "timestamp must be datetimes"),
    ],
)
def test_bars_that_cannot_be_read_are_refused_by_column(changes: dict, said: str):
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        as_bars({**GOOD, **changes})


@pytest.mark.parametrize(
    ("bars", "said"),
    [
        ({"open": [1.0]}, "timestamp high low close is missing"),
        (pl.DataFrame({"timestamp": [1], "price": [2.0]}), "open high low close is missing"),
        ([[1.0, 2.0, 3.0]], "bars must be rows of a time and 4 or 5 numbers"),
        ([1.0, 2.0], "bars must be rows of"),
        ([[0, 1, 2, 3, 4], [1, 2]], "bars must be numbers"),
        ([["x", 1, 2, 3, 4]], "bars must be numbers"),
        ([[0, 1.0, 1.0, 1.0, 1.0]], "timeframe must be given for fewer than two bars"),
        (None, "bars must be rows of"),
    ],
)
def test_what_is_no_bars_is_refused(bars: object, said: str):
    with pytest.raises(UsageError, match=said):
        as_bars(bars)


def simulate(bars: object, **changes: object) -> vigie.api.Simulation:
    return vigie.simulate(bars, **{"tick": "0.1", "lot": "0.01", "atr": [1.0, 1.0, 1.0], **changes})


@pytest.mark.parametrize(
    ("bars", "said"),
    [
        (
            {**GOOD, "timestamp": [0, 2 * HOUR, HOUR]},
            "must ascend, bar 2 does not come after bar 1",
        ),
        ({**GOOD, "timestamp": [0, 0, HOUR]}, "must ascend, bar 1 does not come after bar 0"),
        ({**GOOD, "high": [1.0, float("nan"), 2.0]}, "high .*finite, was nan at bar 1"),
        ({**GOOD, "low": [1.0, 1.0, float("-inf")]}, "low .*finite, was -inf at bar 2"),
    ],
)
def test_histories_that_cannot_be_walked_are_refused(bars: dict, said: str):
    with pytest.raises(UsageError, match=said):
        simulate(bars, timeframe="1h")


def test_no_bars_at_all_are_refused():
    empty = {name: [] for name in GOOD}
    with pytest.raises(UsageError, match="bars must not be empty"):
        simulate(empty, timeframe="1h", atr=[])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tick": "0"}, "tick must be a positive number, was '0'"),
        ({"lot": -1}, "lot must be a positive number, was -1"),
        ({"atr": [1.0]}, "atr must have 3 values like the bars"),
        ({"atr": None}, "atr must have 3 values like the bars, was None"),
        ({"atr": 1.0}, r"atr must have 3 values like the bars, was 1\.0"),
        ({"atr": ["a", "b", "c"]}, "atr must be numbers"),
        ({"capital": -1}, "capital must be in"),
        ({"capital": "much"}, "capital must be a number, was 'much'"),
        ({"leverage": 6}, "leverage must be in"),
        ({"min_qty": -1}, "min_qty must be >= 0"),
        ({"colour": "red"}, "setting must be one of .*, was 'colour'"),
        ({"long_entry": [3]}, r"long_entry must be bools, or indices of bars in 0\.\.2"),
        ({"short_exit": [-1]}, "short_exit must be bools, or indices"),
        ({"long_exit": [0.5]}, "long_exit must be bools, or indices"),
        ({"short_entry": [True]}, "short_entry must have 3 values like the bars"),
        ({"funding": [(0, 1, 2)]}, "funding must be pairs of time and value"),
        ({"funding": [(0, "high")]}, "funding must be numbers"),
        (
            {"funding": [(HOUR, 0.1), (HOUR + 9, 0.2)]},
            "funding must have one rate a settlement, had two at 1970-01-01T01",
        ),
    ],
)
def test_what_goes_with_the_bars_is_refused_by_name(changes: dict, said: str):
    with pytest.raises(UsageError, match=said):
        simulate(GOOD, **changes)


def test_signals_are_bools_indices_or_nothing():
    assert as_flags("x", None, 3).tolist() == [False] * 3
    assert as_flags("x", [], 3).tolist() == [False] * 3
    assert as_flags("x", [2, 0], 3).tolist() == [True, False, True]
    assert as_flags("x", np.array([True, False, True]), 3).tolist() == [True, False, True]
    assert np.isnan(as_unit("x", [None, 1.0], 2)[0])


def test_funding_and_marks_are_read_from_any_usual_shape():
    pairs = [(8 * HOUR + 17, 0.0001), (0, -0.0002)]
    table = pl.DataFrame(
        {
            "timestamp": [datetime(1970, 1, 1, 8, 0, 0, 17_000, UTC), datetime(1970, 1, 1, tzinfo=UTC)],
            "symbol": ["BTC"] * 2,
            "rate": [0.0001, -0.0002],
        }
    )
    marks = [(8 * HOUR, 101.0)]
    mark_frame = pl.DataFrame({"timestamp": [8 * HOUR], "open": [101.0], "close": [102.0]})
    for funding in (pairs, dict(pairs), table):
        for mark in (marks, dict(marks), mark_frame):
            found = as_settlements(funding, mark)
            assert found.ts.tolist() == [0, 8 * HOUR]
            assert found.rate.tolist() == [-0.0002, 0.0001]
            assert np.isnan(found.mark[0])
            assert found.mark[1] == 101.0
    bars = as_bars({**GOOD, "timestamp": [7 * HOUR, 8 * HOUR, 9 * HOUR]})
    assert as_settlements(pairs, bars).mark[1] == 2.0
    assert len(as_settlements().ts) == 0


# Backtests


def test_a_backtest_gives_frames_and_figures_that_agree(frame: pl.DataFrame):
    result = vigie.backtest(frame, "macd_cross", tick="0.1", lot="0.0001")
    trades, summary = result.trades, result.summary
    assert summary["slot"].to_list() == ["asset-usdt-perp/1h/macd_cross", "total"]
    assert summary["trades"][0] == len(trades) == result.metrics.trades > 5
    assert trades["pnl"].sum() == pytest.approx(summary["pnl"][0])
    assert result.equity["equity"][-1] == pytest.approx(10_000 + trades["pnl"].sum())
    assert len(result.equity) == len(frame)
    assert len(result.decision_hash) == 64
    assert set(result.refusals["code"]) <= {
        "liquidation_too_near",
        "both_sides",
        "too_small",
        "gap_through_level",
    }


def test_a_backtest_is_the_simulation_of_its_own_signals(btc: Bars):
    result = vigie.backtest(
        btc, "ema_cross", tick="0.1", lot="0.0001", params={"fast": 8, "slow": 30}, capital=5_000
    )
    entries = result.run.slots[0].input
    again = vigie.simulate(
        btc,
        tick="0.1",
        lot="0.0001",
        long_entry=entries.flags & LONG_ENTRY > 0,
        short_entry=entries.flags & SHORT_ENTRY > 0,
        atr=entries.stop_unit,
        capital=5_000,
    )
    shown = ["side", "qty", "entry_ts", "exit_ts", "pnl", "reason"]
    assert again.trades.select(shown).equals(result.trades.select(shown))
    assert result.run.slots[0].plan.params.fast == 8


def test_funding_reaches_trades_and_the_strategy(btc: Bars):
    series = market().assets["BTC"].funding
    funding = list(zip(series.ts.tolist(), series.value.tolist(), strict=True))
    paid = vigie.backtest(
        btc,
        "funding_carry",
        tick="0.1",
        lot="0.0001",
        funding=funding,
        params={"extreme_bps": 1, "normal_bps": 0},
    )
    unpaid = vigie.backtest(
        btc, "funding_carry", tick="0.1", lot="0.0001", params={"extreme_bps": 1, "normal_bps": 0}
    )
    assert len(unpaid.trades) == 0
    assert paid.metrics.trades > 0
    assert paid.trades["funding"].abs().sum() > 0


def test_protections_and_finer_bars_reach_a_backtest():
    day = market().bars("BTC", "1d")
    plain = vigie.backtest(day, "macd_cross", tick="0.1", lot="0.0001", stop_atr=0.5, target_atr=0.6)
    fine = vigie.backtest(day, "macd_cross", tick="0.1", lot="0.0001", stop_atr=0.5, target_atr=0.6,
                          detail=market().bars("BTC", "1h"), protections={"cooldown_bars": 3})  # fmt: skip
    assert fine.run.account.protections.cooldown_bars == 3
    assert fine.trades["exit_ts"].dt.hour().n_unique() > 1
    assert plain.decision_hash != fine.decision_hash


@pytest.mark.parametrize(
    ("strategy", "params", "said"),
    [
        ("nothing", {}, "strategy must be one of adx_trend"),
        ("../secret", {}, "strategy must be one of adx_trend"),
        ("macd_cross", {"speed": 1}, "parameter of macd_cross must be one of fast slow signal, was 'speed'"),
        ("macd_cross", {"fast": 0}, r"macd_cross\.fast must be 2\.\.200, was 0"),
        ("macd_cross", {"fast": 2.5}, r"macd_cross\.fast must be a whole number, was 2\.5"),
        ("macd_cross", {"fast": True}, r"macd_cross\.fast must be a number, was True"),
        ("macd_cross", {"fast": None}, r"macd_cross\.fast must be a number, was None"),
    ],
)
def test_a_backtest_of_what_there_is_not_is_refused(btc: Bars, strategy: str, params: dict, said: str):
    with pytest.raises(UsageError, match=said):
        vigie.backtest(btc, strategy, params=params, tick="0.1", lot="0.0001")


def test_a_loaded_strategy_and_one_of_ones_own_run_too(btc: Bars, home: Path):
    loaded = catalogue.load("rsi_reversion")
    by_name = vigie.backtest(btc, "rsi_reversion", tick="0.1", lot="0.0001")
    assert vigie.backtest(btc, loaded, tick="0.1", lot="0.0001").decision_hash == by_name.decision_hash
    (home / "strategies").mkdir()
    source = Path(loaded.path).read_text(encoding="utf-8")
    (home / "strategies" / "mine.py").write_text(source)
    mine = vigie.backtest(btc, "mine", tick="0.1", lot="0.0001")
    assert mine.decision_hash == by_name.decision_hash
    assert mine.summary["slot"][0].endswith("/mine")


# Bars, indicators, criteria


def test_stored_bars_come_as_a_frame(home: Path):
    from tests.unit.services.backtest_material import store_bars

    store_bars(home)
    whole = vigie.bars("BTC", "4h", venue="simulated-perp")
    last = vigie.bars("BTCUSDT", "4h", venue="simulated-perp", last=10)
    assert whole.columns == ["timestamp", "open", "high", "low", "close", "volume"]
    assert whole.schema["timestamp"] == pl.Datetime("ms", "UTC")
    assert last.equals(whole.tail(10))
    with pytest.raises(UsageError, match="vigie data fetch"):
        vigie.bars("PEPE", "4h", venue="simulated-perp")


@pytest.mark.parametrize("name", vigie.indicators())
def test_every_indicator_gives_a_frame_of_the_bars_length(name: str, frame: pl.DataFrame):
    given = {"other": frame["open"]} if name == "rolling_correlation" else {}
    found = vigie.indicator(name, frame, **given)
    assert len(found) == len(frame)
    assert found.columns[0] == "timestamp"
    assert all(found.schema[column].is_numeric() for column in found.columns[1:])
    assert any(found[column].is_not_nan().any() for column in found.columns[1:])


def test_an_indicator_of_any_series_reads_the_one_that_is_named(frame: pl.DataFrame):
    volume = vigie.indicator("sma", frame, values="volume", window=4)["sma"]
    again = vigie.indicator("sma", frame, values=frame["volume"], window=4)["sma"]
    assert volume.equals(again)
    assert volume[3] == pytest.approx(frame["volume"][:4].mean())


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("smaa", {}, "indicator must be one of .* sma .*, was 'smaa'"),
        ("sma", {"size": 3}, "parameter of sma must be one of window, was 'size'"),
        ("obv", {"window": 3}, "parameter of obv must be one of none, was 'window'"),
        (
            "sma",
            {"values": "colour"},
            "values must be one of ts open high low close volume or numbers, was 'colour'",
        ),
        ("sma", {"values": [1.0]}, "values must have 1500 values like the bars"),
        ("rolling_correlation", {}, "other must have 1500 values like the bars, was None"),
    ],
)
def test_an_indicator_that_there_is_not_is_refused(name: str, given: dict, said: str, frame: pl.DataFrame):
    with pytest.raises(UsageError, match=said):
        vigie.indicator(name, frame, **given)


def test_an_indicator_takes_parameters(frame: pl.DataFrame):
    fast = vigie.indicator("sma", frame, window=3)
    expected = frame["close"].rolling_mean(3)
    assert fast["sma"][2:].to_list() == pytest.approx(expected[2:].to_list())
    assert fast["sma"][:2].is_nan().all()


def test_judge_says_every_criterion_of_a_strategy(frame: pl.DataFrame):
    said = vigie.judge("macd_cross", frame, fast=8)
    assert isinstance(said, Criteria)
    assert all(len(criterion.read().holds) == len(frame) for criterion in (*said.long, *said.short))


def test_damaged_records_of_the_domain_are_errors_of_data(btc: Bars):
    with pytest.raises(DataError):
        Bars("x", HOUR, btc.ts, btc.open, btc.high, btc.low, btc.close, btc.volume[:-1])
