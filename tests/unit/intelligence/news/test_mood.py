"""Mood of the news: what counts how much, and that nothing is known before it was seen."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared import shared_dir
from tests.unit.intelligence.news.material import PUBLISHER, Past
from vigie.domain.item import ItemFinding, NewsItem, Sighting
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.news.mood import MoodItem, mood_item, mood_series
from vigie.intelligence.news.step import Context
from vigie.intelligence.news.steps import sentiment

NOW = 1_700_000_000_000


def said(item="a", at=NOW, seen=None, weight=1.0, score=1.0, assets=("bitcoin",), about=()):
    return MoodItem(
        item, at, at if seen is None else seen, weight, score, frozenset(assets), frozenset(about)
    )


def test_one_headline_alone_is_no_mood_and_more_of_the_same_are():
    one = mood_series([said()], NOW)["news/bitcoin/sentiment_index"]
    many = mood_series([said(str(n)) for n in range(8)], NOW)["news/bitcoin/sentiment_index"]
    assert one == pytest.approx(100 / 3)
    assert many == pytest.approx(80)


def test_the_newest_revision_that_was_seen_counts_and_a_withdrawn_one_not_at_all():
    first = said(score=1.0)
    corrected = said(seen=NOW + HOUR_MS, score=-1.0)
    gone = said(seen=NOW + 2 * HOUR_MS, weight=0.0)
    every = [gone, first, corrected]
    values = [
        mood_series(every, NOW + hours * HOUR_MS).get("news/bitcoin/sentiment_index") for hours in (0, 1, 2)
    ]
    assert values == [pytest.approx(100 / 3), pytest.approx(-100 / 3), None]
    assert mood_series(every, NOW + DAY_MS)["news/market/items_count"] == 0.0


def test_what_nobody_reads_is_an_item_and_no_mood():
    item = NewsItem("b", 1, Sighting("s", "b", "", "t"), NOW, NOW)
    bodies = {
        "sentiment": {"label": "unclear", "probabilities": {}, "unread": "de"},
        "entities": {"assets": ["bitcoin"]}, "reliability": {"status": "confirmed"},
    }  # fmt: skip
    unread = mood_item(item, {name: ItemFinding(name, 1, body) for name, body in bodies.items()})
    alone, both = mood_series([said()], NOW), mood_series([said(), unread], NOW)
    assert both["news/bitcoin/sentiment_index"] == alone["news/bitcoin/sentiment_index"]
    assert both["news/bitcoin/items_count"] == alone["news/bitcoin/items_count"] + 1.0


def test_weight_is_reliability_times_novelty_and_copies_and_noise_count_nothing():
    def weight(status="confirmed", novelty=1.0, relevant=True, withdrawn=False):
        item = NewsItem("a", 1, Sighting("s", "a", "", "t"), NOW, NOW, withdrawn)
        bodies = {
            "reliability": {"status": status},
            "novelty": {"novelty": novelty},
            "relevance": {"is_relevant": relevant},
        }
        return mood_item(item, {name: ItemFinding(name, 1, body) for name, body in bodies.items()}).weight

    assert weight() == 1.0
    assert weight("disputed", 0.5) == pytest.approx(0.15)
    assert [weight("flagged"), weight(novelty=0.0), weight(relevant=False), weight(withdrawn=True)] == [
        0.0
    ] * 4


REVISIONS = st.lists(
    st.builds(
        lambda item, at, later, weight, score, asset: said(
            str(item), NOW + item * HOUR_MS + at, NOW + item * HOUR_MS + at + later, weight, score, (asset,)
        ),
        st.integers(0, 12),
        st.just(0),
        st.integers(0, 30 * HOUR_MS),
        st.sampled_from([0.0, 0.3, 1.0]),
        st.floats(-1, 1),
        st.sampled_from(["bitcoin", "ethereum"]),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(REVISIONS, st.integers(0, 48 * HOUR_MS), st.randoms(use_true_random=False))
def test_late_and_revised_items_never_change_a_value_before_they_were_seen(revisions, after, chance):
    ts = NOW + after
    by_then = [one for one in revisions if one.ts_seen <= ts]
    mixed = chance.sample(revisions, len(revisions))
    # Two revisions seen at one instant stand in the order of the store, so only others are mixed.
    if len({(one.item, one.ts_seen) for one in revisions}) == len(revisions):
        assert mood_series(mixed, ts) == mood_series(by_then, ts)
    assert mood_series(revisions, ts) == mood_series(by_then, ts)


def test_headlines_of_the_archive_that_come_late_or_are_corrected_leave_every_earlier_value_as_it_was():
    frame = pl.read_parquet(shared_dir("data", "news") / "archive_headlines.parquet")
    rows = frame.drop_nulls(["title", "date"]).sort("date").tail(240)
    step = sentiment.make()
    revisions = []
    for at, (title, ts) in enumerate(rows.select("title", pl.col("date").dt.epoch("ms")).iter_rows()):
        late = ts + (at % 7) * HOUR_MS
        for number, (text, seen) in enumerate(
            ((title, late), (f"Correction: {title}", late + 5 * HOUR_MS)), 1
        ):
            item = NewsItem(
                str(at), number, Sighting("archive", str(at), "", text, ts_published=ts), seen, late
            )
            revisions.append(mood_item(item, {"sentiment": step.read(item, Context(PUBLISHER, Past()))}))
    first, last = revisions[0].ts_seen, revisions[-1].ts_seen
    for ts in range(first, last, (last - first) // 40):
        assert mood_series(revisions, ts) == mood_series([one for one in revisions if one.ts_seen <= ts], ts)
