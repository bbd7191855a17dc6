"""How long all steps take for 1,000 headlines with their teasers, and one article, beside a yardstick of the same run.

Every step of the registry reads, in its order, each item as it comes, as the runner of steps does, without storage.

The yardstick reads nothing: it cuts the same titles and teasers into words and counts them, as plainly as Python does.
Processor time of one core; what is best of a few rounds, since others use the machine too. Garbage is looked for as
often as by the commands that read news.
"""

from __future__ import annotations

import gc
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.news.archive import headlines, originals, read
from vigie.domain.item import NewsItem, Sighting
from vigie.intelligence.news.judging import lexicon, linear_model, ngrams, topic_rules, wording_signs
from vigie.intelligence.news.reading import numbers, traits
from vigie.intelligence.news.registry import make_steps
from vigie.intelligence.news.step import ReadingStep
from vigie.intelligence.news.steps import summary
from vigie.views.cli.main import SERVING_GC_THRESHOLD

ITEMS = 1_000
ROUNDS = 12
# Dense days of the archive: 27 headlines a day, some 80 in a window.
FROM = 6_000
ARTICLE_TITLES = 40
# Milliseconds: all items, one item, a summary of an article.
ALL_GOAL, ITEM_GOAL, ARTICLE_GOAL = 1_000, 5, 3
WORD = re.compile(r"\w+")
# What is remembered of a text from one step to the next would be remembered from one round to the next as well.
REMEMBERED = (
    ngrams.fold_text, ngrams.split_words, ngrams.words_and_pairs, lexicon.lexicon_weights, lexicon.lexicon_scores,
    lexicon.french_lexicon_scores,
    topic_rules.find_authorities, topic_rules.find_rules, wording_signs.find_lures, wording_signs.find_contradiction,
    traits.cached_traits,
    numbers.cached_numbers, linear_model.load_gram_scorer(),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds."""

    yardstick: float
    steps: dict[str, float]
    slowest_item: float
    article: float

    @property
    def total(self) -> float:
        """All steps together."""
        return sum(self.steps.values())


class Timed:
    """A step that adds up how long it takes."""

    def __init__(self, step: ReadingStep) -> None:
        self.step, self.name, self.version, self.needs = step, step.name, step.version, step.needs
        self.seconds: list[float] = []

    def read(self, item, context):
        """Read, and note the time."""
        started = time.process_time()
        found = self.step.read(item, context)
        self.seconds.append(time.process_time() - started)
        return found


def best(work: Callable[[], object]) -> float:
    """Return the shortest of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def measure() -> Pace:
    """Return the pace of all steps."""
    gc.set_threshold(*SERVING_GC_THRESHOLD)
    every = originals(headlines())
    items = every[FROM : FROM + ITEMS]
    for _ in read(make_steps(), every[:ARTICLE_TITLES]):  # lists and models are read once by a process
        pass
    texts = [f"{one.content.title} {one.content.text}" for one in items]
    yardstick = best(lambda: [Counter(WORD.findall(text.lower())) for text in texts])
    rounds = []
    for _ in range(ROUNDS):
        for function in REMEMBERED:
            function.cache_clear()
        timed = [Timed(step) for step in make_steps()]
        for _ in read(timed, items):
            pass
        rounds.append(timed)
    fastest = min(rounds, key=lambda timed: sum(sum(step.seconds) for step in timed))
    by_round = [list(map(sum, zip(*(step.seconds for step in timed), strict=True))) for timed in rounds]
    # An item that is slow in every round is slow by itself; others were interrupted.
    slowest = max(map(min, zip(*by_round, strict=True)))
    article = ". ".join(one.content.title for one in items[:ARTICLE_TITLES]) + "."
    step = summary.make()
    variants = iter(range(ROUNDS))
    return Pace(
        yardstick,
        {step.name: sum(step.seconds) for step in fastest},
        slowest,
        # Every round reads another text, so that nothing is remembered.
        best(lambda: step.read(_article(f"{article} Round {next(variants)} of it."), None)),
    )


def _article(text: str) -> NewsItem:
    return NewsItem("a", 1, Sighting("archive", "a", "", "Title", text), 0, 0)


def goals_text(measured: Pace) -> str:
    """Return which goals are missed and which are met, the missed first."""
    figures = (
        (f"{ITEMS:,} items", measured.total * 1e3, ALL_GOAL, 0),
        ("the slowest item", measured.slowest_item * 1e3, ITEM_GOAL, 2),
        ("the summary", measured.article * 1e3, ARTICLE_GOAL, 2),
    )
    texts: dict[bool, list[str]] = {False: [], True: []}
    for name, milliseconds, goal, digits in figures:
        texts[milliseconds < goal].append(
            f"{name} in {milliseconds:,.{digits}f} ms (goal: under {goal:,} ms)"
        )
    heads = {False: "**Goal missed:**", True: "Goal met:"}
    return "\n".join(f"{heads[is_met]} {'; '.join(found)}." for is_met, found in texts.items() if found)


def section(measured: Pace) -> str:
    """Return the measured as Markdown."""
    rows = "\n".join(
        f"| {name} | {seconds * 1e3 / ITEMS:.3f} | {seconds / measured.yardstick:.1f} |"
        for name, seconds in measured.steps.items()
    )
    total = (f"{measured.total * 1e3 / ITEMS:.3f}", f"{measured.total / measured.yardstick:.1f}")
    return f"""
## Speed of the steps

`python -m benchmarks.news pace --write`; {ITEMS:,} headlines with teasers, read one after the other by all
{len(measured.steps)} steps with a window of 72 hours, without storage, on one core of a machine shared with other
work. The garbage collector runs as often as in the commands that serve. The *yardstick* only cuts the same texts into
words and counts them ({measured.yardstick * 1e3:.0f} ms).

{goals_text(measured)}

| step | ms per item | times the yardstick |
|---|---:|---:|
{rows}
| all, {measured.total * 1e3:.0f} ms for {ITEMS:,} | {total[0]} | {total[1]} |
| the slowest item | {measured.slowest_item * 1e3:.2f} | |
| a summary of an article of {ARTICLE_TITLES} sentences | {measured.article * 1e3:.2f} | |
"""
