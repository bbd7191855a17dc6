"""Addresses of a venue whose fills a person reads: encrypted, told to nobody else, removed with what was read.

An address stands in no URL, no log and no audit record: what takes one is a change, so it is posted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydantic import Field

from vigie.data.catalog import BarCatalog
from vigie.domain.errors import NotFound, UsageError, VigieError
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.outside import OutsideAddress, OutsideStore
from vigie.ports.outside_addresses import OutsideAddressSeal, OutsideFillReader
from vigie.services.operation import NoInput, OperationInput, OperationResult, Origin, Table, operation
from vigie.services.operations.outside import MAX_FILLS, note_added
from vigie.services.outside.markets import SymbolReader
from vigie.services.outside.outside_rows import SOURCE
from vigie.services.outside.reading import AddressReading
from vigie.services.people.ownership import owner_of
from vigie.services.refusal_text import RefusalText
from vigie.services.rows import Row, shown, table_of

ADDRESS_ID: Final = r"^f[0-9a-f]{16}$"
VENUE: Final = "hyperliquid-perp"
MAX_ADDRESSES: Final = 10


@dataclass(frozen=True, slots=True)
class AddressSources:
    """What keeps and reads addresses."""

    outside: OutsideStore
    accounts: UserStore
    seal: OutsideAddressSeal
    reader: OutsideFillReader
    catalog: BarCatalog
    audit: AuditLog


class OutsideAddressInput(OperationInput):
    """One address that is kept, by its id."""

    outside_address: str = Field(pattern=ADDRESS_ID, description="Its id.", examples=["f0123456789abcdef"])


class AddOutsideAddressInput(OperationInput):
    """An address of Hyperliquid."""

    address: str = Field(max_length=200, description="0x and 40 hexadecimal digits.")


class OutsideAddressResult(OperationResult):
    """An address and what reading it gave; `fault` says why reading ended early, what was read before is kept."""

    outside_address: str
    added: int
    known: int
    skipped: int = Field(description="Fills of markets that have no name here: they are left out.")
    removed: int = Field(description="Fills that went with the address.")
    fault: RefusalText = ""


class OutsideAddressRow(Row):
    """An address whose fills are read."""

    id: str = shown("Id", source=SOURCE)
    venue: str = shown("Venue", source=SOURCE)
    short: str = shown(
        "Address", definition="Its beginning and end; empty where another key encrypted it.", source=SOURCE
    )
    fills: int = shown("Fills", unit="count", source=SOURCE)
    ts_added: int = shown("Added", unit="ms", source=SOURCE)
    ts_read: int | None = shown("Last read", unit="ms", source=SOURCE)


@operation("outside.addresses", example={})
def list_outside_addresses(
    caller: Caller, params: NoInput, sources: AddressSources
) -> Table[OutsideAddressRow]:
    """List the addresses whose fills you read; nobody proved that they are yours."""
    owner = owner_of(sources.accounts, caller)
    fills = [fill.address for fill in sources.outside.fills(owner)]
    rows = [
        OutsideAddressRow(
            id=kept.id,
            venue=kept.venue,
            short=_shorten(sources.seal, kept),
            fills=fills.count(kept.id),
            ts_added=kept.ts_added,
            ts_read=kept.ts_read,
        )
        for kept in sources.outside.addresses(owner)
    ]
    return table_of(OutsideAddressRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))


def _shorten(seal: OutsideAddressSeal, kept: OutsideAddress) -> str:
    try:
        address = seal.open(kept.sealed)
    except VigieError:
        return ""
    return f"{address[:6]}…{address[-4:]}"


@operation("outside.add_address", scope="write", example={"address": "0x" + "0" * 40})
def add_outside_address(
    caller: Caller, params: AddOutsideAddressInput, sources: AddressSources
) -> OutsideAddressResult:
    """Read the fills of a Hyperliquid address from now on, and those it has; it is kept encrypted."""
    owner = owner_of(sources.accounts, caller)
    address = sources.reader.check(params.address)
    mark = sources.seal.fingerprint(address)
    kept_addresses = sources.outside.addresses(owner)
    if all(kept.mark != mark for kept in kept_addresses):
        if len(kept_addresses) >= MAX_ADDRESSES:
            raise UsageError(
                "most_outside_addresses", "you can have at most {most} addresses", most=MAX_ADDRESSES
            )
        if not sources.reader.is_known(address):
            raise UsageError(
                "outside_address_of_nobody",
                "Hyperliquid knows no account of this address; check it, and that it is on the main network",
            )
    kept = sources.outside.add_address(owner, VENUE, sources.seal.seal(address), mark)
    sources.audit.append("outside.address_add", actor=caller.user, subject=kept.id, text={})
    return _read_fills(sources, caller, kept, address)


@operation("outside.read_address", scope="write", example={"outside_address": "f0123456789abcdef"})
def read_outside_address(
    caller: Caller, params: OutsideAddressInput, sources: AddressSources
) -> OutsideAddressResult:
    """Read what an address traded since it was read last; nothing is doubled."""
    owner = owner_of(sources.accounts, caller)
    kept = _find_address(sources.outside, owner, params.outside_address)
    return _read_fills(sources, caller, kept, sources.seal.open(kept.sealed))


@operation("outside.remove_address", scope="write", example={"outside_address": "f0123456789abcdef"})
def remove_outside_address(
    caller: Caller, params: OutsideAddressInput, sources: AddressSources
) -> OutsideAddressResult:
    """Remove an address with the fills that were read of it; what a form or file told as well stays."""
    owner = owner_of(sources.accounts, caller)
    _find_address(sources.outside, owner, params.outside_address)
    removed = sources.outside.remove_address(owner, params.outside_address) or 0
    sources.audit.append(
        "outside.address_remove", actor=caller.user, subject=params.outside_address, text={"fills": removed}
    )
    return OutsideAddressResult(
        outside_address=params.outside_address, added=0, known=0, skipped=0, removed=removed
    )


def _find_address(outside: OutsideStore, owner: str, address: str) -> OutsideAddress:
    for kept in outside.addresses(owner):
        if kept.id == address:
            return kept
    raise NotFound("no_outside_address", "there is no address {address!r}", address=address)


def _read_fills(
    sources: AddressSources, caller: Caller, kept: OutsideAddress, address: str
) -> OutsideAddressResult:
    markets = SymbolReader(sources.catalog.assets())
    reading = AddressReading(sources.outside, sources.reader, markets, MAX_FILLS)
    read = reading.read(owner_of(sources.accounts, caller), kept, address)
    if read.added:
        note_added(sources.audit, caller, read.added)
    return OutsideAddressResult(
        outside_address=kept.id,
        added=read.added,
        known=read.known,
        skipped=read.skipped,
        removed=0,
        fault=read.fault,
    )
