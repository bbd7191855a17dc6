"""The hash rate of a pool, one value a UTC day, read with a key."""

from __future__ import annotations

from collections.abc import Mapping

from vigie.adapters.sources.site import Feed, Site, number, some
from vigie.domain.fact import Measure, Observation
from vigie.ports.source import Batch, Source

SERIES = "onchain/example_pool/hash_rate"


def open_feeds(site: Site) -> Mapping[str, Source]:
    """Return the feeds by name: those of the manifest."""
    kinds = (
        Measure(
            SERIES,
            "Hash rate of a pool",
            "count",
            site.manifest.id,
            "Hashes a second.",
            delay="one value a day",
        ),
    )
    return {"daily": Feed(site, "daily", _pull_daily, kinds)}


async def _pull_daily(site: Site, bookmark: str) -> Batch:
    rows = some(await site.json("/v1/hash-rate", list, headers={"x-key": site.key}), "values")
    now = site.now()
    days = [(int(row["day"]) * 1_000, number(row["hash_rate"])) for row in rows]
    facts = [Observation(SERIES, ts, now, value) for ts, value in days if int(bookmark or 0) <= ts <= now]
    return Batch(observations=facts, bookmark=str(max(ts for ts, _ in days)))
