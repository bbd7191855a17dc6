"""How long a search takes among 100,000 stored items, on SQLite and PostgreSQL, and whether both find the same.

Items are made of the project's own headlines, drawn with a fixed seed: a title and a teaser of two others, half of
them in French as often as the list has it. A query is what the page asks: the newest 26 hits with their findings.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import insert
from tests.databases import HandClock, Server, open_server

from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.database import Database, open_database
from vigie.adapters.stores.sql.items.store import SqlItems
from vigie.adapters.stores.sql.items.tables import ItemFindingRow, ItemRevisionRow, ItemRow, ItemWordsRow
from vigie.domain.item import item_id
from vigie.intelligence.news.judging.rows import LabelledHeadline, shipped_rows
from vigie.intelligence.news.stems import join_stems, parse_phrases, stem_words
from vigie.ports.item_queries import ItemQuery

ITEMS = 100_000
AT_ONCE = 5_000
QUERIES = 120
ROUNDS = 3
PAGE = 26
SEED = 20


@dataclass(frozen=True, slots=True)
class Found:
    """Milliseconds of every query, each the best of a few rounds, and what was found."""

    kind: str
    items: int
    times_ms: tuple[float, ...]
    hits: tuple[tuple[str, ...], ...]

    @property
    def p95_ms(self) -> float:
        """Nineteen of twenty queries take less."""
        return quantiles(self.times_ms, n=20)[-1]


def queries(count: int = QUERIES) -> list[str]:
    """Return what is searched for: words that many items have, words that few have, pairs, words in a row, nothing."""
    draw = random.Random(SEED)
    titles = [row.title for row in shipped_rows()]
    found = ["bitcoin", "etf", "crypto", "bitcoin etf", "régulateur", "nobodywritesthis"]
    while len(found) < count:
        words = [word for word in draw.choice(titles).split() if word.isalpha() and len(word) > 2]
        if len(words) > 2:
            at = draw.randrange(len(words) - 1)
            found.append(
                draw.choice((words[at], f"{words[at]} {words[-1]}", f'"{words[at]} {words[at + 1]}"'))
            )
    return found


def fill(database: Database, items: int) -> None:
    """Store so many read items with the words they are found by, as the store would have them."""
    draw, rows = random.Random(SEED), shipped_rows()
    for start in range(0, items, AT_ONCE):
        made = [_item(number, draw, rows) for number in range(start, min(start + AT_ONCE, items))]
        with database.writing("bench") as connection:
            for table in (ItemRow, ItemRevisionRow, ItemFindingRow, ItemWordsRow):
                connection.execute(insert(table), [one[table] for one in made])


def _item(number: int, draw: random.Random, rows: Sequence[LabelledHeadline]) -> dict[Any, dict[str, Any]]:
    one, two, three = (draw.choice(rows) for _ in range(3))
    text = f"{two.title}. {three.title}. {draw.randrange(10**6)}"
    name, ts = item_id("bench", str(number)), 1_700_000_000_000 + number * 60_000
    found = {"version": 1, "body": {"language": one.language}, "why": "", "error": "", "took_us": 10}
    return {
        ItemRow: {
            "id": name, "source": "bench", "key": str(number), "revision": 1, "ts": ts, "ts_first_seen": ts,
            "language": one.language, "is_withdrawn": False, "is_relevant": True,
        },
        ItemRevisionRow: {
            "item": name, "revision": 1, "url": f"https://bench.example/{number}", "title": one.title,
            "text": text, "author": "", "language": one.language, "ts_published": ts, "precision": "minute",
            "document": "", "ts_seen": ts, "ts_wall": ts, "is_withdrawn": False, "reading": "bench", "ts_read": ts,
        },
        ItemFindingRow: {"item": name, "revision": 1, "step": "language", **found},
        ItemWordsRow: {"item": name, "words": join_stems(stem_words(f"{one.title} {text}", one.language))},
    }  # fmt: skip


def searched(store: SqlItems, asked: Sequence[str], kind: str, items: int) -> Found:
    """Search for everything, a few times over."""
    best = [float("inf")] * len(asked)
    hits: list[tuple[str, ...]] = []
    for _ in range(ROUNDS):
        hits = []
        for at, query in enumerate(asked):
            started = time.perf_counter()
            found = store.query(ItemQuery(phrases=parse_phrases(query), is_relevant=True, limit=PAGE))
            best[at] = min(best[at], (time.perf_counter() - started) * 1e3)
            hits.append(tuple(one.item.id for one in found))
    return Found(kind, items, tuple(best), tuple(hits))


def measured(url: str, kind: str, items: int, count: int) -> Found:
    """Fill a database and search in it."""
    database = open_database(url)
    try:
        schema.ensure_schema(database)
        store = SqlItems(database, HandClock())
        fill(database, items)
        if not database.is_sqlite:
            with database.engine.connect() as connection:
                # As the server does by itself some minutes after so many rows came.
                connection.exec_driver_sql("ANALYZE")
                connection.commit()
        return searched(store, queries(count), kind, items)
    finally:
        database.close()


def measure(items: int = ITEMS, count: int = QUERIES) -> list[Found]:
    """Return what both databases took; of PostgreSQL nothing where there is none."""
    with ExitStack() as stack:
        found = [measured(f"sqlite:///{Path(mkdtemp()) / 'bench.sqlite'}", "SQLite", items, count)]
        address = open_server(stack)
        if address is not None:
            server = Server(address)
            stack.callback(server.close)
            found.append(measured(server.make(), "PostgreSQL", items, count))
        return found


def section(found: Sequence[Found]) -> str:
    """Return the measured as Markdown."""
    rows = "\n".join(
        f"| {one.kind} | {sorted(one.times_ms)[len(one.times_ms) // 2]:.1f} | {one.p95_ms:.1f} "
        f"| {max(one.times_ms):.1f} |"
        for one in found
    )
    same = "the same items for every query" if len({one.hits for one in found}) == 1 else "DIFFERENT items"
    several = (
        f"Both databases found {same}." if len(found) > 1 else "PostgreSQL was not there to compare with."
    )
    return f"""
## Search

`python -m benchmarks.news finding --write`; {found[0].items:,} items made of the project's own headlines and
{len(found[0].times_ms)} queries (one word, two words, exact phrases; common and rare). Each query returns the newest
{PAGE} hits with their findings, and its time is the best of {ROUNDS} rounds, on a machine shared with other work.
Goal: p95 under 100 ms on both databases. {several}

| database | median, ms | p95, ms | slowest, ms |
|---|---:|---:|---:|
{rows}
"""
