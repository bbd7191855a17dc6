"""Pushes have the keys and types of messages that were captured from the venue."""

import re

import pytest

from tests.unit.sandbox.exchange.stalls import open_stall, sent
from tests.unit.sandbox.world.captured import messages, shape

pytestmark = pytest.mark.shared


def real(channel):
    """Return a captured push of a channel of the perpetuals' stream."""
    return next(
        one
        for one in messages("bitget-perp-ws-capture.jsonl.gz")
        if isinstance(one, dict) and one.get("data") and one["arg"]["channel"] == channel
    )


def ours(channel):
    session = open_stall().stream(channel, is_private=False)
    return next(one for one in sent(session) if "action" in one)


@pytest.mark.parametrize("channel", ["candle1m", "books", "ticker", "trade"])
def test_the_frame_of_a_push_is_the_venue_s(channel):
    theirs, mine = real(channel), ours(channel)
    assert mine["action"] == theirs["action"] == "snapshot"
    assert mine["arg"].keys() == theirs["arg"].keys()
    assert shape(mine["arg"]) == shape(theirs["arg"])


def test_a_candle_is_a_row_of_numbers_as_text_with_the_turnover_of_the_present_version_added():
    theirs, mine = real("candle1m")["data"][0], ours("candle1m")["data"][0]
    assert [shape(one) for one in mine[:6]] == [shape(one) for one in theirs[:6]] == ["number as text"] * 6
    assert re.fullmatch(r"\d{13}", mine[0])
    assert re.fullmatch(r"\d{13}", theirs[0])


def test_a_book_has_two_sides_of_price_and_size_as_text_best_first():
    theirs, mine = real("books")["data"][0], ours("books")["data"][0]
    assert set(theirs) <= set(mine) | {"checksum"}
    for side, ascending in (("asks", True), ("bids", False)):
        assert shape(mine[side][0]) == shape(theirs[side][0]) == ["number as text"]
        for book in (mine, theirs):
            prices = [float(row[0]) for row in book[side]]
            assert prices == sorted(prices, reverse=not ascending)


def test_subscriptions_and_pongs_are_answered_as_the_venue_does():
    theirs = next(
        one
        for one in messages("bitget-perp-ws-capture.jsonl.gz")
        if isinstance(one, dict) and one.get("event") == "subscribe"
    )
    stall = open_stall()
    session = stall.stream("ticker", is_private=False)
    first = sent(session)[0]
    assert shape(first) == shape(theirs)
