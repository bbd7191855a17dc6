"""One ccxt.pro client a venue: its connections, its questions, each answer checked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import ceil
from typing import Any, Final

from vigie.adapters.net.retry import Retry
from vigie.adapters.venues.ccxt_loader import ccxt_errors, exchange_class
from vigie.adapters.venues.manifest import Manifest
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.signed import is_here
from vigie.adapters.venues.speech import Speech, StreamSubscription
from vigie.adapters.venues.strict import checking, redirected, sorted_error
from vigie.adapters.venues.weight_budget import WeightBudget, WeightLimit, weigh_requests
from vigie.domain.errors import TransientError
from vigie.domain.time import MINUTE_MS
from vigie.ports.clock import PatientClock

_TIMEOUT_MS: Final = 10_000


class LiveClient:
    """The ccxt client of one venue: made when first used, checked in every answer."""

    def __init__(self, manifest: Manifest, speech: Speech, clock: PatientClock, url: str | None) -> None:
        self.manifest = manifest
        self.speech = speech
        self.clock = clock
        self._url = url
        self._retry = Retry(clock, attempts=3, longest_s=20.0)
        self._listeners: dict[str, Callable[[object], bool]] = {}
        self._client: Any = None
        self._budget: WeightBudget | None = None

    async def ask(self, request: Callable[[Any], Any]) -> Any:
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
                return await request(client)
            except errors.BaseError as error:
                raise self._classify_error(error) from error
            except (KeyError, ValueError, TypeError, IndexError) as error:
                raise TransientError(
                    "unknown_answer_form",
                    "{title} answered in an unknown form: {error!r}",
                    title=self.manifest.title,
                    error=error,
                ) from error

        return await self._retry.wait_and_call(self.clock, once)

    async def connect(
        self, subscription: StreamSubscription, name: str, listener: Callable[[object], bool]
    ) -> asyncio.Future[Any]:
        """Open a connection and say the first words; the future ends with the error that ends the connection.

        Raises
        ------
        TransientError
            If it cannot be opened.
        """
        client = self.client()
        url = f"{subscription.url}#{name}"  # one client of ccxt an address: the part behind # is not sent
        self._listeners[url] = listener
        end: asyncio.Future[Any] = client.watch_multiple(url, [name], subscription.messages[0], [name])
        connection = client.client(url)
        try:
            await asyncio.wait({connection.connected, end}, return_when=asyncio.FIRST_COMPLETED)
            if end.done():
                await end
            for message in subscription.messages[1:]:
                await connection.send(message)
        except (ccxt_errors().BaseError, ConnectionError, OSError) as error:
            end.cancel()
            raise TransientError(
                "about", "{subject}: {reason}", subject=self.manifest.title, reason=error
            ) from error
        return end

    async def disconnect(self, subscription: StreamSubscription, name: str) -> None:
        """Close a connection that was opened here."""
        url = f"{subscription.url}#{name}"
        self._listeners.pop(url, None)
        connection = (self._client.clients if self._client is not None else {}).pop(url, None)
        if connection is not None:
            await connection.close()

    def client(self) -> Any:
        """Return the ccxt client, made when first asked for."""
        if self._client is None:
            self._client = self._open_client()
        return self._client

    def budget_left(self) -> float | None:
        """Return how much of its limit the venue says is left, else what the pace kept here leaves of this minute."""
        headers = getattr(self._client, "last_response_headers", None)
        stated = self.speech.remaining_limit(headers) if headers else None
        return self._budget.remaining() if stated is None and self._budget is not None else stated

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            ccxt_client, self._client = self._client, None
            await ccxt_client.close()

    def _open_client(self) -> Any:
        ccxt_class = exchange_class(self.speech.client, "pro")
        ccxt_client = type(f"Live{self.speech.client}", (ccxt_class,), self._overrides(ccxt_class))(
            {"enableRateLimit": True, "timeout": _TIMEOUT_MS, **self.speech.options}
        )
        if self._url:
            ccxt_client.urls["api"] = redirected(ccxt_client.urls["api"], self._url)
        limit = self._venue_limit()
        self._budget = WeightBudget(
            self.clock, limit.per_minute if limit else round(MINUTE_MS / ccxt_client.rateLimit)
        )
        return ccxt_client

    def _venue_limit(self) -> WeightLimit | None:
        """A simulated venue has none."""
        return None if self._url and is_here(self._url) else self.speech.limit

    def _overrides(self, base: Any) -> dict[str, Any]:
        listeners, limit = self._listeners, self._venue_limit()
        cost_of, last_weight = weigh_requests(base, limit)

        async def throttle(client: Any, cost: float | None = None) -> None:
            if self._budget is not None:
                # Without a limit of the venue's own ccxt's pace is all there is: it is only counted.
                weight = last_weight() if limit else ceil(1 if cost is None else cost)
                await self._budget.spend(weight, Rank.READ if limit else Rank.EXIT)
            await base.throttle(client, cost)

        def handle_message(live_self: Any, client: Any, message: object) -> None:
            listener = listeners.get(client.url)
            # What is still said on a line that was hung up is nobody's: ccxt would keep a thousand bars of each series.
            if listener is not None and not listener(message):
                base.handle_message(live_self, client, message)

        return {
            "handle_errors": checking(base, self.speech.fault),
            "handle_message": handle_message,
            "calculate_rate_limiter_cost": cost_of,
            "throttle": throttle,
        }

    def _classify_error(self, error: Exception) -> Exception:
        headers = getattr(self._client, "last_response_headers", None)
        return sorted_error(error, self.manifest.title, self.speech.transient_codes, headers)
