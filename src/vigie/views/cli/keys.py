"""`vigie keys`: keys of accounts at venues. Secrets are asked for or read from a pipe, never taken as an argument."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Literal

import typer

from vigie.views.cli.common_options import AsJson, Home

app = typer.Typer(no_args_is_help=True, help="API keys of your venue accounts, stored encrypted.")

Exchange = Annotated[str, typer.Argument(help="The venue: bitget, binance, hyperliquid.")]
Mode = Annotated[
    Literal["demo", "live"], typer.Option("--mode", help="demo: demo trading; live: real money.")
]  # fmt: skip
Url = Annotated[
    str | None,
    typer.Option(
        "--url", help="Address to use instead of the venue's, such as "
            "that of `vigie sandbox exchange`.", show_default=False
    ),
]  # fmt: skip
FromStdin = Annotated[
    bool, typer.Option("--stdin", help="Read the answers from standard input, one per line.")
]

PASSWORD = "Password of the key store"  # noqa: S105 - what is asked for


def make_prompt(*, from_stdin: bool) -> Callable[..., str]:
    """Return what asks a person, or reads the next line of a pipe."""
    from vigie.domain.errors import UsageError

    lines: Iterator[str] = iter(sys.stdin)

    def prompt(what: str, *, hidden: bool = True, twice: bool = False) -> str:
        if from_stdin:
            return next(lines, "").rstrip("\r\n")
        if not sys.stdin.isatty():
            raise UsageError(
                f"there is no terminal to ask for this: {what}; pipe it in and add --stdin where the command has that, "
                "else name the key in the environment (VIGIE_<VENUE>_KEY, ...) or use `vigie keys add --keyring`"
            )
        return str(typer.prompt(what, hide_input=hidden, confirmation_prompt=twice)).strip()

    return prompt


def make_store_prompt(prompt: Callable[..., str]) -> Callable[[bool], str]:
    """Return what asks for the password of the store: twice where it is chosen."""

    def prompt_password(is_new: bool) -> str:
        return prompt(PASSWORD + (" (new, 12 characters or more)" if is_new else ""), twice=is_new)

    return prompt_password


@app.command("add")
def add(
    exchange: Exchange,
    mode: Mode = "demo",
    url: Url = None,
    from_stdin: FromStdin = False,
    keyring: Annotated[
        bool,
        typer.Option(
            "--keyring", help="Protect a new key store with the system keyring instead of a password."
        ),
    ] = False,
    home: Home = None,
) -> None:
    """Add a key: check at the venue that it cannot withdraw, then store it encrypted.

    You are asked for (or pass line by line with --stdin) the key, secret and
    passphrase, or the parts this venue uses (Hyperliquid: address and private key
    of an agent wallet), then the password of the key store.

    Example: vigie keys add bitget --mode demo
    """
    import asyncio

    from vigie.adapters.clock import SystemClock
    from vigie.domain.errors import AuthError, UsageError
    from vigie.ports.keys import KeyLabel, VenueKey
    from vigie.services.venues.keys import add_key
    from vigie.wiring.venue_accounts import open_account, open_keys, trading_manifest

    manifest, ask, clock = trading_manifest(exchange), make_prompt(from_stdin=from_stdin), SystemClock()
    # The first part is public: it is shown while it is typed.
    key_parts = [
        ask(f"{manifest.title} {words}", hidden=number > 0)
        for number, words in enumerate(manifest.credentials)
    ]
    missing = [words for words, value in zip(manifest.credentials, key_parts, strict=True) if not value]
    if missing:
        raise UsageError(f"{', '.join(missing)} must not be empty")
    key = VenueKey(KeyLabel(exchange, mode, "store", clock.wall_now()), *key_parts)
    store = open_keys(home, make_store_prompt(ask), is_system=keyring)

    async def check_and_keep() -> None:
        venue = open_account(key, clock, url=url)
        try:
            await add_key(store, key, venue)
        except AuthError as fault:
            parts = ", ".join(manifest.credentials)
            raise AuthError(
                f"{fault}; nothing was kept. Give {parts} again as {manifest.title} showed them, of the same account "
                f"and of mode {mode}; a key that is bound to addresses works from those only"
            ) from None
        finally:
            await venue.close()

    asyncio.run(check_and_keep())
    typer.echo(f"the {mode} key of {exchange} is stored; it can trade and cannot withdraw")


@app.command("list")
def list_(as_json: AsJson = False, home: Home = None) -> None:
    """List the keys: venue, mode, place and age; never a secret.

    Example: vigie keys list
    """
    from dataclasses import asdict

    from vigie.adapters.clock import SystemClock
    from vigie.views.cli.tables import age_text, console
    from vigie.wiring.venue_accounts import list_key_labels

    labels = list_key_labels(home)
    if as_json:
        typer.echo(json.dumps([asdict(label) for label in labels], indent=1))
        return
    if not labels:
        typer.echo("no keys yet; add one: vigie keys add bitget --mode demo")
        return
    from rich.table import Table

    now = SystemClock().wall_now()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("Venue", "Mode", "Kept in", "Age"):
        table.add_column(title)
    for label in labels:
        table.add_row(label.exchange, label.mode, label.place, age_text(now - label.ts) if label.ts else "–")
    console().print(table)


@app.command("remove")
def remove(exchange: Exchange, mode: Mode = "demo", home: Home = None) -> None:
    """Delete a key from the key store; delete it at the venue too.

    Example: vigie keys remove bitget --mode demo
    """
    from vigie.domain.errors import NotFound
    from vigie.wiring.venue_accounts import open_keys

    if not open_keys(home, lambda _: "").remove(exchange, mode):
        raise NotFound(f"there is no {mode} key of {exchange} in the store")
    typer.echo(f"the {mode} key of {exchange} is deleted here; delete it at the venue too")
