"""The setups of stored bars, as for a backtest: every slot of a request, close by close."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.setup import SetupChange
from vigie.engine.run import ProgressCallback
from vigie.services.judging.closed_slots import RefusedSlot, run_closed_slots
from vigie.services.runs.backtest_request import BacktestRequest
from vigie.services.setups.folding import SlotFold


@dataclass(frozen=True, slots=True)
class SetupReplay:
    """Setups of stored bars.

    Attributes
    ----------
    changes : tuple of SetupChange
        By the time they could be known, then by slot and side.
    refused : tuple of RefusedSlot
        Strategies that look ahead, slots without bars.
    n_slots, n_closes : int
        Slots that were judged, and closes of all of them.
    """

    changes: tuple[SetupChange, ...]
    refused: tuple[RefusedSlot, ...]
    n_slots: int
    n_closes: int


def replay_setups(
    data_stores: DataStores, request: BacktestRequest, *, progress: ProgressCallback | None = None
) -> SetupReplay:
    """Return the setups of stored bars, as they would have come close by close.

    Parameters
    ----------
    data_stores : DataStores
        Stores and the clock that says which bars are closed.
    request : BacktestRequest
        As for a backtest; each slot on its own. Where no span is asked for it is the newest 1,500 bars.
    progress : callable, optional
        Told stage, done, of.

    Raises
    ------
    UsageError
        If no slot can be judged; the message is that of the first.
    """
    changes: list[SetupChange] = []
    refused: list[RefusedSlot] = []
    n_slots = n_closes = 0
    now = data_stores.clock.market_now()
    for run in run_closed_slots(data_stores, request, now, progress=progress):
        if isinstance(run, RefusedSlot):
            refused.append(run)
        else:
            changes += SlotFold().take(run, run.plan.first)
            n_slots, n_closes = n_slots + 1, n_closes + len(run.plan.bars) - run.plan.first
    if refused and not n_slots:
        raise UsageError(refused[0].message)
    changes.sort(key=lambda change: (change.ts_known, str(change.slot), change.side))
    return SetupReplay(tuple(changes), tuple(refused), n_slots, n_closes)
