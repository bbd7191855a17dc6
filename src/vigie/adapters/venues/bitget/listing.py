"""How Bitget trades its contracts, what it has announced of them, and what an account pays.

https://www.bitget.com/api-doc/contract/market/Get-All-Symbols-Contracts and
https://www.bitget.com/api-doc/common/public/Get-Trade-Rate, read in copies of late 2025.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigie.adapters.venues.bitget.wire import PRODUCT, Wire, symbol_of, understood
from vigie.adapters.venues.figures import amount
from vigie.adapters.venues.signed import Row
from vigie.ports.trading import FeeLevel, InstrumentPhase, InstrumentState

_PHASES: Final[Mapping[str, InstrumentPhase]] = {
    "normal": "trading",
    "limit_open": "reducing",
    "off": "ended",
}
"""Every other word (``listed``, ``maintain``, ``restrictedAPI``) is of a contract that takes no order now."""


async def contracts(wire: Wire) -> dict[str, Row]:
    """Return the rules of every contract by its symbol."""
    found = await wire.ask("v2/mix/market/contracts", {"productType": PRODUCT}, api=("public", "mix"))
    with understood():
        return {str(row["symbol"]): row for row in found}


async def states(wire: Wire, instruments: Sequence[str]) -> list[InstrumentState]:
    """Return how contracts are traded; one that is not listed has ended."""
    wire.names.touch(map(symbol_of, instruments))
    known = await contracts(wire)
    with understood():
        return [_state(wire, name, known) for name in instruments]


async def fee_level(wire: Wire, instrument: str) -> FeeLevel:
    """Return what the account pays for a contract."""
    asked = {"symbol": symbol_of(instrument), "businessType": "mix"}
    told = await wire.ask("v2/common/trade-rate", asked, api=("private", "common"))
    with understood():
        return FeeLevel(amount(told["takerFeeRate"]), amount(told["makerFeeRate"]))


def _state(wire: Wire, instrument: str, known: Mapping[str, Row]) -> InstrumentState:
    usual = symbol_of(instrument)
    row, symbol = known.get(usual), wire.names.now(usual)
    if row is None:
        return InstrumentState(instrument, symbol, "ended")
    return InstrumentState(
        instrument,
        symbol,
        _PHASES.get(str(row["symbolStatus"]), "halted"),
        reduces_ts=_time(row.get("limitOpenTime")),
        halts_ts=_time(row.get("maintainTime")),
        ends_ts=_time(row.get("offTime")),
    )


def _time(told: Any) -> int | None:
    """Return a time that was announced: nothing, ``""`` and ``-1`` are none."""
    return int(told) if told not in (None, "", "0", "-1", 0, -1) else None
