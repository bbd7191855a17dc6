"""Levels that stand elsewhere than they were put are put back and told of: ever later where they do not stay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from vigie.domain.errors import TransientError
from vigie.domain.order import VenuePosition
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.ever_later import LONGEST_S, EverLater
from vigie.engine.live.logbook import Logbook
from vigie.engine.live.moved_levels import Place, Stood
from vigie.engine.live.shield import Guardian
from vigie.engine.live.waiting import within
from vigie.ports.clock import PatientClock
from vigie.ports.tradebook import Note

# A venue that does not answer this at once is asked again, not waited for.
ANSWER_S: Final = 10.0
# A stop that was put back so often and is elsewhere again does not stay.
_OFTEN: Final = 3
_TOLD_S: Final = 60.0
# What is done about which level: entry of its position, where it stood.
_Deed: TypeAlias = tuple[Place, int, str]


@dataclass(slots=True)
class PutBack:
    """Looks after where the levels of positions stand.

    Attributes
    ----------
    every_s : float
        Between two looks, on the wall.
    is_calm : callable
        Whether a slot holds a position that nothing is being done about.
    """

    log: Logbook
    guardian: Guardian
    clock: PatientClock
    every_s: float
    is_calm: Callable[[int], bool]
    _before: Mapping[Place, Stood] = field(default_factory=dict)
    _said: dict[Place, Stood] = field(default_factory=dict)
    _once: set[tuple[str, int, int]] = field(default_factory=set)
    _tries: dict[_Deed, EverLater] = field(default_factory=dict)

    async def look(self, stood: Mapping[Place, Stood], left: Collection[Place]) -> None:
        """Put levels back that were moved; a stop that is nearer to the price is whoever moved it's to say.

        Parameters
        ----------
        left : collection of Place
            Levels that are told of and not put: the price has passed where they were decided.
        """
        before, self._before = self._before, dict(stood)
        self._forget(stood)
        nearer = {
            number: (one.begun, one.price)
            for (number, level), one in stood.items()
            if level == "stop" and one.stand == "nearer"
        }
        self.guardian.nearer.clear()
        self.guardian.nearer.update(nearer)
        put = dict[int, bool]()
        for place, one in stood.items():
            number, level = place
            # What is being closed right now is gone at the next look.
            is_sure = self.is_calm(number) or (level == "stop" and before.get(place) == one)
            if one.stand == "put" or not is_sure or begun_of(self.log.account, number) != one.begun:
                continue
            is_left = place in left or (level == "stop" and one.stand == "nearer")
            tries = self._tried(place, one.begun, one.stand)
            if not tries.is_due() or (is_left and self._said.get(place) == one):
                continue
            self._say(place, one, tries.count)
            if not is_left and number not in put:
                put[number] = await self._put(number, is_stop=level == "stop")
            # What the venue did not take nobody moved away again: it is put at the next look.
            if is_left or put[number]:
                tries.did()

    async def lost(self, number: int) -> None:
        """Put a target again that somebody took away."""
        account = self.log.account
        begun = begun_of(account, number)
        tries = self._tried((number, "target"), begun, "gone")
        if not tries.is_due():
            return
        self._say_once("trade.target_lost", number, begun, str(account.slots[number].id), begun=begun)
        if await self._put(number, is_stop=False):
            tries.did()

    def several(self, number: int, there: VenuePosition) -> None:
        """Tell that more than one stop stands on a position."""
        name = self.log.account.slots[number].id.instrument
        begun = begun_of(self.log.account, number)
        self._say_once("trade.several_stops", number, begun, name, count=there.stops, stop=f"{there.stop:f}")

    async def _put(self, number: int, *, is_stop: bool) -> bool:
        """Put both levels, and tell whether the venue took them; the stops of others wait not long."""
        put: Callable[[LiveAccount, int], Coroutine[Any, Any, bool]]
        put = self.guardian.again if is_stop else self.guardian.trigger
        try:
            return await within(self.clock, ANSWER_S, put(self.log.account, number))
        except TransientError:
            return False

    def _tried(self, place: Place, begun: int, stand: str) -> EverLater:
        # Where a stop stands is to be read in the log soon.
        longest_s = _TOLD_S if stand == "nearer" else LONGEST_S
        return self._tries.setdefault((place, begun, stand), EverLater(self.clock, self.every_s, longest_s))

    def _forget(self, stood: Mapping[Place, Stood]) -> None:
        """Forget what was done about positions that are gone and levels that stay, and tell which stand again."""
        account = self.log.account
        right = {place: one for place, one in stood.items() if one.stand == "put"}
        self._tries = {
            deed: tries
            for deed, tries in self._tries.items()
            if begun_of(account, deed[0][0]) == deed[1] and not (deed[0] in right and tries.is_old())
        }
        for place, said in list(self._said.items()):
            number, level = place
            one = right.get(place)
            if begun_of(account, number) != said.begun or one is not None:
                del self._said[place]
            if level == "stop" and one is not None and one.begun == said.begun:
                name = account.slots[number].id.instrument
                again = {"stop": f"{one.price:f}", "begun": one.begun}
                self.log.commit(notes=[Note("trade.stop_back", name, again)])

    def _say(self, place: Place, one: Stood, count: int) -> None:
        number, level = place
        name = self.log.account.slots[number].id.instrument
        said = {level: f"{one.price:f}", "meant": f"{one.meant:f}"}
        if self._said.get(place) != one:
            self._said[place] = one
            stop_kind = "trade.stop_moved" if one.stand == "further" else "trade.stop_nearer"
            kind = stop_kind if level == "stop" else "trade.target_moved"
            self.log.commit(notes=[Note(kind, name, {**said, "begun": one.begun})])
        if level == "stop" and one.stand == "further" and count >= _OFTEN:
            self._say_once("trade.stop_stays", number, one.begun, name, **said, times=count)

    def _say_once(self, kind: str, number: int, begun: int, subject: str, /, **said: Any) -> None:
        """Tell something once of each position."""
        if (kind, number, begun) not in self._once:
            self._once.add((kind, number, begun))
            self.log.commit(notes=[Note(kind, subject, said)])


def begun_of(account: LiveAccount, number: int) -> int:
    """Return when a slot's position was entered; 0 where it holds none."""
    slot = account.slot(number)
    return int(slot["entry_ts"]) if slot["side"] != 0 else 0
