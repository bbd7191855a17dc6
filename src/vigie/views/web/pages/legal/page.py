"""Legal notice: who runs this home, what Vigie is and is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigie.views.web.page import Page
from vigie.views.web.visit import Visit


def show(visit: Visit) -> Mapping[str, Any]:
    """Say who can be reached, as far as the settings name somebody."""
    told = {key: shown for key, shown, _where in visit.house.settings()}
    return {"contact": told.get("contact", ""), "address": told.get("public_url", "")}


PAGES = (
    Page(
        name="legal",
        path="/legal",
        title="Legal notice",
        description="Who runs this home of Vigie, what it is, and why it is no investment advice.",
        show=show,
        is_public=True,
        folder="legal",
    ),
)
