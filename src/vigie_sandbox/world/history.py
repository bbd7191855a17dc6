"""The world's past as files of bars, so that a home begins with two years in one go instead of by thousands of pages.

The same bars as the venue serves page by page, gap and all.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import numpy as np

from vigie.domain.asset import WATCHED
from vigie.domain.bar import BAR_COLUMNS
from vigie.domain.errors import DataError
from vigie_sandbox.world.forked_work import can_fork, run_in_fork
from vigie_sandbox.world.venue import SPANS
from vigie_sandbox.world.world import World

TIMEFRAMES: Final = ("1h", "4h", "1d")
MINUTE_TIMEFRAME: Final = "1m"


def write_history(world: World, venue: str, folder: Path) -> list[Path]:
    """Write every closed bar of a venue as ``BTCUSDT-1h.parquet``.

    Parameters
    ----------
    world : World
        Whose past.
    venue : str
        ``bitget``.
    folder : Path
        Made where there is none; files appear whole.

    Returns
    -------
    list of Path
        In the order of the catalogue, minutes of the watched assets last.
    """
    folder.mkdir(parents=True, exist_ok=True)
    view, now = world.venues[venue], world.now_ms()
    watched = {asset.symbol for asset in WATCHED}
    series = [(coin, timeframe) for coin in view.coins for timeframe in TIMEFRAMES]
    series += [(coin, MINUTE_TIMEFRAME) for coin in view.coins if coin.symbol in watched]
    return [_write_bars(world, venue, coin.symbol, timeframe, now, folder) for coin, timeframe in series]


def write_series(world: World, venue: str, symbol: str, timeframe: str, folder: Path) -> Path:
    """Write every closed bar of one coin; return the file.

    Parameters
    ----------
    world : World
        Whose past.
    venue, symbol, timeframe : str
        ``bitget``, ``BTC``, ``1h``.
    folder : Path
        Where the file appears whole.

    Returns
    -------
    Path
    """
    return _write_bars(world, venue, symbol, timeframe, world.now_ms(), folder)


def write_history_in_fork(world: World, venue: str, folder: Path) -> None:
    """Write it from a process of its own where that costs nothing, so that its memory is given back at the end.

    Raises
    ------
    DataError
        If that process failed.
    """
    if not can_fork():
        write_history(world, venue, folder)
        return
    code = run_in_fork(_write_at_low_priority, world, venue, folder)
    if code != 0:
        raise DataError(f"{folder}: the past could not be written (exit code {code})")


def _write_at_low_priority(world: World, venue: str, folder: Path) -> None:
    # Nobody waits for the past as for the first page.
    os.nice(10)
    write_history(world, venue, folder)


def _write_bars(world: World, venue: str, symbol: str, timeframe: str, now: int, folder: Path) -> Path:
    import polars as pl

    view = world.venues[venue]
    span = SPANS[timeframe]
    candles = view.candles(view.by_symbol[symbol], span, world.tape.first_ms, now, now, limit=10**7)
    is_closed = candles.ts + span <= now
    columns = dict(zip(BAR_COLUMNS[1:], candles.rows[:, is_closed], strict=True))
    frame = pl.DataFrame({"timestamp": candles.ts[is_closed].astype(np.int64), **columns})
    frame = frame.with_columns(pl.col("timestamp").cast(pl.Datetime("ms", "UTC")))
    path = folder / f"{symbol}USDT-{timeframe}.parquet"
    temporary = path.with_suffix(".part")
    frame.write_parquet(temporary)
    return temporary.replace(path)
