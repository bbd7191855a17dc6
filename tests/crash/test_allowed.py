"""What an account may not order is not sent, also where it was meant before; what is held is closed all the same."""

from __future__ import annotations

from tests.crash import market
from tests.crash.seconds import Unruly, told
from tests.parity.core_venue import ACCOUNT

BTC, ETH = (name.instrument for name, _ in market.inputs())


def entries(story, instrument):
    return [
        one.move
        for one in story.book.intents(story.run.id)
        if (one.intent.instrument, one.intent.leg) == (instrument, "entry")
    ]


def test_entries_off_the_allow_list_expire_before_they_are_sent(sqlite_database):
    venue = Unruly()
    story = told(sqlite_database, "barred", venue, is_allowed=lambda slot: slot.instrument != BTC)
    assert {move.state for move in entries(story, BTC)} == {"expired"}
    assert all("allow-list" in move.reason for move in entries(story, BTC))
    assert {move.state for move in entries(story, ETH)} == {"filled"}


def test_what_is_held_when_the_allow_list_changes_is_led_to_its_end(sqlite_database):
    venue, barred = Unruly(), set()
    venue.deeds[2] = lambda: barred.add(BTC)
    story = told(sqlite_database, "narrowed", venue, is_allowed=lambda slot: slot.instrument not in barred)
    first, *others = [move.state for move in entries(story, BTC)]
    assert (first, set(others)) == ("filled", {"expired"})
    assert not [one for one in venue.exchange.positions(ACCOUNT) if one.qty]
    assert story.account.cash == story.account.equity
