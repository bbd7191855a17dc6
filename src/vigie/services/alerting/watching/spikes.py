"""An asset is written of more than usual, or in another tone than in the week before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from vigie.data.catalog import BarCatalog
from vigie.domain.alert import AlertEvent
from vigie.domain.time import DAY_MS
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import ItemStore, StoredRevision
from vigie.services.alerting.dispatch import AlertDispatch
from vigie.services.alerting.watching.condition_state import ConditionState, raise_changes
from vigie.services.alerting.watching.event_arguments import figure
from vigie.services.alerting.watching.event_texts import make_event
from vigie.services.news.entities.naming import asset_names

DAYS = 8
MOST = 1_000
# Fewer say nothing: two items are twice as many as one.
LEAST = 5
WORDS = {"items": "items", "sentiment": "sentiment"}


def look(catalog: BarCatalog, dispatch: AlertDispatch, bookmarks: SourceBookmarks, clock: Clock) -> int:
    """Raise assets of which more is written, or otherwise; return how many alerts that makes."""
    rules = dispatch.alerts.rules_of("spike")
    pairs = {
        (subject, asset)
        for item in rules
        for subject in item.when.get("subject", ())
        for asset in item.when.get("assets", ())
    }
    now, wall = clock.market_now(), clock.wall_now()
    assets = sorted({asset for _, asset in pairs})
    items = {asset: _items(dispatch.items, asset, now) for asset in assets}
    names = dict(zip(assets, asset_names(catalog, dispatch.names, assets), strict=True))

    def find(subject: str, state: ConditionState) -> list[AlertEvent]:
        measure, bound = subject.split(">")
        figures = {
            asset: _compute_figures(measure, items[asset], now - DAY_MS)
            for item, asset in pairs
            if item == subject
        }
        holds = {
            asset: is_spike(measure, *measured, float(bound))
            for asset, measured in figures.items()
            if measured
        }
        return find_changes(subject, figures, holds, state, wall, names)

    return raise_changes(
        dispatch, bookmarks, clock, "alerts/spike", sorted({item for item, _ in pairs}), find
    )


def find_changes(
    subject: str,
    figures: Mapping[str, tuple[float, float] | None],
    holds: Mapping[str, bool],
    state: ConditionState,
    now: int,
    names: Mapping[str, str],
) -> list[AlertEvent]:
    """Return of which assets more, or otherwise, is written since what is known; figures of a day and usual ones."""
    measure, events = subject.partition(">")[0], []
    for change in state.changes(holds, first_counts=True):
        recent, usual = figures[change.name] or (0.0, 0.0)
        values = {
            "name": names[change.name], "count": f"{recent:.0f}", "now": figure(f"{recent:+.2f}"),
            "usual": figure(f"{usual:.1f}" if measure == "items" else f"{usual:+.2f}"),
        }  # fmt: skip
        if change.turn == "enters":
            events.append(make_event(
                "spike", WORDS[measure], f"{subject}/{change.name}", values, now, status=f"{change.number}",
                url=f"/asset/{change.name}", subject=subject, assets=[change.name],
            ))  # fmt: skip
    return events


def _items(items: ItemStore, asset: str, now: int) -> Sequence[StoredRevision]:
    query = ItemQuery(tags={"asset": asset}, is_relevant=True, after_ms=now - DAYS * DAY_MS, limit=MOST)
    return items.query(query)


def _compute_figures(measure: str, items: Sequence[StoredRevision], since: int) -> tuple[float, float] | None:
    """Return the figure of the last day and the usual one; None where there is too little to say."""
    recent = [item for item in items if item.item.ts >= since]
    earlier = [item for item in items if item.item.ts < since]
    if measure == "items":
        return float(len(recent)), len(earlier) / (DAYS - 1)
    recent, earlier = ([item for item in part if has_tone(item)] for part in (recent, earlier))
    if len(recent) < LEAST or len(earlier) < LEAST:
        return None
    return fmean(map(tone_of, recent)), fmean(map(tone_of, earlier))


def has_tone(revision: StoredRevision) -> bool:
    """Tell whether anything can say how an item sounds: nothing can in a language that no model reads."""
    finding = revision.findings.get("sentiment")
    return finding is None or not finding.body.get("unread")


def tone_of(revision: StoredRevision) -> float:
    """Return how an item sounds, from -1 to 1."""
    finding = revision.findings.get("sentiment")
    shares = finding.body.get("probabilities", {}) if finding is not None else {}
    return float(shares.get("positive", 0.0)) - float(shares.get("negative", 0.0))


def is_spike(measure: str, recent: float, usual: float, bound: float) -> bool:
    """Tell whether the figure of a day is a spike against the usual one."""
    if measure == "items":
        return recent >= LEAST and recent >= bound * usual
    return abs(recent - usual) >= bound
