"""Prices, moves, volume: an asset begins or ceases to meet the conditions of a rule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vigie.domain.alert import AlertEvent, AlertRule
from vigie.intelligence.market.metrics import columns_of
from vigie.intelligence.market.screener import parse_where, render_sentence, screen
from vigie.services.alerting.watching.saying import happening
from vigie.services.alerting.watching.standing import Standing, watched
from vigie.services.house import House
from vigie.services.market_data.asset_metrics import AssetReading
from vigie.services.operations.screens import readings_of

KINDS = ("price", "screener")


def look(house: House) -> int:
    """Raise what the rules of prices and screens ask for; return how many alerts that makes."""
    rules = {kind: house.alerts.rules_of(kind) for kind in KINDS}
    readings = readings_of(house, None) if any(rules.values()) else []
    return sum(_of_kind(house, kind, rules[kind], readings) for kind in KINDS)


def _of_kind(house: House, kind: str, rules: Sequence[AlertRule], readings: Sequence[AssetReading]) -> int:
    subjects = sorted({where for one in rules for where in one.when.get("subject", ())})

    def find(where: str, standing: Standing) -> list[AlertEvent]:
        asking = [one.when.get("assets", ()) for one in rules if where in one.when.get("subject", ())]
        asked = {asset for assets in asking for asset in assets}
        wanted = [one for one in readings if not all(asking) or one.asset.id in asked]
        return found_in(kind, where, wanted, standing, house.clock.wall_now())

    return watched(house, f"alerts/{kind}", subjects, find)


def found_in(
    kind: str, where: str, readings: Sequence[AssetReading], standing: Standing, now: int
) -> list[AlertEvent]:
    """Return which assets began or ceased to meet the conditions of a subject since what is known of it."""
    conditions = parse_where(where)
    columns = columns_of([one.metrics for one in readings])
    matches = screen(conditions, columns, len(readings)).matches
    # What is not known neither begins nor ceases.
    asked = {name for one in conditions for name in (one.field, one.bound) if isinstance(name, str)}
    nothing = np.full(len(readings), np.nan)
    known = np.all([~np.isnan(columns.get(name, nothing)) for name in sorted(asked)], axis=0)
    names = {one.asset.id: one for one in readings}
    holds = {
        one.asset.id: bool(match)
        for one, match, is_known in zip(readings, matches, known, strict=True)
        if is_known
    }
    found = []
    # A screen is a list: who was never seen enters it. A price must first be seen on the other side.
    for change in standing.changes(holds, first_counts=kind == "screener"):
        asset = names[change.name].asset
        values = {"name": asset.name, "where": render_sentence(conditions, "en")}
        found.append(happening(
            kind, change.turn, f"{where}/{asset.id}", values, now,
            french={"where": render_sentence(conditions, "fr")}, status=f"{change.turn}/{change.number}",
            url=f"/asset/{asset.id}", subject=where, assets=[asset.id], turn=change.turn,
        ))  # fmt: skip
    return found
