"""The demonstration's home: marked as simulated, filled by jobs that anybody can watch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from vigie.config import SIMULATED_FILE, is_simulated, resolve_paths
from vigie.domain.alert import INBOX, AlertRule, Channel
from vigie.domain.errors import ConfigError
from vigie.domain.job import Job
from vigie.domain.person import OWNER
from vigie.locks import acquire, is_locked, release
from vigie.ports.alerts import AlertStore
from vigie.ports.clock import Clock
from vigie.ports.jobs import JobQueue
from vigie.services.alerting.rule_parsing import READY
from vigie.services.running.compiling import is_compiling
from vigie.trading.catalogue import PLAN

VENUE: Final = "bitget-perp"
STRATEGIES: Final = "macd_cross,rsi_reversion,ema_cross,bollinger_squeeze,adx_trend"
ASSETS: Final = "bitcoin,ethereum,binancecoin,solana,ripple,avalanche-2,dogecoin"
TRADED: Final = "BTC", "ETH", "BNB", "SOL", "XRP", "AVAX", "DOGE"
ACCOUNT: Final = "main"
RUN_FILE: Final = "trading.toml"
# A quarter of the usual risk: limits that count falls bar a month, half a day at the demonstration's pace, and the
# first trades of whatever market it opens in are as likely to lose as later ones.
RISK: Final = 0.005
CAPITAL: Final = "capital = 10_000"
# So much of the paper account's past is replayed.
PAST_DAYS: Final = 90
# What a new demonstration tests: how many of them look like more than luck is what comes out.
FIRST_BACKTESTS: Final[tuple[Mapping[str, object], ...]] = (
    {"strategies": STRATEGIES, "assets": ASSETS, "last": 1_500},
    {
        "strategies": "ema_cross,adx_trend",
        "assets": "bitcoin,ethereum,solana",
        "last": 1_500,
        "mode": "portfolio",
    },
    {"strategies": "macd_cross", "assets": "bitcoin,ethereum", "timeframe": "1d"},
    {"strategies": "all", "assets": "bitcoin", "timeframe": "4h", "last": 3_000},
    {"strategies": "rsi_reversion,bollinger_squeeze", "assets": ASSETS, "timeframe": "4h", "last": 3_000},
    {
        "strategies": STRATEGIES,
        "assets": ASSETS,
        "last": 1_500,
        "mode": "portfolio",
        "risk_fraction": RISK,
    },
)
# Where a running demonstration says at which address its world answers, below its home.
WORLD: Final = "world.txt"
LOOK_S: Final = 2.0
# Locked by who replays the past of the account, which takes as much memory as the older years of long histories.
_REPLAYING: Final = "replaying"
# There once the first jobs of a new one are done.
_FIRST_JOBS: Final = "first-jobs"
# Takes the mail of the demonstration: an address of nobody, read on its own page of mail.
READER: Final = "reader@demo.example"
MOST_MAILS: Final = 100
PRICE_RULE: Final = "Bitcoin or Ethereum falls 5 %"
PRICE_FALLS: Final = {
    "assets": ("bitcoin", "ethereum"),
    "subject": ("change_24h<-0.05",),
    "turn": ("enters",),
}
RISE_RULE: Final = "Solana rises 10 %"
SETUP_RULE: Final = "Confirmed setups"
# What only forms is on the page Signals: a mail a setup is enough. Setups of smaller coins, which scenes move first,
# would take the day's mails.
MAILED: Final = "BTC", "ETH", "SOL", "XRP"
SETUPS_CONFIRMED: Final = {
    "state": ("confirmed",),
    "instrument": tuple(f"{ticker.lower()}-usdt-perp" for ticker in MAILED),
}
PRICE_RISES: Final = {"assets": ("solana",), "subject": ("change_24h>0.1",), "turn": ("enters",)}


def demo_home() -> Path:
    """Return the home of the demonstration: beside the real one, never in it."""
    home = resolve_paths().home
    return home if is_simulated(home) else home.with_name(f"{home.name}-demo")


def create_demo_home(home: Path) -> bool:
    """Mark a home as simulated; return whether it is new.

    Raises
    ------
    ConfigError
        If there is something in the folder that is not of a demonstration.
    """
    if is_simulated(home):
        return False
    if home.exists() and any(home.iterdir()):
        raise ConfigError(
            f"{home} holds something else; set VIGIE_HOME to another folder, the demo lies beside it"
        )
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / SIMULATED_FILE).write_text(json.dumps({"simulated": True}) + "\n", encoding="utf-8")
    return True


def count_strategies() -> int:
    """Return how many active strategies the account trades for sure: its model adds one where it passes its gates."""
    return len(TRADED) * len(STRATEGIES.split(","))


def run_file(home: Path) -> Path:
    """Return the run file of the paper account, every shipped slot; written where it is not there yet."""
    path = home / RUN_FILE
    if path.exists():
        return path
    names = ", ".join(f'"{name}"' for name in TRADED)
    slots = "".join(
        f'\n[[slots]]\ninstruments = [{names}]\nstrategy = "{strategy}"\n'
        # What a person plans there is traded by the same account.
        for strategy in (*STRATEGIES.split(","), PLAN)
    )
    head = (
        f'[account]\nmode = "portfolio"\n{CAPITAL}\n'
        "# A quarter of the usual risk of a trade: some losses at the beginning do not reach the limits that\n"
        "# bar an account for a month. The limits are the usual ones.\n"
        f"risk_fraction = {RISK}\n\n"
    )
    path.touch(mode=0o600)
    path.write_text(f'{head}[venue]\nid = "{VENUE}"\nmode = "paper"\n{slots}', encoding="utf-8")
    return path


def add_slot(home: Path, instrument: str, timeframe: str, strategy: str) -> None:
    """Have the account trade one more strategy, where its run file does not name it yet."""
    path = run_file(home)
    text = path.read_text(encoding="utf-8")
    if f'"{strategy}"' not in text:
        slot = f'\n[[slots]]\ninstruments = ["{instrument}"]\ntimeframe = "{timeframe}"\nstrategy = "{strategy}"\n'
        _write_whole(path, text + slot)


def carry_capital(home: Path, equity: float) -> None:
    """Let the account begin with what its replayed past ended with, where its run file is as it was written."""
    path = home / RUN_FILE
    text = path.read_text(encoding="utf-8")
    if equity > 0.0 and CAPITAL in text:
        carried = f"# What the replayed days before ended with.\ncapital = {equity:.2f}"
        _write_whole(path, text.replace(CAPITAL, carried, 1))


def _write_whole(path: Path, text: str) -> None:
    # Whole or not at all: who is killed here finds the file as it was.
    other = path.with_suffix(".new")
    other.touch(mode=0o600)
    other.write_text(text, encoding="utf-8")
    other.replace(path)


def wait_for_history(jobs: JobQueue, clock: Clock, *, is_enough: Callable[[], bool] = lambda: False) -> None:
    """Return when a new demonstration's history has been taken in, which a trader pins, or when it is enough."""
    while not is_enough() and any(job.kind == "import" for job in _active_jobs(jobs)):
        clock.sleep(LOOK_S)


def wait_for_first_jobs(jobs: JobQueue, clock: Clock) -> None:
    """Return when what waits or runs now is done: two that compile at once take the room of two."""
    before = {job.id for job in _active_jobs(jobs)}
    while before & {job.id for job in _active_jobs(jobs)}:
        clock.sleep(LOOK_S)


@contextmanager
def hold_replay(home: Path) -> Iterator[None]:
    """Let others of a demonstration know that its past is being replayed, as long as the block runs."""
    with (home / _REPLAYING).open("a") as file:
        acquire(file)
        try:
            yield
        finally:
            release(file)


def is_replaying(home: Path) -> bool:
    """Tell whether the past of a demonstration is being replayed now."""
    return is_locked(home / _REPLAYING)


def is_crowded(home: Path) -> bool:
    """Tell whether a process compiles or replays the past of a demonstration: both need much memory for a while."""
    return is_compiling() or is_replaying(home)


def note_first_jobs(home: Path) -> bool:
    """Keep that the first jobs of a demonstration are done; return whether there was room for that."""
    with suppress(OSError):
        (home / _FIRST_JOBS).touch()
    return has_done_first_jobs(home)


def has_done_first_jobs(home: Path) -> bool:
    """Tell whether the first jobs of a demonstration are done."""
    return (home / _FIRST_JOBS).exists()


def _active_jobs(jobs: JobQueue) -> list[Job]:
    return [job for job in jobs.list(owner=OWNER.user) if job.state in ("queued", "running")]


def first_rules(alerts: AlertStore) -> None:
    """Alert the owner to regulators, moves of prices and setups.

    By mail too when a regulator writes about Bitcoin, and when a setup is confirmed.
    """
    if alerts.rules(OWNER.user):
        return
    mail = alerts.put_channel(Channel("", OWNER.user, "mail", READER, is_confirmed=True))
    first, enforcement = READY[:2]
    by_mail = (INBOX, mail.id)
    for rule in (
        AlertRule("", OWNER.user, first.name, "item", first.when, by_mail, daily_budget=MOST_MAILS),
        AlertRule("", OWNER.user, enforcement.name, "item", enforcement.when),
        AlertRule("", OWNER.user, PRICE_RULE, "price", PRICE_FALLS),
        AlertRule("", OWNER.user, RISE_RULE, "price", PRICE_RISES),
        AlertRule("", OWNER.user, SETUP_RULE, "setup", SETUPS_CONFIRMED, by_mail),
    ):
        alerts.put_rule(replace(rule, given_name=rule.name))


def first_jobs(jobs: JobQueue, alerts: AlertStore) -> int:
    """Queue what fills a new demonstration: its history, then the first backtests; make its first rules of alerts.

    Returns
    -------
    int
        When the last one was queued: no user ordered them, so none up to then counts as a notification.
    """
    first_rules(alerts)
    jobs.put("import", {"venue": VENUE}, owner=OWNER.user)
    queued = [jobs.put("backtest", {"venue": VENUE, **order}, owner=OWNER.user) for order in FIRST_BACKTESTS]
    return max(job.ts_created for job in queued)
