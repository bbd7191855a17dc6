"""Stories of the simulated newsroom: most pairs of one story are of one event, and most of one event in one story."""

from __future__ import annotations

import pytest
from benchmarks.news import newsroom


@pytest.fixture(scope="module")
def told():
    return newsroom.pieces_of(newsroom.SET_ON[0])[:600]


def test_a_story_is_one_event(told):
    found = newsroom.counted(told, list(newsroom.stories(told, newsroom.steps())))
    assert found.precision >= 0.85
    assert found.recall >= 0.6
    assert found.recall_across >= 0.6


def test_pairs_are_counted_by_event_and_story(told):
    events = [one.event for one in told]
    found = newsroom.counted(told, events)
    assert found.precision == found.recall == found.recall_across == 1.0
    apart = newsroom.counted(told, ["one"] * len(told))
    assert (apart.recall, apart.in_one) == (1.0, len(told) * (len(told) - 1) // 2)
    assert apart.both == found.of_one
