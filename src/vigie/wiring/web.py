"""The process that serves pages and the API: an open home, and the keys to its door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.adapters.clock import SandboxClock, SystemClock
from vigie.adapters.stores.keys import HomeKey, OneTimeLinks
from vigie.adapters.world_arc import WorldArc
from vigie.config import resolve_paths
from vigie.wiring.app_context import open_app_context
from vigie.wiring.world_address import world_url

if TYPE_CHECKING:
    from vigie.config.settings import Settings
    from vigie.services.app_context import AppContext


def open_links(home: Path) -> OneTimeLinks:
    """Build what issues and uses up the links of a home's owner."""
    return OneTimeLinks(home / "secrets" / "links")


@dataclass(frozen=True, slots=True)
class WebContext:
    """What a process that faces people needs beside the house.

    Attributes
    ----------
    key : bytes
        Stamps forms and cookies.
    links : OneTimeLinks
        Let the local owner in.
    settings : Settings
        Where the pages are, among others.
    first_visit : callable or None
        Told once that somebody has opened a page: a simulated world begins its scenes then.
    """

    app_context: AppContext
    home: Path
    key: bytes
    links: OneTimeLinks
    settings: Settings
    first_visit: Callable[[], None] | None = None


def open_worker_context() -> AppContext:
    """Open the home for a worker; in a simulated one the market's time is the simulated world's."""
    home = resolve_paths().home
    world = world_url(home)
    return open_app_context(home, clock=SandboxClock(world) if world else SystemClock())


def open_web_context(home: str | Path | None = None) -> WebContext:
    """Build a house with its doors; in a simulated home the market's time is the simulated world's."""
    paths = resolve_paths(home)
    world = world_url(paths.home)
    clock = SandboxClock(world) if world else SystemClock()
    return WebContext(
        app_context=open_app_context(paths.home, clock=clock),
        home=paths.home,
        key=HomeKey(paths.home / "secrets" / "web.key").read(),
        links=open_links(paths.home),
        settings=import_module("vigie.config.loading").load(paths.home).settings,
        first_visit=WorldArc(world).begin if world else None,
    )
