"""Paper accounts prepared on a page: the run file that `vigie trade run` begins them with; nothing is traded here."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field

from vigie.config import resolve_paths
from vigie.data.instruments.table import resolve_instrument
from vigie.domain.account import MAX_CAPITAL
from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.domain.ids import parse_venue, split_full_name
from vigie.domain.person import OWNER, Caller
from vigie.run_file import read_run_file
from vigie.services.desk.admin import masked, tail
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, Column, Nothing, Origin, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.running import wanted
from vigie.services.running.parts import is_part
from vigie.services.trading.alive import is_traded
from vigie.trading import catalogue

NAME: Final = r"^[a-z][a-z0-9-]{0,39}$"
# Each is a process of a hundred megabytes and more.
MOST_BEGUN: Final = 4
# Less buys nothing at most venues.
_LEAST: Final = 10.0
_TEXT: Final = """# A paper account: no order leaves this machine.
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
_OURS: Final = re.compile(re.sub(r"\\\{\w+\\\}", r'[^"\\n]+', re.escape(_TEXT)))


class PaperAsk(Ask):
    """What a paper account shall trade."""

    name: str = Field(..., pattern=NAME, description="Of the account: a-z, 0-9 and -, a letter first.")
    place: str = Field(
        ...,
        min_length=3,
        max_length=80,
        description="`<venue>:<instrument>`, a perpetual such as `binance-perp:btc-usdt-perp`.",
    )
    strategy: str = Field(..., min_length=1, max_length=60, description="Name of a strategy.")
    timeframe: Literal["native", "15m", "1h", "4h", "1d"] = Field(
        "native", description="Length of a bar; `native` is the one that the strategy was made for."
    )
    capital: float = Field(10_000.0, ge=_LEAST, le=MAX_CAPITAL, description="Invented money it begins with.")


class PaperPlan(Answer):
    """A run file that was written, and the command that begins the account; `has_bars`: bars of it are stored here."""

    account: str
    file: str
    text: str
    command: str
    has_bars: bool
    may_begin: bool = Field(description="Whether `trading.begin_paper` begins it here.")


class PaperOne(Ask):
    """A prepared account of the caller's."""

    name: str = Field(..., pattern=NAME, description="Of the account.")


PAPERS: Final = [
    Column(name="account", title="Account"),
    Column(
        name="is_wanted", title="Wanted", definition="Whether it was begun from a page, and not ended since."
    ),
    Column(name="is_traded", title="Traded", definition="Whether a process trades it now."),
    Column(
        name="may_begin", title="May begin", definition="Whether it can be begun from a page, here and now."
    ),
    Column(name="said", title="Last said", definition="By the process that was begun from a page."),
]


@operation(
    "trading.prepare_paper",
    scope="trade",
    example={"name": "first", "place": "binance-perp:btc-usdt-perp", "strategy": "ema_cross"},
)
def prepare(house: House, caller: Caller, ask: PaperAsk) -> PaperPlan:
    """Write the run file of a paper account and say which command begins it; nothing is traded before."""
    venue, name = split_full_name("".join(ask.place.split()))
    parse_venue(venue)
    instrument = resolve_instrument(venue, name)
    if instrument.market != "perp":
        raise UsageError(
            f"an account trades perpetuals, such as binance-perp:btc-usdt-perp, was {ask.place!r}"
        )
    if ask.strategy not in catalogue.available(house.results.strategies):
        raise UsageError(f"there is no strategy {ask.strategy!r}")
    if house.trades.run(ask.name) is not None:
        raise Conflict(f"there is an account {ask.name} already; choose another name")
    owner = owner_of(house, caller)
    home = Path(house.about["home"])
    folder = wanted.folder_of(home, owner)
    text = _TEXT.format(
        venue=venue, capital=repr(ask.capital), instrument=instrument, strategy=ask.strategy, timeframe=ask.timeframe
    )  # fmt: skip
    file = folder / f"{ask.name}.toml"
    if file.exists() and not _OURS.fullmatch(file.read_text("utf-8", "replace")):
        raise Conflict(f"{file.name} was changed by hand; choose another name")
    house.results.write(folder, {file.name: text.encode()})
    # What the command will read is read once here, so that it is refused now and not there.
    read_run_file(file)
    house.audit.append("paper.prepared", actor=caller.user, subject=ask.name, text={"strategy": ask.strategy})
    words = ["vigie", "trade", "run", str(file), "--account", ask.name]
    user = house.accounts.user(owner) if owner != OWNER.user else None
    words += ["--user", user.name] if user is not None else []
    stored = house.shelf.instruments().get(instrument.asset, [])
    return PaperPlan(
        account=ask.name,
        file=str(file),
        text=text,
        command=_around(home) + shlex.join(words),
        has_bars=(venue, str(instrument)) in stored,
        may_begin=is_part(),
    )


@operation("trading.papers")
def list_papers(house: House, caller: Caller, ask: Nothing) -> Table:
    """List the caller's prepared paper accounts: which were begun from a page, and which are traded now."""
    owner = owner_of(house, caller)
    folder = wanted.folder_of(Path(house.about["home"]), owner)
    rows = [_paper(house, owner, plan) for plan in sorted(folder.glob("*.toml"))]
    return Table(columns=list(PAPERS), rows=rows, origins=[Origin(source="vigie")], total=len(rows))


@operation("trading.begin_paper", scope="trade", example={"name": "first"})
def begin(house: House, caller: Caller, ask: PaperOne) -> Table:
    """Have a prepared paper account traded by a process of its own beside the pages, until `trading.end_paper`."""
    owner, home = owner_of(house, caller), Path(house.about["home"])
    plan = _plan_of(home, owner, ask.name)
    if not is_part():
        raise UsageError(
            "these pages run by themselves, and nothing here begins what trades; `vigie up` does, or the command"
        )
    if read_run_file(plan).venue.mode != "paper":
        raise UsageError("only an account on paper is begun from a page; its file says another mode")
    if not _is_own(house, owner, ask.name):
        raise Conflict(f"there is an account {ask.name} already; choose another name")
    if is_traded(house, ask.name):
        raise Conflict("a process trades this account already")
    if len(wanted.wanted(str(home))) >= MOST_BEGUN:
        raise UsageError(f"accounts begun from pages are at most {MOST_BEGUN}; end one first")
    user = house.accounts.user(owner) if owner != OWNER.user else None
    house.results.write(plan.parent, {wanted.mark_of(plan).name: (user.name if user else "").encode()})
    house.audit.append("paper.begun", actor=caller.user, subject=ask.name, text={})
    return list_papers(house, caller, Nothing())


@operation("trading.end_paper", scope="trade", example={"name": "first"})
def end(house: House, caller: Caller, ask: PaperOne) -> Table:
    """End the process that trades a paper account begun from a page; what it holds stays, and it can go on later."""
    plan = _plan_of(Path(house.about["home"]), owner_of(house, caller), ask.name)
    if wanted.mark_of(plan).is_file():
        wanted.mark_of(plan).unlink(missing_ok=True)
        house.audit.append("paper.ended", actor=caller.user, subject=ask.name, text={})
    return list_papers(house, caller, Nothing())


def _paper(house: House, owner: str, plan: Path) -> dict[str, Any]:
    account, is_wanted = plan.stem, wanted.mark_of(plan).is_file()
    is_traded_now = _is_own(house, owner, account) and is_traded(house, account)
    return {
        "account": account,
        "is_wanted": is_wanted,
        "is_traded": is_traded_now,
        "may_begin": is_part() and not is_wanted and not is_traded_now,
        "said": _said(house, owner, account) if is_wanted else "",
    }


def _plan_of(home: Path, owner: str, account: str) -> Path:
    plan = wanted.folder_of(home, owner) / f"{account}.toml"
    if not plan.is_file():
        raise NotFound(f"no account {account!r} was prepared")
    return plan


def _is_own(house: House, owner: str, account: str) -> bool:
    run = house.trades.run(account)
    return run is None or run.owner == owner


def _said(house: House, owner: str, account: str) -> str:
    """Return the last line that its process wrote, without secrets."""
    log = Path(house.about["home"]) / "logs" / f"{wanted.part_name(owner, account)}.log"
    lines = [line for line in tail(log) if line.strip()] if log.is_file() else []
    return masked(lines[-1], [one for one in house.hidden() if one])[:300] if lines else ""


def _around(home: Path) -> str:
    """Return what a command in another terminal needs before it, so that it opens this home and no other."""
    is_found = resolve_paths(environ={}).home.resolve() == home.resolve()
    return "" if is_found else f"VIGIE_HOME={shlex.quote(str(home))} "
