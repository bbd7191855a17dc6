"""Stored bars of the simulated market, files of bars, and the command line as a person meets it."""

from __future__ import annotations

import atexit
import csv
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from vigie.data.frames import to_frame
from vigie.domain.bar import Bars
from vigie.domain.ids import SeriesId
from vigie.domain.time import iso, parse_time
from vigie.views.cli import main
from vigie.wiring.data import open_data
from vigie_sandbox.market import SimulatedMarket, simulate_market

VENUE = "simulated-perp"
ASSETS = ("BTC", "ETH", "BNB", "SOL", "XRP", "AVAX", "DOGE")
FIVE = "macd_cross,rsi_reversion,ema_cross,bollinger_squeeze,adx_trend"
TIMEFRAMES = ("1h", "4h", "1d")
START = "2022-01-01"
DAYS = 320


@cache
def market() -> SimulatedMarket:
    """Seven assets, hourly, for `DAYS` days; always the same."""
    return simulate_market(5, ASSETS, parse_time(START), DAYS * 24, "1h")


@cache
def _stored_once() -> Path:
    home = Path(mkdtemp(prefix="vigie-stored-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    desk = open_data(home)
    for asset in market().assets:
        for timeframe in TIMEFRAMES:
            bars = market().bars(asset, timeframe)
            desk.bars.upsert(SeriesId(VENUE, bars.instrument, timeframe), to_frame(bars))
    return home


def store_bars(home: Path) -> None:
    """Put the bars of seven simulated assets into a home folder."""
    shutil.copytree(_stored_once() / "bars", home / "bars")


def write_instruments(path: Path) -> Path:
    """Write the simulated venue's rules as the file that `--instruments` reads."""
    lines = ["symbol,tick,lot,min_qty,min_notional,max_leverage,maintenance_rate"]
    for asset in market().assets.values():
        rules = asset.rules
        lines.append(
            f"{asset.ticker}USDT,{rules.tick},{rules.lot},{rules.lot},5,{rules.max_leverage:g},0.005"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_bars(path: Path, bars: Bars) -> Path:
    """Write bars as CSV with full precision."""
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    rows = [",".join([iso(int(ts)), *(repr(float(c[i])) for c in columns)]) for i, ts in enumerate(bars.ts)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["timestamp,open,high,low,close,volume", *rows]) + "\n", encoding="utf-8")
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read a CSV as dicts of text."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


Vigie = Callable[..., Answer]


def command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Vigie:
    """Return a function that runs `vigie ARGS` in this process as the installed command does."""

    def vigie(*args: str | Path) -> Answer:
        capsys.readouterr()
        words = [str(arg) for arg in args]
        monkeypatch.setattr(sys, "argv", ["vigie", *words])
        code = 0
        try:
            main.run()
        except SystemExit as leave:
            code = leave.code if isinstance(leave.code, int) else int(leave.code is not None)
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return vigie


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the content of every file in a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def same(paths: Sequence[Path]) -> bool:
    """Tell whether folders hold the same files, byte for byte."""
    first, *others = (files_of(path) for path in paths)
    return all(other == first for other in others)
