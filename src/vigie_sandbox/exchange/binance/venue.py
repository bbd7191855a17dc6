"""The venue: a request in, an answer out; and the clients of its streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Final

from vigie_sandbox.exchange.binance.envelope import BinanceCall, make_refusal_body, read_fields
from vigie_sandbox.exchange.binance.errors import BINANCE_FAULT_KINDS, FAULT_MESSAGES, to_venue_refusal
from vigie_sandbox.exchange.binance.limits import POOLS, BinanceWeights, RateLimitRefusal, make_ban
from vigie_sandbox.exchange.binance.listen_keys import ListenKeys
from vigie_sandbox.exchange.binance.public import BinancePublicEndpoints
from vigie_sandbox.exchange.binance.pushes import BinancePush, BinancePushWriter
from vigie_sandbox.exchange.binance.routes import BinanceRoute, make_routes
from vigie_sandbox.exchange.binance.signing import BinanceKeyRing, make_key
from vigie_sandbox.exchange.binance.stream import BinanceSession
from vigie_sandbox.exchange.core.entities import ExchangeEvent, ExchangeRefusal
from vigie_sandbox.exchange.faults import ExchangeFault
from vigie_sandbox.exchange.venue_context import VenueContext
from vigie_sandbox.exchange.wire import SimulatedVenue, VenueRefusal, VenueRequest, VenueWire
from vigie_sandbox.world.wire import Reply

_STREAM_PATHS: Final = ("/ws", "/stream", "/market", "/public", "/private")


class BinanceVenue(SimulatedVenue[BinancePush]):
    """Answers REST requests and speaks to the clients of streams.

    Parameters
    ----------
    context, monotonic
        As of `SimulatedVenue`.
    weights : BinanceWeights
        How often it may be asked.
    """

    def __init__(
        self, context: VenueContext, monotonic: Callable[[], float], weights: BinanceWeights
    ) -> None:
        super().__init__(context, monotonic)
        assert isinstance(context.key_ring, BinanceKeyRing)
        self._key_ring = context.key_ring
        self._weights = weights
        self._public_endpoints = BinancePublicEndpoints(context)
        self._listen_keys = ListenKeys(context.wall)
        self._routes = make_routes(context, self._public_endpoints, self._listen_keys)
        self._push_writer = BinancePushWriter(context)

    def is_private(self, request: VenueRequest) -> bool:
        """Whether a request has to be signed."""
        route = self._routes.get((request.method, request.path))
        return route is not None and route.access != "public"

    def answer(self, request: VenueRequest) -> Reply:
        """Check, count and answer a request, and push what it caused; what cannot be remembered ends the venue."""
        headers: dict[str, str] = {}
        try:
            return Reply(self.context.renames.to_new_names(self._answer(request, headers)), headers=headers)
        except RateLimitRefusal as refusal:
            return _make_rate_limit_reply(refusal)
        except (VenueRefusal, ExchangeRefusal) as refusal:
            venue_refusal = to_venue_refusal(refusal)
            return Reply(make_refusal_body(venue_refusal), venue_refusal.status, headers=headers)
        finally:
            self.publish()

    def refuse_by_fault(self, fault: ExchangeFault, request: VenueRequest) -> Reply:
        """Return what a request that is not taken is told."""
        if fault.kind == "rate-limit":
            return _make_rate_limit_reply(RateLimitRefusal("-1003", "Too many requests.", 429, 1.0))
        if fault.kind == "ban":
            return _make_rate_limit_reply(make_ban())
        return _make_fault_reply(fault, 400)

    def spoil_reply(self, fault: ExchangeFault, reply: Reply) -> Reply:
        """Return what a taken request is told wrongly."""
        if fault.kind == "system-error":
            return _make_fault_reply(fault, 503 if fault.code in ("-1006", "-1007", "-1008") else 400)
        if fault.kind == "no-order-id" and isinstance(reply.body, dict):
            return Reply(
                {name: value for name, value in reply.body.items() if name not in ("orderId", "algoId")}
            )
        return Reply("null")

    def open_session(self, path: str, query: Mapping[str, str]) -> BinanceSession | None:
        """Return a client of market streams or of an account; None for a listen key that is not good."""
        if not path.startswith(_STREAM_PATHS):
            return None
        names = [name for name in (query.get("streams") or path.rpartition("/ws")[2]).split("/") if name]
        account = query.get("listenKey", "")
        listen_keys = [account] if account else [name for name in names if len(name) == 64]
        if listen_keys:
            account = self._listen_keys.find_account(listen_keys[0])
            if not account or self.context.faults.get_standing("login-refused"):
                return None
        return BinanceSession(
            self.context,
            self._public_endpoints,
            names,
            account,
            self.monotonic(),
            is_wrapped="/stream" in path,
        )

    def make_pushes(self, events: Sequence[ExchangeEvent]) -> Sequence[BinancePush]:
        """Return what the clients of streams are told of what has happened."""
        return self._push_writer.make_pushes(events)

    def _answer(self, request: VenueRequest, headers: dict[str, str]) -> object:
        now_s, venue_ms = self.monotonic(), self.context.venue_ms()
        route = self._routes.get((request.method, request.path))
        if route is None:
            headers[POOLS["fapi"][2]] = str(self._weights.count_request(request.client, 1, now_s))
            raise VenueRefusal("-5000", f"Path {request.path}, Method {request.method} is invalid", 404)
        caller, key = request.client, ""
        if route.pool == "sapi_uid":
            key = self._read_key_by_account(request, route, venue_ms, now_s)
            caller = self.context.account(key)
        used = self._weights.count_request(caller, route.weight, now_s, route.pool)
        if POOLS[route.pool][2]:
            headers[POOLS[route.pool][2]] = str(used)
        key = key or self._read_key(request, route, venue_ms)
        account = self.context.account(key) if key else ""
        if route.is_order:
            for span, count in self._weights.count_order(account, now_s).items():
                headers[f"X-MBX-ORDER-COUNT-{span}"] = str(count)
        self.context.exchange.tick()
        fields = self.context.renames.to_old_names(read_fields(request))
        return route.answer(BinanceCall(request.path, fields, self.context.now_ms(), venue_ms, key, account))

    def _read_key_by_account(
        self, request: VenueRequest, route: BinanceRoute, venue_ms: int, now_s: float
    ) -> str:
        """Return the key of a request that is counted by account; one that is not signed well counts by address.

        Whoever merely names a key must not use up what its account may ask.
        """
        try:
            return self._read_key(request, route, venue_ms)
        except VenueRefusal:
            self._weights.count_request(request.client, 1, now_s, "sapi_ip")
            raise

    def _read_key(self, request: VenueRequest, route: BinanceRoute, venue_ms: int) -> str:
        if route.access == "public":
            return ""
        if route.access == "key":
            return self._key_ring.require_key(request).key
        return self._key_ring.require_signer(request, venue_ms).key


def _make_rate_limit_reply(refusal: RateLimitRefusal) -> Reply:
    return Reply(
        make_refusal_body(refusal), refusal.status, headers={"Retry-After": str(ceil(refusal.retry_after_s))}
    )


def _make_fault_reply(fault: ExchangeFault, status: int) -> Reply:
    return Reply(
        make_refusal_body(VenueRefusal(fault.code, FAULT_MESSAGES.get(fault.code, "refused by a fault"))),
        status,
    )


def _open_venue(context: VenueContext, monotonic: Callable[[], float], scale: float) -> BinanceVenue:
    return BinanceVenue(context, monotonic, BinanceWeights(scale))


WIRE = VenueWire(make_key, BinanceKeyRing, BINANCE_FAULT_KINDS, _open_venue)
