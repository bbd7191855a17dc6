"""Who goes on from a kept fold knows what who folds from the first step knows, and trades the same."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from types import FunctionType

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.clocks import QuickClock
from tests.crash.seconds import Unruly
from tests.crash.seconds import told as traded
from tests.crash.test_targets import HELD, SYMBOL, resting
from tests.parity.core_venue import ACCOUNT
from tests.parity.feeds import HistoryFeed
from tests.parity.kept import kept_at, plan_of, resumed_from
from tests.parity.test_trader_on_paper import (
    BY_SEED,
    Dead,
    DyingBook,
    begin,
    live_slots,
    one_feed,
    rows,
    trade,
)
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.engine.live.book.account_memory import PAPER_FUNDINGS_LATE_MS, restore_memory
from vigie.engine.live.paper.paper_venue import PaperVenue
from vigie.services.trading.log import event_log
from vigie.services.trading.log.account_view import AccountView
from vigie.services.trading.log.event_log import EventLog

# Where somebody is killed and how long the log was that the next one found folded, as shares of a hundred.
LIVES = st.lists(st.tuples(st.integers(1, 24), st.booleans(), st.integers(0, 100)), min_size=1, max_size=4)


FEW = settings(BY_SEED, max_examples=6, phases=(Phase.generate,))


def plain(known, seen=None):
    """Return everything that something of ours knows, in words that can be compared."""
    seen = {} if seen is None else seen
    if id(known) in seen:
        return f"above: {type(known).__name__}"
    if isinstance(known, np.ndarray | np.void | np.generic):
        return known.tobytes()
    if isinstance(known, dict):
        return {str(plain(key, seen)): plain(value, seen) for key, value in known.items()}
    if isinstance(known, set | frozenset):
        return sorted(map(str, known))
    if isinstance(known, list | tuple):
        return [plain(one, seen) for one in known]
    if isinstance(known, FunctionType):
        # Where it lies in memory differs from one process to the next.
        return known.__qualname__
    if hasattr(known, "hexdigest"):
        return known.hexdigest()
    if type(known).__module__.startswith("vigie.") and not isinstance(known, type):
        seen[id(known)] = known
        names = getattr(known, "__dict__", None) or getattr(type(known), "__slots__", ())
        found = {name: plain(getattr(known, name), seen) for name in sorted(names)}
        del seen[id(known)]
        return found
    return repr(known)


def assert_same_from(book, run, slots, protections, cuts):
    """What is remembered from a fold kept anywhere is what is remembered without one."""
    whole = plain(restore_memory(run, slots, protections, book))
    assert whole["account"] != "None"
    for cut in cuts:
        fold = kept_at(book, run, slots, protections, cut)
        assert plain(restore_memory(run, slots, protections, book, fold)) == whole, cut


@FEW
@given(st.integers(0, 10**9), LIVES)
def test_killed_anywhere_the_next_one_knows_the_same_from_any_kept_fold(sqlite_database, seed, lives):
    inputs, protections = one_feed(seed)
    book, clock = SqlTradeBook(sqlite_database, QuickClock()), QuickClock()
    run, slots = begin(book, f"kept-{seed}-{lives}"), live_slots(inputs)
    for at, after, _ in lives:
        with suppress(Dead):
            trade(DyingBook(book, at, after), run, inputs, protections)
    numbers = [step.number for step in book.steps(run.id)]
    if not numbers:
        return
    cuts = {
        number * share // 100
        for number in numbers[-1:]
        for share in (1, 50, 99, 100, *(s for *_, s in lives))
    }
    assert_same_from(book, run, slots, protections, cuts)
    begun = plain(PaperVenue(run, slots, HistoryFeed(inputs), book, clock))
    for cut in cuts:
        fold = kept_at(book, run, slots, protections, cut, late_ms=PAPER_FUNDINGS_LATE_MS)
        venue = plain(PaperVenue(run, slots, HistoryFeed(inputs), book, clock, fold))
        for name in ("_applied_number", "_positions", "_orders", "_waiting"):
            assert venue[name] == begun[name], (cut, name)
        assert venue["_funding"] == begun["_funding"], cut


@FEW
@given(st.integers(0, 10**9), LIVES)
def test_processes_that_begin_with_kept_folds_trade_as_those_that_read_everything(
    sqlite_database, seed, lives
):
    inputs, protections = one_feed(seed)
    book, slots, ended = SqlTradeBook(sqlite_database, QuickClock()), live_slots(inputs), []
    for name in ("everything", "folds"):
        run = begin(book, f"{name}-{seed}-{lives}")
        for at, after, share in (*lives, (10**6, False, lives[0][-1])):
            last = max((step.number for step in book.steps(run.id)), default=0)
            cut = last * share // 100
            fold = kept_at(book, run, slots, protections, cut) if name == "folds" else None
            with suppress(Dead):
                trade(DyingBook(book, at, after), run, inputs, protections, fold=fold)
        log, account = rows(book, run, inputs, protections)
        states = [
            (one.intent.slot, one.intent.leg, one.intent.ts_bar, one.move.state)
            for one in book.intents(run.id)
        ]
        ended.append((log, account.cash, account.decision_hash, account.trades.tolist(), sorted(states)))
    assert ended[0] == ended[1]


def told_of(log):
    """Return everything that pages read of a log."""
    return (
        plain(log.account), log.number, log.ts, log.open_slots, log.refusals, log.unfilled,
        log.curve, bytes(log.decisions),
    )  # fmt: skip


@FEW
@given(st.integers(0, 10**9), LIVES)
def test_pages_tell_from_any_kept_fold_what_the_whole_log_says(sqlite_database, seed, lives):
    inputs, protections = one_feed(seed)
    book, slots = SqlTradeBook(sqlite_database, QuickClock()), live_slots(inputs)
    run = begin(book, f"told-{seed}-{lives}")
    for at, after, _ in (*lives, (10**6, False, 0)):
        with suppress(Dead):
            trade(DyingBook(book, at, after), run, inputs, protections)
    written, plan = list(book.steps(run.id)), plan_of(run, slots, protections)
    assert len(written) > 1
    # A short curve is thinned out more than once.
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(event_log, "MOST_POINTS", 40)
        whole = EventLog(plan)
        lines = [line for step in written for line in whole.apply(step)]
        for cut in {1, *(written[-1].number * share // 100 for *_, share in lives), written[-1].number}:
            view = AccountView(run.id, resumed_from(book, run, plan, cut, Path(folder) / "fold.bin"))
            assert view.number == cut
            said = [line for step in book.steps(run.id, cut) for line in view.apply(step)]
            assert told_of(view) == told_of(whole), cut
            assert lines[len(lines) - len(said) :] == said


def test_what_was_paid_in_and_what_a_person_closed_is_known_from_any_kept_fold(sqlite_database):
    venue = Unruly(resting())
    # Somebody pays in, and closes a position in the app.
    venue.quiet[HELD] = [
        (60.0, lambda: venue.exchange.deposit(ACCOUNT, Decimal(100))),
        (60.0, lambda: venue.exchange.force_close(ACCOUNT, SYMBOL, "person")),
        (60.0, lambda: None),
    ]
    story = traded(sqlite_database, "kept", venue)
    slots = live_slots(venue.inputs)
    numbers = [step.number for step in story.book.steps(story.run.id)]
    kinds = {step.kind for step in story.book.steps(story.run.id)}
    assert "adjusted" in kinds
    assert_same_from(story.book, story.run, slots, story.trader._config.protections, [0, *numbers])
