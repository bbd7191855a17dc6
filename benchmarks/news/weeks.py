"""Are headlines of one event one story, on whole weeks of public news that two readers labelled?

The readers saw neither the program's answer nor each other. Weeks marked ``tune`` may be looked at while rules are
made; those marked ``report`` are only measured. Headlines stand in the labels by hash.
"""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.commands import shared_folder
from benchmarks.news.archive import Window
from vigie.domain.item import ItemFinding, NewsItem, Sighting
from vigie.intelligence.news.reading.merged_stories import story_joins
from vigie.intelligence.news.step import Context, Publisher
from vigie.intelligence.news.steps import duplicate, entities, language, story

LABELS = Path(__file__).parent / "rows" / "story_weeks.csv"
DRAWS = 2_000
# How often the weeks that are only measured were measured; to be raised by whoever measures them.
REPORT_RUNS = 5
Pair = frozenset[str]


@dataclass(frozen=True, slots=True)
class Label:
    """A headline of a week, by hash: its week, whether rules may be made on it, and both readers' stories."""

    week: str
    part: str
    headline: str
    stories: tuple[str, str]
    relevant: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Score:
    """Precision and recall of pairs with their 95 % intervals, and how many pairs both sides have."""

    name: str
    items: int
    told: int
    expected: int
    precision: tuple[float, float, float]
    recall: tuple[float, float, float]


def labels(path: Path = LABELS) -> list[Label]:
    """Return every label."""
    with path.open(encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [
            Label(
                row["week"], row["part"], row["headline"], (row["story_a"], row["story_b"]),
                (row["relevant_a"], row["relevant_b"]),
            )
            for row in rows
        ]  # fmt: skip


def key_of(title: str) -> str:
    """Return the hash that a headline has in the labels."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", title)).strip().casefold()
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def items_of(week: str, wanted: Iterable[str]) -> list[tuple[NewsItem, Publisher]]:
    """Return the items of a week, oldest first, each headline once."""
    first = date.fromisoformat(week)
    begin, end = (datetime.combine(day, datetime.min.time()) for day in (first, first + timedelta(7)))
    frame = pl.read_parquet(shared_folder() / "data" / "news" / "archive_headlines.parquet")
    rows = frame.filter((pl.col("date") >= begin) & (pl.col("date") < end)).sort("date", "title")
    found: dict[str, tuple[NewsItem, Publisher]] = {}
    needed = set(wanted)
    for row in rows.iter_rows(named=True):
        key = key_of(row["title"] or "")
        if key in needed and key not in found:
            ts = round(row["date"].replace(tzinfo=UTC).timestamp() * 1000)
            source = row["source"] or "archive"
            said = Sighting(source, key, row["url"] or "", row["title"], row["text"] or "", ts_published=ts)
            found[key] = (NewsItem(key, 1, said, ts, ts), Publisher(source, source, "media"))
    return list(found.values())


def stories_of(told: Sequence[tuple[NewsItem, Publisher]]) -> dict[str, str]:
    """Return the story of every item, read one after the other as they came."""
    steps = [entities.make(), language.make(), duplicate.make(), story.make()]
    window, stories = Window(), {}
    ended: dict[str, str] = {}
    for item, publisher in told:
        found: dict[str, ItemFinding] = {}
        for step in steps:
            found[step.name] = step.read(item, Context(publisher, window, found))
        window.add(item, found)
        stories[item.id] = str(found["story"].body["story"])
        ended |= {str(one["story"]): stories[item.id] for one in story_joins(found)}
    return {name: went_on(story, ended) for name, story in stories.items()}


def went_on(story: str, ended: Mapping[str, str]) -> str:
    """Return under which id a story goes on, by which each that ended was kept."""
    while story in ended:
        story = ended[story]
    return story


def pairs_of(stories: Mapping[str, str]) -> set[Pair]:
    """Return the pairs of headlines that are in one story."""
    by_story: dict[str, list[str]] = defaultdict(list)
    for headline, name in stories.items():
        by_story[name].append(headline)
    return {frozenset(pair) for group in by_story.values() for pair in combinations(sorted(group), 2)}


def scored(name: str, told: set[Pair], expected: set[Pair], ignored: set[Pair], items: int) -> Score:
    """Compare pairs with those expected; intervals by drawing whole groups of connected headlines again."""
    told, expected = told - ignored, expected - ignored
    groups = _groups(told | expected)
    counts = np.zeros((max(1, len(set(groups.values()))), 3))
    places = {group: at for at, group in enumerate(sorted(set(groups.values())))}
    for pair in told | expected:
        at = places[groups[min(pair)]]
        counts[at] += (pair in told and pair in expected, pair in told, pair in expected)
    drawn = np.random.default_rng(0).integers(0, len(counts), (DRAWS, len(counts)))
    sums = counts[drawn].sum(axis=1)
    both, said, wanted = counts.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precisions, recalls = sums[:, 0] / sums[:, 1], sums[:, 0] / sums[:, 2]
    return Score(
        name, items, len(told), len(expected),
        (both / max(said, 1), *_interval(precisions)), (both / max(wanted, 1), *_interval(recalls)),
    )  # fmt: skip


def _interval(drawn: np.ndarray) -> tuple[float, float]:
    low, high = np.nanquantile(drawn, (0.025, 0.975)).tolist()
    return low, high


def _groups(pairs: Iterable[Pair]) -> dict[str, str]:
    """Return for each headline the smallest one that it is connected with."""
    root: dict[str, str] = {}

    def find(one: str) -> str:
        while root.setdefault(one, one) != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    for first, second in (sorted(pair) for pair in pairs):
        low, high = sorted((find(first), find(second)))
        root[high] = low
    return {one: find(one) for one in root}


def measure(parts: Sequence[str] = ("tune", "later", "report")) -> list[Score]:
    """Return how the pairs of the weeks come out, by part and reader."""
    found, every = [], labels()
    for part in parts:
        told: set[Pair] = set()
        readers: list[set[Pair]] = [set(), set()]
        items = 0
        for week in sorted({one.week for one in every if one.part == part}):
            rows = [one for one in every if one.week == week]
            told |= pairs_of(stories_of(items_of(week, (one.headline for one in rows))))
            for at, pairs in enumerate(readers):
                pairs |= pairs_of({one.headline: one.stories[at] for one in rows})
            items += len(rows)
        both, either = readers[0] & readers[1], readers[0] | readers[1]
        found += [
            scored(f"{part}: pairs of both readers", told, both, either - both, items),
            scored(f"{part}: first reader", told, readers[0], set(), items),
            scored(f"{part}: second reader", told, readers[1], set(), items),
            scored(f"{part}: one reader against the other", readers[1], readers[0], set(), items),
        ]
    return found


def section(measured: Iterable[Score]) -> str:
    """Return the measured as Markdown."""
    weeks = Counter((one.week, one.part) for one in labels())
    named = {
        part: ", ".join(f"{week} ({n})" for (week, its), n in sorted(weeks.items()) if its == part)
        for part in ("tune", "later", "report")
    }
    rows = "\n".join(
        f"| {one.name} | {one.told:,} | {one.expected:,} | {_shown(one.precision)} | {_shown(one.recall)} |"
        for one in measured
    )
    return f"""
## Stories of whole weeks

`python -m benchmarks.news weeks --write`. Two readers put every headline of twenty weeks of the shared archive into
stories. A *pair* is two headlines in one story. The weeks, by their Monday, with their number of headlines:

- *tune*, used to write the rules: {named["tune"]};
- *later*, labelled later by other readers and also used: {named["later"]};
- *report*, only measured: {named["report"]}.

`python -m benchmarks.news.fit_stories` fits the weights of pairs to the weeks *tune* and *later* and, with little
weight, to two worlds of the simulated newsroom. It counts terms in the archive without the weeks *tune* and *report*
and without June 2022. The rows of *tune* and *later* are too good; the [next
section](#stories-of-weeks-left-out-of-the-fit) shows these weeks when they are left out.

Who saw what:

- The readers had titles, teasers and the labelling rules, and nothing of the program.
- The author of the joining rules wrote the labelling rules of the fourteen weeks *later* after reading the labelled
  weeks *tune*, before any label of *later* existed. The author had labelled two of these weeks before (7 February and
  25 April 2022); no weight is fitted to those labels any more.
- The author has read headlines and labels of *tune* and *later*, but no title of *report* or of June 2022. The weeks
  *report* were measured {REPORT_RUNS} times since the joining was rewritten, and the author saw only these figures:
  precision 0.81 and recall 0.41, then 0.79 and 0.47, before the last time.

Pairs that only one reader has do not count in the rows of both readers. 95 % intervals from {DRAWS:,} random draws of
groups of connected headlines.

| | pairs found | pairs expected | precision | recall |
|---|---:|---:|---:|---:|
{rows}
"""


def _shown(found: tuple[float, float, float]) -> str:
    return f"{found[0]:.2f} ({found[1]:.2f} to {found[2]:.2f})"
