"""The first visit: what Vigie is, a picture of today, three doors, and up to three assets; all of it can be skipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from vigie.catalogue import languages
from vigie.domain.asset import WATCHED
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import PERSONAS
from vigie.services.operation import Figure
from vigie.services.operations.asset_charts import Chart
from vigie.views.web.cookies import LOOK, YEAR_S, set_cookie
from vigie.views.web.display_settings import look_cookie, welcome
from vigie.views.web.form_responses import handle_form, redirect
from vigie.views.web.page import Page
from vigie.views.web.pages.asset import words
from vigie.views.web.pages.asset.charts import price_drawing
from vigie.views.web.request_context import RequestContext

# Where each answer leads; the doors are the first page, and their language is chosen on it.
NEXT: Final = {"language": "/welcome", "persona": "/welcome?step=assets", "assets": "/?tour=1#headline"}
# The tour on one page, for browsers without scripts.
PLAIN_TOUR: Final = "/tour"
POINTS: Final = 200
CHOICE = 24
MOST = 3
LIST_NAME = "Watchlist"


def show(context: RequestContext) -> dict[str, object]:
    """Show the doors, or ask for assets."""
    is_asking = context.query.get("step") == "assets"
    return _values(context, "assets" if is_asking else "persona")


def _values(context: RequestContext, step: str) -> dict[str, object]:
    chosen = context.query.get("asset", "").split(",")
    shared = {"step": step, "chosen": chosen, "errors": [], "assets": [], "picture": "", "coin": None}
    if step == "assets":
        return {**shared, "assets": _offered_assets(context)}
    return {**shared, **_picture(context)}


def _picture(context: RequestContext) -> dict[str, object]:
    """Return the month of the first asset as a picture, with its price; nothing before there are bars."""
    chart = context.call("assets.chart", asset=WATCHED[0].id, range="1m", points=POINTS)
    if not chart.bars:
        return {}
    coin = context.call("assets.get", asset=chart.asset)
    chart = _until_now(chart, coin.price)
    return {
        "picture": price_drawing(context, "welcome", chart),
        "title": words.chart_title(context, chart),
        "chart": chart,
        "coin": coin,
    }


def _until_now(chart: Chart, price: Figure) -> Chart:
    """Return the chart with the unfinished bar added, so that it ends at the price shown above it."""
    ts, _open, _high, _low, close, _volume = chart.bars[-1]
    start = ts + chart.step_ms
    if price.value is None or price.ts_event is None or price.ts_event < start:
        return chart
    last = (start, close, max(close, price.value), min(close, price.value), price.value, 0.0)
    return chart.model_copy(update={"bars": [*chart.bars, last]})


def save_answer(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Keep one answer, or none, and go on; who skips is at the market at once."""
    step = form.get("step", "")
    step = step if step in NEXT else "language"
    next_path = "/" if "skip" in form else PLAIN_TOUR if "plain" in form else NEXT[step]

    def work() -> Response:
        saved = {} if "skip" in form else _save_step(context, step, form)
        response = redirect(next_path)
        look = {**context.settings, **saved, **welcome(context.settings, context.person_mark)}
        cookie = look_cookie(look, is_person=context.is_signed_in)
        set_cookie(response, LOOK, cookie, YEAR_S, is_secure=context.sign_in.is_secure)
        return response

    def values(context: RequestContext) -> dict[str, object]:
        return _values(context, "assets" if step == "assets" else "persona")

    return handle_form(context, PAGES[0], work, values)


def _offered_assets(context: RequestContext) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = context.call("markets.list", limit=CHOICE).rows
    return rows


def _save_step(context: RequestContext, step: str, form: Mapping[str, str]) -> dict[str, str]:
    if step == "assets":
        return _save_assets(context, form)
    value = form.get(step, "")
    if not value:
        return {}
    if value not in {"language": languages(), "persona": PERSONAS}.get(step, ()):
        raise UsageError(context.text("choose one, or skip the question"))
    if context.is_signed_in:
        context.call("settings.change", **{step: value})
    return {step: value}


def _save_assets(context: RequestContext, form: Mapping[str, str]) -> dict[str, str]:
    typed = [form.get("other", ""), *(part for part in form.get("asset", "").split(","))]
    assets = list(dict.fromkeys(word.strip() for word in typed if word.strip()))[: MOST + 1]
    if not assets:
        return {}
    if len(assets) > MOST:
        raise UsageError(context.text("Pick at most three; you can add more later."))
    try:
        return _store_assets(context, assets)
    except NotFound as fault:
        # A ticker that is not known is a slip beside the field, no missing page.
        raise UsageError(str(fault)) from None


def _store_assets(context: RequestContext, assets: list[str]) -> dict[str, str]:
    if not context.is_signed_in:
        rows = context.call("markets.list", assets=",".join(assets)).rows
        return {"assets": ",".join(row["asset"] for row in rows)}
    first = context.call("watchlists.read")
    if first.watchlist:
        # Who has a list keeps what is on it: the doors can be gone through again from Help.
        both = list(dict.fromkeys([*first.assets, *assets]))
        context.call("watchlists.change", watchlist=first.watchlist, assets=both, revision=first.revision)
    else:
        context.call("watchlists.create", name=context.text(LIST_NAME), assets=assets)
    return {}


GROUP = "system"
PAGES = (
    Page(
        name="welcome",
        path="/welcome",
        is_in_menu=False,
        title="Welcome",
        description="What Vigie is, a picture of today's market, and three ways in: trader, journalist, beginner.",
        show=show,
        actions={"/welcome": save_answer},
        folder="welcome",
    ),
)
