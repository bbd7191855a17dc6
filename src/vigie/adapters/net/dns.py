"""Look-ups of DNS with dnspython, which is loaded with the first one.

dnspython: maintained since 2001 by an author of BIND and of DNS standards, pure Python, typed, without dependencies,
and already what PyMongo asks DNS with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from vigie.domain.errors import ConfigError, TransientError, UsageError

if TYPE_CHECKING:
    from dns.resolver import Resolver

# For one name, over all servers and tries.
LIFETIME_S: Final = 8.0
PORT: Final = 53
_MAX_NAME_LENGTH: Final = 253


class DnspythonResolver:
    """Asks the resolvers of this machine, or the one that is named.

    Parameters
    ----------
    server : str
        IP address, with ``:port`` where it is not 53 (``[::1]:5353`` for IPv6); empty for those of this machine.

    Raises
    ------
    UsageError
        If `server` is no such address.
    ConfigError
        If dnspython is not installed, or this machine names no resolver.
    """

    def __init__(self, server: str = "", *, lifetime_s: float = LIFETIME_S) -> None:
        self._resolver = _open_resolver(server)
        self._resolver.lifetime = lifetime_s

    def texts(self, name: str) -> Sequence[str]:
        """Return the TXT records of a name, the strings of each joined; none where the name has none.

        Raises
        ------
        TransientError
            Where DNS gives no answer.
        """
        import dns.exception
        import dns.resolver

        if not name.isascii() or len(name) > _MAX_NAME_LENGTH:
            return ()
        try:
            records = self._resolver.resolve(f"{name.rstrip('.')}.", "TXT", search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.Timeout, dns.resolver.NoNameservers, OSError) as fault:
            raise TransientError(
                "dns_gives_no_answer_about",
                "DNS gives no answer about {name}: {name_2}",
                name=name,
                name_2=type(fault).__name__,
            ) from fault
        except dns.exception.DNSException:
            # No name that DNS can hold, such as one with two dots side by side.
            return ()
        return [b"".join(row.strings).decode("ascii", "replace") for row in records]


def _open_resolver(server: str) -> Resolver:
    try:
        import dns.resolver
    except ModuleNotFoundError:
        raise ConfigError(
            "checking_e_mail_records_requires",
            "checking e-mail records requires dnspython; run: pip install 'vigie[mail]'",
        ) from None
    if server:
        resolver = dns.resolver.Resolver(configure=False)
        host, port = _parse_address(server)
        resolver.nameservers, resolver.port = [host], port
        return resolver
    try:
        return dns.resolver.Resolver()
    except dns.resolver.NoResolverConfiguration as fault:
        raise ConfigError(
            "machine_no_dns_resolver_set", "this machine has no DNS resolver set; give one with --dns"
        ) from fault


def _parse_address(server: str) -> tuple[str, int]:
    from ipaddress import ip_address
    from urllib.parse import urlsplit

    try:
        is_bare_ipv6 = server.count(":") > 1 and not server.startswith("[")
        parts = urlsplit(f"//[{server}]" if is_bare_ipv6 else f"//{server}")
        return str(ip_address(parts.hostname or "")), parts.port or PORT
    except ValueError:
        raise UsageError(
            "dns_must_ip_address_such",
            "--dns must be an IP address such as 192.0.2.53 or 192.0.2.53:53, was {server!r}",
            server=server,
        ) from None
