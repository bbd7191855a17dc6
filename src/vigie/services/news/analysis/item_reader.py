"""The runner of steps: takes revisions that wait, gives what every step finds in them, and tells who wants to know.

A revision is marked as read only after everything that follows from it was done: killed at any point, it is read once
more, which finds the same and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.domain.item import ItemFinding, NewsItem
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.gazetteer.amendments import fingerprint as amendments_print
from vigie.intelligence.news.reading.earlier_findings import story_id
from vigie.intelligence.news.reading.merged_stories import story_joins
from vigie.intelligence.news.registry import fingerprint, steps
from vigie.intelligence.news.stems import join_stems, stem_words
from vigie.intelligence.news.step import Context, Publisher, ReadingStep
from vigie.intelligence.news.steps import entities
from vigie.ports.item_readings import ItemReading, StoryJoin
from vigie.ports.items import StoredRevision
from vigie.services.app_context import AppContext
from vigie.services.needs import bound
from vigie.services.news.analysis.window import StoredWindow
from vigie.services.news.entities.naming import OwnNames, gazetteer_of, own_names
from vigie.services.news.publishers import SharedOwnerFinder, load_publishers, publisher_of

AT_ONCE: Final = 40
# A topic counts for lists from this probability on.
SURE: Final = 0.5
# Rises where lists go by something more: what was read by an older one is read anew.
TAGS: Final = 3
# Longer than any step looks back.
_HELD_MS: Final = 8 * DAY_MS
_SHOWN: Final = 300

# Takes what it needs of the home, by type, then the items.
Telling = Callable[..., int]


@dataclass(frozen=True, slots=True)
class ReadItem:
    """An item with what was found in it.

    Attributes
    ----------
    findings : mapping
        By step.
    ts_seen, ts_processed : int
        When it was stored and read, in real time: the item's own times are the market's.
    """

    item: NewsItem
    publisher: Publisher
    findings: Mapping[str, ItemFinding]
    ts_seen: int
    ts_processed: int


def _no_timer() -> int:
    return 0


def _no_alerts(items: Iterable[ReadItem]) -> int:
    return 0


def _nobody(waiting: Sequence[StoredRevision]) -> None:
    return None


@dataclass(slots=True)
class ItemReader:
    """Reads what waits.

    Attributes
    ----------
    steps : sequence of ReadingStep
        In the order in which they run.
    tell : callable
        Told of revisions that were never read before.
    timer_us : callable
        Microseconds of a clock that only measures; nothing that is found depends on it.
    prepare : callable
        Given what is about to be read: steps see no network, so what one needs from there is asked before.
    """

    context: AppContext
    steps: Sequence[ReadingStep] = field(default_factory=steps)
    tell: Telling = _no_alerts
    timer_us: Callable[[], int] = _no_timer
    prepare: Callable[[Sequence[StoredRevision]], None] = _nobody
    _window: StoredWindow | None = None
    _own: OwnNames = field(default_factory=OwnNames)
    _owner_finder: SharedOwnerFinder = field(default_factory=SharedOwnerFinder)

    def read_some(self) -> int:
        """Read some of what waits, oldest first, and return how many revisions that were."""
        name = self._update_names()
        waiting = self.context.items.list_unread(name, limit=AT_ONCE)
        if not waiting:
            return 0
        self.prepare(waiting)
        self._owner_finder.update(self.context.bookmarks, self.context.items, self.context.directory, waiting)
        known_publishers = load_publishers(self.context.bookmarks, self.context.directory)
        window = self._window = self._window or StoredWindow(self.context.items)
        readings: list[ItemReading] = []
        new_items: list[ReadItem] = []
        for revision in waiting:
            publisher = publisher_of(known_publishers, revision.item.content.source)
            reading = self.read(revision, publisher, window, name)
            findings = {finding.step: finding for finding, error, _ in reading.findings if not error}
            window.add(revision, findings)
            readings.append(reading)
            if not revision.reading:
                now = self.context.clock.wall_now()
                new_items.append(ReadItem(revision.item, publisher, findings, revision.ts_wall, now))
        self.context.items.put_readings(readings)
        if new_items:
            bound(self.context, self.tell)(new_items)
        self.context.items.mark_read(readings)
        window.drop_before(waiting[-1].item.ts_seen - _HELD_MS)
        return len(waiting)

    def read(
        self, revision: StoredRevision, publisher: Publisher, window: StoredWindow, name: str
    ) -> ItemReading:
        """Run every step over a revision; what one cannot read is that step's fault and nobody else's."""
        window.turn_to(revision)
        findings: dict[str, ItemFinding] = {}
        results: list[tuple[ItemFinding, str, int]] = []
        for step in self.steps:
            before = self.timer_us()
            missing = [need for need in step.needs if need not in findings and need in self._names]
            finding, error = ItemFinding(step.name, step.version), ""
            if missing:
                error = f"needs {' '.join(missing)}, which could not read it"
            else:
                try:
                    finding = step.read(revision.item, Context(publisher, window, dict(findings)))
                    findings[step.name] = finding
                # A step meets strangers' text; whatever it raises is kept with the item and shown.
                except Exception as fault:  # noqa: BLE001 - the finding of this step is missing, the others are not
                    error = repr(fault)[:_SHOWN]
            results.append((finding, error, self.timer_us() - before))
        return reading_of(revision, publisher, findings, name, results)

    def _update_names(self) -> str:
        """Read by what the house says of names now; return what tells this way of reading from others."""
        names_now = own_names(self.context.names)
        if names_now != self._own:
            entities_step = entities.make(gazetteer_of(names_now))
            self.steps = [
                entities_step if isinstance(step, entities.EntitiesStep) else step for step in self.steps
            ]
            self._own = names_now
        names_key = "-".join(filter(None, (amendments_print(names_now.amendments), *names_now.imports)))
        return f"{fingerprint(self.steps)} tags:{TAGS}" + (f" names:{names_key}" if names_key else "")

    @property
    def _names(self) -> frozenset[str]:
        return frozenset(step.name for step in self.steps)


def reading_of(
    revision: StoredRevision,
    publisher: Publisher,
    findings: Mapping[str, ItemFinding],
    name: str,
    results: Sequence[tuple[ItemFinding, str, int]],
) -> ItemReading:
    """Return what lists and searches need of what was found."""
    content = revision.item.content
    language = str(_body(findings, "language").get("language") or content.language or publisher.language)
    relevant = _body(findings, "relevance").get("is_relevant")
    return ItemReading(
        number=revision.number,
        item=revision.item,
        steps=name,
        findings=results,
        joins=_joins_of(revision, findings),
        tags=tags_of(findings),
        words=join_stems(stem_words(f"{content.title} {content.text}", language)),
        language=language,
        is_relevant=None if relevant is None else bool(relevant),
    )


def tags_of(findings: Mapping[str, ItemFinding]) -> dict[str, list[str]]:
    """Return what an item is about, by kind."""
    entities_body, topics = _body(findings, "entities"), _body(findings, "topics")
    weights = topics.get("topics") or {}
    story_tag = story_id(findings)
    status = _body(findings, "reliability").get("status")
    return {
        "asset": [str(value) for value in entities_body.get("assets") or ()],
        "entity": [str(value["id"]) for value in entities_body.get("found") or ()],
        "unlisted": [str(value) for value in entities_body.get("unlisted") or ()],
        "topic": [str(topic) for topic, weight in weights.items() if weight >= SURE],
        "story": [story_tag] if story_tag else [],
        "status": [str(status)] if status else [],
    }


def _joins_of(revision: StoredRevision, findings: Mapping[str, ItemFinding]) -> list[StoryJoin]:
    item, kept_story = revision.item, story_id(findings)
    return [
        StoryJoin(
            str(join["story"]),
            kept_story,
            item.id,
            item.revision,
            item.ts_seen,
            str(join["by"]),
            tuple(join["signs"]),
        )
        for join in story_joins(findings)
    ]


def _body(findings: Mapping[str, ItemFinding], step: str) -> Mapping[str, Any]:
    return findings[step].body if step in findings else {}
