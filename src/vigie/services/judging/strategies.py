"""What a person or agent may ask of strategies: list, describe, check against the contract, begin a new one."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criterion
from vigie.engine.run import judge
from vigie.ports.files import FileWriter
from vigie.services.caches.strategy_pages import CriterionLine, ParameterLine, StrategyLine, StrategyPage
from vigie.services.judging.strategy_contract import samples
from vigie.services.judging.strategy_contract.findings import ContractFinding, ContractReport, declared_warmup
from vigie.services.judging.strategy_contract.verify import CHECKS, ProgressCallback, check_contract
from vigie.services.runs.features import strategy_features
from vigie.trading import catalogue
from vigie.trading.loaded_strategy import Strategy
from vigie.trading.scaffold import templates
from vigie.trading.strategy import ATR_WINDOW

_SHOWN_BARS = 64


def list_strategies(own: Path | None = None, data_stores: DataStores | None = None) -> list[StrategyLine]:
    """Return every strategy, alphabetically; one that every run refuses is listed with the reason.

    Parameters
    ----------
    own : Path, optional
        A person's own folder; its files win over shipped ones of the same name.
    data_stores : DataStores, optional
        Where the series of connectors are known; without it features are judged by the form of their names.
    """
    return [_strategy_line(name, path, data_stores) for name, path in catalogue.available(own).items()]


def _strategy_line(name: str, path: Path, data_stores: DataStores | None) -> StrategyLine:
    is_own = path.parent != catalogue.SHIPPED
    replaces = is_own and (catalogue.SHIPPED / path.name).is_file()
    try:
        strategy = catalogue.load_file(path)
    except UsageError as fault:
        return StrategyLine(name, "", "", (), is_own, str(path), replaces, str(fault))
    features = _check_features(path, data_stores)
    problem = features.detail if features.status == "fail" else ""
    return StrategyLine(
        name,
        strategy.title,
        strategy.timeframe,
        _parameter_lines(strategy),
        is_own,
        str(path),
        replaces,
        problem,
    )


def _parameter_lines(strategy: Strategy) -> tuple[ParameterLine, ...]:
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


def declared_page(path: Path, data_stores: DataStores | None = None) -> StrategyPage:
    """Return what the file of a strategy declares; its criteria are not known before it judges bars.

    Raises
    ------
    UsageError
        If it cannot be loaded.
    """
    strategy = catalogue.load_file(path)
    warmup = declared_warmup(strategy, strategy.defaults())
    source = path.read_text(encoding="utf-8")
    line = _strategy_line(path.stem, path, data_stores)
    return StrategyPage(line, strategy.doc, warmup, warmup, (), source, is_judged=False)


def describe_strategy(
    target: str, own: Path | None = None, data_stores: DataStores | None = None
) -> StrategyPage:
    """Return everything about one strategy.

    Parameters
    ----------
    target : str
        A name, or a file.
    own : Path, optional
        A person's own folder.
    data_stores : DataStores, optional
        As in `list_strategies`.

    Raises
    ------
    UsageError
        If there is none, or it cannot be loaded or run.
    """
    path = find_strategy_file(target, own)
    declared = declared_page(path, data_stores)
    warmup = declared.warmup_bars
    strategy = catalogue.load_file(path)
    params = strategy.defaults()
    with np.errstate(all="ignore"):
        criteria = judge(strategy, samples.flat_bars(strategy.timeframe, _SHOWN_BARS, volume=1.0), params)
    exits = [("long exit", criteria.long_exit), ("short exit", criteria.short_exit)]
    shown_criteria = [("long", criterion) for criterion in criteria.long] + [
        ("short", criterion) for criterion in criteria.short
    ]
    shown_criteria += [(side, criterion) for side, criterion in exits if criterion is not None]
    has_levels = criteria.stop_distance is not None and criteria.target_distance is not None
    return replace(
        declared,
        first_decision=warmup if has_levels else max(warmup, ATR_WINDOW),
        criteria=tuple(_criterion_line(side, criterion) for side, criterion in shown_criteria),
        is_judged=True,
    )


def _criterion_line(side: str, criterion: Criterion) -> CriterionLine:
    return CriterionLine(
        side, criterion.name, criterion.required and "exit" not in side, criterion.weight, criterion.sense
    )


def find_strategy_file(target: str, own: Path | None = None) -> Path:
    """Return the file of a strategy given by name or by path.

    Raises
    ------
    UsageError
        If there is none; the message lists the names.
    """
    path = Path(target).expanduser()
    if target.endswith(".py") or path.name != target:
        if not path.is_file():
            raise UsageError(
                "strategy_file_must_exist", "strategy file must exist, {path} does not", path=path
            )
        return path.resolve()
    files = catalogue.available(own)
    if target not in files:
        raise UsageError(
            "strategy_must_file",
            "strategy must be a file or one of {files}, was {target!r}",
            files=" ".join(files),
            target=target,
        )
    return files[target]


def create_strategy(name: str, folder: Path, write: FileWriter) -> list[Path]:
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
    texts = {folder / file: text for file, text in templates.render_files(name).items()}
    if name in catalogue.available():
        raise UsageError(
            "name_must_differ_built_strategies",
            "name must differ from the built-in strategies, was {name!r}; yours would hide it",
            name=name,
        )
    existing = [str(path) for path in texts if path.exists()]
    if existing:
        raise UsageError(
            "already_exist",
            "{existing} already exist; choose another name or remove them",
            existing=" ".join(existing),
        )
    for path, text in texts.items():
        write(path, text.encode())
    return list(texts)


def check_file(
    path: Path,
    *,
    data_stores: DataStores | None = None,
    seed: int = 0,
    report_progress: ProgressCallback | None = None,
    with_stored: bool = True,
    digest: str = "",
) -> ContractReport:
    """Hold a strategy's file to the contract on simulated bars, and on stored ones of its timeframe.

    Parameters
    ----------
    path : Path
        The file.
    data_stores : DataStores, optional
        Where stored bars are, and the clock for the speed; without it only simulated bars are used.
    seed : int
        Of the simulated markets and the cuts.
    report_progress : callable, optional
        Told the check, done, of.
    with_stored : bool
        Whether stored bars are used.
    digest : str
        SHA-256 that the content must have; empty where any will do.

    Returns
    -------
    ContractReport
        A file that cannot be loaded fails the check ``loads``.
    """
    try:
        strategy = catalogue.load_file(path, digest=digest)
        params = strategy.defaults()
        warmup = declared_warmup(strategy, params)
    except UsageError as fault:
        finding = ContractFinding(
            "loads", "fail", str(fault), "the file must define Params, TIMEFRAME, warmup and criteria"
        )
        names = ("features", *(name for name, _, _ in CHECKS))
        skipped = [
            ContractFinding(name, "skip", "not judged, because the file does not load") for name in names
        ]
        return ContractReport(path.stem, str(path), (finding, *skipped))
    histories = samples.simulated_samples(strategy.timeframe, warmup, seed=seed)
    if data_stores is not None and with_stored:
        histories += samples.stored_samples(data_stores, strategy.timeframe, warmup)
    wall = None if data_stores is None else data_stores.clock.wall_now
    report = check_contract(strategy, histories, seed=seed, report_progress=report_progress, wall=wall)
    loads = ContractFinding(
        "loads", "pass", f"{strategy.timeframe}, {len(fields(strategy.params))} parameters"
    )
    findings = (loads, _check_features(path, data_stores), *report.findings)
    return ContractReport(report.strategy, report.path, findings, report.samples)


def _check_features(path: Path, data_stores: DataStores | None) -> ContractFinding:
    """Every feature that the file reads exists."""
    try:
        names = (
            strategy_features(path)
            if data_stores is None
            else strategy_features(path, series=data_stores.series, facts=data_stores.facts)
        )
    except UsageError as fault:
        return ContractFinding(
            "features", "fail", str(fault), "name a feature that exists: docs/news.md, docs/sources.md"
        )
    return ContractFinding("features", "pass", ", ".join(names) or "reads bars only")
