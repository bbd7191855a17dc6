"""What a person or agent may ask of finished runs: keep them, find them, compare them, ask why.

The request of every run is remembered under the home folder by its configuration hash, so that "why" can walk
through the same arrays again.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vigie.data.intake.form import FileForm
from vigie.domain.account import AccountSettings, Costs, Protections, Sizing
from vigie.domain.errors import UsageError
from vigie.domain.instrument import StatedRules
from vigie.engine.run import Run
from vigie.ports.trials import TrialRegistry
from vigie.quant.stats.verdict import Verdict
from vigie.research import confidence, files
from vigie.research.report import ReportChange, ReportNotes, render_report
from vigie.services.runs import backtest, identity
from vigie.services.runs.assumptions import assumptions, collect_fees
from vigie.services.runs.backtest_request import BacktestRequest, SlotRequest
from vigie.services.runs.features import FeatureWithoutValues, find_empty_features_of_run
from vigie.services.runs.folders import refuse_foreign_folder, refuse_mixed_folder
from vigie.services.runs.judged_markets import find_other_markets
from vigie.services.runs.shortfalls import (
    FineBarCoverage,
    SeriesGaps,
    ShortSlot,
    SkippedStrategy,
    find_fine_bar_coverage,
    find_series_gaps,
    find_short_slots,
)

WriteFiles = Callable[[Path, Mapping[str, bytes]], None]
LATEST = "latest"


@dataclass(frozen=True, slots=True, eq=False)
class SavedRun:
    """A run whose files are written.

    Attributes
    ----------
    folder : Path
        Where they are.
    record : dict
        What ``result.json`` holds.
    verdict : Verdict or None
        None where verdicts were not asked for.
    judged : str
        What the verdict is about.
    changes : tuple
        (what, before, now) since the last run of the same configuration; empty where nothing changed.
    is_first : bool
        Whether this configuration had not been run before.
    short_slots : tuple of ShortSlot
        Slots with too few bars for any decision.
    fine_bar_coverage : tuple of FineBarCoverage
        Series of which the finer bars that were asked for show some bars only.
    series_gaps : tuple of SeriesGaps
        Series of which bars are missing between those that were traded.
    empty_features : tuple of FeatureWithoutValues
        Features that strategies read and that have no value on the bars that were traded.
    """

    folder: Path
    record: dict[str, Any]
    verdict: Verdict | None
    judged: str
    changes: tuple[tuple[str, str, str], ...]
    is_first: bool
    short_slots: tuple[ShortSlot, ...] = ()
    fine_bar_coverage: tuple[FineBarCoverage, ...] = ()
    series_gaps: tuple[SeriesGaps, ...] = ()
    empty_features: tuple[FeatureWithoutValues, ...] = ()


def save_run(
    run: Run,
    request: BacktestRequest,
    folder: Path,
    *,
    runs_folder: Path,
    registry: TrialRegistry,
    write: WriteFiles,
    simulated: bool = False,
    language: str = "en",
    left_out: Sequence[SkippedStrategy] = (),
) -> SavedRun:
    """Judge a run, write its files, remember its request.

    Parameters
    ----------
    folder : Path
        Where the files go.
    runs_folder : Path
        Where requests are remembered.
    registry : TrialRegistry
        Counts this run's trials and tells how many there ever were.
    write : callable
        Writes a set of files together.
    left_out : sequence of SkippedStrategy
        Strategies that were asked for and did not run.
    """
    refuse_foreign_folder(folder)
    registry.record(identity.run_trials(run))
    trials = registry.count(identity.traded_series(run))
    # What was not checked may have seen the future, and what never traded has no result: neither is judged.
    verdict, judged = None, ""
    if run.checked and run.total.trades:
        verdict, judged = confidence.judge_run(run, trials=trials, seed=request.seed)
    costs = confidence.trade_costs(run)
    key = backtest.configuration_hash(request)
    record = files.result_record(
        run,
        configuration=backtest.backtest_configuration(request),
        configuration_hash=key,
        fingerprint=identity.fingerprint(run),
        version=backtest.package_version(),
        verdict=verdict,
        judged=judged,
        costs=costs,
        simulated=simulated,
    )
    short, finer, missing, empty = (
        find_short_slots(run),
        find_fine_bar_coverage(run),
        find_series_gaps(run),
        find_empty_features_of_run(run),
    )
    record["fees"] = collect_fees(run, request)
    record["left_out"] = [dataclasses.asdict(item) for item in left_out]
    record["too_short"] = [dataclasses.asdict(item) for item in short]
    record["partly_finer"] = [dataclasses.asdict(item) for item in finer]
    record["missing_bars"] = [dataclasses.asdict(item) for item in missing]
    record["empty_features"] = [dataclasses.asdict(item) for item in empty]
    if others := find_other_markets(slot.plan for slot in run.slots):
        record["other_markets"] = [dataclasses.asdict(item) for item in others]
    previous = _read_record(runs_folder / f"{key}.json")
    changes = diff_results(previous, record) if previous else ()
    saved = SavedRun(folder, record, verdict, judged, changes, previous is None, short, finer, missing, empty)
    notes = _report_notes(saved, run, request, is_simulated=simulated, left_out=left_out)
    contents = files.run_files(run, record, render_report(run, notes=notes, language=language))
    write(folder, contents)
    write(
        runs_folder,
        {
            f"{key}.json": contents["result.json"],
            f"{key}.request.json": json.dumps(request_to_plain(request)).encode(),
            LATEST: key.encode(),
        },
    )
    return saved


def _report_notes(
    saved: SavedRun,
    run: Run,
    request: BacktestRequest,
    *,
    is_simulated: bool,
    left_out: Sequence[SkippedStrategy],
) -> ReportNotes:
    """Return what the report of a run says beside its figures."""
    short, missing, empty = saved.short_slots, saved.series_gaps, saved.empty_features
    return ReportNotes(
        title="Backtest",
        is_simulated=is_simulated,
        settings={
            **assumptions(run, request),
            **({"left out": "; ".join(map(str, left_out))} if left_out else {}),
            **({"too few bars": "; ".join(map(str, short))} if short else {}),
            **({"missing bars": "; ".join(map(str, missing))} if missing else {}),
            **({"features without values": "; ".join(map(str, empty))} if empty else {}),
        },
        data_fingerprint=saved.record["data_fingerprint"],
        version=saved.record["version"],
        decision_hash=saved.record["decision_hash"],
        verdict=saved.verdict,
        verdict_on=saved.judged,
        # A first run and one that changed nothing say the same: equal runs give equal files.
        changes=tuple(ReportChange(*row) for row in saved.changes) or None,
        previous=saved.record["configuration_hash"],
        files=files.NAMES,
    )


def diff_results(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    """Return what differs between two results of one configuration, as (what, before, now)."""
    rows: list[tuple[str, str, str]] = []
    for what, label in (("version", "Vigie"), ("data_fingerprint", "data"), ("decision_hash", "decisions")):
        if before.get(what) != now.get(what):
            rows.append((label, str(before.get(what))[:16], str(now.get(what))[:16]))
    old, new = before.get("total", {}), now["total"]
    for what in ("trades", "total_return", "sharpe", "max_drawdown", "fees", "funding"):
        if old.get(what) != new.get(what):
            rows.append((what, _format_value(old.get(what)), _format_value(new.get(what))))
    return tuple(rows)


def _format_value(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _read_record(path: Path) -> dict[str, Any] | None:
    with suppress(OSError, ValueError):  # none, or damaged: then there is nothing to compare with
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return record
    return None


def request_to_plain(request: BacktestRequest) -> dict[str, Any]:
    """Return a request as JSON values with whole paths, to be read back by `request_from_plain`."""
    plain = dataclasses.asdict(backtest.resolve_paths(request))
    for name in ("instruments", "funding", "mark", "own_strategies"):
        plain[name] = str(plain[name]) if plain[name] else None
    plain["bars"] = [str(path) for path in plain["bars"]]
    plain["form"] = request.form.to_plain()
    return plain


def request_from_plain(plain: Mapping[str, Any]) -> BacktestRequest:
    """Read a request back."""
    values = dict(plain)
    account = values.pop("account")
    protections = account["protections"]
    values["account"] = AccountSettings(
        mode=account["mode"],
        costs=Costs(**account["costs"]),
        sizing=Sizing(**account["sizing"]),
        protections=Protections(**protections) if protections else None,
    )
    values["slots"] = tuple(
        SlotRequest(**{**slot, "require": tuple(slot.get("require", ()))}) for slot in values["slots"]
    )
    values["bars"] = tuple(Path(path) for path in values["bars"])
    values["form"] = FileForm.from_plain(values.get("form", {}))
    values["stated"] = tuple(StatedRules(**rules) for rules in values.get("stated", ()))
    for name in ("instruments", "funding", "mark", "own_strategies"):
        values[name] = Path(values[name]) if values[name] else None
    return BacktestRequest(**values)


def load_request(runs_folder: Path, which: str | None = None) -> BacktestRequest:
    """Return the request of a remembered run.

    Parameters
    ----------
    which : str, optional
        A configuration hash, or a folder with a ``result.json``; the latest run when left out.

    Raises
    ------
    UsageError
        If there is no such run.
    """
    if which is None:
        latest = runs_folder / LATEST
        if not latest.is_file():
            raise UsageError("no_run_saved_yet", "no run is saved yet; run `vigie backtest` first")
        which = latest.read_text(encoding="utf-8").strip()
    elif (Path(which) / "result.json").is_file():
        which = read_result(Path(which))["configuration_hash"]
    path = runs_folder / f"{which}.request.json"
    if not path.is_file():
        raise UsageError(
            "run_must_folder_result_json",
            "run must be a folder with a result.json, or a saved configuration, was {which!r}",
            which=which,
        )
    return request_from_plain(json.loads(path.read_text(encoding="utf-8")))


def load_bars_fingerprint(runs_folder: Path, which: str | None = None) -> str | None:
    """Return the fingerprint of the data of a remembered run; None where it is not known any more.

    Parameters
    ----------
    which : str, optional
        As in `load_request`.
    """
    if which is None:
        which = (runs_folder / LATEST).read_text(encoding="utf-8").strip()
    folder = Path(which)
    is_folder = (folder / "result.json").is_file()
    record = _read_record(folder / "result.json" if is_folder else runs_folder / f"{which}.json")
    return (record or {}).get("data_fingerprint")


def read_result(folder: Path) -> dict[str, Any]:
    """Read the ``result.json`` of a run's folder.

    Raises
    ------
    UsageError
        If the folder holds none, or files of two runs.
    """
    refuse_mixed_folder(folder)
    path = folder / "result.json"
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise UsageError(
            "must_folder_run_no", "{folder} must be the folder of a run, it has no result.json", folder=folder
        ) from fault
    except ValueError as fault:
        raise UsageError("file_damaged", "{path} is damaged: {fault}", path=path, fault=fault) from fault
    return record


def default_folder_name(request: BacktestRequest) -> str:
    """Return the folder name of a run without ``--out``: the same configuration overwrites its own result."""
    return f"backtest-{backtest.configuration_hash(request)}"


def is_simulated(run: Run) -> bool:
    """Tell whether any bars of a run are the simulated market's."""
    return any(slot.plan.bars.venue.startswith("simulated-") for slot in run.slots)
