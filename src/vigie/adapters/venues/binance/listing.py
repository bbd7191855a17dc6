"""How Binance trades its contracts, when they are taken away, and what an account pays.

https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Exchange-Information and
https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/User-Commission-Rate, read in
copies of 2026. A perpetual that is to be delisted gets a date of delivery that is near.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigie.adapters.venues.binance.wire import PUBLIC, Wire, symbol_of, understood
from vigie.adapters.venues.figures import amount
from vigie.adapters.venues.signed import Row
from vigie.adapters.venues.turns import Rank
from vigie.ports.trading import FeeLevel, InstrumentPhase, InstrumentState

_PHASES: Final[Mapping[str, InstrumentPhase]] = {
    "TRADING": "trading",
    "PRE_DELIVERING": "ended",
    "DELIVERING": "ended",
    "DELIVERED": "ended",
    "CLOSE": "ended",
}
"""Every other word (``PENDING_TRADING``, ``PRE_SETTLE``, ``SETTLING``) is of a contract that takes no order now."""
# Perpetuals that nobody takes away are delivered at the end of the century.
_FAR_MS: Final = 4_102_444_800_000


async def contracts(wire: Wire, *, rank: Rank = Rank.READ) -> dict[str, Row]:
    """Return the rules of every contract by its symbol."""
    answer: Any = await wire.ask("exchangeInfo", api=PUBLIC, rank=rank)
    with understood():
        return {str(row["symbol"]): row for row in answer["symbols"]}


async def states(wire: Wire, instruments: Sequence[str]) -> list[InstrumentState]:
    """Return how contracts are traded; one that is not listed has ended."""
    wire.names.touch(map(symbol_of, instruments))
    known = await contracts(wire)
    with understood():
        return [_state(wire, name, known) for name in instruments]


async def fee_level(wire: Wire, instrument: str) -> FeeLevel:
    """Return what the account pays for a contract."""
    told = await wire.ask("commissionRate", {"symbol": symbol_of(instrument)})
    with understood():
        return FeeLevel(amount(told["takerCommissionRate"]), amount(told["makerCommissionRate"]))


def _state(wire: Wire, instrument: str, known: Mapping[str, Row]) -> InstrumentState:
    usual = symbol_of(instrument)
    row, symbol = known.get(usual), wire.names.now(usual)
    if row is None:
        return InstrumentState(instrument, symbol, "ended")
    ends = int(row.get("deliveryDate") or _FAR_MS)
    phase = _PHASES.get(str(row["status"]), "halted")
    return InstrumentState(instrument, symbol, phase, ends_ts=ends if ends < _FAR_MS else None)
