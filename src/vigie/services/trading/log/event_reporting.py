"""What a trading process says while it trades: one line for each event that is new in its log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vigie.domain.order import TradeRun
from vigie.ports.audit import AuditLog
from vigie.ports.clock import PatientClock
from vigie.ports.home import IsSimulated, ResultsHome
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.log.replay_cache import EVERY, load_event_log, save_replay
from vigie.services.trading.log.trading_events import TradingEventReader

_TELL_S: Final = 0.5  # between two looks for what is new to be said


async def report_events(
    results: ResultsHome,
    audit: AuditLog,
    trades: TradeBook,
    is_simulated: IsSimulated,
    run: TradeRun,
    clock: PatientClock,
    say: Callable[[str], None],
) -> None:
    """Say what is new in the log, one line an event; what an earlier process did was said by it."""
    event_reader = TradingEventReader(audit, is_simulated, run)
    event_log = load_event_log(results, trades, run)
    state = trades.state(run.account)
    if state != "active":
        cure = f"vigie trade resume --account {run.account}"
        say(f"the account is {state}: entries are refused until {cure}")
    saved_number = event_log.number
    while True:
        for step in trades.steps(run.id, event_log.number):
            for line in event_log.apply(step):
                say(line)
            if event_log.number - saved_number >= EVERY:
                # Whoever comes next, to flatten or to go on, folds what is new.
                save_replay(results, trades, run, event_log)
                saved_number = event_log.number
        for line in event_reader.new_lines():
            say(line)
        await clock.pause(_TELL_S)
