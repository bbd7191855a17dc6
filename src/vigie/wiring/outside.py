"""Addresses whose fills are read: who reads them, and the key that they are encrypted with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Final, TypedDict

from vigie.adapters.clock import SystemClock
from vigie.adapters.notifiers.sealing import AddressSeal
from vigie.adapters.stores.keys import HomeKey
from vigie.adapters.venues.manifest import manifests
from vigie.config import venue_url
from vigie.ports.outside_addresses import OutsideAddressSeal, OutsideFillPage, OutsideFillReader
from vigie.wiring.world_address import world_url

_EXCHANGE: Final = "hyperliquid"
_MARK_LENGTH: Final = 32


class OutsideParts(TypedDict):
    """What a home has of it."""

    fill_reader: OutsideFillReader
    address_seal: OutsideAddressSeal


@dataclass(frozen=True)
class LazyFillReader:
    """Loads what reads fills when the first address is read: few homes have one."""

    home: Path
    contact: str

    @cached_property
    def _reader(self) -> OutsideFillReader:
        module = import_module(f"vigie.adapters.venues.{_EXCHANGE}.public_fills")
        reader: OutsideFillReader = module.HyperliquidFillReader(SystemClock(), self._url, self.contact)
        return reader

    def _url(self) -> str:
        world = world_url(self.home)
        if world:
            return f"{world.rstrip('/')}/{_EXCHANGE}"
        manifest = next(entry for entry in manifests() if entry.id == _EXCHANGE)
        return venue_url(_EXCHANGE) or manifest.live_url

    def check(self, address: str) -> str:
        """Return an address as it is kept."""
        return self._reader.check(address)

    def is_known(self, address: str) -> bool:
        """Tell whether the venue knows an address."""
        return self._reader.is_known(address)

    def pages(self, address: str, since_ms: int) -> Iterator[OutsideFillPage]:
        """Yield the fills of an address from a time on."""
        return self._reader.pages(address, since_ms)


def outside_parts(home: Path, contact: str) -> OutsideParts:
    """Return what a home has for addresses; nothing is loaded, asked or created before the first one."""
    key = HomeKey(home / "secrets" / "web.key")
    seal = AddressSeal(key.read, use="outside-addresses", mark_length=_MARK_LENGTH)
    return {"fill_reader": LazyFillReader(home, contact), "address_seal": seal}
