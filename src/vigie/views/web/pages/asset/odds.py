"""The odds of an asset, or that no model of it has passed: a card of its page."""

from __future__ import annotations

from collections.abc import Mapping

from vigie.views.web.request_context import RequestContext


def odds_values(context: RequestContext, asset: str) -> Mapping[str, object]:
    """Return what the newest promoted model says; nothing of the past, nor where no model was trained."""
    rows = [] if context.is_past else context.call("models.odds", assets=asset).rows
    if not rows:
        return {"odds": None}
    (row,) = rows
    return {
        "odds": row,
        "effects": context.call("models.effects", asset=asset, language=context.lang.content_language)
        if row.model
        else None,
    }
