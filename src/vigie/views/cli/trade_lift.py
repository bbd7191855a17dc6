"""`vigie trade lift`: a person ends limits of loss before their time."""

from __future__ import annotations

from typing import Annotated

import typer


def lift(
    why: Annotated[str, typer.Option("--why", help="The reason; recorded in the audit log.")],
    account: Annotated[str, typer.Option("--account", help="Name of the account.")] = "main",
    limit: Annotated[
        list[str] | None,
        typer.Option(
            "--limit", help="Name of a limit; default: all that block entries now.", show_default=False
        ),
    ] = None,
) -> None:
    """Lift loss limits of an account early; they then count from zero again.

    Limits end by themselves: the daily loss at 00:00 UTC, drawdowns after some
    days. Works whichever process trades the account.

    Example: vigie trade lift --account main --why "a price was wrong, checked at the venue"
    """
    from vigie.domain.person import OWNER
    from vigie.domain.time import iso
    from vigie.services.trading.accounts.account_status import find_traded_run, resolve_owner
    from vigie.services.trading.limits import lifting
    from vigie.wiring.app_context import open_app_context

    app_context = open_app_context()
    trade_run = find_traded_run(
        app_context.trades, account, resolve_owner(app_context.accounts, app_context.trades, account)
    )
    lifted = lifting.lift(
        app_context.results,
        app_context.trades,
        app_context.clock,
        app_context.is_simulated,
        trade_run,
        limit or [],
        by=OWNER.user,
        why=why,
    )
    limits_text = ", ".join(f"{name} (would have ended {iso(until)})" for name, until in lifted.items())
    typer.echo(
        f"{account}: lifted {limits_text}; takes effect within seconds "
        "in the process that trades it, or else in the next one"
    )
