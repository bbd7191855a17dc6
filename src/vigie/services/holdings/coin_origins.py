"""Who issues a coin and on which chain it lives, as far as that is known; a coin that is not listed has neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class CoinOrigin:
    """Where a coin comes from.

    Attributes
    ----------
    issuer : str
        Who owes what it promises; empty where nobody does.
    chain : str
        Where it lives; empty where it lives on several.
    """

    issuer: str = ""
    chain: str = ""


# By catalogue id, as the issuers and the chains themselves say it.
ORIGINS: Final = {
    "bitcoin": CoinOrigin(chain="Bitcoin"),
    "ethereum": CoinOrigin(chain="Ethereum"),
    "tether": CoinOrigin(issuer="Tether"),
    "usd-coin": CoinOrigin(issuer="Circle"),
    "euro-coin": CoinOrigin(issuer="Circle"),
    "first-digital-usd": CoinOrigin(issuer="First Digital"),
    "binancecoin": CoinOrigin(chain="BNB Smart Chain"),
    "ripple": CoinOrigin(chain="XRP Ledger"),
    "solana": CoinOrigin(chain="Solana"),
    "cardano": CoinOrigin(chain="Cardano"),
    "avalanche-2": CoinOrigin(chain="Avalanche"),
    "polkadot": CoinOrigin(chain="Polkadot"),
    "dogecoin": CoinOrigin(chain="Dogecoin"),
    "tron": CoinOrigin(chain="TRON"),
    "cosmos": CoinOrigin(chain="Cosmos Hub"),
}
