"""Transfers that are proposed on the page of files: joined, refused, each undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from vigie.domain.time import parse_time
from vigie.views.web.form_responses import redirect
from vigie.views.web.request_context import RequestContext

PATH: Final = "/portfolio/files"
MOST_PROPOSED: Final = 20
JOINED_SHOWN: Final = 20
_DONE: Final = ("none_clear", "undone", "joined", "refused")


def proposed_values(context: RequestContext) -> dict[str, object]:
    """Return what is proposed, and what was done last."""
    done, cursor = context.query.get("done", ""), context.query.get("cursor", "")[:6]
    return {
        "joined": context.call(
            "holdings.joined_transfers", limit=JOINED_SHOWN, cursor=cursor if cursor.isdecimal() else ""
        ),
        "proposed": context.call("holdings.transfers"),
        "most_proposed": MOST_PROPOSED,
        "day_of": lambda day: context.lang.day(parse_time(day)),
        "may_write": context.caller.may("write"),
        "batch": context.query.get("batch", "")[:20],
        "done": done if done in _DONE else "",
    }


def answer_transfer(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Join two lines, or remember that they are no transfer."""
    both = {name: form.get(name, "") for name in ("holding", "arrival")}
    is_refused = form.get("what") == "refuse"
    name = "holdings.refuse_transfer" if is_refused else "holdings.join_transfers"
    return redirect(PATH, batch=context.call(name, **both).batch, done="refused" if is_refused else "joined")


def undo_join(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Bring back the lines that were joined together."""
    context.call("holdings.undo", holding_batch=form.get("holding_batch", ""))
    return redirect(PATH, done="undone")


def join_all(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Join all that are clear."""
    told = context.call("holdings.join_transfers", all_clear=True)
    return redirect(
        PATH, **({"batch": told.batch, "done": "joined"} if told.batch else {"done": "none_clear"})
    )
