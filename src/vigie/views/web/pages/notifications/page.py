"""Behind the bell: alerts, jobs that ended, and what the accounts bought and sold, with what was not seen yet."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from starlette.responses import RedirectResponse, Response

from vigie.domain.person import VISITOR
from vigie.services.operations.notifications import NotificationRow
from vigie.views.web.forms import whole_number
from vigie.views.web.page import Page
from vigie.views.web.pages.alerts.words import rule_name
from vigie.views.web.request_context import RequestContext

# Of each kind.
SHOWN: Final = 12
# Of milliseconds since 1970, with room for a few thousand years.
MOST_DIGITS: Final = 15


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask for what is new, kind by kind."""
    is_person = context.caller.user != VISITOR.user
    by_kind: dict[str, list[NotificationRow]] = {"alert": [], "job": [], "fill": []}
    for row in context.call("notifications.list", limit=SHOWN).rows:
        by_kind[row["kind"]].append(row)
    return {
        "kinds": by_kind,
        "rule_called": partial(rule_name, context),
        # A part has no menu, which counts for the whole page.
        "count": context.call("notifications.count") if context.fragment and is_person else None,
        # What comes while the page is read stays unread.
        "seen": {kind: rows[0]["ts"] if rows else 0 for kind, rows in by_kind.items()},
    }


def mark_read(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Mark what the page showed as read."""
    until = {f"{kind}_until": whole_number(form.get(kind, ""), MOST_DIGITS) for kind in ("jobs", "fills")}
    context.call("notifications.read", **until)
    return RedirectResponse("/notifications", 303)


GROUP = "alerts"
PAGES = (
    Page(
        name="notifications",
        path="/notifications",
        title="Notifications",
        description="Alerts, finished jobs and fills, with what is new since you last looked.",
        show=show,
        actions={"/notifications/read": mark_read},
    ),
)
