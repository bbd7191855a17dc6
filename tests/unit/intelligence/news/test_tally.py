"""A tally counts what a shelf would, whatever windows it is given one after the other."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.intelligence.news.material import item
from vigie.intelligence.news.reading.term_counter import TermCounter
from vigie.intelligence.news.reading.tfidf_index import TfIdfIndex
from vigie.intelligence.news.step import AnalysedItem

WORDS = ("bitcoin", "falls", "fund", "court", "sues")
TITLES = st.lists(st.sampled_from(WORDS), min_size=0, max_size=4).map(" ".join)


def terms(seen):
    """Return the words of a title, each once."""
    return tuple(dict.fromkeys(seen.item.content.title.split()))


@given(
    st.lists(TITLES, min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=8),
)
def test_windows_that_move_jump_or_hold_two_revisions_are_counted_as_on_a_shelf(titles, spans):
    every = [AnalysedItem(item(title, hours=at, key=str(at)), {}) for at, title in enumerate(titles)]
    revised = replace(every[0].item, revision=2, content=replace(every[0].item.content, title="court sues"))
    every.append(AnalysedItem(revised, {}))
    tally, shelf = TermCounter(terms), TfIdfIndex(terms)
    for first, last in [*spans, (0, len(every))]:
        tally.set_window(every[first:last])
        shelf.set_window(every[first:last])
        assert tally.size == shelf.size
        assert {word: tally.counts.get(word, 0) for word in WORDS} == {
            word: shelf.count(word) for word in WORDS
        }
