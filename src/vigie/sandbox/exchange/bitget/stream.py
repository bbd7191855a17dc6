"""One client of a stream: login, subscriptions, ping, and what is sent to it."""

from __future__ import annotations

import json
from typing import Any, Final

from vigie.sandbox.exchange.bitget.envelope import PRODUCT
from vigie.sandbox.exchange.bitget.public import PublicAnswers
from vigie.sandbox.exchange.bitget.pushes import PRIVATE, Push, Pushes
from vigie.sandbox.exchange.bitget.signing import BitgetRing
from vigie.sandbox.exchange.bitget.topics import News, message, topic
from vigie.sandbox.exchange.core.words import Refused
from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.session import Session

PONG: Final = "pong"
SILENCE_S: Final = 120.0
_MOST_A_SECOND: Final = 10
_MOST_CHANNELS: Final = 1_000
# What a channel tells at once when it is subscribed.
_AT_ONCE: Final = ("positions", "account")


class BitgetSession(Session[Push]):
    """One connection.

    Parameters
    ----------
    desk : Desk
        Whose exchange it hears of.
    is_private : bool
        Private channels need a login and public ones are not here; the other way round.
    now_s : float
        Seconds that only grow.
    """

    def __init__(
        self,
        desk: Desk,
        ring: BitgetRing,
        public: PublicAnswers,
        pushes: Pushes,
        now_s: float,
        *,
        is_private: bool,
    ) -> None:
        super().__init__(desk, now_s)
        self._ring = ring
        self._public = public
        self._pushes = pushes
        self._is_private = is_private
        self._topics: dict[str, News] = {}
        self._channels: dict[str, dict[str, str]] = {}

    def hear(self, text: str, now_s: float) -> None:
        """Answer what the client says."""
        if self.said_too_much(now_s, _MOST_A_SECOND):
            self._refuse(30007, "request over limit, connection close")
            self.cut()
            return
        if text == "ping":
            if self.desk.faults.standing("dead-stream") is None:
                self.outbox.put_nowait(PONG)
            return
        try:
            asked = json.loads(text)
            op, args = str(asked["op"]), [dict(one) for one in asked["args"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            self._refuse(30002, "Unrecognized request")
            return
        for arg in args:
            if op == "login":
                self._login(arg)
            elif op == "subscribe":
                self._subscribe(arg)
            elif op == "unsubscribe":
                self._leave(arg)
            else:
                self._refuse(30003, f"Unrecognized request: {op}", arg)

    def tell(self, push: Push, now_s: float) -> None:
        """Send a push of the account where its channel is subscribed."""
        if push.account != self.account:
            return
        for arg in self._channels.values():
            wanted = arg.get("instId", "default")
            if arg["channel"] == push.channel and (wanted in ("default", push.symbol) or not push.symbol):
                self.send(message("snapshot", arg, push.data, self.desk.told_ms()), push.channel, now_s)

    def news(self, now_s: float) -> None:
        """Send what public channels have to tell, and what was held back long enough."""
        if now_s - self.heard_s > SILENCE_S:
            self.heard_s = now_s
            self.cut()
        for key, told in self._topics.items():
            for text in told():
                self.send(text, json.loads(key)["channel"], now_s)
        self.let_go(now_s)

    def _login(self, arg: dict[str, Any]) -> None:
        if not self._is_private:
            self._refuse(30003, "Unrecognized request: login on a public stream", arg)
            return
        refused = self.desk.faults.standing("login-refused")
        if refused is not None:
            self._refuse(int(refused.code), "Login failed")
            return
        names = ("apiKey", "passphrase", "timestamp", "sign")
        key, passphrase, told, sign = (str(arg.get(name, "")) for name in names)
        wrong = self._ring.login(key, passphrase, told, sign, self.desk.told_ms())
        if wrong is not None:
            self._refuse(*wrong)
            return
        self.account = self.desk.owners[key]
        self.outbox.put_nowait(json.dumps({"event": "login", "code": 0}))

    def _subscribe(self, arg: dict[str, Any]) -> None:
        channel, key = str(arg.get("channel", "")), json.dumps(arg, sort_keys=True)
        if len(self._topics) + len(self._channels) >= _MOST_CHANNELS:
            self._refuse(30006, "request too many", arg, "subscribe")
            return
        if str(arg.get("instType", "")).upper() != PRODUCT:
            self._refuse(30001, f"instType:{arg.get('instType')},channel:{channel} doesn't exist", arg)
            return
        if self._is_private:
            self._subscribe_private(arg, channel, key)
            return
        try:
            contract = self.desk.known(str(arg.get("instId", "")))
        except Refused:
            contract = None
        news = (
            topic(self.desk, self._public, arg, channel, contract)
            if contract and channel not in PRIVATE
            else None
        )
        if news is None:
            words = (
                f"instType:{arg.get('instType')},channel:{channel},instId:{arg.get('instId')} doesn't exist"
            )
            self._refuse(30001, words, arg, "subscribe")
            return
        self.outbox.put_nowait(json.dumps({"event": "subscribe", "arg": arg}))
        self._topics[key] = news
        self.news(self.heard_s)

    def _subscribe_private(self, arg: dict[str, Any], channel: str, key: str) -> None:
        if channel not in PRIVATE:
            self._refuse(
                30001, f"instType:{arg.get('instType')},channel:{channel} doesn't exist", arg, "subscribe"
            )
            return
        if not self.account:
            self._refuse(30004, "User not logged in", arg, "subscribe")
            return
        self.outbox.put_nowait(json.dumps({"event": "subscribe", "arg": arg}))
        self._channels[key] = arg
        if channel in _AT_ONCE:
            now = self._pushes.now(self.account, channel)
            self.send(message("snapshot", arg, now.data, self.desk.told_ms()), channel, self.heard_s)

    def _leave(self, arg: dict[str, Any]) -> None:
        key = json.dumps(arg, sort_keys=True)
        self._topics.pop(key, None)
        self._channels.pop(key, None)
        self.outbox.put_nowait(json.dumps({"event": "unsubscribe", "arg": arg}))

    def _refuse(self, code: int, words: str, arg: dict[str, Any] | None = None, op: str = "") -> None:
        told: dict[str, Any] = {"event": "error", "code": code, "msg": words}
        if arg is not None and "sign" not in arg:
            told["arg"] = arg
        if op:
            told["op"] = op
        self.outbox.put_nowait(json.dumps(told))
