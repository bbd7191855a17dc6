"""What left one place and what arrived at another: which two may be one transfer, and what they say joined."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from vigie.domain.holding import HoldingRecord, TransferPair, holding_content, refusal_name
from vigie.intelligence.holdings.amounts import ZERO, exactly, parse_plain
from vigie.intelligence.holdings.events import parse_time
from vigie.services.caches.holding_books import HoldingLine
from vigie.services.holdings.file_drafts import ELSEWHERE
from vigie.services.holdings.file_events import TICKERS

# An arrival may be booked before its departure: files whose times are of another zone, lines that say a day alone.
BEFORE: Final = timedelta(days=1)
AFTER: Final = timedelta(days=3)
MOST_FEE: Final = Decimal("0.05")
MOST_PAIRS: Final = 5_000
# Kinds under which readers keep what left; a sale only counts at exactly the same quantity.
_DEPARTURES: Final = ("transfer", "loss", "sell")

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Move:
    """A line with its coin, quantity and time as values."""

    record: HoldingRecord
    told: Fields
    asset: str
    quantity: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class TransferProposal:
    """Two lines that may be one transfer.

    Attributes
    ----------
    left, arrived : HoldingRecord
        As they are kept.
    left_told, arrived_told : mapping
        What they say.
    fee : Decimal
        What left less what arrived.
    pair : TransferPair
        What both would say joined.
    choices : int
        How many proposals name one of them, this one counted.
    """

    left: HoldingRecord
    arrived: HoldingRecord
    left_told: Fields
    arrived_told: Fields
    fee: Decimal
    pair: TransferPair
    choices: int = 1

    @property
    def name(self) -> str:
        """What a refusal of it is known by."""
        return refusal_name(self.left.event, self.arrived.event)

    @property
    def is_clear(self) -> bool:
        """Whether nothing else fits, and what left was not kept as a sale or a loss."""
        return self.choices == 1 and self.left_told["kind"] == "transfer"


@exactly
def propose_transfers(
    lines: Iterable[HoldingLine], refusals: Iterable[str]
) -> tuple[list[TransferProposal], bool]:
    """Return all pairs that may be one transfer, the newest first.

    Parameters
    ----------
    lines : iterable of (HoldingRecord, mapping)
        What is kept, in any order.
    refusals : iterable of str
        Names of pairs that were refused.

    Returns
    -------
    list of TransferProposal
    bool
        Whether there are more than are returned; then none of them is clear.
    """
    departures: dict[str, list[_Move]] = {}
    arrivals: list[_Move] = []
    for record, told in lines:
        is_arrival = _is_arrival(told)
        if (is_arrival or _is_departure(told)) and (move := _move(record, told)):
            (arrivals if is_arrival else departures.setdefault(move.asset, [])).append(move)
    for moves in departures.values():
        moves.sort(key=lambda move: (move.quantity, move.at, move.record.event))
    refused = frozenset(refusals)
    found: list[TransferProposal] = []
    for arrived in sorted(arrivals, key=lambda move: (move.at, move.record.event), reverse=True):
        for left in _candidates(departures.get(arrived.asset, ()), arrived):
            proposal = _proposal(left, arrived)
            if proposal is None or proposal.name in refused:
                continue
            if len(found) == MOST_PAIRS:
                return [replace(pair, choices=2) for pair in found], True
            found.append(proposal)
    return _with_choices(found), False


def _is_arrival(told: Fields) -> bool:
    return told["kind"] == "transfer" and told.get("place") == ELSEWHERE and told.get("to_place") != ELSEWHERE


def _is_departure(told: Fields) -> bool:
    if told["kind"] not in _DEPARTURES or told.get("place") == ELSEWHERE:
        return False
    return told["kind"] != "transfer" or told.get("to_place") == ELSEWHERE


def _move(record: HoldingRecord, told: Fields) -> _Move | None:
    """Return a line as it may be joined; None for a product, and where its coin or its day is not known."""
    if told.keys() & {"typed", "product", "undated"}:
        return None
    quantity, at = parse_plain(told.get("qty")), parse_time(told.get("at"))
    if not quantity or at is None:
        return None
    return _Move(record, told, str(told["asset"]), quantity, at)


def _candidates(departures: Sequence[_Move], arrived: _Move) -> Iterable[_Move]:
    most = arrived.quantity / (1 - MOST_FEE)
    begin = bisect_left(departures, arrived.quantity, key=lambda move: move.quantity)
    end = bisect_right(departures, most, key=lambda move: move.quantity)
    for left in departures[begin:end]:
        is_in_time = left.at - BEFORE <= arrived.at <= left.at + AFTER
        is_same = left.told["kind"] != "sell" or left.quantity == arrived.quantity
        if is_in_time and is_same and left.told.get("place") != arrived.told.get("to_place"):
            yield left


def _proposal(left: _Move, arrived: _Move) -> TransferProposal | None:
    fee = left.quantity - arrived.quantity
    joined = _join(left, arrived, fee)
    if joined is None:
        return None
    pair = TransferPair(
        HoldingRecord(left.record.event, holding_content(joined[0])),
        HoldingRecord(arrived.record.event, holding_content(joined[1]) if joined[1] else ""),
        left.record.content,
        arrived.record.content,
    )
    return TransferProposal(left.record, arrived.record, left.told, arrived.told, fee, pair)


def _join(left: _Move, arrived: _Move, difference: Decimal) -> tuple[Fields, Fields] | None:
    """Return the transfer and, where an event cannot carry all fees, a fee beside it; None where that is not enough.

    The place that the coins left has as many coins less as before, the place where they arrived as many more.
    """
    coins, money = _fees(left, arrived, difference)
    # Two events carry three fees, where the second is one of coins.
    if coins is None or len(coins) + len(money) > 3 or (len(money) > 1 and not coins):
        return None
    at = min(left.at, arrived.at)
    base: dict[str, object] = {
        "at": left.told["at"] if left.at == at else arrived.told["at"],
        **{name: left.told[name] for name in ("place", "seq", "lots") if name in left.told},
    }
    tickers = {**_fields(arrived.told, TICKERS), **_fields(left.told, TICKERS)}
    transfer = {
        **base,
        "kind": "transfer",
        "asset": left.asset,
        "qty": arrived.told["qty"],
        "to_place": arrived.told["to_place"],
        **({TICKERS: tickers} if tickers else {}),
    }
    fees: list[Fields] = [*money, *coins]
    if len(fees) < 2:
        return {**transfer, **({"fee": fees[0]} if fees else {})}, {}
    # Money first: coins are an event of their own, which may carry what is left.
    own = coins[-1]
    others = [fee for fee in fees if fee is not own]
    beside = {
        **{name: value for name, value in base.items() if name != "lots"},
        "kind": "fee",
        "asset": own["asset"],
        "qty": own["qty"],
        **({"fee": others[1]} if len(others) > 1 else {}),
    }
    return {**transfer, "fee": others[0]}, beside


def _fees(left: _Move, arrived: _Move, difference: Decimal) -> tuple[list[Fields] | None, list[Fields]]:
    """Return fees in coins and fees in money, each coin and currency once."""
    coins: list[Fields] = []
    money: list[Fields] = []
    for fee in (_fields(left.told, "fee"), _fields(arrived.told, "fee")):
        if fee and "asset" not in fee:
            same = next((side for side in money if side.get("cur") == fee.get("cur")), None)
            amount = _number(fee, "amount") + (_number(same, "amount") if same else ZERO)
            money = [side for side in money if side is not same] + [{**fee, "amount": f"{amount:f}"}]
        elif fee:
            coins.append(fee)
    if _fields(arrived.told, "fee").get("asset"):
        # It would leave another place than it did.
        return None, money
    if difference and coins and coins[0].get("asset") == left.asset and "value" not in coins[0]:
        coins = [{**coins[0], "qty": f"{_number(coins[0], 'qty') + difference:f}"}]
    elif difference:
        coins.append({"asset": left.asset, "qty": f"{difference:f}"})
    return coins, money


def _fields(told: Fields, name: str) -> Fields:
    found = told.get(name)
    return found if isinstance(found, Mapping) else {}


def _number(told: Fields, name: str) -> Decimal:
    # What is kept is a plain number: it was refused otherwise.
    return parse_plain(told.get(name)) or ZERO


def _with_choices(found: Sequence[TransferProposal]) -> list[TransferProposal]:
    """Count for each how many others name one of its two lines."""
    named: dict[str, int] = {}
    for proposal in found:
        for event in (proposal.left.event, proposal.arrived.event):
            named[event] = named.get(event, 0) + 1
    return [
        replace(proposal, choices=named[proposal.left.event] + named[proposal.arrived.event] - 1)
        for proposal in found
    ]
