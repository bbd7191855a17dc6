"""Whether stop and target stand at the venue where they were put: a person, or the venue, may have moved them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from vigie.domain.order import VenuePosition
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.present_levels import levels_of, tick_at
from vigie.ports.trading import Levels

Stand = Literal["put", "further", "nearer"]
Level = Literal["stop", "target"]
LEVELS: Final[tuple[Level, ...]] = ("stop", "target")
# A level of a slot's position.
Place: TypeAlias = tuple[int, Level]


@dataclass(frozen=True, slots=True)
class Stood:
    """How a level of a position stood when it was looked; `begun` is when the position was entered."""

    begun: int
    stand: Stand
    price: Decimal
    meant: Decimal


@dataclass(frozen=True, slots=True)
class Meant:
    """Where a level of a position may stand.

    Attributes
    ----------
    side : int
        Of the position.
    towards : int
        Where the price is from the level: 1 above, -1 below.
    furthest, nearest : Decimal
        From the price: a grid that changed gives one level several prices.
    tick : Decimal
        Nearer than this to one of them is the rounding of a venue.
    """

    side: int
    towards: int
    furthest: Decimal
    nearest: Decimal
    tick: Decimal

    def stand(self, price: Decimal) -> Stand:
        """Tell where a level stands."""
        if self.towards * (price - self.furthest) < -self.tick:
            return "further"
        return "nearer" if self.towards * (price - self.nearest) > self.tick else "put"

    def acts_at(self, stop: Decimal) -> Decimal:
        """Return the price beyond which a position must be closed, wherever its stop stands."""
        return self.furthest if self.stand(stop) == "further" else stop

    def is_beyond(self, mark: Decimal | None) -> bool:
        """Tell whether the price has passed the level: no venue takes it there any more."""
        return mark is not None and self.towards * (mark - self.nearest) <= 0


def meant_of(
    account: LiveAccount, number: int, level: Level, put: Levels | None, there: VenuePosition
) -> Meant | None:
    """Return where a level that a venue shows may stand; None where it is none of a slot's position.

    Parameters
    ----------
    put : Levels or None
        What the venue took last for this position: it may have asked for another grid than is known of it.
    """
    side = int(account.slot(number)["side"])
    if not side or side != there.side or price_of(there, level) is None:
        return None
    decided = account.levels(number)[LEVELS.index(level)]
    taken = None if put is None else price_of(put, level)
    known = [decided, price_of(levels_of(account, number), level), taken]
    # Grids round both levels of a long position down: what was put on the other side is no rounding.
    rounded = [one for one in known if one is not None and side * (one - decided) <= 0]
    towards = side if level == "stop" else -side
    by_distance = sorted(rounded, key=lambda one: towards * one)
    tick = tick_at(account.slots[number].versions[-1], decided)
    return Meant(side, towards, by_distance[0], by_distance[-1], tick)


def stood_of(meant: Meant, level: Level, begun: int, there: VenuePosition) -> Stood | None:
    """Return how a level stands that a venue shows."""
    price = price_of(there, level)
    return None if price is None else Stood(begun, meant.stand(price), price, meant.nearest)


def price_of(one: Levels | VenuePosition, level: Level) -> Decimal | None:
    """Return where a level stands."""
    return one.stop if level == "stop" else one.target
