"""What changed since a visitor was last here: at most seven items, each with its number and its usual range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from pydantic import BaseModel, Field

from vigie.data.catalog import Catalog
from vigie.domain.bar import Bars
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.market.since import Change, Track, changed_since
from vigie.services.desk.today import CAP, DOMINANCE, FEAR, STABLE, watched_by
from vigie.services.house import House
from vigie.services.measuring.euros import euro_of
from vigie.services.measuring.gauge import Reading, closed
from vigie.services.measuring.series import values_of
from vigie.services.operation import Answer, Counted, operation

# Enough past for a usual range of changes over a day, and of a week where days are few.
PAST_MS: Final = 120 * DAY_MS
# Prices of the largest and of the watched assets are looked at.
LARGEST: Final = 12
TRACKED: Final = (
    (CAP, "cap", "usd", True),
    (DOMINANCE, "dominance", "fraction", False),
    (FEAR, "fear_greed", "index", False),
    (STABLE, "supply", "usd", True),
    ("defi/total/tvl_usd", "tvl", "usd", True),
    ("onchain/bitcoin/fee_fast_sat_vb", "fees", "sat_vb", True),
    ("volatility/bitcoin/dvol_index", "volatility", "index", False),
)


# What series without an asset are about.
SUBJECTS: Final[dict[str, dict[str, str]]] = {
    CAP: {"en": "the whole market", "fr": "tout le march\u00e9"},
    STABLE: {"en": "all stablecoins", "fr": "tous les stablecoins"},
    "defi/total/tvl_usd": {"en": "DeFi", "fr": "la DeFi"},
    DOMINANCE: dict.fromkeys(("en", "fr"), "Bitcoin"),
    "onchain/bitcoin/fee_fast_sat_vb": dict.fromkeys(("en", "fr"), "Bitcoin"),
    "volatility/bitcoin/dvol_index": dict.fromkeys(("en", "fr"), "Bitcoin"),
}


# Series and their values, as `Changes.read` gives them.
_VALUE: Final = r"[a-z0-9_/.-]+=-?\d+(\.\d+)?(e[+-]?\d+)?"
VALUES: Final = rf"{_VALUE}(,{_VALUE})*"


class ChangesAsk(Counted):
    """Since when, and what counts for more."""

    since: int = Field(ge=0, le=4_102_444_800_000, description="Epoch ms.")
    assets: str = Field(
        "", max_length=2_000, description="Watched assets; empty: the caller's first watchlist."
    )
    read: str = Field(
        "",
        max_length=2_000,
        pattern=rf"^({VALUES})?$",
        description="What was read at that time, SERIES=VALUE with commas: left out until it moves unusually again.",
    )


class Item(BaseModel):
    """One change: what it is, why it matters, and on what evidence, in both languages."""

    series: str
    asset: str
    change: float
    value: float
    surprise: float
    ts: int
    texts: dict[str, dict[str, str]]


class Changes(Answer):
    """What changed; `read` are the values to ask with next time, once these items and those before were read."""

    since: int
    ts: int
    items: list[Item]
    left_out: int
    quiet: int
    unknown: int
    old: int
    read: str


@operation("today.changes", example={"since": 1_760_000_000_000})
def list_changes(house: House, caller: Caller, ask: ChangesAsk) -> Changes:
    """List what changed unusually since a time: at most seven items with their usual range."""
    now = house.clock.market_now()
    since = min(ask.since, now - 1)
    catalog = Catalog(house.facts, house.shelf)
    watched = [catalog.find(word).id for word in ask.assets.split(",") if word] or watched_by(house, caller)
    readings = [one for one in house.gauge.readings(catalog.assets()) if one.asset.kind == "coin"]
    tracks = [*_prices(readings, watched, now), *_facts(house, now)]
    read = {
        series: float(value)
        for series, _, value in (one.partition("=") for one in ask.read.split(",") if one)
    }
    found = changed_since(tracks, since=since, now=now, watched=frozenset(watched), read=read)
    euro = euro_of(house, ask)
    kept = {**{one: read[one] for one in found.read}, **{one.series: one.value for one in found.items}}
    return Changes(
        since=since,
        ts=now,
        items=[_item(one, euro) for one in found.items],
        left_out=found.left_out,
        quiet=found.quiet,
        unknown=found.unknown,
        old=len(found.read),
        read=",".join(f"{series}={value!r}" for series, value in kept.items()),
    )


def _prices(readings: Sequence[Reading], watched: Sequence[str], now: int) -> list[Track]:
    def size(one: Reading) -> float:
        return -one.metrics.volume_24h if one.metrics.volume_24h > 0 else 0.0

    largest = sorted(readings, key=size)[:LARGEST]
    chosen = {one.asset.id: one for one in (*largest, *(one for one in readings if one.asset.id in watched))}
    return [
        Track(
            f"market/{name}/price_usd", "price", one.asset.name, "usd_price", *_closes(one, now), asset=name
        )
        for name, one in chosen.items()
        if closed(one.hourly, now) is not None
    ]


def _closes(reading: Reading, now: int) -> tuple[np.ndarray, np.ndarray]:
    bars = closed(reading.hourly, now)
    assert isinstance(bars, Bars)
    ts, values = bars.ts + HOUR_MS, bars.close
    if reading.quote is not None and reading.quote.ts_event > ts[-1]:
        return np.append(ts, reading.quote.ts_event), np.append(values, reading.quote.last)
    return ts, values


def _facts(house: House, now: int) -> list[Track]:
    held = values_of(house, [series for series, *_ in TRACKED], start_ms=now - PAST_MS, end_ms=now + 1)
    # What a revision of an old value would move is not news: the time it happened counts here.
    return [
        Track(series, topic, "", unit, held[series].ts, held[series].values, is_relative)
        for series, topic, unit, is_relative in TRACKED
        if len(held[series]) > 1
    ]


def _subject(series: str, language: str, subject: str) -> str:
    return SUBJECTS.get(series, {}).get(language, subject)


def _item(change: Change, euro: float) -> Item:
    texts = {}
    for language in ("en", "fr"):
        said = replace(change, subject=_subject(change.series, language, change.subject)).say(language, euro)
        texts[language] = {"what": said.what, "why": said.why, "evidence": said.evidence}
    return Item(
        series=change.series,
        asset=change.asset,
        change=change.change,
        value=change.value,
        surprise=change.surprise,
        ts=change.ts,
        texts=texts,
    )
