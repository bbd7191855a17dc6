"""Addresses of chains: what a text is, which host would see it, and what that host says lies there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from vigie.domain.errors import TransientError, UsageError
from vigie.intelligence.addresses.bitcoin_addresses import is_bitcoin_address, read_extended_key
from vigie.intelligence.addresses.evm_addresses import checksum_address, is_evm_address
from vigie.intelligence.addresses.evm_tokens import ETHEREUM_TOKENS
from vigie.intelligence.addresses.wallet_scan import scan_wallet
from vigie.intelligence.holdings.amounts import exactly
from vigie.ports.address_balances import AddressBalanceReader, AddressState
from vigie.ports.clock import Clock
from vigie.ports.evm_balances import EvmBalanceReader
from vigie.ports.holding_addresses import HoldingAddressKind, HoldingChain

_BITCOIN_DECIMALS: Final = 8
_ETHER_DECIMALS: Final = 18
# A reading holds a thread of the pages.
MOST_S: Final = 120


@dataclass(frozen=True, slots=True)
class ChainAddress:
    """An address or an extended public key, its checksum verified.

    Attributes
    ----------
    text : str
        Written in one way: the same address is the same text.
    kind, chain : str
        What it is, and of which chain.
    """

    text: str
    kind: HoldingAddressKind
    chain: HoldingChain

    @property
    def short(self) -> str:
        """Its beginning and its end, by which its owner knows it."""
        return f"{self.text[:6]}…{self.text[-4:]}"


def identify_address(text: str) -> ChainAddress:
    """Return what a text is.

    Parameters
    ----------
    text : str
        As a person typed it.

    Returns
    -------
    ChainAddress

    Raises
    ------
    UsageError
        If it is no address that is read here; the sentence repeats nothing of it.
    """
    text = text.strip()
    if is_evm_address(text):
        return ChainAddress(checksum_address(text), "address", "ethereum")
    if is_bitcoin_address(text):
        # Those of one case are the same address in both.
        return ChainAddress(text.lower() if text[:3].lower() == "bc1" else text, "address", "bitcoin")
    if read_extended_key(text) is not None:
        return ChainAddress(text, "extended_key", "bitcoin")
    raise UsageError(
        "holding_address_not_read",
        "this is no address of Bitcoin or Ethereum, no xpub, ypub or zpub, or a letter of it is wrong; copy it whole "
        "from your wallet",
    )


@dataclass(frozen=True, slots=True)
class FoundBalance:
    """What lies of one coin at an address.

    Attributes
    ----------
    asset : str
        Catalogue id.
    quantity : Decimal
        Coins, exact.
    """

    asset: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class BalanceHosts:
    """The hosts that are asked; each sees the addresses it is asked about, and when."""

    bitcoin: AddressBalanceReader
    ethereum: EvmBalanceReader
    clock: Clock

    def name(self, chain: HoldingChain) -> str:
        """Return the name of the host of a chain."""
        return self.bitcoin.host if chain == "bitcoin" else self.ethereum.host

    def read(self, address: ChainAddress, assets: Collection[str]) -> list[FoundBalance]:
        """Return what lies at an address, the chain's own coin first; of tokens only those that the catalogue knows.

        Raises
        ------
        UsageError
            If an extended key has too many addresses.
        TransientError, ConnectorError, DataError
            If the host fails: no part is taken for the whole.
        """
        if address.chain == "bitcoin":
            return [FoundBalance("bitcoin", _coins(self._satoshis(address), _BITCOIN_DECIMALS))]
        tokens = [token for token in ETHEREUM_TOKENS if token.asset in assets]
        native, *units = self.ethereum.read(address.text, [token.contract for token in tokens])
        return [
            FoundBalance("ethereum", _coins(native, _ETHER_DECIMALS)),
            *(
                FoundBalance(token.asset, _coins(count, token.decimals))
                for token, count in zip(tokens, units, strict=True)
            ),
        ]

    def _satoshis(self, address: ChainAddress) -> int:
        key = read_extended_key(address.text) if address.kind == "extended_key" else None
        if key is None:
            return self.bitcoin.read(address.text).units
        ends_ms = self.clock.wall_now() + MOST_S * 1_000

        def read(derived: str) -> AddressState:
            if self.clock.wall_now() > ends_ms:
                raise TransientError(
                    "balance_too_slow",
                    "{host} did not tell all addresses of this key within {seconds} seconds; read it again later, or "
                    "name a host of your own",
                    host=self.bitcoin.host,
                    seconds=MOST_S,
                )
            return self.bitcoin.read(derived)

        return scan_wallet(key, read).units


@exactly
def _coins(units: int, decimals: int) -> Decimal:
    return Decimal(units).scaleb(-decimals)
