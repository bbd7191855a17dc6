"""The same work in vectorbt and backtesting.py, as their documentation would have one write it.

Runs in the environment of `requirements/bench.txt`. Rules differ where these programs cannot follow ours (lots, the
grid of prices, sizing by the distance to the stop, liquidation); stops and targets at multiples of ATR(14), fees,
slippage, trades, curve and statistics are all there, so the work is of the same kind. Histories are the same arrays.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks import market

Round = Callable[[], dict[str, float]]
FEE, SLIPPAGE, CASH = 0.0006, 0.0005, 10_000.0
STOP, TARGET = 2.0, 3.0
FREQUENCY = {market.HOUR_MS: "1h", 4 * market.HOUR_MS: "4h", market.DAY_MS: "1d"}
warnings.simplefilter("ignore")


def frames(walks: list[market.Walk]) -> dict[str, pd.DataFrame]:
    """Prices of several histories side by side."""
    index = pd.to_datetime(walks[0].ts, unit="ms")
    return {
        name: pd.DataFrame({at: getattr(walk, name) for at, walk in enumerate(walks)}, index=index)
        for name in ("open", "high", "low", "close", "volume")
    }


def traded(
    prices: dict[str, pd.DataFrame], entries: object, shorts: object, exits: dict, frequency: str
) -> object:
    """Run vectorbt's simulation with stops and targets."""
    import vectorbt as vbt

    close = prices["close"]
    atr = vbt.ATR.run(prices["high"], prices["low"], close, 14, ewm=True).atr.to_numpy()
    unit = atr / close.to_numpy()
    return vbt.Portfolio.from_signals(
        close, entries=entries, short_entries=shorts, **exits,
        open=prices["open"], high=prices["high"], low=prices["low"],
        sl_stop=STOP * unit, tp_stop=TARGET * unit,
        fees=FEE, slippage=SLIPPAGE, init_cash=CASH, freq=frequency,
    )  # fmt: skip


def w1_vectorbt(figures: Callable[[object], int] = lambda portfolio: len(portfolio.stats())) -> Round:
    """One history: trades (as raw records: the readable frame alone would take 0.4 s), curve, `stats()`."""
    import vectorbt as vbt

    walk = market.single()
    prices = frames([walk])

    def run() -> dict[str, float]:
        one = {name: frame[0] for name, frame in prices.items()}
        close = one["close"]
        fast = vbt.MA.run(close, market.FAST, ewm=True).ma
        slow = vbt.MA.run(close, market.SLOW, ewm=True).ma
        entries, shorts = fast.vbt.crossed_above(slow), fast.vbt.crossed_below(slow)
        portfolio = traded(one, entries, shorts, {}, FREQUENCY[walk.span_ms])
        trades, curve = portfolio.trades.records, portfolio.value()
        return {"trades": len(trades), "samples": len(curve), "figures": figures(portfolio)}

    return run


def w1_vectorbt_lean() -> Round:
    """The same with ten figures asked for one by one in place of `stats()`."""

    def figures(portfolio: object) -> int:
        trades = portfolio.trades
        found = [
            portfolio.total_return(), portfolio.sharpe_ratio(), portfolio.sortino_ratio(), portfolio.calmar_ratio(),
            portfolio.omega_ratio(), portfolio.max_drawdown(),
            trades.win_rate(), trades.profit_factor(), trades.expectancy(), trades.count(),
        ]  # fmt: skip
        return len(found)

    return w1_vectorbt(figures)


def w2_vectorbt() -> Round:
    """A thousand pairs as columns: the six figures a sweep ranks by."""
    import vectorbt as vbt

    walk = market.sweep()
    prices = frames([walk])

    def run() -> dict[str, float]:
        close = prices["close"][0]
        fast = vbt.MA.run(close, [pair[0] for pair in market.PAIRS], ewm=True, short_name="fast")
        slow = vbt.MA.run(close, [pair[1] for pair in market.PAIRS], ewm=True, short_name="slow")
        up, down = fast.ma_crossed_above(slow), fast.ma_crossed_below(slow)
        portfolio = traded(prices, up, down, {}, FREQUENCY[walk.span_ms])
        trades = portfolio.trades
        figures = [
            portfolio.total_return(), portfolio.sharpe_ratio(), portfolio.max_drawdown(),
            trades.count(), trades.win_rate(), trades.profit_factor(),
        ]  # fmt: skip
        return {"combinations": len(figures[0]), "trades": float(figures[3].sum())}

    return run


def signals(name: str, prices: dict[str, pd.DataFrame]) -> tuple[object, object, dict]:
    """Entries and exits of one of the five strategies."""
    import vectorbt as vbt

    close, high, low = prices["close"], prices["high"], prices["low"]
    if name == "ema_cross":
        fast, slow = (
            vbt.MA.run(close, 20, ewm=True).ma.to_numpy(),
            vbt.MA.run(close, 50, ewm=True).ma.to_numpy(),
        )
        return crossed(fast, slow), crossed(slow, fast), {}
    if name == "macd_cross":
        found = vbt.MACD.run(close, 12, 26, 9, macd_ewm=True, signal_ewm=True)
        line, signal = found.macd.to_numpy(), found.signal.to_numpy()
        return crossed(line, signal), crossed(signal, line), {}
    if name == "rsi_reversion":
        value = vbt.RSI.run(close, 14, ewm=True).rsi.to_numpy()
        exits = {"exits": value >= 60.0, "short_exits": value <= 40.0}
        return crossed(value, np.float64(30.0)), crossed(np.float64(70.0), value), exits
    if name == "bollinger_squeeze":
        bands = vbt.BBANDS.run(close, 20, alpha=2)
        upper, middle, lower = (getattr(bands, part).to_numpy() for part in ("upper", "middle", "lower"))
        width = pd.DataFrame((upper - lower) / middle)
        narrow = (width.rolling(120).rank(pct=True) <= 0.2).rolling(5).max().shift(1).fillna(
            0.0
        ).to_numpy() > 0
        price = close.to_numpy()
        exits = {"exits": crossed(middle, price), "short_exits": crossed(price, middle)}
        return crossed(price, upper) & narrow, crossed(lower, price) & narrow, exits
    rise, fall = high.diff(), -low.diff()
    before = close.shift(1)
    span = np.maximum(high, before) - np.minimum(low, before)
    smooth = {"alpha": 1 / 14, "adjust": False}
    true_range = span.ewm(**smooth).mean()
    plus = 100 * rise.where((rise > fall) & (rise > 0), 0.0).ewm(**smooth).mean() / true_range
    minus = 100 * fall.where((fall > rise) & (fall > 0), 0.0).ewm(**smooth).mean() / true_range
    strength = (100 * (plus - minus).abs() / (plus + minus)).ewm(**smooth).mean()
    up, down = (strength > 25) & (plus > minus), (strength > 25) & (minus > plus)
    exits = {"exits": (strength < 20) | (minus > plus), "short_exits": (strength < 20) | (plus > minus)}
    return up & ~up.shift(1, fill_value=False), down & ~down.shift(1, fill_value=False), exits


def crossed(value: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    """Where a value passes above a threshold."""
    over = value > threshold
    out = np.zeros_like(over)
    out[1:] = over[1:] & ~over[:-1]
    return out


def w3_vectorbt() -> Round:
    """Seven assets as columns, for each of 3 timeframes x 5 strategies: trades, curves, `stats()` of each column."""
    walks = market.table()
    prices = {name: frames([walks[asset, name] for asset in market.ASSETS]) for name in market.TIMEFRAMES}

    def run() -> dict[str, float]:
        trades = samples = slots = 0
        for timeframe, span in market.TIMEFRAMES.items():
            for name in market.STRATEGIES:
                entries, shorts, exits = signals(name, prices[timeframe])
                portfolio = traded(prices[timeframe], entries, shorts, exits, FREQUENCY[span])
                stats = portfolio.stats(agg_func=None)
                trades += len(portfolio.trades.records)
                samples += portfolio.value().size
                slots += len(stats)
        return {"slots": slots, "trades": trades, "samples": samples}

    return run


def w1_backtesting() -> Round:
    """One history in backtesting.py, with the statistics it always computes."""
    from backtesting import Backtest, Strategy

    walk = market.single()
    data = pd.DataFrame(
        {name.title(): getattr(walk, name) for name in ("open", "high", "low", "close", "volume")},
        index=pd.to_datetime(walk.ts, unit="ms"),
    )

    def average(values: np.ndarray, window: int) -> np.ndarray:
        return pd.Series(values).ewm(span=window, adjust=False).mean().to_numpy()

    def true_range(high: np.ndarray, low: np.ndarray, close: np.ndarray) -> np.ndarray:
        before = np.concatenate((close[:1], close[:-1]))
        span = np.maximum(high, before) - np.minimum(low, before)
        return pd.Series(span).ewm(alpha=1 / 14, adjust=False).mean().to_numpy()

    class Cross(Strategy):
        def init(self) -> None:
            self.fast = self.I(average, self.data.Close, market.FAST)
            self.slow = self.I(average, self.data.Close, market.SLOW)
            self.atr = self.I(true_range, self.data.High, self.data.Low, self.data.Close)

        def next(self) -> None:
            over, was_over = self.fast[-1] > self.slow[-1], self.fast[-2] > self.slow[-2]
            if over == was_over:
                return
            price, unit = self.data.Close[-1], self.atr[-1]
            self.position.close()
            if over:
                self.buy(size=0.5, sl=price - STOP * unit, tp=price + TARGET * unit)
            else:
                self.sell(size=0.5, sl=price + STOP * unit, tp=price - TARGET * unit)

    def run() -> dict[str, float]:
        test = Backtest(
            data,
            Cross,
            cash=1_000_000.0,
            commission=FEE,
            spread=2 * SLIPPAGE,
            margin=0.2,
            exclusive_orders=False,
        )
        stats = test.run()
        return {"trades": float(stats["# Trades"]), "samples": len(stats["_equity_curve"])}

    return run
