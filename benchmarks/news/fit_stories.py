"""Fit what tells that two headlines are of one event: `python -m benchmarks.news.fit_stories`.

Needs scikit-learn. With ``--counts`` it writes ``term_counts.csv``: how many documents have a term in the months of the
shared archive that no week is labelled of (June 2022 is left out too), and how often it has a capital inside sentences.
It writes ``join_weights.json``, a logistic regression over the features of pairs: of the weeks that rules may be made
on and, weighing little, of two worlds of the simulated newsroom.
``--cross`` fits to all but one of the weeks in turn and prints how stories of the week left out come out.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from benchmarks.commands import shared_folder
from benchmarks.news import newsroom, weeks
from benchmarks.news.archive import Window
from benchmarks.news.page import write_section
from vigie.domain.item import ItemFinding, NewsItem, Sighting
from vigie.intelligence.news.judging.rows import read_rows, shipped_rows
from vigie.intelligence.news.reading import item_terms, join_model, rarity
from vigie.intelligence.news.reading.pair_features import pair_features, pair_side
from vigie.intelligence.news.reading.rarity import ENTITY
from vigie.intelligence.news.reading.traits import SAID_ALWAYS, TEASER_READ, mentions_read
from vigie.intelligence.news.reading.words import BEGINNING, tokenize
from vigie.intelligence.news.step import AnalysedItem, Context, Publisher
from vigie.intelligence.news.steps import duplicate, entities, language, story

READING = Path(__file__).resolve().parents[2] / "src/vigie/intelligence/news/reading"
ROWS = Path(__file__).resolve().parent / "rows"
# Of these repositories the licence is MIT (README of the shared data).
ORIGINS = ("nyu-tandon-capstone/crypto-team4", "dykstranet/cryptonews")
# The shared archive has dates without a zone.
UNREAD = (datetime.fromisoformat("2022-06-01"), datetime.fromisoformat("2022-07-01"))
LEAST_DOCUMENTS = 2
LEAST_SEEN = 2
# Parts of the labels that weights are fitted to.
FITTED = ("tune", "later")
STRENGTH = {"event": 0.03, "price": 0.03}
# Chosen on the weeks left out in turn: so much more than nothing must speak for a join.
ENOUGH = {"event": 0.9, "price": 1.3}
# What keeps events apart that are worded alike is rare in these weeks; it counts at least so much.
AGAINST = {
    "other sure name": -2.4, "other amounts": -1.5, "other figures": -2.0, "other coin": -4.5, "other party": -1.8,
    "other country": -5.0,
}  # fmt: skip
WORLD_WEIGHT = 0.03
_FIRST = 3
WORLDS = (10, 4)
CROSSED = """
## Stories of weeks left out of the fit

`python -m benchmarks.news.fit_stories --cross --write`. Each week is joined with weights that were fitted without it.
Features and thresholds were chosen with these weeks in view. Pairs of both readers; the first three weeks are *tune*.

| week | pairs found | pairs expected | precision | recall |
|---|---:|---:|---:|---:|
"""
Told = list[tuple[NewsItem, Publisher]]
# From two items and the kind of their pair to how many readers have them in one story.
Readers = Callable[[str, str, str], int]


@dataclass(frozen=True, slots=True)
class Pair:
    """Features of a pair and how many readers have it as one event (2: both)."""

    kind: str
    features: Mapping[str, float]
    readers: int


def background() -> Told:
    """Return the headlines that belong to no labelled week."""
    frame = pl.read_parquet(shared_folder() / "data" / "news" / "archive_headlines.parquet")
    left_out = [UNREAD]
    # Of the weeks that were labelled later terms stay counted: no label is needed for that.
    for week in sorted({one.week for one in weeks.labels() if one.part != "later"}):
        begin = datetime.fromisoformat(week)
        left_out.append((begin, begin + timedelta(7)))
    kept = pl.col("origin").is_in(ORIGINS) & pl.col("date").is_not_null() & pl.col("title").is_not_null()
    for begin, end in left_out:
        kept &= ~((pl.col("date") >= begin) & (pl.col("date") < end))
    rows = (
        frame.filter(kept).unique(subset=["title"], keep="first", maintain_order=True).sort("date", "title")
    )
    return [_item(row) for row in rows.iter_rows(named=True)]


def _item(row: Mapping[str, Any]) -> tuple[NewsItem, Publisher]:
    ts = round(row["date"].replace(tzinfo=UTC).timestamp() * 1000)
    source, key = row["source"] or "archive", weeks.key_of(row["title"])
    said = Sighting(source, key, row["url"] or "", row["title"], row["text"] or "", ts_published=ts)
    return NewsItem(key, 1, said, ts, ts), Publisher(source, source, "media")


def read(told: Iterable[tuple[NewsItem, Publisher]]) -> list[AnalysedItem]:
    """Return items with what the steps before the story find."""
    steps, window = [entities.make(), language.make(), duplicate.make()], Window()
    every = []
    for item, publisher in told:
        found: dict[str, ItemFinding] = {}
        for step in steps:
            found[step.name] = step.read(item, Context(publisher, window, found))
        window.add(item, found)
        every.append(window.seen[-1])
    return every


def counted(every: Sequence[AnalysedItem]) -> list[tuple[str, float, str]]:
    """Return term, documents, share of capitals; first how many documents there are."""
    english: Counter[str] = Counter()
    french: Counter[str] = Counter()
    capitals: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for seen in every:
        said = seen.item.content
        parts = (tokenize(said.title), tokenize(said.text[:TEASER_READ]))
        terms = {word[:BEGINNING] for part in parts for word in part.folded if word not in SAID_ALWAYS}
        english.update(terms | {ENTITY + one[0] for one in mentions_read(seen)})
        _count_capitals(parts[1], capitals, inside)
    titles = [row.title for row in _own_french()]
    for title in titles:
        french.update({word[:BEGINNING] for word in tokenize(title).folded if word not in SAID_ALWAYS})
        _count_capitals(tokenize(title), capitals, inside)
    share = len(every) / len(titles)
    many = {
        term: max(
            float(english[term]), round(french[term] * share, 1) if french[term] >= LEAST_DOCUMENTS else 0.0
        )
        for term in english.keys() | french.keys()
    }
    rows = [("", float(len(every)), "")]
    for term in sorted(many):
        capital = f"{capitals[term] / inside[term]:.2f}" if inside[term] >= LEAST_SEEN else ""
        if many[term] >= LEAST_DOCUMENTS and len(term) > 2 and not term[0].isdigit():
            rows.append((term, many[term], capital))
    return rows


def _own_french() -> list[Any]:
    later = read_rows((ROWS / "french.csv").read_text(encoding="utf-8"))
    return [row for row in (*shipped_rows(), *later) if row.language == "fr"]


def _count_capitals(found: Any, capitals: Counter[str], inside: Counter[str]) -> None:
    for at in range(1, len(found.raw)):
        between = found.text[found.ends[at - 1] : found.starts[at]]
        if not set(between) & set(".:!?“”\"«»'‘’"):
            inside[found.folded[at][:BEGINNING]] += 1
            capitals[found.folded[at][:BEGINNING]] += found.raw[at][0].isupper()


def pairs_of_week(every: Sequence[AnalysedItem], readers: Readers) -> Iterator[tuple[str, str, Pair]]:
    """Yield the pairs that the step would weigh."""
    step, window = story.StoryStep(), Window()
    for seen in every:
        before = window.before(seen.item, story.SPAN_MS)
        step.index.set_window(before)
        if (
            seen.findings["duplicate"].body["of"] == ""
            and item_terms.item_terms(seen).traits.genre.kind != "round-up"
        ):
            step.index.describe_next(seen)
            rare = step.rarity()
            ours = pair_side(seen)
            for other in dict.fromkeys(step.candidates(seen, rare, 40)):
                if not (item_terms.is_english(seen) and item_terms.is_english(other)):
                    continue
                if story._may_join(seen, other) and (found := pair_features(ours, pair_side(other), rare)):
                    many = readers(seen.item.id, other.item.id, found[0])
                    yield seen.item.id, other.item.id, Pair(*found, many)
        window.seen.append(seen)


def labelled_week(week: str) -> tuple[list[AnalysedItem], Readers]:
    """Return the items of a week that rules may be made on, and how many readers have a pair."""
    rows = {one.headline: one for one in weeks.labels() if one.week == week and one.part in FITTED}

    def readers(one: str, other: str, kind: str) -> int:
        return sum(mine == its for mine, its in zip(rows[one].stories, rows[other].stories, strict=True))

    return read(weeks.items_of(week, rows)), readers


def world_pairs() -> list[Pair]:
    """Return pairs of the simulated newsroom: both languages, and events that differ in a name alone."""
    found = []
    for seed in WORLDS:
        told = newsroom.pieces_of(seed)
        events = {one.item.id: one.event for one in told}
        every = read([(one.item, one.publisher) for one in told])

        def readers(one: str, other: str, kind: str, events: Mapping[str, str] = events) -> int:
            return 2 * (events[one] == events[other])

        found += [pair for _, _, pair in pairs_of_week(every, readers)]
    return found


def fitted(pairs: Sequence[Pair], worlds: Sequence[Pair] = ()) -> dict[str, dict[str, Any]]:
    """Return bias and weights by kind; pairs that one reader alone has are left out."""
    kinds = {}
    for kind, strength in STRENGTH.items():
        real = [one for one in pairs if one.kind == kind and one.readers != 1]
        made = [one for one in worlds if one.kind == kind == "event"]
        names = list(real[0].features)
        table = np.array([[one.features[name] for name in names] for one in (*real, *made)])
        scaler = StandardScaler().fit(table[: len(real)])
        model = LogisticRegression(C=strength, max_iter=2_000)
        model.fit(
            scaler.transform(table),
            [one.readers == 2 for one in (*real, *made)],
            [1.0] * len(real) + [WORLD_WEIGHT] * len(made),
        )
        free = model.coef_[0] / scaler.scale_
        weights = np.array([min(one, AGAINST.get(name, one)) for one, name in zip(free, names, strict=True)])
        bias = model.intercept_[0] - float(weights @ scaler.mean_) - ENOUGH[kind]
        kinds[kind] = {
            "bias": round(float(bias), 4),
            "weights": {name: round(float(one), 4) for name, one in zip(names, weights, strict=True)},
        }
    return kinds


def main() -> None:
    """Write counts and weights."""
    parser = argparse.ArgumentParser(description="Fit the joining of stories.")
    parser.add_argument("--counts", action="store_true", help="count terms anew first")
    parser.add_argument(
        "--cross", action="store_true", help="print how weeks come out that were left out in turn"
    )
    parser.add_argument("--write", action="store_true", help="with --cross: rewrite docs/news-figures.md")
    given = parser.parse_args()
    if given.counts:
        _write_counts(counted(read(background())))
    parts = {one.week: one.part for one in weeks.labels() if one.part in FITTED}
    tuned = sorted(parts, key=lambda week: (parts[week] != "tune", week))
    every = {week: labelled_week(week) for week in tuned}
    by_week = {week: [pair for _, _, pair in pairs_of_week(*items)] for week, items in every.items()}
    worlds = world_pairs()
    if given.cross:
        crossed = _cross(by_week, worlds, tuned)
        print(crossed)
        if given.write:
            write_section("story_fit", crossed)
    pairs = [pair for found in by_week.values() for pair in found]
    _write_weights(fitted(pairs, worlds))
    print(f"vigie: fitted to {len(pairs)} pairs, {sum(one.readers == 2 for one in pairs)} of one event")


def _cross(by_week: Mapping[str, list[Pair]], worlds: list[Pair], tuned: Sequence[str]) -> str:
    """Return how each week comes out of weights that were fitted without it, as Markdown."""
    every: tuple[set[weeks.Pair], set[weeks.Pair], set[weeks.Pair]] = (set(), set(), set())
    first: str = ""
    rows = []
    for week in tuned:
        _write_weights(fitted([one for name in by_week if name != week for one in by_week[name]], worlds))
        labels = [one for one in weeks.labels() if one.week == week]
        told = weeks.pairs_of(weeks.stories_of(weeks.items_of(week, (one.headline for one in labels))))
        readers = [weeks.pairs_of({one.headline: one.stories[at] for one in labels}) for at in (0, 1)]
        rows.append(_row(week, told, readers[0], readers[1]))
        for held, found in zip(every, (told, *readers), strict=True):
            held |= found
        first = first if len(rows) != _FIRST else _row("the first three together", *every)
    return CROSSED + "\n".join([*rows, first, _row("all together", *every)]) + "\n"


def _row(name: str, told: set[weeks.Pair], first: set[weeks.Pair], second: set[weeks.Pair]) -> str:
    both, either = first & second, first | second
    found = weeks.scored(name, told, both, either - both, 0)
    precision, recall = (
        f"{share:.2f} ({low:.2f} to {high:.2f})" for share, low, high in (found.precision, found.recall)
    )
    return f"| {name} | {found.told} | {found.expected} | {precision} | {recall} |"


def _write_weights(kinds: Mapping[str, Any]) -> None:
    text = json.dumps({"kinds": kinds}, indent=1, sort_keys=True)
    (READING / "join_weights.json").write_text(text + "\n", encoding="utf-8")
    join_model.load_join_models.cache_clear()


def _write_counts(rows: Iterable[tuple[str, float, str]]) -> None:
    lines = [
        "# Documents by term of a background; python -m benchmarks.news.fit_stories --counts",
        "term,documents,capital",
    ]
    lines += [f"{term},{documents:g},{capital}" for term, documents, capital in rows]
    (READING / "term_counts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rarity.term_counts.cache_clear()
    item_terms.cached_item_terms.cache_clear()
    item_terms.item_terms.cache_clear()


if __name__ == "__main__":
    main()
