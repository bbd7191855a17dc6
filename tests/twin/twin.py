"""The trading rules once more, in plain Python: slow, obvious, written apart from the kernel.

Sources: the fill model (rule numbers) and docs/portfolio-rules.md (section numbers).
Imports nothing of vigie.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from decimal import Decimal

from tests.twin.decide import decide
from tests.twin.grid import version_at
from tests.twin.inside import end_of_data, walk_inside
from tests.twin.opening import enter_at_open, exit_at_open, settle_at_open
from tests.twin.protect import Protect
from tests.twin.records import DAY, SETTINGS, Account, TwinResult, TwinSlot

__all__ = ["TwinResult", "TwinSlot", "run"]


def run(slots: list[TwinSlot], settings: dict, protections: dict | None) -> TwinResult:
    """Walk one account through all instants of its slots (portfolio section 1, rule 10).

    Isolated mode is one slot at a time with `protections` None.
    """
    settings = {**SETTINGS, **settings}
    account = Account(
        slots=slots,
        settings=settings,
        cash=round(Decimal(settings["capital"]) * 10**8),
        positions=[None] * len(slots),
        pending=[None] * len(slots),
        booked=[0] * len(slots),
    )
    opens = [{slot.ts[i]: i for i in range(slot.first, len(slot.ts))} for slot in slots]
    closes = [
        {ts + slot.timeframe_ms: i for ts, i in at.items()} for slot, at in zip(slots, opens, strict=True)
    ]
    instants = sorted({time for at in (*opens, *closes) for time in at})
    if not instants:
        return account.result
    protect = None
    if protections is not None:
        protect = Protect(rules=protections, capital=settings["capital"], slots=slots, day=instants[0] // DAY)
    # Rule 14: where finer bars are given, what ends inside a bar is booked when its finer bar closes.
    finer = sorted({row[0] + slot.detail_ms for slot in slots for row in slot.detail or ()})
    before = instants[0]
    for now in instants:
        for between in finer[bisect_right(finer, before) : bisect_left(finer, now)]:
            close_finer(account, opens, between, protect)
        before = now
        close_bars(account, opens, closes, now, protect)
        take_sample(account, closes, now, protect)
        for number, at in enumerate(closes):
            if now in at and at[now] < len(slots[number].ts) - 1:  # no decision on the last bar
                decide(account, number, at[now], now, protect)
        open_bars(account, opens, now, protect)
    return account.result


def close_finer(account: Account, opens: list[dict[int, int]], now: int, protect: Protect | None) -> None:
    """Let every position meet the finer bars that close at a time, in slot order."""
    for number, _ in enumerate(account.slots):
        meet_finer(account, opens, number, now, protect)


def meet_finer(
    account: Account, opens: list[dict[int, int]], number: int, now: int, protect: Protect | None
) -> None:
    """Let the position of one slot meet the finer bars that close at a time while its own bar goes on."""
    slot = account.slots[number]
    begun = bisect_left(slot.ts, now) - 1
    goes_on = begun >= 0 and slot.ts[begun] in opens[number] and now < slot.ts[begun] + slot.timeframe_ms
    if account.positions[number] is None or not goes_on:
        return
    trade = walk_inside(account, number, begun, now)
    if trade is not None and protect is not None:
        protect.trade_booked(trade, begun)


def close_bars(
    account: Account,
    opens: list[dict[int, int]],
    closes: list[dict[int, int]],
    now: int,
    protect: Protect | None,
) -> None:
    """Section 1.1: what happened inside every bar that closes now, and the end of the data."""
    closed_now: set[str] = set()
    for number, at in enumerate(closes):
        if now not in at:
            meet_finer(account, opens, number, now, protect)
            continue
        index, slot = at[now], account.slots[number]
        trade = walk_inside(account, number, index, now) if account.positions[number] is not None else None
        if account.positions[number] is not None and index == len(slot.ts) - 1:
            trade = end_of_data(account, number, index)
        if trade is not None and protect is not None:
            protect.trade_booked(trade, index)
        if slot.instrument not in closed_now:  # where several close now, the first in slot order
            account.latest[slot.instrument] = slot.close[index]
            closed_now.add(slot.instrument)


def take_sample(account: Account, closes: list[dict[int, int]], now: int, protect: Protect | None) -> None:
    """Sections 1.2 and 1.3, rule 12: the equity at the close of every base bar, and what is judged on it."""
    base = min(
        (
            slot.timeframe_ms
            for slot in account.slots
            if slot.first < len(slot.ts) and slot.ts[slot.first] < now <= slot.ts[-1] + slot.timeframe_ms
        ),
        default=0,
    )
    if not any(
        now in at and slot.timeframe_ms == base for slot, at in zip(account.slots, closes, strict=True)
    ):
        return
    equity = account.equity()
    account.result.equity.append((now, equity))
    if protect is not None:
        protect.sample(account, now, equity)


def open_bars(account: Account, opens: list[dict[int, int]], now: int, protect: Protect | None) -> None:
    """Section 1.5, rules 4 and 8: funding of all slots, then decided exits, then decided entries."""
    opening = [(number, at[now]) for number, at in enumerate(opens) if now in at]
    for number, index in opening:
        settle_at_open(account, number, index)
    for number, index in opening:
        position = account.positions[number]
        if position is not None and position.exit_decided:
            trade = exit_at_open(account, number, index)
            if protect is not None:
                protect.trade_booked(trade, index)
    for number, index in opening:
        if account.pending[number] is not None:
            slot = account.slots[number]
            cap = float("inf")
            if protect is not None:
                cap = version_at(slot.versions, slot.ts[index])["leverage_cap"]
            enter_at_open(account, number, index, cap)
