"""Whether the setups of an account are those that its logs give: all made anew and compared with those kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vigie.domain.order import TradeRun
from vigie.domain.setup import SetupScope, SideLife
from vigie.ports.setups import FollowedCloses, SetupFilter, SetupStore, StoredChange
from vigie.services.setups.following import RunFollower
from vigie.services.trading.plans.trading_stores import TradingStores

_ALL: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class SetupDifference:
    """The first change that is not as it was kept.

    Attributes
    ----------
    slot : str
        Where.
    made, kept : mapping or None
        The change as the log gives it, and as it is kept; None where there is none.
    """

    slot: str
    made: Mapping[str, object] | None
    kept: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class SetupCheck:
    """What came of a comparison.

    Attributes
    ----------
    changes : int
        Changes that were made anew.
    difference : SetupDifference or None
        None where all are as they were kept.
    """

    changes: int
    difference: SetupDifference | None


@dataclass(slots=True)
class _MadeAnew:
    """Takes what a follower writes, and keeps it in memory."""

    changes: dict[str, list[Mapping[str, object]]] = field(default_factory=dict)
    remembered: dict[str, Sequence[SideLife]] = field(default_factory=dict)

    def lives(self, scope: SetupScope) -> Mapping[str, Sequence[SideLife]]:
        return dict(self.remembered)

    def record(self, closes: FollowedCloses) -> int:
        self.changes.setdefault(closes.slot, []).extend(closes.changes)
        self.remembered[closes.slot] = closes.lives
        return len(closes.changes)

    def reached(self, scope: SetupScope) -> tuple[str, int]:
        return "", 0

    def reach(self, scope: SetupScope, run: str, step: int) -> None:
        return None


def check_setups(stores: TradingStores, setups: SetupStore, scope: SetupScope) -> SetupCheck:
    """Make the setups of an account anew from the logs of its runs, as far as it was followed, and compare.

    Parameters
    ----------
    stores : TradingStores
        Where plans, logs and bars are.
    setups : SetupStore
        Where changes are kept.
    scope : SetupScope
        The account, or its replayed past.

    Raises
    ------
    DataError
        If a strategy's file is no longer what a run began with.
    """
    reached_run, reached_step = setups.reached(scope)
    made = _MadeAnew()
    for run in _runs_of(stores, scope):
        is_last = run.id == reached_run
        RunFollower(stores, made, run).follow(reached_step if is_last else None)
        if is_last:
            break
    kept = _kept(setups, scope)
    count = sum(map(len, made.changes.values()))
    for slot in sorted(made.changes.keys() | kept.keys()):
        of_slot = made.changes.get(slot, [])
        bodies = [change.body for change in kept.get(slot, [])]
        for place in range(max(len(of_slot), len(bodies))):
            one = of_slot[place] if place < len(of_slot) else None
            other = bodies[place] if place < len(bodies) else None
            if one != other:
                return SetupCheck(count, SetupDifference(slot, one, other))
    return SetupCheck(count, None)


def _runs_of(stores: TradingStores, scope: SetupScope) -> list[TradeRun]:
    return [
        run
        for run in stores.trades.runs_of()
        if (run.account, run.is_replayed) == (scope.account, scope.is_replayed)
    ]


def _kept(setups: SetupStore, scope: SetupScope) -> dict[str, list[StoredChange]]:
    """Return the changes that are kept, by slot and in the order they were written."""
    wanted = SetupFilter([scope.account], is_replayed=scope.is_replayed)
    by_slot: dict[str, list[StoredChange]] = {}
    for newest in setups.newest(wanted, limit=_ALL):
        for change in setups.of(newest.setup, [scope.account]):
            if change.is_replayed == scope.is_replayed:
                by_slot.setdefault(change.slot, []).append(change)
    for changes in by_slot.values():
        changes.sort(key=lambda change: change.number)
    return by_slot
