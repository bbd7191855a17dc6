"""Sweeps in the desk: order one, read what it found, and the map of its scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.services.desk.backtests import RunAsk, RunRef, find_run, folder_of, number
from vigie.services.desk.jobs import JobAnswer, order
from vigie.services.house import House
from vigie.services.operation import Column, Origin, Table, operation
from vigie.services.running.work import sweep as sweep_work
from vigie.services.runs import run_pages
from vigie.services.runs.features import EmptyFeature

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


class Plateau(BaseModel):
    """The combinations one step around the best that were tried: a single peak is a likelier child of chance."""

    neighbours: int
    of: int
    median: float | None
    worst: float | None
    kind: Literal["plateau", "slope", "peak", ""]


class Sweep(RunRef):
    """What a sweep found."""

    job: str
    simulated: bool
    objective: str
    combinations: int
    refused: int
    refused_because: str
    trials_ever: int
    best: dict[str, Any]
    top: list[dict[str, Any]]
    names: list[str]
    plateau: Plateau
    verdict: SweepVerdict
    has_map: bool
    order: dict[str, Any]
    empty_features: list[EmptyFeature] = Field(default=[], description="Empty in sweeps of earlier versions.")


class HeatMap(Table):
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
def start(house: House, caller: Caller, ask: sweep_work.SweepOrder) -> JobAnswer:
    """Order a sweep over the parameters of one strategy; it runs as a job and goes on after a restart."""
    sweep_work.check_sweep(house, ask)
    return order(house, caller, sweep_work.KIND, ask)


@operation("sweeps.get", example={"run": "r0"})
def get_sweep(house: House, caller: Caller, ask: RunAsk) -> Sweep:
    """Show what a sweep found: the best, what lies around it, and whether it can be told from luck."""
    run = find_run(house, caller, ask.run, "sweep")
    record = run_pages.read_json(folder_of(house, run) / "sweep.json")
    verdict, best = record["verdict"], record["best"]
    return Sweep(
        id=run.id, title=run.title, kind=run.kind, ts_created=run.ts_created, job=run.job,
        simulated=house.is_simulated or record["simulated"], objective=record["objective"],
        combinations=record["run"], refused=record["refused"], refused_because=record["refused_because"],
        trials_ever=record["trials_ever"], best=best, top=record["top"], names=list(best["params"]),
        plateau=_plateau(record["plateau"]), has_map=bool(run.summary.get("heat")), order=run.ask,
        empty_features=record.get("empty_features", []),
        verdict=SweepVerdict(
            is_luck=verdict["is_luck"], dsr=number(verdict["dsr"]), pbo=number(verdict["pbo"]),
            pbo_range=_range(verdict.get("pbo_range")),
            sharpe=number(verdict["sharpe"]), trials=verdict["trials"],
            # Kept sweeps of earlier versions do not tell them.
            variants=verdict.get("variants", 0), looks=verdict.get("looks", 0),
            other_markets=verdict.get("other_markets", 0),
        ),
    )  # fmt: skip


def _range(stored: list[float | None] | None) -> tuple[float, float] | None:
    # Sweeps of before have none; where the PBO is not known, neither is its range.
    low, high = stored or (None, None)
    return None if low is None or high is None else (low, high)


@operation("sweeps.best", example={"run": "r0"})
def list_best(house: House, caller: Caller, ask: RunAsk) -> Table:
    """List the ten best combinations of a sweep with their scores, the best first."""
    run = find_run(house, caller, ask.run, "sweep")
    found = get_sweep(house, caller, ask)
    columns = [
        *(Column(name=name, title=name, definition="Parameter.") for name in found.names),
        Column(name="score", title="Score", unit="ratio", definition=f"By {found.objective}.", source=SOURCE),
        Column(name="trades", title="Trades", unit="count", source=SOURCE),
    ]
    rows = [{column.name: row.get(column.name) for column in columns} for row in found.top]
    origins = [Origin(source=f"{SOURCE} {run.id}", ts_known=run.ts_created)]
    return Table(columns=columns, rows=rows, origins=origins, total=len(rows))


def _plateau(found: Mapping[str, Any]) -> Plateau:
    ratio = number(found["ratio"])
    kind: Literal["plateau", "slope", "peak", ""] = ""
    if ratio is not None:
        kind = "plateau" if ratio >= PLATEAU else "slope" if ratio >= SLOPE else "peak"
    return Plateau(
        neighbours=found["neighbours"], of=found["of"], median=number(found["median"]),
        worst=number(found["worst"]), kind=kind,
    )  # fmt: skip


@operation("backtests.heatmap", example={"run": "r0"})
def heatmap(house: House, caller: Caller, ask: RunAsk) -> HeatMap:
    """Show the scores of a sweep over its two widest parameters."""
    run = find_run(house, caller, ask.run, "sweep")
    heat = run.summary.get("heat")
    if not heat:
        raise NotFound("this sweep varied fewer than two parameters; there is no map of it")
    down, across, scores = heat["down"], heat["across"], heat["scores"]
    objective = run.summary["objective"]
    rows = [
        {down: row, across: column, "score": number(scores[i][j]), "is_best": [i, j] == heat["best"]}
        for i, row in enumerate(heat["rows"])
        for j, column in enumerate(heat["columns"])
    ]
    columns = [
        Column(name=down, title=down),
        Column(name=across, title=across),
        Column(name="score", title="Score", unit="ratio", definition=objective, source=SOURCE),
        Column(name="is_best", title="Best"),
    ]
    return HeatMap(
        columns=columns, rows=rows, total=len(rows),
        origins=[Origin(source=f"{SOURCE} {run.id}", ts_known=run.ts_created)], title=run.title,
        objective=objective, down=down, across=across, values_down=heat["rows"],
        values_across=heat["columns"], scores=[[number(value) for value in row] for row in scores],
        best=(heat["best"][0], heat["best"][1]),
    )  # fmt: skip
