"""Whether a stop stands at the venue where it was put: a person, or the venue, may have moved it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from vigie.domain.order import VenuePosition
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.present_levels import levels_of, tick_at
from vigie.ports.trading import Levels

Stand = Literal["put", "further", "nearer"]


@dataclass(frozen=True, slots=True)
class Moved:
    """A stop that stands where nobody of us put it; `begun` is when its position was entered."""

    begun: int
    stand: Stand
    stop: Decimal
    meant: Decimal


@dataclass(frozen=True, slots=True)
class Meant:
    """Where the stop of a position may stand.

    Attributes
    ----------
    side : int
        Of the position.
    furthest, nearest : Decimal
        From the price: a grid that changed gives one stop several prices.
    tick : Decimal
        Nearer than this to one of them is the rounding of a venue.
    """

    side: int
    furthest: Decimal
    nearest: Decimal
    tick: Decimal

    def stand(self, stop: Decimal) -> Stand:
        """Tell where a stop stands."""
        if self.side * (stop - self.furthest) < -self.tick:
            return "further"
        return "nearer" if self.side * (stop - self.nearest) > self.tick else "put"

    def acts_at(self, stop: Decimal) -> Decimal:
        """Return the price beyond which a position must be closed, wherever its stop stands."""
        return self.furthest if self.stand(stop) == "further" else stop


def meant_of(account: LiveAccount, number: int, put: Levels | None, there: VenuePosition) -> Meant | None:
    """Return where a stop that a venue shows may stand; None where it is no stop of a slot's position.

    Parameters
    ----------
    put : Levels or None
        What the venue took last for this position: it may have asked for another grid than is known of it.
    """
    meant = None if there.stop is None else _meant(account, number, put)
    return meant if meant is not None and meant.side == there.side else None


def moved_of(number: int, meant: Meant, begun: int, there: VenuePosition) -> dict[int, Moved]:
    """Return by slot how the stop of its position was moved; nothing where it stands as it was put."""
    stand = "put" if there.stop is None else meant.stand(there.stop)
    return (
        {}
        if there.stop is None or stand == "put"
        else {number: Moved(begun, stand, there.stop, meant.nearest)}
    )


def _meant(account: LiveAccount, number: int, put: Levels | None) -> Meant | None:
    side = int(account.slot(number)["side"])
    if not side:
        return None
    decided, levels = account.levels(number)[0], levels_of(account, number)
    known = [one for one in (decided, levels.stop, None if put is None else put.stop) if one is not None]
    # Grids round away from the price: what was put nearer to it is no rounding.
    by_distance = sorted((one for one in known if side * (one - decided) <= 0), key=lambda one: side * one)
    tick = tick_at(account.slots[number].versions[-1], decided)
    return Meant(side, by_distance[0], by_distance[-1], tick)
