"""Paper accounts prepared on a page: the run file that `vigie trade run` begins them with; nothing is traded here."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from vigie.config import resolve_paths
from vigie.data.bar_reader import BarReader
from vigie.data.instruments.table import resolve_instrument
from vigie.domain.account import MAX_CAPITAL, Sizing
from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.domain.ids import parse_venue, split_full_name
from vigie.domain.person import OWNER, Caller
from vigie.domain.refusal import REFUSAL_LINE, from_stored, shorten
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.health import HomeHealth
from vigie.ports.home import HiddenValues, HomeFolder, ResultsHome
from vigie.ports.tradebook import TradeBook
from vigie.run_file import read_run_file
from vigie.services.operation import (
    NoInput,
    OperationInput,
    OperationResult,
    Origin,
    Table,
    operation,
)
from vigie.services.operations.admin import mask_secrets, tail_lines
from vigie.services.people.ownership import owner_of
from vigie.services.rows import Row, shown, table_of
from vigie.services.running.process_tree import is_part
from vigie.services.trading.account_plans import paper_requests
from vigie.services.trading.accounts.account_status import is_traded
from vigie.services.typed_numbers import TypedNumber
from vigie.trading import catalogue

NAME: Final = r"^[a-z][a-z0-9-]{0,39}$"
# Each is a process of a hundred megabytes and more.
MAX_STARTED: Final = 4
# Less buys nothing at most venues.
_MIN_CAPITAL: Final = 10.0
_MOST_SHOWN: Final = 300
_RUN_FILE_TEMPLATE: Final = """# A paper account: no order leaves this machine.
[venue]
id = "{venue}"
mode = "paper"

[account]
mode = "portfolio"
capital = {capital}

[[slots]]
instruments = ["{instrument}"]
strategy = "{strategy}"
timeframe = "{timeframe}"
"""
_GENERATED_FILE: Final = re.compile(re.sub(r"\\\{\w+\\\}", r'[^"\\n]+', re.escape(_RUN_FILE_TEMPLATE)))


class PreparePaperInput(OperationInput):
    """What a paper account trades."""

    name: str = Field(..., pattern=NAME, description="Of the account: a-z, 0-9 and -, a letter first.")
    place: str = Field(
        ...,
        min_length=3,
        max_length=80,
        description="`<venue>:<instrument>`, a perpetual such as `binance-perp:btc-usdt-perp`.",
    )
    strategy: str = Field(..., min_length=1, max_length=60, description="Name of a strategy.")
    timeframe: Literal["native", "15m", "1h", "4h", "1d"] = Field(
        "native", description="Length of a bar; `native` is what the strategy was made for."
    )
    capital: TypedNumber = Field(
        Sizing().capital, ge=_MIN_CAPITAL, le=MAX_CAPITAL, description="Invented money it begins with."
    )


class PaperPlan(OperationResult):
    """A run file that was written, and the command that begins the account; `has_bars`: bars of it are stored here."""

    account: str
    file: str
    text: str
    command: str
    has_bars: bool
    may_begin: bool = Field(description="Whether `trading.begin_paper` begins it here.")


class PaperAccountInput(OperationInput):
    """A prepared account of the caller's."""

    name: str = Field(..., pattern=NAME, description="Of the account.")


class PaperAccountRow(Row):
    """One paper account."""

    account: str = shown("Account")
    is_wanted: bool = shown(
        "Should run", definition="Whether it was started from a page and not stopped since."
    )
    is_traded: bool = shown("Running", definition="Whether a process is trading it now.")
    may_begin: bool = shown("Can start", definition="Whether it can be started from a page, here and now.")
    said: str = shown("Last message", definition="Last message of the process started from a page.")


@operation(
    "trading.prepare_paper",
    scope="trade",
    example={"name": "first", "place": "binance-perp:btc-usdt-perp", "strategy": "ema_cross"},
)
def prepare_paper(
    caller: Caller,
    params: PreparePaperInput,
    bar_reader: BarReader,
    results: ResultsHome,
    accounts: UserStore,
    audit: AuditLog,
    trades: TradeBook,
    home: HomeFolder,
) -> PaperPlan:
    """Write the run file of a paper account and say which command begins it; nothing is traded before."""
    venue, name = split_full_name("".join(params.place.split()))
    parse_venue(venue)
    instrument = resolve_instrument(venue, name)
    if instrument.market != "perp":
        raise UsageError(
            "account_trades_perpetuals",
            "an account trades perpetuals, such as binance-perp:btc-usdt-perp, was {place!r}",
            place=params.place,
        )
    if params.strategy not in catalogue.available(results.strategies):
        raise UsageError("no_strategy", "there is no strategy {strategy!r}", strategy=params.strategy)
    if trades.run(params.name) is not None:
        raise Conflict(
            "account_already_exists",
            "an account {name} already exists; choose another name",
            name=params.name,
        )
    owner = owner_of(accounts, caller)
    folder = paper_requests.folder_of(home, owner)
    text = _RUN_FILE_TEMPLATE.format(
        venue=venue,
        capital=repr(params.capital),
        instrument=instrument,
        strategy=params.strategy,
        timeframe=params.timeframe,
    )
    file = folder / f"{params.name}.toml"
    if file.exists() and not _GENERATED_FILE.fullmatch(file.read_text("utf-8", "replace")):
        raise Conflict("changed_hand", "{name} was changed by hand; choose another name", name=file.name)
    results.write(folder, {file.name: text.encode()})
    # What the command will read is read once here, so that it is refused now and not there.
    read_run_file(file)
    audit.append("paper.prepared", actor=caller.user, subject=params.name, text={"strategy": params.strategy})
    words = ["vigie", "trade", "run", str(file), "--account", params.name]
    user = accounts.user(owner) if owner != OWNER.user else None
    words += ["--user", user.name] if user is not None else []
    stored = bar_reader.instruments().get(instrument.asset, [])
    return PaperPlan(
        account=params.name,
        file=str(file),
        text=text,
        command=_home_prefix(home) + shlex.join(words),
        has_bars=(venue, str(instrument)) in stored,
        may_begin=is_part(),
    )


@operation("trading.papers")
def list_paper_accounts(
    caller: Caller,
    params: NoInput,
    accounts: UserStore,
    trades: TradeBook,
    home: HomeFolder,
    hidden: HiddenValues,
    home_health: HomeHealth,
) -> Table[PaperAccountRow]:
    """List the caller's prepared paper accounts: which were begun from a page, and which are traded now."""
    owner = owner_of(accounts, caller)
    folder = paper_requests.folder_of(home, owner)
    rows = [
        _paper_row(trades, home, hidden, home_health, owner, run_file)
        for run_file in sorted(folder.glob("*.toml"))
    ]
    return table_of(PaperAccountRow, rows, origins=[Origin(source="vigie")], total=len(rows))


@operation("trading.begin_paper", scope="trade", example={"name": "first"})
def start_paper(
    caller: Caller,
    params: PaperAccountInput,
    results: ResultsHome,
    accounts: UserStore,
    audit: AuditLog,
    trades: TradeBook,
    home_folder: HomeFolder,
    hidden: HiddenValues,
    home_health: HomeHealth,
) -> Table[PaperAccountRow]:
    """Have a prepared paper account traded by a process of its own beside the pages, until `trading.end_paper`."""
    owner, home = owner_of(accounts, caller), home_folder
    run_file = _find_run_file(home, owner, params.name)
    if not is_part():
        raise UsageError(
            "only_pages_running_here",
            "only the pages are running here, so nothing can start trading; use `vigie up` or the command",
        )
    if read_run_file(run_file).venue.mode != "paper":
        raise UsageError(
            "pages_start_paper_accounts",
            "pages can start paper accounts only; this account's file has another mode",
        )
    if not _is_own(trades, owner, params.name):
        raise Conflict(
            "account_already_exists",
            "an account {name} already exists; choose another name",
            name=params.name,
        )
    if is_traded(trades, home_health, params.name):
        raise Conflict("process_already_trading_account", "a process is already trading this account")
    if len(paper_requests.list_requested_parts(str(home))) >= MAX_STARTED:
        raise UsageError(
            "most_accounts_started_pages",
            "at most {max_started} accounts can be started from the pages; end one first",
            max_started=MAX_STARTED,
        )
    user = accounts.user(owner) if owner != OWNER.user else None
    results.write(
        run_file.parent, {paper_requests.request_file(run_file).name: (user.name if user else "").encode()}
    )
    audit.append("paper.begun", actor=caller.user, subject=params.name, text={})
    return list_paper_accounts(caller, NoInput(), accounts, trades, home_folder, hidden, home_health)


@operation("trading.end_paper", scope="trade", example={"name": "first"})
def stop_paper(
    caller: Caller,
    params: PaperAccountInput,
    accounts: UserStore,
    audit: AuditLog,
    trades: TradeBook,
    home: HomeFolder,
    hidden: HiddenValues,
    home_health: HomeHealth,
) -> Table[PaperAccountRow]:
    """End the process that trades a paper account begun from a page; what it holds stays, and it can go on later."""
    run_file = _find_run_file(home, owner_of(accounts, caller), params.name)
    if paper_requests.request_file(run_file).is_file():
        paper_requests.request_file(run_file).unlink(missing_ok=True)
        audit.append("paper.ended", actor=caller.user, subject=params.name, text={})
    return list_paper_accounts(caller, NoInput(), accounts, trades, home, hidden, home_health)


def _paper_row(
    trades: TradeBook,
    home: HomeFolder,
    hidden: HiddenValues,
    home_health: HomeHealth,
    owner: str,
    run_file: Path,
) -> PaperAccountRow:
    account, is_wanted = run_file.stem, paper_requests.request_file(run_file).is_file()
    is_traded_now = _is_own(trades, owner, account) and is_traded(trades, home_health, account)
    return PaperAccountRow(
        account=account,
        is_wanted=is_wanted,
        is_traded=is_traded_now,
        may_begin=is_part() and not is_wanted and not is_traded_now,
        said=_last_log_line(home, hidden, owner, account) if is_wanted else "",
    )


def _find_run_file(home: Path, owner: str, account: str) -> Path:
    run_file = paper_requests.folder_of(home, owner) / f"{account}.toml"
    if not run_file.is_file():
        raise NotFound("no_account_prepared", "no account {account!r} was prepared", account=account)
    return run_file


def _is_own(trades: TradeBook, owner: str, account: str) -> bool:
    run = trades.run(account)
    return run is None or run.owner == owner


def _last_log_line(home: HomeFolder, hidden: HiddenValues, owner: str, account: str) -> str:
    """Return the last line that its process wrote, without secrets."""
    log = home / "logs" / f"{paper_requests.part_name(owner, account)}.log"
    secrets = [secret for secret in hidden() if secret]
    lines = [line for line in tail_lines(log) if line.strip()] if log.is_file() else []
    if len(lines) > 1 and lines[-1].startswith(REFUSAL_LINE):
        # Read before secrets are masked: JSON writes some letters of a secret otherwise.
        refusal = _read_refusal(lines[-2], lines[-1].removeprefix(REFUSAL_LINE))
        return shorten(mask_secrets(refusal, secrets), _MOST_SHOWN)
    return mask_secrets(lines[-1], secrets)[:_MOST_SHOWN] if lines else ""


def _read_refusal(sentence: str, stored: str) -> str:
    """Return a sentence with its code; without one where the line is cut, or a strategy printed it."""
    try:
        values = json.loads(stored)
    except (ValueError, RecursionError):
        return sentence
    return from_stored(sentence, values if isinstance(values, dict) else None)


def _home_prefix(home: Path) -> str:
    """Return what a command in another terminal needs before it, so that it opens this home and no other."""
    is_found = resolve_paths(environ={}).home.resolve() == home.resolve()
    return "" if is_found else f"VIGIE_HOME={shlex.quote(str(home))} "
