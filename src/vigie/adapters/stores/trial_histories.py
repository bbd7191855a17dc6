"""Histories, looks and variants in the registry's file: which history a series belongs to, which look a span is.

Rows are added, never removed. Histories that turn out to be one get the same `root`; each keeps its looks.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from vigie.domain.daily_closes import (
    DailyCloses,
    closes_bytes,
    closes_from_bytes,
    is_continuation,
    is_same_history,
    match_histories,
    merge_closings,
)
from vigie.domain.refusal import Refusal
from vigie.domain.trials import TradedSeries, TrialCount, TriedVariants

# A span is the look of an earlier one when each has this share of the other's days.
SAME_LOOK: Final = 0.9
_BATCH_HISTORIES: Final = 512

# `trials` is the table of earlier versions, which knew series by name alone; its rows still count.
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS trials (series TEXT NOT NULL, trial TEXT NOT NULL, PRIMARY KEY (series, trial))
WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS histories (id INTEGER PRIMARY KEY, root INTEGER NOT NULL, first_day INTEGER NOT NULL,
last_day INTEGER NOT NULL, closes BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS histories_root ON histories (root);
CREATE TABLE IF NOT EXISTS contents (content TEXT PRIMARY KEY, history INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS names (name TEXT NOT NULL, history INTEGER NOT NULL, PRIMARY KEY (name, history))
WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS looks (id INTEGER PRIMARY KEY, history INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS looks_history ON looks (history);
CREATE TABLE IF NOT EXISTS spans (look INTEGER NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL,
known_day INTEGER NOT NULL, PRIMARY KEY (look, first_day, last_day)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS variants (look INTEGER NOT NULL, variant TEXT NOT NULL, account TEXT NOT NULL,
PRIMARY KEY (look, variant, account)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS repeated (series TEXT NOT NULL, trial TEXT NOT NULL, PRIMARY KEY (series, trial))
WITHOUT ROWID;
""" + "".join(
    f"""
CREATE TRIGGER IF NOT EXISTS {table}_stay BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'trials are never removed'); END;"""
    for table in ("trials", "histories", "contents", "names", "looks", "spans", "variants", "repeated")
) + "".join(
    f"""
CREATE TRIGGER IF NOT EXISTS {table}_same BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'trials never change'); END;"""
    for table in ("trials", "contents", "names", "looks", "spans", "variants", "repeated")
)  # fmt: skip

_LOOKS_JOIN: Final = "FROM looks l JOIN histories h ON h.id = l.history"
_LISTED: Final = "(SELECT value FROM json_each(?))"
# Trials of an earlier version, on all timeframes of the names of some histories, that were not run again since.
_UNREPEATED_QUERY: Final = f"""
SELECT COUNT(DISTINCT t.trial) FROM trials t, (SELECT DISTINCT n.name FROM names n JOIN histories h ON h.id = n.history
WHERE h.root IN {_LISTED}) n WHERE t.series >= n.name || '/' AND t.series < n.name || '0' AND NOT EXISTS
(SELECT 1 FROM repeated r WHERE r.series = t.series AND r.trial = t.trial)"""  # noqa: S608 - constants only


class TrialHistories:
    """What one open transaction reads and adds."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add_former(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Add (series, trial) pairs of an earlier version."""
        self._connection.executemany("INSERT OR IGNORE INTO trials VALUES (?, ?)", pairs)

    def add(self, trial: TriedVariants) -> None:
        """Add variants to the looks that their series are traded in."""
        looks = [
            self._find_look(root, traded)
            for root, traded in zip(self._find_roots(trial.series), trial.series, strict=True)
        ]
        # On one account it is one trial of all its series: the looks name it, so that it is counted once.
        account = ",".join(map(str, looks)) if len(looks) > 1 else ""
        for look in dict.fromkeys(looks):
            self._connection.execute(
                "INSERT OR IGNORE INTO variants SELECT ?, value, ? FROM json_each(?)",
                (look, account, json.dumps(list(trial.variants))),
            )
        for traded in trial.series:
            self._connection.execute(
                "INSERT OR IGNORE INTO repeated SELECT series, trial FROM trials "
                "WHERE series = ? AND trial IN (SELECT value FROM json_each(?))",
                (traded.name, json.dumps(list(trial.former))),
            )

    def count(self, series: Sequence[TradedSeries]) -> TrialCount:
        """Return how often the histories of some series were tried."""
        roots = json.dumps(list(dict.fromkeys(self._find_roots(series))))
        per_market = self._connection.execute(
            f"SELECT COUNT(*) {_LOOKS_JOIN} WHERE h.root IN {_LISTED} GROUP BY h.root",
            (roots,),
        ).fetchall()
        looks = [int(n) for (n,) in per_market]
        in_markets = f"look IN (SELECT l.id {_LOOKS_JOIN} WHERE h.root IN {_LISTED})"
        alone = self._query_number(
            f"SELECT COUNT(*) FROM variants WHERE account = '' AND {in_markets}",  # noqa: S608 - constants only
            roots,
        )
        shared = self._query_number(
            f"SELECT COUNT(DISTINCT account || '/' || variant) FROM variants WHERE account <> '' AND {in_markets}",  # noqa: S608 - constants only
            roots,
        )
        # Within one look all are distinct: telling them apart would take ten times as long.
        distinct = (
            alone + shared
            if sum(looks) == 1 and not shared
            else self._query_number(f"SELECT COUNT(DISTINCT variant) FROM variants WHERE {in_markets}", roots)  # noqa: S608 - constants only
        )
        former = self._query_number(_UNREPEATED_QUERY, roots)
        return TrialCount(
            trials=alone + shared + former,
            variants=distinct + former,
            looks=max([*looks, 1 if former else 0]),
            markets=len(json.loads(roots)),
            other_markets=self._count_others(roots),
        )

    def _query_number(self, query: str, *parameters: object) -> int:
        return int(self._connection.execute(query, parameters).fetchone()[0])

    def _count_others(self, roots: str) -> int:
        """Count the histories beside these on which anything was tried, those of earlier versions by their names."""
        n_tried = self._query_number(
            f"SELECT COUNT(DISTINCT h.root) {_LOOKS_JOIN} WHERE h.root NOT IN {_LISTED}",
            roots,
        )
        # From name to name by the index: the table may hold millions of rows.
        former = self._connection.execute(
            "WITH RECURSIVE s(series) AS (SELECT MIN(series) FROM trials UNION ALL "
            "SELECT (SELECT MIN(series) FROM trials WHERE series > s.series) FROM s WHERE s.series IS NOT NULL) "
            "SELECT series FROM s WHERE series IS NOT NULL"
        ).fetchall()
        markets = {str(name).rpartition("/")[0] for (name,) in former}
        unknown = [
            market
            for market in markets
            if not self._query_number("SELECT COUNT(*) FROM names WHERE name = ?", market)
        ]
        return n_tried + len(unknown)

    def _find_roots(self, series: Sequence[TradedSeries]) -> list[int]:
        """Return the root of the history of each series; what is not known is added."""
        for traded in series:
            self._assign_history(traded)
        # Asked for at the end: a later series may show that two histories are one.
        return [self._find_root(traded.content) or 0 for traded in series]

    def _find_root(self, content: str) -> int | None:
        row = self._connection.execute(
            "SELECT h.root FROM contents c JOIN histories h ON h.id = c.history WHERE c.content = ?",
            (content,),
        ).fetchone()
        return None if row is None else int(row[0])

    def _assign_history(self, series: TradedSeries) -> None:
        """Add a series to the history that it is of, by its closes and by its name, or begin a new one."""
        known_root = self._find_root(series.content)
        roots = set(self._find_same(series.closings)) if known_root is None else {known_root}
        if series.is_named and (known_root is None or not self._has_name(series.market, known_root)):
            roots |= self._find_by_name(series)
        root = self._merge_roots(roots) if roots else self._add_history(series.closings, None)
        if known_root is None:
            self._extend(root, series.closings)
            self._connection.execute("INSERT INTO contents VALUES (?, ?)", (series.content, root))
        self._connection.execute("INSERT OR IGNORE INTO names VALUES (?, ?)", (series.market, root))

    def _read_histories(self, where: str, *parameters: int) -> Iterator[tuple[int, int, DailyCloses]]:
        query = f"SELECT id, root, first_day, closes FROM histories WHERE {where}"  # noqa: S608 - constants only
        for number, root, first_day, closes in self._connection.execute(query, parameters):
            yield number, root, DailyCloses(first_day, closes_from_bytes(closes))

    def _find_same(self, closings: DailyCloses) -> Iterator[int]:
        """Yield the roots of the histories that these closes are one with."""
        candidates = self._read_histories(
            "first_day <= ? AND last_day >= ?", closings.last_day, closings.first_day
        )
        while batch := list(islice(candidates, _BATCH_HISTORIES)):
            matches = match_histories([stored for _, _, stored in batch], closings)
            yield from (root for (_, root, _), is_one in zip(batch, matches, strict=True) if is_one)

    def _has_name(self, name: str, root: int) -> bool:
        row = self._connection.execute(
            "SELECT 1 FROM names n JOIN histories h ON h.id = n.history WHERE n.name = ? AND h.root = ?",
            (name, root),
        ).fetchone()
        return row is not None

    def _find_by_name(self, series: TradedSeries) -> set[int]:
        """Return the roots of histories of the same name whose closes do not contradict."""
        rows = self._connection.execute(
            "SELECT DISTINCT h.root FROM names n JOIN histories h ON h.id = n.history WHERE n.name = ?",
            (series.market,),
        ).fetchall()
        roots = set()
        for (root,) in rows:
            verdicts = [
                is_same_history(closings, series.closings)
                for _, _, closings in self._read_histories("root = ?", root)
            ]
            if any(verdicts) or False not in verdicts:
                roots.add(int(root))
        return roots

    def _merge_roots(self, roots: set[int]) -> int:
        root = min(roots)
        for other in roots - {root}:
            self._connection.execute("UPDATE histories SET root = ? WHERE root = ?", (root, other))
        return root

    def _add_history(self, closings: DailyCloses, root: int | None) -> int:
        cursor = self._connection.execute(
            "INSERT INTO histories (root, first_day, last_day, closes) VALUES (?, ?, ?, ?)",
            (root or 0, closings.first_day, closings.last_day, closes_bytes(closings.closes)),
        )
        number = _row_id(cursor)
        if root is None:
            self._connection.execute("UPDATE histories SET root = id WHERE id = ?", (number,))
        return number

    def _extend(self, root: int, closings: DailyCloses) -> None:
        """Keep the closes: with those of the same prices where there are any, else beside them."""
        for number, _, stored in self._read_histories("root = ?", root):
            if stored.first_day == closings.first_day and stored.digest == closings.digest:
                return
            if is_continuation(stored, closings):
                merged = merge_closings(stored, closings)
                if merged.digest != stored.digest:
                    self._connection.execute(
                        "UPDATE histories SET first_day = ?, last_day = ?, closes = ? WHERE id = ?",
                        (merged.first_day, merged.last_day, closes_bytes(merged.closes), number),
                    )
                return
        self._add_history(closings, root)

    def _find_look(self, root: int, series: TradedSeries) -> int:
        """Return the look that a span is; a new one where it has too few days in common with all others.

        Days that were added to the end of the history since a look are left out of the comparison with it. A span
        is compared with the first of each look, and with that as it grew, so that many small steps from span to
        span are not one look.
        """
        spans = self._connection.execute(
            f"SELECT s.look, s.first_day, s.last_day, s.known_day FROM spans s JOIN "  # noqa: S608 - constants only
            f"(SELECT l.id {_LOOKS_JOIN} WHERE h.root = ?) k ON k.id = s.look ORDER BY s.look, s.last_day",
            (root,),
        ).fetchall()
        span = (series.first_day, series.last_day)
        for look, first, last, _ in spans:
            if _common_share(span, (first, last)) >= SAME_LOOK:
                return int(look)
        end = self._query_number("SELECT MAX(last_day) FROM histories WHERE root = ?", root)
        for look, first, last, known_day in spans:
            if known_day < span[1] and _common_share((span[0], known_day), (first, last)) >= SAME_LOOK:
                self._connection.execute(
                    "INSERT OR IGNORE INTO spans VALUES (?, ?, ?, ?)", (look, first, span[1], end)
                )
                return int(look)
        number = _row_id(self._connection.execute("INSERT INTO looks (history) VALUES (?)", (root,)))
        self._connection.execute("INSERT INTO spans VALUES (?, ?, ?, ?)", (number, *span, end))
        return number


def _row_id(cursor: sqlite3.Cursor) -> int:
    if cursor.lastrowid is None:
        raise sqlite3.DatabaseError(Refusal("row_added_no_number", "the row that was added has no number"))
    return cursor.lastrowid


def _common_share(first: tuple[int, int], second: tuple[int, int]) -> float:
    """Return the share of days in common, of the longer of two spans."""
    common = min(first[1], second[1]) - max(first[0], second[0]) + 1
    return max(0, common) / max(first[1] - first[0] + 1, second[1] - second[0] + 1, 1)
