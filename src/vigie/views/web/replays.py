"""How far the past of an account is replayed, for every page that shows what comes of it."""

from __future__ import annotations

from vigie.services.operations.trading import ReplayProgress
from vigie.views.web.request_context import RequestContext


def replay_under_way(context: RequestContext, account: str = "") -> ReplayProgress | None:
    """Return how far the replay of an account is, or of the first that is replayed; None where there is none."""
    rows = context.call("trading.accounts").rows
    named = (row for row in rows if row["is_replayed"] and account in ("", row["account"]))
    found = next(named, None)
    if found is None:
        return None
    replay: ReplayProgress | None = context.call("trading.account", account=found["account"]).replay
    return replay
