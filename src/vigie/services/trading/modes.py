"""Paper, demo, live: what must be true before an account may trade, above all with real money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import Forbidden, UsageError
from vigie.domain.order import TradeRun
from vigie.domain.time import DAY_MS, iso
from vigie.ports.tradebook import TradeBook

PAPER_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Switches:
    """What a person has said about real money.

    Attributes
    ----------
    is_allowed : bool
        ``allow_live`` of the settings.
    typed : str
        What was typed to confirm.
    is_simulated : bool
        Whether the home holds a simulated market: its days are no days.
    """

    is_allowed: bool
    typed: str
    is_simulated: bool = False


def words_to_type(account: str) -> str:
    """Return what must be typed before real money is traded."""
    return f"trade real money on {account}"


def check_switches(switches: Switches, account: str) -> None:
    """Refuse real money that nobody allowed or confirmed.

    Raises
    ------
    Forbidden
        With the switch that is missing, and how it is set.
    """
    if switches.is_simulated:
        raise Forbidden("this home holds a simulated market; real money is traded from another home only")
    if not switches.is_allowed:
        raise Forbidden(
            "real money is not allowed here; set allow_live = true in vigie.toml (or VIGIE_ALLOW_LIVE)"
        )
    if switches.typed != words_to_type(account):
        raise Forbidden(
            f"real money must be confirmed: type {words_to_type(account)!r} when asked, or --confirm"
        )


def check_papered(book: TradeBook, owner: str, plan: str) -> None:
    """Refuse real money for what was not traded on paper for long enough.

    Parameters
    ----------
    plan : str
        Fingerprint of what is to be traded: the paper period must have been of the same.

    Raises
    ------
    Forbidden
        With how long it was, and how to go on.
    """
    begun = _longest(book, [run for run in book.runs_of(owner) if (run.mode, run.plan) == ("paper", plan)])
    if begun < PAPER_DAYS * DAY_MS:
        raise Forbidden(
            f"real money needs {PAPER_DAYS} days of paper trading with the same run file, there were "
            f"{begun / DAY_MS:.1f}; trade it on paper first: vigie trade run CONFIG --mode paper"
        )


def check_same(run: TradeRun, plan: str, mode: str, venue: str) -> None:
    """Refuse to go on with a run under another plan.

    Raises
    ------
    UsageError
        With what changed, and what may be done.
    """
    what = {
        "mode": (run.mode, mode),
        "venue": (run.venue, venue),
        "slots, costs, sizing, protections or a strategy's file": (run.plan[:12], plan[:12]),
    }
    changed = [f"{name} ({old} before, {new} now)" for name, (old, new) in what.items() if old != new]
    if changed:
        raise UsageError(
            f"account {run.account} trades since {iso(run.ts)} under another plan; changed: {', '.join(changed)}. "
            "Put the run file back as it was, begin anew with --new-run, or name another --account"
        )


def _longest(book: TradeBook, runs: Iterable[TradeRun]) -> int:
    """Return how long the longest of some runs was traded, in milliseconds of the market."""
    lasted = [0]
    for run in runs:
        last = run.ts
        for step in book.steps(run.id):
            last = max(last, step.ts)
        lasted.append(last - run.ts)
    return max(lasted)
