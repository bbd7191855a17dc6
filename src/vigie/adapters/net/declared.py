"""What code from outside may reach while it works: the hosts that its manifest declares, through one transport.

Whatever else it connects to, looks up or starts in the same task, or through the loop's own threads, is refused where
the interpreter tells of it. This holds against mistakes and undeclared calls. Code in the same process that is made to
get around it can, for instance from a thread or an executor of its own: an admin who allows a plug-in trusts its
author.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import cache
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from vigie.adapters.net.fetch import FetchedResponse, Fetcher
from vigie.adapters.net.guard import Resolve, public_transport, resolve_name
from vigie.domain.errors import ConnectorError
from vigie.domain.refusal import Refusal

if TYPE_CHECKING:
    from httpx import Request, Response

P = ParamSpec("P")
T = TypeVar("T")
_REFUSED: Final = frozenset(
    {
        "socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind", "socket.getaddrinfo",
        "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo", "subprocess.Popen", "os.system",
        "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty",
    }
)  # fmt: skip
# Whose code works in this context; empty for Vigie's own.
_OWNER: Final[ContextVar[str]] = ContextVar("declared_owner", default="")


@contextmanager
def declared_only(owner: str) -> Iterator[None]:
    """Let what runs in this context reach nothing but through a `DeclaredTransport`; `owner` names it in refusals."""
    _watch()
    token = _OWNER.set(owner)
    try:
        yield
    finally:
        _OWNER.reset(token)


def watch_threads() -> None:
    """Let the running loop's own threads, which look names up too, work in the context of who asks them."""
    loop = asyncio.get_running_loop()
    if not isinstance(getattr(loop, "_default_executor", None), ContextExecutor):
        loop.set_default_executor(ContextExecutor(thread_name_prefix="asyncio"))


class ContextExecutor(ThreadPoolExecutor):
    """Threads that run each call in a copy of its caller's context."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a call run in a thread."""
        context = copy_context()

        def work() -> T:
            return context.run(fn, *args, **kwargs)

        return super().submit(work)


class DeclaredTransport:
    """An httpx transport that asks declared hosts only, all of them public; fulfils `httpx.AsyncBaseTransport`.

    Parameters
    ----------
    hosts : collection of str
        Names of hosts, without ports.
    resolve, connect : object, optional
        As in `vigie.adapters.net.guard.PublicReader`.
    """

    def __init__(
        self, owner: str, hosts: Collection[str], *, resolve: Resolve = resolve_name, connect: object = None
    ) -> None:
        self._owner = owner
        self._hosts = frozenset(host.lower() for host in hosts)
        self._inner = public_transport(resolve, connect)

    async def handle_async_request(self, request: Request) -> Response:
        """Send one request.

        Raises
        ------
        ConnectorError
            If its host is not declared.
        """
        if request.url.host.lower() not in self._hosts:
            raise ConnectorError(
                "does_not_declare_host_manifest",
                "{owner} does not declare the host {host} in its manifest",
                owner=self._owner,
                host=request.url.host,
            )
        response: Response = await self._inner.handle_async_request(request)
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()

    async def __aenter__(self) -> DeclaredTransport:
        """Open the transport."""
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *args: object) -> None:
        """Close the transport."""
        await self._inner.__aexit__(*args)


class DeclaredFetcher(Fetcher):
    """A fetcher for code from outside: its own work is Vigie's again, and asks declared hosts only."""

    async def _read(
        self, method: str, url: str, *, keep_as: str, keep_exact: bool = False, **request: object
    ) -> FetchedResponse:
        token = _OWNER.set("")
        try:
            return await super()._read(method, url, keep_as=keep_as, keep_exact=keep_exact, **request)
        finally:
            _OWNER.reset(token)


def declared_fetcher(
    shared: Fetcher,
    owner: str,
    hosts: Collection[str],
    *,
    resolve: Resolve = resolve_name,
    connect: object = None,
) -> DeclaredFetcher:
    """Return a fetcher like another, which reaches the declared hosts of an owner only."""
    transport = DeclaredTransport(owner, hosts, resolve=resolve, connect=connect)
    return DeclaredFetcher(
        shared.clock, shared.contact, shared.documents, transport=transport, has_room=shared.has_room
    )


@cache
def _watch() -> None:
    sys.addaudithook(_on_event)


def _on_event(event: str, _args: tuple[object, ...]) -> None:
    # Asked at every event of the interpreter: the short way out first.
    if event in _REFUSED and (owner := _OWNER.get()):
        raise PermissionError(
            Refusal(
                "reach_declared_hosts_through_site",
                "{owner} may reach declared hosts through its site only: {event} is refused",
                owner=owner,
                event=event,
            )
        )
