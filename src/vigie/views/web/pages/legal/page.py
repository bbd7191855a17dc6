"""Legal notice: who runs this home, what Vigie is and is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigie.views.web.page import Page
from vigie.views.web.request_context import RequestContext


def show(context: RequestContext) -> Mapping[str, Any]:
    """Say who can be reached, as far as the settings name somebody."""
    settings = {key: value for key, value, _where in context.app_context.settings()}
    return {"contact": settings.get("contact", ""), "address": settings.get("public_url", "")}


GROUP = "system"
PAGES = (
    Page(
        name="legal",
        path="/legal",
        is_in_menu=False,
        title="Legal notice",
        description="Who operates this installation, what Vigie is, and why it is not investment advice.",
        show=show,
        is_public=True,
        folder="legal",
    ),
)
