"""The venue: a request in, an answer out; and the clients of its streams."""

from __future__ import annotations

import json
from collections.abc import Callable

from vigie.sandbox.exchange.bitget.desk import Desk
from vigie.sandbox.exchange.bitget.envelope import Call, Question, Refusal, refused, success
from vigie.sandbox.exchange.bitget.errors import refusal_of
from vigie.sandbox.exchange.bitget.limits import RateLimits
from vigie.sandbox.exchange.bitget.public import PublicAnswers
from vigie.sandbox.exchange.bitget.pushes import Pushes
from vigie.sandbox.exchange.bitget.routes import Route, routes
from vigie.sandbox.exchange.bitget.stream import Session
from vigie.sandbox.exchange.words import Refused
from vigie.sandbox.world.wire import Reply

TOO_MANY = Refusal("429", "Too Many Requests", 429)
_LEFT = "x-mbx-used-remain-limit"


class BitgetVenue:
    """Answers REST requests and speaks to the clients of streams.

    Parameters
    ----------
    desk : Desk
        What everything is made from.
    hand : callable
        Seconds that only grow.
    limits : RateLimits
        How often it may be asked.
    """

    def __init__(self, desk: Desk, hand: Callable[[], float], limits: RateLimits) -> None:
        self.desk = desk
        self._hand = hand
        self._limits = limits
        self._public = PublicAnswers(desk)
        self._routes = routes(desk, self._public)
        self._pushes = Pushes(desk)
        self._sessions: set[Session] = set()

    def route(self, asked: Question) -> Route | None:
        """Return the endpoint of a request."""
        return self._routes.get((asked.method, asked.path))

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
        return Reply(success(data, told), headers=headers)

    def publish(self) -> None:
        """Push what has happened since the last time."""
        while events := self.desk.events():
            for push in self._pushes.of(events):
                for session in self._sessions:
                    session.tell(push, self._hand())

    def tick(self) -> None:
        """Let the market go on, and tell the news."""
        self.desk.exchange.tick()
        for contract in self.desk.exchange.contracts():
            self.desk.quotes.observe(contract.symbol)
        self.publish()
        now_s = self._hand()
        for session in self._sessions:
            session.news(now_s)

    def enter(self, *, is_private: bool) -> Session:
        """Let a client of a stream in."""
        session = Session(self.desk, self._public, self._pushes, self._hand(), is_private=is_private)
        self._sessions.add(session)
        return session

    def leave(self, session: Session) -> None:
        """Forget a client of a stream, and what it was not sent."""
        self._sessions.discard(session)
        session.drop()

    async def flushed(self) -> None:
        """Wait until every client has been sent what is waiting for it."""
        for session in list(self._sessions):
            await session.outbox.join()

    def _answered(self, asked: Question, told_ms: int, headers: dict[str, str]) -> object:
        now_s = self._hand()
        if not self._limits.within_total(asked.client, now_s):
            raise TOO_MANY
        route = self.route(asked)
        if route is None:
            raise Refusal("40404", "Request URL NOT FOUND", 404)
        caller = asked.client if route.is_public else asked.headers.get("access-key", asked.client)
        left = self._limits.left(route.path, caller, route.per_second, now_s)
        headers[_LEFT] = str(max(left, 0))
        if left < 0:
            raise TOO_MANY
        key = "" if route.is_public else self.desk.ring.signer(asked, told_ms).key
        self.desk.exchange.tick()
        return route.answer(Call(route.path, _fields(asked), self.desk.now_ms(), told_ms, key))


def _fields(asked: Question) -> dict[str, object]:
    if asked.method == "GET":
        return dict(asked.query)
    try:
        body = json.loads(asked.body) if asked.body else {}
    except ValueError:
        raise Refusal("40020", "Parameter body error") from None
    if not isinstance(body, dict):
        raise Refusal("40020", "Parameter body error")
    return body
