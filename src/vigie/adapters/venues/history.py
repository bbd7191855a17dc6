"""Public bars over ccxt: one client a venue, strict about answers, waiting on our clock, within our budget.

ccxt reads a broken answer under HTTP 200 as an empty list; here every answer is checked before ccxt parses
it. ccxt is imported when the first client is made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from vigie.adapters.net.retry import Retry
from vigie.adapters.venues.ccxt_loader import ccxt_errors, exchange_class
from vigie.adapters.venues.manifest import Manifest
from vigie.adapters.venues.signed import is_here
from vigie.adapters.venues.strict import checking, redirected, sorted_error
from vigie.adapters.venues.weight_budget import WeightLimit, WeightWindow, weigh_requests
from vigie.domain.errors import UsageError
from vigie.domain.ids import InstrumentId, parse_instrument
from vigie.domain.money import parse_step
from vigie.domain.time import DAY_MS, timeframe_ms
from vigie.ports.clock import Clock
from vigie.ports.venue import BarRow, Terms

T = TypeVar("T")

_TIMEOUT_MS: Final = 10_000
# Pages ask for one bar more at either end: venues differ in whether the end is part of the span.
_MARGIN_BARS: Final = 1


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between venues.

    Attributes
    ----------
    client : str
        Name of the ccxt class.
    options : mapping
        Its constructor settings.
    fault : callable
        Says what is wrong with a parsed answer under HTTP 200, or None.
    terms : callable
        Makes our record of a ccxt market.
    transient_codes : frozenset of str
        Error codes of the venue that are worth another try, whatever ccxt makes of them.
    limit : WeightLimit, optional
        What the venue grants an address, where ccxt counts otherwise; a simulated one has no limit.
    """

    client: str
    options: Mapping[str, Any]
    fault: Callable[[object], str | None]
    terms: Callable[[str, Mapping[str, Any]], Terms]
    transient_codes: frozenset[str] = frozenset()
    limit: WeightLimit | None = None


class CcxtHistory:
    """The public history of one venue; fulfils `vigie.ports.venue.HistoryFeed`."""

    def __init__(
        self, manifest: Manifest, dialect: Dialect, *, market: str, clock: Clock, url: str | None = None
    ) -> None:
        self.venue = f"{manifest.id}-{market}"
        self.depth_bars = manifest.depth_bars or None
        self._manifest = manifest
        self._dialect = dialect
        self._clock = clock
        self._retry = Retry(clock)
        self._url = url
        self._opened: list[Any] = []

    def page_bars(self, timeframe: str) -> int:
        """Return how many bars a page may span, the margin left aside."""
        self._check_timeframe(timeframe)
        bars = self._manifest.page_bars
        if self._manifest.page_days:
            bars = min(bars, self._manifest.page_days * DAY_MS // timeframe_ms(timeframe))
        return bars - 2 * _MARGIN_BARS

    def page(self, instrument: str, timeframe: str, start_ms: int, end_ms: int) -> Sequence[BarRow]:
        """Return bars that open in [start_ms, end_ms), ascending."""
        span = timeframe_ms(timeframe)
        bars = -(-(end_ms - start_ms) // span)
        if not 1 <= bars <= self.page_bars(timeframe):
            raise UsageError(
                "page_must_span_bars",
                "a page must span 1..{timeframe} bars, was {bars}",
                timeframe=self.page_bars(timeframe),
                bars=bars,
            )
        symbol = self._market(instrument)["symbol"]
        margin = _MARGIN_BARS * span
        rows = self._ask(
            lambda client: client.fetch_ohlcv(
                symbol,
                timeframe,
                since=start_ms - margin,
                limit=bars + 2 * _MARGIN_BARS,
                params={"until": end_ms + margin},
            )
        )
        return [bar for row in rows if start_ms <= (bar := _parse_bar(row))[0] < end_ms]

    def listed_ms(self, instrument: str) -> int | None:
        """Return when trading began, where the venue says so."""
        created = self._market(instrument).get("created")
        return int(created) if created else None

    def terms(self, instruments: Sequence[str]) -> list[Terms]:
        """Return today's rules of those instruments that the venue lists."""
        markets = self._markets()
        result = []
        for name in instruments:
            market = markets.get(_ccxt_symbol(parse_instrument(name)))
            if market is not None:
                result.append(self._dialect.terms(name, market))
        return result

    def maintenance_rate(self, instrument: str) -> float | None:
        """Return the maintenance margin of the venue's lowest tier, where it publishes tiers."""
        symbol = self._market(instrument)["symbol"]
        if not self._client().has.get("fetchMarketLeverageTiers"):
            return None
        tiers = self._ask(lambda client: client.fetch_market_leverage_tiers(symbol))
        lowest = min(tiers, key=lambda tier: tier["minNotional"] or 0.0, default=None)
        return None if lowest is None else lowest["maintenanceMarginRate"]

    def _check_timeframe(self, timeframe: str) -> None:
        if timeframe not in self._manifest.timeframes:
            known = " ".join(self._manifest.timeframes)
            raise UsageError(
                "unknown_timeframe",
                "timeframe must be one of {known} on {venue}, was {timeframe!r}",
                known=known,
                venue=self.venue,
                timeframe=timeframe,
            )

    def _markets(self) -> Mapping[str, Mapping[str, Any]]:
        client = self._client()
        if not client.markets:
            self._ask(lambda opened: opened.load_markets())
        markets: Mapping[str, Mapping[str, Any]] = client.markets
        return markets

    def _market(self, instrument: str) -> Mapping[str, Any]:
        market = self._markets().get(_ccxt_symbol(parse_instrument(instrument)))
        if market is None:
            raise UsageError(
                "instrument_must_listed",
                "instrument must be listed on {venue}, was {instrument}",
                venue=self.venue,
                instrument=instrument,
            )
        return market

    def _client(self) -> Any:
        if not self._opened:
            self._opened.append(_open_client(self._manifest, self._dialect, self._clock, self._url))
        return self._opened[0]

    def _ask(self, request: Callable[[Any], T]) -> T:
        client = self._client()

        def once() -> T:
            try:
                return request(client)
            except ccxt_errors().BaseError as error:
                raise sorted_error(
                    error,
                    self._manifest.title,
                    self._dialect.transient_codes,
                    client.last_response_headers,
                ) from error

        return self._retry.call(once)


def _open_client(manifest: Manifest, dialect: Dialect, clock: Clock, url: str | None) -> Any:
    ccxt_class = exchange_class(dialect.client)
    limit = None if url and is_here(url) else dialect.limit
    client = type(f"Strict{dialect.client}", (ccxt_class,), _overrides(ccxt_class, dialect, clock, limit))(
        {
            "enableRateLimit": True,
            "timeout": _TIMEOUT_MS,
            "rateLimit": manifest.interval_ms,
            **dialect.options,
        }
    )
    if url:
        client.urls["api"] = redirected(client.urls["api"], url)
    return client


def _overrides(base: Any, dialect: Dialect, clock: Clock, limit: WeightLimit | None = None) -> dict[str, Any]:
    window = WeightWindow(clock, limit.per_minute if limit else 0)
    cost_of, weight = weigh_requests(base, limit)

    def throttle(self: Any, cost: float | None = None) -> None:
        while (window_wait_s := window.take(weight())) > 0:
            clock.sleep(window_wait_s)
        turn = self.rateLimit * (1 if cost is None else cost)
        # A clock that was set back makes nobody wait for longer than a turn.
        wait = min(self.lastRestRequestTimestamp + turn - clock.wall_now(), turn)
        if wait > 0:
            clock.sleep(wait / 1_000)

    def set_last_rest_request_timestamp(self: Any) -> None:
        self.lastRestRequestTimestamp = clock.wall_now()

    return {
        "handle_errors": checking(base, dialect.fault),
        "calculate_rate_limiter_cost": cost_of,
        "throttle": throttle,
        "set_last_rest_request_timestamp": set_last_rest_request_timestamp,
        "milliseconds": lambda self: clock.market_now(),
    }


def _ccxt_symbol(instrument: InstrumentId) -> str:
    pair = f"{instrument.base}/{instrument.quote}"
    return pair if instrument.market == "spot" else f"{pair}:{instrument.quote}"


def _parse_bar(row: Sequence[Any]) -> BarRow:
    ts, *values = row
    numbers = [math.nan if value is None else float(value) for value in values[:5]]
    return (int(ts), *numbers)  # type: ignore[return-value]  # five numbers follow the time


def make_terms(name: str, market: Mapping[str, Any], **overrides: Any) -> Terms:
    """Make our record of a ccxt market; `overrides` wins over what ccxt says."""
    limits = market["limits"]
    values: dict[str, Any] = {
        "tick": parse_step(market["precision"]["price"], name="tick"),
        "lot": parse_step(market["precision"]["amount"], name="lot"),
        "min_qty": limits["amount"].get("min"),
        "max_qty": limits["amount"].get("max"),
        "min_notional": limits["cost"].get("min"),
        "max_leverage": (limits.get("leverage") or {}).get("max"),
        "taker": market.get("taker"),
        "maker": market.get("maker"),
    }
    return Terms(name=name, **values | overrides)
