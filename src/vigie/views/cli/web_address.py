"""Where the pages listen and how people reach them: options over settings, refused where that is not safe."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vigie.domain.errors import ConfigError

if TYPE_CHECKING:
    from vigie.config.settings import Settings


@dataclass(frozen=True, slots=True)
class WebAddress:
    """Where pages are.

    Attributes
    ----------
    host, port : str, int
        What is listened on.
    allowed_names : tuple of str
        Under which they answer, beside loopback.
    public_url : str
        How people reach them through a proxy; empty where there is none.
    is_https : bool
        Whether people come by HTTPS, so that cookies may go nowhere else.
    proxy : str
        Whose forwarded headers are believed.
    is_plain_allowed : bool
        Whether others may come without HTTPS.
    """

    host: str
    port: int
    allowed_names: tuple[str, ...] = ()
    public_url: str = ""
    is_https: bool = False
    proxy: str = ""
    is_plain_allowed: bool = False

    @property
    def is_exposed(self) -> bool:
        """Whether others than this machine can come, without a proxy that hands them on."""
        return not is_loopback(self.host)

    @property
    def is_unencrypted(self) -> bool:
        """Whether others come, and nothing says that they come by HTTPS."""
        is_public = bool(self.public_url) and not is_loopback(_url_host(self.public_url))
        return not self.is_https and (self.is_exposed or is_public)

    def local_url(self, port: int) -> str:
        """Return how this machine reaches them."""
        return f"http://{bracket_ipv6(reachable_host(self.host))}:{port}"


def resolve_web_address(
    settings: Settings,
    *,
    host: str | None = None,
    port: int | None = None,
    allowed_names: Sequence[str] = (),
    is_https: bool = False,
    proxy: str = "",
    is_plain_allowed: bool = False,
) -> WebAddress:
    """Lay the options of a command over the settings."""
    listen_host = host or settings.host
    own_names = () if listen_host != reachable_host(listen_host) else (bracket_ipv6(listen_host),)
    public_host = _url_host(settings.public_url)
    return WebAddress(
        listen_host,
        settings.port if port is None else port,
        allowed_names=(
            *settings.allowed_hosts,
            *allowed_names,
            *own_names,
            *([public_host] if public_host else []),
        ),
        public_url=settings.public_url,
        is_https=is_https or settings.public_url.startswith("https:"),
        proxy=proxy or settings.proxy,
        is_plain_allowed=is_plain_allowed or settings.plain_http,
    )


def refuse_unsafe(address: WebAddress, *, has_users: bool) -> None:
    """Refuse to be reached by others without a user, or without HTTPS unless that was allowed by name.

    Raises
    ------
    ConfigError
        The message says what to do.
    """
    address_text = address.host if address.is_exposed else address.public_url
    if address.is_exposed and not has_users:
        raise ConfigError(
            f"others can reach {address_text}, and there is no user account yet; "
            "first run `vigie user add NAME --role admin`"
        )
    if address.is_unencrypted and not address.is_plain_allowed:
        raise ConfigError(
            f"others can reach {address_text} without HTTPS: passwords and sessions would cross the network "
            "unencrypted; put a TLS proxy in front and set VIGIE_PUBLIC_URL=https://NAME, or, on a network where "
            "you trust everyone, allow it with --plain-http"
        )


def unencrypted_warning(address: WebAddress) -> str:
    """Return what the operator is told at every start; empty where there is nothing."""
    if address.is_unencrypted:
        return (
            "passwords and sessions cross the network unencrypted: anyone on it can read them and act as you"
        )
    return ""


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached by this machine only."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def reachable_host(host: str) -> str:
    """Return an address at which what listens on `host` answers: itself, or loopback for all addresses at once."""
    try:
        parsed = ipaddress.ip_address(host)
    except ValueError:
        return host
    if not parsed.is_unspecified:
        return host
    return "::1" if parsed.version == 6 else "127.0.0.1"


def bracket_ipv6(host: str) -> str:
    """Return a host as it stands in an address: those of version 6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _url_host(url: str) -> str:
    return bracket_ipv6(urlsplit(url).hostname or "")
