"""Tokens whose balances are read at an address of Ethereum, by the coin that the catalogue calls them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class EvmToken:
    """A token of Ethereum (ERC-20).

    Attributes
    ----------
    asset : str
        Catalogue id of its coin.
    contract : str
        Address of its contract, with the capitals of its checksum.
    decimals : int
        Digits behind the point of one coin.
    """

    asset: str
    contract: str
    decimals: int


# As their issuers name them; each compared with two public lists. A token that is not here is not asked for, because
# anybody may send worthless ones to any address.
ETHEREUM_TOKENS: Final = (
    EvmToken("tether", "0xdAC17F958D2ee523a2206206994597C13D831ec7", 6),
    EvmToken("usd-coin", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", 6),
    EvmToken("dai", "0x6B175474E89094C44Da98b954EedeAC495271d0F", 18),
    EvmToken("wrapped-bitcoin", "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599", 8),
    EvmToken("chainlink", "0x514910771AF9Ca656af840dff83E8264EcF986CA", 18),
    EvmToken("uniswap", "0x1f9840a85d5aF5bf1D1762F925BDADdC4201F984", 18),
    EvmToken("aave", "0x7Fc66500c84A76Ad7e9c93437bFc5Ac33E2DDaE9", 18),
    EvmToken("shiba-inu", "0x95aD61b0a150d79219dCF64E1E6Cc01f0B64C4cE", 18),
)
