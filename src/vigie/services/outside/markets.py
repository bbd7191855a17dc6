"""What a venue's symbol means here: venue, instrument and coin; of coins that share a ticker nobody guesses one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vigie.domain.asset import Asset
from vigie.domain.errors import UsageError
from vigie.domain.ids import ASSET_BY_TICKER, InstrumentId, parse_instrument, parse_venue, venue_market
from vigie.domain.refusal import Refusal
from vigie.services.outside.cells import shorten

# Its perpetuals are in dollars that it calls USDC, and its symbols do not say so.
_QUOTE_BY_EXCHANGE: Final = {"hyperliquid": "USDC"}
_PLAIN: Final = re.compile(r"[A-Za-z0-9]{1,30}", re.ASCII)
_SYMBOL: Final = re.compile(r"[A-Za-z0-9/:_-]{1,60}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OutsideMarket:
    """Where a fill was made, and of which coin; `asset` is empty where the catalogue knows none."""

    venue: str
    instrument: str
    asset: str
    quote: str


class SharedTicker(UsageError):
    """Several coins have a ticker; `ticker` is it, and `assets` are they."""

    def __init__(self, ticker: str, assets: Sequence[Asset]) -> None:
        super().__init__(
            Refusal(
                "outside_shared_ticker",
                "{ticker} is the ticker of several coins ({names}); choose which one",
                ticker=ticker,
                names=", ".join(f"{asset.name} ({asset.id})" for asset in assets[:5]),
            )
        )
        self.ticker = ticker
        self.assets = tuple(assets)


@dataclass(frozen=True, slots=True)
class SymbolReader:
    """Reads symbols.

    Attributes
    ----------
    assets : sequence of Asset
        The catalogue.
    chosen : mapping of str to str
        By ticker, the catalogue id of the coin that is meant.
    """

    assets: Sequence[Asset]
    chosen: Mapping[str, str] = field(default_factory=dict)

    def read(self, venue: str, symbol: str, *, must_choose: bool = True) -> OutsideMarket:
        """Return what a symbol means at a venue.

        Parameters
        ----------
        venue : str
            ``binance-perp``; a symbol with a slash is of the venue's spot market.
        symbol : str
            ``BTCUSDT``, ``BTC``, ``HYPE/USDC`` or ``btc-usdt-perp``.
        must_choose : bool
            Whether a ticker that several coins share is refused; else the coin stays open.

        Raises
        ------
        SharedTicker
            If several coins have the ticker and none is chosen.
        UsageError
            If symbol or venue is none, or no coin has the id that is chosen.
        """
        known_venue = parse_venue(venue.strip().lower())
        if not _SYMBOL.fullmatch(symbol):
            raise UsageError(
                "outside_symbol_must_look",
                "instrument must look like BTCUSDT, BTC or btc-usdt-perp, was {symbol!r}",
                symbol=shorten(symbol),
            )
        exchange, market = known_venue.rpartition("-")[0], venue_market(known_venue)
        quote = _QUOTE_BY_EXCHANGE.get(exchange)
        if quote and _PLAIN.fullmatch(symbol):
            instrument = InstrumentId(symbol.upper(), quote, market)
        else:
            # Where there are pairs beside contracts that are named by their coin, a pair is of the spot market.
            market = "spot" if quote and "/" in symbol and ":" not in symbol else market
            instrument = parse_instrument(symbol, market=market)
        asset = self._asset(instrument, must_choose=must_choose)
        return OutsideMarket(f"{exchange}-{instrument.market}", str(instrument), asset, instrument.quote)

    def choosing(self, symbol: str, asset: str) -> SymbolReader:
        """Return a reader for which a symbol's coin is chosen; the empty one chooses none."""
        if not asset or not _SYMBOL.fullmatch(symbol):
            return self
        return SymbolReader(self.assets, {**self.chosen, parse_instrument(symbol).coin: asset})

    def _asset(self, instrument: InstrumentId, *, must_choose: bool) -> str:
        ticker = instrument.coin
        if ticker in ASSET_BY_TICKER:
            # The coins of the watch have their tickers, whoever else takes one.
            return ASSET_BY_TICKER[ticker]
        candidates = [asset for asset in self.assets if asset.symbol.upper() == ticker]
        if chosen := self.chosen.get(ticker, ""):
            if all(asset.id != chosen for asset in candidates):
                raise UsageError(
                    "outside_no_such_coin",
                    "{ticker} must be one of {ids}, was {chosen!r}",
                    ticker=ticker,
                    ids=", ".join(asset.id for asset in candidates[:5]) or "-",
                    chosen=shorten(chosen),
                )
            return chosen
        if len(candidates) > 1:
            if must_choose:
                raise SharedTicker(ticker, candidates)
            return ""
        return candidates[0].id if candidates else ""
