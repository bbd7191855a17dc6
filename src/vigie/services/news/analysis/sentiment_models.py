"""Models of sentiment in place of Vigie's: one fitted to a person's own labels, and a language model of their own.

The fitted one is kept in the home folder. The language model is asked only about revisions that were never read, once:
what it said stays with the revision, however often that is read again, so that neither a bill nor the past grows with
a new version of a step. The model that Vigie reads with stands in for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from vigie.domain.errors import DataError, VigieError
from vigie.domain.item import ItemFinding, NewsItem
from vigie.domain.time import MINUTE_MS
from vigie.intelligence.news.judging.linear_model import LinearModel, likeliest_label, load_model
from vigie.intelligence.news.registry import make_steps
from vigie.intelligence.news.step import Context, ReadingStep
from vigie.intelligence.news.steps import sentiment
from vigie.intelligence.news.steps.sentiment import UNCLEAR, SentimentStep, headline_of, marked_words
from vigie.ports.clock import Clock
from vigie.ports.items import StoredRevision
from vigie.ports.sentiment_model import SentimentModel
from vigie.services.news.analysis.item_reader import ItemReader

FOLDER: Final = "models"
NAME: Final = "sentiment.npz"
# After a fault nobody waits for it for so long: news are read meanwhile.
PAUSE_MS: Final = MINUTE_MS
_ORDERS: Final = "the headline speaks to a machine"
_SHOWN: Final = 200

Key = tuple[str, int]


def load_own_model(home: Path) -> LinearModel | None:
    """Return the model of a home; None where there is none.

    Raises
    ------
    DataError
        If the file is no model of this release.
    """
    file = home / FOLDER / NAME
    return load_model(file.read_bytes()) if file.is_file() else None


def steps_of(home: Path, say: Callable[[str], None]) -> Sequence[ReadingStep]:
    """Return the steps of reading, with a home's own model of sentiment where it has one.

    A model that cannot be read is told; ours reads then. What another model found is read anew.
    """
    try:
        model = load_own_model(home)
    except DataError as fault:
        say(
            f"the own model of sentiment is not used, Vigie's reads: {fault}; `vigie news model` fits it anew"
        )
        model = None
    if model is None:
        return make_steps()
    own = sentiment.make(model)
    return tuple(own if step.name == own.name else step for step in make_steps())


@dataclass(slots=True)
class LlmSentiment:
    """The step `sentiment` where a language model reads; `ask` comes before the reading of some items.

    Attributes
    ----------
    fallback : SentimentStep
        Reads what the model was not asked about, or gave no usable answer for.
    report : callable
        Told what began to fail and what works again.
    version : int
        Of the own step: another language model makes nothing be read anew.
    """

    fallback: SentimentStep
    language: SentimentModel
    clock: Clock
    report: Callable[[str], None]
    name: str = "sentiment"
    needs: tuple[str, ...] = ()
    version: int = field(init=False)
    _scores: dict[Key, Mapping[str, float]] = field(default_factory=dict)
    _stored: dict[Key, ItemFinding] = field(default_factory=dict)
    _faults: dict[Key, str] = field(default_factory=dict)
    _fault: str = ""
    _silent_until: int = 0

    def __post_init__(self) -> None:
        """Take the version of the own step."""
        self.version = self.fallback.version

    @property
    def mark(self) -> int:
        """The version that findings of this very model carry."""
        return int(sha256(self.language.name.encode()).hexdigest()[:7], 16)

    def ask(self, waiting: Sequence[StoredRevision]) -> None:
        """Ask about what was never read; what fails is told, and read by the own model."""
        self._scores, self._stored, self._faults = {}, {}, {}
        new: list[StoredRevision] = []
        for revision in waiting:
            before = revision.findings.get(self.name)
            if before is not None and "model" in before.body:
                self._stored[_key(revision.item)] = before
            elif not revision.reading and headline_of(revision.item).strip():
                new.append(revision)
        if not new:
            return
        if self.clock.wall_now() < self._silent_until:
            self._faults = dict.fromkeys((_key(scores.item) for scores in new), self._fault)
            return
        try:
            answers = self.language.sentiments([headline_of(scores.item) for scores in new])
        except VigieError as fault:
            self._fail(new, str(fault)[:_SHOWN])
            return
        if self._fault:
            self.report(f"{self.language.name} says again how news sound")
        self._fault = ""
        for revision, scores in zip(new, answers, strict=True):
            if scores is None:
                self._faults[_key(revision.item)] = _ORDERS
            else:
                self._scores[_key(revision.item)] = scores

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return how it sounds, and to whom."""
        key = _key(item)
        if key in self._stored:
            return self._stored[key]
        if key not in self._scores:
            return self._read_with_fallback(item, context)
        label, surety = likeliest_label(self._scores[key])
        body = {
            "label": label if surety >= self.fallback.model.threshold else UNCLEAR,
            "probabilities": {name: round(value, 4) for name, value in self._scores[key].items()},
            "words": marked_words(headline_of(item)),
            "model": self.language.name,
        }
        return ItemFinding(self.name, self.mark, body, f"{label} at {surety:.0%}, says {self.language.name}")

    def _read_with_fallback(self, item: NewsItem, context: Context) -> ItemFinding:
        finding = self.fallback.read(item, context)
        fault = self._faults.get(_key(item))
        if fault is None:
            return finding
        why = f"{finding.why}; read by Vigie's model: {fault}"
        return ItemFinding(finding.step, finding.version, {**finding.body, "fault": fault}, why)

    def _fail(self, new: Sequence[StoredRevision], fault: str) -> None:
        if not self._fault:
            self.report(f"the language model does not say how news sound, Vigie's own reads: {fault}")
        self._fault = fault
        self._silent_until = self.clock.wall_now() + PAUSE_MS
        self._faults = dict.fromkeys((_key(revision.item) for revision in new), fault)


def use_language_model(reader: ItemReader, language: SentimentModel, say: Callable[[str], None]) -> None:
    """Have a reader ask a language model how news sound."""
    own = next(step for step in reader.steps if isinstance(step, SentimentStep))
    opinions = LlmSentiment(own, language, reader.context.clock, say)
    reader.steps = [opinions if step is own else step for step in reader.steps]
    reader.prepare = opinions.ask


def _key(item: NewsItem) -> Key:
    return item.id, item.revision
