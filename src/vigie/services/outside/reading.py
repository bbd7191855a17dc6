"""Fills of an address: read page by page and kept as they come, so that nothing is lost and nothing doubled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vigie.domain.errors import UsageError, VigieError
from vigie.domain.outside import OutsideFill
from vigie.ports.outside import OutsideAddress, OutsideStore
from vigie.ports.outside_addresses import OutsideFillReader
from vigie.services.outside.markets import SymbolReader


@dataclass(frozen=True, slots=True)
class ReadAddress:
    """What reading an address gave.

    Attributes
    ----------
    added, known, skipped : int
        New fills, those that were kept already, and those of markets without a name here.
    fault : str
        Why it ended early; empty where it did not. What was read before is kept.
    """

    added: int
    known: int
    skipped: int
    fault: str


@dataclass(frozen=True, slots=True)
class AddressReading:
    """Reads one address for a person.

    Attributes
    ----------
    most : int
        How many fills a person may have.
    """

    outside: OutsideStore
    reader: OutsideFillReader
    markets: SymbolReader
    most: int

    def read(self, owner: str, kept: OutsideAddress, address: str) -> ReadAddress:
        """Read the fills of an address that came since it was read last, and keep them."""
        added = known = skipped = 0
        fault = ""
        try:
            for page in self.reader.pages(address, kept.reached):
                fills = [self._with_asset(replace(fill, address=kept.id)) for fill in page.fills]
                new_fills: Sequence[OutsideFill] = self.outside.add(owner, fills, most=self.most)
                added += len(new_fills)
                known += len(fills) - len(new_fills)
                skipped += page.skipped
                # Only now: a page that was not kept is read again.
                self.outside.note_read(owner, kept.id, page.reached)
            self.outside.note_read(owner, kept.id, kept.reached)
        except VigieError as error:
            fault = str(error)
        return ReadAddress(added, known, skipped, fault)

    def _with_asset(self, fill: OutsideFill) -> OutsideFill:
        try:
            market = self.markets.read(fill.venue, fill.instrument, must_choose=False)
        except UsageError:
            return fill
        return replace(fill, asset=market.asset)
