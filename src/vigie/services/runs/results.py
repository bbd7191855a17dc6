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
from typing import Any, Final

from vigie.data.intake.form import FileForm
from vigie.domain.account import AccountSettings, Costs, Protections, Sizing
from vigie.domain.errors import UsageError
from vigie.domain.instrument import FEES, StatedRules
from vigie.engine.run import Run
from vigie.ports.trials import TrialRegistry
from vigie.quant.stats.verdict import Verdict
from vigie.research import confidence, files
from vigie.research.report import ReportChange, ReportNotes, render_report
from vigie.services.runs import backtest, identity
from vigie.services.runs.asked import BacktestRequest, SlotRequest
from vigie.services.runs.charged_funding import funding_words
from vigie.services.runs.features import EmptyFeature, empty_of
from vigie.services.runs.folders import refuse_foreign, refuse_mixture
from vigie.services.runs.price_grid import LOT_WORTH
from vigie.services.runs.shortfalls import (
    Holes,
    LeftOut,
    PartlyFiner,
    TooShort,
    holes,
    partly_finer,
    too_short,
)

Writer = Callable[[Path, Mapping[str, bytes]], None]
LATEST = "latest"
# Where a fee came from that the run does not state.
SETTINGS: Final = "settings"
DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
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
    short : tuple of TooShort
        Slots with too few bars for any decision.
    finer : tuple of PartlyFiner
        Series of which the finer bars that were asked for show some bars only.
    holes : tuple of Holes
        Series of which bars are missing between those that were traded.
    empty : tuple of EmptyFeature
        Features that strategies read and that have no value on the bars that were traded.
    """

    folder: Path
    record: dict[str, Any]
    verdict: Verdict | None
    judged: str
    changes: tuple[tuple[str, str, str], ...]
    is_first: bool
    short: tuple[TooShort, ...] = ()
    finer: tuple[PartlyFiner, ...] = ()
    holes: tuple[Holes, ...] = ()
    empty: tuple[EmptyFeature, ...] = ()


def keep(
    run: Run,
    request: BacktestRequest,
    folder: Path,
    *,
    runs_folder: Path,
    registry: TrialRegistry,
    write: Writer,
    simulated: bool = False,
    language: str = "en",
    left_out: Sequence[LeftOut] = (),
) -> Kept:
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
    left_out : sequence of LeftOut
        Strategies that were asked for and did not run.
    """
    refuse_foreign(folder)
    registry.record(identity.trials_of(run))
    trials = registry.count(identity.traded_of(run))
    # What was not checked may have seen the future, and what never traded has no result: neither is judged.
    verdict, judged = None, ""
    if run.checked and run.total.trades:
        verdict, judged = confidence.judge_run(run, trials=trials, seed=request.seed)
    costs = confidence.trade_costs(run)
    key = backtest.configuration_hash(request)
    record = files.result_record(
        run,
        configuration=backtest.configuration(request),
        configuration_hash=key,
        fingerprint=identity.fingerprint(run),
        version=backtest.package_version(),
        verdict=verdict,
        judged=judged,
        costs=costs,
        simulated=simulated,
    )
    short, finer, missing, empty = too_short(run), partly_finer(run), holes(run), empty_of(run)
    record["fees"] = fees_of(run, request)
    record["left_out"] = [dataclasses.asdict(one) for one in left_out]
    record["too_short"] = [dataclasses.asdict(one) for one in short]
    record["partly_finer"] = [dataclasses.asdict(one) for one in finer]
    record["missing_bars"] = [dataclasses.asdict(one) for one in missing]
    record["empty_features"] = [dataclasses.asdict(one) for one in empty]
    before = _read_record(runs_folder / f"{key}.json")
    changes = changed(before, record) if before else ()
    notes = ReportNotes(
        title="Backtest",
        is_simulated=simulated,
        settings={
            **assumptions(run, request),
            **({"left out": "; ".join(map(str, left_out))} if left_out else {}),
            **({"too few bars": "; ".join(map(str, short))} if short else {}),
            **({"missing bars": "; ".join(map(str, missing))} if missing else {}),
            **({"features without values": "; ".join(map(str, empty))} if empty else {}),
        },
        data_fingerprint=record["data_fingerprint"],
        version=record["version"],
        decision_hash=record["decision_hash"],
        verdict=verdict,
        verdict_on=judged,
        # A first run and one that changed nothing say the same: equal runs give equal files.
        changes=tuple(ReportChange(*row) for row in changes) or None,
        previous=key,
        files=files.NAMES,
    )
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
    return Kept(folder, record, verdict, judged, changes, before is None, short, finer, missing, empty)


def assumptions(run: Run, request: BacktestRequest) -> dict[str, str]:
    """Return the settings of a run in words, in the order a reader wants them."""
    sizing, costs = run.account.sizing, run.account.costs
    grid = {
        slot.plan.slot.instrument: f"tick {slot.plan.versions[-1].tick}, lot {slot.plan.versions[-1].lot}"
        for slot in run.slots
    }
    return {
        "mode": run.account.mode,
        "capital": f"{sizing.capital:g} a slot" if run.account.mode == "isolated" else f"{sizing.capital:g}",
        "risk a trade": f"{sizing.risk_fraction:.2%} of equity between close and stop",
        "leverage": f"at most {sizing.leverage:g}",
        "stop and target": f"{sizing.stop_atr:g} and {sizing.target_atr:g} ATR(14)",
        "fees": fee_words(fees_of(run, request)),
        "slippage": f"{costs.slippage_bps:g} bps against us on every market order",
        "target": "market order when touched"
        if sizing.target_execution == "trigger"
        else "resting limit order",
        "time stop": f"{sizing.max_bars} bars" if sizing.max_bars else "none",
        "funding": funding_words(run, request),
        "finer bars": _finer_words(run, request),
        "protections": "on" if run.account.protections else "off",
        **_required(run),
        "grid": "; ".join(f"{name}: {text}" for name, text in grid.items()) + f" ({grid_source(request)})",
    }


def _finer_words(run: Run, request: BacktestRequest) -> str:
    if request.detail is None:
        return "none: stop before target inside a bar"
    some = ", ".join(map(str, partly_finer(run)))
    return request.detail + (f", only in {some}; in the others stop before target" if some else "")


def _required(run: Run) -> dict[str, str]:
    strategies = {slot.plan.strategy.name: slot.plan.strategy.require for slot in run.slots}
    words = [f"{name}: {', '.join(required)}" for name, required in strategies.items() if required]
    return {"required besides": "; ".join(words)} if words else {}


def fees_of(run: Run, request: BacktestRequest) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the fees of every instrument of a run and where each came from.

    Returns
    -------
    dict
        By instrument, then ``taker`` and ``maker``: its ``value`` and ``from``, one of ``options``, ``run file``,
        ``settings`` and ``default``.
    """
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for plan in (slot.plan for slot in run.slots):
        found[plan.slot.instrument] = {
            name: {
                "value": getattr(plan.costs, name),
                "from": SETTINGS if name in plan.own_fees else request.said_fees.get(name, DEFAULT),
            }
            for name in FEES
        }
    return found


def fee_words(fees: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Say what `fees_of` found: once what all instruments share, else instrument by instrument."""
    said = {
        name: ", ".join(f"{kind} {fee['value']:.4%} ({fee['from']})" for kind, fee in both.items())
        for name, both in fees.items()
    }
    alike = set(said.values())
    return alike.pop() if len(alike) == 1 else "; ".join(f"{name}: {text}" for name, text in said.items())


def grid_source(request: BacktestRequest) -> str:
    """Say where tick and lot come from."""
    if request.tick and request.lot:
        return "given with --tick and --lot"
    if request.bars and not request.instruments:
        tick = "given with --tick" if request.tick else "read off the prices of the file"
        chosen = f"a power of ten worth about {LOT_WORTH} quote at most at the median close"
        lot = "given with --lot" if request.lot else chosen
        return f"tick {tick}, lot {lot}"
    table = "pinned by --instruments" if request.instruments else "the venue's table"
    given = [f"--{name}" for name in ("tick", "lot") if getattr(request, name)]
    if given:
        return f"{table}, {given[0]} given"
    named = ((one.instrument, one.stated()) for one in request.stated)
    stated = "; ".join(f"{name}: {', '.join(rules)}" for name, rules in named if rules)
    return f"{table}; stated in the settings: {stated}" if stated else table


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    """Return what differs between two results of one configuration, as (what, before, now)."""
    rows: list[tuple[str, str, str]] = []
    for what, label in (("version", "Vigie"), ("data_fingerprint", "data"), ("decision_hash", "decisions")):
        if before.get(what) != now.get(what):
            rows.append((label, str(before.get(what))[:16], str(now.get(what))[:16]))
    old, new = before.get("total", {}), now["total"]
    for what in ("trades", "total_return", "sharpe", "max_drawdown", "fees", "funding"):
        if old.get(what) != new.get(what):
            rows.append((what, _short(old.get(what)), _short(new.get(what))))
    return tuple(rows)


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _read_record(path: Path) -> dict[str, Any] | None:
    with suppress(OSError, ValueError):  # none, or damaged: then there is nothing to compare with
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return loaded
    return None


def request_to_plain(request: BacktestRequest) -> dict[str, Any]:
    """Return a request as JSON values with whole paths, to be read back by `request_from_plain`."""
    plain = dataclasses.asdict(backtest.whole_paths(request))
    for name in ("instruments", "funding", "mark", "own_strategies"):
        plain[name] = str(plain[name]) if plain[name] else None
    plain["bars"] = [str(path) for path in plain["bars"]]
    plain["form"] = request.form.plain()
    return plain


def request_from_plain(plain: Mapping[str, Any]) -> BacktestRequest:
    """Read a request back."""
    given = dict(plain)
    account = given.pop("account")
    protections = account["protections"]
    given["account"] = AccountSettings(
        mode=account["mode"],
        costs=Costs(**account["costs"]),
        sizing=Sizing(**account["sizing"]),
        protections=Protections(**protections) if protections else None,
    )
    given["slots"] = tuple(
        SlotRequest(**{**slot, "require": tuple(slot.get("require", ()))}) for slot in given["slots"]
    )
    given["bars"] = tuple(Path(path) for path in given["bars"])
    given["form"] = FileForm.kept(given.get("form", {}))
    given["stated"] = tuple(StatedRules(**one) for one in given.get("stated", ()))
    for name in ("instruments", "funding", "mark", "own_strategies"):
        given[name] = Path(given[name]) if given[name] else None
    return BacktestRequest(**given)


def remembered(runs_folder: Path, which: str | None = None) -> BacktestRequest:
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
            raise UsageError("no run is remembered yet; run `vigie backtest` first")
        which = latest.read_text(encoding="utf-8").strip()
    elif (Path(which) / "result.json").is_file():
        which = read_result(Path(which))["configuration_hash"]
    path = runs_folder / f"{which}.request.json"
    if not path.is_file():
        raise UsageError(
            f"run must be a folder with a result.json or a remembered configuration, was {which!r}"
        )
    return request_from_plain(json.loads(path.read_text(encoding="utf-8")))


def remembered_bars(runs_folder: Path, which: str | None = None) -> str | None:
    """Return the fingerprint of the data of a remembered run; None where it is not known any more.

    Parameters
    ----------
    which : str, optional
        As in `remembered`.
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
    refuse_mixture(folder)
    path = folder / "result.json"
    try:
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise UsageError(f"{folder} must be the folder of a run, it has no result.json") from fault
    except ValueError as fault:
        raise UsageError(f"{path} is damaged: {fault}") from fault
    return loaded


def default_name(request: BacktestRequest) -> str:
    """Return the folder name of a run without ``--out``: the same configuration overwrites its own result."""
    return f"backtest-{backtest.configuration_hash(request)}"


def is_simulated(run: Run) -> bool:
    """Tell whether any bars of a run are the simulated market's."""
    return any(slot.plan.bars.venue.startswith("simulated-") for slot in run.slots)
