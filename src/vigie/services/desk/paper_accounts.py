"""Paper accounts prepared on a page: the run file that `vigie trade run` begins them with; nothing is traded here."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from vigie.config import resolve_paths
from vigie.data.instruments.table import resolve
from vigie.domain.account import MAX_CAPITAL
from vigie.domain.errors import Conflict, UsageError
from vigie.domain.ids import parse_venue, venue_and_name
from vigie.domain.person import OWNER, Caller
from vigie.run_file import read_run_file
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, operation
from vigie.services.people.ownership import owner_of
from vigie.trading import catalogue

FOLDER: Final = "accounts"
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

    name: str = Field(
        ..., pattern=r"^[a-z][a-z0-9-]{0,39}$", description="Of the account: a-z, 0-9 and -, a letter first."
    )
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


@operation(
    "trading.prepare_paper",
    scope="trade",
    example={"name": "first", "place": "binance-perp:btc-usdt-perp", "strategy": "ema_cross"},
)
def prepare(house: House, caller: Caller, ask: PaperAsk) -> PaperPlan:
    """Write the run file of a paper account and say which command begins it; nothing is traded before."""
    venue, name = venue_and_name("".join(ask.place.split()))
    parse_venue(venue)
    instrument = resolve(venue, name)
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
    folder = home / FOLDER / owner
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
    )


def _around(home: Path) -> str:
    """Return what a command in another terminal needs before it, so that it opens this home and no other."""
    is_found = resolve_paths(environ={}).home.resolve() == home.resolve()
    return "" if is_found else f"VIGIE_HOME={shlex.quote(str(home))} "
