"""Strategies as a service: list, describe, create, and every check of the contract failing for its own reason."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from tests.unit.data.material import NOW, make_bars, make_desk
from tests.unit.services.strategy_material import with_answer, write
from vigie.adapters.stores.files import write_atomically
from vigie.data.frames import to_frame
from vigie.domain.errors import StorageError, UsageError
from vigie.domain.ids import SeriesId
from vigie.services.judging import strategies
from vigie.services.judging.strategies import (
    check_file,
    create_strategy,
    describe_strategy,
    find_strategy_file,
    list_strategies,
)
from vigie.services.judging.strategy_contract import samples
from vigie.services.judging.strategy_contract.verify import check_contract
from vigie.trading import catalogue
from vigie.trading.outside import outside_uses

# Each of them has a process of its own judge a file.
pytestmark = pytest.mark.usefixtures("forked_witnesses")

MEAN = "mean = bars.of(sma, bars.close, params.window)\n"
ANSWER = """
return Criteria(
    long=(crosses_above("Up", bars.close, {0}),),
    short=(crosses_below("Down", bars.close, {0}),),{1}
)"""


def failed(path: Path, **more: object) -> dict[str, str]:
    return {one.check: one.detail for one in check_file(path, **more).failures}


def statuses(path: Path) -> dict[str, str]:
    return {one.check: one.status for one in check_file(path).findings}


# List, describe, find, create


def test_list_tells_own_from_shipped_and_gives_parameters(tmp_path: Path):
    write(tmp_path, "aaa")
    first, *rest = list_strategies(tmp_path)
    assert (first.name, first.is_own, first.replaces, first.timeframe) == ("aaa", True, False, "1h")
    assert first.title == "Above its mean: enter when the close crosses its mean."
    (window,) = first.parameters
    assert (window.name, window.kind, window.default, window.low, window.high) == (
        "window",
        "int",
        20,
        2,
        200,
    )
    assert (window.search, window.step) == ((2, 200), 1)
    assert len(rest) == len(catalogue.available())
    assert not any(line.is_own or line.problem for line in rest)


def test_list_shows_a_broken_file_with_the_reason_and_the_others(tmp_path: Path):
    write(tmp_path, "aaa", ("TIMEFRAME =", "FRAME ="))
    write(tmp_path, "ema_cross")
    lines = {line.name: line for line in list_strategies(tmp_path)}
    assert "must define TIMEFRAME" in lines["aaa"].problem
    assert lines["ema_cross"].replaces
    assert len(lines) == len(catalogue.available()) + 1


def test_description_holds_criteria_with_weights_warm_up_and_the_text_of_the_file():
    page = describe_strategy("bollinger_squeeze")
    assert (page.warmup_bars, page.first_decision) == (143, 143)
    needed = [one.name for one in page.criteria if one.required]
    assert needed == [
        "Close crosses above the upper band", "Bandwidth was narrow within the look-back",
        "Close crosses below the lower band", "Bandwidth was narrow within the look-back",
    ]  # fmt: skip
    sides = [one.side for one in page.criteria]
    assert sides == ["long"] * 5 + ["short"] * 5 + ["long exit", "short exit"]
    assert [one.weight for one in page.criteria if one.side == "long"] == [1.0, 1.0, 0.5, 0.5, 0.5]
    assert page.source.startswith('"""Bollinger squeeze')
    assert "chapter 15" in page.doc


def test_first_decision_waits_for_the_range_that_the_stop_needs(tmp_path: Path):
    assert describe_strategy("supertrend_flip").warmup_bars == 11
    assert describe_strategy("supertrend_flip").first_decision == 14
    width = "stop_distance=bars.high - bars.low, target_distance=bars.high - bars.low"
    own = with_answer(tmp_path, MEAN + ANSWER.format("mean", f"\n    {width},"))
    own.write_text(own.read_text().replace("param(20,", "param(5,"), encoding="utf-8")
    assert describe_strategy(str(own)).first_decision == 5


def test_strategy_is_found_by_name_and_by_path(tmp_path: Path):
    path = write(tmp_path / "own")
    assert find_strategy_file("idea", tmp_path / "own") == path
    assert find_strategy_file(str(path)) == path.resolve()
    with pytest.raises(UsageError, match="must be a file or one of adx_trend"):
        find_strategy_file("idea")
    with pytest.raises(UsageError, match="must exist"):
        find_strategy_file(str(tmp_path / "none.py"))


def test_new_strategy_keeps_the_contract_and_appears_in_the_list(tmp_path: Path):
    folder = tmp_path / "strategies"
    written = create_strategy("calm_trend", folder, write_atomically)
    assert [path.name for path in written] == ["calm_trend.py", "test_calm_trend.py", "calm_trend.md"]
    report = check_file(folder / "calm_trend.py")
    assert [one for one in report.findings if one.status in ("warn", "fail")] == []
    assert "calm_trend" in [line.name for line in list_strategies(folder)]
    assert "test_calm_trend" not in [line.name for line in list_strategies(folder)]


def test_test_that_comes_with_a_new_strategy_passes_and_fails_with_it(tmp_path: Path):
    create_strategy("calm_trend", tmp_path, write_atomically)
    place = {"__file__": str(tmp_path / "test_calm_trend.py")}
    exec((tmp_path / "test_calm_trend.py").read_text(), place)
    place["test_calm_trend_keeps_the_contract"]()
    file = tmp_path / "calm_trend.py"
    file.write_text(file.read_text().replace("bars.close, params.window", "bars.close[::-1], params.window"))
    with pytest.raises(AssertionError, match="look-ahead"):
        place["test_calm_trend_keeps_the_contract"]()


@pytest.mark.parametrize("there", ["calm_trend.py", "test_calm_trend.py", "calm_trend.md"])
def test_new_strategy_overwrites_nothing_and_writes_nothing_then(tmp_path: Path, there):
    (tmp_path / there).write_text("mine")
    with pytest.raises(UsageError, match="already exist; choose another name or remove them"):
        create_strategy("calm_trend", tmp_path, write_atomically)
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"


def test_new_strategy_may_not_hide_a_shipped_one(tmp_path: Path):
    with pytest.raises(UsageError, match="name must differ from the built-in strategies, was"):
        create_strategy("ema_cross", tmp_path, write_atomically)


# The contract, one broken promise at a time


def test_sound_strategy_passes_every_check(tmp_path: Path):
    found = statuses(write(tmp_path))
    assert found.pop("speed") == "skip"
    assert set(found.values()) == {"pass"}
    assert str(check_file(write(tmp_path))).startswith("idea: passes\nskip speed")


def test_file_that_does_not_load_fails_and_nothing_else_is_judged(tmp_path: Path):
    report = check_file(write(tmp_path, "idea", ("TIMEFRAME =", "FRAME =")))
    assert [(one.check, one.status) for one in report.findings[:1]] == [("loads", "fail")]
    assert {one.status for one in report.findings[1:]} == {"skip"}
    assert not report.passed


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("-1", "whole number >= 0, was -1"),
        ("2.5", "was 2.5"),
        ("True", "was True"),
        ("1 // 0", "raised ZeroDivisionError"),
    ],
)
def test_warm_up_that_is_no_number_of_bars_is_refused(tmp_path: Path, declared, said):
    path = write(tmp_path, "idea", ("return params.window\n", f"return {declared}\n"))
    assert said in failed(path)["loads"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import random", "imports random"),
        ("from time import time", "imports time"),
        ("import urllib.request", "imports urllib.request"),
        ("from vigie.engine import kernel", "imports vigie.engine"),
        ("from vigie.domain.account import Sizing", "imports vigie.domain.account"),
        ("from numpy.random import default_rng", "imports numpy.random"),
        ("from vigie.trading import sizing", "imports vigie.trading.sizing"),
        ("CHANCE = np.random.default_rng(1)", "uses np.random"),
        ("TEXT = open(__file__).read()", "calls open()"),
        ("import datetime\nNOW = datetime.datetime.now()", "calls .now()"),
    ],
)
def test_file_that_asks_the_outside_is_refused_with_the_line(tmp_path: Path, line, said):
    path = write(tmp_path, "idea", ("TIMEFRAME =", f"{line}\nTIMEFRAME ="))
    (found,) = outside_uses(path)
    assert found.startswith("line ")
    assert found.endswith(said)
    assert said in failed(path)["source"]


def test_words_are_missed_but_refuse_nothing(tmp_path: Path):
    silent = write(
        tmp_path,
        "idea",
        ('"""Above its mean: enter when the close crosses its mean.\n\nSource: a test.\n"""', ""),
    )
    assert statuses(silent)["words"] == "warn"
    short = write(tmp_path, "idea", ("\n\nSource: a test.\n", ""))
    assert statuses(short)["words"] == "warn"
    assert check_file(short).passed


def test_strategy_that_raises_is_refused_with_the_history_and_the_line(tmp_path: Path):
    body = 'if len(bars) == 20:\n    raise ValueError("twenty")\n' + MEAN + ANSWER.format("mean", "")
    path = with_answer(tmp_path, body)
    line = path.read_text().splitlines().index('        raise ValueError("twenty")') + 1
    assert (
        failed(path)["runs"]
        == f"on a history of 20 bars, line {line}: strategy idea raised ValueError: twenty"
    )
    assert statuses(path)["look-ahead"] == "skip"


def test_strategy_that_returns_something_else_is_refused(tmp_path: Path):
    assert (
        "must return Criteria, returned ndarray" in failed(with_answer(tmp_path, "return bars.close"))["runs"]
    )


@pytest.mark.parametrize(
    "write_to", ["bars.close[:1] = 0.0", "mean[:1] = 0.0", 'bars.feature("funding_rate")[:1] = 0.0']
)
def test_strategy_that_writes_to_what_is_shared_is_refused(tmp_path: Path, write_to):
    report = check_file(with_answer(tmp_path, MEAN + write_to + ANSWER.format("mean", "")))
    (found,) = report.failures
    assert found.check == "runs"
    assert "read-only" in found.detail
    assert "copy an array" in found.cure


ONE = 'return Criteria(long=(Criterion("A", {0}),), short=())'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (MEAN + 'return Criteria(long=(), short=())', "no criterion is required"),
        (
            MEAN + 'return Criteria(long=(is_above("A", bars.close, mean), is_above("A", bars.close, 1.0)), short=())',
            "share a name",
        ),
        (
            MEAN + ONE.format('Reading(bars.close, mean, (bars.close > mean)[1:])'),
            "holds must have",
        ),
        (
            MEAN + ONE.format('Reading(bars.close, mean, (bars.close > mean) * 1.0)'),
            "holds must be bool, was float64",
        ),
        (
            MEAN + ONE.format('Reading(bars.close, mean, (bars.close > mean).tolist())'),
            "holds must be an array, was list",
        ),
        (
            MEAN + ONE.format('Reading(bars.close.astype(np.float32), mean, bars.close > mean)'),
            "value must be float64, was float32",
        ),
        (
            MEAN + 'return Criteria(long=(is_above("A", bars.close, mean, weight=0.0),), short=())',
            "weight must be > 0, was 0.0",
        ),
        (
            MEAN
            + "over = Reading(bars.close, mean, bars.close > mean)\n"
            + 'return Criteria(long=(Criterion("A", over, sense="over"),), short=())',
            "sense must be above or below, was 'over'",
        ),
        (
            MEAN + 'known = (bars.close > 0) * 1\nreading = Reading(bars.close, mean, bars.close > mean, known=known)\n'
            'return Criteria(long=(Criterion("A", reading),), short=())',
            "known must be bool",
        ),
        (
            MEAN + ANSWER.format("mean", "\n    stop_distance=bars.close - bars.close,"),
            "stop_distance must be > 0, was 0.0",
        ),
        (MEAN + ANSWER.format("mean", "\n    target_distance=bars.close[1:],"), "target_distance must have"),
    ],
)  # fmt: skip
def test_answer_of_a_wrong_shape_is_refused(tmp_path: Path, body, said):
    path = with_answer(tmp_path, body)
    assert said in failed(path)["shapes"]
    assert statuses(path)["look-ahead"] == "skip"


def test_criterion_that_holds_on_an_unknown_value_is_refused(tmp_path: Path):
    body = (
        MEAN
        + 'return Criteria(long=(Criterion("A", Reading(bars.close, mean, ~(bars.close < mean))),), short=())'
    )
    assert "'A' holds at bar 0 of simulated BTC" in failed(with_answer(tmp_path, body))["unknown values"]


def test_criteria_that_come_and_go_with_the_history_are_refused(tmp_path: Path):
    body = (
        MEAN + 'if len(bars) % 2:\n    return Criteria(long=(is_above("Odd", bars.close, mean),), short=())\n'
    )
    body += 'return Criteria(long=(is_above("Even", bars.close, mean),), short=())'
    assert "criteria must be the same for every history" in failed(with_answer(tmp_path, body))["look-ahead"]


def test_warm_up_that_is_longer_than_needed_passes_and_one_too_short_is_refused(tmp_path: Path):
    report = check_file(write(tmp_path, "idea", ("return params.window\n", "return 250\n")))
    assert report.passed
    found = {one.check: one for one in report.findings}["warm-up"]
    assert (found.status, found.detail) == (
        "pass",
        "everything is known from bar 20 on, no entry is decided before bar 250, as declared",
    )
    short = failed(write(tmp_path / "short", "idea", ("return params.window\n", "return 19\n")))
    assert short["warm-up"].startswith("19 bars are declared, but 20 are needed before all values")
    # At the ends of the range of its parameter too.
    fixed = failed(write(tmp_path / "fixed", "idea", ("return params.window\n", "return 20\n")))
    assert "with window = 200: 20 bars are declared, but 200 are needed" in fixed["parameters"]


DAYS = """
days = bars.ts // 86_400_000
first = np.flatnonzero(np.diff(days)) + 1
closes = bars.close[first - 1]
mean = bars.of(sma, closes, 3) if len(closes) >= 3 else np.full(len(closes), np.nan)
turn = np.searchsorted(first, np.arange(len(bars)), side="right") - 1
known = (turn >= 0) & (len(first) > 0)
daily = np.where(known, mean[np.maximum(turn, 0)] if len(first) else np.nan, np.nan)
return Criteria(long=(is_above("Above its daily mean", bars.close, daily),), short=())
"""


@pytest.mark.parametrize("declared", [49, 500])
def test_joining_days_of_the_calendar_passes(tmp_path: Path, declared: int):
    path = with_answer(tmp_path, DAYS)
    path.write_text(path.read_text().replace("return params.window\n", f"return {declared}\n"))
    found = {one.check: one for one in check_file(path).findings}["warm-up"]
    assert found.status == "pass", found


@pytest.mark.parametrize("declared", [30, 400])
def test_feature_that_begins_later_is_not_too_short_a_warm_up(tmp_path: Path, declared: int):
    body = 'rate = bars.feature("funding_rate")\nmean = sma(rate, 31)\n'
    body += 'return Criteria(long=(is_above("Dear", rate, mean),), short=())'
    path = with_answer(tmp_path, body)
    path.write_text(path.read_text().replace("return params.window\n", f"return {declared}\n"))
    found = {one.check: one for one in check_file(path).findings}["warm-up"]
    assert found.status == "pass", found


def test_series_that_is_never_there_is_said(tmp_path: Path):
    body = 'return Criteria(long=(is_above("A", bars.feature("mood"), 0.0),), short=())'
    found = {one.check: one for one in check_file(with_answer(tmp_path, body)).findings}["warm-up"]
    assert (found.status, found.detail) == ("warn", "nothing is ever fully known on simulated bars")


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ("param(1, low=2, high=200)", r"window: default must be 2..200, was 1"),
        (
            "param(20, low=2, high=200, search=(5, 300))",
            "window: search range must lie in 2..200, was 5..300",
        ),
        ("param(20, low=2, high=200, step=0)", "window: step must be > 0, was 0"),
        ("param(20, low=-5, high=200)", "with window = -5: strategy idea raised"),
    ],
)
def test_parameter_with_bad_bounds_is_refused(tmp_path: Path, bounds, said):
    assert said in failed(write(tmp_path, "idea", ("param(20, low=2, high=200)", bounds)))["parameters"]


def test_bias_that_shows_only_at_a_bound_of_a_parameter_is_refused(tmp_path: Path):
    body = (
        MEAN
        + "if params.window == 200:\n    mean = np.append(bars.close[1:], bars.close[-1:])\n"
        + ANSWER.format("mean", "")
    )
    assert "with window = 200: looks ahead: 'Up'" in failed(with_answer(tmp_path, body))["parameters"]


def test_combination_that_the_strategy_refuses_itself_is_no_fault(tmp_path: Path):
    post = "    def __post_init__(self):\n        if self.window > 100:\n"
    post += '            raise UsageError("window must be <= 100")\n'
    assert failed(write(tmp_path, "idea", ("high=200)\n", f"high=200)\n\n{post}"))) == {}


# Samples, stored bars, speed


def test_samples_move_stand_still_are_short_and_have_gaps():
    made = samples.simulated_samples("1h", 143)
    assert sum(one.is_eventful for one in made) == 4
    assert [len(one.bars.gaps) > 0 for one in made[:4]] == [False, True, False, False]
    lengths = {len(one.bars) for one in made if one.name.startswith("a history")}
    assert lengths == {1, 2, 3, 20, 142, 143, 144, 145}
    assert all(len(one.bars) >= 543 for one in made[:1])
    for one in made:
        assert not one.bars.close.flags.writeable
        assert not one.bars.slice(0, 1).close.flags.writeable


def test_other_future_keeps_every_bar_before_it():
    import numpy as np

    (first, *_) = samples.simulated_samples("1h", 10)
    other = samples.with_other_future(first.bars, 200, np.random.default_rng(1))
    assert (other.close[:200] == first.bars.close[:200]).all()
    assert (other.close[200:] != first.bars.close[200:]).all()
    assert (other.ts == first.bars.ts).all()
    assert (other.high >= other.low).all()


def stored_desk(home: Path):
    desk = make_desk(home)
    for ticker, timeframe in (("btc", "1h"), ("eth", "1h"), ("btc", "4h")):
        bars = make_bars(400, timeframe=timeframe, instrument=f"{ticker}-usdt-perp")
        desk.bars.upsert(SeriesId("binance-perp", bars.instrument, timeframe), to_frame(bars))
    return desk


def test_stored_bars_of_the_same_timeframe_are_judged_too(tmp_path: Path):
    desk = stored_desk(tmp_path / "home")
    report = check_file(write(tmp_path), data_stores=desk)
    stored = [name for name in report.samples if name.startswith("stored")]
    assert stored == ["stored binance-perp:btc-usdt-perp/1h", "stored binance-perp:eth-usdt-perp/1h"]
    assert report.passed
    assert not any(
        name.startswith("stored")
        for name in check_file(write(tmp_path), data_stores=desk, with_stored=False).samples
    )
    assert len(list(samples.stored_samples(desk, "1h", 20, limit=1))) == 1


def test_stored_bars_that_cannot_be_read_are_left_out(tmp_path: Path, monkeypatch):
    desk = stored_desk(tmp_path / "home")

    def damaged(*_args, **_more):
        raise StorageError("no Parquet")

    monkeypatch.setattr(samples.history, "load", damaged)
    assert list(samples.stored_samples(desk, "1h", 20)) == []


def test_bias_that_shows_only_on_stored_bars_is_refused(tmp_path: Path):
    body = (
        MEAN
        + 'if bars.venue == "binance-perp":\n    mean = np.append(bars.close[1:], bars.close[-1:])\n'
        + ANSWER.format("mean", "")
    )
    path = with_answer(tmp_path, body)
    assert check_file(path).passed
    assert (
        "of stored binance-perp:btc-usdt-perp/1h was"
        in failed(path, data_stores=stored_desk(tmp_path / "home"))["look-ahead"]
    )


@pytest.mark.parametrize(("tick_ms", "status"), [(50, "warn"), (0, "pass")])
def test_speed_is_measured_on_the_wall_and_refuses_nothing(tmp_path: Path, tick_ms, status):
    strategy = catalogue.load_file(write(tmp_path))
    hand = count(NOW, tick_ms)
    news = []
    report = check_contract(
        strategy,
        samples.simulated_samples("1h", 20),
        wall=lambda: next(hand),
        report_progress=lambda *args: news.append(args),
    )
    assert (report.findings[-1].check, report.findings[-1].status) == ("speed", status)
    assert "ns a bar" in report.findings[-1].detail
    assert report.passed
    assert [done for _, done, _ in news] == list(range(1, len(strategies.CHECKS) + 1))


def test_same_seed_gives_the_same_report(tmp_path: Path):
    path = write(tmp_path)
    assert check_file(path, seed=3) == check_file(path, seed=3)
