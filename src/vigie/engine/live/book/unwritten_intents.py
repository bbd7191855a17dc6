"""What is closed while nothing can be written: reduce-only, under ids that follow from what is written of a position.

Whoever reads the log next derives the same ids: the fills are known as ours, and the intents are written with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from vigie.domain.order import Fill, Intent, IntentMove, TradeRun
from vigie.engine.live.book.booking import Bookings
from vigie.engine.live.fold.account import LiveAccount
from vigie.trading.intents import intent_id

REASON: Final = "unwritten"
# A venue that refuses more orders than this for one position is told to close it whatever its size.
MOST_ATTEMPTS: Final = 20


def closing_intent(cause: Intent, attempt: int) -> Intent:
    """Return the intent that closes what an entry opened or an exit would close; its id is the same for everybody."""
    id_ = intent_id(cause.run, cause.account, cause.slot, cause.ts_bar, REASON, "flatten", attempt)
    return replace(
        cause, id=id_, leg="flatten", side=-cause.side if cause.leg == "entry" else cause.side, stop=None,
        target=None, attempt=attempt, reason=REASON, ts_expires=0,
    )  # fmt: skip


def opening_intents(
    run: TradeRun, account: LiveAccount | None, under_way: Iterable[Intent]
) -> Iterator[Intent]:
    """Yield what may have opened a position: the entries that are under way, then what is held."""
    yield from (intent for intent in under_way if intent.leg == "entry")
    if account is not None:
        open_slots = [number for number, _ in enumerate(account.slots) if account.slot(number)["side"] != 0]
        yield from (_position_intent(run, account, number) for number in open_slots)


def _position_intent(run: TradeRun, account: LiveAccount, number: int) -> Intent:
    slot, id_ = account.slot(number), account.slots[number].id
    ts, lots = int(slot["entry_ts"]), int(slot["lots"])
    return Intent(
        id="", run=run.id, account=run.account, slot=str(id_), instrument=id_.instrument, leg="exit",
        side=-int(slot["side"]), lots=lots, qty=account.qty(number, ts, lots), ts_bar=ts, ts=ts, reason=REASON,
    )  # fmt: skip


def derive_intent(
    run: TradeRun, account: LiveAccount | None, under_way: Iterable[Intent], id_: str
) -> Intent | None:
    """Return the closing that has an id, where it closes what the account holds or enters; else None."""
    attempts = range(1, MOST_ATTEMPTS + 1)
    closings = (
        closing_intent(cause, attempt)
        for cause in opening_intents(run, account, under_way)
        for attempt in attempts
    )
    return next((intent for intent in closings if intent.id == id_), None)


def recover_unwritten(
    unwritten: Mapping[str, Intent], bookings: Bookings, fills: Iterable[Fill], now: int
) -> tuple[tuple[Intent, ...], tuple[IntentMove, ...]]:
    """Return the closings that some fills belong to and that nobody wrote yet, and the ends of those that are over.

    One that left something open is an open intent from then on: what is left is closed as well.
    """
    filled = dict.fromkeys(item.client_id for item in fills if item.client_id in unwritten)
    recovered, moves = [], []
    for id_ in filled:
        item = replace(unwritten[id_], ts=now)
        if bookings.is_closed(bookings.number(item)):
            # Of an entry that was filled in part less was held than it meant to open.
            qty = bookings.total_filled(item)
            item = replace(item, qty=qty, lots=int(qty / (item.qty / item.lots)))
            moves.append(IntentMove(id_, "filled", now, "", qty))
        recovered.append(item)
    return tuple(recovered), tuple(moves)
