"""Whether an asset is stretched or depressed, and what followed: the folded part of its page."""

from __future__ import annotations

from collections.abc import Mapping

from vigie.views.web.request_context import RequestContext


def valuation_values(context: RequestContext, asset: str, kind: str) -> Mapping[str, object]:
    """Return what the page says of the valuation; nothing of a stablecoin, whose price is meant to stand."""
    if kind == "stablecoin":
        return {"valuation": None}
    query = {"asset": asset, **({} if context.as_of is None else {"as_of": context.as_of})}
    told = context.call("valuation.of", **query)
    if told.ts is None:
        return {"valuation": None}
    episodes = context.call("valuation.episodes", **query)
    return {
        "valuation": told,
        "followed": episodes.followed if told.state else [],
        "dated": {
            (entry.state, entry.horizon_days): [
                row
                for row in episodes.rows
                if row.change is not None
                and (row.state, row.horizon_days) == (entry.state, entry.horizon_days)
            ]
            for entry in episodes.followed
            if entry.median is None
        },
        "episodes_file": context.file("valuation.episodes", "csv", query),
        "state_words": {
            "normal": context.text("normal"),
            "stretched": context.text("stretched"),
            "depressed": context.text("depressed"),
        },
    }
