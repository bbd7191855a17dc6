"""An account's log as pages tell it: the fold, and its equity over time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from vigie.domain.order import TradeRun
from vigie.ports.home import ResultsHome
from vigie.ports.tradebook import TradeBook
from vigie.services.caches.account_views import AccountViewCache
from vigie.services.trading.log.event_log import EventLog
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.log.venue_stops import VenueStops


@dataclass(frozen=True, slots=True)
class AccountLogs:
    """What the log of a trading account is read and folded with."""

    trades: TradeBook
    results: ResultsHome
    account_views: AccountViewCache


class AccountView(EventLog):
    """What pages tell of a run, with what has been looked up beside its log.

    Parameters
    ----------
    event_log : EventLog
        How far the log is folded already; it goes into the view and is nobody else's from then on.

    Attributes
    ----------
    run : str
        Id of the run.
    gaps : dict of int to float
        By the number of a trade: how far its result is from the fill model's, where that has been looked up.
    stops : VenueStops
        Where stops stand at the venue, as far as that has been looked up.
    """

    def __init__(self, run: str, event_log: EventLog) -> None:
        super().__init__(event_log.plan)
        self.take_over(event_log)
        self.run = run
        self.gaps: dict[int, float] = {}
        self.stops = VenueStops()


@contextmanager
def open_account_view(logs: AccountLogs, run: TradeRun) -> Iterator[AccountView]:
    """Hold the story of a run, up to the last step that is written."""
    with logs.account_views.open_view(
        run.id, lambda: AccountView(run.id, load_event_log(logs.results, logs.trades, run))
    ) as view:
        for step in logs.trades.steps(run.id, view.number):
            view.apply(step)
        yield view
