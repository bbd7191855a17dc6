"""An asset is written of more than usual, or in another tone than in the week before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from vigie.domain.alert import AlertEvent
from vigie.domain.time import DAY_MS
from vigie.ports.items import ItemQuery, StoredRevision
from vigie.services.alerting.watching.saying import decimals, happening
from vigie.services.alerting.watching.standing import Standing, watched
from vigie.services.house import House
from vigie.services.news.naming import asset_names

DAYS = 8
MOST = 1_000
# Fewer say nothing: two items are twice as many as one.
LEAST = 5
WORDS = {"items": "items", "sentiment": "sentiment"}


def look(house: House) -> int:
    """Raise assets of which more is written, or otherwise; return how many alerts that makes."""
    rules = house.alerts.rules_of("spike")
    pairs = {
        (subject, asset)
        for one in rules
        for subject in one.when.get("subject", ())
        for asset in one.when.get("assets", ())
    }
    now, wall = house.clock.market_now(), house.clock.wall_now()
    assets = sorted({asset for _, asset in pairs})
    items = {asset: _items(house, asset, now) for asset in assets}
    names = dict(zip(assets, asset_names(house, assets), strict=True))

    def find(subject: str, standing: Standing) -> list[AlertEvent]:
        word, bound = subject.split(">")
        told = {asset: _measured(word, items[asset], now - DAY_MS) for one, asset in pairs if one == subject}
        holds = {asset: passes(word, *measured, float(bound)) for asset, measured in told.items() if measured}
        return found_in(subject, told, holds, standing, wall, names)

    return watched(house, "alerts/spike", sorted({one for one, _ in pairs}), find)


def found_in(
    subject: str,
    told: Mapping[str, tuple[float, float] | None],
    holds: Mapping[str, bool],
    standing: Standing,
    now: int,
    names: Mapping[str, str],
) -> list[AlertEvent]:
    """Return of which assets more, or otherwise, is written since what is known; figures of a day and usual ones."""
    word, found = subject.partition(">")[0], []
    for change in standing.changes(holds, first_counts=True):
        recent, usual = told[change.name] or (0.0, 0.0)
        values = {
            "name": names[change.name], "count": f"{recent:.0f}", "now": f"{recent:+.2f}",
            "usual": f"{usual:.1f}" if word == "items" else f"{usual:+.2f}",
        }  # fmt: skip
        if change.turn == "enters":
            found.append(happening(
                "spike", WORDS[word], f"{subject}/{change.name}", values, now, status=f"{change.number}",
                url=f"/asset/{change.name}", subject=subject, assets=[change.name],
                french=decimals(values, "now", "usual"),
            ))  # fmt: skip
    return found


def _items(house: House, asset: str, now: int) -> Sequence[StoredRevision]:
    ask = ItemQuery(tags={"asset": asset}, is_relevant=True, after_ms=now - DAYS * DAY_MS, limit=MOST)
    return house.items.query(ask)


def _measured(word: str, items: Sequence[StoredRevision], since: int) -> tuple[float, float] | None:
    """Return the figure of the last day and the usual one; None where there is too little to say."""
    recent = [one for one in items if one.item.ts >= since]
    earlier = [one for one in items if one.item.ts < since]
    if word == "items":
        return float(len(recent)), len(earlier) / (DAYS - 1)
    recent, earlier = ([one for one in part if is_heard(one)] for part in (recent, earlier))
    if len(recent) < LEAST or len(earlier) < LEAST:
        return None
    return fmean(map(tone_of, recent)), fmean(map(tone_of, earlier))


def is_heard(known: StoredRevision) -> bool:
    """Tell whether anything can say how an item sounds: nothing can in a language that no model reads."""
    found = known.findings.get("sentiment")
    return found is None or not found.body.get("unread")


def tone_of(known: StoredRevision) -> float:
    """Return how an item sounds, from -1 to 1."""
    found = known.findings.get("sentiment")
    shares = found.body.get("probabilities", {}) if found is not None else {}
    return float(shares.get("positive", 0.0)) - float(shares.get("negative", 0.0))


def passes(word: str, recent: float, usual: float, bound: float) -> bool:
    """Tell whether the figure of a day is a spike against the usual one."""
    if word == "items":
        return recent >= LEAST and recent >= bound * usual
    return abs(recent - usual) >= bound
