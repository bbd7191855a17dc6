"""Results of the caller's own runs."""

from __future__ import annotations

from typing import Final

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.domain.refusal import Refusal
from vigie.ports.accounts import UserStore
from vigie.ports.runs import RunIndex, RunRecord
from vigie.services.people.ownership import owner_of

_RESULT_NAMES: Final = {
    "": Refusal("a_result", "result"),
    "backtest": Refusal("a_backtest", "backtest"),
    "sweep": Refusal("a_sweep", "sweep"),
}


def find_run(runs: RunIndex, accounts: UserStore, caller: Caller, run_id: str, kind: str = "") -> RunRecord:
    """Return a result of the caller's; whose it is else is not told.

    Raises
    ------
    NotFound
        If there is none such.
    """
    stored = runs.get(run_id)
    if stored is None or stored.owner != owner_of(accounts, caller) or (kind and stored.kind != kind):
        raise NotFound(
            "no_such_result", "there is no {kind} {run_id!r}", kind=_RESULT_NAMES[kind], run_id=run_id
        )
    return stored
