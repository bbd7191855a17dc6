"""What a venue refuses for a while is asked again; what it refuses for good ends the process."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.clocks import JumpingClock
from vigie.domain.errors import (
    AuthError,
    ConnectorError,
    InvariantBroken,
    OrderRejected,
    OrderWithheld,
    OutcomeUnknown,
    TransientError,
)
from vigie.domain.order import Intent, VenueOrder, VenuePosition
from vigie.domain.time import Elapsed
from vigie.engine.live.book.orders import OrderSender, OrderTimeouts, SendChecks, _AbsenceProof
from vigie.engine.live.waiting import RetryingCaller

ENTRY = Intent(
    "e", "run", "one", "slot", "btc", "entry", 1, 2, Decimal(2), 0, JumpingClock().now,
    ts_expires=JumpingClock().now + 60_000,
)  # fmt: skip
EXIT = Intent("x", "run", "one", "slot", "btc", "exit", -1, 2, Decimal(2), 0, JumpingClock().now)


class Refusing:
    """A venue that answers orders with an error some times, and then takes them."""

    def __init__(self, fault, times):
        self.fault, self.times = fault, times
        self.placed, self.signed = [], []
        self.state = "live"

    def _ask(self):
        if self.times:
            self.times -= 1
            raise self.fault

    async def place(self, order):
        self.signed.append(order.ts)
        self._ask()
        self.placed.append(order.client_id)
        return "1"

    async def cancel(self, instrument, client_id, ts=None):
        self.signed.append(ts)
        self.state = "filled"
        self._ask()
        return True

    async def flash_close(self, instrument, ts=None):
        self.signed.append(ts)
        self._ask()

    async def positions(self):
        return [VenuePosition("btc", 1, Decimal(2), Decimal(100), Decimal(1), 0)]

    async def order(self, instrument, client_id):
        return VenueOrder(
            "btc", "1", client_id, 1, "market", Decimal(2), Decimal(1), self.state, False, 0, 0
        )  # fmt: skip


def order_sender(
    venue,
    *,
    may_enter=lambda: True,
    is_closed=lambda: False,
    told=None,
    stands_s=0.0,
    seen=None,
    allows=lambda _: True,
    is_revised=lambda _: False,
    clock=None,
):
    clock = clock or JumpingClock()

    async def guard():
        now = clock.wall_now()
        (seen if seen is not None else []).append(now)
        clock.now += round(stands_s * 1_000)
        return now

    async def closed(_intent):
        return is_closed()

    asker = RetryingCaller(clock, OrderTimeouts().look_s, (told if told is not None else []).append)
    counsel = SendChecks(guard, may_enter, closed, allows, is_revised=is_revised)
    return OrderSender(venue, asker, counsel, asyncio.Event(), OrderTimeouts())


def carried(venue, intent, *, waits_long=False, **counsel):
    sender = order_sender(venue, **counsel)
    return asyncio.run(sender.send(intent, may_be_sent=False, waits_long=waits_long))


def test_an_exit_that_nothing_comes_after_waits_for_the_end_of_a_maintenance():
    venue = Refusing(ConnectorError("maintenance"), 100)
    assert carried(venue, EXIT, waits_long=True).state == "acked"
    assert venue.placed == ["x"]


def test_an_exit_that_is_not_taken_for_long_is_left_for_later():
    venue = Refusing(ConnectorError("maintenance"), 100)
    assert carried(venue, EXIT) is None
    assert venue.placed == []
    tried = 100 - venue.times
    assert (
        OrderTimeouts().exit_s / OrderTimeouts().look_s
        <= tried
        <= OrderTimeouts().exit_s / OrderTimeouts().look_s + 1
    )


@pytest.mark.parametrize(
    "sent",
    [
        lambda sender: sender.send(EXIT, may_be_sent=False),
        lambda sender: sender.flatten(EXIT),
        lambda sender: sender.cancel(EXIT),
    ],
    ids=["exit", "flatten", "cancel"],
)
def test_a_process_that_stands_still_after_it_saw_its_right_signs_with_the_time_of_that(sent):
    venue, seen = Refusing(TransientError("busy"), 2), []
    asyncio.run(sent(order_sender(venue, stands_s=60.0, seen=seen)))
    assert venue.signed == seen
    assert seen


def test_an_entry_is_signed_with_its_own_time_whenever_it_is_sent():
    venue = Refusing(TransientError("busy"), 2)
    carried(venue, ENTRY, stands_s=10.0)
    assert venue.signed == [ENTRY.ts] * 3


def test_an_entry_that_waits_is_not_sent_once_the_account_takes_none():
    venue = Refusing(TransientError("busy"), 5)
    answers = iter([True, True, False])
    assert carried(venue, ENTRY, may_enter=lambda: next(answers)).state == "expired"
    assert venue.placed == []
    assert venue.times == 3


def test_an_entry_that_is_not_on_the_allow_list_is_never_sent_and_an_exit_is():
    venue = Refusing(TransientError("busy"), 2)
    answers = iter([True, False])
    move = carried(venue, ENTRY, allows=lambda intent: next(answers))
    assert (move.state, "allow-list" in move.reason) == ("expired", True)
    assert (venue.placed, venue.times) == ([], 1), "asked again before it was tried a second time"
    assert carried(venue, EXIT, allows=lambda _: False).state == "acked"


def test_an_entry_whose_bar_is_corrected_before_it_is_sent_is_not_sent_and_an_exit_is():
    venue = Refusing(TransientError("busy"), 2)
    answers = iter([False, True])
    move = carried(venue, ENTRY, is_revised=lambda intent: next(answers))
    assert (move.state, "corrected before it was sent" in move.reason) == ("expired", True)
    assert (venue.placed, venue.times) == ([], 1), "asked again before it was tried a second time"
    assert carried(venue, EXIT, is_revised=lambda _: True).state == "acked"


@pytest.mark.parametrize("intent", [ENTRY, EXIT], ids=["entry", "exit"])
def test_a_bar_that_is_corrected_while_an_order_waits_for_its_turn_holds_the_entry_back(intent):
    """The venue's adapter asks after every wait; an exit goes whatever was corrected."""
    corrected = []

    class Paced(Refusing):
        async def place(self, order):
            corrected.append(order.client_id)
            if why := order.withheld():
                raise OrderWithheld(why)
            return await super().place(order)

    venue = Paced(TransientError(""), 0)
    move = carried(venue, intent, is_revised=lambda _: bool(corrected))
    is_entry = intent is ENTRY
    assert (move.state, "corrected before it was sent" in move.reason) == (
        "expired" if is_entry else "acked", is_entry,
    )  # fmt: skip
    assert venue.placed == ([] if is_entry else ["x"])


def test_exits_of_one_moment_share_one_question_for_positions_and_later_ones_ask_again():
    venue, asked = Refusing(TransientError(""), 0), []
    positions = venue.positions

    async def counted():
        asked.append(len(venue.placed))
        return await positions()

    venue.positions = counted
    sender = order_sender(venue)

    async def story():
        await asyncio.gather(*(sender.send(EXIT, may_be_sent=False) for _ in range(5)))
        await sender.send(replace(EXIT, id="y"), may_be_sent=False)

    asyncio.run(story())
    assert asked == [0, 5], "asked before anything is sent, and anew for what comes after"


class Forgetful(Refusing):
    """A venue whose list of positions is empty some times."""

    def __init__(self, empty):
        super().__init__(ConnectorError(""), 0)
        self.empty = empty

    async def positions(self):
        self.empty -= 1
        return [] if self.empty >= 0 else await super().positions()


@pytest.mark.parametrize("empty", [1, 2, 20])
def test_an_exit_does_not_believe_a_list_without_its_position(empty):
    venue = Forgetful(empty)
    assert carried(venue, EXIT).state == "acked"
    assert venue.placed == ["x"]


def test_an_exit_expires_when_the_fills_that_closed_its_position_are_told():
    venue, answers = Forgetful(10**6), iter([False, False, True])
    assert carried(venue, EXIT, is_closed=lambda: next(answers)).state == "expired"
    assert venue.placed == []


def test_a_position_that_is_neither_shown_nor_explained_ends_the_process():
    with pytest.raises(InvariantBroken, match="no fills that closed it"):
        carried(Forgetful(10**6), EXIT)


@pytest.mark.parametrize("empty", [1, 3])
def test_what_is_closed_at_once_is_gone_when_that_is_said_twice(empty):
    venue = Forgetful(empty)
    flashes = []

    async def flash_close(instrument, ts=None):
        flashes.append(instrument)
        venue.empty = 10**6

    venue.flash_close = flash_close
    assert asyncio.run(order_sender(venue).flatten(EXIT))
    assert flashes == (["btc"] if empty == 1 else [])


def test_a_venue_that_does_not_answer_for_long_is_told_of_once():
    told = []

    class Mute(Refusing):
        times_asked = 0

        async def positions(self):
            self.times_asked += 1
            if self.times_asked < 60:
                raise TransientError("connection refused")
            return await super().positions()

    assert carried(Mute(ConnectorError(""), 0), EXIT, told=told).state == "acked"
    assert told == ["connection refused"]


def test_an_entry_expires_in_a_maintenance():
    venue = Refusing(ConnectorError("maintenance"), 100)
    assert carried(venue, ENTRY).state == "expired"
    assert venue.placed == []


def test_a_key_that_is_refused_is_not_tried_again():
    with pytest.raises(AuthError):
        carried(Refusing(AuthError("no such key"), 1), EXIT)


@pytest.mark.parametrize("fault", [OrderRejected("filled already"), ConnectorError("maintenance")])
def test_a_cancel_that_is_refused_is_looked_after(fault):
    venue = Refusing(fault, 1)
    assert asyncio.run(order_sender(venue).until_ended(ENTRY)).state == "filled"


class Denying(Refusing):
    """A venue that takes an order and then says that there is none."""

    def __init__(self):
        super().__init__(ConnectorError(""), 0)

    async def order(self, instrument, client_id):
        return None


def test_an_order_that_was_taken_and_is_denied_is_waited_for_as_long_as_proves_its_absence():
    sender = order_sender(Denying())
    assert asyncio.run(asyncio.wait_for(sender.until_ended(ENTRY), 10)) is None
    waited_s = sum(sender._clock.waits)
    assert OrderTimeouts().window_s < waited_s < 2 * OrderTimeouts().window_s


class SetBack(JumpingClock):
    """A clock whose hands are set back by an hour after some waits."""

    after = 3

    def wall_now(self):
        return self.now - (3_600_000 if len(self.waits) >= self.after else 0)


def test_the_absence_of_an_order_is_proven_as_soon_where_the_clock_is_set_back_meanwhile():
    sender = order_sender(Denying(), clock=SetBack())
    assert asyncio.run(asyncio.wait_for(sender.until_ended(ENTRY), 10)) is None
    assert OrderTimeouts().window_s < sum(sender._clock.waits) < 2 * OrderTimeouts().window_s


def test_the_rest_of_an_order_is_cancelled_no_later_than_twice_its_time_where_the_clock_is_set_back():
    venue = Refusing(TransientError(""), 0)
    venue.state = "partial"
    sender = order_sender(venue, clock=SetBack())
    assert asyncio.run(asyncio.wait_for(sender.until_ended(ENTRY), 10)).state == "filled"
    assert sum(sender._clock.waits) < 2 * OrderTimeouts().entry_s


def test_a_position_that_cannot_be_closed_at_once_is_said():
    venue = Refusing(ConnectorError("maintenance"), 100)
    assert not asyncio.run(order_sender(venue).flatten(EXIT))


def test_an_order_that_an_earlier_process_sent_is_found_and_not_sent_again() -> None:
    venue = Refusing(ConnectorError(""), 0)
    move = asyncio.run(order_sender(venue).send(EXIT, may_be_sent=True))
    assert move is not None
    assert move.state == "acked"
    assert venue.placed == []


@pytest.mark.parametrize(("times", "waits_long", "n_placed"), [(1, False, 1), (2, False, 0), (2, True, 1)])
def test_an_exit_without_an_answer_is_sent_once_more_and_again_only_where_nothing_comes_after(
    times: int, waits_long: bool, n_placed: int
) -> None:
    venue = Denying()
    venue.fault, venue.times = OutcomeUnknown("timed out"), times
    move = carried(venue, EXIT, waits_long=waits_long)
    assert (move is not None) == bool(n_placed)
    assert venue.placed == ["x"] * n_placed


def test_an_absence_is_proven_right_after_the_time_in_which_a_request_may_still_arrive() -> None:
    window_ms = round(OrderTimeouts().window_s * 1_000)
    for last, is_proven in ((window_ms, False), (window_ms + 1, True)):
        proof = _AbsenceProof(OrderTimeouts(), Elapsed(0))
        assert not proof.is_proven(0)
        assert proof.is_proven(last) == is_proven
