"""What changed since a visitor was last here: at most seven items, each with its number and its usual range."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from pydantic import BaseModel, Field

from vigie.data.catalog import BarCatalog
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS, MINUTE_MS
from vigie.intelligence.market.changes_since import ChangesSince, SeriesChange, changed_since
from vigie.intelligence.market.summary import MarketMoment, market_summary
from vigie.ports.accounts import UserStore
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.services.caches.asset_metrics import STALE_DAILY_MS, AssetMetricsCache, AssetReading, is_stale
from vigie.services.languages import answer_languages
from vigie.services.market_data.euros import euro_per_dollar
from vigie.services.market_data.tracked_series import market_tracks
from vigie.services.operation import CurrencyInput, OperationResult, operation
from vigie.services.operations.today import peg_prices, watched_by
from vigie.services.people.ownership import START

# Series and their values, as `MarketChanges.read` gives them.
_VALUE: Final = r"[a-z0-9_/.-]+=-?\d+(\.\d+)?(e[+-]?\d+)?"
VALUES: Final = rf"{_VALUE}(,{_VALUE})*"


class MarketChangesInput(CurrencyInput):
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


class ChangeItem(BaseModel):
    """One change: what it is, why it matters, and on what evidence, in both languages."""

    series: str
    asset: str
    change: float
    value: float
    surprise: float
    usual_low: float = Field(description="Four of five changes over such a span lie above this.")
    usual_high: float = Field(description="And below this.")
    ts: int
    texts: dict[str, dict[str, str]]


class MarketChanges(OperationResult):
    """What changed; `read` are the values to ask with next time, once these items and those before were read."""

    since: int
    ts: int
    items: list[ChangeItem]
    left_out: int
    quiet: int
    unknown: int
    late: int = Field(description="Coins whose newest price is old: how they moved is not known.")
    old: int
    read: str
    summary: dict[str, list[str]] = Field(
        {}, description="The market in at most two sentences, the most unusual of the last 24 hours first."
    )
    summary_asset: str = Field(
        "", description="Asset that the first sentence is about, else the first watched one."
    )


@operation("today.changes", example={"since": 1_760_000_000_000})
def list_market_changes(
    caller: Caller,
    params: MarketChangesInput,
    catalog: BarCatalog,
    asset_metrics: AssetMetricsCache,
    facts: FactStore,
    accounts: UserStore,
    clock: Clock,
) -> MarketChanges:
    """List what changed unusually since a time: at most seven items with their usual range."""
    now = clock.market_now()
    since = min(params.since, now - 1)
    watched = [catalog.find(word).id for word in params.assets.split(",") if word] or watched_by(
        accounts, caller
    )
    readings = asset_metrics.readings(catalog.assets())
    coins = [entry for entry in readings if entry.asset.kind == "coin"]
    # The last hours that are known of these are not the last ones: they have neither moved nor stood still.
    late = [entry for entry in coins if is_stale(entry, now)]
    coins = [entry for entry in coins if entry not in late]
    tracks = market_tracks(coins, watched, facts, now)
    read_values = {
        series: float(value)
        for series, _, value in (entry.partition("=") for entry in params.read.split(",") if entry)
    }
    by_id = {reading.asset.id: reading for reading in readings}
    selection = changed_since(tracks, since=since, now=now, watched=frozenset(watched), read=read_values)
    # What is said of the market is of a day, whenever the visitor was last here.
    is_day = not read_values and abs(now - DAY_MS - since) <= MINUTE_MS
    of_day = _as_measured(
        selection
        if is_day
        else changed_since(tracks, since=now - DAY_MS, now=now, watched=frozenset(watched)),
        by_id,
    )
    if is_day:
        selection = of_day
    euro = euro_per_dollar(facts, params)
    next_read = {
        **{entry: read_values[entry] for entry in selection.read},
        **{entry.series: entry.value for entry in selection.items},
    }
    moment = _moment(facts, by_id, watched, of_day.items, now)
    summary = market_summary(moment)
    return MarketChanges(
        since=since,
        ts=now,
        items=[_change_item(entry, euro, answer_languages(caller)) for entry in selection.items],
        left_out=selection.left_out,
        quiet=selection.quiet,
        unknown=selection.unknown,
        late=len(late),
        old=len(selection.read),
        read=",".join(f"{series}={value!r}" for series, value in next_read.items()),
        summary={
            language: [sentence.render(language, euro) for sentence in summary]
            for language in answer_languages(caller)
        },
        summary_asset=summary[0].asset or moment.asset,
    )


def _as_measured(selection: ChangesSince, by_id: Mapping[str, AssetReading]) -> ChangesSince:
    """Return changes of a day in which prices changed as their assets' own figure of 24 hours says.

    So a sentence, a tile and a table tell one change. What that figure calls usual is left out.
    """
    items = [_as_stated(item, by_id.get(item.asset)) for item in selection.items]
    unusual = tuple(item for item in items if not item.is_usual(item.change))
    return replace(selection, items=unusual, quiet=selection.quiet + len(items) - len(unusual))


def _as_stated(item: SeriesChange, reading: AssetReading | None) -> SeriesChange:
    if item.topic != "price" or reading is None or math.isnan(reading.metrics.change_24h):
        return item
    price, change = reading.metrics.price, reading.metrics.change_24h
    return replace(item, value=price, value_before=price / (1.0 + change), change=change)


def _moment(
    facts: FactStore,
    by_id: Mapping[str, AssetReading],
    watched: Sequence[str],
    changes: Sequence[SeriesChange],
    now: int,
) -> MarketMoment:
    """Return what the summary is made of: the first watched asset with a price stands for the market.

    Where there is none, one that everybody knows does, or else any other.
    """
    priced = (asset for asset in (*watched, *START, *by_id) if _is_priced(by_id.get(asset)))
    asset = next(priced, None)
    if asset is None:
        return MarketMoment("")
    main = by_id[asset]
    return MarketMoment(
        main.asset.name,
        main.metrics.price,
        main.metrics.change_24h,
        now - main.metrics.ts if is_stale(main, now) else None,
        peg_prices(facts, now - STALE_DAILY_MS),
        changes,
        main.asset.id,
        {name: reading.metrics.price for name, reading in by_id.items()},
    )


def _is_priced(reading: AssetReading | None) -> bool:
    return reading is not None and not math.isnan(reading.metrics.price)


def _change_item(change: SeriesChange, euro: float, languages: Sequence[str]) -> ChangeItem:
    texts = {}
    for language in languages:
        text = change.render(language, euro)
        texts[language] = {"what": text.what, "why": text.why, "evidence": text.evidence}
    return ChangeItem(
        series=change.series,
        asset=change.asset,
        change=change.change,
        value=change.value,
        surprise=change.surprise,
        usual_low=change.usual_low,
        usual_high=change.usual_high,
        ts=change.ts,
        texts=texts,
    )
