"""One tree of processes and one link: what `up` and `demo` have in common."""

from __future__ import annotations

import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vigie.domain.errors import ConfigError

if TYPE_CHECKING:
    from vigie.services.house import House


def free_port(host: str, port: int, tries: int = 1) -> int:
    """Return the port, or one of the next few; 0 stands for any that is free.

    Raises
    ------
    ConfigError
        If none is free.
    """
    for candidate in range(port, port + tries):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ConfigError(f"port {port} on {host} is taken; set VIGIE_PORT or --port to a free one")


def is_answering(url: str) -> bool:
    """Tell whether something answers at an address."""
    try:
        with urllib.request.urlopen(url, timeout=1.0) as answer:  # noqa: S310 - our own loopback address
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False


def run_tree(
    *,
    home: Path | None,
    host: str,
    port: int,
    tries: int = 1,
    collects: bool = True,
    environ: Mapping[str, str] | None = None,
    first: Sequence[tuple[str, tuple[str, ...], str]] = (),
    lines: Sequence[str] = (),
    once_ready: Callable[[House], None] | None = None,
) -> None:
    """Run the parts until Ctrl-C.

    Parameters
    ----------
    first : sequence of (name, words, url)
        Parts that must answer at their url before the others start.
    lines : sequence of str
        Said below the link.
    once_ready : callable, optional
        Called once, when the pages answer.
    """
    from vigie.bootstrap import open_front
    from vigie.services.parts import Part, Tree

    front = open_front(home)
    if host not in ("127.0.0.1", "localhost", "::1") and not front.house.accounts.users():
        raise ConfigError(
            f"{host} can be reached by others and there is no user yet; run `vigie user add NAME --role admin` first"
        )
    chosen = free_port(host, port, tries)
    parts = [
        Part("serve", ("serve", "--host", host, "--port", str(chosen), "--no-link")),
        Part("work", ("work",)),
    ]
    if collects:
        parts.insert(1, Part("collect", ("collect",)))
    tree = Tree(
        [Part(name, words) for name, words, _ in first],
        logs=front.home / "logs",
        clock=front.house.clock,
        say=lambda text: typer.echo(f"vigie: {text}", err=True),
        environ={**os.environ, "VIGIE_HOME": str(front.home), **(environ or {})},
    )
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: tree.stop())
    shown = f"http://127.0.0.1:{chosen}" if host != "::1" else f"http://[::1]:{chosen}"
    waiting = [url for _, _, url in first]
    is_said = False

    def each() -> None:
        nonlocal is_said
        if waiting and is_answering(waiting[0]):
            waiting.pop(0)
        if not waiting and parts:
            tree.parts += parts
            parts.clear()
        if not is_said and not parts and is_answering(f"{shown}/healthz"):
            is_said = True
            has_users = bool(front.house.accounts.users())
            typer.echo(shown if has_users else f"{shown}/link/{front.links.issue()}")
            for line in lines:
                typer.echo(line)
            if once_ready is not None:
                once_ready(front.house)
            sys.stdout.flush()

    typer.echo("vigie: starting; Ctrl-C stops everything", err=True)
    tree.run(each=each)
    typer.echo("vigie: stopped", err=True)
