"""`vigie work`: queued jobs, alerts, setups and plans; by itself or in the process of another part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vigie.adapters.heartbeat import ProcessHeartbeat
    from vigie.services.running.job_process import StartJobProcess
    from vigie.services.running.worker import Worker
    from vigie.views.cli.part_runtime import PartRuntime


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(work)


def work(
    hand: Annotated[bool, typer.Option("--hand", hidden=True, help="Compute for a worker.")] = False,
) -> None:
    """Run queued jobs (backtests, sweeps, imports), send alerts and follow the setups of accounts.

    [bold]Example[/bold]: vigie work
    """
    import signal

    from vigie.adapters.memory_trim import make_trim, trim_periodically
    from vigie.services.running.job_process import serve as serve_worker
    from vigie.services.running.process_tree import end_with_parent
    from vigie.views.cli.part_runtime import run_part
    from vigie.views.cli.preloading import forking
    from vigie.wiring.web import open_worker_context

    if hand:
        with trim_periodically(make_trim()):
            serve_worker(open_worker_context())
        return
    with (
        forking() as begin,
        run_part("work") as runtime,
        open_worker(begin, runtime, runtime.heartbeat) as worker,
    ):
        for signal_ in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_, lambda *_: worker.stop())
        end_with_parent(worker.stop)
        runtime.say("ready")
        runtime.heartbeat.report_ready()
        worker.run()
        runtime.heartbeat.report_stopping()


@contextmanager
def open_worker(
    begin: StartJobProcess | None,
    runtime: PartRuntime,
    heartbeat: ProcessHeartbeat,
    on_first_rest: Callable[[], bool] | None = None,
) -> Iterator[Worker]:
    """Give what works off the queue, ready to run; alerts go out, setups and plans are followed until the block ends.

    Parameters
    ----------
    begin : callable or None
        Begins the processes of its jobs, see `preloading.forking`.
    runtime : PartRuntime
        Of the part that it is in.
    heartbeat : ProcessHeartbeat
        Of the worker.
    on_first_rest : callable, optional
        See `Worker`.
    """
    from vigie.services.alerting.delivery_worker import DeliveryWorker
    from vigie.services.alerting.watching.watcher import AlertWatcher
    from vigie.services.demo_world import is_crowded
    from vigie.services.learning.shadow import ShadowFollower
    from vigie.services.learning.training import TrainingHome
    from vigie.services.needs import provide
    from vigie.services.plans.following import PlanFollower
    from vigie.services.plans.plan_sources import PlanSources
    from vigie.services.running.beside import running_beside
    from vigie.services.running.worker import Worker
    from vigie.services.setups.following import SetupFollower
    from vigie.services.trading.account_plans.trading_stores import TradingStores
    from vigie.wiring.web import open_worker_context

    app_context = open_worker_context()
    stores = provide(app_context, TradingStores)
    watcher = AlertWatcher(app_context, say=runtime.write)
    with (
        running_beside(DeliveryWorker(app_context, say=runtime.write), "vigie-delivery-worker"),
        running_beside(watcher, "vigie-watcher"),
        running_beside(SetupFollower(stores, app_context.setups, runtime.write), "vigie-setups"),
        running_beside(
            ShadowFollower(provide(app_context, TrainingHome), app_context.jobs, runtime.write),
            "vigie-shadow",
        ),
        running_beside(PlanFollower(provide(app_context, PlanSources), runtime.write), "vigie-plans"),
    ):
        home = app_context.home
        yield Worker(
            app_context, begin=begin, beat=heartbeat.beat, is_crowded=lambda: is_crowded(home),
            on_first_rest=on_first_rest,
        )  # fmt: skip
