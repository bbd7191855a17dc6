"""From a venue's fills and funding to what the account's log says of its slots.

Takes everything the venue reports, any number of times and in any order; gives each fact once, to the slot whose it
is: by the order's id where the order was ours, else to the slot that holds the instrument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeVar

from vigie.domain import codes
from vigie.domain.order import Fill, FundingPayment, Intent
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.steps import Entry, Leave, Payment

Fact = TypeVar("Fact", Fill, FundingPayment)
_REASON_OF: Final = {"stop": codes.STOP, "target": codes.TARGET, "liquidation": codes.LIQUIDATION}


class Sight:
    """What has been seen of one kind of facts, so that each is taken once.

    Parameters
    ----------
    since : int
        The venue's time from which on it is asked.
    """

    # A venue may show a fact late: it is asked again for longer than a trader waits for the fills of an order.
    OVERLAP_MS: Final = 600_000

    def __init__(self, since: int) -> None:
        self.since = since
        self._seen: dict[tuple[str, str], int] = {}

    def new(self, facts: Iterable[Fact]) -> tuple[Fact, ...]:
        """Return what was not seen before, oldest first, and remember it."""
        fresh = {(one.instrument, one.id): one for one in facts if (one.instrument, one.id) not in self._seen}
        self._seen |= {key: one.ts for key, one in fresh.items()}
        self.since = max([self.since, *(ts - self.OVERLAP_MS for ts in self._seen.values())])
        for key in [key for key, ts in self._seen.items() if ts < self.since]:
            del self._seen[key]
        return tuple(sorted(fresh.values(), key=lambda one: (one.ts, one.id)))


class Bookings:
    """Fills that wait until they are the whole of an entry or of an exit.

    Parameters
    ----------
    account : LiveAccount or None
        Whose slots they are for; None before there is one, when nothing can be booked.
    """

    def __init__(self, account: LiveAccount | None) -> None:
        self._account = account
        names = account.slots if account is not None else ()
        self._slots = {str(slot.id): number for number, slot in enumerate(names)}
        self._latest: dict[str, int] = {}
        self._closing: dict[int, list[Fill]] = {}
        self._strange: list[Fill] = []
        self._entered_by: dict[str, tuple[int, int]] = {}
        self._begun: dict[str, int] = {}
        self._entering: dict[str, list[Fill]] = {}

    def take(self, fills: Iterable[Fill], intents: Mapping[str, Intent]) -> None:
        """Sort new fills; those that are nobody's wait for what may explain them, and change no slot of ours."""
        self._latest |= self._holders()
        waiting, self._strange = [*self._strange, *fills], []
        # Entries first: what closes a position may be told before what opened it.
        for fill in sorted(waiting, key=lambda one: not self._is_entry(one, intents)):
            intent = intents.get(fill.client_id)
            if intent is not None and intent.leg == "entry":
                if intent.id not in self._entering:
                    self._begun[fill.instrument] = fill.ts
                self._entering.setdefault(intent.id, []).append(fill)
                self._entered_by[fill.instrument] = (self._slots[intent.slot], intent.side)
                continue
            number = self._slots[intent.slot] if intent is not None else self._holder(fill)
            if number is None:
                self._strange.append(fill)
            else:
                self._closing.setdefault(number, []).append(fill)

    def _is_entry(self, fill: Fill, intents: Mapping[str, Intent]) -> bool:
        intent = intents.get(fill.client_id)
        return intent is not None and intent.leg == "entry"

    def payments(self, fundings: Sequence[FundingPayment]) -> list[Payment]:
        """Return funding as the slots bear it: the one that holds the instrument, else the last that did.

        What was paid for an instrument that no slot ever held is somebody else's.
        """
        self._latest |= self._holders()
        return [
            Payment(self._latest[one.instrument], one.ts, float(one.amount))
            for one in fundings
            if one.instrument in self._latest
        ]

    def leaves(self) -> list[Leave]:
        """Return the positions that are closed as a whole, and forget their fills."""
        found = []
        for number, fills in sorted(self._closing.items()):
            if self._account is None or not self.is_whole(number):
                continue
            qty = sum((fill.qty for fill in fills), Decimal(0))
            fee = sum((fill.fee for fill in fills), Decimal(0))
            price = sum((fill.price * fill.qty for fill in fills), Decimal(0)) / qty
            decided = int(self._account.slot(number)["exit_reason"])
            ids = tuple(fill.id for fill in fills)
            reason, ts = _reason(decided, fills[-1]), fills[-1].ts
            found.append(Leave(number, reason, float(price), float(fee), ts, ids))
        for leave in found:
            del self._closing[leave.slot]
        return found

    def entry(self, intent: Intent, raw: float, ts: int) -> Entry:
        """Return what came of an entry whose order has ended, and forget its fills."""
        number = self._slots[intent.slot]
        fills = self._entering.pop(intent.id, [])
        self._entered_by.pop(intent.instrument, None)
        qty = sum((fill.qty for fill in fills), Decimal(0))
        if not qty:
            return Entry(number, 0, 0.0, raw, 0.0, ts)
        price = sum((fill.price * fill.qty for fill in fills), Decimal(0)) / qty
        fee = sum((fill.fee for fill in fills), Decimal(0))
        lots = int(qty / (intent.qty / intent.lots))
        ids = tuple(fill.id for fill in fills)
        return Entry(number, lots, float(price), raw, float(fee), fills[-1].ts, ids)

    def waiting(self) -> list[Fill]:
        """Return the fills that are not yet the whole of an entry or of an exit."""
        parts = (*self._closing.values(), *self._entering.values())
        return [fill for fills in parts for fill in fills]

    def held(self, number: int, begun: int | None = None) -> None:
        """Remember that a slot held its instrument, and when that began."""
        if self._account is not None:
            instrument = self._account.slots[number].id.instrument
            self._latest[instrument] = number
            if begun is not None:
                self._begun[instrument] = begun

    def filled(self, intent: Intent) -> Decimal:
        """Return how much of an intent's fills is here."""
        parts = self._entering.get(intent.id)
        if parts is None:
            parts = [
                one for one in self._closing.get(self._slots[intent.slot], []) if one.client_id == intent.id
            ]
        return sum((fill.qty for fill in parts), Decimal(0))

    def is_whole(self, number: int) -> bool:
        """Tell whether the fills that are here close a slot's position."""
        if self._account is None:
            return False
        slot = self._account.slot(number)
        if slot["side"] == 0:
            return False
        held = self._account.qty(number, int(slot["entry_ts"]), int(slot["lots"]))
        return sum((fill.qty for fill in self._closing.get(number, ())), Decimal(0)) >= held

    def _holders(self) -> dict[str, int]:
        if self._account is None:
            return {}
        return {
            slot.id.instrument: number
            for number, slot in enumerate(self._account.slots)
            if self._account.slot(number)["side"] != 0
        }

    def _holder(self, fill: Fill) -> int | None:
        """Return the slot whose position a fill makes smaller: one that is held, or one that is just being entered."""
        if fill.ts < self._begun.get(fill.instrument, fill.ts):
            # Traded by somebody before this position was: it cannot have closed it.
            return None
        number = self._holders().get(fill.instrument)
        if number is not None and self._account is not None:
            return number if self._account.slot(number)["side"] == -fill.side else None
        entering = self._entered_by.get(fill.instrument)
        return entering[0] if entering is not None and entering[1] == -fill.side else None


def _reason(decided: int, fill: Fill) -> int:
    if fill.cause in _REASON_OF:
        return _REASON_OF[fill.cause]
    if fill.cause == "order" and fill.client_id:
        return decided or codes.END_OF_DATA
    return codes.OUTSIDE
