"""An account's log as pages tell it: the fold, and its equity over time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import InvariantBroken
from vigie.domain.order import TradeRun, TradeStep
from vigie.ports.home import ResultsHome
from vigie.ports.tradebook import TradeBook
from vigie.services.caches.account_views import AccountViewCache
from vigie.services.trading.account_plans.account_plan import AccountPlan, load_plan
from vigie.services.trading.log.event_log import EventLog
from vigie.services.trading.log.venue_stops import VenueStops

# Points of the curve; beyond, every second one goes.
MOST_POINTS: Final = 4_000


@dataclass(frozen=True, slots=True)
class AccountLogs:
    """What the log of a trading account is read and folded with."""

    trades: TradeBook
    results: ResultsHome
    account_views: AccountViewCache


class AccountView(EventLog):
    """Folds the log of a run as it grows, and remembers what its equity was.

    Attributes
    ----------
    run : str
        Id of the run.
    curve : list of (int, float)
        Time and equity at the close of bars, in time order.
    gaps : dict of int to float
        By the number of a trade: how far its result is from the fill model's, where that has been looked up.
    stops : VenueStops
        Where stops stand at the venue, as far as that has been looked up.
    """

    def __init__(self, run: str, plan: AccountPlan) -> None:
        super().__init__(plan)
        self.run = run
        self.curve: list[tuple[int, float]] = [(plan.begun, plan.capital)]
        self.gaps: dict[int, float] = {}
        self.stops = VenueStops()

    def apply(self, stored_step: TradeStep) -> list[str]:
        """Take the next step of the log and say what happened in it."""
        lines = super().apply(stored_step)
        if self.account is None:
            raise InvariantBroken("a step was taken and there is no account")
        point = self.ts, self.account.equity
        if self.curve[-1][0] >= self.ts:
            self.curve[-1] = self.curve[-1][0], point[1]
        else:
            self.curve.append(point)
        if len(self.curve) > MOST_POINTS:
            self.curve = [*self.curve[:-1:2], self.curve[-1]]
        return lines


@contextmanager
def open_account_view(logs: AccountLogs, run: TradeRun) -> Iterator[AccountView]:
    """Hold the story of a run, up to the last step that is written."""
    with logs.account_views.open_view(
        run.id, lambda: AccountView(run.id, load_plan(logs.results, run.id))
    ) as view:
        for step in logs.trades.steps(run.id, view.number):
            view.apply(step)
        yield view
