"""Which assets a person watches: those of the first watchlist, else three that everybody begins with."""

from __future__ import annotations

from typing import Final

from vigie.ports.accounts import UserStore

START: Final = ("bitcoin", "ethereum", "solana")


def list_watched_assets(accounts: UserStore, owner: str) -> list[str]:
    """Return the assets of a person's first watchlist in its order; it may be empty."""
    lists = accounts.watchlists(owner)
    return list(lists[0].assets) if lists else list(START)
