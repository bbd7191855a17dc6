"""The two hands that move a `ModelMarket`: a step to the next instant, and the acknowledgements of its two phases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from vigie.domain.errors import InvariantBroken, UsageError
from vigie_sandbox.exchange.core.entities import Bill, ExchangeTrade
from vigie_sandbox.exchange.core.exchange import Exchange
from vigie_sandbox.exchange.core.ledger import ExchangeLedger
from vigie_sandbox.exchange.matchers.model import ModelMarket
from vigie_sandbox.exchange.matchers.tracks import ExactBar


@dataclass(frozen=True, slots=True)
class LockStepInstant:
    """What happened up to and at one instant, before the client says what it does.

    Attributes
    ----------
    number : int
        From 1.
    closed : tuple of (series, ExactBar)
        Bars that closed at `ts`, in series order.
    opened : tuple of (series, price)
        First prices of the bars that open at `ts`.
    fundings, trades : tuple
        Booked in this step, in order.
    last_event : int
        The exchange's last event.
    is_last : bool
        Nothing opens any more; waiting exits fill at the last close.
    """

    number: int
    ts: int
    closed: tuple[tuple[str, ExactBar], ...]
    opened: tuple[tuple[str, Decimal], ...]
    fundings: tuple[Bill, ...]
    trades: tuple[ExchangeTrade, ...]
    last_event: int
    is_last: bool


class LockStep:
    """`step`, then `ack` of phase 1 (exits), then `ack` of phase 2 (entries), until an instant `is_last`.

    Each is one change: remembered and told as a whole, or not at all. After a restart `current` says what the last
    step was; a repeated acknowledgement changes nothing.
    """

    def __init__(self, exchange: Exchange, market: ModelMarket) -> None:
        self._exchange = exchange
        self._market = market

    def current(self) -> LockStepInstant | None:
        """Return the instant reached last; None before the first step."""
        market = self._market
        if not market.number:
            return None
        ts = market.now()
        closed, opened = [], []
        for track in market.tracks.values():
            if (index := track.find_closing(ts)) is not None:
                closed.append((track.name, track.make_bar(index)))
            if (index := track.find_opening(ts)) is not None:
                opened.append((track.name, track.get_open(index)))
        bills, trades = self._list_booked(market.progress["from"], market.progress["to"])
        return LockStepInstant(
            market.number, ts, tuple(closed), tuple(opened), bills, trades, self._exchange.seq,
            market.number == len(market.instants),
        )  # fmt: skip

    def step(self, number: int | None = None) -> LockStepInstant:
        """Go to the next instant, or return the current one where it has this number (a repeated request).

        Raises
        ------
        UsageError
            While the current one is not acknowledged, and after the last.
        """
        market = self._market
        current = self.current()
        if current is not None and number == current.number:
            return current
        if number not in (None, market.number + 1):
            raise UsageError(f"the next instant is {market.number + 1}, not {number}")
        if market.number and market.phase < 2:
            raise UsageError(f"instant {market.number} waits for acknowledgement {market.phase + 1}")
        if market.number == len(market.instants):
            raise UsageError("the bars have ended")
        with self._exchange.change() as ledger:
            first = ledger.number
            market.number += 1
            market.phase = 0
            market.close_bars(ledger, market.now())
            market.open_bars(ledger, market.now())
            market.progress = {"from": first, "to": ledger.number}
        current = self.current()
        if current is None:
            raise InvariantBroken("a step leads to an instant")
        return current

    def ack(self, number: int, phase: int, series: Mapping[str, str] | None = None) -> int:
        """Fill what waits and return the number of the last event.

        Parameters
        ----------
        number : int
            Of the current instant.
        phase : int
            1 fills reduce-only market orders, 2 those that came late and then the others.
        series : mapping of client id to series
            Where orders fill; without it, on the contract's finest bars.

        Raises
        ------
        UsageError
            If it is not the current instant's turn, or a series is not known.
        """
        market = self._market
        if number != market.number or phase not in (1, 2) or phase > market.phase + 1:
            expected = f"{market.phase + 1} of instant {market.number}"
            raise UsageError(f"acknowledgement must be {expected}, was {phase} of instant {number}")
        for name in (series or {}).values():
            if name not in market.tracks:
                raise UsageError(f"series must be one of {', '.join(market.tracks)}, was {name!r}")
        if phase == market.phase + 1:
            with self._exchange.change() as ledger:
                self._assign_series(ledger, series or {})
                market.fill_exits(ledger, market.now())
                if phase == 2:
                    market.fill_entries(ledger, market.now())
                market.phase = phase
        return self._exchange.seq

    # -- inside ----------------------------------------------------------------------------------------------------

    def _assign_series(self, ledger: ExchangeLedger, series: Mapping[str, str]) -> None:
        """Note on which bars the waiting orders fill."""
        for account in ledger.accounts.values():
            for order in list(account.open_orders.values()):
                name = series.get(order.client_id, order.series)
                if name != order.series:
                    ledger.save_order(replace(order, series=name))

    def _list_booked(self, first: int, last: int) -> tuple[tuple[Bill, ...], tuple[ExchangeTrade, ...]]:
        bills: list[Bill] = []
        trades: list[ExchangeTrade] = []
        with self._exchange.change() as ledger:
            for account in ledger.accounts.values():
                bills += [
                    bill for bill in _iterate_between(account.bills, first, last) if bill.kind == "funding"
                ]
                trades += _iterate_between(account.trades, first, last)
        return tuple(sorted(bills, key=_get_number)), tuple(sorted(trades, key=_get_number))


BookedT = TypeVar("BookedT", Bill, ExchangeTrade)


def _iterate_between(records: Sequence[BookedT], first: int, last: int) -> Iterator[BookedT]:
    """Yield the records with numbers above `first` up to `last`, newest first."""
    for record in reversed(records):
        if record.number <= first:
            return
        if record.number <= last:
            yield record


def _get_number(record: Bill | ExchangeTrade) -> int:
    return record.number
