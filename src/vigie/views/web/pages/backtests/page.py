"""Backtests: ordering one, the list of results, one result with everything, two results compared."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse, RedirectResponse, Response

from vigie.domain.errors import NotFound, UsageError
from vigie.views.drawing.frame import legend_key
from vigie.views.web.ordering import ask_ordered
from vigie.views.web.page import Page
from vigie.views.web.pages.backtests import charts, words
from vigie.views.web.pages.backtests.forms import order_of, shown
from vigie.views.web.pages.jobs.words import STATES, said
from vigie.views.web.rendering import render, render_page
from vigie.views.web.visit import Visit

PARTS = ("", "slots", "trades", "refusals", "figures", "basis")
TILES = ("total_return", "buy_hold_return", "max_drawdown", "sharpe", "trades", "profit_factor")


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the results and for what can be ordered; or for what is under way alone."""
    if visit.fragment == "going":
        return {"going": _going(visit), "kinds": STATES, "said": said}
    return listed(visit, _prefilled(visit), "")


def listed(visit: Visit, values: Mapping[str, Any], error: str) -> dict[str, Any]:
    """Return what the list's template shows, with a form that keeps what was typed."""
    table = visit.ask("backtests.list", cursor=visit.query.get("cursor", ""), limit=20)
    removed = visit.query.get("removed", "")
    return {
        "table": table, "choices": visit.ask("backtests.choices"), "values": values, "error": error,
        "going": _going(visit), "kinds": STATES, "said": said, "word": words.word, "removed": removed,
        "is_open": bool(error or not table.rows or values.get("is_filled")),
    }  # fmt: skip


def _going(visit: Visit) -> list[Any]:
    return [
        row for state in ("running", "queued") for row in visit.ask("jobs.list", state=state, limit=10).rows
    ]


def _prefilled(visit: Visit) -> dict[str, Any]:
    """Return the form's values: of an earlier order where one is named, else the defaults."""
    choices = visit.ask("backtests.choices")
    order: Mapping[str, Any] = choices.defaults
    is_filled = False
    for key, name, field in (("from_job", "jobs.get", "job"), ("from", "backtests.get", "run")):
        if visit.query.get(key):
            order = {**choices.defaults, **visit.ask(name, **{field: visit.query[key]}).order}
            is_filled = True
    for key in ("strategies", "assets", "timeframe", "params", "slots", "grid"):
        if key in visit.query:
            is_filled = True
    given = {key: visit.query[key] for key in ("strategies", "assets", "timeframe") if key in visit.query}
    texts = {key: visit.query[key] for key in ("params", "slots", "grid") if key in visit.query}
    return {**shown({**order, **given}), **texts, "is_filled": is_filled}


def start(visit: Visit, form: Mapping[str, str]) -> Response:
    """Order a backtest, or a sweep where something is varied; a form that cannot be taken comes back as it was."""
    try:
        order = order_of(form, visit.tongue.language)
        if form.get("what") == "sweep":
            job = visit.ask("sweeps.start", **order)
        else:
            for name in ("grid", "objective", "random", "permutations", "min_trades"):
                order.pop(name, None)
            job = visit.ask("backtests.start", **order)
    except UsageError as fault:
        values = {**dict.fromkeys(empty := shown({}), ""), "usual": empty["usual"], **form, "is_filled": True}
        drawn = render_page(visit, _page("backtests"), listed(visit, values, str(fault)))
        return HTMLResponse(drawn, 400)
    return RedirectResponse(f"/jobs/{job.id}", 303)


def remove(visit: Visit, form: Mapping[str, str]) -> Response:
    """Remove a result and say how that is taken back."""
    gone = visit.ask("backtests.delete", run=form.get("run", ""))
    return RedirectResponse(f"/backtests?removed={gone.id}", 303)


def restore(visit: Visit, form: Mapping[str, str]) -> Response:
    """Take back a removal."""
    back = visit.ask("backtests.restore", run=form.get("run", ""))
    return RedirectResponse(f"/backtests/{back.id}", 303)


def show_one(visit: Visit) -> Mapping[str, Any] | Response:
    """Ask for one result; a sweep has a page of its own kind."""
    run = visit.params["id"]
    try:
        found = visit.ask("backtests.get", run=run, language=visit.tongue.language)
    except NotFound:
        values = _sweep(visit, _sweep_of(visit, run))
        return HTMLResponse(render(visit, "backtests/sweep.html", _page("backtest"), values))
    part = visit.query.get("part", "")
    if part not in PARTS:
        raise UsageError(f"part must be one of {' '.join(PARTS[1:])}, was {part!r}")
    figures = {one.key: one for one in found.figures}
    values = {"run": found, "part": part, "figures": figures, "tiles": TILES, "word": words.word}
    return {**values, **_PARTS[part](visit, found)}


def _sweep_of(visit: Visit, run: str) -> Any:
    try:
        return visit.ask("sweeps.get", run=run)
    except NotFound:
        raise NotFound(f"there is no result {run!r}") from None


def _summary(visit: Visit, found: Any) -> dict[str, Any]:
    asked = {"run": found.id, "language": visit.tongue.language}
    curve = found.curve
    equity = [(visit.text("Account"), curve, "equity"), (visit.text("Buy and hold"), curve, "hold")]
    told, fell = words.described(visit, found), words.fall_described(visit, found)
    months = visit.ask("backtests.months", **asked)
    cells = [value for row in months.rows for key, value in row.items() if key.startswith("m")]
    return {
        "equity": charts.equity_chart(
            equity, charts.frame(visit, "equity", visit.text("Account and buy and hold"), told)
        ),
        "falls": charts.fall_chart(
            [(visit.text("Fall"), curve, "drawdown")],
            charts.frame(visit, "falls", visit.text("Fall below the highest value"), fell),
        ),
        "keys": [legend_key(1), legend_key(2)], "months": months, "top": charts.scale(cells), "shade": charts.shade,
        "costs": visit.ask("backtests.costs", **asked),
    }  # fmt: skip


def _slots(visit: Visit, found: Any) -> dict[str, Any]:
    return {"slots": visit.ask("backtests.slots", run=found.id)}


def _trades(visit: Visit, found: Any) -> dict[str, Any]:
    chosen = {key: visit.query.get(key, "") for key in ("slot", "side", "cursor")}
    names = [row["slot"] for row in visit.ask("backtests.slots", run=found.id).rows]
    trades = ask_ordered(visit, "backtests.trades", "-entry_ts", run=found.id, limit=25, **chosen)
    return {
        "trades": trades.table, "sort": trades.sort, "unknown_order": trades.unknown,
        "chosen": chosen, "slot_names": names, "criteria_of": words.criteria_of,
    }  # fmt: skip


def _refusals(visit: Visit, found: Any) -> dict[str, Any]:
    return {"refusals": visit.ask("backtests.refusals", run=found.id, language=visit.tongue.language)}


def _basis(visit: Visit, found: Any) -> dict[str, Any]:
    return {"settings": [*words.settings(visit, found.order, found.quote), words.funding(visit, found)]}


def _nothing(visit: Visit, found: Any) -> dict[str, Any]:
    return {}


_PARTS = {
    "": _summary, "slots": _slots, "trades": _trades, "refusals": _refusals, "figures": _nothing,
    "basis": _basis,
}  # fmt: skip


def _sweep(visit: Visit, found: Any) -> dict[str, Any]:
    heat = visit.ask("backtests.heatmap", run=found.id) if found.has_map else None
    drawn, top = "", 1.0
    if heat is not None:
        top = charts.scale([cell for row in heat.scores for cell in row])
        if len(heat.rows) > charts.MOST_CELLS:
            title = f"{heat.objective}: {heat.down} \u00d7 {heat.across}"
            drawn = charts.map_chart(heat, charts.frame(visit, "map", title, title))
    return {
        "run": found, "heat": heat, "drawn": drawn, "top": top, "shade": charts.shade, "word": words.word,
        "settings": words.settings(visit, found.order, "USDT"),
    }  # fmt: skip


def compare(visit: Visit) -> Mapping[str, Any]:
    """Ask for what differs between two results."""
    a, b = visit.query.get("a", ""), visit.query.get("b", "")
    runs = visit.ask("backtests.list", kind="backtest", limit=50).rows
    if not a or not b:
        return {"found": None, "runs": runs, "a": a, "b": b}
    found = visit.ask("backtests.compare", a=a, b=b)
    title = visit.text("Both accounts, 100 at the start")
    curves = [(f"A: {found.first.title}", found.curves[0]), (f"B: {found.second.title}", found.curves[1])]
    drawn = charts.rebased_chart(curves, charts.frame(visit, "both", title, title))
    keys = [legend_key(1), legend_key(2)]
    return {
        "found": found,
        "runs": runs,
        "a": a,
        "b": b,
        "drawn": drawn,
        "keys": keys,
        "rows": words.differences(visit, found),
    }


def send_file(visit: Visit) -> Response:
    """Give one of the files of a result."""
    found = visit.ask("backtests.file", run=visit.params["id"], name=visit.params["name"])
    name = f"vigie-{found.run}-{found.name}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(b64decode(found.content), media_type=found.media_type, headers=headers)


def _page(name: str) -> Page:
    from dataclasses import replace

    return replace(next(page for page in PAGES if page.name == name), folder="backtests")


PAGES = (
    Page(
        name="backtests",
        path="/backtests",
        title="Backtests",
        description="What rules would have made of the past: order a backtest or a sweep, read and compare results.",
        show=show,
        acts={"/backtests/start": start, "/backtests/delete": remove, "/backtests/restore": restore},
    ),
    Page(
        name="backtest_compare",
        path="/backtests/compare",
        title="Two backtests compared",
        description="What differs between two backtests: settings, data, figures, and every trade that is not in both.",
        show=compare,
        template="compare.html",
    ),
    Page(
        name="backtest_file",
        path="/backtests/{id}/files/{name}",
        title="File of a backtest",
        description="One of the files of a kept backtest, as it was written when the backtest ran.",
        show=send_file,
    ),
    Page(
        name="backtest",
        path="/backtests/{id}",
        title="Backtest",
        description="One backtest: verdict, account beside buy and hold, months, costs, slots, trades and why.",
        show=show_one,
        template="run.html",
    ),
)
