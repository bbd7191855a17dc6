"""Prices, moves, volume: an asset begins or ceases to meet the conditions of a rule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vigie.data.catalog import BarCatalog
from vigie.domain.alert import AlertEvent, AlertRule
from vigie.intelligence.market.metrics import columns_of
from vigie.intelligence.market.screener import parse_where, screen
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.services.alerting.dispatch import AlertDispatch
from vigie.services.alerting.watching import event_arguments
from vigie.services.alerting.watching.condition_state import ConditionState, raise_changes
from vigie.services.alerting.watching.event_texts import make_event
from vigie.services.caches.asset_metrics import AssetMetricsCache, AssetReading, readings_of

KINDS = ("price", "screener")


def look(
    catalog: BarCatalog,
    dispatch: AlertDispatch,
    asset_metrics: AssetMetricsCache,
    bookmarks: SourceBookmarks,
    clock: Clock,
) -> int:
    """Raise what the rules of prices and screens ask for; return how many alerts that makes."""
    rules = {kind: dispatch.alerts.rules_of(kind) for kind in KINDS}
    readings = readings_of(catalog, asset_metrics, None) if any(rules.values()) else []
    return sum(_look_at_kind(dispatch, bookmarks, clock, kind, rules[kind], readings) for kind in KINDS)


def _look_at_kind(
    dispatch: AlertDispatch,
    bookmarks: SourceBookmarks,
    clock: Clock,
    kind: str,
    rules: Sequence[AlertRule],
    readings: Sequence[AssetReading],
) -> int:
    subjects = sorted({where for rule in rules for where in rule.when.get("subject", ())})

    def find(where: str, state: ConditionState) -> list[AlertEvent]:
        asking = [item.when.get("assets", ()) for item in rules if where in item.when.get("subject", ())]
        asset_ids = {asset for assets in asking for asset in assets}
        candidates = [item for item in readings if not all(asking) or item.asset.id in asset_ids]
        return find_changes(kind, where, candidates, state, clock.wall_now())

    return raise_changes(dispatch, bookmarks, clock, f"alerts/{kind}", subjects, find)


def find_changes(
    kind: str, where: str, readings: Sequence[AssetReading], state: ConditionState, now: int
) -> list[AlertEvent]:
    """Return which assets began or ceased to meet the conditions of a subject since what is known of it."""
    conditions = parse_where(where)
    columns = columns_of([item.metrics for item in readings])
    matches = screen(conditions, columns, len(readings)).matches
    # What is not known neither begins nor ceases.
    fields = {name for item in conditions for name in (item.field, item.bound) if isinstance(name, str)}
    nothing = np.full(len(readings), np.nan)
    known_mask = np.all([~np.isnan(columns.get(name, nothing)) for name in sorted(fields)], axis=0)
    names = {item.asset.id: item for item in readings}
    measured = columns.get(conditions[0].field, nothing) if conditions else nothing
    values_by_asset = {item.asset.id: float(value) for item, value in zip(readings, measured, strict=True)}
    holds = {
        item.asset.id: bool(match)
        for item, match, is_known in zip(readings, matches, known_mask, strict=True)
        if is_known
    }
    events = []
    # A screen is a list: who was never seen enters it. A price must first be seen on the other side.
    for change in state.changes(holds, first_counts=kind == "screener"):
        asset = names[change.name].asset
        values = {"name": asset.name, "where": event_arguments.screen(where)}
        events.append(make_event(
            kind, change.turn, f"{where}/{asset.id}", values, now,
            status=f"{change.turn}/{change.number}",
            url=f"/asset/{asset.id}", subject=where, assets=[asset.id], turn=change.turn,
            measured={"field": conditions[0].field, "value": values_by_asset[asset.id]},
        ))  # fmt: skip
    return events
