"""Help: keys, what each page shows, words, commands, leaving the demo, backups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigie.views.web.page import Page, pages
from vigie.views.web.visit import Visit


def show(visit: Visit) -> Mapping[str, Any]:
    """List the pages the visitor may open."""
    known = [
        page
        for page in pages().values()
        if "{" not in page.path and visit.caller.may(page.scope) and page.name not in ("login", "styleguide")
    ]
    return {"pages": sorted(known, key=lambda page: page.path)}


PAGES = (
    Page(
        name="help",
        path="/help",
        title="Help",
        description="Keys, what each page shows, the words it uses, the commands, and how to leave the demo.",
        show=show,
        is_public=True,
        folder="help",
    ),
)
