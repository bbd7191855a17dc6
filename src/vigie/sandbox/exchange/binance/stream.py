"""One client of a stream: of markets, by names; of an account, by its listen key."""

from __future__ import annotations

import json
from typing import Any, Final

from vigie.sandbox.exchange.binance.public import PublicAnswers
from vigie.sandbox.exchange.binance.pushes import Push
from vigie.sandbox.exchange.binance.topics import News, topic
from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.session import Session

_MOST_A_SECOND: Final = 10
_MOST_STREAMS: Final = 1_024


class BinanceSession(Session[Push]):
    """One connection.

    Parameters
    ----------
    desk : Desk
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
        desk: Desk,
        public: PublicAnswers,
        names: list[str],
        account: str,
        now_s: float,
        *,
        is_wrapped: bool,
    ) -> None:
        super().__init__(desk, now_s)
        self.account = account
        self._public = public
        self._is_wrapped = is_wrapped
        self._streams: dict[str, News] = {}
        self._subscribe(names)

    def hear(self, text: str, now_s: float) -> None:
        """Answer SUBSCRIBE, UNSUBSCRIBE and LIST_SUBSCRIPTIONS."""
        if self.said_too_much(now_s, _MOST_A_SECOND):
            self.cut()
            return
        if self.desk.faults.standing("dead-stream") is not None:
            return
        try:
            asked = json.loads(text)
            method, names = str(asked["method"]), [str(one) for one in asked.get("params") or []]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self._say({"code": 3, "msg": "Invalid JSON"}, None, name="error")
            return
        if method == "LIST_SUBSCRIPTIONS":
            self._say(list(self._streams), asked)
            return
        if method == "UNSUBSCRIBE":
            for one in names:
                self._streams.pop(one, None)
        elif method == "SUBSCRIBE":
            self._subscribe(names)
        self._say(None, asked)
        self.news(now_s)

    def tell(self, push: Push, now_s: float) -> None:
        """Send a message of the account."""
        if self.account and push.account == self.account:
            self._push("userData", push.body, push.channel, now_s)

    def news(self, now_s: float) -> None:
        """Send what markets have to tell, and what was held back long enough."""
        for name, told in self._streams.items():
            for one in told():
                self._push(name, one, name, now_s)
        self.let_go(now_s)

    def _subscribe(self, names: list[str]) -> None:
        for name in names:
            news = topic(self.desk, self._public, name)
            if news is not None and len(self._streams) < _MOST_STREAMS:
                self._streams.setdefault(name, news)

    def _push(self, name: str, body: dict[str, Any], channel: str, now_s: float) -> None:
        self.send(json.dumps({"stream": name, "data": body} if self._is_wrapped else body), channel, now_s)

    def _say(self, result: object, asked: dict[str, Any] | None, name: str = "result") -> None:
        told = {name: result} | ({} if asked is None else {"id": asked.get("id")})
        self.outbox.put_nowait(json.dumps(told))
