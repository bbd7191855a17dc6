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
from vigie_sandbox.exchange.core.entities import ExchangeEvent
from vigie_sandbox.exchange.faults import ExchangeFault, ExchangeFaultKind
from vigie_sandbox.exchange.keys import Key, KeyRing
from vigie_sandbox.exchange.session import PushT, VenueSession
from vigie_sandbox.exchange.venue_context import VenueContext
from vigie_sandbox.world.wire import Reply

VENUES: Final = ("bitget", "binance", "hyperliquid")
"""Venues with a wire, by their folder."""


_MAX_EXPONENT: Final = 30
"""Power of ten beyond which a number is none: arithmetic overflows there."""


ListedCoin = tuple[Bars, Instrument, Sequence[tuple[int, Decimal]]]
"""A simulated coin: its bars, its rules, and its settlements of funding as time and rate."""


class VenueRefusal(Exception):
    """An answer that refuses, in the venue's own code and words."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class VenueRequest:
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
class RequestParameters:
    """What a request that may be answered was sent with: signed where it has to be.

    Attributes
    ----------
    fields : mapping
        Parameters of the query, the body, or both, as the venue reads them.
    now_ms : int
        The market's time.
    venue_ms : int
        The time that the venue tells of itself.
    key : str
        The API key that signed; empty on public endpoints.
    """

    path: str
    fields: Mapping[str, Any]
    now_ms: int
    venue_ms: int
    key: str = ""

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as text; absent, null and empty are the same."""
        value = self.fields.get(name)
        return default if value is None or value == "" else str(value)

    def integer(self, name: str, default: int, refusal: VenueRefusal) -> int:
        """Return a whole number, or refuse in the venue's words."""
        try:
            return int(self.text(name, str(default)))
        except ValueError:
            raise refusal from None

    def decimal(self, name: str, refusal: VenueRefusal) -> Decimal | None:
        """Return an exact number, None where it is absent, or refuse in the venue's words."""
        text = self.text(name)
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise refusal from None
        if number.adjusted() > _MAX_EXPONENT:
            raise refusal
        return number


class SimulatedVenue(ABC, Generic[PushT]):
    """Answers REST requests and speaks to the clients of streams.

    Parameters
    ----------
    context : VenueContext
        What everything is made from.
    monotonic : callable
        Seconds that only grow.
    """

    def __init__(self, context: VenueContext, monotonic: Callable[[], float]) -> None:
        self.context = context
        self.monotonic = monotonic
        self.sessions: set[VenueSession[PushT]] = set()

    @abstractmethod
    def is_private(self, request: VenueRequest) -> bool:
        """Whether a request has to be signed."""

    def get_fault_key(self, request: VenueRequest) -> tuple[str, str]:
        """Return method and path by which faults know a request."""
        return request.method, request.path

    @abstractmethod
    def answer(self, request: VenueRequest) -> Reply:
        """Check, count and answer a request, and push what it caused; what cannot be remembered ends the venue."""

    @abstractmethod
    def refuse_by_fault(self, fault: ExchangeFault, request: VenueRequest) -> Reply:
        """Return what a request that is not taken is told: ``rate-limit``, ``ban``, or the fault's code."""

    @abstractmethod
    def spoil_reply(self, fault: ExchangeFault, reply: Reply) -> Reply:
        """Return what a taken request is told wrongly: ``system-error``, ``null-data``, ``no-order-id``."""

    @abstractmethod
    def open_session(self, path: str, query: Mapping[str, str]) -> VenueSession[PushT] | None:
        """Return a client of the stream at an address; None where there is none."""

    @abstractmethod
    def make_pushes(self, events: Sequence[ExchangeEvent]) -> Sequence[PushT]:
        """Return what the clients of streams are told of what has happened."""

    def push(self, events: Sequence[ExchangeEvent]) -> None:
        """Tell the clients of streams what has happened."""
        for push in self.make_pushes(events):
            for session in self.sessions:
                session.push_to_client(push, self.monotonic())

    def publish(self) -> None:
        """Push what has happened since the last time."""
        while events := self.context.take_events():
            self.push(events)

    def tick(self) -> None:
        """Let the market go on, and tell the news."""
        self.context.exchange.tick()
        for contract in self.context.exchange.contracts():
            self.context.quotes.observe(contract.symbol)
        self.publish()
        now_s = self.monotonic()
        for session in self.sessions:
            session.send_updates(now_s)

    def add_session(self, path: str, query: Mapping[str, str] | None = None) -> VenueSession[PushT] | None:
        """Let a client of a stream in."""
        session = self.open_session(path, query or {})
        if session is not None:
            self.sessions.add(session)
        return session

    def remove_session(self, session: VenueSession[PushT]) -> None:
        """Forget a client of a stream, and what it was not sent."""
        self.sessions.discard(session)
        session.clear_outbox()

    async def wait_until_sent(self) -> None:
        """Wait until every client has been sent what is waiting for it."""
        for session in list(self.sessions):
            await session.outbox.join()


@dataclass(frozen=True, slots=True)
class VenueWire:
    """What opens one venue.

    Attributes
    ----------
    make_key : callable
        Takes seed, number and whether it is of demo trading; gives a key.
    make_key_ring : callable
        Judges what is signed with the keys.
    fault_kinds : mapping
        Kinds of faults, with the venue's paths and codes.
    open_venue : callable
        Takes desk, hand and what multiplies the rate limits; gives the venue.
    list_coin : callable
        Takes a simulated coin; gives it as the venue lists it.
    """

    make_key: Callable[[int, int, bool], Key]
    make_key_ring: Callable[[tuple[Key, ...]], KeyRing]
    fault_kinds: Mapping[str, ExchangeFaultKind]
    open_venue: Callable[[VenueContext, Callable[[], float], float], SimulatedVenue[Any]]
    list_coin: Callable[[ListedCoin], ListedCoin] = lambda coin: coin
