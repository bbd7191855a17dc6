"""Proposed names: who told them, in which sentences; one click makes an entity of one, or rejects it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.errors import NotFound, UsageError
from vigie.views.web.answering import go, tried
from vigie.views.web.page import Page
from vigie.views.web.visit import Visit

PATH = "/entities/proposed"
# Each has its sentences and a form: more at once make a page nobody reads to its end.
_MOST: Final = 12


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for what is proposed."""
    found = visit.ask("entities.proposals")
    done = visit.query.get("done", "")
    return {
        "proposals": found.proposals[:_MOST],
        "waiting": max(0, len(found.proposals) - _MOST),
        "rejected": found.rejected,
        "done": done if done in ("accepted", "rejected", "undone") else "",
        "name": visit.query.get("name", "")[:80],
        "entity": visit.query.get("entity", "")[:90],
        "amendment": visit.query.get("amendment", "")[:20],
        "kinds": {
            "org": visit.text("Organisation"), "coin": visit.text("Coin"), "person": visit.text("Person"),
            "law": visit.text("Law or rule"),
        },
        "errors": [],
    }  # fmt: skip


def decide(visit: Visit, form: Mapping[str, str]) -> Response:
    """Accept or reject a name, or take that back."""
    name, what = form.get("name", ""), form.get("what", "")

    def work() -> Response:
        if what == "undo":
            visit.ask("entities.undo", amendment=form.get("amendment", ""))
            return go(PATH, done="undone")
        try:
            if what == "accept":
                made = visit.ask("entities.accept", name=name, kind=form.get("kind", "org"))
                return go(PATH, done="accepted", name=made.text, entity=made.entity, amendment=made.amendment)
            if what == "reject":
                made = visit.ask("entities.reject", name=name)
                return go(PATH, done="rejected", name=made.text, amendment=made.amendment)
        except NotFound as fault:
            # Somebody else was quicker, or the news went on.
            raise UsageError(str(fault)) from fault
        raise UsageError("say what is to be done: accept or reject")

    return tried(visit, PROPOSALS, work, show)


PROPOSALS = Page(
    name="proposals",
    path=PATH,
    title="Proposed names",
    description="Names that no list has and three publishers told: accept or reject them.",
    show=show,
    acts={"/entities/decide": decide},
    folder="proposals",
)
PAGES = (PROPOSALS,)
