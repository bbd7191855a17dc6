"""What changed: only what is unusual for a span of that length, at most seven, each with its evidence."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from vigie.catalogue import complete_languages
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.market.changes_since import MOST_ITEMS, TOPICS, TrackedSeries, changed_since

HOURS = 24 * 60
NOW = HOURS * HOUR_MS
SINCE = NOW - 10 * HOUR_MS


def track(name="bitcoin", *, last=0.0, topic="price", unit="price", seed=1, scale=0.005, **more):
    """Return two months of hourly values that move by `last` after `SINCE`."""
    steps = np.random.default_rng(seed).normal(0, scale, HOURS + 1)
    steps[-10:] = last / 10
    values = 100 * np.exp(np.cumsum(steps))
    ts = HOUR_MS * np.arange(HOURS + 1, dtype=np.int64)
    return TrackedSeries(f"market/{name}/price_usd", topic, name, unit, ts, values, asset=name, **more)


def test_a_usual_change_is_no_news_and_an_unusual_one_is():
    found = changed_since([track("a", last=0.001), track("b", last=-0.2)], since=SINCE, now=NOW)
    assert [item.subject for item in found.items] == ["b"]
    assert (found.quiet, found.unknown, found.left_out) == (1, 0, 0)
    (item,) = found.items
    assert item.change == pytest.approx(np.expm1(-0.2))
    assert (item.ts_before, item.ts) == (SINCE, NOW)
    assert not item.usual_low <= item.change <= item.usual_high
    assert item.surprise > 1


@pytest.mark.parametrize("end", ["usual_low", "usual_high"])
def test_a_change_that_is_written_as_an_end_of_its_usual_range_is_usual(end):
    (item,) = changed_since([track("b", last=-0.2)], since=SINCE, now=NOW).items
    sign = {"usual_low": -1, "usual_high": 1}[end]
    item = replace(item, usual_low=-0.0211, usual_high=0.0211)
    assert "2.1%" in item.render("en").why
    # 2.14 % is written 2.1 %, as the end is; 2.16 % is not.
    assert item.is_usual(sign * 0.0214)
    assert not item.is_usual(sign * 0.0216)
    assert not item.is_usual(-0.3)


def test_a_change_from_before_a_hole_in_the_values_is_not_told_of_this_span():
    whole = track("a", last=-0.2)
    told = changed_since([whole], since=SINCE, now=NOW).items[0]
    assert "Unusual: its normal" in told.render("en").why
    for hours, items in ((1, 1), (24, 0)):
        held = (whole.ts <= SINCE - hours * HOUR_MS) | (whole.ts > SINCE)
        holed = TrackedSeries("market/a/price_usd", "price", "a", "price", whole.ts[held], whole.values[held])
        found = changed_since([holed], since=SINCE, now=NOW)
        assert (len(found.items), found.unknown) == (items, 1 - items)
        assert all("Unusual: its normal" in one.render("en").why for one in found.items)


def test_the_usual_range_is_that_of_spans_of_the_same_length():
    short = changed_since([track("a", last=-0.2)], since=SINCE, now=NOW).items[0]
    values = track("a", last=-0.2)
    longer = changed_since([values], since=NOW - 40 * HOUR_MS, now=NOW).items[0]
    assert longer.usual_high - longer.usual_low > 1.5 * (short.usual_high - short.usual_low)
    assert short.usual_high == pytest.approx(1.2816 * 0.005 * 10**0.5, rel=0.3)


def test_at_most_seven_and_the_most_unusual_first():
    tracks = [track(f"a{k}", last=0.1 + k / 100, seed=k) for k in range(12)]
    found = changed_since(tracks, since=SINCE, now=NOW)
    assert len(found.items) == MOST_ITEMS
    assert found.left_out == 5
    surprises = [item.surprise for item in found.items]
    assert surprises == sorted(surprises, reverse=True)


def test_what_a_person_watches_wins_over_an_equal_change():
    tracks = [track("a", last=0.11), track("b", last=0.10)]
    assert [i.asset for i in changed_since(tracks, since=SINCE, now=NOW).items] == ["a", "b"]
    assert [i.asset for i in changed_since(tracks, since=SINCE, now=NOW, watched={"b"}).items] == ["b", "a"]


def test_nothing_known_later_is_read():
    tracks = [track("a", last=-0.2)]
    early = changed_since(tracks, since=SINCE - 20 * HOUR_MS, now=SINCE)
    assert early.items == ()
    ts, values = tracks[0].ts, tracks[0].values
    held = ts <= SINCE
    cut = TrackedSeries("market/a/price_usd", "price", "a", "price", ts[held], values[held], asset="a")
    assert changed_since([cut], since=SINCE - 20 * HOUR_MS, now=SINCE) == early


def test_a_short_past_or_no_new_value_is_unknown():
    whole = track("a", last=-0.2)
    short = TrackedSeries("s/a", "price", "a", "price", whole.ts[-30:], whole.values[-30:])
    stale = TrackedSeries("s/b", "price", "b", "price", whole.ts[:-20], whole.values[:-20])
    late = TrackedSeries("s/c", "price", "c", "price", whole.ts[-5:], whole.values[-5:])
    found = changed_since([short, stale, late], since=SINCE, now=NOW)
    assert (found.items, found.unknown) == ((), 3)


def test_what_never_moved_and_moves_now_comes_first():
    ts = HOUR_MS * np.arange(HOURS + 1, dtype=np.int64)
    values = np.ones(HOURS + 1)
    values[-1] = 0.97
    peg = TrackedSeries("stablecoins/usdt/peg_usd", "peg", "USDT", "price", ts, values)
    found = changed_since([track("a", last=-0.3), peg], since=SINCE, now=NOW)
    assert [item.topic for item in found.items] == ["peg", "price"]


def test_differences_are_not_relative():
    ts = DAY_MS * np.arange(201, dtype=np.int64)
    values = 50 + np.random.default_rng(4).normal(0, 2, 201)
    values[-2:] = 50, 80
    mood = TrackedSeries(
        "sentiment/fear_greed_index", "fear_greed", "market", "index", ts, values, is_relative=False
    )
    (item,) = changed_since([mood], since=199 * DAY_MS, now=200 * DAY_MS).items
    assert item.change == 30
    assert item.render("en").what == "The fear and greed index rose towards greed, by 30 points out of 100"
    assert item.render("fr").evidence.startswith("de 50 \u00e0 80\u00a0; compar\u00e9 \u00e0 ")


@pytest.mark.parametrize(
    ("before", "after", "said"), [(43.6, 37.4, "7"), (44.4, 36.6, "7"), (37.4, 43.6, "7")]
)
def test_points_are_the_difference_of_the_values_as_they_are_written(before, after, said):
    ts = DAY_MS * np.arange(201, dtype=np.int64)
    values = 40 + np.random.default_rng(4).normal(0, 0.3, 201)
    values[-2:] = before, after
    implied = TrackedSeries(
        "volatility/bitcoin/dvol_index", "volatility", "Bitcoin", "index", ts, values, is_relative=False
    )
    (item,) = changed_since([implied], since=199 * DAY_MS, now=200 * DAY_MS).items
    text = item.render("en")
    assert text.what.endswith(f" {said} points")
    assert text.evidence.startswith(f"from {before:.0f} to {after:.0f}")


def test_an_item_says_what_why_and_on_what_evidence():
    (item,) = changed_since([track("Bitcoin", last=-0.2)], since=SINCE, now=NOW).items
    said = item.render("en")
    assert said.what == "Bitcoin fell 18.1%"
    assert re.fullmatch(r"Unusual: its normal 10\u00a0h range is \u2212\d\.\d% to \+\d\.\d%", said.why)
    assert re.fullmatch(r"from [\d.]+ to [\d.]+; compared with \d+ past periods", said.evidence)


@pytest.mark.parametrize("language", complete_languages())
@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_words_for_both_directions(topic, language):
    units = {"funding": "rate", "dominance": "points", "fear_greed": "index", "cap": "usd"}
    texts = []
    for last in (-0.2, 0.2):
        one = track(
            "a", last=last, topic=topic, unit=units.get(topic, "price"), is_relative=topic not in units
        )
        (item,) = changed_since([one], since=SINCE, now=NOW).items
        said = item.render(language)
        assert re.search(r"\d", said.what)
        assert re.search(r"\d", said.why)
        texts.append(re.sub(r"[\d.,]", "", said.what))
    assert texts[0] != texts[1]


def test_what_cannot_be_is_refused():
    with pytest.raises(UsageError, match="now must come after 5, was 5"):
        changed_since([], since=5, now=5)
    with pytest.raises(UsageError, match=r"most must be 1\.\.7, was 8"):
        changed_since([], since=1, now=2, most=8)
    with pytest.raises(UsageError, match="topic must be one of"):
        track(topic="gossip")


def test_a_visit_a_minute_ago_is_looked_at_as_an_hour():
    found = changed_since([track("a", last=-0.5)], since=NOW - 60_000, now=NOW)
    assert found.items[0].ts_before == NOW - HOUR_MS
    assert found.since == NOW - 60_000


def test_what_was_read_within_the_hour_is_left_out_until_it_moves_unusually_again():
    one = track("a", last=-0.5)
    name, now = one.series, float(one.values[-1])

    def listed(value: float, since: int) -> tuple[list[str], tuple[str, ...], int]:
        found = changed_since([one, track("b", seed=2)], since=since, now=NOW, read={name: value})
        return [item.series for item in found.items], found.read, found.quiet

    assert listed(now, NOW - 60_000) == ([], (name,), 1)
    assert listed(now * 1.001, NOW - 60_000) == ([], (name,), 1)
    assert listed(now * 1.05, NOW - 60_000) == ([name], (), 1)
    # A span of its own holds nothing that was read before it.
    assert listed(now, NOW - HOUR_MS) == ([name], (), 1)
