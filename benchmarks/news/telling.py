"""Are events one story in any words and both languages, and are languages told apart?"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from benchmarks.news.archive import headlines, item, read
from benchmarks.news.weeks import went_on
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.reading.languages import guess_language
from vigie.intelligence.news.reading.merged_stories import story_joins
from vigie.intelligence.news.reading.words import tokenize
from vigie.intelligence.news.steps import duplicate, entities, story
from vigie.intelligence.news.steps import language as language_step

CASES = Path(__file__).resolve().parents[2] / "tests/unit/intelligence/news/story_cases.csv"
START = 1_750_000_000_000


@dataclass(frozen=True, slots=True)
class Telling:
    """Pairs of items of one event in one story, and languages of titles that are known to be English or are ours."""

    items: int
    events: int
    precision: float
    recall: float
    english: int
    english_right: int
    english_wrong: int
    ours: int
    ours_right: int
    near: int
    near_wrong: int


def measure() -> Telling:
    """Return how stories and languages come out."""
    with CASES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    items = [
        item(str(at), row["title"], "", START + round(float(row["hours"]) * HOUR_MS))
        for at, row in enumerate(rows)
    ]
    steps = [entities.make(), language_step.make(), duplicate.make(), story.make()]
    every = [found for _, found in read(steps, items)]
    ended = {
        str(one["story"]): str(found["story"].body["story"]) for found in every for one in story_joins(found)
    }
    stories = [went_on(str(found["story"].body["story"]), ended) for found in every]
    pairs: Counter[tuple[bool, bool]] = Counter(
        (rows[one]["event"] == rows[other]["event"], stories[one] == stories[other])
        for one, other in combinations(range(len(rows)), 2)
    )
    told = [guess_language(tokenize(title)).language for title in headlines()["title"].to_list()]
    ours = [guess_language(tokenize(row["title"])).language == row["language"] for row in rows]
    with CASES.with_name("near_languages.csv").open(encoding="utf-8") as file:
        near = list(csv.DictReader(file, delimiter=";"))
    right = pairs[True, True]
    return Telling(
        items=len(rows),
        events=len({row["event"] for row in rows}),
        precision=right / (right + pairs[False, True]),
        recall=right / (right + pairs[True, False]),
        english=len(told),
        english_right=told.count("en"),
        english_wrong=len(told) - told.count("en") - told.count(""),
        ours=len(ours),
        ours_right=sum(ours),
        near=len(near),
        near_wrong=sum(guess_language(tokenize(row["title"])).language in ("en", "fr") for row in near),
    )


def section(measured: Telling) -> str:
    """Return the measured as Markdown."""
    return f"""
## Stories and languages

`python -m benchmarks.news --write`. Stories: {measured.items} titles in English and French about {measured.events}
events within three days, written for this measurement. The thresholds were set with these titles in view.

| | measured |
|---|---:|
| pairs joined in one story that are one event | {measured.precision:.3f} |
| pairs of one event that are joined in one story | {measured.recall:.3f} |
| archive titles, all English: recognised as English / as another language / not recognised | \
{measured.english_right / measured.english:.3f} / {measured.english_wrong / measured.english:.3f} / \
{1 - (measured.english_right + measured.english_wrong) / measured.english:.3f} |
| titles of the stories whose language is recognised from the title alone | {measured.ours_right} of {measured.ours} |
| headlines in similar languages, from Dutch to Romanian, recognised as English or French | \
{measured.near_wrong} of {measured.near} |

Vigie calls a text English or French only if at least half of its words are in that language's vocabulary
(`python -m benchmarks.news.letters --words`). Otherwise the language that its source states counts, or none. The
headlines in similar languages were written for this measurement. The limit of one half was chosen with them and the
archive titles in view.
"""
