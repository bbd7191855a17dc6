"""Strategies: what there is, what each one asks for before it enters, and where it is switched on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from vigie.views.web.page import Page
from vigie.views.web.visit import Visit

SIDES = ("long", "short", "long exit", "short exit")
# What was switched travels in the address, so that it can be taken back; more than this is not offered.
MOST_UNDONE = 40


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the list and for what is switched on."""
    on = visit.ask("strategies.slots", state="on", limit=500)
    venues: dict[str, list[str]] = {}
    for row in on.rows:
        venues.setdefault(row["venue"], []).append(row["slot"])
    return {"table": visit.ask("strategies.list"), "on": on, "venues": venues, **_switched(visit)}


def show_one(visit: Visit) -> Mapping[str, Any]:
    """Ask for one strategy and for its slots."""
    name = visit.params["name"]
    timeframe = visit.query.get("timeframe", "")
    slots = visit.ask(
        "strategies.slots", strategy=name, timeframe=timeframe, cursor=visit.query.get("cursor", ""), limit=60
    )
    for row in slots.rows:
        row["is_on"] = "on" if row["is_on"] else "off"
    choices, switched = visit.ask("backtests.choices"), _switched(visit)
    # Last: what is compiled meanwhile takes its turns of the processor from what comes after.
    found = visit.ask("strategies.get", name=name, wait=False)
    defaults = ", ".join(f"{name}.{one.name}={one.default:g}" for one in found.parameters)
    return {
        "one": found, "slots": slots, "timeframe": timeframe, "choices": choices, "sides": SIDES,
        "defaults": defaults, **switched,
    }  # fmt: skip


def _switched(visit: Visit) -> dict[str, Any]:
    """Return what was switched just now, with what takes it back, and the accounts whose switches are elsewhere."""
    changed = [slot for slot in visit.query.get("switched", "").split(",") if slot][:MOST_UNDONE]
    return {
        "switched": changed,
        "is_on": visit.query.get("to", "") == "on",
        "accounts": visit.ask("trading.accounts").rows,
    }


def switch(visit: Visit, form: Mapping[str, str]) -> Response:
    """Switch slots and go back to where the form was, with the way to undo it."""
    slots = [slot for slot in form.get("slots", "").split(",") if slot]
    there = form.get("next", "/strategies")
    if not there.startswith("/strategies"):
        there = "/strategies"
    if not slots:
        return RedirectResponse(there, 303)
    done = visit.ask("strategies.switch", slots=slots, on=form.get("to") == "on")
    if form.get("is_undo") or len(done.changed) > MOST_UNDONE or not done.changed:
        return RedirectResponse(there, 303)
    path, _, query = there.partition("?")
    kept = [pair for pair in query.split("&") if pair and not pair.startswith(("switched=", "to="))]
    told = urlencode({"switched": ",".join(done.changed), "to": "on" if done.on else "off"})
    return RedirectResponse(f"{path}?{'&'.join([*kept, told])}", 303)


PAGES = (
    Page(
        name="strategies",
        path="/strategies",
        title="Strategies",
        description="Rules that can be backtested: what each asks for before it enters, and what is on for backtests.",
        show=show,
        acts={"/strategies/switch": switch},
    ),
    Page(
        name="strategy",
        path="/strategies/{name}",
        title="Strategy",
        description="One strategy: its criteria in words, its parameters with their bounds, its slots.",
        show=show_one,
        template="strategy.html",
    ),
)
