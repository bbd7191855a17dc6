"""mempool.space: what a Bitcoin transaction costs now, and how much is mined.

https://mempool.space/docs/api/rest, read in copies of 2025. The hash rate is an estimate from the blocks of a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.adapters.sources.site import Feed, Site, number, some
from vigie.domain.fact import Measure, Observation
from vigie.domain.time import MINUTE_MS, SECOND_MS
from vigie.ports.source import Batch, Source

_SERIES_PREFIX: Final = "onchain/bitcoin"


def open_feeds(site: Site) -> Mapping[str, Source]:
    """Return the feeds by name."""
    source = site.manifest.id
    fees = (
        Measure(
            f"{_SERIES_PREFIX}/fee_fast_sat_vb",
            "Next-block fee",
            "sat_vb",
            source,
            "What a transaction pays to be in the next block.",
        ),
        Measure(
            f"{_SERIES_PREFIX}/fee_hour_sat_vb",
            "1-hour fee",
            "sat_vb",
            source,
            "What a transaction pays to be in a block within an hour.",
        ),
    )
    mining = (
        Measure(
            f"{_SERIES_PREFIX}/hashrate_hs",
            "Hash rate",
            "hashes_s",
            source,
            "Computing power that secures Bitcoin, estimated from the blocks of one day.",
            "blocks found x difficulty x 2^32 / seconds",
            "a day",
        ),
        Measure(
            f"{_SERIES_PREFIX}/difficulty",
            "Difficulty",
            "count",
            source,
            "How hard it is to find a block; adjusted every 2,016 blocks.",
        ),
    )
    return {
        "fees": Feed(site, "fees", _pull_fees, fees),
        "mining": Feed(site, "mining", _pull_mining, mining),
    }


async def _pull_fees(site: Site, _bookmark: str) -> Batch:
    answer = await site.json("/v1/fees/recommended", dict)
    now = site.now()
    ts = now // MINUTE_MS * MINUTE_MS
    facts = [
        Observation(f"{_SERIES_PREFIX}/{name}", ts, now, number(answer[key]))
        for name, key in (("fee_fast_sat_vb", "fastestFee"), ("fee_hour_sat_vb", "hourFee"))
    ]
    return Batch(observations=facts, documents=[("fees", answer)], bookmark=str(ts))


async def _pull_mining(site: Site, bookmark: str) -> Batch:
    answer = await site.json(f"/v1/mining/hashrate/{'1m' if bookmark else '3y'}", dict)
    now = site.now()
    facts = _make_facts("hashrate_hs", some(answer["hashrates"], "days"), ("timestamp", "avgHashrate"), now)
    facts += _make_facts("difficulty", answer["difficulty"], ("time", "difficulty"), now)
    adjustment = await site.json("/v1/difficulty-adjustment", dict)
    return Batch(observations=facts, documents=[("difficulty_adjustment", adjustment)], bookmark=str(now))


def _make_facts(measure: str, rows: Any, keys: tuple[str, str], now: int) -> list[Observation]:
    time, value = keys
    return [
        Observation(f"{_SERIES_PREFIX}/{measure}", int(row[time]) * SECOND_MS, now, number(row[value]))
        for row in rows
    ]
