"""An account's log as pages tell it: the fold, and its equity over time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from vigie.domain.errors import InvariantBroken
from vigie.domain.order import TradeRun, TradeStep
from vigie.services.house import House
from vigie.services.trading.chronicle import Chronicle
from vigie.services.trading.plan import TradePlan, kept_plan
from vigie.services.trading.seen_stops import SeenStops

# Points of the curve; beyond, every second one goes.
MOST_POINTS: Final = 4_000


class Story(Chronicle):
    """Folds the log of a run as it grows, and remembers what its equity was.

    Attributes
    ----------
    run : str
        Id of the run.
    curve : list of (int, float)
        Time and equity at the close of bars, in time order.
    gaps : dict of int to float
        By the number of a trade: how far its result is from the fill model's, where that has been looked up.
    stops : SeenStops
        Where stops stand at the venue, as far as that has been looked up.
    """

    def __init__(self, run: str, plan: TradePlan) -> None:
        super().__init__(plan)
        self.run = run
        self.curve: list[tuple[int, float]] = [(plan.begun, plan.capital)]
        self.gaps: dict[int, float] = {}
        self.stops = SeenStops()

    def take(self, written: TradeStep) -> list[str]:
        """Take the next step of the log and say what happened in it."""
        said = super().take(written)
        if self.account is None:
            raise InvariantBroken("a step was taken and there is no account")
        point = self.ts, self.account.equity
        if self.curve[-1][0] >= self.ts:
            self.curve[-1] = self.curve[-1][0], point[1]
        else:
            self.curve.append(point)
        if len(self.curve) > MOST_POINTS:
            self.curve = [*self.curve[:-1:2], self.curve[-1]]
        return said


@contextmanager
def story_of(house: House, run: TradeRun) -> Iterator[Story]:
    """Hold the story of a run, up to the last step that is written."""
    with house.folds.reading(run.id, lambda: Story(run.id, kept_plan(house, run.id))) as story:
        for step in house.trades.steps(run.id, story.number):
            story.take(step)
        yield story
