"""The closed trades of an account as rows, read from every run that it had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from typing import Any, Literal

from vigie.domain.order import TradeRun
from vigie.ports.tradebook import TradeBook
from vigie.services.plans.of_trades import FindOrigin, origins_of_trades
from vigie.services.trading.accounts import figures
from vigie.services.trading.accounts.account_status import find_run
from vigie.services.trading.journal.journal_rows import JournalTradeRow
from vigie.services.trading.journal.notes import JournalNote, idea_of, notes_of
from vigie.services.trading.journal.trade_details import JournalSources
from vigie.services.trading.log.account_view import open_account_view

Replayed = Literal["with", "without", "only"]


def account_runs(trades: TradeBook, owner: str, account: str) -> list[TradeRun]:
    """Return every run of an account, oldest first; refuses one that is not the owner's."""
    find_run(trades, account, owner)
    return [run for run in trades.runs_of(owner) if run.account == account]


def journal_rows(
    sources: JournalSources, owner: str, account: str, replayed: Replayed
) -> list[JournalTradeRow]:
    """Return the closed trades of an account over all its runs, the newest first."""
    key = "closed trades", owner, account, replayed
    return list(sources.memo.once(key, lambda: newest_rows(sources, owner, account, replayed)[0]))


def newest_rows(
    sources: JournalSources,
    owner: str,
    account: str,
    replayed: Replayed,
    *,
    begin: int = 0,
    end: int | None = None,
) -> tuple[list[JournalTradeRow], int]:
    """Return a part of an account's closed trades, the newest first, and how many there are; the others stay unread.

    Parameters
    ----------
    replayed : str
        Whether trades that were decided afterwards are among them: ``with``, ``without``, ``only``.
    begin, end : int
        Where the part begins and ends, exclusive; None for all that follow.
    """
    notes = notes_of(sources.accounts, owner)
    ideas = cache(lambda strategy: idea_of(sources.logs.results, strategy))
    rows: list[JournalTradeRow] = []
    total = 0
    for run in reversed(account_runs(sources.logs.trades, owner, account)):
        if replayed == ("without" if run.is_replayed else "only"):
            continue
        with open_account_view(sources.logs, run) as view:
            count = figures.count_closed(view)
            first, after = max(begin - total, 0), count if end is None else min(end - total, count)
            total += count
            if first >= after:
                continue
            find_origin = _find_origin(sources, run)
            for row in reversed(figures.closed_rows(view, slice(count - after, count - first))):
                whole = row | {"is_replayed": run.is_replayed} | asdict(find_origin(row))
                rows.append(_journal_row(whole, notes.get(row["id"], JournalNote()), ideas))
    return rows, total


def _find_origin(sources: JournalSources, run: TradeRun) -> FindOrigin:
    return sources.memo.once(
        ("origins", run.id), lambda: origins_of_trades(sources.setups, sources.plans, run)
    )


def _journal_row(row: dict[str, Any], note: JournalNote, ideas: Callable[[str], str]) -> JournalTradeRow:
    written = {
        "cost": row["fees"] + row["slippage"] + max(0.0, -row["funding"]),
        "source": note.source or ideas(row["strategy"]),
        "tags": ", ".join(note.tags),
        "note": note.text,
    }
    return JournalTradeRow.from_values(row | written)
