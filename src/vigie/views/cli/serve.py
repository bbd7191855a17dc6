"""Commands of a running Vigie: `up` for everything, `serve` for the pages, `link` for the local owner."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vigie.domain.errors import ConfigError

if TYPE_CHECKING:
    from vigie.config.settings import Settings
    from vigie.views.cli.part_runtime import PartRuntime
    from vigie.views.cli.web_address import WebAddress

Host = Annotated[
    str | None,
    typer.Option(
        help="Address to listen on; default: VIGIE_HOST. Other addresses than loopback need a user account."
    ),
]
Port = Annotated[
    int | None, typer.Option(help="Port for the pages; default: VIGIE_PORT, else 8080.", min=0, max=65_535)
]
Plain = Annotated[
    bool, typer.Option("--plain-http", help="Allow access without HTTPS, on a network you trust.")
]


# A larger database is not read through while somebody waits for the pages.
MOST_CHECKED_BYTES: Final = 256 << 20


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(serve)
    app.command()(up)
    app.command()(link)


def serve(
    host: Host = None,
    port: Port = None,
    name: Annotated[
        list[str], typer.Option("--name", help="A host name for the pages; repeat for more.")
    ] = [],  # noqa: B006 - Typer reads the empty list and never changes it
    https: Annotated[bool, typer.Option("--https", help="The pages are behind an HTTPS proxy.")] = False,
    proxy: Annotated[
        str, typer.Option(help="Address of the trusted proxy; only its forwarded headers count.")
    ] = "",
    plain_http: Plain = False,
    with_link: Annotated[
        bool, typer.Option("--link/--no-link", help="Print a one-time sign-in link for the owner.")
    ] = True,
    held: Annotated[
        bool, typer.Option("--held", hidden=True, help="Load everything, then wait for the end of input.")
    ] = False,
) -> None:
    """Serve the pages and the API.

    [bold]Example[/bold]: vigie serve --port 8080
    """
    from vigie.views.cli.part_runtime import run_part
    from vigie.views.cli.web_address import resolve_web_address

    def choose_address(settings: Settings) -> WebAddress:
        return resolve_web_address(
            settings,
            host=host,
            port=port,
            allowed_names=name,
            is_https=https,
            proxy=proxy,
            is_plain_allowed=plain_http,
        )

    with run_part("serve") as runtime:
        _run_server(choose_address, runtime, with_link=with_link, waits_for_input=held)


def _run_server(
    choose_address: Callable[[Settings], WebAddress],
    runtime: PartRuntime,
    *,
    with_link: bool,
    waits_for_input: bool = False,
) -> None:
    from vigie.catalogue import complete_languages
    from vigie.services.operation import operations
    from vigie.services.running.process_tree import end_with_parent
    from vigie.views.cli.web_address import refuse_unsafe, unencrypted_warning
    from vigie.views.web.app import AppOptions, create_app
    from vigie.views.web.page import pages
    from vigie.views.web.read_ahead import ReadAhead
    from vigie.views.web.server import bind, build_server
    from vigie.wiring.web import open_web_context

    def say(text: str) -> None:
        typer.echo(f"vigie: {text}", err=True)
        runtime.write(text)

    if waits_for_input:
        pages()
        operations()
        sys.stdin.read()
    front = open_web_context()
    address = choose_address(front.settings)
    has_users = bool(front.app_context.accounts.users())
    refuse_unsafe(address, has_users=has_users)
    if unencrypted_warning(address):
        say(unencrypted_warning(address))
    listener = bind(address.host, address.port)
    app = create_app(
        front.app_context,
        AppOptions(
            front.key,
            front.links.use,
            address.allowed_names,
            is_secure=address.is_https,
            has_proxy=bool(address.proxy),
            say=say,
            first_visit=front.first_visit,
        ),
    )
    server = build_server(app, forwarded=address.proxy, heartbeat=runtime.heartbeat)
    end_with_parent(lambda: server.handle_exit(15, None))
    local_address = address.local_url(listener.getsockname()[1])
    runtime.say(f"ready {local_address}")
    if with_link and not has_users:
        typer.echo(f"open {local_address}/link/{front.links.issue()}")
    ahead = ReadAhead(app.state.web, complete_languages(), runtime.write)
    if front.app_context.is_simulated:
        # Its memory has a bound. Elsewhere numbers are wanted at once, whatever that takes.
        for cache in (front.app_context.asset_metrics, front.app_context.valuations):
            cache.is_compiled = ahead.is_compiled
    ahead.start()
    server.run(sockets=[listener])
    ahead.end()


def link(
    shown: Annotated[str, typer.Option("--shown", hidden=True, help="Address people will be told.")] = "",
    host: Annotated[str, typer.Option("--host", hidden=True, help="Address that will be listened on.")] = "",
    demo: Annotated[bool, typer.Option("--demo", help="For the running demo.")] = False,
    begin: Annotated[
        bool, typer.Option("--begin", hidden=True, help="Queue the first jobs of a new demonstration.")
    ] = False,
    collects: Annotated[
        bool, typer.Option("--collects", hidden=True, help="A collector will start: refuse where one runs.")
    ] = False,
) -> None:
    """Print a one-time sign-in link for the owner; earlier links stop working.

    [bold]Example[/bold]: vigie link
    """
    from vigie.domain.person import OWNER
    from vigie.services.alerting.notifications import mark_seen
    from vigie.services.demo_world import demo_home, first_jobs
    from vigie.views.cli.web_address import refuse_unsafe, resolve_web_address
    from vigie.wiring.backups import open_backup_context
    from vigie.wiring.web import open_links, open_web_context

    if demo:
        from vigie.views.cli.tree import running_address

        typer.echo(f"{running_address(demo_home())}/link/{open_links(demo_home()).issue()}")
        return
    if collects:
        from vigie.wiring.collector_lock import hold_collector_lock

        with hold_collector_lock():
            pass
    front = open_web_context()
    if shown:
        # Damage in the middle of the file would end one part after the other, again and again.
        with open_backup_context() as depot:
            depot.database.refuse_damaged(MOST_CHECKED_BYTES)
    has_users = bool(front.app_context.accounts.users())
    address = resolve_web_address(front.settings, host=host or None)
    if host:
        refuse_unsafe(address, has_users=has_users)
    if begin:
        queued = first_jobs(front.app_context.jobs, front.app_context.alerts)
        mark_seen(front.app_context.accounts, OWNER.user, ordered=queued)
    if not has_users:
        typer.echo(f"{shown or address.local_url(address.port)}/link/{front.links.issue()}")
    elif shown:
        typer.echo(address.public_url or shown)
    else:
        raise ConfigError(
            "user accounts exist: sign in on the page; `vigie user reset NAME` sets a new password"
        )


def up(
    host: Host = None,
    port: Port = None,
    plain_http: Plain = False,
    collect: Annotated[
        bool, typer.Option("--collect/--no-collect", help="Collect live data from the sources.")
    ] = True,
) -> None:
    """Run everything: pages, live data and jobs, in one tree of processes.

    [bold]Example[/bold]: vigie up
    """
    from vigie.views.cli.preloading import prepare_forking

    prepare_forking()
    from vigie.config import web_host, web_port
    from vigie.views.cli.tree import run_tree

    run_tree(
        home=None,
        host=host or web_host(),
        port=web_port() if port is None else port,
        collects=collect,
        environ={"VIGIE_PLAIN_HTTP": "true"} if plain_http else {},
    )
