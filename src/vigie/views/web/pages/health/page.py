"""How this home does: sources, jobs, disk, version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigie.views.web.page import Page
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_counts import count_sources


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask how everything is."""
    health = context.call("health.read")
    return {"health": health, "source_counts": count_sources(source.state for source in health.sources)}


GROUP = "system"
PAGES = (
    Page(
        name="health",
        path="/health",
        title="Health",
        description="State of the sources, the jobs and the disk, and the version of Vigie.",
        show=show,
        folder="health",
    ),
)
