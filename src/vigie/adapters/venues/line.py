"""One ccxt.pro client a venue: its connections, its questions, each answer checked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import ceil
from typing import Any, Final

from vigie.adapters.net.retry import Retry
from vigie.adapters.venues.budget import Budget, Limit, weighing
from vigie.adapters.venues.exchanges import ccxt_errors, exchange_class
from vigie.adapters.venues.manifest import Manifest
from vigie.adapters.venues.signed import is_here
from vigie.adapters.venues.speech import Speech, Talk
from vigie.adapters.venues.strict import checking, redirected, sorted_error
from vigie.adapters.venues.turns import Rank
from vigie.domain.errors import TransientError
from vigie.domain.time import MINUTE_MS
from vigie.ports.clock import PatientClock

_TIMEOUT_MS: Final = 10_000


class Line:
    """The ccxt client of one venue: made when first used, checked in every answer."""

    def __init__(self, manifest: Manifest, speech: Speech, clock: PatientClock, url: str | None) -> None:
        self.manifest = manifest
        self.speech = speech
        self.clock = clock
        self._url = url
        self._retry = Retry(clock, attempts=3, longest_s=20.0)
        self._listeners: dict[str, Callable[[object], bool]] = {}
        self._client: Any = None
        self._budget: Budget | None = None

    async def ask(self, question: Callable[[Any], Any]) -> Any:
        """Ask over REST, again where that helps.

        Raises
        ------
        TransientError, ConnectorError, UsageError
            By what happens next.
        """
        client = self.client()
        errors = ccxt_errors()

        async def once() -> Any:
            try:
                return await question(client)
            except errors.BaseError as error:
                raise self._sorted(error) from error
            except (KeyError, ValueError, TypeError, IndexError) as error:
                raise TransientError(
                    f"{self.manifest.title} answered in an unknown form: {error!r}"
                ) from error

        return await self._retry.wait_and_call(self.clock, once)

    async def connect(self, talk: Talk, name: str, listener: Callable[[object], bool]) -> asyncio.Future[Any]:
        """Open a connection and say the first words; the future ends with the error that ends the connection.

        Raises
        ------
        TransientError
            If it cannot be opened.
        """
        client = self.client()
        url = f"{talk.url}#{name}"  # one client of ccxt an address: the part behind # is not sent
        self._listeners[url] = listener
        end: asyncio.Future[Any] = client.watch_multiple(url, [name], talk.words[0], [name])
        opened = client.client(url)
        try:
            await asyncio.wait({opened.connected, end}, return_when=asyncio.FIRST_COMPLETED)
            if end.done():
                await end
            for word in talk.words[1:]:
                await opened.send(word)
        except (ccxt_errors().BaseError, ConnectionError, OSError) as error:
            end.cancel()
            raise TransientError(f"{self.manifest.title}: {error}") from error
        return end

    async def hang_up(self, talk: Talk, name: str) -> None:
        """Close a connection that was opened here."""
        url = f"{talk.url}#{name}"
        self._listeners.pop(url, None)
        opened = (self._client.clients if self._client is not None else {}).pop(url, None)
        if opened is not None:
            await opened.close()

    def client(self) -> Any:
        """Return the ccxt client, made when first asked for."""
        if self._client is None:
            self._client = self._open()
        return self._client

    def budget_left(self) -> float | None:
        """Return how much of its limit the venue says is left, else what the pace kept here leaves of this minute."""
        headers = getattr(self._client, "last_response_headers", None)
        told = self.speech.left(headers) if headers else None
        return self._budget.left() if told is None and self._budget is not None else told

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            opened, self._client = self._client, None
            await opened.close()

    def _open(self) -> Any:
        base = exchange_class(self.speech.client, "pro")
        made = type(f"Live{self.speech.client}", (base,), self._overrides(base))(
            {"enableRateLimit": True, "timeout": _TIMEOUT_MS, **self.speech.options}
        )
        if self._url:
            made.urls["api"] = redirected(made.urls["api"], self._url)
        limit = self._limit()
        self._budget = Budget(self.clock, limit.a_minute if limit else round(MINUTE_MS / made.rateLimit))
        return made

    def _limit(self) -> Limit | None:
        """A simulated venue has none."""
        return None if self._url and is_here(self._url) else self.speech.limit

    def _overrides(self, base: Any) -> dict[str, Any]:
        listeners, limit = self._listeners, self._limit()
        cost_of, weighed = weighing(base, limit)

        async def throttle(client: Any, cost: float | None = None) -> None:
            if self._budget is not None:
                # Without a limit of the venue's own ccxt's pace is all there is: it is only counted.
                weight = weighed() if limit else ceil(1 if cost is None else cost)
                await self._budget.spend(weight, Rank.READ if limit else Rank.EXIT)
            await base.throttle(client, cost)

        def handle_message(mine: Any, client: Any, message: object) -> None:
            listener = listeners.get(client.url)
            # What is still said on a line that was hung up is nobody's: ccxt would keep a thousand bars of each series.
            if listener is not None and not listener(message):
                base.handle_message(mine, client, message)

        return {
            "handle_errors": checking(base, self.speech.fault),
            "handle_message": handle_message,
            "calculate_rate_limiter_cost": cost_of,
            "throttle": throttle,
        }

    def _sorted(self, error: Exception) -> Exception:
        headers = getattr(self._client, "last_response_headers", None)
        return sorted_error(error, self.manifest.title, self.speech.transient_codes, headers)
