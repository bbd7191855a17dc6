"""How Binance trades its contracts, when they are taken away, and what an account pays.

https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information and
https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/User-Commission-Rate, read in
copies of 2026. A perpetual that is to be delisted gets a date of delivery that is near.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigie.adapters.venues.binance.wire import PUBLIC, BinanceWire, symbol_of, understood
from vigie.adapters.venues.decimals import parse_amount
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.signed import Row
from vigie.ports.listed_venue import FeeLevel, InstrumentPhase, InstrumentState

_PHASES: Final[Mapping[str, InstrumentPhase]] = {
    "TRADING": "trading",
    "PRE_DELIVERING": "ended",
    "DELIVERING": "ended",
    "DELIVERED": "ended",
    "CLOSE": "ended",
}
"""Every other word (``PENDING_TRADING``, ``PRE_SETTLE``, ``SETTLING``) is of a contract that takes no order now."""
# Perpetuals that nobody takes away are delivered at the end of the century.
_NO_END_MS: Final = 4_102_444_800_000


async def contracts(wire: BinanceWire, *, rank: Rank = Rank.READ) -> dict[str, Row]:
    """Return the rules of every contract by its symbol."""
    rules: Any = await wire.ask("exchangeInfo", api=PUBLIC, rank=rank)
    with understood():
        return {str(row["symbol"]): row for row in rules["symbols"]}


async def states(wire: BinanceWire, instruments: Sequence[str]) -> list[InstrumentState]:
    """Return how contracts are traded; one that is not listed has ended."""
    wire.names.add_ours(map(symbol_of, instruments))
    contracts_by_symbol = await contracts(wire)
    with understood():
        return [_state(wire, name, contracts_by_symbol) for name in instruments]


async def fee_level(wire: BinanceWire, instrument: str) -> FeeLevel:
    """Return what the account pays for a contract."""
    rates = await wire.ask("commissionRate", {"symbol": symbol_of(instrument)})
    with understood():
        return FeeLevel(
            parse_amount(rates["takerCommissionRate"]), parse_amount(rates["makerCommissionRate"])
        )


def _state(wire: BinanceWire, instrument: str, contracts_by_symbol: Mapping[str, Row]) -> InstrumentState:
    usual_symbol = symbol_of(instrument)
    row, symbol = contracts_by_symbol.get(usual_symbol), wire.names.current_name(usual_symbol)
    if row is None:
        return InstrumentState(instrument, symbol, "ended")
    ends = int(row.get("deliveryDate") or _NO_END_MS)
    phase = _PHASES.get(str(row["status"]), "halted")
    return InstrumentState(instrument, symbol, phase, ends_ts=ends if ends < _NO_END_MS else None)
