"""The first visit asks three things, each skippable: language, who you are, three assets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import PERSONAS
from vigie.views.web.answering import go, tried
from vigie.views.web.cookies import LOOK, YEAR_S, set_cookie
from vigie.views.web.language import LANGUAGES
from vigie.views.web.page import Page
from vigie.views.web.visit import Visit

STEPS = ("language", "persona", "assets")
CHOICE = 24
MOST = 3
LIST_NAME = "Watchlist"


def show(visit: Visit) -> dict[str, Any]:
    """Ask for one of the three things."""
    step = visit.query.get("step", "language")
    step = step if step in STEPS else "language"
    known = visit.ask("markets.list", limit=CHOICE).rows if step == "assets" else []
    return {
        "step": step,
        "number": STEPS.index(step) + 1,
        "next": STEPS[STEPS.index(step) + 1] if step != STEPS[-1] else "",
        "assets": known,
        "chosen": visit.query.get("assets", "").split(","),
        "errors": [],
    }


def answer(visit: Visit, form: Mapping[str, str]) -> Response:
    """Keep one answer, or none, and go on to the next question."""
    step = form.get("step", "")
    step = step if step in STEPS else STEPS[0]
    there = f"/welcome?step={STEPS[STEPS.index(step) + 1]}" if step in STEPS[:-1] else "/"

    def work() -> Response:
        kept = {} if "skip" in form else _kept(visit, step, form)
        response = go(there)
        look = {name: str(value) for name, value in visit.settings.items()}
        look.update({**kept, "welcomed": "1"})
        set_cookie(response, LOOK, urlencode(look), YEAR_S, is_secure=visit.knock.is_secure)
        return response

    def values(visit: Visit) -> dict[str, Any]:
        return {
            **show(visit),
            "step": step,
            "number": STEPS.index(step) + 1,
            "next": "",
            "assets": _known(visit),
        }

    return tried(visit, PAGES[0], work, values)


def _known(visit: Visit) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = visit.ask("markets.list", limit=CHOICE).rows
    return found


def _kept(visit: Visit, step: str, form: Mapping[str, str]) -> dict[str, str]:
    if step == "assets":
        return _watch(visit, form)
    value = form.get(step, "")
    if value not in {"language": LANGUAGES, "persona": PERSONAS}.get(step, ()):
        raise UsageError(visit.text("choose one, or skip the question"))
    if visit.is_signed_in:
        visit.ask("settings.change", **{step: value})
    return {step: value}


def _watch(visit: Visit, form: Mapping[str, str]) -> dict[str, str]:
    words = [form.get("other", ""), *(one for one in form.get("asset", "").split(","))]
    wanted = list(dict.fromkeys(word.strip() for word in words if word.strip()))[: MOST + 1]
    if not wanted:
        raise UsageError(visit.text("choose one, or skip the question"))
    if len(wanted) > MOST:
        raise UsageError(visit.text("choose at most three; more can be added later"))
    try:
        return _watched(visit, wanted)
    except NotFound as fault:
        # A ticker that is not known is a slip beside the field, no missing page.
        raise UsageError(str(fault)) from None


def _watched(visit: Visit, wanted: list[str]) -> dict[str, str]:
    if not visit.is_signed_in:
        found = visit.ask("markets.list", assets=",".join(wanted)).rows
        return {"assets": ",".join(row["asset"] for row in found)}
    first = visit.ask("watchlists.read")
    if first.watchlist:
        visit.ask("watchlists.change", watchlist=first.watchlist, assets=wanted, revision=first.revision)
    else:
        visit.ask("watchlists.create", name=visit.text(LIST_NAME), assets=wanted)
    return {}


PAGES = (
    Page(
        name="welcome",
        path="/welcome",
        title="Welcome",
        description="Three questions for the first visit: language, who you are, three assets. Each can be skipped.",
        show=show,
        acts={"/welcome": answer},
        folder="welcome",
    ),
)
