"""The headlines written for the project: many, distinct, no templates, all topics, each labelled twice."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict

import pytest

from tests.architecture.source_tree import ROOT
from vigie.domain.errors import DataError
from vigie.intelligence.news.judging.ngrams import split_words, word_grams
from vigie.intelligence.news.judging.rows import (
    TOPICS,
    agreement,
    french_rows,
    read_rows,
    rows_digest,
    shipped_rows,
)

ROWS = ROOT / "benchmarks/news/rows"
LIKE = 0.6


def held_back():
    return read_rows((ROWS / "french.csv").read_text(encoding="utf-8"))


def vectors(texts):
    """Return TF-IDF vectors of words and pairs, length one."""
    counts = [Counter(word_grams(text)) for text in texts]
    rows_with = Counter(gram for count in counts for gram in count)
    found = []
    for count in counts:
        weighed = {gram: many * (1 + math.log(len(texts) / rows_with[gram])) for gram, many in count.items()}
        length = math.sqrt(sum(value**2 for value in weighed.values()))
        found.append({gram: value / length for gram, value in weighed.items()})
    return found


def near_copies(texts, least):
    """Return pairs of texts whose words are nearly the same."""
    found, holders = [], defaultdict(list)
    for place, vector in enumerate(vectors(texts)):
        likeness = Counter()
        for gram, value in vector.items():
            for other, theirs in holders[gram]:
                likeness[other] += value * theirs
            holders[gram].append((place, value))
        found += [(texts[other], texts[place]) for other, value in likeness.items() if value >= least]
    return found


def skeleton(title):
    """Return a title with its names and numbers taken out: what a template would leave."""
    first, *rest = title.split()
    return " ".join([first, *(re.sub(r"^[«\"]?[A-Z].*|.*\d.*", "_", word) for word in rest)]).casefold()


def test_there_are_enough_in_both_languages_and_none_twice():
    rows = shipped_rows()
    titles = [" ".join(split_words(row.title)) for row in rows]
    assert len(rows) >= 600
    assert [title for title, count in Counter(titles).items() if count > 1] == []
    languages = Counter(row.language for row in rows)
    assert min(languages["en"], languages["fr"]) >= 250


def test_each_is_labelled_twice_and_the_readings_mostly_agree():
    rows = shipped_rows()
    assert all(len(row.sentiments) == 2 for row in rows)
    assert all(len(row.topics) in {0, 2} for row in rows)
    share, kappa = agreement([row.sentiments[0] for row in rows], [row.sentiments[1] for row in rows])
    assert 0.9 < kappa < share < 1.0


def test_every_topic_and_every_sentiment_has_many():
    rows = shipped_rows()
    topics = Counter(topic for row in rows for topic in (row.topics[0] if row.topics else ()))
    assert [topic for topic in TOPICS if topics[topic] < 15] == []
    assert min(Counter(row.sentiments[0] for row in rows).values()) >= 200


def test_no_row_is_nearly_another():
    assert near_copies([row.title for row in shipped_rows() if row.topics], LIKE) == []


def test_no_template_was_filled_in():
    skeletons = Counter(skeleton(row.title) for row in shipped_rows())
    assert [shape for shape, count in skeletons.items() if count > 1] == []
    # A way to begin is a template where many rows share it.
    openings = Counter(" ".join(split_words(row.title)[:3]) for row in shipped_rows() if row.topics)
    assert max(openings.values()) <= 5


def test_a_near_copy_and_a_template_are_found():
    pair = ["Bridge drained of $190 million overnight", "Bridge drained of $190 million last night"]
    assert near_copies([*pair, "Ether rises", "Miners sell", "Court says no"], 0.5) == [tuple(pair)]
    assert skeleton("Bank of Zug buys 20 BTC") == skeleton("Bank of Bern buys 35 BTC")


def test_what_is_held_back_was_not_learned_from():
    kept = held_back()
    assert len(kept) >= 150
    assert {row.language for row in kept} == {"fr"}
    learned = {" ".join(split_words(row.title)) for row in shipped_rows()}
    assert [row.title for row in kept if " ".join(split_words(row.title)) in learned] == []
    both = near_copies([*(row.title for row in shipped_rows()), *(row.title for row in kept)], 0.75)
    theirs = {row.title for row in kept}
    assert [pair for pair in both if len(theirs & set(pair)) == 1] == []


def test_french_of_other_writers_is_labelled_twice_and_their_names_are_known():
    rows = french_rows()
    assert {row.language for row in rows} == {"fr"}
    assert Counter(row.writer for row in rows) == {"first": 600, "second": 700, "third": 700}
    assert all(len(row.sentiments) == 2 for row in rows)
    assert 0.9 < sum(row.is_agreed for row in rows) / len(rows) < 1.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title,sentiment\n,positive\n", "needs a title"),
        ("title,sentiment\nEther up,good\n", "was good"),
        ("title,sentiment\nEther up,\n", "needs a sentiment"),
        ("title,sentiment,topics\nEther up,positive,weather\n", "was weather"),
    ],
)
def test_a_label_that_is_none_is_refused_with_its_line(text, message):
    with pytest.raises(DataError, match=rf"line 2: .*{message}"):
        read_rows(text)


def test_a_file_of_titles_and_sentiments_is_enough():
    (row,) = read_rows("title,sentiment\nEther up,positive\n")
    assert (row.title, row.sentiments, row.topics, row.is_agreed) == ("Ether up", ("positive",), (), True)


def test_the_digest_changes_with_a_label_and_with_the_order():
    rows = read_rows("title,sentiment\nEther up,positive\nEther down,negative\n")
    other = read_rows("title,sentiment\nEther up,neutral\nEther down,negative\n")
    assert len({rows_digest(rows), rows_digest(other), rows_digest(rows[::-1])}) == 3


def test_agreement_beyond_chance():
    assert agreement(["a", "b", "a", "b"], ["a", "b", "a", "b"]) == (1.0, 1.0)
    assert agreement(["a", "b", "a", "b"], ["a", "a", "b", "b"]) == (0.5, 0.0)
