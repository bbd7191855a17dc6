"""Sentiment as a language model of a person's own hears it; the model that Vigie reads with stands in for it.

Only revisions that were never read are asked about, once: what it said stays with the revision, however often that is
read again, so that neither a bill nor the past grows with a new version of a step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from vigie.domain.errors import VigieError
from vigie.domain.item import ItemFinding, NewsItem
from vigie.domain.time import MINUTE_MS
from vigie.intelligence.news.judging.linear import likeliest
from vigie.intelligence.news.step import Context
from vigie.intelligence.news.steps.sentiment import UNCLEAR, Sentiment, headline, marked_words
from vigie.ports.clock import Clock
from vigie.ports.items import StoredRevision
from vigie.ports.sentiment_model import SentimentModel
from vigie.services.news.reading import Reader

# After a fault nobody waits for it for so long: news are read meanwhile.
PAUSE_MS: Final = MINUTE_MS
_ORDERS: Final = "the headline speaks to a machine"
_SHOWN: Final = 200

Key = tuple[str, int]


@dataclass(slots=True)
class Opinions:
    """The step `sentiment` where a language model reads; `ask` comes before the reading of some items.

    Attributes
    ----------
    own : Sentiment
        Reads what the model was not asked about, or gave no usable answer for.
    say : callable
        Told what began to fail and what works again.
    version : int
        Of the own step: another language model makes nothing be read anew.
    """

    own: Sentiment
    language: SentimentModel
    clock: Clock
    say: Callable[[str], None]
    name: str = "sentiment"
    needs: tuple[str, ...] = ()
    version: int = field(init=False)
    _heard: dict[Key, Mapping[str, float]] = field(default_factory=dict)
    _kept: dict[Key, ItemFinding] = field(default_factory=dict)
    _faults: dict[Key, str] = field(default_factory=dict)
    _fault: str = ""
    _silent_until: int = 0

    def __post_init__(self) -> None:
        """Take the version of the own step."""
        self.version = self.own.version

    @property
    def mark(self) -> int:
        """The version that findings of this very model carry."""
        return int(sha256(self.language.name.encode()).hexdigest()[:7], 16)

    def ask(self, waiting: Sequence[StoredRevision]) -> None:
        """Ask about what was never read; what fails is told, and read by the own model."""
        self._heard, self._kept, self._faults = {}, {}, {}
        new: list[StoredRevision] = []
        for known in waiting:
            before = known.findings.get(self.name)
            if before is not None and "model" in before.body:
                self._kept[_key(known.item)] = before
            elif not known.reading and headline(known.item).strip():
                new.append(known)
        if not new:
            return
        if self.clock.wall_now() < self._silent_until:
            self._faults = dict.fromkeys((_key(one.item) for one in new), self._fault)
            return
        try:
            found = self.language.sentiments([headline(one.item) for one in new])
        except VigieError as fault:
            self._fail(new, str(fault)[:_SHOWN])
            return
        if self._fault:
            self.say(f"{self.language.name} says again how news sound")
        self._fault = ""
        for known, one in zip(new, found, strict=True):
            if one is None:
                self._faults[_key(known.item)] = _ORDERS
            else:
                self._heard[_key(known.item)] = one

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return how it sounds, and to whom."""
        key = _key(item)
        if key in self._kept:
            return self._kept[key]
        if key not in self._heard:
            return self._own(item, context)
        label, surety = likeliest(self._heard[key])
        body = {
            "label": label if surety >= self.own.model.threshold else UNCLEAR,
            "probabilities": {name: round(value, 4) for name, value in self._heard[key].items()},
            "words": marked_words(headline(item)),
            "model": self.language.name,
        }
        return ItemFinding(self.name, self.mark, body, f"{label} at {surety:.0%}, says {self.language.name}")

    def _own(self, item: NewsItem, context: Context) -> ItemFinding:
        finding = self.own.read(item, context)
        fault = self._faults.get(_key(item))
        if fault is None:
            return finding
        why = f"{finding.why}; read by Vigie's model: {fault}"
        return ItemFinding(finding.step, finding.version, {**finding.body, "fault": fault}, why)

    def _fail(self, new: Sequence[StoredRevision], fault: str) -> None:
        if not self._fault:
            self.say(f"the language model does not say how news sound, Vigie's own reads: {fault}")
        self._fault = fault
        self._silent_until = self.clock.wall_now() + PAUSE_MS
        self._faults = dict.fromkeys((_key(one.item) for one in new), fault)


def hear(reader: Reader, language: SentimentModel, say: Callable[[str], None]) -> None:
    """Have a reader ask a language model how news sound."""
    own = next(one for one in reader.steps if isinstance(one, Sentiment))
    opinions = Opinions(own, language, reader.house.clock, say)
    reader.steps = [opinions if one is own else one for one in reader.steps]
    reader.prepare = opinions.ask


def _key(item: NewsItem) -> Key:
    return item.id, item.revision
