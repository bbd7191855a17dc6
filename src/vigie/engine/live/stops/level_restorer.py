"""Levels that stand elsewhere than they were put are put back and told of: ever later where they do not stay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from vigie.domain.errors import TransientError
from vigie.domain.order import VenuePosition
from vigie.engine.live.backoff import LONGEST_S, Backoff
from vigie.engine.live.book.logbook import Logbook
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.stops.moved_levels import LevelKey, LevelState
from vigie.engine.live.stops.stop_guard import StopGuard
from vigie.engine.live.waiting import with_timeout
from vigie.ports.clock import PatientClock
from vigie.ports.tradebook import AuditNote

# A venue that does not answer this at once is asked again, not waited for.
ANSWER_S: Final = 10.0
# A stop that was put back so often and is elsewhere again does not stay.
_OFTEN: Final = 3
_TOLD_S: Final = 60.0
# What is done about which level: entry of its position, where it stood.
_Deed: TypeAlias = tuple[LevelKey, int, str]


@dataclass(slots=True)
class LevelRestorer:
    """Looks after where the levels of positions stand.

    Attributes
    ----------
    every_s : float
        Between two looks, on the wall.
    is_calm : callable
        Whether a slot holds a position that nothing is being done about.
    """

    log: Logbook
    stop_guard: StopGuard
    clock: PatientClock
    every_s: float
    is_calm: Callable[[int], bool]
    _last_states: Mapping[LevelKey, LevelState] = field(default_factory=dict)
    _reported: dict[LevelKey, LevelState] = field(default_factory=dict)
    _reported_once: set[tuple[str, int, int]] = field(default_factory=set)
    _backoffs: dict[_Deed, Backoff] = field(default_factory=dict)

    async def restore(
        self, states: Mapping[LevelKey, LevelState], not_restored: Collection[LevelKey]
    ) -> None:
        """Put levels back that were moved; a stop that is nearer to the price is whoever moved it's to say.

        Parameters
        ----------
        not_restored : collection of LevelKey
            Levels that are told of and not put: the price has passed where they were decided.
        """
        before, self._last_states = self._last_states, dict(states)
        self._forget_gone(states)
        nearer = {
            number: (state.entry_ts, state.price)
            for (number, level), state in states.items()
            if level == "stop" and state.placement == "nearer"
        }
        self.stop_guard.moved_nearer.clear()
        self.stop_guard.moved_nearer.update(nearer)
        put = dict[int, bool]()
        for place, state in states.items():
            number, level = place
            # What is being closed right now is gone at the next look.
            is_certain = self.is_calm(number) or (level == "stop" and before.get(place) == state)
            if (
                state.placement == "put"
                or not is_certain
                or entry_time(self.log.account, number) != state.entry_ts
            ):
                continue
            is_not_restored = place in not_restored or (level == "stop" and state.placement == "nearer")
            backoff = self._backoff(place, state.entry_ts, state.placement)
            if not backoff.is_due() or (is_not_restored and self._reported.get(place) == state):
                continue
            self._report(place, state, backoff.count)
            if not is_not_restored and number not in put:
                put[number] = await self._put_levels(number, is_stop=level == "stop")
            # What the venue did not take nobody moved away again: it is put at the next look.
            if is_not_restored or put[number]:
                backoff.record_try()

    async def restore_target(self, number: int) -> None:
        """Put a target again that somebody took away."""
        account = self.log.account
        entry_ts = entry_time(account, number)
        backoff = self._backoff((number, "target"), entry_ts, "gone")
        if not backoff.is_due():
            return
        self._report_once(
            "trade.target_lost", number, entry_ts, str(account.slots[number].id), entry_ts=entry_ts
        )
        if await self._put_levels(number, is_stop=False):
            backoff.record_try()

    def report_several_stops(self, number: int, position: VenuePosition) -> None:
        """Tell that more than one stop stands on a position."""
        name = self.log.account.slots[number].id.instrument
        entry_ts = entry_time(self.log.account, number)
        self._report_once(
            "trade.several_stops", number, entry_ts, name, count=position.stops, stop=f"{position.stop:f}"
        )

    async def _put_levels(self, number: int, *, is_stop: bool) -> bool:
        """Put both levels, and tell whether the venue took them; the stops of others wait not long."""
        put_levels: Callable[[LiveAccount, int], Coroutine[Any, Any, bool]]
        put_levels = self.stop_guard.restore_levels if is_stop else self.stop_guard.put_triggers
        try:
            return await with_timeout(self.clock, ANSWER_S, put_levels(self.log.account, number))
        except TransientError:
            return False

    def _backoff(self, place: LevelKey, entry_ts: int, placement: str) -> Backoff:
        # Where a stop stands is to be read in the log soon.
        longest_s = _TOLD_S if placement == "nearer" else LONGEST_S
        return self._backoffs.setdefault(
            (place, entry_ts, placement), Backoff(self.clock, self.every_s, longest_s)
        )

    def _forget_gone(self, states: Mapping[LevelKey, LevelState]) -> None:
        """Forget what was done about positions that are gone and levels that stay, and tell which stand again."""
        account = self.log.account
        in_place = {place: state for place, state in states.items() if state.placement == "put"}
        self._backoffs = {
            deed: backoff
            for deed, backoff in self._backoffs.items()
            if entry_time(account, deed[0][0]) == deed[1]
            and not (deed[0] in in_place and backoff.has_settled())
        }
        for place, reported in list(self._reported.items()):
            number, level = place
            state = in_place.get(place)
            if entry_time(account, number) != reported.entry_ts or state is not None:
                del self._reported[place]
            if level == "stop" and state is not None and state.entry_ts == reported.entry_ts:
                name = account.slots[number].id.instrument
                details = {"stop": f"{state.price:f}", "begun": state.entry_ts}
                self.log.commit(notes=[AuditNote("trade.stop_back", name, details)])

    def _report(self, place: LevelKey, state: LevelState, n_tries: int) -> None:
        number, level = place
        name = self.log.account.slots[number].id.instrument
        details = {level: f"{state.price:f}", "meant": f"{state.meant_price:f}"}
        if self._reported.get(place) != state:
            self._reported[place] = state
            stop_kind = "trade.stop_moved" if state.placement == "further" else "trade.stop_nearer"
            kind = stop_kind if level == "stop" else "trade.target_moved"
            self.log.commit(notes=[AuditNote(kind, name, {**details, "begun": state.entry_ts})])
        if level == "stop" and state.placement == "further" and n_tries >= _OFTEN:
            self._report_once("trade.stop_stays", number, state.entry_ts, name, **details, times=n_tries)

    def _report_once(self, kind: str, number: int, entry_ts: int, subject: str, /, **details: Any) -> None:
        """Tell something once of each position."""
        if (kind, number, entry_ts) not in self._reported_once:
            self._reported_once.add((kind, number, entry_ts))
            self.log.commit(notes=[AuditNote(kind, subject, details)])


def entry_time(account: LiveAccount, number: int) -> int:
    """Return when a slot's position was entered; 0 where it holds none."""
    slot = account.slot(number)
    return int(slot["entry_ts"]) if slot["side"] != 0 else 0
