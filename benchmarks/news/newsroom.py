"""Is a story of the simulated newsroom one event? Every piece that it publishes knows the event it tells of.

Thresholds were set while looking at the worlds of `SET_ON`; those of `HELD_BACK` were measured only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from benchmarks.news.archive import Window
from benchmarks.news.weeks import went_on
from vigie.domain.item import ItemFinding, NewsItem, Sighting, SourceTier
from vigie.intelligence.news.reading.merged_stories import story_joins
from vigie.intelligence.news.step import Context, Publisher, ReadingStep
from vigie.intelligence.news.steps import duplicate, entities, language, story
from vigie_sandbox.world.newsroom.archive import Archive
from vigie_sandbox.world.newsroom.articles import write_article
from vigie_sandbox.world.newsroom.coverage import Piece
from vigie_sandbox.world.newsroom.outlets import Outlet
from vigie_sandbox.world.world import World

SET_ON = (10, 4)
HELD_BACK = (21, 22, 23, 24)
OPENED_MS = 1_767_225_600_000
DENIAL = "/denial"
TIERS: dict[str, SourceTier] = {"regulator": "regulator", "media": "media", "aggregator": "aggregator"}


@dataclass(frozen=True, slots=True)
class Told:
    """A piece as the reader of feeds has it."""

    item: NewsItem
    publisher: Publisher
    event: str
    language: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of pieces: of one event, in one story, and both; those of two languages apart."""

    pieces: int
    events: int
    of_one: int
    in_one: int
    both: int
    across_of_one: int
    across_both: int

    @property
    def precision(self) -> float:
        """Share of the pairs in one story that are of one event."""
        return self.both / self.in_one

    @property
    def recall(self) -> float:
        """Share of the pairs of one event that are in one story."""
        return self.both / self.of_one

    @property
    def recall_across(self) -> float:
        """Share of those of one event in two languages that are in one story."""
        return self.across_both / self.across_of_one


def pieces_of(seed: int) -> list[Told]:
    """Return what a world published in the nine days before it opened, each piece as it first read."""
    world = World(lambda: 0.0, OPENED_MS, seed=seed, history_days=40, flawless=True, quiet=True)
    return [_told(world, piece) for piece in Archive(world).all_pieces_until(world.now_ms())]


def _told(world: World, piece: Piece) -> Told:
    article, outlet = write_article(world, piece, piece.ts), piece.outlet
    # The page without a feed lists titles alone.
    text = "" if outlet.form == "page" else article.teaser
    said = Sighting(outlet.id, piece.id, article.url, article.title, text, ts_published=piece.ts)
    # A denial belongs to the story of the fine that it denies.
    event = piece.event.id.removesuffix(DENIAL)
    return Told(NewsItem(piece.id, 1, said, piece.ts, piece.ts), _publisher(outlet), event, outlet.language)


def _publisher(outlet: Outlet) -> Publisher:
    return Publisher(outlet.id, outlet.title, TIERS[outlet.tier], outlet.owner, outlet.language, outlet.host)


def steps() -> list[ReadingStep]:
    """Return the steps that a story needs, fresh."""
    return [entities.make(), language.make(), duplicate.make(), story.make()]


def stories(told: Iterable[Told], by: Sequence[ReadingStep]) -> Iterator[str]:
    """Yield the story of every piece, as it went on."""
    window, ended, every = Window(), dict[str, str](), list[str]()
    for one in told:
        found: dict[str, ItemFinding] = {}
        for step in by:
            found[step.name] = step.read(one.item, Context(one.publisher, window, found))
        window.add(one.item, found)
        every.append(str(found["story"].body["story"]))
        ended |= {str(each["story"]): every[-1] for each in story_joins(found)}
    yield from (went_on(name, ended) for name in every)


def counted(told: Sequence[Told], in_story: Sequence[str]) -> Pairs:
    """Return how the pairs come out."""
    pairs: Counter[tuple[bool, bool, bool]] = Counter()
    for one, other in combinations(range(len(told)), 2):
        is_of_one = told[one].event == told[other].event
        is_in_one = in_story[one] == in_story[other]
        if is_of_one or is_in_one:
            pairs[is_of_one, is_in_one, told[one].language != told[other].language] += 1
    return Pairs(
        pieces=len(told),
        events=len({one.event for one in told}),
        of_one=sum(count for pair, count in pairs.items() if pair[0]),
        in_one=sum(count for pair, count in pairs.items() if pair[1]),
        both=sum(count for pair, count in pairs.items() if pair[0] and pair[1]),
        across_of_one=sum(count for pair, count in pairs.items() if pair[0] and pair[2]),
        across_both=pairs[True, True, True],
    )


def measure() -> dict[int, Pairs]:
    """Return how the pairs of each world come out."""
    found = {}
    for seed in (*SET_ON, *HELD_BACK):
        told = pieces_of(seed)
        found[seed] = counted(told, list(stories(told, steps())))
    return found


def section(measured: dict[int, Pairs]) -> str:
    """Return the measured as Markdown."""
    rows = "\n".join(_row(str(seed), pairs) for seed, pairs in measured.items())
    held = [pairs for seed, pairs in measured.items() if seed in HELD_BACK]
    total = Pairs(*(sum(figures) for figures in zip(*map(_figures, held), strict=True)))
    return f"""
## Stories of the simulated newsroom

`python -m benchmarks.news newsroom --write`; a world is the items of nine days as its feeds publish them, each with
the event that it reports. All firms in it are invented. Few kinds of events exist, and many events differ only in a
name or an amount. The thresholds were set with the worlds {", ".join(map(str, SET_ON))} in view; the others were only
measured.

| world | items | events | pairs joined in one story that are one event | pairs of one event that are joined | \
the same for pairs in two languages |
|---|---:|---:|---:|---:|---:|
{rows}
{_row("test set, together", total)}
"""


def _figures(pairs: Pairs) -> tuple[int, ...]:
    return (
        pairs.pieces, pairs.events, pairs.of_one, pairs.in_one, pairs.both, pairs.across_of_one, pairs.across_both,
    )  # fmt: skip


def _row(name: str, pairs: Pairs) -> str:
    return (
        f"| {name} | {pairs.pieces:,} | {pairs.events:,} | {pairs.precision:.3f} | {pairs.recall:.3f} | "
        f"{pairs.recall_across:.3f} |"
    )
