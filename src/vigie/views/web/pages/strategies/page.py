"""Strategies: what there is, what each one asks for before it enters, and where it is switched on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from vigie.views.web.model_texts import model_strategy_titles
from vigie.views.web.page import Page
from vigie.views.web.request_context import RequestContext

SIDES = ("long", "short", "long exit", "short exit")
# What was switched travels in the address, so that it can be taken back; more than this is not offered.
MOST_UNDONE = 40


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the list and for what is switched on."""
    on = context.call("strategies.slots", state="on", limit=500)
    venues: dict[str, list[str]] = {}
    for row in on.rows:
        venues.setdefault(row["venue"], []).append(row["slot"])
    table = context.call("strategies.list")
    return {
        "table": table, "on": on, "venues": venues, **_switch_values(context),
        "model_titles": model_strategy_titles(context, [row["name"] for row in table.rows]),
    }  # fmt: skip


def show_one(context: RequestContext) -> Mapping[str, Any]:
    """Ask for one strategy and for its slots."""
    name = context.params["name"]
    timeframe = context.query.get("timeframe", "")
    slots = context.call(
        "strategies.slots",
        strategy=name,
        timeframe=timeframe,
        cursor=context.query.get("cursor", ""),
        limit=60,
    )
    rows = [{**row, "is_on": "on" if row.is_on else "off"} for row in slots.rows]
    choices, switch_values = context.call("backtests.choices"), _switch_values(context)
    # Last: what is compiled meanwhile takes its turns of the processor from what comes after.
    strategy = context.call("strategies.get", name=name, wait=False)
    defaults = ", ".join(
        f"{name}.{parameter.name}={parameter.default:g}" for parameter in strategy.parameters
    )
    return {
        "one": strategy, "slots": slots.model_copy(update={"rows": rows}),
        "timeframe": timeframe, "choices": choices, "sides": SIDES,
        "defaults": defaults, **switch_values, "model_titles": model_strategy_titles(context, [name]),
    }  # fmt: skip


def _switch_values(context: RequestContext) -> dict[str, Any]:
    """Return what was switched just now, with what takes it back, and the accounts whose switches are elsewhere."""
    changed = [slot for slot in context.query.get("switched", "").split(",") if slot][:MOST_UNDONE]
    return {
        "switched": changed,
        "is_on": context.query.get("to", "") == "on",
        "accounts": context.call("trading.accounts").rows,
    }


def switch_slots(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Switch slots and go back to where the form was, with the way to undo it."""
    slots = [slot for slot in form.get("slots", "").split(",") if slot]
    return_path = form.get("next", "/strategies")
    if not return_path.startswith("/strategies"):
        return_path = "/strategies"
    if not slots:
        return RedirectResponse(return_path, 303)
    result = context.call("strategies.switch", slots=slots, on=form.get("to") == "on")
    if form.get("is_undo") or len(result.changed) > MOST_UNDONE or not result.changed:
        return RedirectResponse(return_path, 303)
    path, _, query = return_path.partition("?")
    parts = [pair for pair in query.split("&") if pair and not pair.startswith(("switched=", "to="))]
    switched_query = urlencode({"switched": ",".join(result.changed), "to": "on" if result.on else "off"})
    return RedirectResponse(f"{path}?{'&'.join([*parts, switched_query])}", 303)


GROUP = "research"
PAGES = (
    Page(
        name="strategies",
        path="/strategies",
        title="Strategies",
        description="Strategies you can backtest: the criteria of each, and which are active for backtests.",
        show=show,
        actions={"/strategies/switch": switch_slots},
    ),
    Page(
        name="strategy",
        path="/strategies/{name}",
        title="Strategy",
        description="One strategy: its criteria in plain words, its parameters and their limits, the instruments "
        "it can run on.",
        show=show_one,
        template="strategy.html",
    ),
)
