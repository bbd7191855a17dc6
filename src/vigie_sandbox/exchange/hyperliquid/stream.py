"""One client of the stream: subscriptions by address, ping, posted requests, and what is sent to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from vigie_sandbox.exchange.hyperliquid.market import HyperliquidMarketInfo
from vigie_sandbox.exchange.hyperliquid.pushes import (
    CHANNELS,
    USER_SUBSCRIPTIONS,
    HyperliquidPush,
    HyperliquidPushWriter,
)
from vigie_sandbox.exchange.hyperliquid.topics import GetUpdates, open_topic
from vigie_sandbox.exchange.session import VenueSession
from vigie_sandbox.exchange.venue_context import VenueContext

MAX_SILENCE_S: Final = 60.0
_MAX_MESSAGES_PER_SECOND: Final = 33
_MAX_CHANNELS: Final = 1_000
_MAX_USERS: Final = 10
_TOO_MANY_USERS: Final = "Cannot track more than 10 total users."

PostHandler = Callable[[str, Any], dict[str, Any]]
"""Answers an info question or an action that came over a stream."""


class HyperliquidSession(VenueSession[HyperliquidPush]):
    """One connection.

    Parameters
    ----------
    context : VenueContext
        Whose exchange it hears of.
    answer_post : callable
        Answers what is posted.
    now_s : float
        Seconds that only grow.
    """

    def __init__(
        self,
        context: VenueContext,
        market_info: HyperliquidMarketInfo,
        push_writer: HyperliquidPushWriter,
        answer_post: PostHandler,
        now_s: float,
    ) -> None:
        super().__init__(context, now_s)
        self._market_info = market_info
        self._push_writer = push_writer
        self._answer_post = answer_post
        self._topics: dict[str, tuple[str, GetUpdates]] = {}
        self._user_topics: dict[str, tuple[str, str]] = {}

    def receive(self, text: str, now_s: float) -> None:
        """Answer what the client says."""
        if self.is_over_rate(now_s, _MAX_MESSAGES_PER_SECOND):
            self._send_error("Too many messages")
            self.close()
            return
        try:
            message = json.loads(text)
            method = message["method"]
        except (ValueError, KeyError, TypeError, RecursionError):
            self._send_error(f"Error parsing JSON into valid websocket request: {text[:100]}")
            return
        if method == "ping":
            if self.context.faults.get_standing("dead-stream") is None:
                self._send_message("pong")
        elif method == "subscribe" and isinstance(message.get("subscription"), dict):
            self._subscribe(message["subscription"])
        elif method == "unsubscribe" and isinstance(message.get("subscription"), dict):
            self._unsubscribe(message["subscription"])
        elif method == "post" and isinstance(message.get("request"), dict):
            request = message["request"]
            answer = self._answer_post(str(request.get("type")), request.get("payload"))
            self._send_message("post", {"id": message.get("id"), "response": answer})
        else:
            self._send_error(f"Error parsing JSON into valid websocket request: {text[:100]}")

    def push_to_client(self, push: HyperliquidPush, now_s: float) -> None:
        """Send news of an account where they are subscribed."""
        for kind, account in self._user_topics.values():
            if (kind, account) == (push.kind, push.account):
                self._send_channel(kind, push.data, now_s)

    def send_updates(self, now_s: float) -> None:
        """Send what has changed in the market, and what was held back long enough."""
        if now_s - self.last_heard_s > MAX_SILENCE_S:
            self.last_heard_s = now_s
            self.close()
        for kind, get_updates in self._topics.values():
            for data in get_updates():
                self._send_channel(kind, data, now_s)
        self.send_delayed(now_s)

    def _subscribe(self, subscription: dict[str, Any]) -> None:
        key, kind = json.dumps(subscription, sort_keys=True), str(subscription.get("type"))
        if key in self._topics or key in self._user_topics:
            self._send_error(f"Already subscribed: {json.dumps(subscription)}")
            return
        if len(self._topics) + len(self._user_topics) >= _MAX_CHANNELS:
            self._send_error("Cannot subscribe to more than 1000 channels.")
            return
        if kind in USER_SUBSCRIPTIONS:
            self._subscribe_user(subscription, key, kind)
            return
        get_updates = open_topic(self.context, self._market_info, subscription)
        if get_updates is None:
            self._send_error(f"Invalid subscription {json.dumps(subscription)}")
            return
        self._send_message("subscriptionResponse", {"method": "subscribe", "subscription": subscription})
        self._topics[key] = (kind, get_updates)
        self.send_updates(self.last_heard_s)

    def _subscribe_user(self, subscription: dict[str, Any], key: str, kind: str) -> None:
        account = self.context.accounts_by_key.get(str(subscription.get("user", "")).lower(), "")
        fault = self.context.faults.get_standing("login-refused")
        accounts = {other_account for _, other_account in self._user_topics.values()} | {account}
        if fault is not None or len(accounts) > _MAX_USERS:
            self._send_error(_TOO_MANY_USERS if fault is None else fault.code)
            return
        self._send_message("subscriptionResponse", {"method": "subscribe", "subscription": subscription})
        self._user_topics[key] = (kind, account)
        snapshot = self._push_writer.make_snapshot(account, kind) if account else None
        if snapshot is not None:
            self._send_channel(kind, snapshot, self.last_heard_s)

    def _unsubscribe(self, subscription: dict[str, Any]) -> None:
        key = json.dumps(subscription, sort_keys=True)
        if self._topics.pop(key, None) is None and self._user_topics.pop(key, None) is None:
            self._send_error(f"Already unsubscribed: {json.dumps(subscription)}")
            return
        self._send_message("subscriptionResponse", {"method": "unsubscribe", "subscription": subscription})

    def _send_channel(self, kind: str, data: Any, now_s: float) -> None:
        self.send(json.dumps({"channel": CHANNELS.get(kind, kind), "data": data}), kind, now_s)

    def _send_message(self, channel: str, data: Any = None) -> None:
        message = {"channel": channel} if data is None else {"channel": channel, "data": data}
        self.outbox.put_nowait(json.dumps(message))

    def _send_error(self, text: str) -> None:
        self._send_message("error", text)
