"""Addresses and extended public keys whose balances a person reads, beside their lines.

An address stands in no URL, no log and no audit record: what takes one is posted, and it is kept encrypted. No host
sees one before its owner agreed to that host by name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from pydantic import Field

from vigie.domain.errors import Conflict, NotFound, UsageError, VigieError
from vigie.domain.pasted_secrets import holds_address, refuse_secrets
from vigie.domain.person import Caller
from vigie.intelligence.holdings.amounts import ZERO, exactly, plain
from vigie.ports.holding_addresses import (
    HoldingAddress,
    HoldingAddressKind,
    HoldingAddressSeal,
    HoldingAddressStore,
    HoldingChain,
)
from vigie.services.caches.holding_books import HoldingBook
from vigie.services.holdings.chain_addresses import (
    BalanceHosts,
    FoundBalance,
    identify_address,
)
from vigie.services.holdings.holding_book import HoldingSources, base_of, book_of
from vigie.services.holdings.holding_rows import SOURCE
from vigie.services.operation import NoInput, OperationInput, OperationResult, Origin, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.rows import Row, row_columns, shown, table_of
from vigie.services.slow_readings import SlowReadings

ADDRESS: Final = r"^a[0-9a-f]{16}$"
# The address of the simulated world that always holds something.
DEMO_ADDRESS: Final = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
MOST_ADDRESSES: Final = 20
_EXAMPLE: Final = {"holding_address": "a0123456789abcdef"}
_DOCUMENT: Final = "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"


@dataclass(frozen=True, slots=True)
class HoldingAddressSources:
    """What keeps addresses, and who is asked about them."""

    addresses: HoldingAddressStore
    seal: HoldingAddressSeal
    hosts: BalanceHosts
    holdings: HoldingSources
    readings: SlowReadings


class HoldingAddressInput(OperationInput):
    """One address that is kept, by its id."""

    holding_address: str = Field(pattern=ADDRESS, description="Its id.", examples=["a0123456789abcdef"])


class AddHoldingAddressInput(OperationInput):
    """An address or an extended public key, and what it is called."""

    address: str = Field(
        min_length=1, max_length=400, description="Of Bitcoin or Ethereum, or an xpub, ypub or zpub."
    )
    label: str = Field(
        min_length=1,
        max_length=60,
        description="What you call it, once a chain; lines at a place of this name stand beside its balance.",
        examples=["Ledger"],
    )


class AgreeHoldingAddressInput(HoldingAddressInput):
    """Consent to one host."""

    host: str = Field(
        max_length=260, description="The host that will see the address, as `holdings.addresses` names it."
    )


class HoldingAddressResult(OperationResult):
    """An address that is kept."""

    holding_address: str
    host: str = Field(description="Who would see it when its balance is read.")
    is_agreed: bool = Field(description="Whether you agreed to show it to that host.")


class HoldingAddressRow(Row):
    """An address that is kept."""

    holding_address: str = shown("Address id", source=SOURCE)
    label: str = shown("Name", source=SOURCE)
    chain: HoldingChain = shown("Chain", source=SOURCE)
    kind: HoldingAddressKind = shown("Kind", source=SOURCE)
    short: str = shown(
        "Address", definition="Its beginning and end; empty where another key encrypted it.", source=SOURCE
    )
    host: str = shown("Host", definition="Who would see it when its balance is read.")
    is_agreed: bool = shown("Agreed", definition="Whether you agreed to show it to that host.")
    ts_agreed: int | None = shown("Agreed on", unit="ms")
    ts_added: int = shown("Added", unit="ms")


class AddressBalanceRow(Row):
    """What lies of one coin at an address, beside the lines at the place of its name."""

    asset: str = shown("Asset", definition="Catalogue id of the coin.")
    name: str = shown("Name")
    symbol: str = shown("Ticker")
    quantity: str = shown("At the address", unit="base units", source="host of the chain")
    in_lines: str = shown(
        "In your lines", unit="base units", definition="Held at the place of this name.", source=SOURCE
    )
    difference: str = shown(
        "Difference", unit="base units", definition="At the address less in your lines.", source=SOURCE
    )
    new_id: str = shown(
        "Line id", definition="For a line of the difference: the same until your lines change.", source=SOURCE
    )


class AddressBalances(Table[AddressBalanceRow]):
    """A reading: nothing of it is kept."""

    holding_address: str
    label: str
    place: str = Field(description="The place whose lines were compared, as your lines write it.")
    host: str = Field(description="Who was asked.")
    ts_read: int


@operation("holdings.addresses", example={})
def list_holding_addresses(
    caller: Caller, params: NoInput, sources: HoldingAddressSources
) -> Table[HoldingAddressRow]:
    """List the addresses whose balances you read; no host is asked."""
    rows = [
        _row(sources, kept)
        for kept in sources.addresses.addresses(owner_of(sources.holdings.accounts, caller))
    ]
    return table_of(HoldingAddressRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))


@operation("holdings.add_address", scope="write", example={"address": _DOCUMENT, "label": "Ledger"})
def add_holding_address(
    caller: Caller, params: AddHoldingAddressInput, sources: HoldingAddressSources
) -> HoldingAddressResult:
    """Keep an address or an extended public key, encrypted; no host is asked. The same one twice changes nothing."""
    refuse_secrets((params.address, params.label))
    label = " ".join(params.label.split())
    if holds_address(label):
        raise UsageError(
            "holding_address_in_name", "a name is kept as it is typed; leave the address out of it"
        )
    if not label:
        raise UsageError("holding_address_without_name", "an address needs a name, such as Ledger")
    found = identify_address(params.address)
    owner, mark = owner_of(sources.holdings.accounts, caller), sources.seal.fingerprint(found.text)
    for kept in sources.addresses.addresses(owner):
        # Lines of a place would be compared with each of two addresses, and with none rightly.
        if kept.chain == found.chain and kept.mark != mark and _is_place(kept.label, label):
            raise UsageError(
                "holding_address_name_taken",
                "another address of this chain has the name {name} already; choose another, such as {name} 2",
                name=kept.label,
            )
    kept = sources.addresses.add(
        owner,
        HoldingAddress(
            id="",
            kind=found.kind,
            chain=found.chain,
            label=label,
            sealed=sources.seal.seal(found.text),
            mark=mark,
            ts_added=0,
        ),
        most=MOST_ADDRESSES,
    )
    _note(sources, caller, "address_add", kept.id)
    return _result(sources, kept)


@operation("holdings.agree_address", scope="write", example={**_EXAMPLE, "host": "mempool.space"})
def agree_holding_address(
    caller: Caller, params: AgreeHoldingAddressInput, sources: HoldingAddressSources
) -> HoldingAddressResult:
    """Agree to show an address to the host that is named; of an extended key, the addresses that come from it."""
    owner = owner_of(sources.holdings.accounts, caller)
    kept = _find(sources, owner, params.holding_address)
    if params.host != sources.hosts.name(kept.chain):
        raise Conflict(
            "holding_address_other_host",
            "the host is {host} now; look at it and agree to it",
            host=sources.hosts.name(kept.chain),
        )
    agreed = sources.addresses.agree(owner, kept.id, params.host)
    _note(sources, caller, "address_agree", kept.id)
    return _result(sources, agreed)


@operation("holdings.read_address", scope="write", example=_EXAMPLE)
def read_holding_address(
    caller: Caller, params: HoldingAddressInput, sources: HoldingAddressSources
) -> AddressBalances:
    """Ask the host that you agreed to what lies at an address, beside your lines; nothing of the answer is kept."""
    owner = owner_of(sources.holdings.accounts, caller)
    kept = _find(sources, owner, params.holding_address)
    host = sources.hosts.name(kept.chain)
    if kept.host != host:
        raise UsageError(
            "holding_address_not_agreed",
            "{host} would see this address; agree to that first",
            host=host,
        )
    assets = {asset.id: asset for asset in sources.holdings.catalog.assets()}
    version = sources.holdings.holdings.version(owner)
    with sources.readings.one_more():
        found = sources.hosts.read(identify_address(sources.seal.open(kept.sealed)), assets)
    book = book_of(sources.holdings, owner, base_of(sources.holdings, owner))
    held = _held_at(book, kept.label)
    place = next((place for _, place in book.held if _is_place(place, kept.label)), kept.label)
    rows = [
        AddressBalanceRow(
            asset=balance.asset,
            name=assets[balance.asset].name if balance.asset in assets else balance.asset,
            symbol=assets[balance.asset].symbol if balance.asset in assets else "",
            quantity=_text(balance.quantity),
            in_lines=_text(held.get(balance.asset, ZERO)),
            difference=_text(_less(balance.quantity, held.get(balance.asset, ZERO))),
            new_id=_line_id(kept.id, balance, str(version)),
        )
        for balance in _shown_balances(found, set(held))
    ]
    return AddressBalances(
        columns=row_columns(AddressBalanceRow),
        rows=rows,
        total=len(rows),
        origins=[Origin(source=host)],
        holding_address=kept.id,
        label=kept.label,
        place=place,
        host=host,
        ts_read=sources.holdings.clock.wall_now(),
    )


@operation("holdings.remove_address", scope="write", example=_EXAMPLE)
def remove_holding_address(
    caller: Caller, params: HoldingAddressInput, sources: HoldingAddressSources
) -> Table[HoldingAddressRow]:
    """Remove an address; nothing of it is kept, your lines stay."""
    sources.addresses.remove(owner_of(sources.holdings.accounts, caller), params.holding_address)
    _note(sources, caller, "address_remove", params.holding_address)
    return list_holding_addresses(caller, NoInput(), sources)


def _find(sources: HoldingAddressSources, owner: str, address: str) -> HoldingAddress:
    for kept in sources.addresses.addresses(owner):
        if kept.id == address:
            return kept
    raise NotFound("holding_address_unknown", "there is no such address")


def _result(sources: HoldingAddressSources, kept: HoldingAddress) -> HoldingAddressResult:
    host = sources.hosts.name(kept.chain)
    return HoldingAddressResult(holding_address=kept.id, host=host, is_agreed=kept.host == host)


def _row(sources: HoldingAddressSources, kept: HoldingAddress) -> HoldingAddressRow:
    host = sources.hosts.name(kept.chain)
    try:
        short = identify_address(sources.seal.open(kept.sealed)).short
    except VigieError:
        short = ""
    return HoldingAddressRow(
        holding_address=kept.id,
        label=kept.label,
        chain=kept.chain,
        kind=kept.kind,
        short=short,
        host=host,
        is_agreed=kept.host == host,
        ts_agreed=kept.ts_agreed if kept.host == host else None,
        ts_added=kept.ts_added,
    )


def _is_place(name: str, other: str) -> bool:
    return " ".join(name.split()).casefold() == " ".join(other.split()).casefold()


@exactly
def _held_at(book: HoldingBook, label: str) -> dict[str, Decimal]:
    held: dict[str, Decimal] = {}
    for (coin, place), quantity in book.held.items():
        if _is_place(place, label):
            held[coin] = held.get(coin, ZERO) + quantity
    return held


def _line_id(address: str, found: FoundBalance, version: str) -> str:
    """Return the id of a line of the difference: two pages that were read before it was added add it once."""
    told = "\0".join((address, found.asset, str(found.quantity), version))
    return f"e{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _shown_balances(found: list[FoundBalance], held: set[str]) -> list[FoundBalance]:
    """Return the chain's own coin, and tokens of which some lie there or in lines."""
    own, *tokens = found
    return [own, *(token for token in tokens if token.quantity or token.asset in held)]


@exactly
def _less(quantity: Decimal, other: Decimal) -> Decimal:
    return quantity - other


def _text(quantity: Decimal) -> str:
    return plain(quantity) or "0"


def _note(
    sources: HoldingAddressSources,
    caller: Caller,
    what: Literal["address_add", "address_agree", "address_remove"],
    address: str,
) -> None:
    # Which of them, and nothing of it.
    sources.holdings.audit.append(f"holdings.{what}", actor=caller.user, subject=address, text={})
