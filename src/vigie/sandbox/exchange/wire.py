"""What every venue's wire has: questions as they arrive, refusals in the venue's words, clients of streams, faults.

A venue's folder has a module ``venue`` with `WIRE`, from which `run` opens it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Generic

from vigie.domain.bar import Bars
from vigie.domain.instrument import Instrument
from vigie.sandbox.exchange.core.words import Event
from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.keys import Key, KeyRing
from vigie.sandbox.exchange.on_demand import Fault, Kind
from vigie.sandbox.exchange.session import PushT, Session
from vigie.sandbox.world.wire import Reply

VENUES: Final = ("bitget", "binance", "hyperliquid")
"""Venues with a wire, by their folder."""


_LARGEST: Final = 30
"""Power of ten beyond which a number is none: arithmetic overflows there."""


Coin = tuple[Bars, Instrument, Sequence[tuple[int, Decimal]]]
"""A simulated coin: its bars, its rules, and its settlements of funding as time and rate."""


class Refusal(Exception):
    """An answer that refuses, in the venue's own code and words."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Question:
    """One REST request, its signature not yet looked at.

    Attributes
    ----------
    path : str
        As it was sent, ``/api/v2/mix/order/detail``.
    raw_query : str
        Undecoded, without the question mark.
    query : mapping
        Decoded; the last value of each parameter.
    body : bytes
        What a POST carried.
    headers : mapping
        Names in lower case.
    client : str
        Address of the client, for what is counted by address.
    """

    method: str
    path: str
    raw_query: str
    query: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str]
    client: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a request that may be answered was sent with: signed where it has to be.

    Attributes
    ----------
    fields : mapping
        Parameters of the query, the body, or both, as the venue reads them.
    now_ms : int
        The market's time.
    told_ms : int
        The time that the venue tells of itself.
    key : str
        The API key that signed; empty on public endpoints.
    """

    path: str
    fields: Mapping[str, Any]
    now_ms: int
    told_ms: int
    key: str = ""

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as text; absent, null and empty are the same."""
        value = self.fields.get(name)
        return default if value is None or value == "" else str(value)

    def integer(self, name: str, default: int, wrong: Refusal) -> int:
        """Return a whole number, or refuse in the venue's words."""
        try:
            return int(self.text(name, str(default)))
        except ValueError:
            raise wrong from None

    def decimal(self, name: str, wrong: Refusal) -> Decimal | None:
        """Return an exact number, None where it is absent, or refuse in the venue's words."""
        text = self.text(name)
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise wrong from None
        if number.adjusted() > _LARGEST:
            raise wrong
        return number


class Venue(ABC, Generic[PushT]):
    """Answers REST requests and speaks to the clients of streams.

    Parameters
    ----------
    desk : Desk
        What everything is made from.
    hand : callable
        Seconds that only grow.
    """

    def __init__(self, desk: Desk, hand: Callable[[], float]) -> None:
        self.desk = desk
        self.hand = hand
        self.sessions: set[Session[PushT]] = set()

    @abstractmethod
    def is_private(self, asked: Question) -> bool:
        """Whether a request has to be signed."""

    def named(self, asked: Question) -> tuple[str, str]:
        """Return method and path by which faults know a request."""
        return asked.method, asked.path

    @abstractmethod
    def answer(self, asked: Question) -> Reply:
        """Check, count and answer a request, and push what it caused; what cannot be remembered ends the venue."""

    @abstractmethod
    def denied(self, fault: Fault, asked: Question) -> Reply:
        """Return what a request that is not taken is told: ``rate-limit``, ``ban``, or the fault's code."""

    @abstractmethod
    def spoilt(self, fault: Fault, reply: Reply) -> Reply:
        """Return what a taken request is told wrongly: ``system-error``, ``null-data``, ``no-order-id``."""

    @abstractmethod
    def open_session(self, path: str, query: Mapping[str, str]) -> Session[PushT] | None:
        """Return a client of the stream at an address; None where there is none."""

    @abstractmethod
    def pushes(self, events: Sequence[Event]) -> Sequence[PushT]:
        """Return what the clients of streams are told of what has happened."""

    def push(self, events: Sequence[Event]) -> None:
        """Tell the clients of streams what has happened."""
        for push in self.pushes(events):
            for session in self.sessions:
                session.tell(push, self.hand())

    def publish(self) -> None:
        """Push what has happened since the last time."""
        while events := self.desk.events():
            self.push(events)

    def tick(self) -> None:
        """Let the market go on, and tell the news."""
        self.desk.exchange.tick()
        for contract in self.desk.exchange.contracts():
            self.desk.quotes.observe(contract.symbol)
        self.publish()
        now_s = self.hand()
        for session in self.sessions:
            session.news(now_s)

    def enter(self, path: str, query: Mapping[str, str] | None = None) -> Session[PushT] | None:
        """Let a client of a stream in."""
        session = self.open_session(path, query or {})
        if session is not None:
            self.sessions.add(session)
        return session

    def leave(self, session: Session[PushT]) -> None:
        """Forget a client of a stream, and what it was not sent."""
        self.sessions.discard(session)
        session.drop()

    async def flushed(self) -> None:
        """Wait until every client has been sent what is waiting for it."""
        for session in list(self.sessions):
            await session.outbox.join()


@dataclass(frozen=True, slots=True)
class Wire:
    """What opens one venue.

    Attributes
    ----------
    made_key : callable
        Takes seed, number and whether it is of demo trading; gives a key.
    ring : callable
        Judges what is signed with the keys.
    faults : mapping
        Kinds of faults, with the venue's paths and codes.
    open : callable
        Takes desk, hand and what multiplies the rate limits; gives the venue.
    listed : callable
        Takes a simulated coin; gives it as the venue lists it.
    """

    made_key: Callable[[int, int, bool], Key]
    ring: Callable[[tuple[Key, ...]], KeyRing]
    faults: Mapping[str, Kind]
    open: Callable[[Desk, Callable[[], float], float], Venue[Any]]
    listed: Callable[[Coin], Coin] = lambda coin: coin
