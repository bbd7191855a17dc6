"""Short ways to write the events of a test."""

from __future__ import annotations

import vigie


def row(name, day, kind, qty=None, **more):
    """Return an event at noon in UTC at place A, of BTC unless said otherwise."""
    at = day if "T" in day else f"{day}T12:00:00Z"
    found = {"id": name, "at": at, "kind": kind, "place": "A", "asset": "BTC", **more}
    return found if qty is None else {**found, "qty": qty}


def closes(**prices):
    """Return prices given as BTC_2024_01_31="100"."""
    found = []
    for name, price in prices.items():
        asset, day = name.split("_", 1)
        found.append({"asset": asset, "day": day.replace("_", "-"), "price": price})
    return found


def ask(events, *wanted, prices=(), rates=(), spans=None, **settings):
    """Run events; return the answer to one question, or all of them."""
    asked = {**dict.fromkeys(wanted, True), **(spans or {})}
    case = {"settings": settings, "events": events, "prices": prices, "rates": rates, "ask": asked}
    found = vigie.holdings(case)
    return found[next(iter(asked))] if len(asked) == 1 else found
