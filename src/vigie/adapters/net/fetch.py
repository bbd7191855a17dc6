"""Reading over HTTP: one client for all sources, careful with them and strict about what they answer."""

from __future__ import annotations

import asyncio
import json
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from vigie.adapters.net.answers import OK, quote_body, read_body, status_error
from vigie.adapters.net.retry import Retry, RetryableError
from vigie.adapters.net.stored_body import encode_body
from vigie.adapters.net.token_bucket import TokenBucket
from vigie.adapters.net.trust import source_ssl_context
from vigie.adapters.net.unpack import ENCODINGS
from vigie.domain.errors import ConnectorError, TransientError
from vigie.ports.clock import PatientClock
from vigie.ports.documents import DocumentStore
from vigie.version import __version__

if TYPE_CHECKING:
    from httpx import AsyncClient, Response

MAX_BYTES: Final = 16 * 1024 * 1024
TIMEOUT_S: Final = 15.0
# Of a whole answer: one byte every now and then must not hold a connector up.
TOTAL_TIMEOUT_S: Final = 60.0
# A host that asks for a longer pause is asked again after this one.
_MAX_RETRY_AFTER_S: Final = 86_400.0
_MAX_PAUSE_S: Final = 30.0
_DEFAULT_PER_MINUTE: Final = 30.0
# Answers that are worth another try; 418 is how one venue bans an address for a while.
_REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
_THROTTLE_STATUSES: Final = frozenset({418, 429})
_CONDITIONAL_HEADERS: Final = ("if-none-match", "if-modified-since")
_STORED_HEADERS: Final = ("etag", "last-modified", "content-type", "cache-control", "date")
_HERE: Final = ("all://127.0.0.1", "all://localhost", "all://[::1]")
_MAX_CACHED: Final = 64
_MAX_CACHED_BYTES: Final = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FetchedResponse:
    """One answer as it came.

    Attributes
    ----------
    url : str
        Without query values that are secret.
    status : int
    ts_known : int
        Market time of the answer, epoch milliseconds.
    headers : mapping
        Names in lower case.
    body : bytes
    is_unchanged : bool
        The host said that it is what it was; `body` is what it was, or nothing where only the caller knew it.
    document : str
        Id of the raw copy, where one is kept.
    """

    url: str
    status: int
    ts_known: int
    headers: Mapping[str, str]
    body: bytes
    is_unchanged: bool = False
    document: str = ""

    @property
    def is_redirect(self) -> bool:
        """Whether the host sends us elsewhere."""
        return self.status in _REDIRECT_STATUSES

    def json(self, *kinds: type) -> Any:
        """Return the body as JSON of one of the kinds expected.

        Raises
        ------
        TransientError
            If it is something else under HTTP 200: a captcha page, half a body, null.
        """
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            raise TransientError(
                "url_answered_no_json",
                "{url} answered {body}, which is not JSON",
                url=self.url,
                body=quote_body(self.body),
            ) from None
        if not isinstance(content, kinds or (dict, list)):
            raise TransientError(
                "answered_which_not_expected_format",
                "{url} answered {body}, which is not the expected format",
                url=self.url,
                body=quote_body(self.body),
            )
        return content


@dataclass(slots=True)
class _CachedResponse:
    validators: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Fetcher:
    """Reads from hosts; nothing that it sends changes anything there.

    Parameters
    ----------
    clock : PatientClock
        Waits, and tells when an answer was read.
    contact : str
        How the operator of a host reaches whoever runs this program; part of the User-Agent.
    documents : DocumentStore, optional
        Where answers are kept raw when asked.
    has_room : callable
        Whether the disk has room for raw answers; without, they are read and not kept.
    transport : object, optional
        An httpx transport in place of the network.
    hides_paths : bool
        Whether what is asked is told to the host alone: what goes in clear passes no proxy of the environment.
    """

    clock: PatientClock
    contact: str = ""
    documents: DocumentStore | None = None
    transport: Any = None
    hides_paths: bool = False
    has_room: Callable[[], bool] = lambda: True
    _budgets: dict[str, TokenBucket] = field(default_factory=dict)
    _cache: OrderedDict[str, _CachedResponse] = field(default_factory=OrderedDict)
    _client: AsyncClient | None = None

    def set_budget(self, url: str, *, per_minute: float, burst: float = 1.0) -> TokenBucket:
        """Give the host of an address its budget and return it; the first one given stays."""
        return self._budgets.setdefault(budget_host(url), TokenBucket(per_minute, burst))

    def use_budget(self, url: str, budget: TokenBucket) -> None:
        """Give the host of an address a budget that others spend as well."""
        self._budgets[budget_host(url)] = budget

    def budget_left(self, url: str) -> float | None:
        """Return how many requests the host of an address would take now."""
        budget = self._budgets.get(budget_host(url))
        return None if budget is None else budget.remaining(self.clock.wall_now())

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        keep_as: str = "",
        keep_exact: bool = False,
        max_bytes: int = MAX_BYTES,
        may_redirect: bool = False,
    ) -> FetchedResponse:
        """Read an address.

        Parameters
        ----------
        keep_as : str
            Kind of document under which the raw answer is kept; the empty one keeps nothing.
        keep_exact : bool
            Keep it so that its bytes can be had again, also where they are JSON.
        max_bytes : int
            A longer body is not read to its end.
        may_redirect : bool
            Return a redirect; it is never followed here.

        Raises
        ------
        TransientError
            The network or the host failed, also when tried again; `after_s` is the pause it asks for.
        ConnectorError, AuthError
            The host does not serve this, or not to us.
        DataError
            The body is too large.
        """
        return await self._read(
            "GET",
            url,
            params=params,
            headers=headers,
            content=None,
            keep_as=keep_as,
            keep_exact=keep_exact,
            max_bytes=max_bytes,
            may_redirect=may_redirect,
        )

    async def post_json(
        self, url: str, content: Mapping[str, Any], *, keep_as: str = "", max_bytes: int = MAX_BYTES
    ) -> FetchedResponse:
        """Read from a host whose questions are posted as JSON; the question must change nothing there."""
        return await self._read(
            "POST",
            url,
            params=None,
            headers={"Content-Type": "application/json"},
            content=json.dumps(content).encode(),
            keep_as=keep_as,
            max_bytes=max_bytes,
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _read(
        self, method: str, url: str, *, keep_as: str, keep_exact: bool = False, **request: Any
    ) -> FetchedResponse:
        retry = Retry(self.clock, attempts=3, longest_s=_MAX_PAUSE_S, seed=len(url))
        fetched = await retry.wait_and_call(self.clock, lambda: self._fetch_once(method, url, **request))
        is_new = fetched.status == 200 and not fetched.is_unchanged
        if keep_as and self.documents is not None and is_new and self.has_room():
            document = await asyncio.to_thread(self._store_document, keep_as, fetched, keep_exact)
            return replace(fetched, document=document)
        return fetched

    async def _fetch_once(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        content: bytes | None,
        max_bytes: int,
        may_redirect: bool = False,
    ) -> FetchedResponse:
        import httpx

        client = self._open_client()
        try:
            # A port that is none would only be noticed by what connects.
            _ = urlsplit(url).port
            request = client.build_request(method, url, params=params, headers=headers, content=content)
        except (httpx.InvalidURL, ValueError):
            raise ConnectorError(
                "not_address_vigie_request",
                "{value!a:.80} is not an address Vigie can request",
                value=url.partition("?")[0],
            ) from None
        name = str(request.url)
        cached = self._cache.get(name) if method == "GET" else None
        request.headers.update(cached.validators if cached else {})
        await self._wait_for_budget(url)
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT_S):
                response = await client.send(request, stream=True)
                try:
                    body = await read_body(response, max_bytes)
                finally:
                    await response.aclose()
        except httpx.ConnectError as error:
            self._budgets[budget_host(url)].give_back()
            raise RetryableError(
                "could_not_reached", "{url} could not be reached: {error}", url=budget_host(url), error=error
            ) from error
        except (httpx.TimeoutException, TimeoutError) as error:
            raise RetryableError(
                "did_not_answer_time", "{url} did not answer in time", url=budget_host(url)
            ) from error
        except httpx.TransportError as error:
            raise RetryableError(
                "could_not_read",
                "{url} could not be read: {error}",
                url=budget_host(url),
                error=error or type(error).__name__,
            ) from error
        if may_redirect and response.status_code in _REDIRECT_STATUSES:
            return FetchedResponse(
                name, response.status_code, self.clock.market_now(), _lower_headers(response), body
            )
        return self._check_response(url, name, response, body, cached)

    def _check_response(
        self, url: str, name: str, response: Response, body: bytes, cached: _CachedResponse | None
    ) -> FetchedResponse:
        now = self.clock.wall_now()
        status = response.status_code
        public_url = name.partition("?")[0]
        headers = _lower_headers(response)
        if status == 304 and cached is not None:
            # While it was asked, answers of others may have pushed it out.
            self._cache[name] = cached
            self._cache.move_to_end(name)
            self._forget_oldest()
            return FetchedResponse(
                public_url, status, self.clock.market_now(), headers, cached.body, is_unchanged=True
            )
        if status == 304 and any(name in response.request.headers for name in _CONDITIONAL_HEADERS):
            return FetchedResponse(
                public_url, status, self.clock.market_now(), headers, b"", is_unchanged=True
            )
        after_s = retry_after(headers.get("retry-after", ""), now)
        if status in _THROTTLE_STATUSES and budget_host(url) in self._budgets:
            self._budgets[budget_host(url)].block(now + round((after_s or 1.0) * 1_000))
        if status != OK:
            raise status_error(status, public_url, body, after_s)
        self._cache_response(name, headers, body)
        return FetchedResponse(public_url, status, self.clock.market_now(), headers, body)

    async def _wait_for_budget(self, url: str) -> None:
        budget = self.set_budget(url, per_minute=_DEFAULT_PER_MINUTE)
        wait = budget.take(self.clock.wall_now())
        if wait > 0:
            await self.clock.pause(wait)

    def _cache_response(self, name: str, headers: Mapping[str, str], body: bytes) -> None:
        pairs = (("If-None-Match", headers.get("etag")), ("If-Modified-Since", headers.get("last-modified")))
        validators = {key: value for key, value in pairs if value}
        if validators and len(body) <= _MAX_CACHED_BYTES:
            self._cache[name] = _CachedResponse(validators, body)
            self._cache.move_to_end(name)
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        if len(self._cache) > _MAX_CACHED:
            self._cache.popitem(last=False)

    def _open_client(self) -> AsyncClient:
        import httpx

        if self._client is None:
            contact = f"; {self.contact}" if self.contact else ""
            options: dict[str, Any] = {"transport": self.transport}
            direct = self.transport
            if direct is None:
                trust = source_ssl_context()
                direct, options = httpx.AsyncHTTPTransport(verify=trust), {"verify": trust}
            self._client = httpx.AsyncClient(
                headers={
                    "User-Agent": f"vigie/{__version__} (self-hosted market watch{contact})",
                    "Accept-Encoding": ", ".join(ENCODINGS),
                },
                timeout=TIMEOUT_S,
                follow_redirects=False,
                # The simulated world is on this machine: a proxy of the environment is for the outside.
                mounts=dict.fromkeys((*_HERE, *(["http://"] if self.hides_paths else [])), direct),
                **options,
            )
        return self._client

    def _store_document(self, kind: str, fetched: FetchedResponse, is_exact: bool) -> str:
        assert self.documents is not None
        headers = {name: fetched.headers[name] for name in _STORED_HEADERS if name in fetched.headers}
        body = {"status": fetched.status, "headers": headers, **encode_body(fetched.body, is_exact=is_exact)}
        return self.documents.put(kind, fetched.url, fetched.ts_known, body).id


def budget_host(url: str) -> str:
    """Return the host that a budget is for; on this machine many services share a port: the path tells them apart."""
    parts = urlsplit(url)
    if parts.hostname in ("127.0.0.1", "localhost", "::1"):
        return f"{parts.netloc}/{parts.path.strip('/').partition('/')[0]}"
    return parts.netloc


def host_name(url: str) -> str:
    """Return the host of an address as a person is told it: without account and path; in clear, its scheme is told."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    host = (
        parts.netloc.rpartition("@")[2]
        .lower()
        .removesuffix({"https": ":443", "http": ":80"}.get(scheme, "@"))
    )
    return host if scheme == "https" else f"{scheme}://{host}"


def retry_after(text: str, now_ms: int) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks to wait: a number, or a date."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now_ms / 1_000
        except (ValueError, TypeError, OverflowError):
            return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), _MAX_RETRY_AFTER_S)


def _lower_headers(response: Response) -> dict[str, str]:
    return {key.lower(): value for key, value in response.headers.items()}
