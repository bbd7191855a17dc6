"""What rules about spikes in the news would have told: the same figures, at each hour, of items seen by then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vigie.data.catalog import BarCatalog
from vigie.domain.alert import AlertEvent
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.clock import Clock
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import ItemStore, StoredRevision
from vigie.ports.names import NameStore
from vigie.services.alerting.preview.past_events import DAYS, PastEvents, at_time, look_times
from vigie.services.alerting.watching import spikes
from vigie.services.alerting.watching.condition_state import ConditionState
from vigie.services.news.entities.naming import asset_names

# Of an asset; a home that holds more says so.
MOST: Final = 5_000
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class _ItemHistory:
    """Items of an asset by when they were seen: sums of their tones, so that any span is two lookups.

    Attributes
    ----------
    tone_counts : int64 array
        How many so far have a tone.
    """

    ts: IntArray
    tones: FloatArray
    tone_counts: IntArray
    is_whole: bool

    def figures(self, measure: str, now: int) -> tuple[float, float] | None:
        """Return the figure of the day before a time and the usual one; None where there is too little to say."""
        first, middle, last = np.searchsorted(
            self.ts, (now - spikes.DAYS * DAY_MS, now - DAY_MS, now)
        ).tolist()
        if measure == "items":
            return float(last - middle), (middle - first) / (spikes.DAYS - 1)
        count = self.tone_counts
        recent, earlier = int(count[last] - count[middle]), int(count[middle] - count[first])
        if min(recent, earlier) < spikes.LEAST:
            return None
        sums = self.tones
        return (sums[last] - sums[middle]) / recent, (sums[middle] - sums[first]) / earlier


def find_spike_events(
    catalog: BarCatalog,
    items: ItemStore,
    name_store: NameStore,
    clock: Clock,
    when: Mapping[str, tuple[str, ...]],
) -> PastEvents:
    """Return of which assets more was written than usual, or in another tone."""
    now = clock.market_now()
    histories = {item: _load_history(items, item, now) for item in when.get("assets", ())}
    names = dict(zip(histories, asset_names(catalog, name_store, list(histories)), strict=True))
    events: list[AlertEvent] = []
    for subject in when.get("subject", ()):
        measure, bound = subject.split(">")
        state = ConditionState()
        for ts in look_times(now, HOUR_MS):
            figures = {item: history.figures(measure, ts) for item, history in histories.items()}
            holds = {
                item: spikes.is_spike(measure, *both, float(bound)) for item, both in figures.items() if both
            }
            events += [
                at_time(item, ts) for item in spikes.find_changes(subject, figures, holds, state, ts, names)
            ]
            state.is_new = False
    events.sort(key=lambda item: -item.ts_seen)
    firsts = [int(item.ts[0]) for item in histories.values() if len(item.ts)]
    begins = min(firsts, default=None)
    return PastEvents(
        events,
        sum(len(item.ts) for item in histories.values()),
        all(item.is_whole for item in histories.values()),
        HOUR_MS,
        begins if begins is not None and begins > now - DAYS * DAY_MS else None,
        [item for item, history in histories.items() if not len(history.ts)],
    )


def _load_history(items: ItemStore, asset: str, now: int) -> _ItemHistory:
    query = ItemQuery(
        tags={"asset": asset}, is_relevant=True, after_ms=now - (DAYS + spikes.DAYS) * DAY_MS, limit=_PAGE
    )
    revisions: list[StoredRevision] = []
    while len(revisions) < MOST and (page := items.query(query)):
        revisions += page
        last = page[-1].item
        query = replace(query, cursor=(last.ts, last.id))
    rows = sorted(
        (max(item.item.ts, item.item.ts_first_seen), spikes.tone_of(item), spikes.has_tone(item))
        for item in revisions
    )
    tones = np.concatenate([[0.0], np.cumsum([tone for _, tone, _ in rows])])
    tone_counts = np.concatenate([[0], np.cumsum([is_heard for *_, is_heard in rows])]).astype(np.int64)
    return _ItemHistory(
        np.array([ts for ts, *_ in rows], np.int64), tones, tone_counts, len(revisions) < MOST
    )
