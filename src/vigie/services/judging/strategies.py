"""What a person or agent may ask of strategies: list, describe, check against the contract, begin a new one."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criterion
from vigie.engine.run import judge
from vigie.ports.files import FileWriter
from vigie.services.judging.strategy_contract import samples
from vigie.services.judging.strategy_contract.court import CHECKS, Told, check_contract
from vigie.services.judging.strategy_contract.findings import ContractReport, Finding, declared_warmup
from vigie.services.runs.features import features_of
from vigie.trading import catalogue
from vigie.trading.scaffold import templates
from vigie.trading.strategy import ATR_WINDOW, Strategy

_SHOWN_BARS = 64


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """One parameter: its type, default, bounds, and what a search walks."""

    name: str
    kind: str
    default: float
    low: float
    high: float
    search: tuple[float, float]
    step: float


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """One criterion: the side it belongs to, whether an entry needs it, its weight in the score."""

    side: str
    name: str
    required: bool
    weight: float
    sense: str


@dataclass(frozen=True, slots=True)
class StrategyLine:
    """One strategy as listed.

    Attributes
    ----------
    is_own : bool
        From the person's own folder, not shipped.
    replaces : bool
        Whether it is own and hides a shipped one of the same name.
    problem : str
        Why every run refuses it (it cannot be loaded, or reads a feature that does not exist); empty where none does.
    """

    name: str
    title: str
    timeframe: str
    parameters: tuple[ParameterLine, ...]
    is_own: bool
    path: str
    replaces: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StrategyPage:
    """Everything about one strategy.

    Attributes
    ----------
    warmup_bars : int
        Bars before everything its criteria read is known, with the defaults.
    first_decision : int
        Index of the first bar that may decide, the stop's ATR included.
    source : str
        Text of the file.
    is_judged : bool
        Whether it judged bars: `criteria` and `first_decision` are known from then on.
    """

    line: StrategyLine
    doc: str
    warmup_bars: int
    first_decision: int
    criteria: tuple[CriterionLine, ...]
    source: str
    is_judged: bool = True


def list_strategies(own: Path | None = None, desk: DataStores | None = None) -> list[StrategyLine]:
    """Return every strategy, alphabetically; one that every run refuses is listed with the reason.

    Parameters
    ----------
    own : Path, optional
        A person's own folder; its files win over shipped ones of the same name.
    desk : DataStores, optional
        Where the series of connectors are known; without it features are judged by the form of their names.
    """
    return [_line(name, path, desk) for name, path in catalogue.available(own).items()]


def _line(name: str, path: Path, desk: DataStores | None) -> StrategyLine:
    is_own = path.parent != catalogue.SHIPPED
    replaces = is_own and (catalogue.SHIPPED / path.name).is_file()
    try:
        strategy = catalogue.load_file(path)
    except UsageError as fault:
        return StrategyLine(name, "", "", (), is_own, str(path), replaces, str(fault))
    features = _check_features(path, desk)
    problem = features.detail if features.status == "fail" else ""
    return StrategyLine(
        name, strategy.title, strategy.timeframe, _parameters(strategy), is_own, str(path), replaces, problem
    )


def _parameters(strategy: Strategy) -> tuple[ParameterLine, ...]:
    return tuple(
        ParameterLine(
            name=entry.name,
            kind=type(entry.default).__name__,
            default=entry.default,  # type: ignore[arg-type]  # the catalogue refuses fields without one
            low=entry.metadata["low"],
            high=entry.metadata["high"],
            search=entry.metadata["search"],
            step=entry.metadata["step"],
        )
        for entry in fields(strategy.params)
    )


def declared_page(path: Path, desk: DataStores | None = None) -> StrategyPage:
    """Return what the file of a strategy declares; its criteria are not known before it judges bars.

    Raises
    ------
    UsageError
        If it cannot be loaded.
    """
    strategy = catalogue.load_file(path)
    warmup = declared_warmup(strategy, strategy.defaults())
    source = path.read_text(encoding="utf-8")
    line = _line(path.stem, path, desk)
    return StrategyPage(line, strategy.doc, warmup, warmup, (), source, is_judged=False)


def describe(target: str, own: Path | None = None, desk: DataStores | None = None) -> StrategyPage:
    """Return everything about one strategy.

    Parameters
    ----------
    target : str
        A name, or a file.
    own : Path, optional
        A person's own folder.
    desk : DataStores, optional
        As in `list_strategies`.

    Raises
    ------
    UsageError
        If there is none, or it cannot be loaded or run.
    """
    path = find(target, own)
    declared = declared_page(path, desk)
    warmup = declared.warmup_bars
    strategy = catalogue.load_file(path)
    params = strategy.defaults()
    with np.errstate(all="ignore"):
        answer = judge(strategy, samples.flat(strategy.timeframe, _SHOWN_BARS, volume=1.0), params)
    exits = [("long exit", answer.long_exit), ("short exit", answer.short_exit)]
    shown = [("long", one) for one in answer.long] + [("short", one) for one in answer.short]
    shown += [(side, one) for side, one in exits if one is not None]
    has_levels = answer.stop_distance is not None and answer.target_distance is not None
    return replace(
        declared,
        first_decision=warmup if has_levels else max(warmup, ATR_WINDOW),
        criteria=tuple(_criterion(side, one) for side, one in shown),
        is_judged=True,
    )


def _criterion(side: str, one: Criterion) -> CriterionLine:
    return CriterionLine(side, one.name, one.required and "exit" not in side, one.weight, one.sense)


def find(target: str, own: Path | None = None) -> Path:
    """Return the file of a strategy given by name or by path.

    Raises
    ------
    UsageError
        If there is none; the message lists the names.
    """
    path = Path(target).expanduser()
    if target.endswith(".py") or path.name != target:
        if not path.is_file():
            raise UsageError(f"strategy file must exist, {path} does not")
        return path.resolve()
    files = catalogue.available(own)
    if target not in files:
        raise UsageError(f"strategy must be a file or one of {' '.join(files)}, was {target!r}")
    return files[target]


def create(name: str, folder: Path, write: FileWriter) -> list[Path]:
    """Write the file, the test and the page of a new strategy that keeps the contract already.

    Parameters
    ----------
    name : str
        Small letters, digits and _; no shipped strategy's name.
    folder : Path
        ``strategies`` below the home folder.
    write : FileWriter
        Writes whole files.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    UsageError
        If the name cannot be used or one of the files is there already; nothing is written then.
    """
    texts = {folder / file: text for file, text in templates.files_of(name).items()}
    if name in catalogue.available():
        raise UsageError(f"name must not be a shipped strategy's, was {name!r}; yours would hide it")
    there = [str(path) for path in texts if path.exists()]
    if there:
        raise UsageError(
            f"files must not exist yet, there is {' '.join(there)}; choose another name or remove them"
        )
    for path, text in texts.items():
        write(path, text.encode())
    return list(texts)


def check_file(
    path: Path,
    *,
    desk: DataStores | None = None,
    seed: int = 0,
    told: Told | None = None,
    with_stored: bool = True,
) -> ContractReport:
    """Hold a strategy's file to the contract on simulated bars, and on stored ones of its timeframe.

    Parameters
    ----------
    path : Path
        The file.
    desk : DataStores, optional
        Where stored bars are, and the clock for the speed; without it only simulated bars are used.
    seed : int
        Of the simulated markets and the cuts.
    told : callable, optional
        Told the check, done, of.
    with_stored : bool
        Whether stored bars are used.

    Returns
    -------
    ContractReport
        A file that cannot be loaded fails the check ``loads``.
    """
    try:
        strategy = catalogue.load_file(path)
        params = strategy.defaults()
        warmup = declared_warmup(strategy, params)
    except UsageError as fault:
        finding = Finding(
            "loads", "fail", str(fault), "the file must define Params, TIMEFRAME, warmup and criteria"
        )
        names = ("features", *(name for name, _, _ in CHECKS))
        skipped = [Finding(name, "skip", "not judged, because the file does not load") for name in names]
        return ContractReport(path.stem, str(path), (finding, *skipped))
    histories = samples.simulated(strategy.timeframe, warmup, seed=seed)
    if desk is not None and with_stored:
        histories += samples.stored(desk, strategy.timeframe, warmup)
    wall = None if desk is None else desk.clock.wall_now
    report = check_contract(strategy, histories, seed=seed, told=told, wall=wall)
    loads = Finding("loads", "pass", f"{strategy.timeframe}, {len(fields(strategy.params))} parameters")
    found = (loads, _check_features(path, desk), *report.findings)
    return ContractReport(report.strategy, report.path, found, report.samples)


def _check_features(path: Path, desk: DataStores | None) -> Finding:
    """Every feature that the file reads exists."""
    try:
        names = features_of(path) if desk is None else features_of(path, series=desk.series, facts=desk.facts)
    except UsageError as fault:
        return Finding(
            "features", "fail", str(fault), "name a feature that exists: docs/news.md, docs/sources.md"
        )
    return Finding("features", "pass", ", ".join(names) or "reads bars only")
