"""Long histories of days in pieces: the newest first, none left out, none forgotten by a kill."""

from __future__ import annotations

from vigie.adapters.sources.backfill import DayPiece, next_piece
from vigie.domain.time import DAY_MS

FIRST = 100 * DAY_MS
NOW = 3_000 * DAY_MS + 5
COINS = ("bitcoin", "ethereum")


def piece(bookmark: str, now: int = NOW, coins: tuple[str, ...] = COINS) -> DayPiece:
    return next_piece(bookmark, coins, now, first_ms=FIRST, days=1_000, again_days=7)


def days(got: DayPiece) -> tuple[int, int]:
    return got.start_ms // DAY_MS, got.end_ms // DAY_MS


def test_pieces_follow_each_other_back_to_the_first_day():
    found, bookmark, more = [], "", True
    while more:
        got = piece(bookmark)
        found.append(days(got))
        bookmark, more = got.bookmark, got.has_more
    assert found == [(2_271, 3_001), (1_271, 2_271), (271, 1_271), (100, 271)]
    assert days(piece(bookmark)) == (2_994, 3_001), "then only the newest days again"
    assert not piece(bookmark).has_more


def test_only_the_piece_that_reaches_until_now_must_bring_something():
    first = piece("")
    assert first.is_newest
    assert not piece(first.bookmark).is_newest


def test_bookmark_that_was_never_stored_asks_for_the_same_piece():
    first = piece("")
    assert days(piece(first.bookmark)) == days(piece(first.bookmark))


def test_new_day_comes_before_older_pieces_and_these_go_on_from_where_they_were():
    second = piece(piece("").bookmark)
    later = piece(second.bookmark, NOW + 3 * DAY_MS)
    assert (days(later), later.has_more) == ((2_994, 3_004), True)
    assert days(piece(later.bookmark, NOW + 3 * DAY_MS)) == (271, 1_271)


def test_long_silence_leaves_no_gap():
    bookmark = piece("").bookmark
    assert days(piece(bookmark, NOW + 500 * DAY_MS)) == (2_994, 3_501)


def test_clock_that_was_put_back_asks_for_the_newest_days():
    done = next_piece("", COINS, NOW, first_ms=2_900 * DAY_MS, days=1_000, again_days=7)
    back = next_piece(done.bookmark, COINS, NOW - 30 * DAY_MS, first_ms=2_900 * DAY_MS, days=9, again_days=7)
    assert days(back) == (2_964, 2_971)


def test_coin_that_was_added_begins_anew_and_the_order_of_coins_does_not_matter():
    bookmark = piece(piece("").bookmark).bookmark
    assert days(piece(bookmark, coins=COINS[::-1])) == (271, 1_271)
    assert days(piece(bookmark, coins=(*COINS, "solana"))) == (2_271, 3_001)
