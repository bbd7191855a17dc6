"""One client of a stream: of markets, by names; of an account, by its listen key."""

from __future__ import annotations

import json
from typing import Any, Final

from vigie_sandbox.exchange.binance.public import BinancePublicEndpoints
from vigie_sandbox.exchange.binance.pushes import BinancePush
from vigie_sandbox.exchange.binance.topics import GetUpdates, open_topic
from vigie_sandbox.exchange.session import VenueSession
from vigie_sandbox.exchange.venue_context import VenueContext

_MAX_MESSAGES_PER_SECOND: Final = 10
_MAX_STREAMS: Final = 1_024


class BinanceSession(VenueSession[BinancePush]):
    """One connection.

    Parameters
    ----------
    context : VenueContext
        Whose exchange it hears of.
    names : sequence of str
        Streams that its address names.
    account : str
        Whose user data it tells; empty for none.
    is_wrapped : bool
        Whether messages come inside ``{"stream": ..., "data": ...}``.
    now_s : float
        Seconds that only grow.
    """

    def __init__(
        self,
        context: VenueContext,
        public_endpoints: BinancePublicEndpoints,
        names: list[str],
        account: str,
        now_s: float,
        *,
        is_wrapped: bool,
    ) -> None:
        super().__init__(context, now_s)
        self.account = account
        self._public_endpoints = public_endpoints
        self._is_wrapped = is_wrapped
        self._streams: dict[str, GetUpdates] = {}
        self._subscribe(names)

    def receive(self, text: str, now_s: float) -> None:
        """Answer SUBSCRIBE, UNSUBSCRIBE and LIST_SUBSCRIPTIONS."""
        if self.is_over_rate(now_s, _MAX_MESSAGES_PER_SECOND):
            self.close()
            return
        if self.context.faults.get_standing("dead-stream") is not None:
            return
        try:
            message = json.loads(text)
            method, names = str(message["method"]), [str(name) for name in message.get("params") or []]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self._send_answer({"code": 3, "msg": "Invalid JSON"}, None, name="error")
            return
        if method == "LIST_SUBSCRIPTIONS":
            self._send_answer(list(self._streams), message)
            return
        if method == "UNSUBSCRIBE":
            for name in names:
                self._streams.pop(name, None)
        elif method == "SUBSCRIBE":
            self._subscribe(names)
        self._send_answer(None, message)
        self.send_updates(now_s)

    def push_to_client(self, push: BinancePush, now_s: float) -> None:
        """Send a message of the account."""
        if self.account and push.account == self.account:
            self._send_push("userData", push.body, push.channel, now_s)

    def send_updates(self, now_s: float) -> None:
        """Send what markets have to tell, and what was held back long enough."""
        for name, get_updates in self._streams.items():
            for body in get_updates():
                self._send_push(name, body, name, now_s)
        self.send_delayed(now_s)

    def _subscribe(self, names: list[str]) -> None:
        for name in names:
            get_updates = open_topic(self.context, self._public_endpoints, name)
            if get_updates is not None and len(self._streams) < _MAX_STREAMS:
                self._streams.setdefault(name, get_updates)

    def _send_push(self, name: str, body: dict[str, Any], channel: str, now_s: float) -> None:
        self.send(json.dumps({"stream": name, "data": body} if self._is_wrapped else body), channel, now_s)

    def _send_answer(self, result: object, message: dict[str, Any] | None, name: str = "result") -> None:
        answer = {name: result} | ({} if message is None else {"id": message.get("id")})
        self.outbox.put_nowait(json.dumps(answer))
