"""`vigie audit`: whether what was recorded is still what happened."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from vigie.views.cli.common_options import AsJson, Home

app = typer.Typer(no_args_is_help=True, help="The audit log: every action, in order, as a chain of hashes.")


@app.callback()
def audit() -> None:
    """Keep `verify` a command of its own; Typer would fold a single one into the group."""


@app.command()
def verify(
    noted: Annotated[
        str, typer.Option("--noted", help="An entry noted earlier as NUMBER:HASH; it must be unchanged.")
    ] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Check the audit log: no entry was changed, removed, inserted or cut off.

    Prints the number and hash of the newest entry. Keep them elsewhere and pass
    them with --noted: this also detects a log that was rebuilt from scratch.

    Example: vigie audit verify
    """
    from vigie.domain.errors import InvariantBroken, UsageError
    from vigie.wiring.app_context import open_app_context

    number, _, expected = noted.partition(":")
    if noted and not (number.isdecimal() and int(number) > 0 and expected):
        raise UsageError(f"--noted must look like 123:HASH, was {noted!r}")
    chain = open_app_context(home).audit
    count = chain.verify()
    if noted:
        records = chain.after(int(number) - 1, limit=1)
        if not records or records[0].seq != int(number) or records[0].hash != expected:
            raise InvariantBroken(f"audit log entry {number} differs from the one noted")
    newest = chain.after(count - 1, limit=1) if count else ()
    hash_ = newest[0].hash if newest else ""
    if as_json:
        typer.echo(json.dumps({"records": count, "hash": hash_}))
    else:
        typer.echo(f"intact: {count} entries" + (f", newest {count}:{hash_}" if hash_ else ""))
