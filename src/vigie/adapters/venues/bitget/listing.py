"""How Bitget trades its contracts, what it has announced of them, and what an account pays.

https://www.bitget.com/api-doc/contract/market/Get-All-Symbols-Contracts and
https://www.bitget.com/api-doc/common/public/Get-Trade-Rate, read in copies of late 2025.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigie.adapters.venues.bitget.wire import PRODUCT, BitgetWire, symbol_of, understood
from vigie.adapters.venues.decimals import parse_amount
from vigie.adapters.venues.signed import Row
from vigie.ports.listed_venue import FeeLevel, InstrumentPhase, InstrumentState

_PHASES: Final[Mapping[str, InstrumentPhase]] = {
    "normal": "trading",
    "limit_open": "reducing",
    "off": "ended",
}
"""Every other word (``listed``, ``maintain``, ``restrictedAPI``) is of a contract that takes no order now."""


async def contracts(wire: BitgetWire) -> dict[str, Row]:
    """Return the rules of every contract by its symbol."""
    contract_rows = await wire.ask("v2/mix/market/contracts", {"productType": PRODUCT}, api=("public", "mix"))
    with understood():
        return {str(row["symbol"]): row for row in contract_rows}


async def states(wire: BitgetWire, instruments: Sequence[str]) -> list[InstrumentState]:
    """Return how contracts are traded; one that is not listed has ended."""
    wire.names.add_ours(map(symbol_of, instruments))
    contracts_by_symbol = await contracts(wire)
    with understood():
        return [_state(wire, name, contracts_by_symbol) for name in instruments]


async def fee_level(wire: BitgetWire, instrument: str) -> FeeLevel:
    """Return what the account pays for a contract."""
    query = {"symbol": symbol_of(instrument), "businessType": "mix"}
    rates = await wire.ask("v2/common/trade-rate", query, api=("private", "common"))
    with understood():
        return FeeLevel(parse_amount(rates["takerFeeRate"]), parse_amount(rates["makerFeeRate"]))


def _state(wire: BitgetWire, instrument: str, contracts_by_symbol: Mapping[str, Row]) -> InstrumentState:
    usual_symbol = symbol_of(instrument)
    row, symbol = contracts_by_symbol.get(usual_symbol), wire.names.current_name(usual_symbol)
    if row is None:
        return InstrumentState(instrument, symbol, "ended")
    return InstrumentState(
        instrument,
        symbol,
        _PHASES.get(str(row["symbolStatus"]), "halted"),
        reduces_ts=_parse_time(row.get("limitOpenTime")),
        halts_ts=_parse_time(row.get("maintainTime")),
        ends_ts=_parse_time(row.get("offTime")),
    )


def _parse_time(value: Any) -> int | None:
    """Return a time that was announced: nothing, ``""`` and ``-1`` are none."""
    return int(value) if value not in (None, "", "0", "-1", 0, -1) else None
