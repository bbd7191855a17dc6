"""What is typical of an asset: price level, grid, volatility, share of the common factor, turnover."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.ids import ASSET_BY_TICKER, parse_instrument
from vigie.domain.instrument import Instrument
from vigie.domain.money import GridStep
from vigie_sandbox.market.streams import make_stream

VENUE: Final = "simulated-perp"
MAX_ASSETS: Final = 10_000


@dataclass(frozen=True, slots=True)
class AssetProfile:
    """What is typical of an asset.

    Attributes
    ----------
    ticker : str
        ``BTC``.
    level : float
        Price in quote currency around which a path starts and to which it slowly returns.
    tick, lot : GridStep
        Grid of prices and of quantities.
    sigma_day : float
        Standard deviation of daily log returns over a long history.
    rho : float
        Correlation of its returns with the common factor, 0 for a stablecoin.
    turnover : float
        Typical quote volume a day.
    wildness : float
        Size and frequency of the asset's own jumps, 1 for a typical one.
    max_leverage : float
        The venue's limit.
    """

    ticker: str
    level: float
    tick: GridStep
    lot: GridStep
    sigma_day: float
    rho: float
    turnover: float
    wildness: float = 1.0
    max_leverage: float = 75.0

    @property
    def is_stable(self) -> bool:
        """Whether the price is held at its level by redemption."""
        return self.rho == 0.0

    @property
    def instrument(self) -> str:
        """The id of its perpetual, ``btc-usdt-perp``."""
        return str(parse_instrument(self.ticker))

    @property
    def rules(self) -> Instrument:
        """The simulated venue's rules for it."""
        return Instrument(
            venue=VENUE,
            name=self.instrument,
            tick=self.tick,
            lot=self.lot,
            min_qty=self.lot.value,
            min_notional=5.0,
            max_leverage=self.max_leverage,
        )


_MILLION: Final = 1_000_000.0
_KNOWN_PROFILES: Final = (
    AssetProfile("BTC", 65_000.0, GridStep(1, 1), GridStep(1, 4), 0.033, 0.91, 15_000 * _MILLION, 0.5, 125.0),
    AssetProfile("ETH", 3_000.0, GridStep(1, 2), GridStep(1, 2), 0.043, 0.90, 9_000 * _MILLION, 0.6, 100.0),
    AssetProfile("BNB", 600.0, GridStep(1, 2), GridStep(1, 2), 0.044, 0.73, 500 * _MILLION),
    AssetProfile("SOL", 150.0, GridStep(1, 3), GridStep(1, 1), 0.062, 0.75, 3_000 * _MILLION),
    AssetProfile("XRP", 1.2, GridStep(1, 4), GridStep(1, 0), 0.054, 0.66, 1_200 * _MILLION, 1.3),
    AssetProfile("AVAX", 25.0, GridStep(1, 3), GridStep(1, 1), 0.062, 0.76, 280 * _MILLION),
    AssetProfile("DOGE", 0.15, GridStep(1, 5), GridStep(1, 0), 0.068, 0.70, 1_000 * _MILLION, 1.5),
    AssetProfile("ADA", 0.6, GridStep(1, 4), GridStep(1, 0), 0.052, 0.77, 500 * _MILLION),
    AssetProfile("DOT", 6.0, GridStep(1, 3), GridStep(1, 1), 0.052, 0.78, 200 * _MILLION),
    AssetProfile("TRX", 0.2, GridStep(1, 5), GridStep(1, 0), 0.032, 0.42, 90 * _MILLION, 1.5, 50.0),
    AssetProfile("ATOM", 8.0, GridStep(1, 3), GridStep(1, 1), 0.046, 0.78, 80 * _MILLION, 1.0, 50.0),
    AssetProfile("USDC", 1.0, GridStep(1, 6), GridStep(1, 0), 0.0006, 0.0, 300 * _MILLION, 0.3, 50.0),
    AssetProfile("USDT", 1.0, GridStep(1, 6), GridStep(1, 0), 0.0006, 0.0, 300 * _MILLION, 0.3, 50.0),
)
PROFILES: Final[dict[str, AssetProfile]] = {profile.ticker: profile for profile in _KNOWN_PROFILES}
_TICKER_BY_ASSET: Final = {asset: ticker for ticker, asset in ASSET_BY_TICKER.items()}


def resolve_tickers(assets: Sequence[str] | int) -> tuple[str, ...]:
    """Return the tickers meant: a number of assets, or names as people spell them.

    Parameters
    ----------
    assets : sequence of str, or int
        ``["BTC", "ethusdt", "solana"]``; a number takes the known ones first, then ``SIM14``, ``SIM15``...

    Raises
    ------
    UsageError
        If none is named, one is named twice, or a name cannot be read.
    """
    if isinstance(assets, str):
        assets = [assets]
    if isinstance(assets, int):
        if not 1 <= assets <= MAX_ASSETS:
            raise UsageError(f"assets must be 1..{MAX_ASSETS}, was {assets}")
        known_tickers = list(PROFILES)
        return tuple(
            known_tickers[:assets] + [f"SIM{number}" for number in range(len(known_tickers) + 1, assets + 1)]
        )
    tickers = tuple(_TICKER_BY_ASSET.get(name) or parse_instrument(name).base for name in assets)
    if not tickers:
        raise UsageError("assets must name at least one, was empty")
    duplicates = sorted({ticker for ticker in tickers if tickers.count(ticker) > 1})
    if duplicates:
        raise UsageError(f"assets must name each once, had {', '.join(duplicates)} more than once")
    return tickers


def get_profile(ticker: str, seed: int) -> AssetProfile:
    """Return the known profile of a ticker, or one drawn from the seed and the ticker alone."""
    known = PROFILES.get(ticker)
    if known is not None:
        return known
    level, sigma, rho, turnover, wildness = make_stream(seed, ticker, "profile").random(5).tolist()
    price = math.pow(10.0, 4.0 * level - 2.0)
    digits = max(0, 4 - math.floor(math.log10(price)))
    return AssetProfile(
        ticker=ticker,
        level=round(price, digits),
        tick=GridStep(1, digits),
        lot=GridStep(1, max(0, math.floor(math.log10(price)))),
        sigma_day=0.045 + 0.04 * sigma,
        rho=0.55 + 0.25 * rho,
        turnover=_MILLION * math.pow(10.0, 0.7 + 1.8 * turnover),
        wildness=0.7 + wildness,
        max_leverage=50.0,
    )
