"""A stablecoin leaves its dollar by more than a rule allows, or comes back."""

from __future__ import annotations

from collections.abc import Mapping

from vigie.domain.alert import AlertEvent
from vigie.services.alerting.watching.saying import decimals, happening
from vigie.services.alerting.watching.standing import Standing, watched
from vigie.services.house import House
from vigie.services.operations.screens import readings_of

# Back is nearer than away, so that a price on the bound is told once.
BACK = 0.5


def look(house: House) -> int:
    """Raise stablecoins whose price leaves the dollar; return how many alerts that makes."""
    rules = house.alerts.rules_of("peg")
    readings = readings_of(house, None, with_stable=True) if rules else []
    readings = [one for one in readings if one.asset.kind != "coin"]
    prices = {one.asset.id: (one.asset.name, one.metrics.price) for one in readings}
    now = house.clock.wall_now()
    subjects = sorted({bound for one in rules for bound in one.when.get("subject", ())})
    return watched(house, "alerts/peg", subjects, lambda one, standing: found_in(one, prices, standing, now))


def found_in(
    subject: str, prices: Mapping[str, tuple[str, float]], standing: Standing, now: int
) -> list[AlertEvent]:
    """Return which stablecoins left their dollar by more than a bound, or came back; name and price by asset."""
    bound = float(subject)
    away = {asset: abs(price - 1.0) for asset, (_, price) in prices.items()}
    holds = {}
    for asset, distance in away.items():
        was = bool(standing.known.get(asset, [0, 0])[0])
        holds[asset] = distance >= (bound * BACK if was else bound)
    found = []
    for change in standing.changes(holds, first_counts=True):
        name, price = prices[change.name]
        values = {"name": name, "percent": f"{100 * away[change.name]:.2f}", "price": f"{price:.4f}"}
        found.append(happening(
            "peg", change.turn, f"{subject}/{change.name}", values, now, french=decimals(values, "percent", "price"),
            status=f"{change.turn}/{change.number}", url=f"/asset/{change.name}", subject=subject,
            assets=[change.name], turn=change.turn,
        ))  # fmt: skip
    return found
