"""Addresses that people give: read only where they lead outside, and over the very address that was checked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urljoin, urlsplit

from vigie.adapters.net.fetch import MAX_BYTES, TIMEOUT_S, FetchedResponse, Fetcher
from vigie.adapters.net.trust import web_ssl_context
from vigie.domain.errors import ConnectorError, UsageError
from vigie.domain.refusal import Refusal
from vigie.ports.clock import PatientClock
from vigie.ports.documents import DocumentStore

if TYPE_CHECKING:
    from httpcore import AsyncNetworkStream

Resolve = Callable[[str, int], Awaitable[list[str]]]
Find = Callable[..., Any]

_SCHEMES: Final = ("http", "https")
_MOST_HOPS: Final = 5
# An IPv4 address inside these reaches that IPv4 address.
_NAT64: Final = ip_network("64:ff9b::/96")
# Global for one version of Python or another; they are of a site or of a protocol, for documentation, or reach what
# a network translates them to.
_NOT_PUBLIC: Final = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",
            "192.88.99.0/24",
            "::/96",
            "::ffff:0:0:0/96",
            "64:ff9b:1::/48",
            "3fff::/20",
            "5f00::/16",
            "fec0::/10",
        ),
    )
)
# The last 64 bits of an ISATAP address begin so, under any prefix; an IPv4 address of a site follows (RFC 5214).
_ISATAP: Final = frozenset({0x0000_5EFE, 0x0200_5EFE})
# Public by its number, and inside: a cloud answers its own machines there with what only they may know.
_OF_CLOUDS: Final = frozenset({IPv4Address("168.63.129.16")})


async def resolve_name(host: str, port: int) -> list[str]:
    """Return the addresses of a name, as the machine's resolver gives them."""
    loop = asyncio.get_running_loop()
    entries = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def refusal(address: str) -> str | None:
    """Say why an address may not be reached for a person, or None where it may.

    Only addresses of the public internet may: not this machine, not its network, not a cloud's inner services.
    """
    ip = ip_address(address.partition("%")[0])
    for inner in (ip, *_inside(ip)):
        if inner.is_multicast:
            return f"{address} is a multicast address"
        if inner.is_loopback:
            return f"{address} is this machine"
        if inner.is_link_local:
            return f"{address} is link-local"
        if inner in _OF_CLOUDS:
            return f"{address} is an inner service of a cloud"
        if inner.version == 6 and (int(inner) >> 32) & 0xFFFF_FFFF in _ISATAP:
            return f"{address} is an ISATAP address, a tunnel into a site"
        if not inner.is_global or any(inner in network for network in _NOT_PUBLIC):
            return f"{address} is not an address of the public internet"
    return None


def _inside(ip: IPv4Address | IPv6Address) -> Iterable[IPv4Address]:
    if isinstance(ip, IPv6Address):
        teredo = ip.teredo or ()
        for inner in (ip.ipv4_mapped, ip.sixtofour, *teredo):
            if inner is not None:
                yield inner
        if ip in _NAT64:
            yield IPv4Address(int(ip) & 0xFFFFFFFF)


def check_url(url: str) -> str:
    """Return an address that a person gave, if its form allows reading it.

    Raises
    ------
    UsageError
        If it is not http or https, has no host that could be looked for, or carries a name and password.
    """
    import httpx

    try:
        parts = urlsplit(url.strip())
        port = parts.port
        # As it will be asked: what reads it, and what looks for its host, refuse more than `urlsplit`.
        parsed_url = httpx.URL(url.strip())
        if parsed_url.host:
            parsed_url.raw_host.decode("ascii").encode("idna")
    except (ValueError, httpx.InvalidURL):
        raise UsageError(
            "address_must_look_like", "address must look like https://example.org/feed, was {url!r}", url=url
        ) from None
    if parts.scheme.lower() not in _SCHEMES or not parts.hostname or port == 0:
        raise UsageError(
            "address_must_look_like", "address must look like https://example.org/feed, was {url!r}", url=url
        )
    if parts.username or parts.password:
        raise UsageError("address_must_not_contain_name", "address must not contain a name or password")
    return url.strip()


def connect_public(
    host: str, port: int, timeout_s: float, *, find: Find = socket.getaddrinfo
) -> socket.socket:
    """Connect to a host, resolved once, if all of its addresses are public; to the very one that was checked.

    Parameters
    ----------
    find : callable
        Resolves, as `socket.getaddrinfo` does.

    Raises
    ------
    UsageError
        If it leads anywhere else.
    OSError
        If it cannot be found or reached.
    """
    try:
        addresses = [str(entry[4][0]) for entry in find(host, port, type=socket.SOCK_STREAM)]
    except UnicodeError:
        addresses = []  # no name of a machine
    _only_public(host, addresses)
    return socket.create_connection((addresses[0], port), timeout_s)


def _only_public(host: str, addresses: list[str]) -> None:
    reasons = [reason for address in addresses if (reason := refusal(address))]
    if reasons or not addresses:
        raise UsageError(
            "must_lead_public_internet",
            "{host} must lead to the public internet: {reasons}",
            host=host,
            reasons=(reasons or [Refusal("no_address", "no address")])[0],
        )


@dataclass(frozen=True, slots=True)
class CheckedBackend:
    """Connects for httpcore: resolves once, refuses inner addresses, and connects to what it checked.

    A name that is resolved again could lead elsewhere; TLS still verifies the name.
    """

    resolve: Resolve
    inner: Any

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> AsyncNetworkStream:
        """Connect to the first address of a host, if all of them are public."""
        try:
            addresses = await self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise ConnectorError(
                "host_not_found_because", "{host} could not be found: {error}", host=host, error=error
            ) from error
        _only_public(host, addresses)
        stream: AsyncNetworkStream = await self.inner.connect_tcp(
            addresses[0], port, timeout=timeout, local_address=local_address, socket_options=socket_options
        )
        return stream

    async def connect_unix_socket(self, *_path: Any, **_options: Any) -> AsyncNetworkStream:
        """Refuse: nothing on this machine."""
        raise UsageError(
            "address_is_a_socket",
            "address must lead to the public internet, was a socket of this machine",
        )

    async def sleep(self, seconds: float) -> None:
        """Wait; httpcore's tries, of which there are none."""
        await self.inner.sleep(seconds)


def public_fetcher(
    clock: PatientClock, contact: str, documents: DocumentStore, has_room: Callable[[], bool]
) -> Fetcher:
    """Return a fetcher that reaches public hosts only, for sources that people add; options as in `Fetcher`."""
    return Fetcher(clock, contact, documents, transport=public_transport(), has_room=has_room)


class PublicReader:
    """Reads addresses that people give: public hosts only, every redirect checked again.

    Parameters
    ----------
    clock : PatientClock
    contact : str
        As in `Fetcher`.
    resolve : callable, optional
        Finds the addresses of a host.
    connect : object, optional
        Makes connections, as httpcore's network backends do.
    """

    def __init__(
        self, clock: PatientClock, *, contact: str = "", resolve: Resolve = resolve_name, connect: Any = None
    ) -> None:
        self._fetcher = Fetcher(clock, contact, transport=public_transport(resolve, connect))

    async def get(self, url: str, *, max_bytes: int = MAX_BYTES) -> FetchedResponse:
        """Read an address.

        Raises
        ------
        UsageError
            If it, or where it redirects to, is not a public address.
        TransientError, ConnectorError, DataError
            As in `Fetcher.get`.
        """
        for _ in range(_MOST_HOPS):
            url = check_url(url)
            response = await self._fetcher.get(url, max_bytes=max_bytes, may_redirect=True)
            if not response.is_redirect:
                return response
            url = urljoin(url, response.headers.get("location", ""))
        raise ConnectorError(
            "redirects_more_times",
            "{url} redirects more than {most_hops} times",
            url=url,
            most_hops=_MOST_HOPS,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._fetcher.close()


def public_transport(resolve: Resolve = resolve_name, connect: Any = None) -> Any:
    """Return an httpx transport that reaches public hosts only; arguments as in `PublicReader`."""
    import httpcore
    import httpx

    transport = httpx.AsyncHTTPTransport(verify=web_ssl_context(), trust_env=False)
    transport._pool = httpcore.AsyncConnectionPool(
        ssl_context=web_ssl_context(),
        network_backend=cast(Any, CheckedBackend(resolve, connect or httpcore.AnyIOBackend())),
        keepalive_expiry=TIMEOUT_S,
    )
    return transport
