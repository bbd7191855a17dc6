"""What every record of trading accounts promises, on every database."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from tests.databases import HandClock, wipe
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.database import Database, open_database
from vigie.adapters.stores.sql.tables import Base
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.adapters.stores.sql.tradebook.tables import TradeAccountRow
from vigie.domain.errors import Conflict, DataError, InvariantBroken, NotFound, UsageError
from vigie.domain.order import (
    ENDED,
    Fill,
    FundingPayment,
    Intent,
    IntentMove,
    Lease,
    TradeRun,
    TradeStep,
)
from vigie.ports.trade_log import KnownIntent
from vigie.ports.tradebook import AuditNote, TradeBook, TradeChange

BAR = 1_759_968_000_000
RUN = TradeRun("r1", "main", "u1", "bitget-perp", "demo", "f" * 64, Decimal("10000.00"), BAR)
FEW = settings(
    derandomize=True, deadline=None, max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@pytest.fixture
def book(database: Database, clock: HandClock) -> TradeBook:
    return SqlTradeBook(database, clock)


@pytest.fixture
def lease(book: TradeBook) -> Lease:
    """Begin a run and hold its account."""
    book.begin(RUN)
    return book.take("main", "p1", for_s=10)


def intent(number: int = 1, **more: Any) -> Intent:
    given = {
        "id": f"{number:032x}", "run": "r1", "account": "main", "slot": "btc-usdt-perp/1d/macd_cross",
        "instrument": "btc-usdt-perp", "leg": "entry", "side": 1, "lots": 12, "qty": Decimal("0.0120"),
        "ts_bar": BAR, "ts": BAR + 5, "stop": Decimal("59999.9"), "reason": "signal",
    }  # fmt: skip
    return Intent(**{**given, **more})


def fill(number: int = 1, **more: Any) -> Fill:
    given = {
        "instrument": "btc-usdt-perp", "id": f"t{number}", "order_id": "o1", "client_id": f"{number:032x}",
        "side": 1, "qty": Decimal("0.0120"), "price": Decimal("60001.10"), "fee": Decimal("0.432007920000"),
        "ts": BAR + 7,
    }  # fmt: skip
    return Fill(**{**given, **more})


def paid(number: int = 1, **more: Any) -> FundingPayment:
    given = {"instrument": "btc-usdt-perp", "id": f"f{number}", "amount": Decimal("-0.07"), "ts": BAR + 9}
    return FundingPayment(**{**given, **more})


def step(word: str = "x") -> TradeStep:
    return TradeStep("closed", BAR, f'{{"word":"{word}"}}')


WHOLE = TradeChange(
    steps=(step("a"), step("b")),
    intents=(intent(1), intent(2)),
    moves=(IntentMove(intent(1).id, "sent", BAR + 6),),
    fills=(fill(),),
    fundings=(paid(),),
    state="reducing",
    notes=(AuditNote("trade.intent", intent(1).id, {"lots": 12}), AuditNote("trade.intent", intent(2).id)),
)


def content(database: Database) -> dict[str, list[Any]]:
    with database.reading() as connection:
        return {
            table.name: connection.execute(table.select().order_by(*table.primary_key.columns)).all()
            for table in Base.metadata.sorted_tables
        }


# Runs


def test_the_newest_intent_of_a_slot_is_told_but_for_what_closed_its_rest(book, lease):
    slot, other = intent().slot, "eth-usdt-perp/1d/macd_cross"
    with pytest.raises(NotFound, match="has no intent"):
        book.newest("r1", slot)
    many = [
        intent(1),
        intent(2, leg="exit", side=-1),
        intent(3, slot=other),
        intent(4, leg="flatten", side=-1),
    ]
    book.commit(lease, TradeChange(intents=tuple(many)))
    assert book.newest("r1", slot).intent == many[1]
    assert book.newest("r1", other).intent == many[2]


def test_an_unknown_account_has_nothing(book):
    assert book.run("main") is None
    assert book.state("main") == "active"
    assert book.intent("0" * 32) is None
    assert list(book.steps("r1")) == book.intents("r1") == book.fills("r1") == book.fundings("r1") == []
    assert book.accounts() == book.runs_of("u1") == []


def test_a_run_comes_back_as_it_was_and_the_newest_is_the_present_one(book):
    book.begin(RUN)
    assert repr(book.run("main")) == repr(RUN)
    later = replace(RUN, id="r0", plan="e" * 64, ts=BAR + 1)
    book.begin(later)
    assert book.run("main") == later
    assert book.accounts() == book.accounts("u1") == [later]
    assert book.accounts("u2") == []
    assert book.runs_of("u1") == [RUN, later]


def test_a_run_that_is_begun_again_is_the_same_one_and_another_under_its_id_is_refused(book, database):
    book.begin(RUN)
    before = content(database)
    book.begin(RUN)
    assert content(database) == before
    with pytest.raises(InvariantBroken, match="r1"):
        book.begin(replace(RUN, capital=Decimal(1)))


def test_a_log_begins_with_its_run_and_whose_money_it_trades_is_found_by_it(book, database):
    note = AuditNote("trade.limits", "main", {"source": "run"})
    book.begin(RUN, money="k" * 32, steps=[step("a"), step("b")], notes=[note])
    assert [(one.number, one.body) for one in book.steps("r1")] == [
        (1, step("a").body), (2, step("b").body),
    ]  # fmt: skip
    assert book.last_step("r1") == 2
    assert book.last_step("r9") == 0
    before = content(database)
    book.begin(RUN, money="k" * 32, steps=[step("a")], notes=[note])
    book.note_money("r1", "k" * 32)
    assert content(database) == before, "once"
    book.begin(replace(RUN, id="r2", account="other"))
    assert (book.is_money_known("r1"), book.is_money_known("r2")) == (True, False)
    book.note_money("r1", "l" * 32)
    assert book.runs_on("k" * 32) == book.runs_on("l" * 32) == {"r1"}
    assert book.runs_on("m" * 32) == frozenset()
    assert {one.id for one in book.runs_of()} == {"r1", "r2"}
    book.forget("u1")
    assert book.runs_on("k" * 32) == frozenset()


def test_a_run_whose_beginning_fails_anywhere_is_not_there(book, database):
    before = content(database)
    with pytest.raises(Exception, match=r"(?i)null|integrity"):
        book.begin(RUN, money="k" * 32, steps=[step("a"), TradeStep("closed", BAR, None)])
    assert content(database) == before


def test_a_lift_is_an_audited_act_that_is_told_in_order(book, lease, database, clock):
    until = {"daily_loss": BAR}
    book.lift("main", ["daily_loss"], by="u1", why="checked", until=until)
    book.lift("main", ["account_drawdown", "loss_streak"], by="u2", why="again", until={})
    first, second = book.lifts("main")
    assert (first.limits, second.limits) == (("daily_loss",), ("account_drawdown", "loss_streak"))
    assert book.lifts("main", first.number) == [second]
    assert book.lifts("other") == []
    told = SqlAuditLog(database, clock).after(0, kinds=["trade.lift"])
    assert [(one.actor, one.subject, one.text["why"]) for one in told] == [
        ("u1", "main", "checked"), ("u2", "main", "again"),
    ]  # fmt: skip
    assert told[0].text["until"] == until
    SqlAuditLog(database, clock).forget("u1")
    assert book.lifts("main") == [second], "what was forgotten lifts nothing"
    SqlAuditLog(database, clock).verify()
    with pytest.raises(NotFound):
        book.lift("nobody", ["daily_loss"], by="u1", why="so", until={})


def test_accounts_are_handed_over_with_every_run_while_they_are_traded(book, lease, database, clock):
    later = replace(RUN, id="r0", ts=BAR + 1)
    book.begin(later)
    book.begin(replace(RUN, id="r9", account="other", owner="u9"))
    assert book.hand_over("u1", "u2") == ["main"]
    assert book.run("main") == replace(later, owner="u2")
    assert book.runs_of("u2") == [replace(RUN, owner="u2"), replace(later, owner="u2")]
    assert (book.accounts("u1"), [one.account for one in book.accounts("u9")]) == ([], ["other"])
    with pytest.raises(Conflict, match="account main belongs to another user; choose another"):
        book.begin(replace(RUN, id="r2"))
    book.commit(book.keep(lease, for_s=10), TradeChange(notes=(AuditNote("trade.intent", "x"),)))
    assert SqlAuditLog(database, clock).after(0)[-1].actor == "u2"
    assert book.hand_over("u1", "u2") == []


def test_an_account_belongs_to_one_person(book):
    book.begin(RUN)
    with pytest.raises(Conflict, match="account main belongs to another user; choose another"):
        book.begin(replace(RUN, id="r2", owner="u2"))
    assert book.run("main") == RUN


# Leases


def test_an_account_is_held_by_one_and_tokens_rise(book, clock):
    first = book.take("main", "p1", for_s=10)
    assert first == Lease("main", "p1", 1, clock.now + 10_000)
    with pytest.raises(Conflict, match=r"main is leased to p1 for another 10 s"):
        book.take("main", "p2", for_s=10)
    book.take("other", "p2", for_s=10)
    assert book.take("main", "p1", for_s=10).token == 2
    assert book.take("main", "p2", for_s=10, by_force=True).token == 3
    with pytest.raises(Conflict):
        book.take("main", "p1", for_s=10)


def test_a_lease_that_nobody_kept_is_taken_before_its_end_by_who_saw_it_so(book, clock):
    first = book.take("main", "p1", for_s=10)
    clock.now += 1
    kept = book.keep(first, for_s=10)
    with pytest.raises(Conflict, match="s unless renewed; stop that process first \\(`vigie trade"):
        book.take("main", "p2", for_s=10, expired=first)
    taken = book.take("main", "p2", for_s=10, expired=kept)
    assert (taken.holder, taken.token) == ("p2", 2)
    with pytest.raises(Conflict, match="is held by p2 with token 2"):
        book.keep(kept, for_s=10)
    with pytest.raises(Conflict, match="is leased to p2"):
        book.take("main", "p3", for_s=10, expired=kept)


def test_a_lease_that_is_over_or_given_back_is_free(book, clock):
    lease = book.take("main", "p1", for_s=10)
    clock.now += 10_000
    lease = book.take("main", "p2", for_s=10)
    book.leave(lease)
    assert book.take("main", "p3", for_s=10).token == 3


def test_who_may_trade_is_told_until_they_may_not(book, lease, clock):
    assert book.holder("main") == lease
    assert book.holder("unknown") is None
    clock.now += 10_000
    assert book.holder("main") is None
    again = book.take("main", "p2", for_s=10)
    assert book.holder("main") == again
    book.leave(again)
    assert book.holder("main") is None


def test_a_lease_is_kept_as_long_as_nobody_took_it(book, clock):
    lease = book.take("main", "p1", for_s=10)
    clock.now += 9_000
    kept = book.keep(lease, for_s=10)
    assert kept == replace(lease, ts_until=clock.now + 10_000)
    clock.now += 60_000
    kept = book.keep(kept, for_s=10)
    assert kept.ts_until == clock.now + 10_000
    book.take("main", "p2", for_s=10, by_force=True)
    with pytest.raises(Conflict, match="is held by p2 with token 2, p1 had token 1"):
        book.keep(kept, for_s=10)


def test_whoever_lost_an_account_cannot_give_it_back_for_the_new_holder(book):
    old = book.take("main", "p1", for_s=10)
    book.take("main", "p2", for_s=10, by_force=True)
    book.leave(old)
    with pytest.raises(Conflict):
        book.take("main", "p3", for_s=10)


def test_a_given_back_lease_is_not_kept(book, lease):
    book.leave(lease)
    with pytest.raises(Conflict, match="nobody"):
        book.keep(lease, for_s=10)
    with pytest.raises(Conflict):
        book.commit(lease, TradeChange())


@pytest.mark.parametrize(("holder", "for_s"), [("", 10), ("p1", 0), ("p1", -1), ("p1", float("nan"))])
def test_a_lease_needs_a_holder_and_a_time(book, holder, for_s):
    with pytest.raises(UsageError):
        book.take("main", holder, for_s=for_s)


# Commits


def test_everything_of_a_change_becomes_true_and_comes_back_exactly(book, lease, database, clock):
    assert book.commit(lease, WHOLE) == 2
    assert list(book.steps("r1")) == [replace(step("a"), number=1), replace(step("b"), number=2)]
    assert list(book.steps("r1", 1)) == [replace(step("b"), number=2)]
    known = [
        KnownIntent(intent(1), IntentMove(intent(1).id, "sent", BAR + 6)),
        KnownIntent(intent(2), IntentMove(intent(2).id, "intent", BAR + 5)),
    ]
    assert book.intents("r1") == known
    assert book.intent(intent(2).id) == known[1]
    assert repr(book.intents("r1")[0].intent) == repr(intent(1)), "every digit of an amount is kept"
    assert repr(book.fills("r1")) == repr([fill()])
    assert repr(book.fundings("r1")) == repr([paid()])
    assert book.state("main") == "reducing"
    audit = SqlAuditLog(database, clock)
    assert audit.verify() == 4
    assert [(one.kind, one.actor, one.subject, one.text) for one in audit.after(2)] == [
        ("trade.intent", "u1", intent(1).id, {"lots": 12, "account": "main"}),
        ("trade.intent", "u1", intent(2).id, {"account": "main"}),
    ]


def test_steps_are_numbered_for_each_run(book, lease):
    assert book.commit(lease, TradeChange()) == 0
    assert book.commit(lease, TradeChange(steps=(step(),))) == 1
    assert book.commit(lease, TradeChange(steps=(step(), step()))) == 3
    assert book.commit(lease, TradeChange()) == 3
    book.begin(replace(RUN, id="r2"))
    assert book.commit(lease, TradeChange(steps=(step(),))) == 1
    assert [one.number for one in book.steps("r1")] == [1, 2, 3]


def test_a_long_log_is_read_whole(book, lease):
    book.commit(lease, TradeChange(steps=tuple(step(str(n)) for n in range(2_345))))
    assert [one.number for one in book.steps("r1", 7)] == list(range(8, 2_346))


def test_after_a_taking_by_force_the_old_holder_writes_nothing(book, lease, database):
    new = book.take("main", "p2", for_s=10, by_force=True)
    before = content(database)
    with pytest.raises(Conflict, match="is held by p2 with token 2, p1 had token 1; nothing was written"):
        book.commit(lease, WHOLE)
    assert content(database) == before
    assert book.commit(new, WHOLE) == 2


def test_who_took_again_under_the_same_name_ends_their_earlier_taking(book, lease):
    book.take("main", "p1", for_s=10)
    with pytest.raises(Conflict):
        book.commit(lease, TradeChange())


def test_a_token_that_was_counted_twice_after_a_restore_lets_nobody_in_who_has_another_name(book, lease):
    with pytest.raises(Conflict):
        book.commit(replace(lease, holder="p0"), TradeChange())


def test_a_lease_that_is_over_writes_nothing_though_nobody_took_it(book, lease, clock, database):
    clock.now += 10_000
    before = content(database)
    with pytest.raises(Conflict, match="expired 0 s ago; nothing was written"):
        book.commit(replace(lease, ts_until=clock.now + 60_000), WHOLE)
    assert content(database) == before
    assert book.commit(book.keep(lease, for_s=10), WHOLE) == 2


def test_without_a_run_nothing_is_written(book):
    with pytest.raises(InvariantBroken, match="no run"):
        book.commit(book.take("main", "p1", for_s=10), TradeChange(steps=(step(),)))


# Intents


def test_an_intent_is_written_once_and_its_first_writing_stays(book, lease):
    book.commit(lease, TradeChange(intents=(intent(), intent())))
    again = replace(intent(), ts=BAR + 999, ts_expires=BAR + 9_999, qty=Decimal("0.012"))
    book.commit(lease, TradeChange(intents=(again, intent(2))))
    assert [one.intent for one in book.intents("r1")] == [intent(), intent(2)]


@pytest.mark.parametrize(
    "other",
    [
        {"side": -1}, {"lots": 13}, {"qty": Decimal("0.013")}, {"instrument": "eth-usdt-perp"}, {"leg": "exit"},
        {"ts_bar": BAR + 1}, {"slot": "x"}, {"stop": None}, {"target": Decimal(1)}, {"attempt": 2},
        {"run": "r0"}, {"account": "other"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_stored", [True, False])
def test_another_decision_under_a_known_id_is_refused_whole(book, lease, database, other, is_stored):
    if is_stored:
        book.commit(lease, TradeChange(intents=(intent(),)))
    before = content(database)
    first = () if is_stored else (intent(),)
    with pytest.raises(InvariantBroken, match=intent().id):
        book.commit(lease, TradeChange(steps=(step(),), intents=(*first, replace(intent(), **other))))
    assert content(database) == before


def test_what_was_never_written_ahead_cannot_move(book, lease, database):
    book.begin(replace(RUN, id="r9", account="other", owner="u2"))
    before = content(database)
    with pytest.raises(InvariantBroken, match="was never recorded before sending"):
        book.commit(lease, TradeChange(steps=(step(),), moves=(IntentMove(intent().id, "sent", BAR),)))
    assert content(database) == before
    book.commit(lease, TradeChange(intents=(intent(),)))
    with pytest.raises(InvariantBroken, match="was never recorded before sending"):
        book.commit(
            book.take("other", "p3", for_s=10), TradeChange(moves=(IntentMove(intent().id, "sent", BAR),))
        )


def moved(book: TradeBook, lease: Lease, *moves: IntentMove) -> IntentMove:
    book.commit(lease, TradeChange(intents=(intent(),), moves=moves))
    known = book.intent(intent().id)
    assert known is not None
    return known.move


def test_the_life_of_an_intent_is_told_to_its_end(book, lease):
    id_, some, all_ = intent().id, Decimal("0.004"), Decimal("0.0120")
    assert moved(book, lease) == IntentMove(id_, "intent", BAR + 5)
    assert moved(book, lease, IntentMove(id_, "sent", BAR + 6)).state == "sent"
    assert moved(book, lease, IntentMove(id_, "unknown", BAR + 7, reason="no answer")).reason == "no answer"
    assert moved(book, lease, IntentMove(id_, "sent", BAR + 8)).state == "sent", "an exit is sent again"
    assert moved(book, lease, IntentMove(id_, "acked", BAR + 9, order_id="o1")).order_id == "o1"
    partial = moved(book, lease, IntentMove(id_, "partial", BAR + 10, filled=some))
    assert partial == IntentMove(id_, "partial", BAR + 10, "o1", some, "no answer")
    assert book.intents("r1", open_only=True) == book.intents("r1")
    done = moved(book, lease, IntentMove(id_, "filled", BAR + 11, filled=all_))
    assert (done.state, done.filled, done.order_id) == ("filled", all_, "o1")
    assert book.intents("r1", open_only=True) == []


@pytest.mark.parametrize("end", ENDED)
@pytest.mark.parametrize("later", ["sent", "unknown", "acked", "partial", "cancelled", "expired", "rejected"])
def test_an_ended_intent_stays_ended(book, lease, end, later):
    id_ = intent().id
    moved(book, lease, IntentMove(id_, end, BAR + 6, reason="first"))
    after = moved(book, lease, IntentMove(id_, later, BAR + 7, "o1", Decimal("0.001"), "second"))
    assert (after.state, after.reason, after.ts) == (end, "first", BAR + 6)
    assert (after.filled, after.order_id) == (Decimal("0.001"), "o1"), (
        "what the venue did is known all the same"
    )
    assert book.intents("r1", open_only=True) == []


@pytest.mark.parametrize("end", ["expired", "cancelled", "rejected"])
def test_what_was_filled_after_all_is_filled(book, lease, end):
    id_ = intent().id
    moved(book, lease, IntentMove(id_, end, BAR + 6))
    assert moved(book, lease, IntentMove(id_, "filled", BAR + 7, filled=Decimal("0.012"))).state == "filled"


MOVES = st.builds(
    IntentMove,
    st.just(intent().id),
    st.sampled_from("sent unknown acked partial filled cancelled rejected expired".split()),
    st.integers(BAR, BAR + 50),
    st.sampled_from(["", "o1"]),
    st.sampled_from([Decimal(0), Decimal("0.004"), Decimal("0.012")]),
)


@FEW
@given(moves=st.lists(st.lists(MOVES, max_size=3), max_size=6))
def test_whatever_is_told_nothing_is_unlearned(database, clock, moves):
    wipe(database)
    book = SqlTradeBook(database, clock)
    book.begin(RUN)
    held = book.take("main", "p1", for_s=10)
    before = moved(book, held)
    for group in moves:
        after = moved(book, held, *group)
        assert after.filled == max([before.filled, *(one.filled for one in group)])
        assert before.state not in ENDED or after.state in (before.state, "filled")
        assert after.order_id or not before.order_id
        assert after.ts >= before.ts
        assert moved(book, held, after) == after, "telling it again changes nothing"
        before = after


# Bookings


def test_a_fill_is_booked_once_whoever_tells_it(book, lease, database):
    book.commit(lease, TradeChange(fills=(fill(), fill(2), fill(), replace(fill(), cause="stop"))))
    book.commit(lease, TradeChange(fills=(fill(2, ts=BAR + 8, client_id=""), fill(3))))
    assert [one.id for one in book.fills("r1")] == ["t1", "t2", "t3"]
    book.begin(replace(RUN, id="r2"))
    book.commit(lease, TradeChange(fills=(fill(3), fill(4))))
    assert [one.id for one in book.fills("r2")] == ["t4"], "the earlier run has it"


def test_a_fill_id_is_one_of_an_account_and_an_instrument(book, lease):
    other = fill(1, instrument="eth-usdt-perp", qty=Decimal(3))
    book.commit(lease, TradeChange(fills=(fill(), other)))
    book.begin(replace(RUN, id="r9", account="other"))
    book.commit(book.take("other", "p1", for_s=10), TradeChange(fills=(fill(),)))
    assert book.fills("r1") == [fill(), other]
    assert book.fills("r9") == [fill()]


@pytest.mark.parametrize(
    "other", [{"side": -1}, {"qty": Decimal(2)}, {"price": Decimal(2)}, {"fee": Decimal(0)}]
)
def test_other_money_under_a_known_fill_is_refused_whole(book, lease, database, other):
    book.commit(lease, TradeChange(fills=(fill(),)))
    before = content(database)
    with pytest.raises(InvariantBroken, match="btc-usdt-perp t1 was booked with"):
        book.commit(lease, TradeChange(steps=(step(),), fills=(fill(2), fill(1, **other))))
    assert content(database) == before


def test_bookings_come_back_oldest_first_in_whatever_order_they_arrived(book, lease):
    late, early, same = fill(1, ts=BAR + 9), fill(2, ts=BAR + 1), fill(3, ts=BAR + 9)
    book.commit(lease, TradeChange(fills=(late,), fundings=(paid(1, ts=BAR + 9),)))
    book.commit(lease, TradeChange(fills=(early, same), fundings=(paid(2, ts=BAR + 1),)))
    assert book.fills("r1") == [early, late, same]
    assert [one.id for one in book.fundings("r1")] == ["f2", "f1"]


def test_fills_but_the_first_so_many_come_back_in_the_order_of_their_arrival(book, lease):
    late, early, same = fill(1, ts=BAR + 9), fill(2, ts=BAR + 1), fill(3, ts=BAR + 9)
    book.commit(lease, TradeChange(fills=(late,)))
    book.commit(lease, TradeChange(fills=(early, late, same)))
    assert [book.fills_after("r1", after) for after in range(4)] == [
        [late, early, same], [early, same], [same], []
    ]  # fmt: skip
    assert book.fills_after("r2", 0) == []


def test_fills_since_a_time_are_told_to_their_owner_but_for_what_was_replayed(book, lease):
    book.commit(lease, TradeChange(fills=(fill(1, ts=BAR + 9), fill(2, ts=BAR + 1))))
    book.begin(replace(RUN, id="r2", account="past", is_replayed=True))
    book.commit(book.take("past", "p1", for_s=10), TradeChange(fills=(fill(3, ts=BAR + 5),)))
    book.begin(replace(RUN, id="r3", account="other", owner="u9"))
    book.commit(book.take("other", "p1", for_s=10), TradeChange(fills=(fill(4, ts=BAR + 5),)))

    def found(owner, ts, **limit):
        return [(account, one.id) for account, one in book.fills_since(owner, ts, **limit)]

    assert found(RUN.owner, 0) == [(RUN.account, "t1"), (RUN.account, "t2")]
    assert book.fills_since(RUN.owner, 0)[0][1] == fill(1, ts=BAR + 9)
    assert found(RUN.owner, BAR + 1) == [(RUN.account, "t1")]
    assert found(RUN.owner, 0, limit=1) == [(RUN.account, "t1")]
    assert found("u9", 0) == [("other", "t4")]


def test_intents_are_found_by_their_ids_and_by_when_something_became_of_them(book, lease):
    ids = [intent(number).id for number in range(1, 1_201)]
    book.commit(lease, TradeChange(intents=tuple(intent(n, ts=BAR + n) for n in range(1, 1_201))))
    book.commit(lease, TradeChange(moves=(IntentMove(ids[0], "cancelled", BAR + 9_999),)))
    assert book.find_intents([*ids, "unknown"]).keys() == set(ids)
    assert [one.intent.id for one in book.changed_since("r1", BAR + 1_200)] == [ids[0], ids[-1]]
    assert book.changed_since("r1", BAR + 10_000) == book.changed_since("r2", 0) == []
    assert (book.count_intents("r1"), book.count_intents("r2")) == (1_200, 0)


def test_funding_is_booked_once_and_other_money_is_refused(book, lease):
    book.commit(lease, TradeChange(fundings=(paid(), paid(), paid(2))))
    book.commit(lease, TradeChange(fundings=(paid(2, ts=BAR),)))
    assert book.fundings("r1") == [paid(), paid(2)]
    with pytest.raises(InvariantBroken, match=r"amount -0\.07"):
        book.commit(lease, TradeChange(fundings=(paid(1, amount=Decimal("-0.08")),)))


def test_of_funding_what_was_settled_shortly_before_the_newest_can_be_read_alone(book, lease):
    book.commit(lease, TradeChange(fundings=tuple(paid(n, ts=BAR + n * 10) for n in (3, 1, 2))))
    found = {
        within: [one.id for one in book.fundings("r1", newest_ms=within)] for within in (0, 9, 10, 10**6)
    }
    assert found == {0: ["f3"], 9: ["f3"], 10: ["f2", "f3"], 10**6: ["f1", "f2", "f3"]}
    assert book.fundings("r2", newest_ms=10) == []


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "sNaN"])
def test_what_is_no_number_is_no_money(book, lease, amount):
    with pytest.raises(DataError):
        book.commit(lease, TradeChange(steps=(step(),), fills=(fill(1, fee=Decimal(amount)),)))
    assert list(book.steps("r1")) == []


# The trading state


def test_a_person_orders_the_state_without_a_lease_and_the_audit_says_who_and_why(
    book, lease, database, clock
):
    book.request_state("main", "flat", by="u7", why="enough")
    assert book.state("main") == "flat"
    newest = SqlAuditLog(database, clock).after(2)[0]
    assert (newest.kind, newest.actor, newest.subject) == ("trade.state", "u7", "main")
    assert newest.text == {"before": "active", "state": "flat", "why": "enough"}


def test_what_a_person_orders_is_counted_by_account(book, lease):
    assert book.last_order_number("main") == 0
    book.request_state("main", "flat", by="u7", why="enough")
    first = book.last_order_number("main")
    book.commit(lease, TradeChange(state="halted"))
    assert book.last_order_number("main") == first > 0, "a process is no person"
    book.request_state("main", "active", by="u7", why="")
    assert book.last_order_number("main") > first
    assert book.last_order_number("other") == 0


@pytest.mark.parametrize(
    ("ordered", "wanted", "found"),
    [
        ("active", "halted", "halted"), ("active", "active", "active"), ("reducing", "active", "reducing"),
        ("reducing", "flat", "flat"), ("flat", "active", "flat"), ("flat", "reducing", "flat"),
        ("flat", "halted", "halted"), ("halted", "active", "halted"), ("halted", "flat", "halted"),
    ],
)  # fmt: skip
def test_the_process_may_be_stricter_than_a_person_ordered_never_less_strict(
    book, lease, ordered, wanted, found
):
    book.request_state("main", ordered, by="u1", why="")
    book.commit(lease, TradeChange(state=wanted))
    assert book.state("main") == found


def test_the_process_takes_its_own_strictness_back_and_a_person_takes_back_any(book, lease):
    book.commit(lease, TradeChange(state="halted"))
    book.commit(lease, TradeChange(steps=(step(),)))
    assert book.state("main") == "halted"
    book.commit(lease, TradeChange(state="active"))
    assert book.state("main") == "active"
    book.commit(lease, TradeChange(state="halted"))
    book.request_state("main", "active", by="u1", why="")
    assert book.state("main") == "active"


def test_an_order_to_nobody_and_an_order_that_is_none_are_refused(book, lease):
    with pytest.raises(NotFound, match="mian"):
        book.request_state("mian", "flat", by="u1", why="")
    with pytest.raises(UsageError, match="must be one of"):
        book.request_state("main", "asleep", by="u1", why="")


# People who leave


def test_whoever_leaves_takes_their_accounts_with_them_and_others_keep_theirs(book, lease, database):
    book.commit(lease, WHOLE)
    other = replace(RUN, id="r2", account="second", owner="u2")
    book.begin(other)
    held = book.take("second", "p2", for_s=10)
    book.commit(held, TradeChange(steps=(step(),), intents=(intent(9, account="second", run="r2"),)))
    book.leave(lease)
    assert book.forget("u1") == 1
    assert book.accounts() == [other]
    assert len(book.intents("r2")) == len(list(book.steps("r2"))) == 1
    rows = {name: found for name, found in content(database).items() if name.startswith("trade_")}
    assert {name: len(found) for name, found in rows.items() if found} == {
        "trade_accounts": 1, "trade_runs": 1, "trade_steps": 1, "trade_intents": 1,
    }  # fmt: skip
    with pytest.raises(Conflict, match="is gone"):
        book.commit(lease, TradeChange())


def test_an_account_that_is_traded_is_not_forgotten(book, lease, database):
    before = content(database)
    with pytest.raises(Conflict, match=r"main is being traded by p1"):
        book.forget("u1")
    assert content(database) == before


# All or nothing, and one at a time


def test_a_change_that_fails_anywhere_leaves_nothing_behind(book, lease, database):
    class Cut(Exception):
        pass

    after, total = 0, 0

    def cut(*_: Any) -> None:
        nonlocal total
        total += 1
        if total > after:
            raise Cut

    before = content(database)
    event.listen(database.durable, "after_cursor_execute", cut)
    try:
        while True:
            total = 0
            try:
                book.commit(lease, WHOLE)
                break
            except Cut:
                event.remove(database.durable, "after_cursor_execute", cut)
                assert content(database) == before, f"after statement {after + 1}"
                event.listen(database.durable, "after_cursor_execute", cut)
                after += 1
    finally:
        event.remove(database.durable, "after_cursor_execute", cut)
    assert after > 12, "every part of the change is a statement at least"
    assert book.intents("r1")
    assert [one.number for one in book.steps("r1")] == [1, 2]


def test_of_many_who_want_an_account_at_once_one_gets_it(database_url, database, clock):
    won: list[Lease] = []
    lost: list[Conflict] = []
    start = threading.Barrier(6)

    def want(name: str) -> None:
        own = open_database(database_url)
        mine = SqlTradeBook(own, clock)
        start.wait()
        try:
            won.append(mine.take("main", name, for_s=10))
        except Conflict as conflict:
            lost.append(conflict)
        own.close()

    wanting = [threading.Thread(target=want, args=(f"p{n}",)) for n in range(6)]
    for one in wanting:
        one.start()
    for one in wanting:
        one.join()
    assert (len(won), len(lost)) == (1, 5)
    assert won[0].token == 1


FIGHTER = """
import sys
from vigie.adapters.clock import SystemClock
from vigie.adapters.stores.sql.database import open_database
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.errors import Conflict
from vigie.domain.order import TradeStep
from vigie.ports.tradebook import TradeChange

url, name, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
book = SqlTradeBook(open_database(url), SystemClock())
print("ready", flush=True)
sys.stdin.readline()
written = refused = 0
while written < rounds:
    lease = book.take("main", name, for_s=30, by_force=True)
    for _ in range(3):
        try:
            book.commit(lease, TradeChange(steps=(TradeStep(name, lease.token, "{}"),)))
            written += 1
        except Conflict:
            refused += 1
            break
print(written, refused, flush=True)
"""


def test_processes_that_fight_for_an_account_write_one_after_the_other(database_url, database, book, clock):
    book.begin(RUN)
    fighters = [
        subprocess.Popen(
            [sys.executable, "-c", FIGHTER, database_url, f"p{n}", "12"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for n in range(2)
    ]  # fmt: skip
    for one in fighters:
        assert one.stdout.readline() == "ready\n"
    for one in fighters:
        one.stdin.write("go\n")
        one.stdin.flush()
    said = [one.communicate()[0].split() for one in fighters]
    assert [one.returncode for one in fighters] == [0, 0]
    steps = list(book.steps("r1"))
    assert [one.number for one in steps] == list(range(1, len(steps) + 1))
    tokens = [one.ts for one in steps]
    assert tokens == sorted(tokens), "nobody wrote after somebody with a higher token"
    owners = {(one.ts, one.kind) for one in steps}
    assert len(owners) == len({token for token, _ in owners}), "no token was given twice"
    assert len(steps) == sum(int(one[0]) for one in said)
    assert SqlAuditLog(database, clock).verify() > 1


def test_a_commit_takes_a_bounded_number_of_statements_whatever_its_size(book, lease, database):
    counted: list[str] = []
    change = TradeChange(
        steps=tuple(step(str(n)) for n in range(35)),
        intents=tuple(intent(n) for n in range(35)),
        notes=tuple(AuditNote("trade.intent", intent(n).id) for n in range(35)),
    )

    def count(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        counted.append(statement)

    event.listen(database.durable, "before_cursor_execute", count)
    try:
        book.commit(lease, change)
    finally:
        event.remove(database.durable, "before_cursor_execute", count)
    assert len(counted) < 20
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(TradeAccountRow)) == 1
