"""What every strategy promises, over the registry; and that broken promises are found, over a corpus."""

from __future__ import annotations

import ast
import gc
import re
import weakref
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from vigie.data.asof import add_feature
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.engine.causality import check_causality
from vigie.engine.judgement import judge, prove
from vigie.engine.signals import first_known, make_flags
from vigie.services.judging.strategies import check_file
from vigie.trading import catalogue
from vigie_sandbox.market import simulate_market

# Each of them has a process of its own judge a file.
pytestmark = pytest.mark.usefixtures("forked_witnesses")

NAMES = list(catalogue.available())
START_MS = 1_704_067_200_000
CORPUS = Path(__file__).resolve().parent.parent / "data" / "strategies"
BIASED = sorted((CORPUS / "biased").glob("*.py"))
CLEAN = sorted((CORPUS / "clean").glob("*.py"))
TIMELY = {"look-ahead", "repaint", "same answer"}
# The criterion in quotes, the bar, its time, the history, and the two values.
WHERE = (
    r"(['\"]).+\1 at bar \d+ \(\d{4}-\d\d-\d\dT[\d:]+Z\) of .+ "
    r"was (?P<first>\S+) .*?and (is )?(?P<second>\S+) .+"
)

# What is kept between calls, or on disk, agrees with itself as long as the file is run once.
HIDDEN = {"remembering", "module_memory", "memory_in_numpy", "reads_file"}
# What asks for the array behind the bars finds none, and raises.
RAISING = {"base_of_view", "forged_prices"}
BY_SOURCE = {"reads_file", *RAISING}

# Name: timeframe and defaults, as published.
PUBLISHED = {
    "macd_cross": ("1d", {"fast": 12, "slow": 26, "signal": 9}, 34),
    "rsi_reversion": ("1d", {"window": 14, "oversold": 30.0, "leave": 60.0}, 15),
    "ema_cross": ("4h", {"fast": 20, "slow": 50}, 50),
    "bollinger_squeeze": (
        "1h",
        {"window": 20, "deviations": 2.0, "rank_window": 120, "narrow_share": 0.2, "lookback": 5},
        143,
    ),
    "adx_trend": ("1d", {"window": 14, "strong": 25.0, "weak": 20.0}, 28),
}


def simulated(timeframe: str, *, n_bars: int = 1_500, seed: int = 5, ticker: str = "BTC") -> Bars:
    """Bars with funding that is known from the first bar on."""
    market = simulate_market(seed, [ticker], START_MS, n_bars, timeframe)
    bars, funding = market.bars(ticker), market.funding(ticker)
    ts, rate = np.insert(funding.ts, 0, START_MS), np.insert(funding.value, 0, 1e-4)
    return add_feature(bars, "funding_rate", ts, rate)


def answer_of(name: str, bars: Bars):
    strategy = catalogue.load(name)
    return strategy.criteria(bars, strategy.defaults())


@pytest.mark.parametrize("name", NAMES)
def test_shipped_strategy_keeps_the_contract_without_a_warning(name):
    report = check_file(catalogue.available()[name])
    assert [one for one in report.findings if one.status in ("warn", "fail")] == []
    assert [one.check for one in report.findings if one.status == "skip"] == ["speed"]


@pytest.mark.parametrize("name", PUBLISHED)
def test_main_strategy_has_the_published_timeframe_defaults_and_warm_up(name):
    timeframe, defaults, first = PUBLISHED[name]
    strategy = catalogue.load(name)
    assert strategy.timeframe == timeframe
    assert {one.name: one.default for one in fields(strategy.params)} == defaults
    assert strategy.warmup(strategy.defaults()) == first


@pytest.mark.parametrize("name", NAMES)
def test_shipped_strategy_has_two_optional_criteria_a_side_and_a_required_one(name):
    answer = answer_of(name, simulated(catalogue.load(name).timeframe, n_bars=300))
    for side in (answer.long, answer.short):
        assert sum(not one.required for one in side) >= 2
        assert any(one.required for one in side)


@pytest.mark.parametrize("name", NAMES)
def test_bars_that_a_shipped_strategy_read_end_without_the_garbage_collector(name):
    strategy = catalogue.load(name)
    # The first call of compiled code keeps its arrays: their types are read in frames that refer to each other.
    for bars in (
        simulated(strategy.timeframe, n_bars=300),
        simulated(strategy.timeframe, n_bars=300, seed=6),
    ):
        judge(strategy, bars, strategy.defaults())
    closes = weakref.ref(bars.close)
    gc.disable()
    try:
        del bars
        assert closes() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("name", NAMES)
def test_shipped_strategy_names_its_source(name):
    doc = catalogue.load(name).doc
    title, *rest = doc.splitlines()
    assert re.match(r"[\w-]+( [\w-]+)*: .+\.$", title)
    assert re.search(r"^Source: .+\(\d{4}\)", "\n".join(rest), re.M) or "Our own" in doc


@pytest.mark.parametrize("name", NAMES)
def test_shipped_strategy_file_is_short_and_imports_nothing_of_the_account(name):
    text = catalogue.available()[name].read_text(encoding="utf-8")
    assert 30 <= len(text.splitlines()) <= 80
    imported = {node.module or "" for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    imported |= {
        alias.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    allowed = ("vigie.domain.bar", "vigie.domain.errors", "vigie.domain.signal", "vigie.quant")
    allowed += ("vigie.trading.filters", "vigie.trading.strategy", "dataclasses", "numpy", "__future__")
    assert [module for module in imported if not module.startswith(allowed)] == []


@pytest.mark.parametrize("name", NAMES)
def test_first_bar_that_may_decide_is_the_declared_one(name):
    strategy = catalogue.load(name)
    bars = simulated(strategy.timeframe)
    for window in (None, 7, 31):
        given = {} if window is None or not hasattr(strategy.params, "window") else {"window": window}
        params = strategy.with_params(given)
        assert first_known(strategy.criteria(bars, params), len(bars)) == strategy.warmup(params)


def mirrored(bars: Bars, lift: float, about: float) -> Bars:
    """Turn the prices upside down: up becomes down, and the high the low."""

    def turn(prices):
        return 2.0 * about - (prices + lift)

    return Bars(
        bars.instrument, bars.span_ms, bars.ts, turn(bars.open), turn(bars.low), turn(bars.high), turn(bars.close),
        bars.volume, bars.venue, {name: -series for name, series in bars.features.items()},
    )  # fmt: skip


def lifted(bars: Bars, lift: float) -> Bars:
    return Bars(
        bars.instrument, bars.span_ms, bars.ts, bars.open + lift, bars.high + lift, bars.low + lift,
        bars.close + lift, bars.volume, bars.venue, bars.features,
    )  # fmt: skip


def swapped(flags: np.ndarray) -> np.ndarray:
    out = np.zeros_like(flags)
    for here, there in ((LONG_ENTRY, SHORT_ENTRY), (LONG_EXIT, SHORT_EXIT)):
        out |= np.where(flags & here, there, 0).astype(flags.dtype)
        out |= np.where(flags & there, here, 0).astype(flags.dtype)
    return out


@pytest.mark.parametrize("name", NAMES)
def test_long_and_short_change_places_when_prices_are_mirrored(name):
    bars = simulated(catalogue.load(name).timeframe, n_bars=3_000)
    # High above zero a mirror image has nearly the same returns, so that widths in per cent agree as well.
    lift = 100.0 * float(bars.close.max())
    about = lift + float(bars.close.max() + bars.close.min()) / 2.0
    upright = make_flags(answer_of(name, lifted(bars, lift)), len(bars))
    inverted = make_flags(answer_of(name, mirrored(bars, lift, about)), len(bars))
    assert np.count_nonzero(upright & LONG_ENTRY) + np.count_nonzero(upright & SHORT_ENTRY) >= 3
    assert np.count_nonzero(upright != swapped(inverted)) <= len(bars) // 500


@pytest.mark.parametrize("path", BIASED, ids=lambda path: path.stem)
def test_biased_strategy_is_refused_with_the_bar_the_criterion_and_both_values(path):
    report = check_file(path)
    found = [one for one in report.failures if one.check in TIMELY]
    assert found or (path.stem in BY_SOURCE and report.failures[0].check == "source")
    for one in found:
        said = re.fullmatch(WHERE, one.detail)
        assert said, one.detail
        assert said["first"] != said["second"]
        assert one.cure


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_clean_strategy_that_looks_suspicious_is_not_accused(path):
    assert check_file(path).failures == ()


@pytest.mark.parametrize(
    "path", [path for path in BIASED if path.stem not in RAISING], ids=lambda path: path.stem
)
def test_many_cuts_find_every_bias_that_the_file_does_not_hide_in_its_memory(path):
    strategy = catalogue.load_file(path, fresh=True)
    bars = simulated("1h", n_bars=600)
    params = strategy.defaults()
    whole = judge(strategy, bars, params)
    leak = check_causality(
        lambda cut: judge(strategy, cut, params), bars, whole, np.random.default_rng(1), cuts=400, windows=0
    )
    assert (leak is None) == (path.stem in HIDDEN)


@pytest.mark.parametrize("path", BIASED, ids=lambda path: path.stem)
def test_every_run_refuses_a_biased_strategy_by_what_it_says_alone(path, monkeypatch):
    monkeypatch.setattr(catalogue, "outside_uses", lambda path: [])
    strategy = catalogue.load_file(path)
    bars = simulated("1h", n_bars=1_500)
    params = strategy.defaults()
    caught = 0
    for seed in range(3):
        try:
            whole = judge(strategy, bars, params)
            prove(strategy, params, bars, whole, np.random.default_rng(seed))
        except UsageError:
            caught += 1
    assert caught >= (0 if path.stem in {"reads_file", "now_and_then"} else 1)


def test_the_published_table_names_every_strategy_of_the_corpus():
    page = (Path(__file__).resolve().parents[2] / "docs" / "write-a-strategy.md").read_text(encoding="utf-8")
    table = page.split("<!-- corpus: begin")[1].split("<!-- corpus: end")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.M) == [path.stem for path in BIASED]
    assert f"{len(BIASED)} of {len(BIASED)}" in table
    assert f"0 of {len(CLEAN) + len(NAMES)}" in table
