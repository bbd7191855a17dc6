"""Which contracts Hyperliquid lists, and what an account pays.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint, read in copies of late 2025. The
venue says of a contract whether it is listed, not when it will not be any more, nor that it is halted.
"""

from __future__ import annotations

from collections.abc import Sequence

from vigie.adapters.venues.hyperliquid import rows
from vigie.adapters.venues.hyperliquid.wire import HyperliquidWire, coin_of, understood
from vigie.adapters.venues.rank_queue import Rank
from vigie.ports.listed_venue import FeeLevel, InstrumentState


async def listed_coins(wire: HyperliquidWire) -> set[str]:
    """Return the coins that are traded; what was delisted keeps its place in the venue's list."""
    meta = await wire.ask("meta", rank=Rank.EXIT)
    with understood():
        return {
            str(contract_row["name"])
            for contract_row in meta["universe"]
            if not contract_row.get("isDelisted")
        }


async def states(wire: HyperliquidWire, instruments: Sequence[str]) -> list[InstrumentState]:
    """Return how contracts are traded; one that is not listed has ended."""
    wire.names.add_ours(map(coin_of, instruments))
    listed_now = await listed_coins(wire)
    coins = [(name, coin_of(name)) for name in instruments]
    return [
        InstrumentState(name, wire.names.current_name(coin), "trading" if coin in listed_now else "ended")
        for name, coin in coins
    ]


async def fee_level(wire: HyperliquidWire) -> FeeLevel:
    """Return what the account pays: the same for every contract of the venue's own."""
    await wire.know_the_signer()
    fees = await wire.ask_cached("userFees", wire.account)
    with understood():
        return FeeLevel(rows.parse_number(fees["userCrossRate"]), rows.parse_number(fees["userAddRate"]))
