"""Closings that nobody wrote: anybody derives the same ids, and no two of them meet."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.order import Intent, TradeRun
from vigie.engine.live.book.unwritten_intents import (
    MOST_ATTEMPTS,
    closing_intent,
    derive_intent,
    opening_intents,
)

RUN = TradeRun("run", "main", "owner", "bitget-perp", "demo", "plan", Decimal(10_000), 0)
TIMES = st.integers(0, 2**45)
SIDES = st.sampled_from([1, -1])


class Account:
    """Slots that hold what they are given: side and when that began."""

    def __init__(self, held):
        self.slots = [SimpleNamespace(id=Name(f"coin{k}-usdt-perp")) for k in range(len(held))]
        self._held = held

    def slot(self, number):
        side, ts = self._held[number]
        return {"side": side, "entry_ts": ts, "lots": 3}

    def qty(self, _number, _ts, lots):
        return Decimal(lots) / 1_000


class Name(str):
    """The name of a slot."""

    @property
    def instrument(self):
        return str(self)


def entry(slot, side, ts):
    return Intent(
        f"{slot}-{ts}", "run", "main", slot, slot, "entry", side, 3, Decimal(3), ts, ts, stop=Decimal(1),
        ts_expires=ts + 1,
    )  # fmt: skip


@given(
    held=st.lists(st.tuples(st.sampled_from([1, -1, 0]), TIMES), max_size=4),
    entering=st.lists(
        st.tuples(st.sampled_from("abcd"), SIDES, TIMES), max_size=4, unique_by=lambda one: one[0]
    ),
    attempt=st.integers(1, MOST_ATTEMPTS),
    other=st.text("0123456789abcdef", min_size=32, max_size=32),
)
def test_every_closing_is_derived_again_from_the_log_and_from_nothing_else(held, entering, attempt, other):
    account, entries = Account(held), [entry(*one) for one in entering]
    known = list(opening_intents(RUN, account, entries))
    assert len(known) == len(entering) + sum(side != 0 for side, _ in held)
    made = [closing_intent(one, attempt) for one in known]
    ids = {closing_intent(one, n).id for one in known for n in range(1, MOST_ATTEMPTS + 1)}
    assert len(ids) == MOST_ATTEMPTS * len(known)
    for cause, one in zip(known, made, strict=True):
        assert derive_intent(RUN, account, entries, one.id) == one
        assert one.is_reduce_only
        assert one.side == (-cause.side if cause.leg == "entry" else cause.side)
        assert (one.slot, one.stop, one.ts_expires, len(one.id)) == (cause.slot, None, 0, 32)
    assert derive_intent(RUN, account, entries, other) is None
    # What has ended is closed by nobody any more.
    assert all(derive_intent(RUN, None, (), one.id) is None for one in made)
