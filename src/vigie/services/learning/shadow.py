"""Models in the shadow: they decide on each new bar as an account would, and trade nothing.

What was said is kept with the bars it was said on; saying it again of the stored bars must give the same.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import numpy as np

from vigie.data.decided_bars import bars_fingerprint
from vigie.data.feature_columns import other_series
from vigie.data.feature_names import find_feature_names
from vigie.data.features import add_features
from vigie.data.live_history import bars_until
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import VigieError
from vigie.domain.ids import SeriesId
from vigie.domain.job import SHADOW
from vigie.domain.learned import LearnedFit, LearnedModel, ShadowDecision
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY
from vigie.engine.judgement import judge
from vigie.engine.signals import make_flags
from vigie.ports.jobs import JobQueue
from vigie.ports.learned_models import LearnedModels
from vigie.quant.models.model_kind import require_library
from vigie.services.learning.evaluation_request import EvaluationRequest
from vigie.services.learning.library_strategy import library_strategy
from vigie.services.learning.model_files import StoredModel, read_stored_model
from vigie.services.learning.model_strategy import (
    ODDS_OF_RISE,
    ODDS_OF_TARGET,
    load_model_strategy,
    needs_library,
    strategy_of,
)
from vigie.services.learning.training import TrainingHome, find_fit, request_of
from vigie.trading.loaded_strategy import Strategy

# As many bars as an account keeps at least; the same at each close, so that a replay reads the same.
HISTORY_BARS: Final = 5_000
LOOK_S: Final = 2.0
# Bars of others are waited for as long as this part of a bar: without them nothing is said at that close.
_PATIENCE: Final = 10
_DIGITS: Final = 16
# One shadow close in this many may differ from its replay because its bars were corrected since.
CORRECTED_PART: Final = 10
# Among so many of its owner's newest jobs an order that was given already is looked for.
NEWEST_JOBS: Final = 200


@dataclass(frozen=True, slots=True)
class ShadowMarket:
    """Bars that a model was learned from and decides on.

    Attributes
    ----------
    series : SeriesId
    noted_as : str
        The instrument of its decisions as they are kept: empty where a model has one market.
    """

    series: SeriesId
    noted_as: str


def model_markets(models: LearnedModels, name: str) -> tuple[ShadowMarket, ...]:
    """Return the markets that a model decides on."""
    experiment = models.experiment(name)
    assert experiment is not None  # entered with its first fit
    request = request_of(experiment)
    return tuple(
        ShadowMarket(SeriesId(request.venue, instrument, request.timeframe), shadow_name(request, instrument))
        for instrument in request.instruments
    )


def shadow_name(request: EvaluationRequest, instrument: str) -> str:
    """Return the instrument of decisions as they are kept: empty where a model has one market."""
    return instrument if request.pooled_with else ""


def decide_at(
    parts: TrainingHome,
    strategy: Strategy,
    market: ShadowMarket,
    ts_bar: int,
    explained: StoredModel | None = None,
) -> ShadowDecision | None:
    """Return what a strategy says at the close of a stored bar; None where the bar is not stored.

    Parameters
    ----------
    explained : StoredModel, optional
        The model that it is: its largest effects at that bar are told, too. Needed where no file has the strategy.

    Raises
    ------
    UsageError
        If its file raises, or gives no answer.
    """
    series = market.series
    start = ts_bar - (HISTORY_BARS - 1) * series.span_ms
    bars = bars_until(parts.data.bars, series, start, ts_bar + series.span_ms)
    if not len(bars) or int(bars.ts[-1]) != ts_bar:
        return None
    names = _feature_names(strategy, explained)
    # Before the columns: what is corrected in between counts as corrected, never as another answer.
    fingerprint = _fingerprint(parts, bars, series, names)
    seen = _with_features(parts, bars, names)
    criteria = judge(strategy, seen, strategy.defaults())
    # Both sides compare the same log-odds with their thresholds.
    compared = [
        one for one in (*criteria.long, *criteria.short) if one.name in (ODDS_OF_RISE, ODDS_OF_TARGET)
    ]
    odds = float(compared[0].read().value[-1]) if compared else float("nan")
    return ShadowDecision(
        ts_bar,
        int(make_flags(criteria, len(seen))[-1]),
        odds if np.isfinite(odds) else None,
        fingerprint[:_DIGITS],
        () if explained is None else explained.largest_effects(_newest_row(seen, explained)),
        market.noted_as,
    )


def shadow_strategy(parts: TrainingHome, fit: LearnedFit, stored: StoredModel) -> Strategy:
    """Return what decides for a model in the shadow; of one that a library scores, only a job may ask it."""
    if needs_library(stored.card):
        return library_strategy(stored)
    return load_model_strategy(parts.results, fit)


def note_decision(
    parts: TrainingHome,
    fit: LearnedFit,
    stored: StoredModel,
    market: ShadowMarket,
    ts_bar: int,
    *,
    is_whole: bool,
) -> ShadowDecision | None:
    """Have a model decide at the close of a bar, and keep what it says; None where the bar is not stored.

    Parameters
    ----------
    is_whole : bool
        Whether the bars of all others that it reads are there: else it says nothing.
    """
    decision = decide_at(parts, shadow_strategy(parts, fit, stored), market, ts_bar, stored)
    if decision is None:
        return None
    if not is_whole:
        # A market of fewer instruments is another one, and a replay with the late bars would not make it again.
        decision = replace(decision, flags=0, log_odds=None, effects=())
    parts.models.note_shadow(fit.experiment, fit.version, decision)
    return decision


def lacks_others(parts: TrainingHome, stored: StoredModel, series: SeriesId, ts_bar: int) -> bool:
    """Tell whether bars of others that a model reads are not there at a close."""
    store, end = parts.data.bars, ts_bar + series.span_ms
    others = other_series({series: stored.card.features})
    return not all(len(bars_until(store, other, ts_bar, end)) for other in others)


def _with_features(parts: TrainingHome, bars: Bars, names: Sequence[str]) -> Bars:
    return bars if parts.data.facts is None else add_features(bars, parts.data.bars, parts.data.facts, names)


def _fingerprint(parts: TrainingHome, bars: Bars, series: SeriesId, names: Sequence[str]) -> str:
    """Return the digest of the bars that are read, those of others that columns read included."""
    own, others = bars_fingerprint(bars), other_series({series: names})
    if not others:
        return own
    start, end = int(bars.ts[0]), int(bars.ts[-1]) + bars.span_ms
    prints = [bars_fingerprint(bars_until(parts.data.bars, other, start, end)) for other in others]
    return hashlib.sha256("\n".join((own, *prints)).encode("ascii")).hexdigest()


def _feature_names(strategy: Strategy, explained: StoredModel | None) -> tuple[str, ...]:
    return find_feature_names(strategy.path) if explained is None else explained.card.features


def _newest_row(bars: Bars, model: StoredModel) -> FloatArray:
    """Return what a model reads at the newest bar."""
    return np.array([bars.feature(name)[-1] for name in model.card.features])


def note_past(parts: TrainingHome, model: LearnedModel, closes: int, *, entries_ms: int = 0) -> int:
    """Have a model decide at the newest closes that are stored, as it would have; return how many were noted.

    What only a demonstration does: elsewhere a shadow waits for bars that nobody knew when it was promoted.

    Parameters
    ----------
    entries_ms : int
        In so long a time before now, it decides at each close at which it enters, too.
    """
    fit = find_fit(parts.models, model.name, model.version)
    strategy, stored = load_model_strategy(parts.results, fit), read_stored_model(parts.home, fit)
    count = 0
    for market in model_markets(parts.models, model.name):
        span = market.series.span_ms
        now = parts.data.clock.market_now() // span * span
        kept = parts.models.shadow(model.name, model.version, instrument=market.noted_as)
        noted = {said.ts_bar for said in kept}
        first = now - closes * span
        entries = _entry_times(parts, strategy, stored, market.series, now - entries_ms, first)
        for ts_bar in (*entries, *range(first, now, span)):
            decision = None if ts_bar in noted else decide_at(parts, strategy, market, ts_bar, stored)
            if decision is not None:
                parts.models.note_shadow(model.name, model.version, decision)
                count += 1
    return count


def _entry_times(
    parts: TrainingHome, strategy: Strategy, stored: StoredModel, series: SeriesId, from_ms: int, end_ms: int
) -> list[int]:
    """Return the stored bars of a time, by their open times, at whose close a model enters."""
    if from_ms >= end_ms:
        return []
    bars = bars_until(parts.data.bars, series, from_ms - HISTORY_BARS * series.span_ms, end_ms)
    flags = make_flags(
        judge(strategy, _with_features(parts, bars, stored.card.features), strategy.defaults()), len(bars)
    )
    is_entry = (flags & np.uint8(LONG_ENTRY | SHORT_ENTRY)) != 0
    return [int(ts) for ts in bars.ts[is_entry & (bars.ts >= from_ms)]]


class ReplayedShadow(NamedTuple):
    """What comes of saying the newest closes of a shadow again of the stored bars.

    Attributes
    ----------
    closes : int
        How many count, at most as many as were asked for: the same is said again.
    differs : int or None
        The newest bar, by its open time, of which something else is said of the same bars; None where none is.
    corrected : int
        Of which something else is said, and bars were corrected, or came, since: these count for nothing, and few may.
    """

    closes: int
    differs: int | None
    corrected: int = 0


def replay_shadow(
    parts: TrainingHome, model: LearnedModel, market: ShadowMarket, closes: int
) -> ReplayedShadow:
    """Say the newest closes of a model's shadow in a market again; where a column was not known nothing was said.

    One close in `CORRECTED_PART` may be of bars that were corrected since: an older one counts in its place.
    """
    noted = parts.models.shadow(model.name, model.version, instrument=market.noted_as)
    kept = [said for said in noted if said.log_odds is not None]
    if not kept:
        return ReplayedShadow(0, None)
    fit = find_fit(parts.models, model.name, model.version)
    stored = read_stored_model(parts.home, fit)
    strategy = shadow_strategy(parts, fit, stored)
    count = corrected = 0
    for said in reversed(kept[-(closes + closes // CORRECTED_PART) :]):
        again = decide_at(parts, strategy, market, said.ts_bar, stored)
        if again is not None and (again.flags, again.log_odds) == (said.flags, said.log_odds):
            count += 1
        elif again is not None and again.bars == said.bars:
            return ReplayedShadow(count, said.ts_bar, corrected)
        else:
            corrected += 1
        if count == closes:
            break
    return ReplayedShadow(count, None, corrected)


@dataclass(slots=True)
class ShadowFollower:
    """Has every model in the shadow decide on each new bar, until it is told to stop.

    What only a library scores is asked in a job: this goes on all day, and loads no library that learns.

    Attributes
    ----------
    parts : TrainingHome
    jobs : JobQueue
    say : callable
        Told what went wrong with a model, once for each reason; it is tried again at the next bar.
    """

    parts: TrainingHome
    jobs: JobQueue
    say: Callable[[str], None] = print
    _decided: dict[tuple[str, int, str], int] = field(default_factory=dict)
    _said: dict[tuple[str, str], str] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Ask it to end."""
        self._stopping.set()

    def run(self) -> None:
        """Follow until `stop`."""
        while not self._stopping.is_set():
            try:
                self.follow_once()
            except Exception as fault:  # noqa: BLE001 - the edge of a task: it is tried again
                self.say(f"models in the shadow cannot be followed: {fault!r}")
            self._stopping.wait(LOOK_S)

    def follow_once(self) -> int:
        """Decide on bars that are new, and return how many decisions that makes."""
        made = 0
        for model in self.parts.models.models():
            if model.stage == "candidate":
                continue
            for market in model_markets(self.parts.models, model.name):
                try:
                    made += self._follow(model, market)
                except VigieError as fault:  # the edge of a task: one market does not hold up the others
                    self._report(model, market, fault)
        return made

    def _follow(self, model: LearnedModel, market: ShadowMarket) -> int:
        series = market.series
        now = self.parts.data.clock.market_now()
        ts_bar = now // series.span_ms * series.span_ms - series.span_ms
        key = (model.name, model.version, market.noted_as)
        if self._decided.get(key, -1) >= ts_bar:
            return 0
        fit = find_fit(self.parts.models, model.name, model.version)
        stored = read_stored_model(self.parts.home, fit)
        is_whole = not lacks_others(self.parts, stored, series, ts_bar)
        if not is_whole and now - (ts_bar + series.span_ms) < series.span_ms // _PATIENCE:
            return 0
        if library := needs_library(stored.card):
            require_library(library)
            made = 0
            if not self._order(model, fit, market, ts_bar):
                return 0
        else:
            made = 1
            if note_decision(self.parts, fit, stored, market, ts_bar, is_whole=is_whole) is None:
                return 0  # not stored yet: at the next look
        self._decided[key] = ts_bar
        self._said.pop((model.name, market.noted_as), None)
        return made

    def _order(self, model: LearnedModel, fit: LearnedFit, market: ShadowMarket, ts_bar: int) -> bool:
        """Have a job decide at the close of a bar, once; return whether the bar is stored."""
        end = ts_bar + market.series.span_ms
        if not len(bars_until(self.parts.data.bars, market.series, ts_bar, end)):
            return False
        name, version, noted_as = model.name, model.version, market.noted_as
        ask = {"name": name, "version": version, "ts_bar": ts_bar, "instrument": noted_as}
        # Another worker, or this one before it began anew, may have seen the bar first.
        newest = self.jobs.list(owner=fit.owner, limit=NEWEST_JOBS)
        is_ordered = any(job.kind == SHADOW and job.ask == ask for job in newest)
        if not is_ordered and not self.parts.models.shadow(name, version, instrument=noted_as, ts_bar=ts_bar):
            self.jobs.put(SHADOW, ask, owner=fit.owner)
        return True

    def _report(self, model: LearnedModel, market: ShadowMarket, fault: VigieError) -> None:
        text = f"{strategy_of(find_fit(self.parts.models, model.name, model.version))}: {fault}"
        key = (model.name, market.noted_as)
        if self._said.get(key) != text:
            self._said[key] = text
            self.say(text)
