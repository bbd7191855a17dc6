"""Proposed names: who told them, in which sentences; one click makes an entity of one, or rejects it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.errors import NotFound, UsageError
from vigie.views.web.form_responses import handle_form, redirect
from vigie.views.web.page import Page
from vigie.views.web.request_context import RequestContext

PATH = "/entities/proposed"
# Each has its sentences and a form: more at once make a page nobody reads to its end.
_MOST: Final = 12


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for what is proposed."""
    proposed = context.call("entities.proposals")
    done = context.query.get("done", "")
    return {
        "proposals": proposed.proposals[:_MOST],
        "waiting": max(0, len(proposed.proposals) - _MOST),
        "rejected": proposed.rejected,
        "done": done if done in ("accepted", "rejected", "undone") else "",
        "name": context.query.get("name", "")[:80],
        "entity": context.query.get("entity", "")[:90],
        "amendment": context.query.get("amendment", "")[:20],
        "kinds": {
            "org": context.text("Organisation"), "coin": context.text("Coin"), "person": context.text("Person"),
            "law": context.text("Law or rule"),
        },
        "errors": [],
    }  # fmt: skip


def decide(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Accept or reject a name, or take that back."""
    name, what = form.get("name", ""), form.get("what", "")

    def work() -> Response:
        if what == "undo":
            context.call("entities.undo", amendment=form.get("amendment", ""))
            return redirect(PATH, done="undone")
        try:
            if what == "accept":
                amendment = context.call("entities.accept", name=name, kind=form.get("kind", "org"))
                return redirect(
                    PATH,
                    done="accepted",
                    name=amendment.text,
                    entity=amendment.entity,
                    amendment=amendment.amendment,
                )
            if what == "reject":
                amendment = context.call("entities.reject", name=name)
                return redirect(PATH, done="rejected", name=amendment.text, amendment=amendment.amendment)
        except NotFound as fault:
            # Somebody else was quicker, or the news went on.
            raise UsageError(str(fault)) from fault
        raise UsageError("choose_action_accept", "choose an action: accept or reject")

    return handle_form(context, PROPOSALS, work, show)


PROPOSALS = Page(
    name="proposals",
    path=PATH,
    title="Proposed names",
    description="Names used by three publishers but missing from our lists: accept or reject them.",
    show=show,
    actions={"/entities/decide": decide},
    folder="proposals",
)
GROUP: Final = "news"
PAGES = (PROPOSALS,)
