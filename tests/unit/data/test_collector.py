from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.data.material import START, FakeFeed, change, drop, make_bars, make_desk
from vigie.data.collector import fetch_series, missing_spans
from vigie.data.frames import to_bars, to_frame
from vigie.domain.errors import TransientError
from vigie.domain.ids import SeriesId
from vigie.services.data import fetch_bars

HOUR = 3_600_000
SERIES = SeriesId("bitget-perp", "btc-usdt-perp", "1h")
BARS = make_bars(2_000, venue="bitget-perp")
TRUTH = to_frame(BARS)
NOW = START + 1_999 * HOUR + HOUR // 2  # the last bar is in progress


def fetch(desk, feed, **settings):
    return fetch_series(desk, feed, SERIES, **settings)


def test_newest_1500_finished_bars_by_default(tmp_path: Path):
    feed = FakeFeed(BARS)
    desk = make_desk(tmp_path, now=NOW)
    report = fetch(desk, feed)
    assert (report.added, report.pages, len(feed.asked)) == (1_500, 15, 15)
    assert desk.bars.read(SERIES).equals(TRUTH[499:1_999])


def test_bar_just_closed_is_left_until_it_is_final(tmp_path: Path):
    desk = make_desk(tmp_path, now=START + 100 * HOUR + 1_999)
    fetch(desk, FakeFeed(BARS), since_ms=START)
    assert len(desk.bars.read(SERIES)) == 99


def test_a_bar_of_a_quick_market_is_left_until_a_pause_of_it_would_be_known(tmp_path: Path):
    """Sixty times as fast, a clock that has not heard of a pause yet runs ahead by a minute and more."""
    desk = make_desk(tmp_path, now=START + 100 * HOUR + 89_999)
    desk.clock.speed = 60.0
    fetch(desk, FakeFeed(BARS), since_ms=START)
    assert len(desk.bars.read(SERIES)) == 99
    desk.clock.now += 1
    fetch(desk, FakeFeed(BARS), since_ms=START)
    assert len(desk.bars.read(SERIES)) == 100


def test_fetching_again_asks_for_nothing(tmp_path: Path):
    feed = FakeFeed(BARS)
    desk = make_desk(tmp_path, now=NOW)
    fetch(desk, feed, since_ms=START)
    asked = len(feed.asked)
    report = fetch(desk, feed, since_ms=START)
    assert (report.pages, len(feed.asked)) == (0, asked)


@pytest.mark.parametrize("page", [1, 2, 7, 20])
def test_interrupted_at_any_page_and_resumed_nothing_is_lost_or_doubled(tmp_path: Path, page: int):
    def fails(number: int) -> None:
        if number == page:
            raise TransientError("the venue went away")

    desk = make_desk(tmp_path, now=NOW)
    with pytest.raises(TransientError):
        fetch(desk, FakeFeed(BARS, fails=fails), since_ms=START)
    assert desk.bars.read(SERIES).equals(TRUTH[: 100 * (page - 1)])
    again = FakeFeed(BARS)
    fetch(desk, again, since_ms=START)
    assert desk.bars.read(SERIES).equals(TRUTH[:1_999])
    assert again.asked[0][0] == START + 100 * (page - 1) * HOUR


def test_hole_of_the_venue_is_asked_for_once(tmp_path: Path):
    feed = FakeFeed(to_bars(drop(TRUTH, *range(150, 160), *range(420, 650)), SERIES))
    desk = make_desk(tmp_path, now=NOW)
    fetch(desk, feed, since_ms=START)
    assert desk.bookmarks.empty(SERIES) == [
        (START + 150 * HOUR, START + 160 * HOUR),
        (START + 420 * HOUR, START + 650 * HOUR),
    ]
    asked = len(feed.asked)
    fetch(desk, feed, since_ms=START)
    assert len(feed.asked) == asked


def test_newest_bars_the_venue_has_not_written_yet_are_asked_for_again(tmp_path: Path):
    desk = make_desk(tmp_path, now=NOW)
    fetch(desk, FakeFeed(to_bars(TRUTH[:1_990], SERIES)), since_ms=START)
    fetch(desk, FakeFeed(BARS), since_ms=START)
    assert desk.bars.read(SERIES).equals(TRUTH[:1_999])


def test_stored_bars_are_not_asked_for(tmp_path: Path):
    desk = make_desk(tmp_path, now=NOW)
    desk.bars.upsert(SERIES, TRUTH[200:1_900])
    feed = FakeFeed(BARS)
    fetch(desk, feed, since_ms=START)
    assert feed.asked == [
        (START, START + 100 * HOUR),
        (START + 100 * HOUR, START + 200 * HOUR),
        (START + 1_900 * HOUR, START + 1_999 * HOUR),
    ]


def test_bars_that_were_lost_are_fetched_again(tmp_path: Path):
    desk = make_desk(tmp_path, now=NOW)
    fetch(desk, FakeFeed(BARS), since_ms=START)
    for file in desk.bars.holdings()[0].files:
        Path(file).unlink()
    fetch(desk, FakeFeed(BARS), since_ms=START)
    assert desk.bars.read(SERIES).equals(TRUTH[:1_999])


def test_small_holes_near_one_another_take_one_page(tmp_path: Path):
    desk = make_desk(tmp_path, now=NOW)
    desk.bars.upsert(SERIES, drop(TRUTH[:1_999], 10, 30, 31, 90, 500))
    feed = FakeFeed(BARS)
    report = fetch(desk, feed, since_ms=START)
    assert len(feed.asked) == 2
    assert report.added == 5


def test_bad_bar_of_the_venue_goes_to_quarantine_and_is_not_asked_for_again(tmp_path: Path):
    feed = FakeFeed(to_bars(change(TRUTH, 30, high=1.0), SERIES))
    desk = make_desk(tmp_path, now=NOW)
    report = fetch(desk, feed, since_ms=START)
    assert (report.quarantined, report.added) == (1, 1_998)
    [kept] = (tmp_path / "quarantine").rglob("*.csv")
    assert "high is below low,bitget-perp" in kept.read_text()
    assert missing_spans(desk, SERIES, (START, START + 100 * HOUR)) == []


def test_history_the_venue_does_not_keep_is_said(tmp_path: Path):
    desk = make_desk(tmp_path, now=NOW)
    report = fetch(desk, FakeFeed(BARS, depth_bars=300), since_ms=START)
    assert report.added == 300
    assert "serves the newest 300 bars only" in report.note


def test_nothing_is_asked_before_the_listing(tmp_path: Path):
    desk = make_desk(tmp_path, now=NOW)
    feed = FakeFeed(BARS, listed=START + 50 * HOUR)
    report = fetch(desk, feed, since_ms=START - 10_000 * HOUR)
    assert (feed.asked[0][0], report.added) == (START + 50 * HOUR, 1_949)
    assert "listed at 2024-01-03T02:00:00Z" in report.note


def test_until_ends_the_span(tmp_path: Path):
    desk = make_desk(tmp_path, now=NOW)
    fetch(desk, FakeFeed(BARS), since_ms=START, until_ms=START + 10 * HOUR)
    assert desk.bars.read(SERIES).equals(TRUTH[:10])


def test_a_venue_that_fails_ends_the_fetch_and_what_came_stays(tmp_path: Path):
    def fails(number: int) -> None:
        if number > 18:
            raise TransientError("down")

    desk = make_desk(tmp_path, now=NOW, feed=FakeFeed(BARS, fails=fails))
    result = fetch_bars(desk, "bitget-perp", ["BTC", "ETH", "SOL"])
    assert [one.series.instrument for one in result.series] == ["btc-usdt-perp"]
    [failure] = result.failures
    assert (failure.series.instrument, failure.is_worth_retrying) == ("eth-usdt-perp", True)
    assert len(desk.bars.read(failure.series)) == 300


def test_progress_counts_bars(tmp_path: Path):
    told: list[tuple[int, int, str]] = []
    fetch(
        make_desk(tmp_path, now=NOW), FakeFeed(BARS), since_ms=START, progress=lambda *step: told.append(step)
    )
    assert told[0] == (0, 1_999, str(SERIES))
    assert told[-1] == (1_999, 1_999, str(SERIES))
    assert len(told) == 21
