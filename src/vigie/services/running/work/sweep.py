"""A sweep as a job: taken up again it goes on in its own folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar

from pydantic import Field

from vigie.ports.home import HomeFolder
from vigie.ports.runs import RunIndex
from vigie.research.files import to_json_value
from vigie.research.sweep.terrain import ScoreHeatMap
from vigie.services.running.work import Report
from vigie.services.runs.run_orders import OrderSources, RunOrder, check_order, order_to_request, run_title
from vigie.services.runs.stored_funding import add_stored_funding, remove_if_refused
from vigie.services.searches import sweeps

KIND: Final = "sweep"
MAX_COMBINATIONS: Final = 200_000

Task = TypeVar("Task")
Result = TypeVar("Result")


class SweepOrder(RunOrder):
    """One strategy, what is varied, and how combinations are chosen."""

    grid: str = Field(
        default="",
        max_length=2_000,
        description="`fast=5:60:5,slow=20:200:10`; empty: the strategy's own ranges.",
    )
    random: int | None = Field(default=None, ge=1, le=MAX_COMBINATIONS, description="Number of random tries.")
    tpe: int | None = Field(
        default=None, ge=1, le=20_000, description="Number of tries that learn from earlier ones."
    )
    objective: Literal["sharpe", "return", "calmar", "profit_factor"] = "sharpe"
    min_trades: int = Field(
        default=1, ge=1, le=10_000, description="Combinations with fewer trades rank last."
    )
    permutations: int = Field(
        default=0, ge=0, le=1_000, description="Repeat the search on shuffled histories."
    )


ASK = SweepOrder


class SequentialExecutor:
    """Does one task after the other in this thread: pages go on answering meanwhile."""

    def map(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Yield the answers in the order of the tasks."""
        return map(work, tasks)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to let go of."""


def sweep_request(sources: OrderSources, order: SweepOrder) -> sweeps.SweepRequest:
    """Turn an order into a request.

    Raises
    ------
    UsageError
        With what it was and what it may be.
    """
    return sweeps.make_sweep_request(
        order_to_request(sources, order),
        grid=order.grid or None,
        random=order.random,
        tpe=order.tpe,
        objective=order.objective,
        min_trades=order.min_trades,
        permutations=order.permutations,
    )


def check_sweep(sources: OrderSources, order: SweepOrder) -> None:
    """Refuse what cannot be run, as far as that is known without reading bars."""
    check_order(sources, order)
    sweep_request(sources, order)


def run(
    order: SweepOrder, report: Report, sources: OrderSources, runs: RunIndex, home: HomeFolder
) -> Mapping[str, Any]:
    """Run the sweep, or go on where its last worker was when it ended."""
    report(0.0, "loading bars")
    request = sweep_request(sources, order)
    name = f"runs/{KIND}-{report.job}"
    folder = home / name
    if order.funding:
        charged, lines = add_stored_funding(sources.results, sources.facts, request.backtest, folder)
        request = replace(request, backtest=charged)
        report(0.0, "loading bars", *lines)
    with remove_if_refused(folder):
        saved = sweeps.run_sweep(
            sources.data, request, folder, registry=sources.results.trials, write=sources.results.write,
            lock_folder=sources.results.hold, executor=SequentialExecutor(), progress=report.share(0.02, 0.95),
        )  # fmt: skip
    report(0.97, "judging and writing")
    record = saved.record
    best = record["best"]
    entry = runs.put(
        report.owner, KIND, title=run_title(order, request.backtest), folder=name,
        ask=order.model_dump(mode="json"), summary=_summary(record, saved.findings.heat),
        decision_hash=best["decision_hash"], job=report.job,
    )  # fmt: skip
    return {"run": entry.id, "combinations": record["run"], "best": best["params"]}


def _summary(record: Mapping[str, Any], heat: ScoreHeatMap | None) -> dict[str, Any]:
    best, slots = record["best"], record["best"]["slots"]
    names = "trades total_return max_drawdown sharpe profit_factor".split()
    summary: dict[str, Any] = to_json_value(
        {
            **{name: best.get(name, slots[0].get(name)) for name in names},
            "combinations": record["run"],
            "is_luck": record["verdict"]["is_luck"],
            "objective": record["objective"],
            "strategies": list(dict.fromkeys(slot["slot"].split("/")[2].partition("#")[0] for slot in slots)),
            "instruments": list(dict.fromkeys(slot["slot"].split("/")[0] for slot in slots)),
            "heat": None
            if heat is None
            else {
                "down": heat.down,
                "across": heat.across,
                "rows": list(heat.rows),
                "columns": list(heat.columns),
                "scores": heat.scores.tolist(),
                "best": list(heat.best),
            },
            "simulated": record["simulated"],
        }
    )
    return summary
