"""Commands of a running Vigie: `up` for everything, `serve`, `work` for single parts, `link` for the local owner."""

from __future__ import annotations

from typing import Annotated

import typer

from vigie.domain.errors import ConfigError

PORT = 8_080
LOOPBACK = ("127.0.0.1", "localhost", "::1")

Host = Annotated[str, typer.Option(help="Address to listen on; others than loopback need a user.")]
Port = Annotated[int, typer.Option(help="Port of the pages.", min=0, max=65_535, envvar="VIGIE_PORT")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(serve)
    app.command()(work)
    app.command()(up)
    app.command()(link)


def serve(
    host: Host = "127.0.0.1",
    port: Port = PORT,
    name: Annotated[
        list[str], typer.Option("--name", help="A host name people reach it by; repeat for more.")
    ] = [],  # noqa: B006
    https: Annotated[
        bool, typer.Option("--https", help="People reach it by HTTPS, through a proxy.")
    ] = False,
    proxy: Annotated[
        str, typer.Option(help="Address of the proxy whose forwarded headers are believed.")
    ] = "",
    with_link: Annotated[
        bool, typer.Option("--link/--no-link", help="Print a one-time link for the owner.")
    ] = True,
) -> None:
    """Serve the pages and the API.

    [bold]Example[/bold]: vigie serve --port 8080
    """
    from vigie.bootstrap import open_front
    from vigie.services.running.parts import end_with_parent
    from vigie.views.web.app import Doorway, create_app
    from vigie.views.web.server import bind, build

    front = open_front()
    is_local = host in LOOPBACK
    if not front.house.accounts.users():
        _refuse_public(host)
    listener = bind(host, port)
    named = () if is_local or host in ("0.0.0.0", "::") else (host,)  # noqa: S104 - compared, not bound
    app = create_app(front.house, Doorway(front.key, front.links.use, (*name, *named), is_secure=https))
    server = build(app, forwarded=proxy)
    end_with_parent(lambda: server.handle_exit(15, None))
    shown = f"http://{'127.0.0.1' if is_local else host}:{listener.getsockname()[1]}"
    typer.echo(f"ready {shown}")
    if with_link and not front.house.accounts.users():
        typer.echo(f"open {shown}/link/{front.links.issue()}")
    server.run(sockets=[listener])


def work(
    hand: Annotated[bool, typer.Option("--hand", hidden=True, help="Compute for a worker.")] = False,
) -> None:
    """Do long work: backtests, sweeps and imports that pages have queued.

    [bold]Example[/bold]: vigie work
    """
    import signal

    from vigie.bootstrap import open_front
    from vigie.services.running.hand import serve as serve_worker
    from vigie.services.running.parts import end_with_parent
    from vigie.services.running.worker import Worker

    if hand:
        serve_worker(open_front().house)
        return
    worker = Worker(open_front().house)
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: worker.stop())
    end_with_parent(worker.stop)
    typer.echo("ready")
    worker.run()


def link(
    shown: Annotated[str, typer.Option("--shown", hidden=True, help="Address people will be told.")] = "",
    host: Annotated[str, typer.Option("--host", hidden=True, help="Address that will be listened on.")] = "",
    demo: Annotated[bool, typer.Option("--demo", help="For the running demonstration.")] = False,
    begin: Annotated[
        bool, typer.Option("--begin", hidden=True, help="Queue the first jobs of a new demonstration.")
    ] = False,
) -> None:
    """Print a link that lets you in once, as the owner of this home; earlier ones stop working.

    [bold]Example[/bold]: vigie link
    """
    from vigie.bootstrap import open_front, open_links
    from vigie.services.running.demo_world import demo_home, first_jobs

    if demo:
        from vigie.views.cli.tree import address_of

        typer.echo(f"{address_of(demo_home())}/link/{open_links(demo_home()).issue()}")
        return
    front = open_front()
    has_users = bool(front.house.accounts.users())
    if host and not has_users:
        _refuse_public(host)
    if begin:
        first_jobs(front.house)
    if not has_users:
        typer.echo(f"{shown or f'http://127.0.0.1:{front.port}'}/link/{front.links.issue()}")
    elif shown:
        typer.echo(shown)
    else:
        raise ConfigError("users exist: sign in on the page; `vigie user reset NAME` gives a new password")


def _refuse_public(host: str) -> None:
    if host not in LOOPBACK:
        raise ConfigError(
            f"{host} can be reached by others and there is no user yet; run `vigie user add NAME --role admin` first"
        )


def up(
    host: Host = "127.0.0.1",
    port: Port = PORT,
    collect: Annotated[
        bool, typer.Option("--collect/--no-collect", help="Gather live data from the sources.")
    ] = True,
) -> None:
    """Run everything: pages, live data and long work, in one tree of processes.

    [bold]Example[/bold]: vigie up
    """
    from vigie.views.cli.tree import run_tree

    run_tree(home=None, host=host, port=port, collects=collect)
