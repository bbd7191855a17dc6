"""The venue: a question or an action in, an answer out; and the clients of its stream."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from vigie.sandbox.exchange.core.words import Event, Refused
from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.hyperliquid.actions import Actions
from vigie.sandbox.exchange.hyperliquid.errors import UPGRADE, WORDS, BadRequest
from vigie.sandbox.exchange.hyperliquid.limits import (
    Weights,
    action_weight,
    answer_weight,
    question_weight,
)
from vigie.sandbox.exchange.hyperliquid.listing import listed
from vigie.sandbox.exchange.hyperliquid.market import WEEKS_FROM_MS, MarketAnswers
from vigie.sandbox.exchange.hyperliquid.pushes import Push, Pushes
from vigie.sandbox.exchange.hyperliquid.signing import Wallets, made_wallet
from vigie.sandbox.exchange.hyperliquid.stream import HyperliquidSession
from vigie.sandbox.exchange.hyperliquid.users import UserAnswers
from vigie.sandbox.exchange.on_demand import KINDS, Fault, Kind
from vigie.sandbox.exchange.wire import Question, Venue, Wire
from vigie.sandbox.world.wire import Reply

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_PARTS: Final = ("orders", "cancels", "modifies")
_MALFORMED: Final = Reply("Failed to deserialize the JSON body into the target type", 422, "text/plain")
_TOO_MANY: Final = Reply(None, 429, headers={"Retry-After": "1"})
_BROKEN: Final = Reply(None, 502)

FAULTS: Final[Mapping[str, Kind]] = {
    **KINDS,
    "refused": replace(KINDS["refused"], code=WORDS["no_balance"]),
    "maintenance": replace(KINDS["maintenance"], path="/exchange", code=UPGRADE),
    "leverage-refused": replace(
        KINDS["leverage-refused"], path="updateLeverage", code=WORDS["leverage_refused"]
    ),
    "mode-refused": replace(KINDS["mode-refused"], path="updateLeverage", code=WORDS["margin_mode_locked"]),
    "level-refused": replace(KINDS["level-refused"], path="positionTpsl", code=WORDS["bad_level"]),
    "stop-refused": replace(KINDS["stop-refused"], code=WORDS["bad_level"]),
    "system-error": replace(KINDS["system-error"], code="Internal error"),
    "login-refused": replace(KINDS["login-refused"], code="Cannot track more than 10 total users."),
}


class HyperliquidVenue(Venue[Push]):
    """Answers ``/info`` and ``/exchange`` and speaks to the clients of ``/ws``.

    Parameters
    ----------
    desk, hand
        As of `Venue`.
    weights : Weights
        How often it may be asked.
    """

    def __init__(self, desk: Desk, hand: Callable[[], float], weights: Weights) -> None:
        super().__init__(desk, hand)
        desk.is_by_coin = True
        desk.quotes.week_ms = WEEKS_FROM_MS
        assert isinstance(desk.ring, Wallets)
        self._weights = weights
        self._market = MarketAnswers(desk)
        self._users = UserAnswers(desk, desk.ring, self._market, weights)
        self._actions = Actions(desk, desk.ring, self._market, weights)
        self._pushes = Pushes(desk, self._users.ledger)

    def is_private(self, asked: Question) -> bool:
        """Whether a request is an action, or of an account."""
        return asked.path == "/exchange" or _read(asked).get("type") in self._users.table

    def named(self, asked: Question) -> tuple[str, str]:
        """Return a question as GET ``/info/meta``, an action as POST ``/exchange/order``."""
        body = _read(asked)
        if asked.path != "/exchange":
            return "GET", f"{asked.path}/{body.get('type', '')}"
        action = body.get("action")
        kind = action.get("type", "") if isinstance(action, dict) else ""
        is_level = isinstance(action, dict) and action.get("grouping") == "positionTpsl"
        return "POST", f"/exchange/{'positionTpsl' if is_level else kind}"

    def answer(self, asked: Question) -> Reply:
        """Count and answer a request, and push what it caused."""
        try:
            return self._answered(asked)
        except BadRequest:
            return _MALFORMED
        finally:
            self.publish()

    def denied(self, fault: Fault, asked: Question) -> Reply:
        """Return what a request that is not taken is told."""
        if fault.kind == "rate-limit":
            return _TOO_MANY
        if fault.kind == "ban":
            return Reply(None, 403)
        action = _read(asked).get("action")
        if asked.path != "/exchange" or not isinstance(action, dict):
            return _BROKEN
        if action.get("type") != "order":
            return Reply({"status": "err", "response": fault.code})
        told = [{"error": fault.code} for _ in action.get("orders", [None])]
        return Reply({"status": "ok", "response": {"type": "order", "data": {"statuses": told}}})

    def spoilt(self, fault: Fault, reply: Reply) -> Reply:
        """Return what a taken request is told wrongly."""
        if fault.kind == "system-error":
            return Reply({"status": "err", "response": fault.code})
        if fault.kind == "no-order-id" and isinstance(reply.body, dict):
            data: dict[str, Any] = {"statuses": [{"resting": {}}]}
            return Reply({"status": "ok", "response": {"type": "order", "data": data}})
        return Reply(None)

    def open_session(self, path: str, query: Mapping[str, str]) -> HyperliquidSession | None:
        """Return a client of the stream."""
        if path != "/ws":
            return None
        return HyperliquidSession(self.desk, self._market, self._pushes, self._posted, self.hand())

    def tick(self) -> None:
        """Let the market go on, cancel what is to be cancelled by now, and tell the news."""
        self._actions.dead_man.act()
        super().tick()

    def pushes(self, events: Sequence[Event]) -> Sequence[Push]:
        """Return what the clients of the stream are told of what has happened."""
        return self._pushes.of(events) if self.sessions else ()

    def _answered(self, asked: Question) -> Reply:
        body, now_s = _read(asked), self.hand()
        if asked.method != "POST" or asked.path not in ("/info", "/exchange") or not body:
            raise BadRequest(asked.path)
        weight = _action_weight(body) if asked.path == "/exchange" else question_weight(str(body.get("type")))
        if not self._weights.take(asked.client, weight, now_s):
            return _TOO_MANY
        self.desk.exchange.tick()
        self._actions.dead_man.act()
        if asked.path == "/exchange":
            return Reply(self._actions.done(body, self.named(asked)[1]))
        told = self.desk.renamed.shown(self._told(self._named(body)))
        self._weights.add(asked.client, answer_weight(str(body["type"]), told), now_s)
        # Text would be sent as it is; a word is JSON too.
        return Reply(json.dumps(told) if isinstance(told, str) else told)

    def _told(self, body: Mapping[str, Any]) -> Any:
        kind = str(body.get("type"))
        if kind in self._market.table:
            return self._market.table[kind](body)
        user = body.get("user")
        if kind not in self._users.table or not isinstance(user, str) or not _ADDRESS.fullmatch(user):
            raise BadRequest(f"{kind!r} of {user!r}")
        user = user.lower()
        return self._users.table[kind](user, self._users.account(user), body)

    def _named(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return a question under the names that contracts had at first."""
        try:
            asked = self.desk.renamed.asked(body)
            if isinstance(asked.get("req"), dict):
                asked["req"] = self.desk.renamed.asked(asked["req"])
        except Refused as no:
            raise BadRequest(str(no)) from None
        return asked

    def _posted(self, kind: str, payload: Any) -> dict[str, Any]:
        """Answer what came over a stream."""
        if not isinstance(payload, dict) or kind not in ("info", "action"):
            return {"type": "error", "payload": "Error parsing JSON into valid websocket request"}
        self.desk.exchange.tick()
        self._actions.dead_man.act()
        try:
            if kind == "action":
                return {"type": "action", "payload": self._actions.done(payload, "/exchange/ws")}
            return {
                "type": "info",
                "payload": {"type": payload.get("type"), "data": self._told(self._named(payload))},
            }
        except BadRequest:
            return {"type": "error", "payload": str(_MALFORMED.body)}
        finally:
            self.publish()


def _read(asked: Question) -> dict[str, Any]:
    try:
        body = json.loads(asked.body) if asked.body else {}
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _action_weight(body: Mapping[str, Any]) -> int:
    action = body.get("action")
    parts = [action.get(name) for name in _PARTS] if isinstance(action, dict) else []
    return action_weight(max((len(one) for one in parts if isinstance(one, list)), default=0))


def _opened(desk: Desk, hand: Callable[[], float], scale: float) -> HyperliquidVenue:
    return HyperliquidVenue(desk, hand, Weights(scale))


WIRE: Final = Wire(made_wallet, Wallets, FAULTS, _opened, listed)
