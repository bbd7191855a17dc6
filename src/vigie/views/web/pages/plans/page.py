"""Plans: what is planned, what became of it, and the form that makes a plan or an order at once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from starlette.responses import Response

from vigie.domain.errors import NotFound, UsageError, VigieError
from vigie.domain.refusal import Refusal
from vigie.domain.time import timeframe_ms
from vigie.drawing.frame import Frame, legend_key
from vigie.intelligence.market.words import normalize_number
from vigie.services.plans.plan_rows import PlanRow
from vigie.services.random_tokens import random_token
from vigie.views.web.form_responses import handle_form, redirect, render_form_error, render_preview
from vigie.views.web.level_chart import level_chart
from vigie.views.web.page import Page
from vigie.views.web.pages.plans import words
from vigie.views.web.request_context import RequestContext

FILTERS: Final = ("state", "account", "instrument")
STATES: Final = (
    "open", "ended", "draft", "armed", "entered", "closed", "refused", "expired", "cancelled",
)  # fmt: skip
TIMEFRAMES: Final = ("15m", "1h", "4h", "1d")
LEVERAGES: Final = ("", "1", "2", "3", "4", "5")
MOST: Final = 200
_USUAL: Final = {
    "place": "", "side": "long", "low": "", "high": "", "stop": "", "target": "", "timeframe": "1h",
    "bars": "24", "leverage": "1", "account": "", "further_targets": "", "limit_entries": "", "setup": "",
    "note": "", "capital": "10000", "plan": "", "version": "",
}  # fmt: skip
_NUMBERS: Final = ("low", "high", "stop", "target", "leverage", "capital")
_LISTS: Final = ("further_targets", "limit_entries")
# Fields of a form that name what is not there, by the refusal's code.
_GONE: Final = {
    "no_such_plan": ("plan", "version"), "no_such_setup": ("setup",), "no_trading_account_create": ("account",),
}  # fmt: skip
_ORDER: Final = ("place", "account", "side", "stop", "target", "bars", "setup", "note")


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask for the plans, as the address narrows them."""
    asked = {name: context.query.get(name, "")[:80] for name in FILTERS}
    if asked["state"] not in STATES:
        asked["state"] = ""
    table = context.call("plans.list", **asked, limit=MOST)
    rows = context.call("plans.list", limit=MOST).rows if any(asked.values()) else table.rows
    return {
        "table": table,
        "asked": asked,
        "instruments": sorted({row.instrument for row in rows}),
        "is_narrowed": any(asked.values()),
        "done": context.query.get("done", ""),
        **words.template_functions(context),
    }


def show_new(context: RequestContext) -> Mapping[str, object]:
    """Ask for what can be planned, with the levels that a setup or an asset suggests."""
    given, fault = _suggested(context)
    return _form_values(context, given) | {"fault": fault}


def _suggested(context: RequestContext) -> tuple[dict[str, str], str]:
    """Return what the form begins with, and why nothing could be suggested."""
    query = context.query
    if plan := query.get("plan", ""):
        return _of_plan(context, plan), ""
    given = dict(_USUAL) | {"account": query.get("account", "")[:60]}
    if query.get("side") in ("long", "short"):
        given["side"] = query["side"]
    if query.get("timeframe") in TIMEFRAMES:
        given["timeframe"] = query["timeframe"]
    asked = {name: given[name] for name in ("side", "timeframe")}
    if setup := query.get("setup", "")[:16]:
        asked |= {"setup": setup, "account": query.get("account", "")[:60]}
    elif place := query.get("place", "")[:80] or _first_place(context):
        given["place"] = place
        asked |= {"place": place}
        if price := query.get("price", "")[:30]:
            asked["price"] = normalize_number(price, context.lang.language)
    else:
        return given, ""
    try:
        told = context.call("plans.suggest", **asked)
    except VigieError as refused:
        return given, str(refused)
    levels = {name: _number(getattr(told, name)) for name in ("low", "high", "stop", "target")}
    given |= {"place": told.place, "side": told.side, "setup": told.setup, **levels}
    return given | ({"timeframe": told.timeframe} if told.timeframe in TIMEFRAMES else {}), ""


def _first_place(context: RequestContext) -> str:
    """Return the market that the form begins with where its address names none; empty where there is none."""
    return next((place for place, _ in _places(context)), "")


def _places(context: RequestContext) -> list[tuple[str, str]]:
    return [
        (row["instrument"], f"{row['name']} ({row['symbol']})")
        for row in context.call("markets.list", limit=500).rows
        if row["instrument"]
    ]


def _of_plan(context: RequestContext, plan: str) -> dict[str, str]:
    told = context.call("plans.read", plan=plan)
    row, span = told.newest, timeframe_ms(told.newest.timeframe)
    return dict(_USUAL) | {
        "plan": row.plan, "version": str(row.version), "place": f"{row.venue}:{row.instrument}", "side": row.side,
        "account": row.account, "timeframe": row.timeframe, "setup": row.setup, "note": told.note,
        "bars": str(row.until // span - row.ts_made // span),
        "low": _number(row.low), "high": _number(row.high), "stop": _number(row.stop),
        "target": _number(row.target), "leverage": _number(told.leverage),
        "further_targets": " ".join(_number(level) for level in told.further_targets),
        "limit_entries": " ".join(_number(level) for level in told.limit_entries),
    }  # fmt: skip


def _form_values(context: RequestContext, given: Mapping[str, str]) -> dict[str, object]:
    accounts = [row["account"] for row in context.call("trading.accounts").rows if row["mode"] != "live"]
    places = _places(context)
    if given["place"] and given["place"] not in [place for place, _ in places]:
        places = [(given["place"], given["place"]), *places]
    return {
        "given": given,
        "places": places,
        "accounts": [("", context.text("None: I act by hand")), *((name, name) for name in accounts)],
        # What a plan says already can be chosen, too: a list without it would choose another in silence.
        "timeframes": [(name, name) for name in dict.fromkeys((*TIMEFRAMES, given["timeframe"]))],
        "leverages": [
            (name, f"{name}×" if name else context.text("None"))
            for name in dict.fromkeys((*LEVERAGES, given["leverage"]))
        ],
        "may_write": context.caller.may("write"),
        "may_trade": context.caller.may("trade"),
        "preview": None,
        "order": "",
        "previewed": "",
        "form_id": random_token(12),
        "errors": [],
        "fault": "",
        **words.template_functions(context),
    }


def post_plan(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Show what a plan comes to; keep it, arm it, or place it as an order at once."""
    given = {name: form.get(name, default).strip() for name, default in _USUAL.items()}
    what, language = form.get("what", "preview"), context.lang.language
    form_id = form.get("form_id", "")[:40] or random_token(12)

    def values(context: RequestContext) -> dict[str, object]:
        return {**_form_values(context, given), "form_id": form_id}

    def work() -> Response:
        if what == "preview":
            told = context.call("plans.preview", **_inputs(given, language))
            shown = {"preview": told, "order": f"p{random_token(12)}", "previewed": _digest(given)}
            return render_preview(context, PAGES[1], {**values(context), **shown})
        if what == "place":
            kept = context.call("plans.place", **_order(form, given, language))
        elif given["plan"]:
            kept = context.call(
                "plans.change", plan=given["plan"], version=given["version"], **_inputs(given, language)
            )
        else:
            kept = context.call("plans.make", new_id=_plan_id(form_id, given), **_inputs(given, language))
        plan = kept.newest.plan
        if what == "arm":
            # Kept already: where arming is refused, its own page says why.
            return _do(context, {"plan": plan}, "plans.arm", "armed", version=str(kept.versions))
        if what == "place":
            is_new = kept.newest.state == "armed"
            return redirect(f"/plan/{plan}", **({"done": "placed"} if is_new else {}))
        return redirect(f"/plan/{plan}", done="kept")

    try:
        return handle_form(context, PAGES[1], work, values, "place")
    except NotFound as gone:
        # What the form names was deleted meanwhile: the rest of what was typed can be kept without it.
        said = str(gone)
        given |= dict.fromkeys(_GONE.get(said.code, ()) if isinstance(said, Refusal) else (), "")
        return render_form_error(context, PAGES[1], values(context), gone)


def _order(form: Mapping[str, str], given: Mapping[str, str], language: str) -> dict[str, object]:
    """Return the order that was previewed, as an operation takes it.

    Raises
    ------
    UsageError
        If the form was changed since: nobody saw what that comes to.
    """
    if form.get("previewed", "") != _digest(given):
        raise UsageError("order_not_previewed", "the form was changed after its preview; preview it again")
    told = {name: form.get(name, "") for name in ("worst_loss", "entry")}
    numbers = {name: normalize_number(given[name], language) for name in ("stop", "target")}
    return {**{name: given[name] for name in _ORDER}, **numbers, **told, "order": form.get("order", "")}


def _plan_id(form_id: str, given: Mapping[str, str]) -> str:
    """Return the id of the plan that a form makes: pressed twice it is one plan, and another after a change."""
    return f"p{hashlib.sha256(f'{form_id} {_digest(given)}'.encode()).hexdigest()[:16]}"


def _digest(given: Mapping[str, str]) -> str:
    """Return what tells a form from one that was changed."""
    return hashlib.sha256(json.dumps([given[name] for name in _USUAL]).encode()).hexdigest()


def _inputs(given: Mapping[str, str], language: str) -> dict[str, object]:
    """Return the form as an operation takes it: what is left empty is left out, and no leverage is none."""
    inputs: dict[str, object] = {
        name: given[name] for name in ("place", "side", "timeframe", "bars", "account", "setup", "note")
    }
    inputs |= {name: normalize_number(given[name], language) for name in _NUMBERS if given[name]}
    if not given["leverage"]:
        inputs["leverage"] = None
    for name in _LISTS:
        # Narrow spaces part thousands.
        parts = re.split(r"[ \t\r\n;]+", given[name])
        inputs[name] = [normalize_number(part, language) for part in parts if part]
    return inputs


def show_one(context: RequestContext) -> Mapping[str, object]:
    """Ask for one plan, its chart and what it comes to now."""
    plan = context.params["plan"]
    told, chart = context.call("plans.read", plan=plan), context.call("plans.chart", plan=plan)
    row = told.newest
    figures, fault = None, ""
    if row.state in ("draft", "armed"):
        try:
            figures = context.call("plans.figures", plan=plan)
        except VigieError as refused:
            fault = str(refused)
    frame = Frame(
        "plan",
        plan_title(context, row),
        plan_description(context, row),
        language=context.lang.language,
        zone="UTC",
    )
    names = level_names(context)
    return {
        "told": told,
        "row": row,
        "figures": figures,
        "fault": fault,
        "chart": level_chart(chart, names, frame) if chart.bars else "",
        "levels": {line.name: names[line.name] for line in chart.lines},
        "keys": [legend_key(number) for number in range(1, 7)],
        "versions": context.call("plans.versions", plan=plan),
        "notices": context.call("plans.notices", plan=plan),
        "asked": {"plan": plan},
        "done": context.query.get("done", ""),
        "may_trade": context.caller.may("trade"),
        "may_write": context.caller.may("write"),
        "errors": [],
        **words.template_functions(context),
    }


def plan_title(context: RequestContext, row: PlanRow) -> str:
    """Return what the drawing is called."""
    return f"{words.market_name(row.instrument)} {context.text('Plan')}"


def plan_description(context: RequestContext, row: PlanRow) -> str:
    """Return what the drawing shows, for those who do not see it."""
    lang = context.lang
    return context.text("%(market)s %(side)s: stop %(stop)s, target %(target)s.") % {
        "market": words.market_name(row.instrument), "side": words.side_text(context, row.side),
        "stop": lang.price(row.stop), "target": lang.price(row.target),
    }  # fmt: skip


def level_names(context: RequestContext) -> dict[str, str]:
    """Return what the lines of a plan's chart are called."""
    return {
        "low": context.text("Zone from"), "high": context.text("Zone to"), "stop": context.text("Stop"),
        "target": context.text("Target"), "entry": context.text("Entry"), "exit": context.text("Exit"),
    }  # fmt: skip


def arm_plan(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Hand a plan to its account."""
    version = {"version": form["version"]} if form.get("version") else {}
    return _do(context, form, "plans.arm", "armed", **version)


def cancel_plan(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Take a plan back."""
    return _do(context, form, "plans.cancel", "cancelled")


def _do(context: RequestContext, form: Mapping[str, str], operation: str, done: str, **more: str) -> Response:
    plan = form.get("plan", "")

    def work() -> Response:
        context.call(operation, plan=plan, **more)
        return redirect(f"/plan/{plan}", done=done)

    def values(context: RequestContext) -> Mapping[str, object]:
        return show_one(replace(context, params={"plan": plan}))

    return handle_form(context, PAGES[2], work, values)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


GROUP: Final = "desk"
PAGES = (
    Page(
        name="plans",
        path="/plans",
        title="Plans",
        description="Trades that you planned: zone, stop, target, and what became of each.",
        show=show,
    ),
    Page(
        name="new_plan",
        path="/plans/new",
        title="Plan a trade",
        description="Entry, stop and target, with size, worst loss and costs before anything is traded.",
        show=show_new,
        template="new.html",
        actions={"/plans/new": post_plan},
        folder="plans",
        is_in_menu=False,
    ),
    Page(
        name="plan",
        path="/plan/{plan}",
        title="Plan",
        description="One plan: its levels, what it comes to, what became of it, and every version.",
        show=show_one,
        template="plan.html",
        actions={"/plan/arm": arm_plan, "/plan/cancel": cancel_plan},
        folder="plans",
    ),
)
