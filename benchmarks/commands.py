"""What a person starts and waits for, process start included: a backtest, an import, a call, the help."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks import market

IMPORTED = 2_600_000


class Command(NamedTuple):
    """A command with the folders it uses.

    Attributes
    ----------
    fresh : tuple of Path
        Folders that are emptied before each round.
    """

    name: str
    words: tuple[str, ...]
    environ: Mapping[str, str]
    fresh: tuple[Path, ...]


def shared_folder() -> Path:
    """Where real bars lie, if they do."""
    beside = Path(__file__).resolve().parent.parent.parent / "shared"
    return Path(os.environ.get("VIGIE_SHARED", beside))


def has_real_bars() -> bool:
    """Tell whether the real bars of the 35-slot table are there."""
    return (shared_folder() / "data" / "market" / "binance-perp").is_dir()


def bar_files(folder: Path, walks: Mapping[str, market.Walk], bars: int) -> list[Path]:
    """Write histories as Parquet files; return their paths."""
    return [
        write_bars(folder / f"{asset.upper()}USDT-1h.parquet", walk, bars) for asset, walk in walks.items()
    ]


def write_bars(path: Path, walk: market.Walk, bars: int) -> Path:
    """Write the first bars of a history as Parquet or CSV."""
    import polars as pl

    columns = dict(
        zip(("timestamp", *walk._fields[1:6]), (column[:bars] for column in walk[:6]), strict=True)
    )
    frame = pl.DataFrame(columns)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return path


def commands(folder: Path, environ: Mapping[str, str]) -> Iterator[Command]:
    """Yield what is timed: W6 on one slot and on 35, W7 from Parquet and from CSV."""
    home, cache = folder / "home", folder / "cache"
    files = [str(path) for path in bar_files(folder / "bars", market.account(), bars=1_500)]
    base = {**environ, "VIGIE_HOME": str(home), "VIGIE_CACHE_DIR": str(cache)}
    backtest = ("backtest", "--out", str(folder / "out"))
    one = (*backtest, "--bars", files[0], "--strategy", "ema_cross")
    many = (
        *backtest,
        *(word for name in files for word in ("--bars", name)),
        "--strategy",
        ",".join(market.STRATEGIES),
    )
    for name, words in (("W6", one), ("W6, 35 slots", many)):
        yield Command(f"{name}, empty caches", words, base, (home, cache))
        yield Command(f"{name}, filled caches", words, base, ())
    walk = market.minutes()
    for suffix in ("parquet", "csv"):
        path = write_bars(folder / suffix / "binance-perp" / f"BTCUSDT-1m.{suffix}", walk, IMPORTED)
        kind = {"parquet": "Parquet", "csv": "CSV"}[suffix]
        yield Command(f"W7, {kind}", ("data", "import", str(path)), base, (home,))


def starts(folder: Path, environ: Mapping[str, str]) -> Iterator[Command]:
    """Yield what is timed as W8: the version, the help, and an operation that reads of an empty home."""
    base = {**environ, "VIGIE_HOME": str(folder / "home-8"), "VIGIE_CACHE_DIR": str(folder / "cache")}
    for words in (("--version",), ("--help",), ("call", "watchlists.list")):
        yield Command(f"W8, vigie {' '.join(words)}", words, base, ())


def whole_runs(folder: Path, environ: Mapping[str, str]) -> Iterator[Command]:
    """Yield the 35-slot backtest with filled caches, on simulated bars and on real ones where they are."""
    base = {**environ, "VIGIE_HOME": str(folder / "home-35")}
    files = [
        word
        for path in bar_files(folder / "bars-35", market.account(), bars=1_500)
        for word in ("--bars", str(path))
    ]
    asked = ("backtest", "--out", str(folder / "out-35"), "--strategy", ",".join(market.STRATEGIES))
    yield Command("simulated bars", (*asked, *files), base, ())
    if not has_real_bars():
        return
    shared = shared_folder()
    timed(Command("import", ("data", "import", str(shared / "data" / "market" / "binance-perp")), base, ()))
    symbols = ",".join(asset.upper() for asset in market.ASSETS)
    rules = str(shared / "cases" / "instruments.csv")
    real = (
        "--venue",
        "binance-perp",
        "--symbols",
        symbols,
        "--timeframe",
        "native",
        "--last",
        "1500",
        "--instruments",
        rules,
    )
    yield Command("real bars", (*asked, *real), base, ())


def timed(command: Command) -> float:
    """Run a command once; return its milliseconds."""
    for folder in command.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "vigie", *command.words],
        env=dict(command.environ), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    elapsed = (time.perf_counter() - started) * 1e3
    if done.returncode:
        raise RuntimeError(
            f"{command.name}: vigie {' '.join(command.words)} failed: {done.stderr.strip()[-500:]}"
        )
    return elapsed
