"""Reading over HTTP: one client for all sources, careful with them and strict about what they answer."""

from __future__ import annotations

import asyncio
import json
import math
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from vigie.adapters.net.budget import Budget
from vigie.adapters.net.keeping import kept_body
from vigie.adapters.net.retry import Retry, RetryableError
from vigie.adapters.net.unpack import ENCODINGS, Unpacker
from vigie.domain.errors import AuthError, ConnectorError, DataError, TransientError
from vigie.ports.clock import PatientClock
from vigie.ports.documents import DocumentStore
from vigie.version import __version__

if TYPE_CHECKING:
    from httpx import AsyncClient, Response

MAX_BYTES: Final = 16 * 1024 * 1024
TIMEOUT_S: Final = 15.0
# Of a whole answer: one byte every now and then must not hold a connector up.
WHOLE_S: Final = 60.0
# A host that asks for a longer pause is asked again after this one.
_LONGEST_WISH_S: Final = 86_400.0
_LONGEST_PAUSE_S: Final = 30.0
_DEFAULT_PER_MINUTE: Final = 30.0
# Answers that are worth another try; 418 is how one venue bans an address for a while.
_AGAIN: Final = frozenset({408, 418, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SLOW_DOWN: Final = frozenset({418, 429})
_CONDITIONS: Final = ("if-none-match", "if-modified-since")
_KEPT_HEADS: Final = ("etag", "last-modified", "content-type", "cache-control", "date")
_REMEMBERED: Final = 64
_REMEMBERED_BYTES: Final = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Fetched:
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
        return self.status in _REDIRECTS

    def json(self, *kinds: type) -> Any:
        """Return the body as JSON of one of the kinds expected.

        Raises
        ------
        TransientError
            If it is something else under HTTP 200: a captcha page, half a body, null.
        """
        try:
            answer = json.loads(self.body)
        except (ValueError, RecursionError):
            raise TransientError(f"{self.url} answered {_shown(self.body)}, which is not JSON") from None
        if not isinstance(answer, kinds or (dict, list)):
            raise TransientError(f"{self.url} answered {_shown(self.body)}, which is not what it promises")
        return answer


@dataclass(slots=True)
class _Remembered:
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
    """

    clock: PatientClock
    contact: str = ""
    documents: DocumentStore | None = None
    transport: Any = None
    has_room: Callable[[], bool] = lambda: True
    _budgets: dict[str, Budget] = field(default_factory=dict)
    _known: OrderedDict[str, _Remembered] = field(default_factory=OrderedDict)
    _client: AsyncClient | None = None

    def set_budget(self, url: str, *, per_minute: float, burst: float = 1.0) -> Budget:
        """Give the host of an address its budget and return it; the first one given stays."""
        return self._budgets.setdefault(host_of(url), Budget(per_minute, burst))

    def budget_left(self, url: str) -> float | None:
        """Return how many requests the host of an address would take now."""
        budget = self._budgets.get(host_of(url))
        return None if budget is None else budget.left(self.clock.wall_now())

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
    ) -> Fetched:
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

    async def ask(
        self, url: str, question: Mapping[str, Any], *, keep_as: str = "", max_bytes: int = MAX_BYTES
    ) -> Fetched:
        """Read from a host whose questions are posted as JSON; the question must change nothing there."""
        return await self._read(
            "POST",
            url,
            params=None,
            headers={"Content-Type": "application/json"},
            content=json.dumps(question).encode(),
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
    ) -> Fetched:
        retry = Retry(self.clock, attempts=3, longest_s=_LONGEST_PAUSE_S, seed=len(url))
        fetched = await retry.wait_and_call(self.clock, lambda: self._once(method, url, **request))
        is_new = fetched.status == 200 and not fetched.is_unchanged
        if keep_as and self.documents is not None and is_new and self.has_room():
            document = await asyncio.to_thread(self._keep, keep_as, fetched, keep_exact)
            return replace(fetched, document=document)
        return fetched

    async def _once(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        content: bytes | None,
        max_bytes: int,
        may_redirect: bool = False,
    ) -> Fetched:
        import httpx

        client = self._opened()
        try:
            # A port that is none would only be noticed by what connects.
            _ = urlsplit(url).port
            request = client.build_request(method, url, params=params, headers=headers, content=content)
        except (httpx.InvalidURL, ValueError):
            raise ConnectorError(f"{url.partition('?')[0]!a:.80} is no address that can be asked") from None
        name = str(request.url)
        known = self._known.get(name) if method == "GET" else None
        request.headers.update(known.validators if known else {})
        await self._take_turn(url)
        try:
            async with asyncio.timeout(WHOLE_S):
                answer = await client.send(request, stream=True)
                try:
                    body = await _body(answer, max_bytes)
                finally:
                    await answer.aclose()
        except httpx.ConnectError as error:
            self._budgets[host_of(url)].give_back()
            raise RetryableError(f"{host_of(url)} could not be reached: {error}") from error
        except (httpx.TimeoutException, TimeoutError) as error:
            raise RetryableError(f"{host_of(url)} did not answer in time") from error
        except httpx.TransportError as error:
            raise RetryableError(
                f"{host_of(url)} could not be read: {error or type(error).__name__}"
            ) from error
        if may_redirect and answer.status_code in _REDIRECTS:
            return Fetched(name, answer.status_code, self.clock.market_now(), _heads(answer), body)
        return self._judged(url, name, answer, body, known)

    def _judged(
        self, url: str, name: str, answer: Response, body: bytes, known: _Remembered | None
    ) -> Fetched:
        now = self.clock.wall_now()
        status = answer.status_code
        shown = name.partition("?")[0]
        heads = _heads(answer)
        if status == 304 and known is not None:
            # While it was asked, answers of others may have pushed it out.
            self._known[name] = known
            self._known.move_to_end(name)
            self._forget_oldest()
            return Fetched(shown, status, self.clock.market_now(), heads, known.body, is_unchanged=True)
        if status == 304 and any(name in answer.request.headers for name in _CONDITIONS):
            return Fetched(shown, status, self.clock.market_now(), heads, b"", is_unchanged=True)
        if status in _AGAIN:
            after_s = retry_after(heads.get("retry-after", ""), now)
            if status in _SLOW_DOWN and host_of(url) in self._budgets:
                self._budgets[host_of(url)].block(now + round((after_s or 1.0) * 1_000))
            raise RetryableError(f"{shown} answered {status}: {_shown(body)}", after_s)
        if status in (401, 403):
            raise AuthError(f"{shown} answered {status}: {_shown(body)}")
        if status == 451:
            raise ConnectorError(f"{shown} does not serve this country (451)")
        if status != 200:
            raise ConnectorError(f"{shown} answered {status}: {_shown(body)}")
        self._remember(name, heads, body)
        return Fetched(shown, status, self.clock.market_now(), heads, body)

    async def _take_turn(self, url: str) -> None:
        budget = self.set_budget(url, per_minute=_DEFAULT_PER_MINUTE)
        wait = budget.take(self.clock.wall_now())
        if wait > 0:
            await self.clock.pause(wait)

    def _remember(self, name: str, heads: Mapping[str, str], body: bytes) -> None:
        pairs = (("If-None-Match", heads.get("etag")), ("If-Modified-Since", heads.get("last-modified")))
        validators = {key: value for key, value in pairs if value}
        if validators and len(body) <= _REMEMBERED_BYTES:
            self._known[name] = _Remembered(validators, body)
            self._known.move_to_end(name)
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _opened(self) -> AsyncClient:
        import httpx

        if self._client is None:
            contact = f"; {self.contact}" if self.contact else ""
            options: dict[str, Any] = {"transport": self.transport}
            direct = self.transport
            if direct is None:
                trust = httpx.create_ssl_context()  # reading the certificates takes long: once for both
                direct, options = httpx.AsyncHTTPTransport(verify=trust), {"verify": trust}
            self._client = httpx.AsyncClient(
                headers={
                    "User-Agent": f"vigie/{__version__} (self-hosted market watch{contact})",
                    "Accept-Encoding": ", ".join(ENCODINGS),
                },
                timeout=TIMEOUT_S,
                follow_redirects=False,
                # The simulated world is on this machine: a proxy of the environment is for the outside.
                mounts={f"all://{host}": direct for host in ("127.0.0.1", "localhost", "[::1]")},
                **options,
            )
        return self._client

    def _keep(self, kind: str, fetched: Fetched, is_exact: bool) -> str:
        assert self.documents is not None
        kept = {name: fetched.headers[name] for name in _KEPT_HEADS if name in fetched.headers}
        body = {"status": fetched.status, "headers": kept, **kept_body(fetched.body, is_exact=is_exact)}
        return self.documents.put(kind, fetched.url, fetched.ts_known, body).id


def host_of(url: str) -> str:
    """Return the host that a budget is for; on this machine many services share a port: the path tells them apart."""
    parts = urlsplit(url)
    if parts.hostname in ("127.0.0.1", "localhost", "::1"):
        return f"{parts.netloc}/{parts.path.strip('/').partition('/')[0]}"
    return parts.netloc


def retry_after(text: str, now_ms: int) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks to wait: a number, or a date."""
    if not text:
        return None
    try:
        asked = float(text)
    except ValueError:
        try:
            asked = parsedate_to_datetime(text).timestamp() - now_ms / 1_000
        except (ValueError, TypeError, OverflowError):
            return None
    return None if math.isnan(asked) else min(max(asked, 0.0), _LONGEST_WISH_S)


def _heads(answer: Response) -> dict[str, str]:
    return {key.lower(): value for key, value in answer.headers.items()}


async def _body(answer: Response, max_bytes: int) -> bytes:
    packed = answer.headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("", "identity", *ENCODINGS):
        raise RetryableError(f"{answer.url.host} answered packed as {packed[:40]!r}, which was not asked for")
    parts: list[bytes] = []
    size = 0
    unpacker = Unpacker(packed)
    try:
        async for raw in answer.aiter_raw():
            for part in unpacker.feed(raw):
                size += len(part)
                if size > max_bytes:
                    raise DataError(
                        f"the answer of {answer.url.host} must be at most {max_bytes} bytes, was longer"
                    )
                parts.append(part)
    except zlib.error as fault:
        raise RetryableError(f"{answer.url.host} could not be read: {fault}") from fault
    return b"".join(parts)


def _shown(body: bytes) -> str:
    return repr(body[:80].decode("utf-8", "replace"))
