"""How far the past of an account is replayed, for every page that shows what comes of it."""

from __future__ import annotations

from typing import Final

from vigie.services.operations.trading import ReplayProgress
from vigie.views.web.request_context import RequestContext

# The last page that `journal.list` can be asked for.
_BEYOND: Final = "999999"


def replay_under_way(context: RequestContext, account: str = "") -> ReplayProgress | None:
    """Return how far the replay of an account is, or of the first that is replayed; None where there is none."""
    rows = context.call("trading.accounts").rows
    named = (row for row in rows if row["is_replayed"] and account in ("", row["account"]))
    found = next(named, None)
    if found is None:
        return None
    replay: ReplayProgress | None = context.call("trading.account", account=found["account"]).replay
    return replay


def count_closed(context: RequestContext, account: str, replayed: str) -> int:
    """Return how many closed trades of an account the journal has, of those that were decided afterwards or others."""
    # Beyond the last one: none is read to be counted.
    asked = {"account": account, "replayed": replayed, "limit": 1, "cursor": _BEYOND}
    return int(context.call("journal.list", **asked).total or 0)
