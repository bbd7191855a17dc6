"""An endpoint that speaks like OpenAI's chat completions: a service elsewhere, or a model server of one's own.

``POST {address}/chat/completions`` with ``model``, ``messages``, ``response_format``; the answer is
``choices[0].message.content`` (https://platform.openai.com/docs/api-reference/chat).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from vigie.adapters.language.prompt import build_request, has_prompt_injection, parse_answers
from vigie.adapters.net.guard import Resolve, check_url, public_transport, resolve_name
from vigie.adapters.net.token_bucket import TokenBucket
from vigie.domain.errors import AuthError, ConnectorError, DataError, TransientError, UsageError
from vigie.ports.clock import Clock
from vigie.version import __version__

# Headlines of one request: more of them make answers late, and one fault costs them all.
BATCH_SIZE: Final = 20
# An answer of twenty entries is below two thousand bytes; a chatty one is none.
MAX_BYTES: Final = 256 * 1024
_AUTH_STATUSES: Final = frozenset({401, 403})
_MAX_BURST: Final = 4.0


@dataclass(slots=True)
class Endpoint:
    """Asks a model about headlines, some at a time.

    Attributes
    ----------
    address : str
        ``https://api.example.org/v1``.
    model : str
        As the endpoint names it.
    key : str
        Sent as a bearer token, and told to nobody else.
    is_inner : bool
        Whether it may be on this machine or its network, and be spoken to without TLS.
    timeout_s : float
        For all that is asked at once, to the last byte.
    per_minute : float
        Requests.
    resolve, connect : object, optional
        As in `vigie.adapters.net.guard.PublicReader`.
    """

    clock: Clock
    address: str
    model: str
    key: str = field(default="", repr=False)
    is_inner: bool = False
    timeout_s: float = 10.0
    per_minute: float = 30.0
    resolve: Resolve = resolve_name
    connect: Any = None
    _budget: TokenBucket = field(init=False)

    def __post_init__(self) -> None:
        """Fill the budget."""
        self._budget = TokenBucket(self.per_minute, min(_MAX_BURST, max(self.per_minute, 1.0)))

    @property
    def name(self) -> str:
        """Which model, and where."""
        return f"{self.model} @ {urlsplit(self.address).netloc.rpartition('@')[2]}"

    def sentiments(self, headlines: Sequence[str]) -> Sequence[Mapping[str, float] | None]:
        """Return the probabilities for every headline; None for those that speak to a machine.

        It waits; ask from a thread that may.
        """
        indexes = [index for index, item in enumerate(headlines) if not has_prompt_injection(item)]
        result: list[Mapping[str, float] | None] = [None] * len(headlines)
        if indexes:
            scores = asyncio.run(self._fetch_sentiments([headlines[index] for index in indexes]))
            for index, item in zip(indexes, scores, strict=True):
                result[index] = item
        return result

    async def _fetch_sentiments(self, headlines: Sequence[str]) -> list[Mapping[str, float]]:
        import httpx

        url = self._url()
        headers = {"user-agent": f"vigie/{__version__}", "content-type": "application/json"}
        if self.key:
            headers["authorization"] = f"Bearer {self.key}"
        transport = None if self.is_inner else public_transport(self.resolve, self.connect)
        result: list[Mapping[str, float]] = []
        try:
            async with (
                asyncio.timeout(self.timeout_s),
                httpx.AsyncClient(
                    transport=transport, headers=headers, timeout=self.timeout_s, trust_env=False
                ) as client,
            ):
                for start in range(0, len(headlines), BATCH_SIZE):
                    batch = headlines[start : start + BATCH_SIZE]
                    self._spend_budget()
                    body = await _post(client, url, build_request(self.model, batch))
                    result += parse_answers(body, len(batch))
        except TimeoutError as fault:
            raise TransientError(
                "took_longer",
                "{name} took longer than {timeout_s:g} s",
                name=self.name,
                timeout_s=self.timeout_s,
            ) from fault
        except UsageError as fault:
            raise ConnectorError(
                "language_inner_true_allows_internal",
                "{fault}; language_inner = true allows an internal address",
                fault=fault,
            ) from fault
        # Its text may repeat what was sent.
        except httpx.HTTPError as fault:
            raise TransientError(
                "did_not_answer",
                "{name} did not answer: {name_2}",
                name=self.name,
                name_2=type(fault).__name__,
            ) from None
        return result

    def _url(self) -> str:
        try:
            url = check_url(f"{self.address.rstrip('/')}/chat/completions")
        except UsageError as fault:
            raise ConnectorError(str(fault)) from None
        if urlsplit(url).scheme.lower() != "https" and not self.is_inner:
            raise ConnectorError(
                "address_language_model_must_start",
                "the address of a language model must start with https; language_inner = true allows http "
                "to your own",
            )
        return url

    def _spend_budget(self) -> None:
        if self._budget.take(self.clock.wall_now()) > 0:
            self._budget.give_back()
            raise TransientError(
                "reached_limit_requests_per_minute",
                "{name} reached its limit of {per_minute:g} requests per minute",
                name=self.name,
                per_minute=self.per_minute,
            )


async def _post(client: Any, url: str, payload: Mapping[str, Any]) -> bytes:
    body = bytearray()
    async with client.stream("POST", url, content=json.dumps(payload).encode()) as response:
        host, status = urlsplit(url).netloc, response.status_code
        if status in _AUTH_STATUSES:
            raise AuthError(
                "answered_key_missing_refused",
                "{host} answered {status}: the key is missing or refused",
                host=host,
                status=status,
            )
        if status == 429 or status >= 500:
            raise TransientError(
                "answered_status", "{host} answered with status {status}", host=host, status=status
            )
        if status != 200:
            raise ConnectorError(
                "answered_check_address_model_name",
                "{host} answered {status}: check its address and the model name",
                host=host,
                status=status,
            )
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_BYTES:
                raise DataError(
                    "sent_more_bytes",
                    "{host} sent more than {max_bytes} bytes",
                    host=host,
                    max_bytes=MAX_BYTES,
                )
    return bytes(body)
