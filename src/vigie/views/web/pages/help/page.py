"""Help: keys, what each page shows, words, commands, leaving the demo, backups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigie.views.web.glossary import glossary
from vigie.views.web.page import Page, pages
from vigie.views.web.request_context import RequestContext


def show(context: RequestContext) -> Mapping[str, Any]:
    """List the pages the visitor may open, and the words."""
    listed_pages = [
        page
        for page in pages().values()
        if "{" not in page.path
        and context.caller.may(page.scope)
        and page.name not in ("login", "styleguide")
    ]
    return {"pages": sorted(listed_pages, key=lambda page: page.path), "glossary": glossary(context)}


GROUP = "system"
PAGES = (
    Page(
        name="help",
        path="/help",
        title="Help",
        description="Shortcuts, what each page shows, glossary, commands, and how to leave the demo.",
        show=show,
        is_public=True,
        folder="help",
    ),
)
