"""A bar that its venue corrects before the entry is sent: the entry is not sent, and the log replays equally."""

from __future__ import annotations

from tests.crash import market
from tests.crash.seconds import Unruly, told
from tests.parity.test_trader_on_paper import live_slots
from vigie.domain import codes
from vigie.domain.errors import OrderWithheld
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.account import LiveAccount

BTC, ETH = (name.instrument for name, _ in market.inputs())
SLOTS = [name.instrument for name, _ in market.inputs()]


def entries(story, instrument):
    return [
        one.move
        for one in story.book.intents(story.run.id)
        if (one.intent.instrument, one.intent.leg) == (instrument, "entry")
    ]


def refused(story):
    taken = map(steps.decode_step, story.book.steps(story.run.id))
    return [veto for step in taken for veto in getattr(step, "vetoes", ())]


def is_replayed(story):
    """Whether the log read again decides the same."""
    taken = [steps.decode_step(one) for one in story.book.steps(story.run.id)]
    account = LiveAccount(live_slots(story.venue.inputs), market.PROTECTIONS, taken[0].ts)
    for step in taken:
        account.apply(step)
    return account.decision_hash == story.account.decision_hash


def test_a_difference_that_is_known_before_the_entry_is_written_refuses_it(sqlite_database):
    venue = Unruly()
    story = told(sqlite_database, "differs", venue, is_revised=lambda number: SLOTS[number] == BTC)
    assert entries(story, BTC) == []
    assert {move.state for move in entries(story, ETH)} == {"filled"}
    assert {(veto.slot, veto.code) for veto in refused(story)} == {(SLOTS.index(BTC), codes.BAR_REVISED)}
    assert is_replayed(story)


def test_a_difference_that_is_found_between_writing_and_sending_holds_the_order_back(sqlite_database):
    venue, asked = Unruly(), []

    def is_revised(number):
        asked.append(number)
        # Judged with the entry first, then once more before each is sent.
        return SLOTS[number] == BTC and asked.count(number) % 2 == 0

    story = told(sqlite_database, "late", venue, is_revised=is_revised)
    assert {move.state for move in entries(story, BTC)} == {"expired"}
    assert all("corrected before it was sent" in move.reason for move in entries(story, BTC))
    assert {move.state for move in entries(story, ETH)} == {"filled"}
    assert is_replayed(story)


class Paced(Unruly):
    """Takes an order when its turn has come, a moment after it was asked for."""

    def __init__(self):
        super().__init__()
        self.waiting = []

    async def place(self, order):
        self.waiting.append(order.instrument)
        await self.clock.pause(0.4)
        if why := order.withheld():
            raise OrderWithheld(why)
        return await super().place(order)


def test_a_difference_that_is_found_while_an_order_waits_for_its_turn_holds_it_back(sqlite_database):
    venue = Paced()
    # Corrected once its turn is waited for, and not known of before.
    story = told(
        sqlite_database, "paced", venue, is_revised=lambda number: SLOTS[number] == BTC in venue.waiting
    )
    assert {move.state for move in entries(story, BTC)[:1]} == {"expired"}
    assert "corrected before it was sent" in entries(story, BTC)[0].reason
    assert {move.state for move in entries(story, ETH)} == {"filled"}
    assert is_replayed(story)
