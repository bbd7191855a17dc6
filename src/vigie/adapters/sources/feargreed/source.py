"""alternative.me: one value a UTC day, 0 extreme fear to 100 extreme greed.

https://alternative.me/crypto/fear-and-greed-index/#api, shapes read in public code. Weights of the index were
changed over time; surveys are paused. A day's value is published at its beginning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.adapters.sources.site import Feed, Site, number, some
from vigie.domain.fact import Measure, Observation
from vigie.domain.refusal import Refusal
from vigie.ports.source import Batch, Source

SERIES: Final = "sentiment/fear_greed_index"
_ALL: Final = 0
_RECENT: Final = 10


def open_feeds(site: Site) -> Mapping[str, Source]:
    """Return the feeds by name."""
    kinds = (
        Measure(
            SERIES,
            "Fear and greed index",
            "index",
            site.manifest.id,
            "Market mood, from 0 (extreme fear) to 100 (extreme greed), based on volatility, momentum, "
            "social media, dominance and searches.",
            delay="one value a day, at 00:00 UTC",
        ),
    )
    return {"index": Feed(site, "index", _pull_index, kinds)}


async def _pull_index(site: Site, bookmark: str) -> Batch:
    limit = _RECENT if bookmark else _ALL
    answer = await site.json("/fng/", dict, params={"limit": limit, "format": "json"})
    error = (answer.get("metadata") or {}).get("error")
    if error:
        raise ValueError(error)
    now = site.now()
    days = [int(row["timestamp"]) * 1_000 for row in some(answer["data"], "values")]
    rows = []
    for row in answer["data"]:
        value, ts = number(row["value"]), int(row["timestamp"]) * 1_000
        if not 0 <= value <= 100:
            raise ValueError(Refusal("bad_index", "index must be 0..100, was {value}", value=value))
        # Published at the beginning of its day; the newest may still be corrected, so it counts from when we saw it.
        rows.append(Observation(SERIES, ts, now if ts == max(days) else ts, value))
    return Batch(observations=rows, bookmark=str(max(days)))
