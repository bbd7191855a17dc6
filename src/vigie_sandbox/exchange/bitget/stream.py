"""One client of a stream: login, subscriptions, ping, and what is sent to it."""

from __future__ import annotations

import json
from typing import Any, Final

from vigie_sandbox.exchange.bitget.envelope import PRODUCT_TYPE
from vigie_sandbox.exchange.bitget.public import BitgetPublicEndpoints
from vigie_sandbox.exchange.bitget.pushes import PRIVATE_CHANNELS, BitgetPush, BitgetPushWriter
from vigie_sandbox.exchange.bitget.signing import BitgetKeyRing
from vigie_sandbox.exchange.bitget.topics import GetUpdates, make_message, open_topic
from vigie_sandbox.exchange.core.entities import ExchangeRefusal
from vigie_sandbox.exchange.session import VenueSession
from vigie_sandbox.exchange.venue_context import VenueContext

PONG: Final = "pong"
MAX_SILENCE_S: Final = 120.0
_MAX_MESSAGES_PER_SECOND: Final = 10
_MAX_CHANNELS: Final = 1_000
# What a channel tells at once when it is subscribed.
_SNAPSHOT_CHANNELS: Final = ("positions", "account")


class BitgetSession(VenueSession[BitgetPush]):
    """One connection.

    Parameters
    ----------
    context : VenueContext
        Whose exchange it hears of.
    is_private : bool
        Private channels need a login and public ones are not here; the other way round.
    now_s : float
        Seconds that only grow.
    """

    def __init__(
        self,
        context: VenueContext,
        key_ring: BitgetKeyRing,
        public_endpoints: BitgetPublicEndpoints,
        push_writer: BitgetPushWriter,
        now_s: float,
        *,
        is_private: bool,
    ) -> None:
        super().__init__(context, now_s)
        self._key_ring = key_ring
        self._public_endpoints = public_endpoints
        self._push_writer = push_writer
        self._is_private = is_private
        self._topics: dict[str, GetUpdates] = {}
        self._channels: dict[str, dict[str, str]] = {}

    def receive(self, text: str, now_s: float) -> None:
        """Answer what the client says."""
        if self.is_over_rate(now_s, _MAX_MESSAGES_PER_SECOND):
            self._send_error(30007, "request over limit, connection close")
            self.close()
            return
        if text == "ping":
            if self.context.faults.get_standing("dead-stream") is None:
                self.outbox.put_nowait(PONG)
            return
        try:
            message = json.loads(text)
            op, args = str(message["op"]), [dict(arg_item) for arg_item in message["args"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            self._send_error(30002, "Unrecognized request")
            return
        for arg in args:
            if op == "login":
                self._login(arg)
            elif op == "subscribe":
                self._subscribe(arg)
            elif op == "unsubscribe":
                self._unsubscribe(arg)
            else:
                self._send_error(30003, f"Unrecognized request: {op}", arg)

    def push_to_client(self, push: BitgetPush, now_s: float) -> None:
        """Send a push of the account where its channel is subscribed."""
        if push.account != self.account:
            return
        for arg in self._channels.values():
            symbol = arg.get("instId", "default")
            if arg["channel"] == push.channel and (symbol in ("default", push.symbol) or not push.symbol):
                self.send(
                    make_message("snapshot", arg, push.data, self.context.venue_ms()), push.channel, now_s
                )

    def send_updates(self, now_s: float) -> None:
        """Send what public channels have to tell, and what was held back long enough."""
        if now_s - self.last_heard_s > MAX_SILENCE_S:
            self.last_heard_s = now_s
            self.close()
        for key, get_updates in self._topics.items():
            for text in get_updates():
                self.send(text, json.loads(key)["channel"], now_s)
        self.send_delayed(now_s)

    def _login(self, arg: dict[str, Any]) -> None:
        if not self._is_private:
            self._send_error(30003, "Unrecognized request: login on a public stream", arg)
            return
        fault = self.context.faults.get_standing("login-refused")
        if fault is not None:
            self._send_error(int(fault.code), "Login failed")
            return
        names = ("apiKey", "passphrase", "timestamp", "sign")
        key, passphrase, timestamp, sign = (str(arg.get(name, "")) for name in names)
        error = self._key_ring.check_login(key, passphrase, timestamp, sign, self.context.venue_ms())
        if error is not None:
            self._send_error(*error)
            return
        self.account = self.context.accounts_by_key[key]
        self.outbox.put_nowait(json.dumps({"event": "login", "code": 0}))

    def _subscribe(self, arg: dict[str, Any]) -> None:
        channel, key = str(arg.get("channel", "")), json.dumps(arg, sort_keys=True)
        if len(self._topics) + len(self._channels) >= _MAX_CHANNELS:
            self._send_error(30006, "request too many", arg, "subscribe")
            return
        if str(arg.get("instType", "")).upper() != PRODUCT_TYPE:
            self._send_error(30001, f"instType:{arg.get('instType')},channel:{channel} doesn't exist", arg)
            return
        if self._is_private:
            self._subscribe_private(arg, channel, key)
            return
        try:
            contract = self.context.require_contract(str(arg.get("instId", "")))
        except ExchangeRefusal:
            contract = None
        get_updates = (
            open_topic(self.context, self._public_endpoints, arg, channel, contract)
            if contract and channel not in PRIVATE_CHANNELS
            else None
        )
        if get_updates is None:
            message_text = (
                f"instType:{arg.get('instType')},channel:{channel},instId:{arg.get('instId')} doesn't exist"
            )
            self._send_error(30001, message_text, arg, "subscribe")
            return
        self.outbox.put_nowait(json.dumps({"event": "subscribe", "arg": arg}))
        self._topics[key] = get_updates
        self.send_updates(self.last_heard_s)

    def _subscribe_private(self, arg: dict[str, Any], channel: str, key: str) -> None:
        if channel not in PRIVATE_CHANNELS:
            self._send_error(
                30001, f"instType:{arg.get('instType')},channel:{channel} doesn't exist", arg, "subscribe"
            )
            return
        if not self.account:
            self._send_error(30004, "User not logged in", arg, "subscribe")
            return
        self.outbox.put_nowait(json.dumps({"event": "subscribe", "arg": arg}))
        self._channels[key] = arg
        if channel in _SNAPSHOT_CHANNELS:
            snapshot = self._push_writer.make_snapshot(self.account, channel)
            self.send(
                make_message("snapshot", arg, snapshot.data, self.context.venue_ms()),
                channel,
                self.last_heard_s,
            )

    def _unsubscribe(self, arg: dict[str, Any]) -> None:
        key = json.dumps(arg, sort_keys=True)
        self._topics.pop(key, None)
        self._channels.pop(key, None)
        self.outbox.put_nowait(json.dumps({"event": "unsubscribe", "arg": arg}))

    def _send_error(
        self, code: int, message_text: str, arg: dict[str, Any] | None = None, op: str = ""
    ) -> None:
        event: dict[str, Any] = {"event": "error", "code": code, "msg": message_text}
        if arg is not None and "sign" not in arg:
            event["arg"] = arg
        if op:
            event["op"] = op
        self.outbox.put_nowait(json.dumps(event))
