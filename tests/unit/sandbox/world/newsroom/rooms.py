"""A newsroom over a small world, asked as a client would."""

from __future__ import annotations

from vigie_sandbox.world.newsroom.newsroom import Newsroom
from vigie_sandbox.world.newsroom.outlets import Outlet
from vigie_sandbox.world.wire import Reply, ServiceRequest


def get(room: Newsroom, world, host: str, path: str, **headers: str) -> Reply:
    """Return what a host answers now; `if_none_match` stands for the header of that name."""
    now = world.now_ms()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return room.answer(ServiceRequest(f"/{host}{path}", {}, now, now, headers=given))


def feed_of(room: Newsroom, world, outlet: Outlet) -> str:
    """Return an outlet's feed as text."""
    return str(get(room, world, outlet.host, outlet.path).body)


def path_of(url: str) -> tuple[str, str]:
    """Return host and path of an address."""
    host, _, path = url.removeprefix("https://").partition("/")
    return host, "/" + path
