"""Where results of runs go, and where long work is done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vigie.adapters.executors.dask import DaskExecutor
from vigie.adapters.executors.threads import ThreadExecutor, usable_cores
from vigie.adapters.stores.disk_space import run_with_reserve
from vigie.adapters.stores.process_locks import hold_folder
from vigie.adapters.stores.results import write_together
from vigie.adapters.stores.trials import SqliteTrials
from vigie.config import Paths, is_simulated, resolve_paths
from vigie.ports.executor import Executor
from vigie.ports.home import ResultsHome
from vigie.ports.trials import TrialRegistry

if TYPE_CHECKING:
    pass


def open_trials(home: str | Path | Paths | None = None) -> TrialRegistry:
    """Build the registry of trials alone; nothing is created on disk until something is counted.

    Parameters
    ----------
    home : str, Path or Paths, optional
        As in `open_data`, or where it was found to be.
    """
    return SqliteTrials((home if isinstance(home, Paths) else resolve_paths(home)).home / "trials.sqlite")


def open_results(home: str | Path | None = None) -> ResultsHome:
    """Build what runs need beside bars.

    Parameters
    ----------
    home : str or Path, optional
        As in `open_data`.
    """
    paths = resolve_paths(home)
    return ResultsHome(
        strategies=paths.strategies,
        runs=paths.home / "runs",
        trials=open_trials(paths.home),
        write=write_together,
        hold=hold_folder,
        write_although_full=lambda act: run_with_reserve(paths.home, act),
        is_simulated=is_simulated(paths.home),
    )


def open_executor(*, threads: int | None = None, dask: str | None = None) -> Executor:
    """Build where long work is done.

    Parameters
    ----------
    threads : int, optional
        Of this machine; one means the calling thread, none all its cores.
    dask : str, optional
        Address of a Dask scheduler, in place of threads.
    """
    if dask is not None:
        return DaskExecutor(dask)
    return ThreadExecutor(usable_cores() if threads is None else threads)
