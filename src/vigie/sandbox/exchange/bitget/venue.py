"""The venue: a request in, an answer out; and the clients of its streams."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from vigie.sandbox.exchange.bitget.envelope import SUCCESS, Call, refused, success
from vigie.sandbox.exchange.bitget.errors import WORDS, refusal_of
from vigie.sandbox.exchange.bitget.limits import RateLimits
from vigie.sandbox.exchange.bitget.public import PublicAnswers
from vigie.sandbox.exchange.bitget.pushes import Push, Pushes
from vigie.sandbox.exchange.bitget.routes import Route, routes
from vigie.sandbox.exchange.bitget.signing import BitgetRing, made_key
from vigie.sandbox.exchange.bitget.stream import BitgetSession
from vigie.sandbox.exchange.core.words import Event, Refused
from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.on_demand import KINDS, Fault
from vigie.sandbox.exchange.wire import Question, Refusal, Venue, Wire
from vigie.sandbox.world.wire import Reply

TOO_MANY = Refusal("429", "Too Many Requests", 429)
_LEFT = "x-mbx-used-remain-limit"
_STREAMS = {"/v2/ws/public": False, "/v2/ws/private": True}


class BitgetVenue(Venue[Push]):
    """Answers REST requests and speaks to the clients of streams.

    Parameters
    ----------
    desk, hand
        As of `Venue`.
    limits : RateLimits
        How often it may be asked.
    """

    def __init__(self, desk: Desk, hand: Callable[[], float], limits: RateLimits) -> None:
        super().__init__(desk, hand)
        assert isinstance(desk.ring, BitgetRing)
        self._ring = desk.ring
        self._limits = limits
        self._public = PublicAnswers(desk)
        self._routes = routes(desk, self._public)
        self._pushes = Pushes(desk)

    def route(self, asked: Question) -> Route | None:
        """Return the endpoint of a request."""
        return self._routes.get((asked.method, asked.path))

    def is_private(self, asked: Question) -> bool:
        """Whether a request has to be signed."""
        route = self.route(asked)
        return route is not None and not route.is_public

    def answer(self, asked: Question) -> Reply:
        """Check, count and answer a request, and push what it caused; what cannot be remembered ends the venue."""
        told = self.desk.told_ms()
        headers: dict[str, str] = {}
        try:
            data = self._answered(asked, told, headers)
        except (Refusal, Refused) as no:
            wrong = refusal_of(no)
            return Reply(refused(wrong, told), wrong.status, headers=headers)
        finally:
            self.publish()
        return Reply(success(self.desk.renamed.shown(data), told), headers=headers)

    def denied(self, fault: Fault, _asked: Question) -> Reply:
        """Return what a request that is not taken is told."""
        told = self.desk.told_ms()
        if fault.kind == "rate-limit":
            return Reply(refused(TOO_MANY, told), 429, headers={"Retry-After": "1"})
        if fault.kind == "ban":
            return Reply(refused(Refusal("403", "Forbidden"), told), 403)
        return Reply(refused(Refusal(fault.code, WORDS.get(fault.code, "refused by a fault")), told), 400)

    def spoilt(self, fault: Fault, reply: Reply) -> Reply:
        """Return what a taken request is told wrongly."""
        if fault.kind == "system-error":
            no = Refusal(fault.code, WORDS.get(fault.code, "System is abnormal"))
            return Reply(refused(no, self.desk.told_ms()), 400)
        body = dict(reply.body) if isinstance(reply.body, dict) else {}
        if fault.kind == "no-order-id":
            data = body.get("data")
            return Reply({**body, "data": {**data, "orderId": None} if isinstance(data, dict) else data})
        return Reply({**body, "code": SUCCESS, "msg": "success", "data": None})

    def open_session(self, path: str, query: Mapping[str, str]) -> BitgetSession | None:
        """Return a client of the public or the private stream."""
        is_private = _STREAMS.get(path)
        if is_private is None:
            return None
        return BitgetSession(
            self.desk, self._ring, self._public, self._pushes, self.hand(), is_private=is_private
        )

    def pushes(self, events: Sequence[Event]) -> Sequence[Push]:
        """Return what the clients of streams are told of what has happened."""
        return self._pushes.of(events)

    def _answered(self, asked: Question, told_ms: int, headers: dict[str, str]) -> object:
        now_s = self.hand()
        if not self._limits.within_total(asked.client, now_s):
            raise TOO_MANY
        route = self.route(asked)
        if route is None:
            raise Refusal("40404", "Request URL NOT FOUND", 404)
        # Who merely names a key uses up nothing of its account: until it is signed well, the address alone counts.
        key = "" if route.is_public else self._ring.signer(asked, told_ms).key
        left = self._limits.left(route.path, key or asked.client, route.per_second, now_s)
        headers[_LEFT] = str(max(left, 0))
        if left < 0:
            raise TOO_MANY
        self.desk.exchange.tick()
        return route.answer(
            Call(route.path, self.desk.renamed.asked(_fields(asked)), self.desk.now_ms(), told_ms, key)
        )


def _fields(asked: Question) -> dict[str, object]:
    if asked.method == "GET":
        return dict(asked.query)
    try:
        body = json.loads(asked.body) if asked.body else {}
    except (ValueError, RecursionError):
        raise Refusal("40020", "Parameter body error") from None
    if not isinstance(body, dict):
        raise Refusal("40020", "Parameter body error")
    return body


def _opened(desk: Desk, hand: Callable[[], float], scale: float) -> BitgetVenue:
    return BitgetVenue(desk, hand, RateLimits(scale))


WIRE = Wire(made_key, BitgetRing, KINDS, _opened)
