"""Who lives in the world: 38 coins and two stablecoins, and which venue lists which.

The watched assets keep their names; every price, supply and all other names are invented.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from vigie.domain.asset import WATCHED, AssetKind
from vigie_sandbox.market.profiles import AssetProfile, get_profile

_SUPPLIES: Final = {
    "BTC": 19_900_000.0,
    "ETH": 120_700_000.0,
    "USDT": 141_000_000_000.0,
    "USDC": 58_000_000_000.0,
    "BNB": 138_000_000.0,
    "XRP": 59_000_000_000.0,
    "SOL": 540_000_000.0,
    "ADA": 35_600_000_000.0,
    "AVAX": 420_000_000.0,
    "DOT": 1_600_000_000.0,
    "DOGE": 151_000_000_000.0,
    "TRX": 94_600_000_000.0,
    "ATOM": 470_000_000.0,
}
_INVENTED: Final = (
    "Aldor", "Brint", "Corva", "Dunlo", "Elvar", "Fjoll", "Galvi", "Halcy", "Ivora", "Jasmo", "Kestr", "Lumar",
    "Mirva", "Norde", "Orves", "Palno", "Quilo", "Rivna", "Solva", "Tarno", "Ulved", "Vespo", "Wreno", "Xandri",
    "Yarro", "Zephi", "Ombro",
)  # fmt: skip
CATEGORIES: Final = (
    ("layer-1", "Layer 1"),
    ("decentralized-finance-defi", "Decentralized Finance (DeFi)"),
    ("meme-token", "Meme"),
    ("stablecoins", "Stablecoins"),
    ("gaming", "Gaming"),
    ("storage", "Storage"),
    ("exchange-based-tokens", "Exchange-based Tokens"),
)
_CATEGORY_BY_SYMBOL: Final = {
    "DOGE": "meme-token",
    "BNB": "exchange-based-tokens",
    "USDT": "stablecoins",
    "USDC": "stablecoins",
}
_INVENTED_CATEGORIES: Final = ("decentralized-finance-defi", "gaming", "layer-1", "meme-token", "storage")


class VenueProfile(NamedTuple):
    """What sets a venue apart.

    Attributes
    ----------
    coins : int
        How many perpetuals it lists, from the biggest on.
    stablecoins : bool
        Whether stablecoins are among them.
    share : float
        Of the turnover.
    premium : float
        How strongly the market's premium shows.
    funding_hours : int
        Between settlements.
    significant_digits : int
        Significant figures of a price at most; 0 means the tick alone.
    """

    coins: int
    stablecoins: bool
    share: float
    premium: float
    funding_hours: int
    significant_digits: int = 0


VENUE_PROFILES: Final = {
    "bitget": VenueProfile(39, True, 0.28, 1.0, 8),
    "binance": VenueProfile(30, True, 0.60, 0.92, 8),
    "hyperliquid": VenueProfile(24, False, 0.12, 1.15, 1, significant_digits=5),
}
VENUES: Final = tuple(VENUE_PROFILES)


@dataclass(frozen=True, slots=True)
class Coin:
    """One asset of the world.

    Attributes
    ----------
    number : int
        Its row in the tape.
    id, symbol, name, kind : str
        As in `vigie.domain.asset.Asset`; ids are also the catalogue's.
    profile : AssetProfile
        How its price moves.
    supply : float
        Coins in circulation at the start of the history.
    category : str
        Id of its category.
    """

    number: int
    id: str
    symbol: str
    name: str
    kind: AssetKind
    profile: AssetProfile
    supply: float
    category: str

    @property
    def is_watched(self) -> bool:
        """Whether it is one of the assets that are watched from the first start on."""
        return self.number < len(WATCHED)


def make_catalogue(seed: int) -> tuple[Coin, ...]:
    """Return the 40 assets of a seed's world, the watched ones first."""
    watched = [
        _make_coin(number, asset.id, asset.symbol, asset.name, asset.kind, seed)
        for number, asset in enumerate(WATCHED)
    ]
    invented = [
        _make_coin(number, name.lower(), name.upper(), name, "coin", seed)
        for number, name in enumerate(_INVENTED, start=len(watched))
    ]
    return tuple(watched + invented)


def make_namesake(coins: tuple[Coin, ...]) -> Coin:
    """Return a small coin that no venue lists, with the ticker of another; its price moves with the last coin's."""
    symbol = next(coin.symbol for coin in coins if coin.name == "Lumar")
    return replace(
        coins[-1], id="lumera", symbol=symbol, name="Lumera", supply=_round_supply(coins[-1].supply / 100)
    )


def listed_on(coins: tuple[Coin, ...], venue: str) -> tuple[Coin, ...]:
    """Return the coins of which a venue lists a perpetual; Tether is what they are quoted in."""
    traded = [coin for coin in coins if coin.symbol != "USDT"]
    profile = VENUE_PROFILES[venue]
    if not profile.stablecoins:
        traded = [coin for coin in traded if coin.kind == "coin"]
    return tuple(traded[: profile.coins])


def _make_coin(number: int, id_: str, symbol: str, name: str, kind: AssetKind, seed: int) -> Coin:
    profile = get_profile(symbol, seed)
    category = _CATEGORY_BY_SYMBOL.get(symbol) or (
        "layer-1" if symbol in _SUPPLIES else _INVENTED_CATEGORIES[number % len(_INVENTED_CATEGORIES)]
    )
    supply = _SUPPLIES.get(symbol) or _round_supply(14.0 * profile.turnover / profile.level)
    return Coin(number, id_, symbol, name, kind, profile, supply, category)


def _round_supply(coins: float) -> float:
    """Return a supply with two leading figures, as founders choose them."""
    unit = 10.0 ** (math.floor(math.log10(coins)) - 1)
    return round(coins / unit) * unit
