"""One client of the stream: subscriptions by address, ping, posted requests, and what is sent to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.hyperliquid.market import MarketAnswers
from vigie.sandbox.exchange.hyperliquid.pushes import CHANNELS, USER, Push, Pushes
from vigie.sandbox.exchange.hyperliquid.topics import News, topic
from vigie.sandbox.exchange.session import Session

SILENCE_S: Final = 60.0
_MOST_A_SECOND: Final = 33
_MOST: Final = 1_000
_MOST_USERS: Final = 10
_TOO_MANY_USERS: Final = "Cannot track more than 10 total users."

Posted = Callable[[str, Any], dict[str, Any]]
"""Answers an info question or an action that came over a stream."""


class HyperliquidSession(Session[Push]):
    """One connection.

    Parameters
    ----------
    desk : Desk
        Whose exchange it hears of.
    posted : callable
        Answers what is posted.
    now_s : float
        Seconds that only grow.
    """

    def __init__(
        self, desk: Desk, market: MarketAnswers, pushes: Pushes, posted: Posted, now_s: float
    ) -> None:
        super().__init__(desk, now_s)
        self._market = market
        self._pushes = pushes
        self._posted = posted
        self._topics: dict[str, tuple[str, News]] = {}
        self._users: dict[str, tuple[str, str]] = {}

    def hear(self, text: str, now_s: float) -> None:
        """Answer what the client says."""
        if self.said_too_much(now_s, _MOST_A_SECOND):
            self._error("Too many messages")
            self.cut()
            return
        try:
            asked = json.loads(text)
            method = asked["method"]
        except (ValueError, KeyError, TypeError, RecursionError):
            self._error(f"Error parsing JSON into valid websocket request: {text[:100]}")
            return
        if method == "ping":
            if self.desk.faults.standing("dead-stream") is None:
                self._say("pong")
        elif method == "subscribe" and isinstance(asked.get("subscription"), dict):
            self._subscribe(asked["subscription"])
        elif method == "unsubscribe" and isinstance(asked.get("subscription"), dict):
            self._leave(asked["subscription"])
        elif method == "post" and isinstance(asked.get("request"), dict):
            request = asked["request"]
            told = self._posted(str(request.get("type")), request.get("payload"))
            self._say("post", {"id": asked.get("id"), "response": told})
        else:
            self._error(f"Error parsing JSON into valid websocket request: {text[:100]}")

    def tell(self, push: Push, now_s: float) -> None:
        """Send news of an account where they are subscribed."""
        for kind, account in self._users.values():
            if (kind, account) == (push.kind, push.account):
                self._news(kind, push.data, now_s)

    def news(self, now_s: float) -> None:
        """Send what has changed in the market, and what was held back long enough."""
        if now_s - self.heard_s > SILENCE_S:
            self.heard_s = now_s
            self.cut()
        for kind, told in self._topics.values():
            for data in told():
                self._news(kind, data, now_s)
        self.let_go(now_s)

    def _subscribe(self, wanted: dict[str, Any]) -> None:
        key, kind = json.dumps(wanted, sort_keys=True), str(wanted.get("type"))
        if key in self._topics or key in self._users:
            self._error(f"Already subscribed: {json.dumps(wanted)}")
            return
        if len(self._topics) + len(self._users) >= _MOST:
            self._error("Cannot subscribe to more than 1000 channels.")
            return
        if kind in USER:
            self._subscribe_user(wanted, key, kind)
            return
        news = topic(self.desk, self._market, wanted)
        if news is None:
            self._error(f"Invalid subscription {json.dumps(wanted)}")
            return
        self._say("subscriptionResponse", {"method": "subscribe", "subscription": wanted})
        self._topics[key] = (kind, news)
        self.news(self.heard_s)

    def _subscribe_user(self, wanted: dict[str, Any], key: str, kind: str) -> None:
        account = self.desk.owners.get(str(wanted.get("user", "")).lower(), "")
        refused = self.desk.faults.standing("login-refused")
        known = {one for _, one in self._users.values()} | {account}
        if refused is not None or len(known) > _MOST_USERS:
            self._error(_TOO_MANY_USERS if refused is None else refused.code)
            return
        self._say("subscriptionResponse", {"method": "subscribe", "subscription": wanted})
        self._users[key] = (kind, account)
        first = self._pushes.now(account, kind) if account else None
        if first is not None:
            self._news(kind, first, self.heard_s)

    def _leave(self, wanted: dict[str, Any]) -> None:
        key = json.dumps(wanted, sort_keys=True)
        if self._topics.pop(key, None) is None and self._users.pop(key, None) is None:
            self._error(f"Already unsubscribed: {json.dumps(wanted)}")
            return
        self._say("subscriptionResponse", {"method": "unsubscribe", "subscription": wanted})

    def _news(self, kind: str, data: Any, now_s: float) -> None:
        self.send(json.dumps({"channel": CHANNELS.get(kind, kind), "data": data}), kind, now_s)

    def _say(self, channel: str, data: Any = None) -> None:
        told = {"channel": channel} if data is None else {"channel": channel, "data": data}
        self.outbox.put_nowait(json.dumps(told))

    def _error(self, words: str) -> None:
        self._say("error", words)
