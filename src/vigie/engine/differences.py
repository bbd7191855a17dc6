"""Why two runs came to different money: each gap in parts that add up to it exactly.

Takes two runs of the same slots (backtest, paper, demo, live, in any pairing); gives a row for each pair of trades, and
for each trade that only one of them made. The second is reached from the first one step at a time (size, entry, exit,
fee, funding), and each step's change is that part: nothing is left over and nothing is counted twice.

signal      only one run decided the trade, or they left it by different decisions
timing      the same decision was carried out in another bar
price       in the same bar, at another price
size        another quantity, at the first run's prices and rates
fee         another rate of fees
funding     other settlements
rejection   one run decided it too, but a rule or the venue refused it, or it was never filled
detail      finer bars did not show the range of the bar: a backtest walks the bar itself, paper learns too late
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final, Literal, TypeAlias, get_args

from vigie.engine.booked_trades import OUTSIDE, BookedRun, BookedTrade
from vigie.trading.statement import EXACT, booked

Cause: TypeAlias = Literal["signal", "timing", "price", "size", "fee", "funding", "rejection", "detail"]
CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)
# Ends that somebody decided; levels are met by the market, and the end of data comes by itself.
_DECIDED: Final = ("signal", "time", "protection", "flatten", OUTSIDE)


@dataclass(frozen=True, slots=True)
class Difference:
    """Two trades that belong together, or one that has no counterpart; `parts` add up to `gap` exactly."""

    slot: str
    first: BookedTrade | None
    second: BookedTrade | None
    parts: Mapping[Cause, Decimal]

    @property
    def gap(self) -> Decimal:
        """The second run's result less the first's."""
        with localcontext(EXACT):
            return _pnl(self.second) - _pnl(self.first)


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything in which two runs differ; `parts` add up to `gap` exactly."""

    first: str
    second: str
    gap: Decimal
    parts: Mapping[Cause, Decimal]
    rows: tuple[Difference, ...]

    def by_slot(self) -> dict[str, dict[Cause, Decimal]]:
        """Return the parts of each slot."""
        rows: dict[str, list[Difference]] = defaultdict(list)
        for row in self.rows:
            rows[row.slot].append(row)
        return {slot: _sum_parts(slot_rows) for slot, slot_rows in sorted(rows.items())}


def differences(first: BookedRun, second: BookedRun) -> Differences:
    """Return why the second run came to other money than the first.

    Trades belong together that were decided at the same bar of a slot in the same direction; of the rest, those that
    were held at the same time. What was open at the end of one run should be in both, ended at the same price.
    """
    ours, theirs = _wanted_entries(first), _wanted_entries(second)
    unshown = first.unshown | second.unshown
    rows = []
    for trade, counterpart in _pair_trades(first.trades, second.trades):
        if trade is not None and counterpart is not None:
            causes = _entry_cause(trade, counterpart, ours, theirs), _exit_cause(trade, counterpart, unshown)
            parts = _split_gap(trade, counterpart, *causes)
            rows.append(Difference(trade.slot, trade, counterpart, parts))
        elif trade is not None:
            rows.append(Difference(trade.slot, trade, None, {_missing_cause(trade, theirs): -trade.pnl}))
        elif counterpart is not None:
            rows.append(
                Difference(
                    counterpart.slot, None, counterpart, {_missing_cause(counterpart, ours): counterpart.pnl}
                )
            )
    with localcontext(EXACT):
        gap = second.pnl - first.pnl
    return Differences(first.name, second.name, gap, _sum_parts(rows), tuple(rows))


def _pnl(trade: BookedTrade | None) -> Decimal:
    return Decimal(0) if trade is None else trade.pnl


def _sum_parts(rows: Iterable[Difference]) -> dict[Cause, Decimal]:
    total: dict[Cause, Decimal] = dict.fromkeys(CAUSES, Decimal(0))
    with localcontext(EXACT):
        for row in rows:
            for cause, amount in row.parts.items():
                total[cause] += amount
    return total


# Which trades belong together

_Pair: TypeAlias = tuple[BookedTrade | None, BookedTrade | None]
_Lane: TypeAlias = tuple[str, int]


def _pair_trades(first: Iterable[BookedTrade], second: Iterable[BookedTrade]) -> list[_Pair]:
    ours, theirs = _trades_by_lane(first), _trades_by_lane(second)
    pairs: list[_Pair] = []
    for lane in sorted({*ours, *theirs}):
        pairs += _pair_lane(ours.get(lane, []), theirs.get(lane, []))
    return sorted(pairs, key=_sort_key)


def _sort_key(pair: _Pair) -> tuple[int, int, str, int, bool]:
    trade = pair[0] or pair[1]
    assert trade is not None
    return trade.entry_bar, trade.exit_bar, trade.slot, trade.side, pair[0] is None


def _trades_by_lane(trades: Iterable[BookedTrade]) -> dict[_Lane, list[BookedTrade]]:
    lanes: dict[_Lane, list[BookedTrade]] = defaultdict(list)
    for booked_trade in sorted(trades, key=lambda trade: (trade.entry_bar, trade.exit_bar, trade.decided)):
        lanes[booked_trade.slot, booked_trade.side].append(booked_trade)
    return lanes


def _pair_lane(ours: list[BookedTrade], theirs: list[BookedTrade]) -> Iterator[_Pair]:
    by_decision: dict[int, list[BookedTrade]] = defaultdict(list)
    for trade in reversed(theirs):
        by_decision[trade.decided].append(trade)
    unpaired = []
    for trade in ours:
        if same := by_decision[trade.decided]:
            yield trade, same.pop()
        else:
            unpaired.append(trade)
    unpaired_ids = {id(trade) for group in by_decision.values() for trade in group}
    others = [trade for trade in theirs if id(trade) in unpaired_ids]
    yield from _pair_overlapping(unpaired, others)


def _pair_overlapping(ours: list[BookedTrade], theirs: list[BookedTrade]) -> Iterator[_Pair]:
    # The nearest first. A slot holds one position at a time, so one pass sees all that overlap.
    close: list[tuple[int, int, int]] = []
    i = j = 0
    while i < len(ours) and j < len(theirs):
        ends = ours[i].exit_bar - theirs[j].exit_bar
        # Where both end in one bar, the next of each may touch the other's end.
        candidates = [(i, j)] if ends else [(i, j), (i + 1, j), (i, j + 1)]
        close += [
            (distance, *pair)
            for pair in candidates
            if (distance := _bar_distance(ours, theirs, *pair)) is not None
        ]
        i, j = i + (ends <= 0), j + (ends >= 0)
    partner: dict[int, int] = {}
    used: set[int] = set()
    # Of two that are equally near the earlier, whichever run is the first.
    for _, i, j in sorted(close, key=lambda entry: (entry[0], entry[1] + entry[2])):
        if i not in partner and j not in used:
            partner[i] = j
            used.add(j)
    for i, trade in enumerate(ours):
        yield trade, theirs[partner[i]] if i in partner else None
    for j, counterpart in enumerate(theirs):
        if j not in used:
            yield None, counterpart


def _bar_distance(ours: list[BookedTrade], theirs: list[BookedTrade], i: int, j: int) -> int | None:
    if i == len(ours) or j == len(theirs):
        return None
    trade, counterpart = ours[i], theirs[j]
    if trade.entry_bar > counterpart.exit_bar or counterpart.entry_bar > trade.exit_bar:
        return None
    return abs(trade.entry_bar - counterpart.entry_bar) + abs(trade.exit_bar - counterpart.exit_bar)


# What a gap is made of


@dataclass(frozen=True, slots=True)
class _Entries:
    """Entries that a run wanted to make, whatever became of them: by slot, bar and side."""

    decided: frozenset[tuple[str, int, int]]
    refused: frozenset[tuple[str, int, int]]

    def contain(self, trade: BookedTrade) -> bool:
        if (trade.slot, trade.decided, trade.side) in self.decided:
            return True
        return any((trade.slot, bar, trade.side) in self.refused for bar in (trade.decided, trade.entry_bar))


def _wanted_entries(run: BookedRun) -> _Entries:
    refused = (
        (entry.slot, entry.bar, side) for entry in run.refused for side in (-1, 1) if entry.side in (0, side)
    )
    return _Entries(run.decided, frozenset(refused))


def _missing_cause(trade: BookedTrade, other: _Entries) -> Cause:
    return "rejection" if other.contain(trade) else "signal"


def _entry_cause(trade: BookedTrade, counterpart: BookedTrade, first: _Entries, second: _Entries) -> Cause:
    if trade.entry_bar == counterpart.entry_bar:
        return "price"
    if trade.decided != counterpart.decided and (second.contain(trade) or first.contain(counterpart)):
        return "rejection"
    return "timing"


def _exit_cause(trade: BookedTrade, counterpart: BookedTrade, unshown: Set[tuple[str, int]]) -> Cause:
    if (trade.slot, min(trade.exit_bar, counterpart.exit_bar)) in unshown:
        return "detail"
    if trade.reason != counterpart.reason and (trade.reason in _DECIDED or counterpart.reason in _DECIDED):
        return "signal"
    return "price" if trade.exit_bar == counterpart.exit_bar else "timing"


@dataclass(frozen=True, slots=True)
class _Point:
    """A trade on the way from the first to the second, in amounts a unit of size, so that size changes nothing else."""

    side: int
    qty: Fraction
    entry: Fraction
    exit: Fraction
    extra: Fraction
    fee_rate: Fraction
    funding: Fraction

    def pnl(self) -> Fraction:
        gross = self.side * (self.exit - self.entry) + self.extra
        return self.qty * (gross - self.fee_rate * (self.entry + self.exit) + self.funding)


def _trade_point(trade: BookedTrade) -> _Point:
    qty, entry, exit_ = Fraction(trade.qty), trade.entry, trade.exit
    return _Point(
        side=trade.side,
        qty=qty,
        entry=entry,
        exit=exit_,
        # A liquidation's definition, and what rounding left.
        extra=Fraction(trade.gross) / qty - trade.side * (exit_ - entry),
        fee_rate=Fraction(trade.fees) / (qty * (entry + exit_)),
        funding=Fraction(trade.funding) / qty,
    )


def _split_gap(
    trade: BookedTrade, counterpart: BookedTrade, entry_cause: Cause, exit_cause: Cause
) -> dict[Cause, Decimal]:
    parts: dict[Cause, Decimal] = {}
    before = Fraction(trade.pnl)
    shown_before = trade.pnl
    with localcontext(EXACT):
        for cause, point in _steps_between(trade, counterpart, entry_cause, exit_cause):
            now = point.pnl()
            if now != before:
                # The end is the second trade's own result, with all its decimals.
                shown_now = counterpart.pnl if now == Fraction(counterpart.pnl) else booked(now)
                parts[cause] = parts.get(cause, Decimal(0)) + shown_now - shown_before
                before, shown_before = now, shown_now
    return parts


def _steps_between(
    trade: BookedTrade, counterpart: BookedTrade, entry_cause: Cause, exit_cause: Cause
) -> Iterator[tuple[Cause, _Point]]:
    a, b = _trade_point(trade), _trade_point(counterpart)
    entry = (
        _move_price(a.entry, trade.entry_market, counterpart.entry_market) if entry_cause != "price" else None
    )
    is_moved = exit_cause not in ("price", "detail")
    exit_ = _move_price(a.exit, trade.exit_market, counterpart.exit_market) if is_moved else None
    steps: list[tuple[Cause, Fraction, Fraction, Fraction]] = [
        ("size", a.entry, a.exit, a.extra),
        (entry_cause, entry or b.entry, a.exit, a.extra),
        ("price", b.entry, a.exit, a.extra),
        (exit_cause, b.entry, exit_ or b.exit, b.extra),
        ("price", b.entry, b.exit, b.extra),
    ]
    for cause, start, end, extra in steps:
        yield cause, _Point(a.side, b.qty, start, end, extra, a.fee_rate, a.funding)
    yield "fee", replace(b, funding=a.funding)
    yield "funding", b


def _move_price(price: Fraction, market: Fraction | None, other: Fraction | None) -> Fraction | None:
    """Return where the market's move alone brings a price; the rest of the gap is its own doing."""
    return None if market is None or other is None else price + other - market
