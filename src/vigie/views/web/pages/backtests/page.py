"""Backtests: ordering one, the list of results, one result with everything, two results compared."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse, RedirectResponse, Response

from vigie.domain.errors import NotFound, UsageError
from vigie.drawing.frame import legend_key
from vigie.views.web.page import Page
from vigie.views.web.pages.backtests import charts, editor, words
from vigie.views.web.pages.backtests.forms import order_from_form
from vigie.views.web.pages.backtests.funding_words import funding_setting
from vigie.views.web.pages.backtests.verdict_card import verdict_card
from vigie.views.web.pages.jobs.words import STATES, message_text
from vigie.views.web.rendering import render, render_page
from vigie.views.web.request_context import RequestContext
from vigie.views.web.sorted_tables import call_sorted

PARTS = ("", "slots", "trades", "refusals", "figures", "basis")
TILES = ("total_return", "buy_hold_return", "max_drawdown", "sharpe", "trades", "profit_factor")


def show(context: RequestContext) -> Mapping[str, Any] | Response:
    """Ask for the results, or for what is under way alone; an address that fills the form leads to the editor."""
    if context.fragment == "going":
        return {"going": _unfinished_jobs(context), "kinds": STATES, "said": message_text}
    filled = {name: context.query[name] for name in editor.FILLING if name in context.query}
    if filled:
        return RedirectResponse(context.url(editor.PATH, **filled), 303)
    table = context.call("backtests.list", cursor=context.query.get("cursor", ""), limit=20)
    newest = next((row for row in table.rows if row["kind"] == "backtest"), None)
    if context.query.get("cursor"):
        newest = None
    return {
        **_newest_card(context, newest),
        "table": table, "going": _unfinished_jobs(context), "kinds": STATES, "said": message_text,
        "word": words.word_text, "chosen": words.chosen_settings, "removed": context.query.get("removed", ""),
    }  # fmt: skip


def _newest_card(context: RequestContext, newest: Mapping[str, object] | None) -> dict[str, object]:
    if newest is None:
        return {"newest": None}
    result = context.call("backtests.get", run=newest["id"], language=context.lang.content_language)
    return {"newest": result, "card": verdict_card(context, result)}


def _unfinished_jobs(context: RequestContext) -> list[Any]:
    return [
        row
        for state in ("running", "queued")
        for row in context.call("jobs.list", state=state, limit=10).rows
    ]


def start_job(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Order a backtest, or a sweep where something is varied; a form that cannot be taken comes back as it was."""
    try:
        order = order_from_form(form, context.lang)
        if form.get("what") == "sweep":
            job = context.call("sweeps.start", **order)
        else:
            for name in editor.SWEPT:
                order.pop(name, None)
            job = context.call("backtests.start", **order)
    except UsageError as fault:
        return _form_again(context, editor.refused_values(context, form, error=str(fault)))
    return RedirectResponse(f"/jobs/{job.id}", 303)


def try_settings(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Order the quick result of the settings; where they cannot be taken, the one before stays in sight."""
    try:
        return editor.order_quick_result(context, form)
    except UsageError as fault:
        return _form_again(context, editor.refused_values(context, form, trouble=str(fault)))


def _form_again(context: RequestContext, values: Mapping[str, object]) -> Response:
    return HTMLResponse(render_page(context, _page("backtest_new"), values), 400)


def remove(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Remove a result and say how that is taken back."""
    removed = context.call("backtests.delete", run=form.get("run", ""))
    return RedirectResponse(f"/backtests?removed={removed.id}", 303)


def restore(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Take back a removal."""
    restored = context.call("backtests.restore", run=form.get("run", ""))
    return RedirectResponse(f"/backtests/{restored.id}", 303)


def show_one(context: RequestContext) -> Mapping[str, Any] | Response:
    """Ask for one result; a sweep has a page of its own kind."""
    run = context.params["id"]
    try:
        result = context.call("backtests.get", run=run, language=context.lang.content_language)
    except NotFound:
        values = _sweep(context, _find_sweep(context, run))
        return HTMLResponse(render(context, "backtests/sweep.html", _page("backtest"), values))
    part = context.query.get("part", "")
    if part not in PARTS:
        raise UsageError(
            "unknown_part", "part must be one of {parts}, was {part!r}", parts=" ".join(PARTS[1:]), part=part
        )
    figures = {figure.key: figure for figure in result.figures}
    values = {
        "run": result, "card": verdict_card(context, result), "part": part, "figures": figures, "tiles": TILES,
        "word": words.word_text,
    }  # fmt: skip
    return {**values, **_PARTS[part](context, result)}


def _find_sweep(context: RequestContext, run: str) -> Any:
    try:
        return context.call("sweeps.get", run=run)
    except NotFound:
        raise NotFound("no_result", "there is no result {run!r}", run=run) from None


def _summary(context: RequestContext, result: Any) -> dict[str, Any]:
    inputs = {"run": result.id, "language": context.lang.content_language}
    curve = result.curve
    equity = [(context.text("Account"), curve, "equity"), (context.text("Buy and hold"), curve, "hold")]
    equity_text, drawdown_text = (
        words.equity_description(context, result),
        words.drawdown_description(context, result),
    )
    months = context.call("backtests.months", **inputs)
    cells = [row[key] for row in months.rows for key in row if key.startswith("m")]
    return {
        "equity": charts.equity_chart(
            equity, charts.page_frame(context, "equity", context.text("Account vs buy-and-hold"), equity_text)
        ),
        "falls": charts.drawdown_chart(
            [(context.text("Drawdown"), curve, "drawdown")],
            charts.page_frame(context, "falls", context.text("Drawdown"), drawdown_text),
        ),
        "keys": [legend_key(1), legend_key(2)], "months": months, "top": charts.shade_limit(cells),
        "shade": charts.shade_class,
        "costs": context.call("backtests.costs", **inputs),
    }  # fmt: skip


def _slots(context: RequestContext, result: Any) -> dict[str, Any]:
    return {"slots": context.call("backtests.slots", run=result.id)}


def _trades(context: RequestContext, result: Any) -> dict[str, Any]:
    filters = {key: context.query.get(key, "") for key in ("slot", "side", "cursor")}
    names = [row["slot"] for row in context.call("backtests.slots", run=result.id).rows]
    trades = call_sorted(context, "backtests.trades", "-entry_ts", run=result.id, limit=25, **filters)
    return {
        "trades": trades.table, "sort": trades.sort, "unknown_order": trades.unknown,
        "chosen": filters, "slot_names": names, "criteria_of": words.parse_criteria,
    }  # fmt: skip


def _refusals(context: RequestContext, result: Any) -> dict[str, Any]:
    return {
        "refusals": context.call("backtests.refusals", run=result.id, language=context.lang.content_language)
    }


def _basis(context: RequestContext, result: Any) -> dict[str, Any]:
    return {
        "settings": [
            *words.settings(context, result.order, result.quote),
            funding_setting(context, result),
        ]
    }


def _no_values(context: RequestContext, result: Any) -> dict[str, Any]:
    return {}


_PARTS = {
    "": _summary, "slots": _slots, "trades": _trades, "refusals": _refusals, "figures": _no_values,
    "basis": _basis,
}  # fmt: skip


def _sweep(context: RequestContext, sweep: Any) -> dict[str, Any]:
    heat = context.call("backtests.heatmap", run=sweep.id) if sweep.has_map else None
    heatmap_svg, top = "", 1.0
    if heat is not None:
        top = charts.shade_limit([cell for row in heat.scores for cell in row])
        if len(heat.rows) > charts.MOST_CELLS:
            title = f"{heat.objective}: {heat.down} \u00d7 {heat.across}"
            heatmap_svg = charts.map_chart(heat, charts.page_frame(context, "map", title, title))
    return {
        "run": sweep, "heat": heat, "drawn": heatmap_svg, "top": top, "shade": charts.shade_class,
        "word": words.word_text,
        "settings": words.settings(context, sweep.order, "USDT"),
    }  # fmt: skip


def compare(context: RequestContext) -> Mapping[str, Any]:
    """Ask for what differs between two results."""
    a, b = context.query.get("a", ""), context.query.get("b", "")
    runs = context.call("backtests.list", kind="backtest", limit=50).rows
    if not a or not b:
        return {"found": None, "runs": runs, "a": a, "b": b}
    comparison = context.call("backtests.compare", a=a, b=b)
    title = context.text("Accounts rebased to 100")
    curves = [
        (f"A: {comparison.first.title}", comparison.curves[0]),
        (f"B: {comparison.second.title}", comparison.curves[1]),
    ]
    svg = charts.rebased_chart(curves, charts.page_frame(context, "both", title, title))
    keys = [legend_key(1), legend_key(2)]
    return {
        "found": comparison,
        "runs": runs,
        "a": a,
        "b": b,
        "drawn": svg,
        "keys": keys,
        "rows": words.differences(context, comparison),
    }


def send_file(context: RequestContext) -> Response:
    """Give one of the files of a result."""
    file = context.call("backtests.file", run=context.params["id"], name=context.params["name"])
    name = f"vigie-{file.run}-{file.name}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(b64decode(file.content), media_type=file.media_type, headers=headers)


def _page(name: str) -> Page:
    from dataclasses import replace

    return replace(next(page for page in PAGES if page.name == name), folder="backtests")


GROUP = "research"
PAGES = (
    Page(
        name="backtests",
        path="/backtests",
        title="Backtests",
        description="What strategies would have made in the past: run a backtest or a sweep, read and compare "
        "results.",
        show=show,
        actions={"/backtests/delete": remove, "/backtests/restore": restore},
    ),
    Page(
        name="backtest_new",
        path=editor.PATH,
        title="New backtest",
        description="Settings of a backtest beside the quick result of its first market.",
        show=editor.show,
        actions={"/backtests/start": start_job, "/backtests/quick": try_settings},
        template="new.html",
        is_in_menu=False,
    ),
    Page(
        name="backtest_compare",
        path="/backtests/compare",
        title="Compare two backtests",
        description="Differences between two backtests: settings, data, figures, and every trade that is not in "
        "both.",
        show=compare,
        template="compare.html",
    ),
    Page(
        name="backtest_file",
        path="/backtests/{id}/files/{name}",
        title="File of a backtest",
        description="One of the files of a saved backtest, as written when it ran.",
        show=send_file,
    ),
    Page(
        name="backtest",
        path="/backtests/{id}",
        title="Backtest",
        description="One backtest: verdict, account vs buy-and-hold, monthly returns, costs, active strategies, "
        "trades and their criteria.",
        show=show_one,
        template="run.html",
    ),
)
