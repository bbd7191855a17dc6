"""Assets by catalogue id: tickers are shared by several coins, ids are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

AssetKind = Literal["coin", "stablecoin"]


@dataclass(frozen=True, slots=True)
class Asset:
    """One asset.

    Attributes
    ----------
    id : str
        Catalogue id, ``bitcoin``.
    symbol : str
        Ticker in upper case, ``BTC``.
    name : str
        For people.
    kind : str
        ``coin`` or ``stablecoin``.
    """

    id: str
    symbol: str
    name: str
    kind: AssetKind = "coin"


# The assets that are watched from the first start on; others are learned from sources.
WATCHED: Final = (
    Asset("bitcoin", "BTC", "Bitcoin"),
    Asset("ethereum", "ETH", "Ethereum"),
    Asset("tether", "USDT", "Tether", "stablecoin"),
    Asset("usd-coin", "USDC", "USD Coin", "stablecoin"),
    Asset("binancecoin", "BNB", "BNB"),
    Asset("ripple", "XRP", "XRP"),
    Asset("solana", "SOL", "Solana"),
    Asset("cardano", "ADA", "Cardano"),
    Asset("avalanche-2", "AVAX", "Avalanche"),
    Asset("polkadot", "DOT", "Polkadot"),
    Asset("dogecoin", "DOGE", "Dogecoin"),
    Asset("tron", "TRX", "TRON"),
    Asset("cosmos", "ATOM", "Cosmos"),
)


def watched_ids(ticker: str) -> list[str]:
    """Return the ids of the watched assets of a ticker; none where it may mean any coin.

    Parameters
    ----------
    ticker : str
        In any case.

    Returns
    -------
    list of str
        Catalogue ids.
    """
    return [asset.id for asset in WATCHED if asset.symbol == ticker.upper()]
