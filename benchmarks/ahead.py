"""The lead over the press: how often its interval holds the true median, and what it costs on a large home.

    python -m benchmarks.ahead coverage
    python -m benchmarks.ahead scale [--coins 2600] [--items 100000]

``coverage`` draws lists of coins whose leads are known (log-normal, half below 6 h, one in six before the first
sight) and lets each wait for another time, so that some have no report yet. ``scale`` fills a home with coins and news
in a folder of its own, and times the page's part and the writer's.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from vigie.domain.first_sighting import FirstSighting, PressReport
from vigie.domain.item import Sighting
from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie.ports.item_readings import ItemReading
from vigie.ports.source_fetches import SourceFetch
from vigie.quant.stats.survival import median_time
from vigie.services.app_context import AppContext
from vigie.services.needs import bound
from vigie.services.news.first_sightings import FirstSightWriter, leads_of, summary_of
from vigie.wiring.app_context import open_app_context

LISTS: Final = 4_000
MEDIAN_H: Final = 6.0
_PAGE: Final = 1_000
_LETTERS: Final = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z")


def coverage() -> None:
    """Print how often the interval holds the true median, by how many coins count and wait."""
    print(
        "| coins | without a report | lists with a median | interval holds it | interval is bounded above |"
    )
    print("|---|---|---|---|---|")
    for coins in (10, 20, 40, 100):
        for wait_h in (1e6, 24.0, 10.0):
            draw = np.random.default_rng(20260301)
            held = bounded = reached = 0
            waiting = 0.0
            for _ in range(LISTS):
                leads = np.exp(draw.normal(np.log(MEDIAN_H + 2.0), 1.4, coins)) - 2.0
                waits = draw.uniform(0.0, wait_h, coins)
                seen = leads <= waits
                found = median_time(np.where(seen, leads, waits), seen)
                waiting += 1.0 - seen.mean()
                reached += np.isfinite(found.median)
                held += found.low <= MEDIAN_H <= found.high
                bounded += np.isfinite(found.high)
            shares = [f"{100.0 * one / LISTS:.1f} %" for one in (reached, held, bounded)]
            print(f"| {coins} | {100.0 * waiting / LISTS:.0f} % | {' | '.join(shares)} |")


def scale(coins: int, items: int) -> None:
    """Print what a home with so many coins and items costs."""
    with TemporaryDirectory(prefix="vigie-ahead-") as folder:
        house = open_app_context(Path(folder))
        now = house.clock.market_now()
        names = [_name(number) for number in range(coins + 100)]
        _fill(house, now, names[:coins], items)
        _add_coins(house, now - HOUR_MS, names[:100])
        book = bound(house, FirstSightWriter)()
        print(f"{coins:,} coins, {items:,} items; milliseconds")
        ids = [name.lower() for name in names[:140]]
        _timed("the first turn of the writer after a start", book.write)
        _timed("a turn without anything new", book.write)
        _timed("the leads of a list of 140 coins, first", lambda: bound(house, leads_of)(ids))
        _timed("the leads of a list of 140 coins, again", lambda: summary_of(bound(house, leads_of)(ids)))
        _add_coins(house, now, names[coins:])
        _timed("100 new coins, each looked for in all items", book.write)
        _take(house, now, 0, 500, names)
        _timed("500 items just read", book.write)
        house.items.database.close()  # type: ignore[attr-defined]


def _timed(what: str, act: Callable[[], Any]) -> None:
    began = time.perf_counter()
    act()
    print(f"{1e3 * (time.perf_counter() - began):10.1f}  {what}")


def _name(number: int) -> str:
    letters = []
    for _ in range(3):
        number, at = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[at])
    return f"Q{letters[0]}o{letters[1]}y{letters[2]}ex"


def _fill(house: AppContext, now: int, names: list[str], items: int) -> None:
    sights = [
        FirstSighting(
            name.lower(), "coin", name, name.upper(), name.lower(), now - (at % 2_000 + 1) * HOUR_MS
        )
        for at, name in enumerate(names)
    ]
    reports = [
        PressReport(
            one.id, f"i{at}", "coindesk", "CoinDesk", "", "", one.ts_seen + HOUR_MS, one.ts_seen + HOUR_MS
        )
        for at, one in enumerate(sights[::2])
    ]
    house.first_sightings.put(sights, reports)
    for start in range(0, items, _PAGE):
        _take(house, now - (items - start) * MINUTE_MS, start + 1, min(_PAGE, items - start), names)


def _take(house: AppContext, now: int, first: int, count: int, names: list[str]) -> None:
    sightings = [
        Sighting(
            "coindesk", f"{now}-{at}", "", f"Bitcoin desk {at}: token of {names[at * 7919 % len(names)]} and others",
            "Prices moved a little while holders of coins waited for news of the week.",
        )
        for at in range(first, first + count)
    ]  # fmt: skip
    made = house.items.take(SourceFetch("coindesk", now, sightings))
    read = [
        ItemReading(one.number, one.item, "bench:1", (), {}, one.item.content.title.lower().replace(":", ""))
        for one in made
    ]
    house.items.put_readings(read)
    house.items.mark_read(read)


def _add_coins(house: AppContext, now: int, names: list[str]) -> None:
    rows = [{"id": name.lower(), "symbol": name, "name": name, "ts_first_seen": now} for name in names]
    house.facts.put_document("coingecko", "coin_list_new", now, {"rows": rows})


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("coverage", "scale"))
    parser.add_argument("--coins", type=int, default=2_600)
    parser.add_argument("--items", type=int, default=100_000)
    given = parser.parse_args()
    coverage() if given.what == "coverage" else scale(given.coins, given.items)


if __name__ == "__main__":
    main()
