"""Where a request comes from: this machine, another one, or a proxy that handed it on without being named.

A proxy on this machine makes everybody look local. What it handed on is told by the headers it adds; they may be
forged, so they only ever take rights away.
"""

from __future__ import annotations

import ipaddress
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request

_ADDED: Final = ("forwarded", "x-real-ip", "via")
# Stands for everybody behind a proxy whose headers are not believed.
UNNAMED: Final = "behind a proxy"


def is_forwarded(headers: Headers) -> bool:
    """Tell whether a proxy passed a request on."""
    return any(name in _ADDED or name.startswith("x-forwarded-") for name in headers)


def is_local_request(request: Request) -> bool:
    """Tell whether a request began on this machine."""
    return not is_forwarded(request.headers) and _is_loopback(request)


def client_address(request: Request) -> str:
    """Return whom the failures and requests of an address are counted against; never this machine for others."""
    if request.client is None:
        return ""
    if is_forwarded(request.headers) and _is_loopback(request):
        return UNNAMED
    return request.client.host


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
