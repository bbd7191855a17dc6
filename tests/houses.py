"""Whole houses for tests: a home with simulated bars and a SQLite database, and a browser in front of it.

The bars are the simulated market's under the name of a real venue, so that its rules are known.
"""

from __future__ import annotations

import asyncio
import atexit
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final, Protocol

import httpx

from tests.house_bars import share_bars
from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.database import open_database
from vigie.data.frames import to_frame
from vigie.domain.ids import SeriesId
from vigie.domain.person import SCOPES_OF, Caller, Role
from vigie.domain.time import parse_time
from vigie.ports.clock import Clock
from vigie.ports.own_feeds import trial_not_run
from vigie.services.app_context import AppContext
from vigie.views.web.app import AppOptions, create_app
from vigie.views.web.forms import BROWSER, CsrfTokens
from vigie.views.web.identity import SESSION, Authenticator
from vigie.wiring.app_context import open_app_context
from vigie.wiring.data import open_data
from vigie_sandbox.market import SimulatedMarket, simulate_market

VENUE: Final = "binance-perp"
ASSETS: Final = ("BTC", "ETH", "SOL")
TIMEFRAMES: Final = ("1h", "4h", "1d")
START: Final = "2025-01-01"
DAYS: Final = 240
KEY: Final = b"a key of a test's home, 32 bytes."
# Tests ask faster than people.
MANY: Final = 10**6
# Inside a process nothing is gained by packing an answer and unpacking it again: browsers and real servers do so.
PLAIN: Final = {"accept-encoding": "identity"}


class Databases(Protocol):
    """Where the databases of homes are, if not in a file below each."""

    def address(self, home: Path) -> str:
        """Return the address of a home's database."""

    def copy(self, made: Path, home: Path) -> None:
        """Give a home a copy of the database of another, which stays."""


# See `tests.databases.chosen`.
DATABASES: Databases | None = None


@cache
def market() -> SimulatedMarket:
    """Three assets, hourly, for `DAYS` days; always the same."""
    return simulate_market(11, ASSETS, parse_time(START), DAYS * 24, "1h")


@cache
def _template() -> Path:
    """Return a home with bars and an empty, migrated database; made once a process."""
    home = Path(mkdtemp(prefix="vigie-house-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    desk = open_data(home)
    for asset in ASSETS:
        for timeframe in TIMEFRAMES:
            bars = market().bars(asset, timeframe)
            desk.bars.upsert(SeriesId(VENUE, bars.instrument, timeframe), to_frame(bars))
    database = open_database(f"sqlite:///{home / 'vigie.sqlite'}")
    schema.ensure_schema(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return home


def fill(home: Path, *, with_bars: bool = True) -> Path:
    """Put an empty database, and bars unless they are not wanted, into a home folder."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(_template() / "vigie.sqlite", home / "vigie.sqlite")
    if with_bars:
        share_bars(_template() / "bars", home / "bars")
    return home


def placed(home: Path, *, with_bars: bool = True) -> Path:
    """Fill a home for programs that are started in it; its database lies where those of houses lie."""
    fill(home, with_bars=with_bars)
    if DATABASES is not None:
        DATABASES.address(home)
    return home


def house(
    home: Path, *, with_bars: bool = True, clock: Clock | None = None, database: str | None = None
) -> AppContext:
    """Open a house of its own below a folder; a second call with the same folder opens the same one again.

    Parameters
    ----------
    database : str, optional
        Address of a migrated one in place of the file below the folder.
    """
    if not (home / "vigie.sqlite").exists():
        fill(home, with_bars=with_bars)
    if database is None and DATABASES is not None:
        database = DATABASES.address(home)
    opened = open_app_context(home, clock=clock, database=database)
    # No test asks an address of somebody's.
    return replace(opened, directory=replace(opened.directory, trial=trial_not_run))


def copied(made: Path, home: Path, *, clock: Clock | None = None) -> AppContext:
    """Open a house that is a copy of one that nobody works in any more."""
    shutil.copytree(made, home, ignore=lambda folder, names: {"bars"} if Path(folder) == made else set())
    if (made / "bars").exists():
        share_bars(made / "bars", home / "bars")
    if DATABASES is not None:
        DATABASES.copy(made, home)
    return house(home, clock=clock)


def person(user: str = "owner", role: Role = "admin") -> Caller:
    """Return somebody who asks."""
    return Caller(user, role, SCOPES_OF[role])


class Browser:
    """Asks a house for pages as the local owner: keeps cookies, follows redirects, posts forms with their token.

    Parameters
    ----------
    language : str
        What it prefers.
    is_owner : bool
        Whether it has used the printed link.
    """

    def __init__(self, house: AppContext, *, language: str = "en", is_owner: bool = True) -> None:
        self.app = create_app(house, AppOptions(KEY, lambda word: False, per_minute=MANY))
        self.language = language
        session = Authenticator(house, KEY).owner_cookie() if is_owner else ""
        self.cookies = httpx.Cookies({BROWSER: "a-browser-of-a-test"})
        if session:
            self.cookies.set(SESSION, session)
        self.token = CsrfTokens(KEY).token("a-browser-of-a-test", session)

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Ask for a page."""
        return asyncio.run(self._send("GET", path, **more))

    def post(
        self,
        path: str,
        form: Mapping[str, Any] | None = None,
        *,
        files: Mapping[str, Any] | None = None,
        follow: bool = True,
        of: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Post a form as a page of ours would, that at `of` where it says so; a list is a field sent several times."""
        data = {**(form or {}), "csrf": self.token}
        heads = {**(headers or {}), **({"referer": f"http://127.0.0.1:8080{of}"} if of else {})}
        return asyncio.run(self._send("POST", path, data=data, files=files, follow=follow, headers=heads))

    def call(self, operation: str, **values: Any) -> httpx.Response:
        """Ask for an operation that reads, through the API."""
        return self.get(f"/api/v1/{operation.replace('.', '/')}", params=values)

    def order(self, operation: str, **values: Any) -> httpx.Response:
        """Ask for an operation that changes something, through the API."""
        path = f"/api/v1/{operation.replace('.', '/')}"
        return asyncio.run(self._send("POST", path, json=values, headers={"x-csrf-token": self.token}))

    async def _send(self, method: str, path: str, *, follow: bool = True, **more: Any) -> httpx.Response:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url="http://127.0.0.1:8080",
            headers={"accept-language": self.language, **PLAIN},
            cookies=self.cookies,
            follow_redirects=follow,
        )
        async with client:
            response = await client.request(method, path, **more)
            self.cookies = client.cookies
        return response


def until(holds: Callable[[], Any], *, seconds: float = 180.0, each: float = 0.05) -> Any:
    """Wait until something holds and return it; fails when it does not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(LookupError):
            if found := holds():
                return found
        time.sleep(each)
    raise AssertionError(f"{holds} did not hold within {seconds:g} s")
