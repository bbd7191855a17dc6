"""Which features the strategies of a run read: names that exist, and values on the bars that are traded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from vigie.data.feature_columns import find_column, is_column, nearest_column
from vigie.data.feature_names import find_feature_names
from vigie.data.features import FUNDING_RATE, feature_exists, feature_series, nearest_feature
from vigie.domain.errors import UsageError
from vigie.engine.run import PlannedSlot, Run
from vigie.intelligence.news.gazetteer.entries import GazetteerEntry, load_packaged
from vigie.intelligence.news.judging.rows import TOPICS
from vigie.ports.facts import FactStore
from vigie.services.market_data.derived_measures import DERIVED_MEASURES

_COIN: Final = "coin:"

Patterns = Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class FeatureWithoutValues:
    """A feature that a strategy reads and that has no value on the bars of a series that are traded."""

    strategy: str
    feature: str
    series: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.feature} on {self.series}, read by {self.strategy}"


def strategy_features(
    path: str | Path,
    *,
    series: Patterns | None = None,
    facts: FactStore | None = None,
    provided: Collection[str] = (),
) -> tuple[str, ...]:
    """Return the features that a strategy's file reads; each of them exists.

    Parameters
    ----------
    path : str or Path
        The strategy's file.
    series : callable, optional
        Returns the patterns of the series that connectors write; asked only where a name needs it. Without it a name
        is judged by its form.
    facts : FactStore, optional
        A feature of which something is stored exists, whatever wrote it.
    provided : collection of str
        Features that the bars bring along.

    Raises
    ------
    UsageError
        If one does not exist; with the nearest one that does.
    """
    names = find_feature_names(path)
    for name in names:
        if name == FUNDING_RATE or name in provided or find_column(name) is not None:
            continue
        patterns = (*(series() if series else ()), *_computed_series())
        stored = feature_series(name)
        if stored and (series is None or feature_exists(name, patterns, _coin_ids())):
            continue
        if stored and facts is not None and facts.latest([stored]):
            continue
        raise UsageError(
            "reads_feature",
            "{name} reads the feature {name_2!r}, which does not exist; the nearest is {name_3!r}",
            name=Path(path).name,
            name_2=name,
            name_3=nearest_column(name) if is_column(name) else nearest_feature(name, patterns),
        )
    return names


@cache
def _computed_series() -> tuple[str, ...]:
    """Return the patterns of the series that are computed from news and prices, topics by name."""
    patterns = [measure.pattern for measure in DERIVED_MEASURES]
    return tuple(
        pattern.replace("topic_*", f"topic_{topic}")
        for pattern in patterns
        for topic in (TOPICS if "topic_*" in pattern else ("",))
    )


@cache
def _coin_ids() -> frozenset[str]:
    return frozenset(
        entry.id.removeprefix(_COIN)
        for entry in load_packaged()
        if isinstance(entry, GazetteerEntry) and entry.id.startswith(_COIN)
    )


def _reads_volume(path: str) -> bool:
    return bool(path) and "volume" in Path(path).read_text(encoding="utf-8", errors="replace")


def find_empty_features(plans: Iterable[PlannedSlot]) -> tuple[FeatureWithoutValues, ...]:
    """Return the features without any value on the bars that were traded, each once a series.

    A volume that is unknown is told of strategies whose file speaks of it.
    """
    empty = []
    for plan in plans:
        if np.isnan(plan.bars.volume[plan.first :]).all() and _reads_volume(plan.strategy.path):
            series = f"{plan.slot.instrument}/{plan.slot.timeframe}"
            empty.append(FeatureWithoutValues(plan.strategy.name, "volume", series))
        for name in find_feature_names(plan.strategy.path) if plan.strategy.path else ():
            if np.isnan(plan.bars.feature(name)[plan.first :]).all():
                series = f"{plan.slot.instrument}/{plan.slot.timeframe}"
                empty.append(FeatureWithoutValues(plan.strategy.name, name, series))
    return tuple(dict.fromkeys(empty))


def find_empty_features_of_run(run: Run) -> tuple[FeatureWithoutValues, ...]:
    """Return what `find_empty_features` finds in the slots of a run."""
    return find_empty_features(slot.plan for slot in run.slots)
