"""The first visit asks three things, each skippable: language, who you are, three assets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from vigie.catalogue import languages
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import PERSONAS
from vigie.views.web.cookies import LOOK, YEAR_S, set_cookie
from vigie.views.web.form_responses import handle_form, redirect
from vigie.views.web.page import Page
from vigie.views.web.request_context import RequestContext

STEPS = ("language", "persona", "assets")
CHOICE = 24
MOST = 3
LIST_NAME = "Watchlist"


def show(context: RequestContext) -> dict[str, Any]:
    """Ask for one of the three things."""
    step = context.query.get("step", "language")
    step = step if step in STEPS else "language"
    offered = context.call("markets.list", limit=CHOICE).rows if step == "assets" else []
    return {
        "step": step,
        "number": STEPS.index(step) + 1,
        "next": STEPS[STEPS.index(step) + 1] if step != STEPS[-1] else "",
        "assets": offered,
        "chosen": context.query.get("assets", "").split(","),
        "errors": [],
    }


def save_answer(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Keep one answer, or none, and go on to the next question."""
    step = form.get("step", "")
    step = step if step in STEPS else STEPS[0]
    next_path = f"/welcome?step={STEPS[STEPS.index(step) + 1]}" if step in STEPS[:-1] else "/"

    def work() -> Response:
        saved = {} if "skip" in form else _save_step(context, step, form)
        response = redirect(next_path)
        look = {name: str(value) for name, value in context.settings.items()}
        look.update({**saved, "welcomed": "1"})
        set_cookie(response, LOOK, urlencode(look), YEAR_S, is_secure=context.sign_in.is_secure)
        return response

    def values(context: RequestContext) -> dict[str, Any]:
        return {
            **show(context),
            "step": step,
            "number": STEPS.index(step) + 1,
            "next": "",
            "assets": _offered_assets(context),
        }

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
        context.call("watchlists.change", watchlist=first.watchlist, assets=assets, revision=first.revision)
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
        description="Three questions for your first visit: language, profile, assets to watch. You can skip each "
        "one.",
        show=show,
        actions={"/welcome": save_answer},
        folder="welcome",
    ),
)
