"""Every kind of model beside buy-and-hold and the rules, out of sample on real hourly bars, with costs and a verdict.

    python -m benchmarks.honest_table [--assets BTC,ETH,SOL] [--write]

The sign of the next 24 hours is learned from the columns that bars alone give; some kinds learn the return, too, and of
some one model learns from all assets. Ten folds, purged, an embargo of a day; the newest fifth of time is in no fold.
Trades are the fill model's, rules with their defaults from the first judged bar on. Bars are read from VIGIE_SHARED
(default: ../shared beside the checkout); ``--write`` puts the table into docs/learning.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.features import read_bars
from benchmarks.marked import put
from vigie.domain.account import AccountSettings
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.engine.backtest import run_slot
from vigie.engine.inputs import SlotInput
from vigie.engine.records import PlannedSlot
from vigie.engine.run import prepare_slot
from vigie.quant.feature_table import compute_features
from vigie.quant.metrics.sampling import period_ends, period_returns
from vigie.quant.models import registry
from vigie.quant.stats.bootstrap import Interval
from vigie.quant.stats.verdict import Verdict, verdict
from vigie.research.learning.asset_rows import AssetColumns, learning_rows, rising
from vigie.research.learning.feature_inputs import join_inputs
from vigie.research.learning.folds import LearnFold, walk_folds
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.odds_trading import odds_slot, trade_odds, trade_terms
from vigie.research.learning.skill import measure
from vigie.research.learning.walking import walk
from vigie.trading import catalogue

NAME: Final = "honest table"
PAGE: Final = Path(__file__).parents[1] / "docs" / "learning.md"
HORIZON: Final = 24
SEED: Final = 22
GROUPS: Final = ("price", "volume", "indicators", "calendar")
ACCOUNT: Final = AccountSettings(sizing=trade_terms(HORIZON))


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    asset: str
    name: str
    auc: str
    log_loss_gain: str
    brier_gain: str
    trades: int
    told: Verdict
    processor_s: float


def instrument(bars: Bars) -> Instrument:
    """Return rules of an instrument fine enough for each of the assets."""
    return Instrument(
        "binance-perp", bars.instrument, parse_step("0.00001"), parse_step("0.00001"), min_notional=5.0
    )


@dataclass(frozen=True)
class Asset:
    """One asset with what is learned of it and traded on it."""

    name: str
    bars: Bars
    rules: Instrument
    columns: AssetColumns
    slot: SlotInput


def asset_of(name: str) -> Asset:
    """Return an asset with its columns and what came of each bar."""
    bars = read_bars(name)
    rules = instrument(bars)
    table = compute_features(join_inputs(bars))
    columns = {name: values for name, values in table.values.items() if name.partition(".")[0] in GROUPS}
    return Asset(
        name, bars, rules, rising(bars, columns, HORIZON, ACCOUNT.costs),
        odds_slot(bars, (rules,), HORIZON, ACCOUNT.costs),
    )  # fmt: skip


def lines_of(asset: Asset, kinds: Sequence[str], of_returns: Sequence[str], *, trials: int) -> Iterator[Line]:
    """Return what each model, the rules and buy-and-hold come to on one asset."""
    rows = learning_rows([asset.columns])
    folds = walk_folds(rows, embargo_ms=DAY_MS)
    print(f"{asset.name}: {len(rows)} rows of {len(rows.columns)} columns", file=sys.stderr)
    for name in kinds:
        yield _judged([asset], name, rows, folds, trials)[0]
    valued = learning_rows([asset.columns], is_value=True)
    for name in of_returns:
        yield _judged([asset], name, valued, folds, trials)[0]
    first = int(rows.bars[folds[0].judged[0]])
    last = int(rows.bars[folds[-1].judged[-1]])
    yield from _rules(asset.name, asset.bars, asset.rules, first, last)
    yield Line(asset.name, "buy and hold", "", "", "", 1, _told(_held(asset.bars, first, last), 1), 0.0)


def pooled_lines(assets: Sequence[Asset], kinds: Sequence[str], *, trials: int) -> Iterator[Line]:
    """Return what one model of all assets comes to, and what holding all of them does."""
    rows = learning_rows([asset.columns for asset in assets])
    folds = walk_folds(rows, embargo_ms=DAY_MS)
    print(f"all: {len(rows)} rows of {len(rows.columns)} columns", file=sys.stderr)
    for number, name in enumerate(kinds):
        line, held = _judged(assets, name, rows, folds, trials)
        yield line
        if number == len(kinds) - 1:
            yield Line(line.asset, "buy and hold", "", "", "", len(assets), _told(held, 1), 0.0)


def _judged(
    assets: Sequence[Asset], name: str, rows: LearningRows, folds: tuple[LearnFold, ...], trials: int
) -> tuple[Line, FloatArray]:
    """Return how one kind of model did, and the days of holding what it traded."""
    started = time.process_time()
    walked = walk(rows, registry()[name], folds, seed=SEED)
    spent = time.process_time() - started
    skill = measure(rows, walked, seed=SEED)
    traded = trade_odds(rows, walked, [asset.slot for asset in assets], trials=trials, seed=SEED)
    gain = _thousandths(skill.log_loss_gain, skill.log_loss_interval)
    brier = _thousandths(skill.brier_gain, skill.brier_interval)
    shown = f"{name}, returns" if rows.is_value else name
    together = " + ".join(asset.name for asset in assets)
    return (
        Line(together, shown, f"{skill.auc:.3f}", gain, brier, len(traded.trades), traded.verdict, spent),
        traded.held,
    )


def _thousandths(gain: float, interval: Interval) -> str:
    return f"{1e3 * gain:+.2f} [{1e3 * interval.low:+.2f}, {1e3 * interval.high:+.2f}]"


def _rules(asset: str, bars: Bars, rules: Instrument, first: int, last: int) -> Iterator[Line]:
    seen = _until(bars, last + 1)
    names = sorted(catalogue.available())
    for name in names:
        strategy = catalogue.load(name)
        plan = PlannedSlot(
            SlotId(bars.instrument, "1h", name), seen, strategy, strategy.defaults(), (rules,), ACCOUNT,
            first=first,
        )  # fmt: skip
        _, slot = prepare_slot(plan)
        outcome = run_slot(slot)
        ends = period_ends(outcome.samples_ts, HOUR_MS)
        returns = period_returns(outcome.equity, ends, ACCOUNT.sizing.capital)
        yield Line(asset, name, "", "", "", len(outcome.trades), _told(returns, len(names)), 0.0)


def _until(bars: Bars, stop: int) -> Bars:
    prices = (getattr(bars, name)[:stop] for name in ("open", "high", "low", "close", "volume"))
    return Bars(bars.instrument, bars.span_ms, bars.ts[:stop], *prices)


def _held(bars: Bars, first: int, last: int) -> FloatArray:
    ends = period_ends(bars.ts[first : last + 1], HOUR_MS)
    cost = ACCOUNT.costs.taker + ACCOUNT.costs.slippage_bps * 1e-4
    equity = bars.close[first : last + 1] / bars.close[first] * 10_000.0 * (1.0 - cost)
    equity[-1] *= 1.0 - cost
    return period_returns(equity, ends, 10_000.0)


def _told(returns: FloatArray, trials: int) -> Verdict:
    return verdict(returns[:, None], 0, trials=trials, seed=SEED)


def table_of(lines: list[Line]) -> str:
    """Return the table as it stands in the documentation."""
    head = (
        "| Asset | What | AUC | Log loss gained, 1/1000 [95%] | Brier score gained, 1/1000 [95%] | Trades | "
        "Sharpe ratio [95%] | Verdict |\n|---|---|---|---|---|---|---|---|\n"
    )
    body = [
        f"| {one.asset} | {one.name} | {one.auc} | {one.log_loss_gain} | {one.brier_gain} | "
        f"{one.trades:,} | {_sharpe(one.told)} | {'luck' if one.told.is_luck else 'not luck'} |"
        for one in lines
    ]
    return head + "\n".join(body)


def _sharpe(told: Verdict) -> str:
    if np.isnan(told.sharpe):
        return "no trade"
    low, high = told.sharpe_interval
    return f"{told.sharpe:+.2f} [{low:+.2f}, {high:+.2f}]"


def main() -> int:
    """Print the table; with ``--write`` put it into the documentation."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--assets", default="BTC,ETH,SOL")
    parser.add_argument("--kinds", default=",".join(name for name in registry() if name != "linear"))
    parser.add_argument("--returns", default="linear,lightgbm", help="kinds that learn the return, too")
    parser.add_argument(
        "--pooled", default="logistic,lightgbm", help="kinds of which one learns from all assets"
    )
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    kinds, of_returns, pooled = (
        [name for name in names.split(",") if name] for names in (given.kinds, given.returns, given.pooled)
    )
    assets = [asset_of(name) for name in given.assets.split(",")]
    # A model of all assets is one more trial of the history of each.
    trials = len(kinds) + len(of_returns) + len(pooled)
    lines = []
    for line in chain(
        *(lines_of(asset, kinds, of_returns, trials=trials) for asset in assets),
        pooled_lines(assets, pooled, trials=trials),
    ):
        lines.append(line)
        print(f"{line.asset} {line.name}: {line.processor_s:.1f} s", file=sys.stderr)
    told = table_of(lines)
    print(told)
    if given.write:
        put(PAGE, NAME, told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
