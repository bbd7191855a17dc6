"""What differs between venues when they are live: their words, and how their answers are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from vigie.adapters.venues.board import MarketMessage
from vigie.adapters.venues.weight_budget import WeightLimit
from vigie.domain.ids import InstrumentId

_QUOTE: Final = "USDT"


@dataclass(frozen=True, slots=True)
class StreamSubscription:
    """One connection: its address and what is said on it first."""

    url: str
    messages: Sequence[object]


class UsdtSymbols:
    """Names of perpetuals in USDT, as the venues that trade them have it: ``BTCUSDT``."""

    # What ccxt says of these venues' limits is theirs.
    limit: WeightLimit | None = None

    def symbol(self, instrument: InstrumentId) -> str:
        """Return ``BTCUSDT``."""
        return instrument.symbol

    def instrument(self, symbol: str) -> str | None:
        """Return ``btc-usdt-perp``; None for dated futures and other quotes."""
        base = symbol.removesuffix(_QUOTE)
        return f"{base.lower()}-usdt-perp" if base != symbol and base.isalnum() and base.isascii() else None


class Speech(Protocol):
    """What differs between venues; one object a connection set, without state of its own.

    Attributes
    ----------
    pushed_timeframes : frozenset of str
        Of the bars that it streams.
    says_final : bool
        Whether a pushed bar says itself that it is finished.
    """

    client: str
    options: Mapping[str, Any]
    limit: WeightLimit | None
    transient_codes: frozenset[str]
    history_days: int
    facts_elsewhere: bool
    pushed_timeframes: frozenset[str]
    says_final: bool

    def fault(self, answer: object) -> str | None:
        """Say what is wrong with an answer under HTTP 200, or None."""
        ...

    def symbol(self, instrument: InstrumentId) -> str:
        """Return the venue's symbol of one of our instruments."""
        ...

    def instrument(self, symbol: str) -> str | None:
        """Return our name of a symbol of the market this is about, or None for any other."""
        ...

    def quote_subscriptions(self, client: Any, symbols: Sequence[str]) -> Sequence[StreamSubscription]:
        """Return what to say to hear quotes."""
        ...

    def bar_subscriptions(
        self, client: Any, symbols: Sequence[str], timeframes: Sequence[str]
    ) -> Sequence[StreamSubscription]:
        """Return what to say to hear candles."""
        ...

    def parse_message(self, message: object) -> Iterable[MarketMessage] | None:
        """Read a message; None for one that is not data, which ccxt takes care of.

        Raises
        ------
        ValueError, KeyError, TypeError
            If it is data that cannot be read.
        """
        ...

    def remaining_limit(self, headers: Mapping[str, str]) -> float | None:
        """Return what the headers of an answer say is left of the limit."""
        ...

    async def tickers(self, client: Any, symbols: Sequence[str]) -> list[MarketMessage]:
        """Ask for the quotes of everything that is listed, or at least of the symbols."""
        ...

    async def funding(self, client: Any, symbol: str, since_ms: int) -> list[tuple[int, float]]:
        """Ask for settlements (time, rate) after a time, ascending."""
        ...
