"""Listen keys: the address of a user data stream, good for an hour unless it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from vigie.domain.time import HOUR_MS
from vigie.sandbox.exchange.binance.envelope import Call
from vigie.sandbox.exchange.wire import Refusal


class ListenKeys:
    """The keys that are given out, one an account.

    Parameters
    ----------
    wall : callable
        The machine's clock in epoch milliseconds.
    """

    lasts_ms: Final = HOUR_MS

    def __init__(self, wall: Callable[[], int]) -> None:
        self._wall = wall
        self._given: dict[str, tuple[str, int]] = {}
        self._number = 0

    def give(self, call: Call) -> object:
        """Return the account's key, kept for another hour; a new one where there is none."""
        key = self._key(call.account)
        if not key:
            self._number += 1
            grown = hashlib.sha256(f"{call.key}/{self._wall()}/{self._number}".encode()).hexdigest()
            key = grown
        self._given[call.account] = key, self._wall() + self.lasts_ms
        return {"listenKey": key}

    def keep(self, call: Call) -> object:
        """Keep the account's key for another hour."""
        if not self._key(call.account):
            raise Refusal("-1125", "This listenKey does not exist.")
        return self.give(call)

    def close(self, call: Call) -> object:
        """Forget the account's key."""
        self._given.pop(call.account, None)
        return {}

    def account(self, key: str) -> str:
        """Return whose stream a key opens; empty for one that is not good."""
        return next((name for name in self._given if self._key(name) == key and key), "")

    def _key(self, account: str) -> str:
        key, until = self._given.get(account, ("", 0))
        return key if self._wall() < until else ""
