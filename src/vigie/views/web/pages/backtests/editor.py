"""The editor of a backtest: the result of its first market stands beside the settings and follows them."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from vigie.domain.errors import NotFound, UsageError
from vigie.drawing.frame import legend_key
from vigie.services.operations.jobs import JobResult
from vigie.views.web.pages.backtests import charts
from vigie.views.web.pages.backtests.forms import NUMBERS, form_values, order_from_form
from vigie.views.web.pages.jobs.words import message_text
from vigie.views.web.request_context import RequestContext

PATH: Final = "/backtests/new"
# What an address may fill the form with; an older address of the list leads here with them.
FILLING: Final = (
    "from", "from_job", "strategies", "assets", "timeframe", "params", "slots", "grid", "last", "quick",
)  # fmt: skip
# Of the group that is folded where nothing in it was changed.
FOLDED: Final = (*NUMBERS, "mode", "max_bars", "params", "title", "protections")
# Of a sweep alone.
SWEPT: Final = ("grid", "objective", "random", "permutations", "min_trades")
FIGURES: Final = {
    "total_return": "change", "max_drawdown": "change", "costs": "change", "trades": "count", "sharpe": "ratio",
}  # fmt: skip


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask for what can be chosen and for the quick result of the address; for that alone while it is waited for."""
    if context.fragment == "quick":
        return _quick_values(context)
    # Its page orders a quick result as soon as it is there.
    choices = context.call("backtests.choices", orders_now=True)
    return {**_quick_values(context), "choices": choices, "values": _prefilled(context)}


def refused_values(
    context: RequestContext, form: Mapping[str, str], *, error: str = "", trouble: str = ""
) -> dict[str, object]:
    """Return what the editor shows after a refused form: what was typed, and the result that was in sight.

    Parameters
    ----------
    error, trouble : str
        Why the run, or the quick result, was refused.
    """
    values = {
        **dict.fromkeys(empty := form_values({}), ""),
        "usual": empty["usual"],
        **form,
        "is_filled": True,
    }
    result = _result_values(context, None, _job(context, form.get("before", "")))
    choices = context.call("backtests.choices")
    return {**result, "choices": choices, "values": values, "error": error, "trouble": trouble}


def order_quick_result(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Order the quick result of the settings, and show where it will be; the result before stays until then."""
    order = order_from_form(form, context.lang)
    for name in SWEPT:
        order.pop(name, None)
    job = context.call("backtests.quick", **order)
    before = _job(context, form.get("before", ""))
    # What never came to a result shows nothing to compare with.
    address = context.url(PATH, quick=job.id, before=before.id if before else None)
    return RedirectResponse(address, 303)


def _quick_values(context: RequestContext) -> dict[str, object]:
    return _result_values(
        context, _job(context, context.query.get("quick", "")), _job(context, context.query.get("before", ""))
    )


def _job(context: RequestContext, name: str) -> JobResult | None:
    """Return a job of quick results by its id; None where there is none."""
    if not name:
        return None
    try:
        job: JobResult = context.call("jobs.get", job=name[:20])
    except (NotFound, UsageError):
        return None
    return job if job.kind == "quick" else None


def _result_values(
    context: RequestContext, job: JobResult | None, before: JobResult | None
) -> dict[str, object]:
    done = job.result if job is not None and job.state == "done" else None
    earlier = before.result if before is not None and before.state == "done" else None
    if done and earlier and done.get("instrument") != earlier.get("instrument"):
        # What another market made is no measure of a changed setting.
        earlier = None
    texts = dict.fromkeys(FIGURES, "")
    if done and earlier:
        for name, unit in FIGURES.items():
            if earlier["figures"][name] != done["figures"][name]:
                texts[name] = context.lang.unit(earlier["figures"][name], unit)
    return {
        "job": job,
        "before": before,
        "before_text": texts,
        "curve": _curve(context, done or earlier, earlier if done else None),
        "said": message_text,
        "error": "",
        "trouble": "",
    }


def _curve(
    context: RequestContext, result: Mapping[str, Any] | None, earlier: Mapping[str, Any] | None
) -> dict[str, object] | None:
    if result is None:
        return None
    own = SimpleNamespace(**result["curve"])
    named = [(context.text("This setting"), own, "equity"), (context.text("Buy and hold"), own, "hold")]
    if earlier is not None:
        named.append((context.text("Before the change"), SimpleNamespace(**earlier["curve"]), "equity"))
    title = context.text("Account vs buy-and-hold")
    frame = charts.page_frame(context, "quick", title, title)
    keys = [(legend_key(number), name) for number, (name, *_) in enumerate(named, 1)]
    return {"svg": charts.equity_chart(named, frame), "keys": keys}


def _prefilled(context: RequestContext) -> dict[str, object]:
    """Return the form's values: of an earlier order where one is named, else the defaults."""
    order: Mapping[str, Any] = context.call("backtests.choices").defaults
    is_filled = False
    for key, name, field in (
        ("from_job", "jobs.get", "job"),
        ("quick", "jobs.get", "job"),
        ("from", "backtests.get", "run"),
    ):
        if context.query.get(key):
            asked = context.call(name, **{field: context.query[key]}).order
            order = {**order, **asked}
            is_filled = key != "quick" or any(field in asked for field in FOLDED)
    for key in FILLING[2:-1]:
        if key in context.query:
            is_filled = True
    query_fields = {
        key: context.query[key] for key in ("strategies", "assets", "timeframe") if key in context.query
    }
    texts = {key: context.query[key] for key in ("params", "slots", "grid", "last") if key in context.query}
    return {**form_values({**order, **query_fields}), **texts, "is_filled": is_filled}
