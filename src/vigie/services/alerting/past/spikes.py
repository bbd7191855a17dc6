"""What rules about spikes in the news would have told: the same figures, at each hour, of items seen by then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vigie.domain.alert import AlertEvent
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.items import ItemQuery, StoredRevision
from vigie.services.alerting.past.looked import DAYS, Looked, at, looks
from vigie.services.alerting.watching import spikes
from vigie.services.alerting.watching.standing import Standing
from vigie.services.house import House
from vigie.services.news.naming import asset_names

# Of an asset; a home that holds more says so.
MOST: Final = 5_000
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class _Written:
    """Items of an asset by when they were seen: sums of their tones, so that any span is two lookups.

    Attributes
    ----------
    heard : int64 array
        How many so far have a tone.
    """

    ts: IntArray
    tones: FloatArray
    heard: IntArray
    is_whole: bool

    def figures(self, word: str, now: int) -> tuple[float, float] | None:
        """Return the figure of the day before a time and the usual one; None where there is too little to say."""
        first, middle, last = np.searchsorted(
            self.ts, (now - spikes.DAYS * DAY_MS, now - DAY_MS, now)
        ).tolist()
        if word == "items":
            return float(last - middle), (middle - first) / (spikes.DAYS - 1)
        count = self.heard
        recent, earlier = int(count[last] - count[middle]), int(count[middle] - count[first])
        if min(recent, earlier) < spikes.LEAST:
            return None
        sums = self.tones
        return (sums[last] - sums[middle]) / recent, (sums[middle] - sums[first]) / earlier


def of_spikes(house: House, when: Mapping[str, tuple[str, ...]]) -> Looked:
    """Return of which assets more was written than usual, or in another tone."""
    now = house.clock.market_now()
    written = {one: _written(house, one, now) for one in when.get("assets", ())}
    names = dict(zip(written, asset_names(house, list(written)), strict=True))
    found: list[AlertEvent] = []
    for subject in when.get("subject", ()):
        word, bound = subject.split(">")
        standing = Standing()
        for ts in looks(now, HOUR_MS):
            told = {one: held.figures(word, ts) for one, held in written.items()}
            holds = {one: spikes.passes(word, *both, float(bound)) for one, both in told.items() if both}
            found += [at(one, ts) for one in spikes.found_in(subject, told, holds, standing, ts, names)]
            standing.is_new = False
    found.sort(key=lambda one: -one.ts_seen)
    firsts = [int(one.ts[0]) for one in written.values() if len(one.ts)]
    begins = min(firsts, default=None)
    return Looked(
        found,
        sum(len(one.ts) for one in written.values()),
        all(one.is_whole for one in written.values()),
        HOUR_MS,
        begins if begins is not None and begins > now - DAYS * DAY_MS else None,
        [one for one, held in written.items() if not len(held.ts)],
    )


def _written(house: House, asset: str, now: int) -> _Written:
    ask = ItemQuery(
        tags={"asset": asset}, is_relevant=True, after_ms=now - (DAYS + spikes.DAYS) * DAY_MS, limit=_PAGE
    )
    known: list[StoredRevision] = []
    while len(known) < MOST and (page := house.items.query(ask)):
        known += page
        last = page[-1].item
        ask = replace(ask, cursor=(last.ts, last.id))
    rows = sorted(
        (max(one.item.ts, one.item.ts_first_seen), spikes.tone_of(one), spikes.is_heard(one)) for one in known
    )
    tones = np.concatenate([[0.0], np.cumsum([tone for _, tone, _ in rows])])
    heard = np.concatenate([[0], np.cumsum([is_heard for *_, is_heard in rows])]).astype(np.int64)
    return _Written(np.array([ts for ts, *_ in rows], np.int64), tones, heard, len(known) < MOST)
