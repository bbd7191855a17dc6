"""Whether the setups of an account are those that its logs give: all made anew and compared with those kept."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import takewhile, zip_longest
from typing import Final

from vigie.domain.errors import NotFound
from vigie.domain.order import TradeRun
from vigie.domain.refusal import listed
from vigie.domain.setup import MARKET_TIME, SetupScope, SideLife
from vigie.ports.setups import FollowedCloses, SetupFilter, SetupStore, StoredChange
from vigie.services.setups.folding import r_before_funding
from vigie.services.setups.following import RunFollower
from vigie.services.setups.sealed_folding import KeptSetups
from vigie.services.trading.account_plans.trading_stores import TradingStores

_ALL: Final = 1_000_000
# Of a name that is none.
_SHOWN: Final = 60
# Of a change; what was written before they were kept has none.
_LATER: Final = ("r", "regime", "funding", "rates")
_RESULT: Final = ("r", "funding", "rates")
_COLUMNS: Final = ("setup", "venue", "slot", "side", "state", "cause", "ts_bar", "ts_known", "ts_begun")


@dataclass(frozen=True, slots=True)
class SetupDifference:
    """The first change, or what is remembered of a slot, that is not as it was kept.

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
    kept : sequence of StoredChange
        Those they were compared with.
    difference : SetupDifference or None
        None where all are as they were kept.
    undecided : sequence of OtherFile
        Runs and slots of which decisions were not made anew, and their changes: they are among all others.
    """

    changes: int
    kept: Sequence[StoredChange]
    difference: SetupDifference | None
    undecided: Sequence[OtherFile] = ()

    def other_files(self, records: int | None = None) -> Counter[tuple[str, str]]:
        """Return how many changes were made with another file, by strategy and SHA-256 of that file.

        Parameters
        ----------
        records : int, optional
            Of the audit chain: changes that were sealed after them are left out.
        """
        counts: Counter[tuple[str, str]] = Counter()
        for other in self.undecided:
            counts[other.strategy, other.source] += sum(
                records is None or change.sealed_at <= records for change in other.changes
            )
        return counts


@dataclass(frozen=True, slots=True)
class OtherFile:
    """What a run decided in one slot with another file of its strategy than today's.

    Attributes
    ----------
    strategy : str
        Its name.
    source : str
        SHA-256 of that file, as the run pinned it.
    changes : sequence of StoredChange
        What is kept of it.
    """

    strategy: str
    source: str
    changes: Sequence[StoredChange]


@dataclass(slots=True)
class _MadeAnew:
    """Takes what a follower writes, and keeps it in memory."""

    changes: dict[str, list[Mapping[str, object]]] = field(default_factory=dict)
    remembered: dict[str, Sequence[SideLife]] = field(default_factory=dict)
    undecided: list[OtherFile] = field(default_factory=list)

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

    A worker may write meanwhile, and may have written some slots of the newest closes and not yet the others.

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
    NotFound
        If the account has no such run.
    DataError
        If a run's plan names another file than today's, though its changes were sealed with today's.
    """
    runs = _runs_of(stores, scope)
    if not runs:
        others = {run.account for run in stores.trades.runs_of() if run.is_replayed == scope.is_replayed}
        raise NotFound(
            "no_run_to_check",
            "account {account!r} has no run to check (there are: {names})",
            account=scope.account[:_SHOWN],
            names=listed(sorted(others)),
        )
    state = _Kept.read(setups, scope)
    made, kept = _make_anew(stores, runs, state), state.changes
    count = sum(map(len, made.changes.values()))
    all_kept = [change for slot in sorted(kept) for change in kept[slot]]
    for slot in sorted(made.changes.keys() | kept.keys()):
        for one, other in zip_longest(made.changes.get(slot, []), kept.get(slot, [])):
            if one is None or other is None or _as_kept(one, other) != other.body or not _is_whole(other):
                difference = SetupDifference(slot, one, None if other is None else _row_of(other))
                return SetupCheck(count, all_kept, difference, made.undecided)
    return SetupCheck(count, all_kept, _other_life(state.lives, made.remembered), made.undecided)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of an account at one moment."""

    run: str
    step: int
    lives: Mapping[str, Sequence[SideLife]]
    changes: Mapping[str, Sequence[StoredChange]]

    @classmethod
    def read(cls, setups: SetupStore, scope: SetupScope) -> _Kept:
        """Read it, again where it was written meanwhile."""
        while True:
            reached, lives = setups.reached(scope), setups.lives(scope)
            changes = _kept(setups, scope)
            if (reached, lives) == (setups.reached(scope), setups.lives(scope)):
                return cls(*reached, lives, changes)


def _make_anew(stores: TradingStores, runs: Sequence[TradeRun], state: _Kept) -> _MadeAnew:
    made, kept = _MadeAnew(), KeptSetups(state.changes, state.lives)
    follower = None
    waiting = list(runs)
    while waiting and state.run:
        run = waiting.pop(0)
        _begin_with_what_fits(stores, run, made, follower, kept)
        follower = _follower_of(stores, run, made, kept)
        follower.follow(state.step if run.id == state.run else None)
        if run.id == state.run:
            break
    # How far it was followed is written last: where slots are further, each is made as far as it is kept.
    if follower is not None and _other_life(state.lives, made.remembered) is not None:
        follower.follow(as_far=state.lives)
    if waiting and _other_life(state.lives, made.remembered) is not None:
        _begin_with_what_fits(stores, waiting[0], made, follower, kept)
        _follower_of(stores, waiting[0], made, kept).follow(as_far=state.lives)
    return made


def _follower_of(stores: TradingStores, run: TradeRun, made: _MadeAnew, kept: KeptSetups) -> RunFollower:
    follower = RunFollower(stores, made, run, kept=kept)
    for fold in follower.sealed.values():
        made.undecided.append(OtherFile(fold.plan.slot.strategy, fold.plan.source, fold.changes))
    return follower


def _begin_with_what_fits(
    stores: TradingStores, run: TradeRun, made: _MadeAnew, before: RunFollower | None, kept: KeptSetups
) -> None:
    """Remember of each slot, of all that the run before may have left, what gives most of what is kept of a run.

    How far a run was followed whose file had changed is known only while nothing came after it.
    """
    possible = {slot: fold.possible() for slot, fold in before.sealed.items()} if before is not None else {}
    most = max(map(len, possible.values()), default=1)
    if most == 1:
        return
    fits: dict[str, int] = {}
    begun = dict(made.remembered)
    for number in range(most):
        trial = _MadeAnew(
            remembered=begun | {slot: lives[min(number, len(lives) - 1)] for slot, lives in possible.items()}
        )
        begins = dict(trial.remembered)
        RunFollower(stores, trial, run, kept=kept).follow()
        for slot in possible:
            fit = _fit(trial.changes.get(slot, ()), kept.of_run(run.id, slot))
            if fit > fits.get(slot, -1):
                fits[slot], made.remembered[slot] = fit, begins[slot]


def _fit(made: Sequence[Mapping[str, object]], kept: Sequence[StoredChange]) -> int:
    """Return how many of the first changes are as they are kept."""
    pairs = zip(made, kept, strict=False)
    return sum(1 for _ in takewhile(lambda pair: _as_kept(*pair) == pair[1].body, pairs))


def _as_kept(made: Mapping[str, object], kept: StoredChange) -> Mapping[str, object]:
    """Return a change made anew with what was written of it at its time: rows of before have no R and no regime,
    or an R without funding.

    What a changed strategy ended was not settled before.
    """
    as_kept = {name: value for name, value in made.items() if name not in _LATER or name in kept.body}
    if "r" in as_kept and "funding" not in kept.body:
        as_kept["r"] = r_before_funding(made)
    if MARKET_TIME in kept.body:
        as_kept[MARKET_TIME] = kept.body[MARKET_TIME]  # no log says it: the seal does
    if made["cause"] == kept.cause == "strategy_changed" and "r" in kept.body and kept.body["r"] is None:
        as_kept |= {name: kept.body[name] for name in _RESULT if name in kept.body}
    return as_kept


def _is_whole(change: StoredChange) -> bool:
    """Tell whether a row says in its columns, and by its digest, what its body says."""
    text = json.dumps(change.body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return (
        all(getattr(change, name) == change.body[name] for name in _COLUMNS)
        and change.digest == hashlib.sha256(text.encode()).hexdigest()
    )


def _row_of(change: StoredChange) -> Mapping[str, object]:
    return {**change.body, **{name: getattr(change, name) for name in _COLUMNS}, "digest": change.digest}


def _other_life(
    kept: Mapping[str, Sequence[SideLife]], made: Mapping[str, Sequence[SideLife]]
) -> SetupDifference | None:
    """Return the first slot of which something else is remembered than its closes give."""
    for slot in sorted(kept.keys() | made.keys()):
        # As lives compare: an earlier version did not remember all that is missing.
        lives = [{str(life.side): life for life in found.get(slot, ())} for found in (made, kept)]
        if lives[0] != lives[1]:
            one, other = ({side: asdict(life) for side, life in sides.items()} for sides in lives)
            return SetupDifference(slot, one, other or None)
    return None


def _runs_of(stores: TradingStores, scope: SetupScope) -> list[TradeRun]:
    return [run for run in stores.trades.runs_of() if SetupScope(run.account, run.is_replayed) == scope]


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
