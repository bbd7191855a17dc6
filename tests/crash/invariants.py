"""What must be true of an account whatever happened to it: at the venue, in the book, and between the two."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.parity.material import Inputs
from tests.parity.test_trader_on_paper import rows
from vigie.domain.account import Protections
from vigie.domain.order import ENDED, TradeRun
from vigie.engine.live.book.unwritten_intents import REASON as UNWRITTEN
from vigie.engine.live.fold.account import LiveAccount
from vigie.ports.tradebook import TradeBook
from vigie_sandbox.exchange.core.records import FIRST_ID


def unprotected(there: Any) -> set[str]:
    """Return the contracts whose position has no stop at the venue."""
    stops = {one["symbol"] for one in there["plans"] if one["state"] == "live" and "stop" in one["kind"]}
    return {one["symbol"] for one in there["positions"] if float(one["qty"])} - stops


def assert_orders_are_whole(
    book: TradeBook, run: TradeRun, there: Any, foreign: frozenset[str] = frozenset()
) -> bool:
    """What was meant is what the venue has and what is booked; return whether all of it was filled.

    Parameters
    ----------
    there : mapping
        The account as the exchange's control tells it.
    foreign : frozenset of str
        Client ids that somebody else ordered under.
    """
    known = {one.intent.id: one for one in book.intents(run.id)}
    open_ = [one for one in known.values() if one.move.state not in ENDED]
    assert not open_, "no intent is left open"
    # Orders that the venue's adapter names itself are no intents: stops that fired, and emergencies.
    named = [one for one in there["orders"] if one["client_id"] and not one["client_id"].startswith("vigie-")]
    orders = [one for one in named if one["client_id"] not in foreign]
    ours = {one["client_id"]: one for one in orders}
    assert len(ours) == len(orders), "no order twice"
    # What is closed whatever its size has no id of ours there, unless nothing could be written.
    named_by_us = {
        id_: one
        for id_, one in known.items()
        if one.intent.leg != "flatten" or one.intent.reason == UNWRITTEN
    }
    came = {id_ for id_, one in named_by_us.items() if one.move.state in ("filled", "cancelled")}
    assert came == ours.keys(), "no order lost, none without an intent"
    for id_ in came:
        intent, order = known[id_].intent, ours[id_]
        assert (order["side"], order["qty"]) == (intent.side, f"{intent.qty:f}")
        assert order["filled"] == f"{known[id_].move.filled:f}"
    # Some venues write ids without what all of the exchange's begin with.
    trades = Counter(int(one["id"]) % FIRST_ID for one in there["trades"])
    booked = Counter(int(fill.id) % FIRST_ID for fill in book.fills(run.id))
    assert booked == trades, "every fill is booked, once"
    return all(one.move.state == "filled" for one in known.values())


def assert_money_adds_up(
    book: TradeBook, run: TradeRun, there: Any, inputs: Inputs, protections: Protections
) -> LiveAccount:
    """The log, read again, has the venue's balance; return the account that it tells of."""
    _, account = rows(book, run, inputs, protections)
    assert account.cash == pytest.approx(float(there["money"]["cash"]), abs=1e-6), "the ledger is the venue's"
    return account
