"""What a run came to, in words that a backtest, paper, demo and live share: its trades and the entries it refused.

Takes the kernel's records, or an account's statement with its intents; gives exact amounts. Prices are fractions: the
average of several fills is no decimal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Final

from vigie.domain import codes
from vigie.domain.errors import DataError
from vigie.domain.money import to_decimal
from vigie.domain.order import Intent
from vigie.trading.statement import EXACT, Trade, booked

OUTSIDE: Final = codes.LIVE_REASONS[codes.OUTSIDE]
# What ends a position inside a bar; the kernel gives it the time at which the bar closes.
_INSIDE: Final = ("stop", "target", "liquidation", "end_of_data")
_LEVELS: Final = ("stop", "target", "liquidation")


@dataclass(frozen=True, slots=True)
class BookedTrade:
    """A closed position.

    Attributes
    ----------
    slot : str
        ``btc-usdt-perp/1d/macd_cross``.
    side : int
        +1 long, -1 short.
    decided, entry_bar, exit_bar : int
        Open times of the bar at whose close the entry was decided, and of those in which entry and exit happened.
    gross, fees, funding : Decimal
        Booked; fees positive when paid, funding negative when paid.
    reason : str
        Why it ended: one of the kernel's reasons, or ``outside``.
    entry_market, exit_market : Fraction or None
        What the market asked before slippage, where that is known.
    """

    slot: str
    side: int
    qty: Decimal
    decided: int
    entry_bar: int
    exit_bar: int
    entry: Fraction
    exit: Fraction
    gross: Decimal
    fees: Decimal
    funding: Decimal
    reason: str
    entry_market: Fraction | None = None
    exit_market: Fraction | None = None

    def __post_init__(self) -> None:
        """Refuse what is no trade: gaps are shared out by its size and prices."""
        if not (self.qty > 0 and self.entry > 0 and self.exit > 0 and self.side in (-1, 1)):
            raise DataError(
                "trade_must_side",
                "a trade must have a side, a size and prices above 0, was {kind}",
                kind=self,
            )

    @property
    def pnl(self) -> Decimal:
        """Result after fees and funding."""
        with localcontext(EXACT):
            return self.gross - self.fees + self.funding


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """An entry that a run did not make though it had a signal: a rule or the venue said no, or it came too late.

    Attributes
    ----------
    bar : int
        Open time of the bar at whose close, or open, it was refused.
    side : int
        0 where it stood for both.
    code : str
        The kernel's code, or the venue's words.
    """

    slot: str
    bar: int
    side: int
    code: str


@dataclass(frozen=True, slots=True)
class BookedRun:
    """One run: its trades, what it refused, and entries it decided, as (slot, bar, side).

    Attributes
    ----------
    unshown : frozenset of (str, int)
        Slots and bars that it walked themselves, because their finer bars do not show their range.
    """

    name: str
    trades: tuple[BookedTrade, ...]
    refused: tuple[RefusedEntry, ...] = ()
    decided: frozenset[tuple[str, int, int]] = field(default_factory=frozenset)
    unshown: frozenset[tuple[str, int]] = frozenset()

    @property
    def pnl(self) -> Decimal:
        """Result of all trades."""
        with localcontext(EXACT):
            return sum((trade.pnl for trade in self.trades), Decimal(0))


def bar_open_time(ts: int, span_ms: int, reason: str = "") -> int:
    """Return the open time of the bar in which something happened; what ends inside a bar may carry its close time."""
    return (ts - (reason in _INSIDE)) // span_ms * span_ms


def booked_run_from_records(name: str, trades: Any, log: Any, slots: Sequence[tuple[str, int]]) -> BookedRun:
    """Return a run of the kernel: a backtest, paper, or the replay of a live account.

    Parameters
    ----------
    trades : record array of `TRADE`
        In any order.
    log : int64 array, shape (n_events, 7)
        Its decisions; see `vigie.engine.journal`.
    slots : sequence of (name, span in milliseconds)
        By number.
    """
    reasons = {**codes.REASONS, **codes.LIVE_REASONS}
    booked_trades = []
    # Sums of booked floats end a little beside their grid of 1e-8.
    for row in trades:
        slot, span_ms = slots[int(row["slot"])]
        reason = reasons[int(row["reason"])]
        booked_trades.append(
            BookedTrade(
                slot=slot,
                side=int(row["side"]),
                qty=to_decimal(row["qty"]),
                decided=int(row["decision_ts"]),
                entry_bar=bar_open_time(int(row["entry_ts"]), span_ms),
                exit_bar=bar_open_time(int(row["exit_ts"]), span_ms, reason),
                entry=Fraction(to_decimal(row["entry"])),
                exit=Fraction(to_decimal(row["exit"])),
                gross=booked(to_decimal(row["gross"])),
                fees=booked(to_decimal(row["fees"])),
                funding=booked(to_decimal(row["funding"])),
                reason=reason,
            )
        )
    rows = [(int(row[0]), slots[int(row[1])][0], int(row[2]), int(row[6])) for row in log]
    return BookedRun(
        name,
        tuple(booked_trades),
        tuple(
            RefusedEntry(slot, ts, side, codes.CODES[code])
            for ts, slot, side, code in rows
            if code in codes.ENTRY_REFUSALS
        ),
        frozenset((slot, ts, side) for ts, slot, side, code in rows if code == codes.ENTRY_DECIDED),
    )


def booked_run_from_statement(
    name: str,
    trades: Iterable[Trade],
    *,
    intents: Mapping[str, Intent],
    spans_ms: Mapping[str, int],
    refused: Iterable[RefusedEntry] = (),
) -> BookedRun:
    """Return what a venue's fills came to; a trade without an intent of ours is left to who asks for `Unasked`.

    Parameters
    ----------
    trades : iterable of Trade
        Closed ones, from `vigie.trading.balances`.
    intents : mapping
        By client id.
    spans_ms : mapping
        Length of a bar of each slot.
    """
    booked_trades = []
    for trade in trades:
        entry_intent = intents.get(trade.client_id)
        if entry_intent is None or trade.exit is None or trade.ts_exit is None:
            continue
        span_ms = spans_ms[trade.slot]
        exit_intent = intents.get(trade.closed_by)
        reason = (
            trade.cause if trade.cause in _LEVELS else OUTSIDE if exit_intent is None else exit_intent.reason
        )
        booked_trades.append(
            BookedTrade(
                slot=trade.slot,
                side=trade.side,
                qty=trade.qty,
                decided=entry_intent.ts_bar,
                entry_bar=bar_open_time(trade.ts_entry, span_ms),
                exit_bar=bar_open_time(trade.ts_exit, span_ms, reason),
                entry=trade.entry,
                exit=trade.exit,
                gross=trade.gross,
                fees=trade.fees,
                funding=trade.funding,
                reason=reason,
            )
        )
    entries = frozenset(
        (trade.slot, trade.ts_bar, trade.side) for trade in intents.values() if trade.leg == "entry"
    )
    return BookedRun(name, tuple(booked_trades), tuple(refused), entries)
