"""What `vigie trade status` prints: how an account stands, and what needs a look."""

from __future__ import annotations

from typing import Any

import typer

from vigie.domain.time import iso


def print_status(status_values: dict[str, Any]) -> None:
    """Print how an account stands, and what needs a look."""
    from vigie.services.trading.accounts.account_status import STREAM_SILENT_S

    is_cut_off = status_values["is_alive"] and not status_values["is_traded"]
    process_note = "" if status_values["is_traded"] or is_cut_off else ", not running"
    process_note = ", its process runs but cannot trade" if is_cut_off else process_note
    # In the simulated world there are two clocks, and each time says which one it is of.
    market, machine = (
        (" by the market's clock", " (this machine's clock)") if status_values["is_simulated"] else ("", "")
    )
    mode, venue = status_values["mode"].upper(), status_values["venue"]
    headline = f"{status_values['account']}: {mode} on {venue}, {status_values['state']}{process_note}"
    typer.echo(
        f"{headline}, equity {status_values['equity']:.2f} of {status_values['capital']:.2f} at the start"
    )
    if status_values["barred_by"] and status_values["state"] == "active":
        limits = ", ".join(f"{name} until {until}" for name, until in status_values["barred_until"].items())
        typer.echo(f"ATTENTION: entries are paused by {limits}{market}; see Limits on its page")
    typer.echo(
        f"last event {status_values['last_event'] or 'none yet'}{market}; closed trades: {status_values['trades']}"
    )
    if is_cut_off:
        typer.echo(
            "ATTENTION: its process runs but cannot write, for example because the disk is full. It opens "
            "nothing; positions keep their stops at the venue. It resumes by itself once it can write"
        )
    elif process_note:
        typer.echo(
            f"  to resume: vigie trade run CONFIG --account {status_values['account']}, with the same file"
        )
    elif (status_values["silent_s"] or 0.0) > STREAM_SILENT_S:
        typer.echo(
            f"  ATTENTION: no price from {status_values['venue']} for {status_values['silent_s']:.0f} s; "
            "no entries until prices return. The Sources page shows which stream is silent and why"
        )
    if status_values["is_traded"]:
        for name, until in status_values["missing_others"].items():
            typer.echo(
                f"  ATTENTION: no bar of {name} {f'since {until}' if until else 'is stored'}{market}; strategies that "
                "compare with it open nothing. Late bars come by themselves; if it is no longer traded, train the "
                "model again, or name other instruments in the strategy"
            )
    for row in status_values["concerns"]:
        typer.echo(f"  ATTENTION: {row['line']}. {row['todo']}")
    for row in status_values["positions"]:
        decided = "" if row["stop"] == row["stop_decided"] else f" (decided: {row['stop_decided']})"
        typer.echo(
            f"  {row['slot']}: {row['side']} {row['qty']} at {row['entry']:g}, stop {row['stop']}{decided}"
            f"{_stop_distance(row)}, target {row['target']}"
        )
    for row in status_values["open_intents"]:
        typer.echo(f"  open order: {row['leg']} of {row['slot']}, {row['state']}")
    shown_events = {row["seq"] for row in status_values["concerns"]}
    for row in status_values["happened"]:
        if row["seq"] not in shown_events:
            typer.echo(f"  event: {row['line']}{machine}")


def _stop_distance(position: dict[str, Any]) -> str:
    """Say how far the price is from a stop, and when a stop that it has passed settles."""
    distance, settles = position["stop_distance"], position["settles_ts"]
    if distance is None:
        return ""
    passed = f", stop crossed, exit at {iso(settles)[11:16]} UTC" if settles is not None else ""
    return f" ({distance:+.2%}{passed})"
