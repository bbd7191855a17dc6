"""The market of the fill model, moved from outside in lock-step: bar by bar, with a wait after every instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from vigie.domain.bar import Bars
from vigie.sandbox.exchange.exchange import Exchange
from vigie.sandbox.exchange.words import Bill, Trade


@dataclass(frozen=True, slots=True)
class Track:
    """The bars of one contract and timeframe; named ``BTCUSDT/1d``."""

    symbol: str
    bars: Bars

    @property
    def name(self) -> str:
        """``BTCUSDT/1d``."""
        return f"{self.symbol}/{self.bars.timeframe}"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in exact decimals; floats are read by their shortest form."""

    ts: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True)
class Instant:
    """What happened up to and at one instant, before the client says what it does.

    Attributes
    ----------
    number : int
        From 1.
    closed : tuple of (series, Bar)
        Bars that closed at `ts`, in series order.
    opened : tuple of (series, price)
        First prices of the bars that open at `ts`.
    fundings, trades : tuple
        Booked in this step, in order.
    seq : int
        The exchange's last event.
    is_last : bool
        Nothing opens any more; waiting exits fill at the last close.
    """

    number: int
    ts: int
    closed: tuple[tuple[str, Bar], ...]
    opened: tuple[tuple[str, Decimal], ...]
    fundings: tuple[Bill, ...]
    trades: tuple[Trade, ...]
    seq: int
    is_last: bool


class ModelMarket:
    """Implements `Market`; market orders wait for their acknowledgement."""

    def __init__(
        self,
        tracks: Sequence[Track],
        *,
        fundings: Mapping[str, Sequence[tuple[int, Decimal]]] | None = None,
        marks: Mapping[str, Mapping[int, Decimal]] | None = None,
        slippage: Decimal = Decimal("0.0005"),
    ) -> None:
        raise NotImplementedError


class LockStep:
    """The two hands that move a `ModelMarket`: `step`, then `ack` of phase 1 (exits) and of phase 2 (entries)."""

    def __init__(self, exchange: Exchange, market: ModelMarket) -> None:
        raise NotImplementedError

    def current(self) -> Instant | None:
        """Return the instant reached last, also after a restart; None before the first step."""
        raise NotImplementedError

    def step(self) -> Instant:
        """Go to the next instant; refused (`UsageError`) while the current one is not acknowledged, or at the end."""
        raise NotImplementedError

    def ack(self, number: int, phase: int, series: Mapping[str, str] | None = None) -> int:
        """Fill what waits and return the last event's number; a repeated acknowledgement changes nothing.

        Parameters
        ----------
        number : int
            Of the current instant.
        phase : int
            1 fills reduce-only market orders, 2 the others.
        series : mapping of client id to series
            Where entries fill; may be left out where the contract has one series only.
        """
        raise NotImplementedError
