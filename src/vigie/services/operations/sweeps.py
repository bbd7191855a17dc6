"""Sweeps in the desk: order one, read what it found, and the map of its scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.home import HomeFolder, IsSimulated
from vigie.ports.jobs import JobQueue
from vigie.ports.runs import RunIndex
from vigie.services.operation import Column, Origin, Table, operation
from vigie.services.operations.backtests import RunInput, RunRef, folder_of
from vigie.services.operations.jobs import JobResult, queue_job
from vigie.services.people.ownership import find_run
from vigie.services.refusal_text import RefusalText
from vigie.services.running.work import sweep as sweep_work
from vigie.services.runs import run_pages
from vigie.services.runs.features import FeatureWithoutValues
from vigie.services.runs.run_orders import OrderSources
from vigie.services.runs.run_tables import finite_number

SOURCE: Final = "Vigie sweep"
# Median of the neighbours over the best score: from here on the best stands on a plateau, or on a slope.
PLATEAU: Final = 0.7
SLOPE: Final = 0.3


class SweepVerdict(BaseModel):
    """Whether the best can be told from luck, with the numbers behind it."""

    is_luck: bool
    dsr: float | None
    pbo: float | None
    pbo_range: tuple[float, float] | None = None
    sharpe: float | None
    trials: int
    variants: int
    looks: int
    other_markets: int


class SweepPlateau(BaseModel):
    """The combinations one step around the best that were tried: a single peak is a likelier child of chance."""

    neighbours: int
    of: int
    median: float | None
    worst: float | None
    kind: Literal["plateau", "slope", "peak", ""]


class SweepDetails(RunRef):
    """What a sweep found."""

    job: str
    simulated: bool
    objective: str
    combinations: int
    refused: int
    refused_because: RefusalText
    trials_ever: int
    best: dict[str, Any]
    top: list[dict[str, Any]]
    names: list[str]
    plateau: SweepPlateau
    verdict: SweepVerdict
    has_map: bool
    order: dict[str, Any]
    empty_features: list[FeatureWithoutValues] = Field(
        default=[], description="Empty in sweeps of earlier versions."
    )


class SweepHeatmap(Table):
    """Scores over two parameters, everything else as in the best combination; a row a cell."""

    title: str
    objective: str
    down: str
    across: str
    values_down: list[Any]
    values_across: list[Any]
    scores: list[list[float | None]]
    best: tuple[int, int]


@operation("sweeps.start", scope="write", example={"strategies": "ema_cross", "assets": "bitcoin"})
def start_sweep(
    caller: Caller,
    params: sweep_work.SweepOrder,
    sources: OrderSources,
    jobs: JobQueue,
    accounts: UserStore,
    audit: AuditLog,
) -> JobResult:
    """Order a sweep over the parameters of one strategy; it runs as a job and goes on after a restart."""
    sweep_work.check_sweep(sources, params)
    return queue_job(jobs, accounts, audit, caller, sweep_work.KIND, params)


@operation("sweeps.get", example={"run": "r0"})
def get_sweep(
    caller: Caller,
    params: RunInput,
    runs: RunIndex,
    accounts: UserStore,
    home: HomeFolder,
    is_simulated: IsSimulated,
) -> SweepDetails:
    """Show what a sweep found: the best, what lies around it, and whether it can be told from luck."""
    run = find_run(runs, accounts, caller, params.run, "sweep")
    record = run_pages.read_json(folder_of(home, run) / "sweep.json")
    verdict, best = record["verdict"], record["best"]
    return SweepDetails(
        id=run.id, title=run.title, kind=run.kind, ts_created=run.ts_created, job=run.job,
        simulated=is_simulated or record["simulated"], objective=record["objective"],
        combinations=record["run"], refused=record["refused"], refused_because=record["refused_because"],
        trials_ever=record["trials_ever"], best=best, top=record["top"], names=list(best["params"]),
        plateau=_sweep_plateau(record["plateau"]), has_map=bool(run.summary.get("heat")), order=run.ask,
        empty_features=record.get("empty_features", []),
        verdict=SweepVerdict(
            is_luck=verdict["is_luck"], dsr=finite_number(verdict["dsr"]), pbo=finite_number(verdict["pbo"]),
            pbo_range=_parse_range(verdict.get("pbo_range")),
            sharpe=finite_number(verdict["sharpe"]), trials=verdict["trials"],
            # Kept sweeps of earlier versions do not tell them.
            variants=verdict.get("variants", 0), looks=verdict.get("looks", 0),
            other_markets=verdict.get("other_markets", 0),
        ),
    )  # fmt: skip


def _parse_range(stored: list[float | None] | None) -> tuple[float, float] | None:
    # Sweeps of before have none; where the PBO is not known, neither is its range.
    low, high = stored or (None, None)
    return None if low is None or high is None else (low, high)


@operation("sweeps.best", example={"run": "r0"})
def list_best(
    caller: Caller,
    params: RunInput,
    runs: RunIndex,
    accounts: UserStore,
    home: HomeFolder,
    is_simulated: IsSimulated,
) -> Table:
    """List the ten best combinations of a sweep with their scores, the best first."""
    run = find_run(runs, accounts, caller, params.run, "sweep")
    sweep = get_sweep(caller, params, runs, accounts, home, is_simulated)
    columns = [
        *(Column(name=name, title=name, definition="Parameter.") for name in sweep.names),
        Column(name="score", title="Score", unit="ratio", definition=f"By {sweep.objective}.", source=SOURCE),
        Column(name="trades", title="Trades", unit="count", source=SOURCE),
    ]
    rows = [{column.name: row.get(column.name) for column in columns} for row in sweep.top]
    origins = [Origin(source=f"{SOURCE} {run.id}", ts_known=run.ts_created)]
    return Table(columns=columns, rows=rows, origins=origins, total=len(rows))


def _sweep_plateau(stored: Mapping[str, Any]) -> SweepPlateau:
    ratio = finite_number(stored["ratio"])
    kind: Literal["plateau", "slope", "peak", ""] = ""
    if ratio is not None:
        kind = "plateau" if ratio >= PLATEAU else "slope" if ratio >= SLOPE else "peak"
    return SweepPlateau(
        neighbours=stored["neighbours"], of=stored["of"], median=finite_number(stored["median"]),
        worst=finite_number(stored["worst"]), kind=kind,
    )  # fmt: skip


@operation("backtests.heatmap", example={"run": "r0"})
def read_sweep_heatmap(caller: Caller, params: RunInput, runs: RunIndex, accounts: UserStore) -> SweepHeatmap:
    """Show the scores of a sweep over its two widest parameters."""
    run = find_run(runs, accounts, caller, params.run, "sweep")
    heat = run.summary.get("heat")
    if not heat:
        raise NotFound(
            "sweep_varied_fewer_two_parameters",
            "this sweep varied fewer than two parameters, so it has no map",
        )
    down, across, scores = heat["down"], heat["across"], heat["scores"]
    objective = run.summary["objective"]
    rows = [
        {
            down: row,
            across: column,
            "score": finite_number(scores[row_index][column_index]),
            "is_best": [row_index, column_index] == heat["best"],
        }
        for row_index, row in enumerate(heat["rows"])
        for column_index, column in enumerate(heat["columns"])
    ]
    columns = [
        Column(name=down, title=down),
        Column(name=across, title=across),
        Column(name="score", title="Score", unit="ratio", definition=objective, source=SOURCE),
        Column(name="is_best", title="Best"),
    ]
    return SweepHeatmap(
        columns=columns, rows=rows, total=len(rows),
        origins=[Origin(source=f"{SOURCE} {run.id}", ts_known=run.ts_created)], title=run.title,
        objective=objective, down=down, across=across, values_down=heat["rows"],
        values_across=heat["columns"], scores=[[finite_number(value) for value in row] for row in scores],
        best=(heat["best"][0], heat["best"][1]),
    )  # fmt: skip
