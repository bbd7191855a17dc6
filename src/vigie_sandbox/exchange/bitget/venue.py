"""The venue: a request in, an answer out; and the clients of its streams."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from vigie_sandbox.exchange.bitget.envelope import SUCCESS, BitgetCall, make_refusal, make_success
from vigie_sandbox.exchange.bitget.errors import FAULT_MESSAGES, to_venue_refusal
from vigie_sandbox.exchange.bitget.limits import BitgetRateLimits
from vigie_sandbox.exchange.bitget.public import BitgetPublicEndpoints
from vigie_sandbox.exchange.bitget.pushes import BitgetPush, BitgetPushWriter
from vigie_sandbox.exchange.bitget.routes import BitgetRoute, make_routes
from vigie_sandbox.exchange.bitget.signing import BitgetKeyRing, make_key
from vigie_sandbox.exchange.bitget.stream import BitgetSession
from vigie_sandbox.exchange.core.entities import ExchangeEvent, ExchangeRefusal
from vigie_sandbox.exchange.faults import FAULT_KINDS, ExchangeFault
from vigie_sandbox.exchange.venue_context import VenueContext
from vigie_sandbox.exchange.wire import SimulatedVenue, VenueRefusal, VenueRequest, VenueWire
from vigie_sandbox.world.wire import Reply

TOO_MANY_REQUESTS = VenueRefusal("429", "Too Many Requests", 429)
_REMAINING_HEADER = "x-mbx-used-remain-limit"
_IS_PRIVATE_BY_PATH = {"/v2/ws/public": False, "/v2/ws/private": True}


class BitgetVenue(SimulatedVenue[BitgetPush]):
    """Answers REST requests and speaks to the clients of streams.

    Parameters
    ----------
    context, monotonic
        As of `SimulatedVenue`.
    limits : BitgetRateLimits
        How often it may be asked.
    """

    def __init__(
        self, context: VenueContext, monotonic: Callable[[], float], limits: BitgetRateLimits
    ) -> None:
        super().__init__(context, monotonic)
        assert isinstance(context.key_ring, BitgetKeyRing)
        self._key_ring = context.key_ring
        self._limits = limits
        self._public_endpoints = BitgetPublicEndpoints(context)
        self._routes = make_routes(context, self._public_endpoints)
        self._push_writer = BitgetPushWriter(context)

    def find_route(self, request: VenueRequest) -> BitgetRoute | None:
        """Return the endpoint of a request."""
        return self._routes.get((request.method, request.path))

    def is_private(self, request: VenueRequest) -> bool:
        """Whether a request has to be signed."""
        route = self.find_route(request)
        return route is not None and not route.is_public

    def answer(self, request: VenueRequest) -> Reply:
        """Check, count and answer a request, and push what it caused; what cannot be remembered ends the venue."""
        venue_ms = self.context.venue_ms()
        headers: dict[str, str] = {}
        try:
            data = self._answer(request, venue_ms, headers)
        except (VenueRefusal, ExchangeRefusal) as refusal:
            venue_refusal = to_venue_refusal(refusal)
            return Reply(make_refusal(venue_refusal, venue_ms), venue_refusal.status, headers=headers)
        finally:
            self.publish()
        return Reply(make_success(self.context.renames.to_new_names(data), venue_ms), headers=headers)

    def refuse_by_fault(self, fault: ExchangeFault, _asked: VenueRequest) -> Reply:
        """Return what a request that is not taken is told."""
        venue_ms = self.context.venue_ms()
        if fault.kind == "rate-limit":
            return Reply(make_refusal(TOO_MANY_REQUESTS, venue_ms), 429, headers={"Retry-After": "1"})
        if fault.kind == "ban":
            return Reply(make_refusal(VenueRefusal("403", "Forbidden"), venue_ms), 403)
        return Reply(
            make_refusal(
                VenueRefusal(fault.code, FAULT_MESSAGES.get(fault.code, "refused by a fault")), venue_ms
            ),
            400,
        )

    def spoil_reply(self, fault: ExchangeFault, reply: Reply) -> Reply:
        """Return what a taken request is told wrongly."""
        if fault.kind == "system-error":
            refusal = VenueRefusal(fault.code, FAULT_MESSAGES.get(fault.code, "System is abnormal"))
            return Reply(make_refusal(refusal, self.context.venue_ms()), 400)
        body = dict(reply.body) if isinstance(reply.body, dict) else {}
        if fault.kind == "no-order-id":
            data = body.get("data")
            return Reply({**body, "data": {**data, "orderId": None} if isinstance(data, dict) else data})
        return Reply({**body, "code": SUCCESS, "msg": "success", "data": None})

    def open_session(self, path: str, query: Mapping[str, str]) -> BitgetSession | None:
        """Return a client of the public or the private stream."""
        is_private = _IS_PRIVATE_BY_PATH.get(path)
        if is_private is None:
            return None
        return BitgetSession(
            self.context,
            self._key_ring,
            self._public_endpoints,
            self._push_writer,
            self.monotonic(),
            is_private=is_private,
        )

    def make_pushes(self, events: Sequence[ExchangeEvent]) -> Sequence[BitgetPush]:
        """Return what the clients of streams are told of what has happened."""
        return self._push_writer.make_pushes(events)

    def _answer(self, request: VenueRequest, venue_ms: int, headers: dict[str, str]) -> object:
        now_s = self.monotonic()
        if not self._limits.is_within_total(request.client, now_s):
            raise TOO_MANY_REQUESTS
        route = self.find_route(request)
        if route is None:
            raise VenueRefusal("40404", "Request URL NOT FOUND", 404)
        # Who merely names a key uses up nothing of its account: until it is signed well, the address alone counts.
        key = "" if route.is_public else self._key_ring.require_signer(request, venue_ms).key
        remaining = self._limits.count_request(route.path, key or request.client, route.per_second, now_s)
        headers[_REMAINING_HEADER] = str(max(remaining, 0))
        if remaining < 0:
            raise TOO_MANY_REQUESTS
        self.context.exchange.tick()
        return route.answer(
            BitgetCall(
                route.path,
                self.context.renames.to_old_names(_read_fields(request)),
                self.context.now_ms(),
                venue_ms,
                key,
            )
        )


def _read_fields(request: VenueRequest) -> dict[str, object]:
    if request.method == "GET":
        return dict(request.query)
    try:
        body = json.loads(request.body) if request.body else {}
    except (ValueError, RecursionError):
        raise VenueRefusal("40020", "Parameter body error") from None
    if not isinstance(body, dict):
        raise VenueRefusal("40020", "Parameter body error")
    return body


def _open_venue(context: VenueContext, monotonic: Callable[[], float], scale: float) -> BitgetVenue:
    return BitgetVenue(context, monotonic, BitgetRateLimits(scale))


WIRE = VenueWire(make_key, BitgetKeyRing, FAULT_KINDS, _open_venue)
