"""What a trading account of this home earned and paid, from its stored fills and settlements.

A position in a perpetual is no holding, and the contract of holdings does not cover what it brings: there is no kind of
event for it. So nothing of it is booked as one. It is read anew at each look: entered again nothing doubles, new fills
are there, and an account that is left out leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from vigie.domain.ids import parse_instrument
from vigie.domain.order import Fill, FundingPayment, TradeRun
from vigie.intelligence.holdings.amounts import ZERO, book, exactly
from vigie.ports.tradebook import TradeBook

MoneyKind = Literal["result", "fee", "funding"]
_ORDER: Final[dict[MoneyKind, int]] = {"result": 0, "fee": 1, "funding": 2}


@dataclass(frozen=True, slots=True)
class AccountMoney:
    """One change of an account's cash.

    Attributes
    ----------
    id : str
        Of the fill or the settlement, at the venue.
    kind : str
        ``result`` of what a fill closed, ``fee`` of a fill, ``funding``.
    amount : Decimal
        Units of `currency`; negative where it was lost or paid.
    """

    id: str
    instrument: str
    kind: MoneyKind
    ts: int
    amount: Decimal
    currency: str


@dataclass(slots=True)
class _HeldUnits:
    """Units held, negative where short, and what they cost."""

    units: Decimal = ZERO
    cost: Decimal = ZERO

    def take(self, signed: Decimal, price: Decimal) -> Decimal:
        """Take a fill and return what it realised, booked."""
        realised = ZERO
        if self.units and (self.units > 0) != (signed > 0):
            closed = min(abs(signed), abs(self.units))
            part = self.cost * closed / abs(self.units)
            realised = book((closed * price - part) if self.units > 0 else (part - closed * price))
            self.cost -= part
            self.units += closed if signed > 0 else -closed
            signed += -closed if signed > 0 else closed
        if signed:
            self.units += signed
            self.cost += abs(signed) * price
        return realised


def runs_of_account(trades: TradeBook, owner: str, account: str) -> list[TradeRun]:
    """Return the runs of an account, without those that were decided afterwards on stored bars."""
    return [run for run in trades.runs_of(owner) if run.account == account and not run.is_replayed]


def account_money(trades: TradeBook, runs: Sequence[TradeRun]) -> list[AccountMoney]:
    """Return every change of cash of an account, the oldest first.

    Parameters
    ----------
    trades : TradeBook
        Its statements.
    runs : sequence of TradeRun
        As `runs_of_account` returns them.
    """
    found: list[AccountMoney] = []
    for run in runs:
        # Each run begins with its capital and without a position.
        found += money_of(list(trades.fills(run.id)), list(trades.fundings(run.id)))
    return sorted(found, key=lambda one: (one.ts, one.instrument, one.id, _ORDER[one.kind]))


@exactly
def money_of(fills: Sequence[Fill], fundings: Sequence[FundingPayment]) -> list[AccountMoney]:
    """Return what fills, in the order they came, realised and cost, and what was settled.

    Parameters
    ----------
    fills : sequence of Fill
        Of one run.
    fundings : sequence of FundingPayment
        Of the same run.
    """
    positions: dict[str, _HeldUnits] = {}
    found: list[AccountMoney] = []
    for fill in fills:
        currency = parse_instrument(fill.instrument).quote
        held = positions.setdefault(fill.instrument, _HeldUnits())
        realised = held.take(fill.side * fill.qty, fill.price)
        parts: tuple[tuple[MoneyKind, Decimal], ...] = (("result", realised), ("fee", -fill.fee))
        found += [
            AccountMoney(fill.id, fill.instrument, kind, fill.ts, amount, currency)
            for kind, amount in parts
            if amount
        ]
    for paid in fundings:
        currency = parse_instrument(paid.instrument).quote
        found.append(AccountMoney(paid.id, paid.instrument, "funding", paid.ts, paid.amount, currency))
    return found
