"""How long the first call of everything takes, in a demonstration with its past, and how long the later ones.

A demonstration runs until its account has a past, and ends. Then a server starts over its home: every page of the
menu is asked once and then again and again; a second server is asked once for everything that the API can be asked
without an id, or with the first id of a list. ``--home`` takes the home of an ended demonstration instead.
``python -m benchmarks.web_first --write`` puts the tables into docs/web-speed.md. Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import httpx
from tests.demonstrations import demonstration

from benchmarks.marked import put
from benchmarks.web_load import PAGE, served, times_ahead

NAME: Final = "web first"
PORT: Final = 18_702
PATIENCE_S: Final = 600.0
ASKED: Final = 30
# The closed trades of a past that is whole.
TRADES: Final = 60
# The goals: a first call, and the 95th percentile of a page's later ones; ms.
FIRST, LATER = 500, 50
# Where an operation finds an id to be asked about: (list, column).
IDS: Final = {
    "run": ("backtests/list?limit=1", "id"),
    "trade": ("journal/list?limit=1", "id"),
    "story": ("stories/top?limit=1", "story"),
    "item": ("news/list?limit=1", "id"),
    "job": ("jobs/list?limit=1", "id"),
    "series": ("onchain/catalog?limit=1", "series"),
}
GIVEN: Final = {"q": "bitcoin", "entity": "coin:bitcoin", "name": "ema_cross", "f": "sma(x, 7)"}
# Below these a page leads to one of a list: the same addresses as on the pages.
BELOW: Final = (
    "/asset/bitcoin",
    "/entity/coin:bitcoin",
    "/asset/bitcoin/compare?with=ethereum",
    "/search?q=bitcoin",
)


class Calls(NamedTuple):
    """What one address took, ms."""

    address: str
    first: float
    p50: float
    p95: float


@contextlib.contextmanager
def demonstration_with_past(home: Path) -> Iterator[str]:
    """Run a demonstration until its account trades live, with its past behind it; give its link."""
    with demonstration(home, PORT) as link:
        end = time.monotonic() + PATIENCE_S
        while not _has_past(link.partition("/link/")[0]):
            if time.monotonic() > end:
                raise SystemExit(f"no account with a past after {PATIENCE_S:.0f} s")
            # The account is replayed for minutes: asking more often would slow it down.
            time.sleep(2)
        yield link


def _has_past(site: str) -> bool:
    try:
        with urllib.request.urlopen(f"{site}/api/v1/trading/account", timeout=30) as answer:
            is_replayed = json.load(answer)["replay"] is not None
        with urllib.request.urlopen(f"{site}/api/v1/journal/list?limit=500", timeout=30) as answer:
            trades = len(json.load(answer)["rows"])
    except urllib.error.HTTPError:
        return False
    return trades >= TRADES and not is_replayed


def ask(client: httpx.Client, address: str) -> tuple[float, int]:
    """Ask once; return the milliseconds it took, and the status."""
    start = time.perf_counter()
    status = client.get(address).status_code
    return (time.perf_counter() - start) * 1_000, status


def timed(client: httpx.Client, address: str) -> float:
    """Ask for what has to be there; return the milliseconds it took."""
    took, status = ask(client, address)
    if status != httpx.codes.OK:
        raise SystemExit(f"{address}: {status}")
    return took


def menu_pages(client: httpx.Client) -> list[str]:
    """Return the addresses of the menu, as Today has them, and some below."""
    text = client.get("/help").text
    head = text.partition("<main")[0]
    found = ["/", *re.findall(r'href="(/[a-z][a-z/-]*)"', head)]
    gone = ("/static", "/logout", "/manifest", "/search")
    return [one for one in dict.fromkeys([*found, *BELOW]) if not one.startswith(gone)]


def of_pages(client: httpx.Client, asked: int) -> list[Calls]:
    """Ask for each page first, then for each again and again."""
    # The first answer of all is the server's start: it goes to a page that is not measured.
    pages = menu_pages(client)
    firsts = {page: timed(client, page) for page in pages}
    found = []
    for page in pages:
        times = sorted(timed(client, page) for _ in range(asked))
        found.append(Calls(page, firsts[page], median(times), times[int(len(times) * 0.95)]))
    return found


def operations(client: httpx.Client) -> list[str]:
    """Return an address of every reading operation whose ids are at hand."""
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    ids = {name: value for name, (rows, column) in IDS.items() if (value := _first_id(client, rows, column))}
    # Two backtests are compared: one with itself will do.
    ids |= {name: ids["run"] for name in ("a", "b") if "run" in ids}
    found = []
    for path, methods in paths.items():
        asked = methods.get("get")
        if asked is None or "{form}" in path:
            continue
        needed = [one["name"] for one in asked.get("parameters", []) if one.get("required")]
        words = {name: ids.get(name) or GIVEN.get(name) for name in needed}
        if all(words.values()):
            found.append(str(httpx.URL(path, params={name: str(word) for name, word in words.items()})))
    return found


def _first_id(client: httpx.Client, rows: str, column: str) -> str:
    answer = client.get(f"/api/v1/{rows}")
    found = answer.json().get("rows") if answer.status_code == httpx.codes.OK else None
    return str(found[0][column]) if found else ""


def of_operations(addresses: list[str], client: httpx.Client) -> tuple[dict[str, float], list[str]]:
    """Ask for each once; return the milliseconds each took, and which refused."""
    found, refused = {}, []
    for address in addresses:
        took, status = ask(client, address)
        if status == httpx.codes.OK:
            found[address] = took
        else:
            refused.append(f"{address}: {status}")
    return found, refused


def told(pages: list[Calls], asked: dict[str, float]) -> str:
    """Return the tables."""
    slow = sorted(asked, key=lambda address: -asked[address])[:8]
    lines = [
        f"**{len(pages)} pages of a demonstration** (goals: first below {FIRST} ms, p95 below {LATER} ms)",
        "",
        "| Page | first, ms | p50, ms | p95, ms |",
        "|---|---|---|---|",
        *(f"| `{one.address}` | {one.first:.0f} | {one.p50:.0f} | {one.p95:.0f} |" for one in pages),
        "",
        (
            f"**First call of {len(asked)} operations** (goal: below {FIRST} ms): median "
            f"{median(asked.values()):.0f} ms; the slowest:"
        ),
        "",
        "| Operation | first, ms |",
        "|---|---|",
        *(
            f"| `{address.partition('?')[0].removeprefix('/api/v1/')}` | {asked[address]:.0f} |"
            for address in slow
        ),
    ]
    return "\n".join(lines)


def run(home: Path, asked: int) -> str:
    """Ask three servers over one home; return the tables."""
    with (
        served(home, is_awaited=False) as (url, cookies, _),
        httpx.Client(base_url=url, cookies=cookies, timeout=60) as client,
    ):
        at_once = timed(client, "/")
    with served(home) as (url, cookies, _), httpx.Client(base_url=url, cookies=cookies, timeout=60) as client:
        said = times_ahead(home)[-1]
        pages = of_pages(client, asked)
        addresses = operations(client)
    with served(home) as (url, cookies, _), httpx.Client(base_url=url, cookies=cookies, timeout=60) as client:
        calls, refused = of_operations(addresses, client)
    print("\n".join(f"refused  {one}" for one in refused), flush=True)
    return (
        f"{told(pages, calls)}\n\nA server draws the pages that load the most as soon as it begins: {said}. "
        f"The tables are of the time after; Today asked for in the same moment as the start took {at_once:.0f} ms."
    )


def main() -> int:
    """Measure, print, write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/web-speed.md")
    parser.add_argument("--asked", type=int, default=ASKED, help="requests a page, after the first")
    parser.add_argument("--home", type=Path, help="the home of an ended demonstration")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="vigie-first-") as folder:
        home = Path(folder) / "home-demo"
        if given.home is None:
            with demonstration_with_past(Path(folder) / "home"):
                pass
        else:
            shutil.copytree(given.home, home)
        # What it holds is served as any home's; nothing moves in it any more.
        (home / "simulated.json").unlink(missing_ok=True)
        text = run(home, given.asked)
    text += (
        f"\n\nMeasured on {datetime.now(UTC).date()}, Linux, {os.cpu_count()} cores shared with other work "
        f"(load {load:.1f} at the start), {given.asked} requests a page after the first."
    )
    print(text)
    if given.write:
        put(PAGE, NAME, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
