"""Whether stop and target stand at the venue where they were put: a person, or the venue, may have moved them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from vigie.domain.order import VenuePosition
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.stops.level_grid import position_levels, tick_at
from vigie.ports.trading import Levels

Placement = Literal["put", "further", "nearer"]
Level = Literal["stop", "target"]
LEVELS: Final[tuple[Level, ...]] = ("stop", "target")
# A level of a slot's position.
LevelKey: TypeAlias = tuple[int, Level]


@dataclass(frozen=True, slots=True)
class LevelState:
    """How a level of a position stood when it was looked; `entry_ts` is when the position was entered."""

    entry_ts: int
    placement: Placement
    price: Decimal
    meant_price: Decimal


@dataclass(frozen=True, slots=True)
class LevelBounds:
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

    def placement(self, price: Decimal) -> Placement:
        """Tell where a level stands."""
        if self.towards * (price - self.furthest) < -self.tick:
            return "further"
        return "nearer" if self.towards * (price - self.nearest) > self.tick else "put"

    def trigger_price(self, stop: Decimal) -> Decimal:
        """Return the price beyond which a position must be closed, wherever its stop stands."""
        return self.furthest if self.placement(stop) == "further" else stop

    def is_beyond(self, mark: Decimal | None) -> bool:
        """Tell whether the price has passed the level: no venue takes it there any more."""
        return mark is not None and self.towards * (mark - self.nearest) <= 0


def level_bounds(
    account: LiveAccount, number: int, level: Level, last_put: Levels | None, position: VenuePosition
) -> LevelBounds | None:
    """Return where a level that a venue shows may stand; None where it is none of a slot's position.

    Parameters
    ----------
    last_put : Levels or None
        What the venue took last for this position: it may have asked for another grid than is known of it.
    """
    side = int(account.slot(number)["side"])
    if not side or side != position.side or level_price(position, level) is None:
        return None
    decided = account.levels(number)[LEVELS.index(level)]
    put_price = None if last_put is None else level_price(last_put, level)
    prices = [decided, level_price(position_levels(account, number), level), put_price]
    # Grids round both levels of a long position down: what was put on the other side is no rounding.
    rounded = [price for price in prices if price is not None and side * (price - decided) <= 0]
    towards = side if level == "stop" else -side
    by_distance = sorted(rounded, key=lambda price: towards * price)
    tick = tick_at(account.slots[number].versions[-1], decided)
    return LevelBounds(side, towards, by_distance[0], by_distance[-1], tick)


def level_state(
    bounds: LevelBounds, level: Level, entry_ts: int, position: VenuePosition
) -> LevelState | None:
    """Return how a level stands that a venue shows."""
    price = level_price(position, level)
    return None if price is None else LevelState(entry_ts, bounds.placement(price), price, bounds.nearest)


def level_price(levels: Levels | VenuePosition, level: Level) -> Decimal | None:
    """Return where a level stands."""
    return levels.stop if level == "stop" else levels.target
