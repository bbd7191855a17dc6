"""What a person or agent may ask of the installation: is this machine fit to run Vigie, and if not, what cures it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import metadata, util
from pathlib import Path
from typing import Final, Literal

from vigie.compiled import cache_folder
from vigie.data.stores import DataStores
from vigie.domain.account import AccountSettings, Protections
from vigie.domain.bar import BAR_COLUMNS
from vigie.domain.errors import ConfigError, StorageError, VigieError
from vigie.domain.time import DAY_MS, HOUR_MS, SECOND_MS
from vigie.engine.run import execute
from vigie.ports.clock import Clock
from vigie.ports.sentiment_model import SentimentModel
from vigie.services.judging.signal_reading import signal_at
from vigie.services.judging.strategies import list_strategies
from vigie.services.runs.simulated import simulated_market, simulated_plans

Status = Literal["ok", "warning", "fail"]

OLDEST_PYTHON: Final = (3, 11)
NEWEST_PYTHON: Final = (3, 13)
GIGABYTE: Final = 1024**3
MEGABYTE: Final = 1024**2
STALE_MS: Final = 2 * DAY_MS
WARM_BARS: Final = 250
_HEADLINE: Final = "Regulator approves a Bitcoin fund"
# Extra, the package that it brings, what it is for.
EXTRAS: Final = (
    ("live", "ccxt", "public price history of venues"),
    ("ml", "optuna", "parameter search beyond grids (Optuna)"),
    ("dask", "distributed", "sweeps on a cluster"),
    ("apprise", "apprise", "alerts through Apprise services"),
)
# The two compiled loops without which a backtest first has to compile.
_LOOPS: Final = ("run_isolated", "run_portfolio")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at; the cure is empty where it is well."""

    check: str
    status: Status
    detail: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """The figures of a machine that matter."""

    python: tuple[int, int, int]
    cores: int
    memory_bytes: int
    memory_free_bytes: int


def read_machine() -> Machine:
    """Read this machine's figures."""
    import psutil

    memory = psutil.virtual_memory()
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(sys.version_info[:3], usable, int(memory.total), int(memory.available))


def examine(
    data_stores: DataStores,
    home: Path,
    *,
    machine: Machine | None = None,
    cache: Path | None = None,
    own: Path | None = None,
    language: Callable[[], SentimentModel | None] = lambda: None,
) -> list[Diagnosis]:
    """Look at everything that Vigie needs.

    Parameters
    ----------
    data_stores : DataStores
        Stores and clock.
    home : Path
        The home folder; nothing is created.
    machine : Machine, optional
        By default this one.
    cache : Path, optional
        Folder of compiled code, by default that of these sources.
    own : Path, optional
        A person's own strategies.
    language : callable
        Opens the language model that the settings name, if any; it is asked about one headline.

    Returns
    -------
    list of Diagnosis
        In the order a person would look.
    """
    figures = machine or read_machine()
    return [
        _python(figures),
        _cores(figures),
        _memory(figures),
        _disk(home),
        _home(home),
        _data(data_stores),
        _kernel(cache or cache_folder()),
        _strategies(own),
        *(_extra(*extra) for extra in EXTRAS),
        *_language(language),
    ]


def is_fit(diagnoses: Sequence[Diagnosis]) -> bool:
    """Tell whether nothing fails."""
    return not any(diagnosis.status == "fail" for diagnosis in diagnoses)


def _python(machine: Machine) -> Diagnosis:
    version = ".".join(map(str, machine.python))
    supported = f"Python {_format_version(OLDEST_PYTHON)} to {_format_version(NEWEST_PYTHON)}"
    if machine.python[:2] < OLDEST_PYTHON:
        return Diagnosis("python", "fail", version, f"install {supported}, then create the environment again")
    if machine.python[:2] > NEWEST_PYTHON:
        return Diagnosis(
            "python", "warning", f"{version}, not tested", f"use {supported} if something does not work"
        )
    return Diagnosis("python", "ok", version)


def _format_version(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _cores(machine: Machine) -> Diagnosis:
    if machine.cores < 2:
        return Diagnosis("cores", "warning", "1 core", "sweeps use all cores: give the machine two or more")
    return Diagnosis("cores", "ok", f"{machine.cores} cores")


def _memory(machine: Machine) -> Diagnosis:
    detail = f"{_size(machine.memory_free_bytes)} free of {_size(machine.memory_bytes)}"
    cure = "close other programs, or run fewer bars at once with --last"
    if machine.memory_free_bytes < 256 * MEGABYTE:
        return Diagnosis("memory", "fail", detail, cure)
    if machine.memory_free_bytes < GIGABYTE:
        return Diagnosis("memory", "warning", detail, cure)
    return Diagnosis("memory", "ok", detail)


def _disk(home: Path) -> Diagnosis:
    free = shutil.disk_usage(_nearest(home)).free
    detail = f"{_size(free)} free at {home}"
    cure = "free some space, or set VIGIE_HOME to a folder with space"
    if free < 100 * MEGABYTE:
        return Diagnosis("disk", "fail", detail, cure)
    return Diagnosis("disk", "warning", detail, cure) if free < GIGABYTE else Diagnosis("disk", "ok", detail)


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    return next(candidate for candidate in (folder, *folder.parents) if candidate.exists())


def _home(home: Path) -> Diagnosis:
    place = _nearest(home)
    cure = f"make {place} writable for you, or set VIGIE_HOME to another folder"
    try:
        with tempfile.TemporaryFile(dir=place) as probe:
            probe.write(b"vigie")
    except OSError as fault:
        return Diagnosis("home", "fail", f"{home} cannot be written: {fault.strerror or fault}", cure)
    return Diagnosis("home", "ok", f"{home}" + ("" if place == home else ", created when first needed"))


def _data(data_stores: DataStores) -> Diagnosis:
    try:
        holdings = data_stores.bars.holdings()
        newest = 0
        for holding in holdings:
            tail = data_stores.bars.read(holding.series, last=1)[BAR_COLUMNS[0]].to_physical()
            newest = max([newest, *(int(ts) + holding.series.span_ms for ts in tail)])
    except StorageError as fault:
        return Diagnosis(
            "data", "fail", str(fault), "run vigie data check to find the file; import or fetch it again"
        )
    if not holdings:
        cure = "vigie data import PATH, or vigie data fetch bitget-perp BTC ETH --timeframe 1d"
        return Diagnosis("data", "warning", "no bars are stored", cure)
    age = data_stores.clock.market_now() - newest
    detail = f"{len(holdings)} series, {_size(sum(item.size_bytes for item in holdings))}, newest bar {_age(age)} old"
    if age > STALE_MS:
        return Diagnosis("data", "warning", detail, "for today's bars: vigie data fetch VENUE SYMBOL")
    return Diagnosis("data", "ok", detail)


def _kernel(folder: Path) -> Diagnosis:
    place = _nearest(folder)
    if not os.access(place, os.W_OK):
        cure = "set VIGIE_CACHE_DIR to a folder you can write to"
        return Diagnosis("kernel cache", "fail", f"{folder} cannot be written", cure)
    compiled = list(folder.rglob("*.nbi")) if folder.is_dir() else []
    older = (
        [path for path in folder.parent.glob("kernel-*") if path != folder] if folder.parent.is_dir() else []
    )
    remark = f"; {len(older)} of other versions next to it, {_size(_total_size(older))}" if older else ""
    missing = [loop for loop in _LOOPS if not any(f".{loop}-" in path.name for path in compiled)]
    if missing:
        detail = f"{len(compiled)} functions compiled in {folder}{remark}"
        cure = (
            "run vigie doctor --warm to compile everything now; otherwise the first run does, in a few "
            "seconds"
        )
        return Diagnosis("kernel cache", "warning", detail, cure)
    size = _size(_total_size([folder]))
    return Diagnosis(
        "kernel cache", "ok", f"{len(compiled)} functions of these sources, {size} in {folder}{remark}"
    )


def _total_size(folders: Sequence[Path]) -> int:
    return sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file())


def _strategies(own_folder: Path | None) -> Diagnosis:
    lines = list_strategies(own_folder)
    broken = [line for line in lines if line.problem]
    if broken:
        detail = "; ".join(line.problem for line in broken[:2])
        return Diagnosis("strategies", "warning", detail, f"vigie strategy check {broken[0].path}")
    own_count = sum(line.is_own for line in lines)
    return Diagnosis("strategies", "ok", f"{len(lines) - own_count} built-in, {own_count} own")


def _extra(extra: str, package: str, purpose: str) -> Diagnosis:
    if util.find_spec(package) is None:
        cure = f"for {purpose}, run `make install` in the checkout, or `pip install 'vigie[{extra}]'`"
        return Diagnosis(package, "warning", "not installed", cure)
    return Diagnosis(package, "ok", f"{metadata.version(package)}: {purpose}")


def _language(language: Callable[[], SentimentModel | None]) -> list[Diagnosis]:
    try:
        model = language()
        if model is None:
            return []
        model.sentiments([_HEADLINE])
    except ConfigError as fault:
        return [Diagnosis("settings", "warning", str(fault), "correct the setting it names")]
    except VigieError as fault:
        cure = (
            "check language_model in vigie.toml, its address and key; until then, Vigie's built-in model "
            "rates the news"
        )
        return [Diagnosis("language", "warning", str(fault), cure)]
    return [Diagnosis("language", "ok", f"{model.name} rates news sentiment")]


def compile_all(clock: Clock) -> float:
    """Compile everything that backtests and signals need, by running small ones on simulated bars.

    Parameters
    ----------
    clock : Clock
        The wall hand is read.

    Returns
    -------
    float
        Seconds it took.
    """
    start_ts = clock.wall_now()
    compile_backtests()
    return (clock.wall_now() - start_ts) / SECOND_MS


def compile_backtests() -> None:
    """Trade every strategy on simulated bars, in each kind of account, and read what it says at the end."""
    market = simulated_market(0, WARM_BARS)
    for account in (
        AccountSettings(),
        AccountSettings(protections=Protections()),
        AccountSettings(mode="portfolio"),
    ):
        plans = [replace(plan, account=account) for plan in simulated_plans(market, account, WARM_BARS)]
        run = execute(plans, account)
        for slot in run.slots:
            signal_at(slot, len(slot.plan.bars) - 1)


def _size(size_bytes: float) -> str:
    if size_bytes >= GIGABYTE:
        return f"{size_bytes / GIGABYTE:,.1f} GB"
    return f"{size_bytes / MEGABYTE:,.1f} MB"


def _age(age_ms: int) -> str:
    if age_ms < STALE_MS:
        return f"{max(age_ms, 0) / HOUR_MS:,.1f} h"
    return f"{age_ms // DAY_MS:,} d"
