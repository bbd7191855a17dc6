"""What the first page of an account costs a process: its whole log folded, and from the kept fold on.

``python -m benchmarks.first_visit HOME`` prints the processor time of both for each run of a home, in turns; folds are
kept in it, so give it a copy. It ends with 1 if the two differ.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import time
from pathlib import Path
from typing import Final

from vigie.adapters.clock import SystemClock
from vigie.domain.order import TradeRun
from vigie.services.caches.account_views import AccountViewCache
from vigie.services.needs import provide
from vigie.services.trading.account_plans.account_plan import folder_of
from vigie.services.trading.log.account_view import AccountLogs, open_account_view
from vigie.services.trading.log.replay_cache import FOLDER, load_event_log, save_replay
from vigie.wiring.app_context import open_app_context

ROUNDS: Final = 5


def visit(logs: AccountLogs, run: TradeRun) -> tuple[float, object]:
    """Open an account as a process does that knows nothing of it; return the processor time, ms, and what it says."""
    fresh = AccountLogs(logs.trades, logs.results, AccountViewCache())
    begin = time.process_time()
    with open_account_view(fresh, run) as view:
        took = (time.process_time() - begin) * 1e3
        account = view.account
        said = (
            (view.number, view.curve, bytes(view.decisions))
            if account is None
            else (view.number, view.curve, bytes(view.decisions), account.cash, account.trades.tobytes())
        )
        return took, said


def main() -> None:
    """Measure every run of a home and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    logs = provide(open_app_context(parser.parse_args().home, clock=SystemClock()), AccountLogs)
    print("slots  steps  whole log, ms  kept fold, ms")
    for run in logs.trades.runs_of():
        kept = folder_of(logs.results, run.id) / FOLDER
        whole, resumed = [], []
        for number in range(ROUNDS + 1):
            shutil.rmtree(kept, ignore_errors=True)
            took, said = visit(logs, run)
            event_log = load_event_log(logs.results, logs.trades, run)
            save_replay(logs.results, logs.trades, run, event_log)
            took_resumed, said_resumed = visit(logs, run)
            if said != said_resumed:
                raise SystemExit(f"{run.id} differs from its kept fold")
            if number:  # the first loads what is compiled
                whole.append(took)
                resumed.append(took_resumed)
        print(
            f"{len(event_log.plan.slots):5}  {event_log.number:5}"
            f"  {statistics.median(whole):13,.0f}  {statistics.median(resumed):13,.0f}"
        )


if __name__ == "__main__":
    main()
