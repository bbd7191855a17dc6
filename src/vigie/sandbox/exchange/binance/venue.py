"""The venue: a request in, an answer out; and the clients of its streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Final

from vigie.sandbox.exchange.binance.envelope import Call, fields_of, refused
from vigie.sandbox.exchange.binance.errors import FAULTS, WORDS, refusal_of
from vigie.sandbox.exchange.binance.limits import POOLS, TooMany, Weights, banned
from vigie.sandbox.exchange.binance.listening import ListenKeys
from vigie.sandbox.exchange.binance.public import PublicAnswers
from vigie.sandbox.exchange.binance.pushes import Push, Pushes
from vigie.sandbox.exchange.binance.routes import Route, routes
from vigie.sandbox.exchange.binance.signing import BinanceRing, made_key
from vigie.sandbox.exchange.binance.stream import BinanceSession
from vigie.sandbox.exchange.core.words import Event, Refused
from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.on_demand import Fault
from vigie.sandbox.exchange.wire import Question, Refusal, Venue, Wire
from vigie.sandbox.world.wire import Reply

_STREAMS: Final = ("/ws", "/stream", "/market", "/public", "/private")


class BinanceVenue(Venue[Push]):
    """Answers REST requests and speaks to the clients of streams.

    Parameters
    ----------
    desk, hand
        As of `Venue`.
    weights : Weights
        How often it may be asked.
    """

    def __init__(self, desk: Desk, hand: Callable[[], float], weights: Weights) -> None:
        super().__init__(desk, hand)
        assert isinstance(desk.ring, BinanceRing)
        self._ring = desk.ring
        self._weights = weights
        self._public = PublicAnswers(desk)
        self._keys = ListenKeys(desk.wall)
        self._routes = routes(desk, self._public, self._keys)
        self._pushes = Pushes(desk)

    def is_private(self, asked: Question) -> bool:
        """Whether a request has to be signed."""
        route = self._routes.get((asked.method, asked.path))
        return route is not None and route.door != "public"

    def answer(self, asked: Question) -> Reply:
        """Check, count and answer a request, and push what it caused; what cannot be remembered ends the venue."""
        headers: dict[str, str] = {}
        try:
            return Reply(self.desk.renamed.shown(self._answered(asked, headers)), headers=headers)
        except TooMany as no:
            return _too_many(no)
        except (Refusal, Refused) as no:
            wrong = refusal_of(no)
            return Reply(refused(wrong), wrong.status, headers=headers)
        finally:
            self.publish()

    def denied(self, fault: Fault, asked: Question) -> Reply:
        """Return what a request that is not taken is told."""
        if fault.kind == "rate-limit":
            return _too_many(TooMany("-1003", "Too many requests.", 429, 1.0))
        if fault.kind == "ban":
            return _too_many(banned())
        return _failed(fault, 400)

    def spoilt(self, fault: Fault, reply: Reply) -> Reply:
        """Return what a taken request is told wrongly."""
        if fault.kind == "system-error":
            return _failed(fault, 503 if fault.code in ("-1006", "-1007", "-1008") else 400)
        if fault.kind == "no-order-id" and isinstance(reply.body, dict):
            return Reply(
                {name: value for name, value in reply.body.items() if name not in ("orderId", "algoId")}
            )
        return Reply("null")

    def open_session(self, path: str, query: Mapping[str, str]) -> BinanceSession | None:
        """Return a client of market streams or of an account; None for a listen key that is not good."""
        if not path.startswith(_STREAMS):
            return None
        names = [one for one in (query.get("streams") or path.rpartition("/ws")[2]).split("/") if one]
        account = query.get("listenKey", "")
        given = [account] if account else [one for one in names if len(one) == 64]
        if given:
            account = self._keys.account(given[0])
            if not account or self.desk.faults.standing("login-refused"):
                return None
        return BinanceSession(
            self.desk, self._public, names, account, self.hand(), is_wrapped="/stream" in path
        )

    def pushes(self, events: Sequence[Event]) -> Sequence[Push]:
        """Return what the clients of streams are told of what has happened."""
        return self._pushes.of(events)

    def _answered(self, asked: Question, headers: dict[str, str]) -> object:
        now_s, told = self.hand(), self.desk.told_ms()
        route = self._routes.get((asked.method, asked.path))
        if route is None:
            headers[POOLS["fapi"][2]] = str(self._weights.take(asked.client, 1, now_s))
            raise Refusal("-5000", f"Path {asked.path}, Method {asked.method} is invalid", 404)
        caller, key = asked.client, ""
        if route.pool == "sapi_uid":
            key = self._key_by_account(asked, route, told, now_s)
            caller = self.desk.account(key)
        used = self._weights.take(caller, route.weight, now_s, route.pool)
        if POOLS[route.pool][2]:
            headers[POOLS[route.pool][2]] = str(used)
        key = key or self._key(asked, route, told)
        account = self.desk.account(key) if key else ""
        if route.is_order:
            for span, count in self._weights.take_order(account, now_s).items():
                headers[f"X-MBX-ORDER-COUNT-{span}"] = str(count)
        self.desk.exchange.tick()
        fields = self.desk.renamed.asked(fields_of(asked))
        return route.answer(Call(asked.path, fields, self.desk.now_ms(), told, key, account))

    def _key_by_account(self, asked: Question, route: Route, told_ms: int, now_s: float) -> str:
        """Return the key of a request that is counted by account; one that is not signed well counts by address.

        Whoever merely names a key must not use up what its account may ask.
        """
        try:
            return self._key(asked, route, told_ms)
        except Refusal:
            self._weights.take(asked.client, 1, now_s, "sapi_ip")
            raise

    def _key(self, asked: Question, route: Route, told_ms: int) -> str:
        if route.door == "public":
            return ""
        if route.door == "key":
            return self._ring.holder(asked).key
        return self._ring.signer(asked, told_ms).key


def _too_many(no: TooMany) -> Reply:
    return Reply(refused(no), no.status, headers={"Retry-After": str(ceil(no.after_s))})


def _failed(fault: Fault, status: int) -> Reply:
    return Reply(refused(Refusal(fault.code, WORDS.get(fault.code, "refused by a fault"))), status)


def _opened(desk: Desk, hand: Callable[[], float], scale: float) -> BinanceVenue:
    return BinanceVenue(desk, hand, Weights(scale))


WIRE = Wire(made_key, BinanceRing, FAULTS, _opened)
