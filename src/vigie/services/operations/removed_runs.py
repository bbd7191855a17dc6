"""Results in the desk: remove one and take that back."""

from __future__ import annotations

from pydantic import Field

from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.home import ResultsHome
from vigie.ports.runs import RunIndex
from vigie.services.operation import OperationInput, operation
from vigie.services.operations.backtests import RUN_ID, RunRef, run_ref
from vigie.services.operations.own_runs import find_run
from vigie.services.people.ownership import owner_of
from vigie.services.runs import trash


class RemoveRunInput(OperationInput):
    """One result."""

    run: str = Field(pattern=RUN_ID, description="Id of a result.")


@operation("backtests.delete", scope="write", example={"run": "r0"})
def remove_run(
    caller: Caller,
    params: RemoveRunInput,
    results: ResultsHome,
    runs: RunIndex,
    accounts: UserStore,
    audit: AuditLog,
    clock: Clock,
) -> RunRef:
    """Remove a result from the list; its files stay for a month and `backtests.restore_run` takes it back."""
    run = find_run(runs, accounts, caller, params.run)
    trash.move_to_trash(results, runs, clock, run)
    audit.append("run.removed", actor=caller.user, subject=run.id, text={"title": run.title})
    return run_ref(run)


@operation("backtests.restore", scope="write", example={"run": "r0"})
def restore_run(
    caller: Caller,
    params: RemoveRunInput,
    results: ResultsHome,
    runs: RunIndex,
    accounts: UserStore,
    audit: AuditLog,
) -> RunRef:
    """Take back a removal."""
    run = trash.restore_run(results, runs, params.run, owner_of(accounts, caller))
    audit.append("run.restored", actor=caller.user, subject=run.id, text={"title": run.title})
    return run_ref(run)
