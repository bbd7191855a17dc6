"""The runner of steps: takes revisions that wait, gives what every step finds in them, and tells who wants to know.

A revision is marked as read only after everything that follows from it was done: killed at any point, it is read once
more, which finds the same and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.domain.item import ItemFinding
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.gazetteer.amended import fingerprint as amendments_print
from vigie.intelligence.news.reading.named import story
from vigie.intelligence.news.reading.rejoined import joins
from vigie.intelligence.news.registry import fingerprint, steps
from vigie.intelligence.news.stems import joined, stems
from vigie.intelligence.news.step import Context, Publisher, Step
from vigie.intelligence.news.steps import entities
from vigie.ports.items import ItemReading, StoredRevision, StoryJoin
from vigie.services.alerting.reading import ReadItem, on_read
from vigie.services.house import House
from vigie.services.news.naming import OwnNames, gazetteer_of, own_names
from vigie.services.news.one_owner import Twins
from vigie.services.news.publishers import publisher_of, publishers
from vigie.services.news.window import StoredWindow

AT_ONCE: Final = 40
# A topic counts for lists from this probability on.
SURE: Final = 0.5
# Rises where lists go by something more: what was read by an older one is read anew.
TAGS: Final = 3
# Longer than any step looks back.
_HELD_MS: Final = 8 * DAY_MS
_SHOWN: Final = 300

Telling = Callable[[House, Iterable[ReadItem]], int]


def _no_timer() -> int:
    return 0


def _nobody(waiting: Sequence[StoredRevision]) -> None:
    return None


@dataclass(slots=True)
class Reader:
    """Reads what waits.

    Attributes
    ----------
    steps : sequence of Step
        In the order in which they run.
    tell : callable
        Told of revisions that were never read before.
    timer_us : callable
        Microseconds of a clock that only measures; nothing that is found depends on it.
    prepare : callable
        Given what is about to be read: steps see no network, so what one needs from there is asked before.
    """

    house: House
    steps: Sequence[Step] = field(default_factory=steps)
    tell: Telling = on_read
    timer_us: Callable[[], int] = _no_timer
    prepare: Callable[[Sequence[StoredRevision]], None] = _nobody
    _window: StoredWindow | None = None
    _own: OwnNames = field(default_factory=OwnNames)
    _twins: Twins = field(default_factory=Twins)

    def read_some(self) -> int:
        """Read some of what waits, oldest first, and return how many revisions that were."""
        name = self._take_names()
        waiting = self.house.items.unread(name, limit=AT_ONCE)
        if not waiting:
            return 0
        self.prepare(waiting)
        self._twins.take(self.house, waiting)
        known_publishers = publishers(self.house)
        window = self._window = self._window or StoredWindow(self.house.items)
        readings: list[ItemReading] = []
        told: list[ReadItem] = []
        for known in waiting:
            publisher = publisher_of(known_publishers, known.item.said.source)
            reading = self.read(known, publisher, window, name)
            found = {one.step: one for one, error, _ in reading.findings if not error}
            window.add(known, found)
            readings.append(reading)
            if not known.reading:
                now = self.house.clock.wall_now()
                told.append(ReadItem(known.item, publisher, found, known.ts_wall, now))
        self.house.items.put_readings(readings)
        if told:
            self.tell(self.house, told)
        self.house.items.mark_read(readings)
        window.drop_before(waiting[-1].item.ts_seen - _HELD_MS)
        return len(waiting)

    def read(
        self, known: StoredRevision, publisher: Publisher, window: StoredWindow, name: str
    ) -> ItemReading:
        """Run every step over a revision; what one cannot read is that step's fault and nobody else's."""
        window.turn_to(known)
        found: dict[str, ItemFinding] = {}
        gone: list[tuple[ItemFinding, str, int]] = []
        for step in self.steps:
            before = self.timer_us()
            missing = [need for need in step.needs if need not in found and need in self._names]
            finding, error = ItemFinding(step.name, step.version), ""
            if missing:
                error = f"needs {' '.join(missing)}, which could not read it"
            else:
                try:
                    finding = step.read(known.item, Context(publisher, window, dict(found)))
                    found[step.name] = finding
                # A step meets strangers' text; whatever it raises is kept with the item and shown.
                except Exception as fault:  # noqa: BLE001 - the finding of this step is missing, the others are not
                    error = repr(fault)[:_SHOWN]
            gone.append((finding, error, self.timer_us() - before))
        return reading_of(known, publisher, found, name, gone)

    def _take_names(self) -> str:
        """Read by what the house says of names now; return what tells this way of reading from others."""
        found = own_names(self.house.names)
        if found != self._own:
            made = entities.make(gazetteer_of(found))
            self.steps = [made if isinstance(one, entities.Entities) else one for one in self.steps]
            self._own = found
        own = "-".join(filter(None, (amendments_print(found.amendments), *found.imports)))
        return f"{fingerprint(self.steps)} tags:{TAGS}" + (f" names:{own}" if own else "")

    @property
    def _names(self) -> frozenset[str]:
        return frozenset(step.name for step in self.steps)


def reading_of(
    known: StoredRevision,
    publisher: Publisher,
    found: Mapping[str, ItemFinding],
    name: str,
    gone: Sequence[tuple[ItemFinding, str, int]],
) -> ItemReading:
    """Return what lists and searches need of what was found."""
    said = known.item.said
    language = str(_body(found, "language").get("language") or said.language or publisher.language)
    relevant = _body(found, "relevance").get("is_relevant")
    return ItemReading(
        number=known.number,
        item=known.item,
        steps=name,
        findings=gone,
        joins=_joins_of(known, found),
        tags=tags_of(found),
        words=joined(stems(f"{said.title} {said.text}", language)),
        language=language,
        is_relevant=None if relevant is None else bool(relevant),
    )


def tags_of(found: Mapping[str, ItemFinding]) -> dict[str, list[str]]:
    """Return what an item is about, by kind."""
    named, topics = _body(found, "entities"), _body(found, "topics")
    weights = topics.get("topics") or {}
    told_in = story(found)
    status = _body(found, "reliability").get("status")
    return {
        "asset": [str(one) for one in named.get("assets") or ()],
        "entity": [str(one["id"]) for one in named.get("found") or ()],
        "unlisted": [str(one) for one in named.get("unlisted") or ()],
        "topic": [str(topic) for topic, weight in weights.items() if weight >= SURE],
        "story": [told_in] if told_in else [],
        "status": [str(status)] if status else [],
    }


def _joins_of(known: StoredRevision, found: Mapping[str, ItemFinding]) -> list[StoryJoin]:
    item, kept = known.item, story(found)
    return [
        StoryJoin(
            str(one["story"]), kept, item.id, item.revision, item.ts_seen, str(one["by"]), tuple(one["signs"])
        )
        for one in joins(found)
    ]


def _body(found: Mapping[str, ItemFinding], step: str) -> Mapping[str, Any]:
    return found[step].body if step in found else {}
