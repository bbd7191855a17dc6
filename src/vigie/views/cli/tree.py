"""One tree of processes and one link: what `up` and `demo` have in common."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vigie.config.paths import ADDRESS_FILE
from vigie.domain.errors import ConfigError
from vigie.locks import try_acquire

if TYPE_CHECKING:
    from vigie.services.running.process_tree import ProcessPart

# Of looks, 0.2 s apart: parts that start last begin after ten minutes at the latest.
_MOST_ROUNDS = 3_000
# So many ports are looked at for one that can be named in place of a taken one.
_LOOKED = 50


def free_port(host: str, port: int, tries: int = 1) -> int:
    """Return the port, or one of the next few; 0 stands for any that is free.

    Raises
    ------
    ConfigError
        If none is free.
    """
    for candidate in range(port, port + tries):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    free_candidate = free_port(host, port + tries, _LOOKED) if tries != _LOOKED else port + 1
    raise ConfigError(
        f"port {port} on {host} is in use; try `vigie up --port {free_candidate}` or "
        f"VIGIE_PORT={free_candidate}"
    )


def is_answering(url: str) -> bool:
    """Tell whether something answers at an address."""
    try:
        with urllib.request.urlopen(url, timeout=1.0) as response:  # noqa: S310 - our own loopback address
            return int(response.status) == 200
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def lock_home(home: Path) -> Iterator[int]:
    """Hold a home for one tree of processes; however that ends, it lets go. Gives the number of the locked file.

    Raises
    ------
    ConfigError
        If another tree holds it, or the folder cannot be written.
    """
    path = home / "logs" / "running"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as fault:
        raise ConfigError(
            f"{path} could not be written: {fault.strerror or fault}; set VIGIE_HOME"
        ) from fault
    with file:
        if not try_acquire(file):
            file.seek(0)
            raise ConfigError(
                f"Vigie is already running in {home} (process {file.read().strip() or 'unknown'}); stop "
                "it first, or set VIGIE_HOME to another folder"
            )
        # The lock counts; who holds it is only said to people, and a full disk has no room for it.
        with suppress(OSError):
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), f"{os.getpid()}\n".encode())
        yield file.fileno()


def running_address(home: Path) -> str:
    """Return where the tree of a home answers.

    Raises
    ------
    ConfigError
        If none runs there.
    """
    try:
        address = (home / ADDRESS_FILE).read_text("ascii").strip()
    except FileNotFoundError:
        address = ""
    if not address or not is_answering(f"{address}/healthz"):
        raise ConfigError("no demo is running; start one with `vigie demo`")
    return address


def run_tree(
    *,
    home: Path | None,
    host: str,
    port: int,
    tries: int = 1,
    collects: bool = True,
    environ: Mapping[str, str] | None = None,
    first: Sequence[tuple[str, tuple[str, ...], str]] = (),
    beside: Sequence[tuple[str, tuple[str, ...]]] = (),
    lines: Sequence[str] = (),
    is_new: bool = False,
    is_compact: bool = False,
    may_begin: Callable[[], bool] = lambda: True,
) -> None:
    """Run the parts until Ctrl-C, as copies of this process where that can be: then it loads what they share.

    Parameters
    ----------
    first : sequence of (name, words, url)
        Parts that must answer at their url before the others start.
    beside : sequence of (name, words)
        Parts that start last.
    lines : sequence of str
        Said below the link.
    is_new : bool
        Whether this is a new demonstration, which begins with some jobs.
    is_compact : bool
        For less memory: whether one process collects and works, since each copy writes to some 80 MB of what it
        shares, and whether a fresh program watches the parts once they run.
    may_begin : callable
        Tells whether the parts that start last may; after ten minutes, or a crash of another part, they do anyway.
    """
    from vigie.adapters.stores.presence import use_home
    from vigie.config import resolve_paths

    home_path = resolve_paths(home).home
    with lock_home(home_path) as lock, use_home(home_path) as presence:
        _run(
            home_path, host, port, tries, collects, environ or {}, first, beside, lines, is_new,
            (lock, presence) if is_compact else None, may_begin,
        )  # fmt: skip


def _run(
    home: Path,
    host: str,
    port: int,
    tries: int,
    collects: bool,
    environ: Mapping[str, str],
    first: Sequence[tuple[str, tuple[str, ...], str]],
    beside: Sequence[tuple[str, tuple[str, ...]]],
    lines: Sequence[str],
    is_new: bool,
    compact: tuple[int, int] | None,
    may_begin: Callable[[], bool],
) -> None:
    """Run the parts; `compact` are the files of locks that a fresh program takes over, None where none does."""
    from vigie.services.running.process_tree import ProcessPart
    from vigie.views.cli import preloading
    from vigie.views.cli.tree_handover import hand_over, is_settled
    from vigie.views.cli.tree_watch import LOOKS, PaperSupervisor, make_tree
    from vigie.views.cli.web_address import bracket_ipv6, reachable_host

    chosen = free_port(host, port, tries)
    address = f"http://{bracket_ipv6(reachable_host(host))}:{chosen}"
    part_environ = {**os.environ, "VIGIE_HOME": str(home), **environ}
    # The pages load while the database is made ready; the others leave them the processor until they answer.
    serve = ProcessPart(
        "serve", ("serve", "--host", host, "--port", str(chosen), "--no-link", "--held"), is_held=True
    )
    later_parts = _collecting_parts(collects=collects, is_compact=compact is not None, is_new=is_new)
    last_parts = [ProcessPart(name, words, renewals=1 if is_new else 0) for name, words in beside]
    parts = [*(ProcessPart(name, words) for name, words, _ in first), serve]
    tree = make_tree(parts, home, part_environ, preloading.start_part)
    link_process = _start_link_process(address, host, part_environ, is_new=is_new, collects=collects)
    waiting = [url for _, _, url in first]
    supervisor = PaperSupervisor(tree, home)
    is_announced, rounds, waited = False, count(), count()

    def on_round() -> bool:
        nonlocal is_announced
        if waiting and is_answering(waiting[0]):
            waiting.pop(0)
        if link_process.poll():
            tree.stop()
        elif serve.is_held and not waiting and link_process.poll() == 0:
            serve.release()
        if not is_announced and not serve.is_held and is_answering(f"{address}/healthz"):
            is_announced = True
            with suppress(OSError):  # a full disk: only `vigie link --demo` reads it
                (home / ADDRESS_FILE).write_text(f"{address}\n", "ascii")
            for line in (link_process.communicate()[0].strip(), *lines):
                typer.echo(line)
            sys.stdout.flush()
        # Pages that cannot come up keep nobody from gathering, computing and trading.
        if is_announced or serve.crashes:
            tree.parts += later_parts
            later_parts.clear()
            is_late = next(waited) >= _MOST_ROUNDS or any(part.crashes for part in tree.parts)
            if last_parts and (is_late or may_begin()):
                tree.parts += last_parts
                last_parts.clear()
            if compact is not None and not last_parts and is_settled(tree):
                hand_over(tree, compact, os.environ)
            if next(rounds) % LOOKS == 0:
                supervisor.sync()
        return not is_announced

    typer.echo("vigie: starting; Ctrl-C stops everything", err=True)
    tree.run(on_look=on_round)
    if link_process.poll():
        raise typer.Exit(link_process.returncode)
    link_process.kill()
    typer.echo("vigie: stopped", err=True)


def _collecting_parts(*, collects: bool, is_compact: bool, is_new: bool) -> list[ProcessPart]:
    from vigie.services.running.process_tree import MALLOC_ENVIRON, ProcessPart

    if collects and is_compact:
        return [
            ProcessPart(
                "collect",
                ("collect", "--work", "--renew"),
                environ=MALLOC_ENVIRON,
                renewals=2 if is_new else 0,
            )
        ]
    collector = [ProcessPart("collect", ("collect",), environ=MALLOC_ENVIRON)] if collects else []
    return [*collector, ProcessPart("work", ("work",))]


def _start_link_process(
    address: str, host: str, environ: Mapping[str, str], *, is_new: bool, collects: bool
) -> subprocess.Popen[str]:
    """Start what makes the database ready and prints the link, and is gone then: its libraries weigh more than this."""
    words = ["link", "--shown", address, "--host", host]
    words += [*(["--begin"] if is_new else []), *(["--collects"] if collects else [])]
    return subprocess.Popen(
        [sys.executable, "-m", "vigie", *words],
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
