"""Signed questions and orders of any venue over ccxt: sent once, timed by the venue's clock, answers read strictly."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from vigie.adapters.venues.ccxt_loader import ccxt_errors
from vigie.adapters.venues.envelope import (
    Meaning,
    RefusedAnswer,
    Said,
    failed_order,
    failed_read,
    was_sent,
)
from vigie.domain.errors import ConnectorError, OrderWithheld, OutcomeUnknown, TransientError, UsageError
from vigie.domain.refusal import Refusal
from vigie.ports.clock import PatientClock
from vigie.ports.trading import not_withheld

_SIGNED_MS: Final[ContextVar[int | None]] = ContextVar("signed_ms", default=None)

Row = Mapping[str, Any]
_LOG: Final = logging.getLogger(__name__)


class SignedWire(ABC):
    """The line to one account.

    Parameters
    ----------
    clock : PatientClock
        Ours; how far the venue's is from it is measured before the first signed request, and again where one was
        refused for its time.
    """

    title: ClassVar[str]

    def __init__(self, clock: PatientClock) -> None:
        self._clock = clock
        self._offset: int | None = None
        self._client: Any = None
        self._fee_coins: set[str] = set()

    def venue_now(self) -> int:
        """Return the venue's time as far as it is known."""
        return self._clock.wall_now() + (self._offset or 0)

    def signed_now(self) -> int:
        """Return the time that the request being made is signed with."""
        return _SIGNED_MS.get() or self.venue_now()

    async def measure(self) -> int:
        """Ask for the venue's time and keep how far ours is from it."""
        sent_ts = self._clock.wall_now()
        venue_ts = await self._their_time()
        received_ts = self._clock.wall_now()
        # Never ahead of the venue: some refuse what comes from the future.
        self._offset = venue_ts - received_ts
        return venue_ts + (received_ts - sent_ts) // 2

    async def know_the_time(self) -> None:
        """Measure how far the clocks are apart, where that is not known."""
        if self._offset is None:
            await self.measure()

    async def asked(self, request: Callable[[], Any]) -> Any:
        """Return what a question is answered with.

        Raises
        ------
        TransientError, AuthError, ConnectorError
            By what happens next; where an answer cannot be understood it is never "nothing".
        """
        try:
            return await request()
        except RefusedAnswer as refused:
            raise self._sorted(refused.said, failed_read) from refused
        except ccxt_errors().BaseError as error:
            raise TransientError(
                "about", "{subject}: {reason}", subject=self.title, reason=_words(error)
            ) from error

    async def done(
        self,
        request: Callable[[], Any],
        signed_ts: int | None = None,
        withheld: Callable[[], str] = not_withheld,
    ) -> Any:
        """Have something done, once, and return the answer.

        Parameters
        ----------
        signed_ts : int, optional
            Time on our wall that the signature tells, so that a request that comes late is refused; None is now.
        withheld : callable
            Asked after every wait, right before the request: why it is not sent, empty where it is.

        Raises
        ------
        OrderWithheld
            Where it says why not.
        OrderRejected, OutcomeUnknown, TransientError, AuthError, ConnectorError
            By what may have happened.
        RefusedAnswer
            Where there is one of that id already.
        """
        await self.know_the_time()
        if reason := withheld():
            raise OrderWithheld(reason)
        signed_ms = None if signed_ts is None else signed_ts + (self._offset or 0)
        token = _SIGNED_MS.set(signed_ms)
        try:
            return await request()
        except RefusedAnswer as refused:
            if self.meaning(refused.said) == "duplicate":
                raise
            raise self._sorted(refused.said, failed_order) from refused
        except ccxt_errors().BaseError as error:
            kind = OutcomeUnknown if was_sent(error) else TransientError
            raise kind("about", "{subject}: {reason}", subject=self.title, reason=_words(error)) from error
        finally:
            _SIGNED_MS.reset(token)

    def tell_fee_coin(self, coin: str) -> None:
        """Say once that a fee was paid in a coin that the account's books do not hold."""
        if coin and coin not in self._fee_coins:
            self._fee_coins.add(coin)
            _LOG.warning(
                "%s took a fee in %s, which the account's books do not hold: fills keep a fee of 0, and the money "
                "agrees in the margin coin; switch off paying fees in %s in %s's settings",
                self.title, coin, coin, self.title,
            )  # fmt: skip

    def meaning_under(self, error: BaseException) -> Meaning:
        """Return what the answer under one of our errors says happened."""
        return self.meaning(said_under(error))

    @contextmanager
    def setting(self) -> Iterator[None]:
        """Change a setting: what a venue in maintenance did not take is worth trying later, and nobody need act.

        Raises
        ------
        TransientError
            Where nothing is taken for now.
        """
        try:
            yield
        except ConnectorError as error:
            if self.meaning_under(error) != "halted":
                raise
            raise TransientError(str(error)) from error

    async def close(self) -> None:
        """Let go of connections."""
        if "https:" not in str(self._client.urls["api"]):
            # ccxt waits until TLS has said its goodbyes; a simulated venue is spoken to without.
            self._client.timeout_on_exit = 0
        await self._client.close()

    @abstractmethod
    def meaning(self, said: Said) -> Meaning:
        """Return what an answer says happened."""

    @abstractmethod
    async def _their_time(self) -> int:
        """Ask for the venue's time; never after what others wait for: exits and stops may not leave without it."""

    def _instead(self, _said: Said) -> Exception | None:
        """Return another error for an answer than its meaning makes, where the venue has one with a cure."""
        return None

    def _sorted(self, said: Said, make_error: Callable[[Said, Meaning, str], Exception]) -> Exception:
        venue_error = self._instead(said)
        if venue_error is not None:
            return venue_error
        meaning = self.meaning(said)
        if meaning == "clock":
            self._offset = None
        return make_error(said, meaning, self.title)


@contextmanager
def understood_of(
    title: str, error_class: type[TransientError | OutcomeUnknown] = TransientError
) -> Iterator[None]:
    """Read an answer of a venue.

    Raises
    ------
    TransientError, or `error_class`
        If it is not in the form that is known.
    """
    try:
        yield
    except (KeyError, ValueError, TypeError, IndexError, ArithmeticError, AttributeError) as error:
        raise error_class(
            Refusal(
                "unknown_answer_form",
                "{title} answered in an unknown form: {error!r}",
                title=title,
                error=error,
            )
        ) from error


def said_under(error: BaseException) -> Said:
    """Return the answer under one of our errors."""
    cause = error.__cause__
    return cause.said if isinstance(cause, RefusedAnswer) else Said(0, "", str(error))


def pause_of(headers: Mapping[str, str]) -> float | None:
    """Return the pause that an answer asks for, in seconds."""
    lower_headers = {name.lower(): value for name, value in headers.items()}
    try:
        return max(float(lower_headers.get("retry-after", "")), 0.0)
    except ValueError:
        return None


def check_address(address: str | None) -> None:
    """Look at an address that is sent a key.

    Raises
    ------
    UsageError
        If it would carry the key in clear text to another machine.
    """
    if not address or urlsplit(address).scheme in ("https", "wss") or is_here(address):
        return
    raise UsageError(
        "address_receives_key_must_start",
        "an address that receives a key must start with https or wss, was {address}",
        address=address,
    )


def is_here(address: str) -> bool:
    """Return whether an address is on this machine, where only simulated venues are."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _words(error: Exception) -> str:
    cause = error.__cause__
    return f"{error} ({type(cause).__name__} {cause})" if cause is not None else str(error)
