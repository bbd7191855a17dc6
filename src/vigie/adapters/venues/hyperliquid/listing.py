"""Which contracts Hyperliquid lists, and what an account pays.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint, read in copies of late 2025. The
venue says of a contract whether it is listed, not when it will not be any more, nor that it is halted.
"""

from __future__ import annotations

from collections.abc import Sequence

from vigie.adapters.venues.hyperliquid import rows
from vigie.adapters.venues.hyperliquid.wire import Wire, coin_of, understood
from vigie.adapters.venues.turns import Rank
from vigie.ports.trading import FeeLevel, InstrumentState


async def listed(wire: Wire) -> set[str]:
    """Return the coins that are traded; what was delisted keeps its place in the venue's list."""
    meta = await wire.ask("meta", rank=Rank.EXIT)
    with understood():
        return {str(one["name"]) for one in meta["universe"] if not one.get("isDelisted")}


async def states(wire: Wire, instruments: Sequence[str]) -> list[InstrumentState]:
    """Return how contracts are traded; one that is not listed has ended."""
    wire.names.touch(map(coin_of, instruments))
    known = await listed(wire)
    coins = [(name, coin_of(name)) for name in instruments]
    return [
        InstrumentState(name, wire.names.now(coin), "trading" if coin in known else "ended")
        for name, coin in coins
    ]


async def fee_level(wire: Wire) -> FeeLevel:
    """Return what the account pays: the same for every contract of the venue's own."""
    await wire.know_the_signer()
    told = await wire.lately("userFees", wire.account)
    with understood():
        return FeeLevel(rows.number(told["userCrossRate"]), rows.number(told["userAddRate"]))
