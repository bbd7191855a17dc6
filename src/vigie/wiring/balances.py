"""Addresses of what people own: the hosts that are asked about them, and the key that they are encrypted with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Final, TypedDict

from vigie.adapters.clock import SystemClock
from vigie.adapters.notifiers.sealing import AddressSeal
from vigie.adapters.stores.keys import HomeKey
from vigie.config import is_simulated, venue_url
from vigie.intelligence.addresses.evm_addresses import is_evm_address
from vigie.ports.address_balances import AddressBalanceReader, AddressState
from vigie.ports.evm_balances import EvmBalanceReader
from vigie.ports.holding_addresses import HoldingAddressSeal
from vigie.wiring.world_address import find_world, world_url

_MARK_LENGTH: Final = 32
_ETHEREUM: Final = 1
# Where each is asked: the setting `urls`, the path below a simulated world, the public host.
_BITCOIN: Final = ("esplora", "mempool/api", "https://mempool.space/api")
_ETHER: Final = ("ethereum", "evm", "https://ethereum-rpc.publicnode.com")


_WORLD: Final = "the simulated market"


class BalanceParts(TypedDict):
    """What a home has of it."""

    bitcoin_balances: AddressBalanceReader
    ethereum_balances: EvmBalanceReader
    holding_seal: HoldingAddressSeal


@dataclass(frozen=True)
class LazyBitcoinBalances:
    """Loads what asks about Bitcoin addresses with the first one: few homes have one."""

    home: Path
    contact: str

    @cached_property
    def _reader(self) -> AddressBalanceReader:
        module = import_module("vigie.adapters.balances.esplora")
        reader: AddressBalanceReader = module.EsploraReader(
            SystemClock(), lambda: _url(self.home, *_BITCOIN), self.contact
        )
        return reader

    @property
    def host(self) -> str:
        """Name of the host that sees the addresses."""
        return self._reader.host if _is_reachable(self.home) else _WORLD

    def read(self, address: str) -> AddressState:
        """Return what lies at an address now."""
        return self._reader.read(address)


@dataclass(frozen=True)
class LazyEthereumBalances:
    """Loads what asks about addresses of Ethereum with the first one."""

    home: Path
    contact: str

    @cached_property
    def _reader(self) -> EvmBalanceReader:
        module = import_module("vigie.adapters.balances.evm_rpc")
        reader: EvmBalanceReader = module.EvmRpcReader(
            SystemClock(), lambda: _url(self.home, *_ETHER), _ETHEREUM, is_evm_address, self.contact
        )
        return reader

    @property
    def host(self) -> str:
        """Name of the host that sees the addresses."""
        return self._reader.host if _is_reachable(self.home) else _WORLD

    def read(self, address: str, tokens: Sequence[str] = ()) -> Sequence[int]:
        """Return what lies at an address now, the native coin first."""
        return self._reader.read(address, tokens)


def balance_parts(home: Path, contact: str) -> BalanceParts:
    """Return what a home has for addresses of what people own; nothing is loaded, asked or created before."""
    key = HomeKey(home / "secrets" / "web.key")
    return {
        "bitcoin_balances": LazyBitcoinBalances(home, contact),
        "ethereum_balances": LazyEthereumBalances(home, contact),
        "holding_seal": AddressSeal(key.read, use="holding-addresses", mark_length=_MARK_LENGTH),
    }


def _is_reachable(home: Path) -> bool:
    """Tell whether a home is real, or its simulated world has run."""
    return not is_simulated(home) or bool(find_world(home))


def _url(home: Path, setting: str, path: str, public: str) -> str:
    world = world_url(home)
    return f"{world.rstrip('/')}/{path}" if world else venue_url(setting) or public
