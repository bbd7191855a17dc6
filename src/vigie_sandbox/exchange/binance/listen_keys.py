"""Listen keys: the address of a user data stream, good for an hour unless it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from vigie.domain.time import HOUR_MS
from vigie_sandbox.exchange.binance.envelope import BinanceCall
from vigie_sandbox.exchange.wire import VenueRefusal


class ListenKeys:
    """The keys that are given out, one an account.

    Parameters
    ----------
    wall : callable
        The machine's clock in epoch milliseconds.
    """

    lifetime_ms: Final = HOUR_MS

    def __init__(self, wall: Callable[[], int]) -> None:
        self._wall = wall
        self._keys: dict[str, tuple[str, int]] = {}
        self._number = 0

    def create(self, call: BinanceCall) -> object:
        """Return the account's key, kept for another hour; a new one where there is none."""
        key = self._get_key(call.account)
        if not key:
            self._number += 1
            new_key = hashlib.sha256(f"{call.key}/{self._wall()}/{self._number}".encode()).hexdigest()
            key = new_key
        self._keys[call.account] = key, self._wall() + self.lifetime_ms
        return {"listenKey": key}

    def keep_alive(self, call: BinanceCall) -> object:
        """Keep the account's key for another hour."""
        if not self._get_key(call.account):
            raise VenueRefusal("-1125", "This listenKey does not exist.")
        return self.create(call)

    def close(self, call: BinanceCall) -> object:
        """Forget the account's key."""
        self._keys.pop(call.account, None)
        return {}

    def find_account(self, key: str) -> str:
        """Return whose stream a key opens; empty for one that is not good."""
        return next((name for name in self._keys if self._get_key(name) == key and key), "")

    def _get_key(self, account: str) -> str:
        key, until = self._keys.get(account, ("", 0))
        return key if self._wall() < until else ""
