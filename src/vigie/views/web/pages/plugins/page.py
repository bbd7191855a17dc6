"""Plug-ins that do not come with Vigie: which there are, what they declare, and how an admin allows one."""

from __future__ import annotations

from collections.abc import Mapping

from vigie.views.web.page import Page
from vigie.views.web.request_context import RequestContext


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask which there are."""
    return {
        "table": context.call("plugins.list"),
        "states": {
            "on": (context.text("on"), "good"),
            "not allowed": (context.text("not allowed"), "warn"),
            "unusable": (context.text("unusable"), "bad"),
        },
        "kinds": {
            "source": context.text("Source"),
            "notifier": context.text("Alert channel"),
            "indicator": context.text("Indicator"),
            "metric": context.text("Metric"),
            "strategy": context.text("Strategy"),
        },
    }


GROUP = "system"
PAGES = (
    Page(
        name="plugins",
        path="/plugins",
        title="Plug-ins",
        description="Plug-ins that do not come with Vigie: what they declare, and whether they are allowed.",
        show=show,
    ),
)
