"""The golden log: an account of three strategies that traded on paper, as its steps lie on the disk."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from typing import Any, Final

from tests.golden import runs
from vigie.domain.account import AccountSettings, Protections
from vigie.domain.order import TradeStep
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.empty_account import LiveSlot
from vigie.engine.live.paper.paper import PaperRun, trade_on_paper
from vigie.engine.run import prepare_slot

LOG: Final = runs.HERE.parent / "data" / "golden" / "paper-log.jsonl.gz"
RECORD: Final = runs.HERE / "paper.json"
STRATEGIES: Final = ("ema_cross", "macd_cross", "rsi_reversion")
BARS: Final = 1_200
PROTECTIONS: Final = Protections(cooldown_bars=2, global_drawdown_fraction=0.0, account_drawdown_fraction=0.0)


def traded() -> PaperRun:
    """Trade it anew."""
    account = AccountSettings(mode="portfolio", protections=PROTECTIONS)
    plans = runs.planned(runs.pinned_bars(BARS), STRATEGIES, account)
    return trade_on_paper([(plan.slot, prepare_slot(plan)[1]) for plan in plans], PROTECTIONS)


def stored() -> list[TradeStep]:
    """Read the committed steps."""
    lines = gzip.decompress(LOG.read_bytes()).decode().splitlines()
    return [TradeStep(*json.loads(line), number) for number, line in enumerate(lines, start=1)]


def written(run: PaperRun) -> bytes:
    """Return the steps as they are committed: packed the same way wherever it is done."""
    rows = [steps.encode_step(step) for step in run.log_steps]
    text = "".join(json.dumps([row.kind, row.ts, row.body]) + "\n" for row in rows)
    return gzip.compress(text.encode(), mtime=0)


def replayed(slots: tuple[LiveSlot, ...], ts_start: int, rows: Sequence[TradeStep]) -> LiveAccount:
    """Return the account that steps make."""
    account = LiveAccount(slots, PROTECTIONS, ts_start)
    for step in rows:
        account.apply(steps.decode_step(step))
    return account


def record(account: LiveAccount) -> dict[str, Any]:
    """Return what is pinned of it."""
    return {
        "decision_hash": account.decision_hash,
        "trades": len(account.trades),
        "cash": account.cash.hex(),
        "equity": account.equity.hex(),
    }
