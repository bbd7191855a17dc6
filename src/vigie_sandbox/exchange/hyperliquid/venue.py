"""The venue: a question or an action in, an answer out; and the clients of its stream."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from vigie_sandbox.exchange.core.entities import ExchangeEvent, ExchangeRefusal
from vigie_sandbox.exchange.faults import FAULT_KINDS, ExchangeFault, ExchangeFaultKind
from vigie_sandbox.exchange.hyperliquid.actions import ActionHandler
from vigie_sandbox.exchange.hyperliquid.errors import MESSAGES, UPGRADE, BadRequest
from vigie_sandbox.exchange.hyperliquid.limits import (
    HyperliquidWeights,
    get_action_weight,
    get_answer_weight,
    get_question_weight,
)
from vigie_sandbox.exchange.hyperliquid.listing import list_coin
from vigie_sandbox.exchange.hyperliquid.market import WEEK_OFFSET_MS, HyperliquidMarketInfo
from vigie_sandbox.exchange.hyperliquid.pushes import HyperliquidPush, HyperliquidPushWriter
from vigie_sandbox.exchange.hyperliquid.signing import WalletKeyRing, make_wallet
from vigie_sandbox.exchange.hyperliquid.stream import HyperliquidSession
from vigie_sandbox.exchange.hyperliquid.users import HyperliquidUserInfo
from vigie_sandbox.exchange.venue_context import VenueContext
from vigie_sandbox.exchange.wire import SimulatedVenue, VenueRequest, VenueWire
from vigie_sandbox.world.wire import Reply

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_LIST_FIELDS: Final = ("orders", "cancels", "modifies")
_MALFORMED_REPLY: Final = Reply("Failed to deserialize the JSON body into the target type", 422, "text/plain")
_RATE_LIMIT_REPLY: Final = Reply(None, 429, headers={"Retry-After": "1"})
_BAD_GATEWAY_REPLY: Final = Reply(None, 502)

HYPERLIQUID_FAULT_KINDS: Final[Mapping[str, ExchangeFaultKind]] = {
    **FAULT_KINDS,
    "refused": replace(FAULT_KINDS["refused"], code=MESSAGES["no_balance"]),
    "maintenance": replace(FAULT_KINDS["maintenance"], path="/exchange", code=UPGRADE),
    "leverage-refused": replace(
        FAULT_KINDS["leverage-refused"], path="updateLeverage", code=MESSAGES["leverage_refused"]
    ),
    "mode-refused": replace(
        FAULT_KINDS["mode-refused"], path="updateLeverage", code=MESSAGES["margin_mode_locked"]
    ),
    "level-refused": replace(FAULT_KINDS["level-refused"], path="positionTpsl", code=MESSAGES["bad_level"]),
    "stop-refused": replace(FAULT_KINDS["stop-refused"], code=MESSAGES["bad_level"]),
    "system-error": replace(FAULT_KINDS["system-error"], code="Internal error"),
    "login-refused": replace(FAULT_KINDS["login-refused"], code="Cannot track more than 10 total users."),
}


class HyperliquidVenue(SimulatedVenue[HyperliquidPush]):
    """Answers ``/info`` and ``/exchange`` and speaks to the clients of ``/ws``.

    Parameters
    ----------
    context, monotonic
        As of `SimulatedVenue`.
    weights : HyperliquidWeights
        How often it may be asked.
    """

    def __init__(
        self, context: VenueContext, monotonic: Callable[[], float], weights: HyperliquidWeights
    ) -> None:
        super().__init__(context, monotonic)
        context.is_named_by_coin = True
        context.quotes.week_offset_ms = WEEK_OFFSET_MS
        assert isinstance(context.key_ring, WalletKeyRing)
        self._weights = weights
        self._market_info = HyperliquidMarketInfo(context)
        self._user_info = HyperliquidUserInfo(context, context.key_ring, self._market_info, weights)
        self._action_handler = ActionHandler(context, context.key_ring, self._market_info, weights)
        self._push_writer = HyperliquidPushWriter(context, self._user_info.account_rows)

    def is_private(self, request: VenueRequest) -> bool:
        """Whether a request is an action, or of an account."""
        return request.path == "/exchange" or _read_body(request).get("type") in self._user_info.handlers

    def get_fault_key(self, request: VenueRequest) -> tuple[str, str]:
        """Return a question as GET ``/info/meta``, an action as POST ``/exchange/order``."""
        body = _read_body(request)
        if request.path != "/exchange":
            return "GET", f"{request.path}/{body.get('type', '')}"
        action = body.get("action")
        kind = action.get("type", "") if isinstance(action, dict) else ""
        is_level = isinstance(action, dict) and action.get("grouping") == "positionTpsl"
        return "POST", f"/exchange/{'positionTpsl' if is_level else kind}"

    def answer(self, request: VenueRequest) -> Reply:
        """Count and answer a request, and push what it caused."""
        try:
            return self._answer(request)
        except BadRequest:
            return _MALFORMED_REPLY
        finally:
            self.publish()

    def refuse_by_fault(self, fault: ExchangeFault, request: VenueRequest) -> Reply:
        """Return what a request that is not taken is told."""
        if fault.kind == "rate-limit":
            return _RATE_LIMIT_REPLY
        if fault.kind == "ban":
            return Reply(None, 403)
        action = _read_body(request).get("action")
        if request.path != "/exchange" or not isinstance(action, dict):
            return _BAD_GATEWAY_REPLY
        if action.get("type") != "order":
            return Reply({"status": "err", "response": fault.code})
        statuses = [{"error": fault.code} for _ in action.get("orders", [None])]
        return Reply({"status": "ok", "response": {"type": "order", "data": {"statuses": statuses}}})

    def spoil_reply(self, fault: ExchangeFault, reply: Reply) -> Reply:
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
        return HyperliquidSession(
            self.context, self._market_info, self._push_writer, self._answer_post, self.monotonic()
        )

    def tick(self) -> None:
        """Let the market go on, cancel what is to be cancelled by now, and tell the news."""
        self._action_handler.dead_man_switch.cancel_due()
        super().tick()

    def make_pushes(self, events: Sequence[ExchangeEvent]) -> Sequence[HyperliquidPush]:
        """Return what the clients of the stream are told of what has happened."""
        return self._push_writer.make_pushes(events) if self.sessions else ()

    def _answer(self, request: VenueRequest) -> Reply:
        body, now_s = _read_body(request), self.monotonic()
        if request.method != "POST" or request.path not in ("/info", "/exchange") or not body:
            raise BadRequest(request.path)
        weight = (
            _weigh_action(body) if request.path == "/exchange" else get_question_weight(str(body.get("type")))
        )
        if not self._weights.count_request(request.client, weight, now_s):
            return _RATE_LIMIT_REPLY
        self.context.exchange.tick()
        self._action_handler.dead_man_switch.cancel_due()
        if request.path == "/exchange":
            return Reply(self._action_handler.handle(body, self.get_fault_key(request)[1]))
        answer = self.context.renames.to_new_names(self._answer_info(self._to_old_names(body)))
        self._weights.add_weight(request.client, get_answer_weight(str(body["type"]), answer), now_s)
        # Text would be sent as it is; a word is JSON too.
        return Reply(json.dumps(answer) if isinstance(answer, str) else answer)

    def _answer_info(self, body: Mapping[str, Any]) -> Any:
        kind = str(body.get("type"))
        if kind in self._market_info.handlers:
            return self._market_info.handlers[kind](body)
        user = body.get("user")
        if kind not in self._user_info.handlers or not isinstance(user, str) or not _ADDRESS.fullmatch(user):
            raise BadRequest(f"{kind!r} of {user!r}")
        user = user.lower()
        return self._user_info.handlers[kind](user, self._user_info.find_account(user), body)

    def _to_old_names(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return a question under the names that contracts had at first."""
        try:
            translated = self.context.renames.to_old_names(body)
            if isinstance(translated.get("req"), dict):
                translated["req"] = self.context.renames.to_old_names(translated["req"])
        except ExchangeRefusal as refusal:
            raise BadRequest(str(refusal)) from None
        return translated

    def _answer_post(self, kind: str, payload: Any) -> dict[str, Any]:
        """Answer what came over a stream."""
        if not isinstance(payload, dict) or kind not in ("info", "action"):
            return {"type": "error", "payload": "Error parsing JSON into valid websocket request"}
        self.context.exchange.tick()
        self._action_handler.dead_man_switch.cancel_due()
        try:
            if kind == "action":
                return {"type": "action", "payload": self._action_handler.handle(payload, "/exchange/ws")}
            return {
                "type": "info",
                "payload": {
                    "type": payload.get("type"),
                    "data": self._answer_info(self._to_old_names(payload)),
                },
            }
        except BadRequest:
            return {"type": "error", "payload": str(_MALFORMED_REPLY.body)}
        finally:
            self.publish()


def _read_body(request: VenueRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body) if request.body else {}
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _weigh_action(body: Mapping[str, Any]) -> int:
    action = body.get("action")
    parts = [action.get(name) for name in _LIST_FIELDS] if isinstance(action, dict) else []
    return get_action_weight(max((len(part) for part in parts if isinstance(part, list)), default=0))


def _open_venue(context: VenueContext, monotonic: Callable[[], float], scale: float) -> HyperliquidVenue:
    return HyperliquidVenue(context, monotonic, HyperliquidWeights(scale))


WIRE: Final = VenueWire(make_wallet, WalletKeyRing, HYPERLIQUID_FAULT_KINDS, _open_venue, list_coin)
