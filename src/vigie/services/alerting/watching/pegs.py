"""A stablecoin leaves its dollar by more than a rule allows, or comes back."""

from __future__ import annotations

from collections.abc import Mapping

from vigie.data.catalog import BarCatalog
from vigie.domain.alert import AlertEvent
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.services.alerting.dispatch import AlertDispatch
from vigie.services.alerting.watching.condition_state import ConditionState, raise_changes
from vigie.services.alerting.watching.event_arguments import figure
from vigie.services.alerting.watching.event_texts import make_event
from vigie.services.caches.asset_metrics import AssetMetricsCache, readings_of

# Back is nearer than away, so that a price on the bound is told once.
BACK = 0.5


def look(
    catalog: BarCatalog,
    dispatch: AlertDispatch,
    asset_metrics: AssetMetricsCache,
    bookmarks: SourceBookmarks,
    clock: Clock,
) -> int:
    """Raise stablecoins whose price leaves the dollar; return how many alerts that makes."""
    rules = dispatch.alerts.rules_of("peg")
    readings = readings_of(catalog, asset_metrics, None, with_stable=True) if rules else []
    readings = [item for item in readings if item.asset.kind != "coin"]
    prices = {item.asset.id: (item.asset.name, item.metrics.price) for item in readings}
    now = clock.wall_now()
    subjects = sorted({bound for item in rules for bound in item.when.get("subject", ())})
    return raise_changes(
        dispatch,
        bookmarks,
        clock,
        "alerts/peg",
        subjects,
        lambda item, state: find_changes(item, prices, state, now),
    )


def find_changes(
    subject: str, prices: Mapping[str, tuple[str, float]], state: ConditionState, now: int
) -> list[AlertEvent]:
    """Return which stablecoins left their dollar by more than a bound, or came back; name and price by asset."""
    bound = float(subject)
    distances = {asset: abs(price - 1.0) for asset, (_, price) in prices.items()}
    holds = {}
    for asset, distance in distances.items():
        was = bool(state.known.get(asset, [0, 0])[0])
        holds[asset] = distance >= (bound * BACK if was else bound)
    events = []
    for change in state.changes(holds, first_counts=True):
        name, price = prices[change.name]
        values = {
            "name": name,
            "percent": figure(f"{100 * distances[change.name]:.2f}"),
            "price": figure(f"{price:.4f}"),
        }
        events.append(make_event(
            "peg", change.turn, f"{subject}/{change.name}", values, now,
            status=f"{change.turn}/{change.number}", url=f"/asset/{change.name}", subject=subject,
            assets=[change.name], turn=change.turn,
        ))  # fmt: skip
    return events
