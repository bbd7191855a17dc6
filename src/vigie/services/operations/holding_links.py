"""Links by which a person shares the shares of what they own: per cent by coin, and nothing else."""

from __future__ import annotations

import hashlib
from typing import Final

from pydantic import Field

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.ports.holding_links import HoldingLinkStore
from vigie.ports.notifier import Notifiers
from vigie.services.holdings.holding_book import HoldingSources, base_of, book_of
from vigie.services.holdings.holding_sums import shares_of
from vigie.services.operation import NoInput, OperationInput, OperationResult, Table, operation
from vigie.services.operations.alerts import require_owner
from vigie.services.people.ownership import owner_of
from vigie.services.random_tokens import random_token
from vigie.services.rows import Row, shown, table_of

LINK: Final = r"^k[0-9a-f]{16}$"
# 128 bits.
WORD_BYTES: Final = 16
DAYS: Final = 30
MOST_LINKS: Final = 20


class HoldingLinkResult(OperationResult):
    """A new link: its word is told this once, and kept nowhere."""

    holding_link: str
    path: str = Field(description="Of the page that shows it; whoever has it sees it without signing in.")
    url: str = Field(description="The same with the address of this installation.")
    ts_expires: int


class HoldingLinkRow(Row):
    """One link that holds."""

    holding_link: str = shown("Link", definition="Its id; the word in its address is kept nowhere.")
    ts_created: int = shown("Made", unit="ms")
    ts_expires: int = shown("Holds until", unit="ms")


class HoldingLinkInput(OperationInput):
    """One link."""

    holding_link: str = Field(pattern=LINK, description="Its id.", examples=["k0123456789abcdef"])


class SharedHoldingsInput(OperationInput):
    """The word of a link."""

    word: str = Field(min_length=1, max_length=64, description="The last part of the link's address.")


class SharedCoinRow(Row):
    """One coin of what somebody shares."""

    name: str = shown("Coin")
    share: float = shown(
        "Part of worth", unit="fraction", definition="Of the worth at the last close, in whole per cent."
    )


@operation("holdings.share", scope="write", example={})
def share_holdings(
    caller: Caller, params: NoInput, links: HoldingLinkStore, notifiers: Notifiers
) -> HoldingLinkResult:
    """Make a link that shows which coins you own in per cent of the worth: no amount, day, cost, place or address."""
    owner = require_owner(caller)
    word = random_token(WORD_BYTES)
    made = links.add(owner, _digest(word), days=DAYS, most=MOST_LINKS)
    path = f"/portfolio/shared/{word}"
    return HoldingLinkResult(
        holding_link=made.id, path=path, url=f"{notifiers.address()}{path}", ts_expires=made.ts_expires
    )


@operation("holdings.shared_links", example={})
def list_holding_links(
    caller: Caller, params: NoInput, sources: HoldingSources, links: HoldingLinkStore
) -> Table[HoldingLinkRow]:
    """List the links that you shared and that hold."""
    found = links.links(owner_of(sources.accounts, caller))
    rows = [
        HoldingLinkRow(holding_link=one.id, ts_created=one.ts_created, ts_expires=one.ts_expires)
        for one in found
    ]
    return table_of(HoldingLinkRow, rows, total=len(rows))


@operation("holdings.revoke_share", scope="write", example={"holding_link": "k0123456789abcdef"})
def revoke_holding_link(
    caller: Caller, params: HoldingLinkInput, sources: HoldingSources, links: HoldingLinkStore
) -> Table[HoldingLinkRow]:
    """End a link: from now on its address shows nothing."""
    links.remove(require_owner(caller), params.holding_link)
    return list_holding_links(caller, NoInput(), sources, links)


@operation("holdings.shared", example={"word": "nobody-shared-this"})
def read_shared_holdings(
    caller: Caller, params: SharedHoldingsInput, sources: HoldingSources, links: HoldingLinkStore
) -> Table[SharedCoinRow]:
    """Read which coins somebody owns who shared a link, in whole per cent of the worth."""
    link = links.find(_digest(params.word))
    # An unknown word, a revoked link, one that has expired and one of a disabled account are told alike.
    owner = None if link is None else sources.accounts.user(link.owner)
    if link is None or (owner is not None and owner.is_disabled):
        raise NotFound(
            "no_shared_holdings", "this link shows nothing: it was revoked, has expired, or never was"
        )
    assets = {asset.id: asset for asset in sources.catalog.assets()}
    book = book_of(sources, link.owner, base_of(sources, link.owner))
    rows = [
        SharedCoinRow(name=one.name, share=round(one.share, 2))
        for one in shares_of(book, assets, limit=1.0)
        if one.kind == "coin"
    ]
    return table_of(SharedCoinRow, rows, total=len(rows))


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
