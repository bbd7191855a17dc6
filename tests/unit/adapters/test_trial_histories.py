"""Trials follow the data: which series are one history, which spans are one look, and what old rows still count."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.shared import ROOT
from tests.tried import DAY_ONE, part, tried, walk
from vigie.adapters.stores.trials import SqliteTrials
from vigie.domain.daily_closes import DailyCloses
from vigie.domain.trials import TradedSeries, TrialCount

CLOSES = walk()


@pytest.fixture
def trials(tmp_path: Path) -> SqliteTrials:
    """A registry that knows 90 trials on a history of 500 days."""
    registry = SqliteTrials(tmp_path / "trials.sqlite")
    registry.record([tried(part(CLOSES), variants=90)])
    return registry


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


# What is one history


@pytest.mark.parametrize(
    "other",
    [
        part(CLOSES, name="venue:doge/4h"),
        part(CLOSES, name="elsewhere:btc/1d"),
        part(CLOSES * 1_000.0, name="bars:0123/4h"),
        part(CLOSES * np.exp(np.random.default_rng(2).normal(0, 0.0003, 500)), name="elsewhere:btc-usdt/4h"),
        part(CLOSES, 100, 160, name="x:x/4h"),
        part(CLOSES, 0, 500, read_from=0, name="x:x/1w"),
    ],
    ids=["symbol", "venue and timeframe", "price scale", "venue's own prices", "cut", "file"],
)
@pytest.mark.parametrize("how", ["note", "record"])
def test_the_same_history_under_another_name_keeps_its_trials(
    trials: SqliteTrials, other: TradedSeries, how: str
):
    getattr(trials, how)([tried(other, variants=["variant 0", "variant new"])])
    found = trials.count([other])
    assert found == trials.count([part(CLOSES)])
    whole = other.last_day - other.first_day == 499
    assert (found.trials, found.variants) == (91 if whole else 92, 91)
    assert (found.markets, found.other_markets) == (1, 0)


def test_bars_that_are_added_go_on_with_the_same_history_and_the_same_look(trials: SqliteTrials):
    longer = walk(700)
    longer[:500] = CLOSES
    for end in range(501, 700, 29):
        grown = part(longer, end=end, name="renamed:x/4h")
        trials.record([tried(grown, variants=90)])
        assert trials.count([grown]) == TrialCount(90, 90, 1)


def test_another_history_begins_with_nothing_and_is_told_beside(trials: SqliteTrials):
    stranger = part(walk(seed=7), name="venue:btc/4h")
    assert trials.count([stranger]).trials == 0
    trials.record([tried(stranger)])
    assert trials.count([stranger]) == TrialCount(1, 1, 1, markets=1, other_markets=1)
    assert trials.count([part(CLOSES), stranger]) == TrialCount(91, 90, 1, markets=2, other_markets=0)


def test_parts_without_common_days_are_one_history_where_their_name_is_the_same(tmp_path: Path):
    registry = SqliteTrials(tmp_path / "trials.sqlite")
    for k in range(8):
        registry.note([tried(part(CLOSES, 62 * k, 62 * (k + 1)), variants=90)])
    assert registry.count([part(CLOSES, 0, 62)]) == TrialCount(720, 90, 8)


def test_parts_are_one_history_as_soon_as_one_holds_them_both(tmp_path: Path):
    registry = SqliteTrials(tmp_path / "trials.sqlite")
    early, late = part(CLOSES, 0, 100, name="a:a/4h"), part(CLOSES, 300, 400, name="b:b/4h")
    registry.record([tried(early, variants=3), tried(late, variants=4)])
    assert [registry.count([one]).trials for one in (early, late)] == [3, 4]
    registry.record([tried(part(CLOSES, name="c:c/1d"))])
    # The whole goes on where the early part ended, and is no look of its own.
    assert registry.count([early]) == registry.count([late]) == TrialCount(7, 4, 2)


def test_short_histories_are_known_by_content(tmp_path: Path):
    registry = SqliteTrials(tmp_path / "trials.sqlite")
    registry.record([tried(part(CLOSES, 0, 20, name="a:a/4h"), variants=5)])
    assert registry.count([part(CLOSES, 0, 20, name="b:b/4h")]).trials == 5
    assert registry.count([part(walk(seed=3), 0, 20, name="b:b/4h")]).trials == 0
    assert registry.count([part(CLOSES, 5, 200, name="b:b/4h")]).trials == 5


def test_a_history_that_was_never_tried_is_looked_for_and_not_added(trials: SqliteTrials, tmp_path: Path):
    trials.count([part(walk(seed=8), name="venue:other/4h")])
    assert rows(tmp_path / "trials.sqlite", "SELECT COUNT(*) FROM histories") == [(1,)]


def test_two_parts_on_one_account_are_counted_once(tmp_path: Path):
    registry = SqliteTrials(tmp_path / "trials.sqlite")
    btc, eth = part(CLOSES, name="v:btc/4h"), part(walk(seed=4), name="v:eth/4h")
    registry.record([tried(btc, eth, variants=3), tried(btc, variants=["alone"])])
    assert registry.count([btc]) == TrialCount(4, 4, 1, 1, 1)
    assert registry.count([eth]) == TrialCount(3, 3, 1, 1, 1)
    assert registry.count([btc, eth]) == TrialCount(4, 4, 1, 2, 0)
    registry.record([tried(btc, part(walk(seed=5), name="v:sol/4h"), variants=3)])
    assert registry.count([btc]).trials == 7, "with other markets it is another trial"


# What is one look


def looks(tmp_path: Path, *spans: tuple[int, int], closes: np.ndarray = CLOSES, whole: bool = True) -> int:
    """Trade spans of a history one after the other; read whole or as cut; return how many looks they are."""
    registry = SqliteTrials(tmp_path / f"{len(list(tmp_path.iterdir()))}.sqlite")
    traded = [part(closes, begin, end) for begin, end in spans]
    if whole:
        known = part(closes)
        traded = [replace(one, closings=known.closings, content=known.content) for one in traded]
    registry.record([tried(one, variants=10) for one in traded])
    found = registry.count(traded[-1:])
    assert found.trials == 10 * found.looks
    assert found.variants == 10
    return found.looks


@pytest.mark.parametrize("whole", [True, False])
def test_a_look_is_a_span_with_too_few_days_in_common(tmp_path: Path, whole: bool):
    eight = [(62 * k, 62 * (k + 1)) for k in range(8)]
    assert looks(tmp_path, *eight, *eight, whole=whole) == 8
    assert looks(tmp_path, *reversed(eight), whole=whole) == 8
    assert looks(tmp_path, (0, 500), *eight, whole=whole) == 9
    assert looks(tmp_path, (100, 162), (105, 167), (95, 157), whole=whole) == 1
    assert looks(tmp_path, (100, 200), (111, 211), whole=whole) == 2
    assert looks(tmp_path, (0, 62), (31, 93), (62, 124), whole=whole) == 3


@pytest.mark.parametrize("whole", [True, False])
def test_small_steps_from_span_to_span_are_not_one_look(tmp_path: Path, whole: bool):
    steps = [(6 * k, 6 * k + 62) for k in range(40)]
    assert looks(tmp_path, *steps, whole=whole) >= 13
    assert looks(tmp_path, *reversed(steps), whole=whole) >= 13


def test_growing_spans_of_days_that_were_known_are_looks_and_of_new_days_are_none(tmp_path: Path):
    growing = [(0, 62 * k) for k in range(1, 9)]
    assert looks(tmp_path, *growing, whole=True) == 8
    assert looks(tmp_path, *growing, whole=False) == 1
    assert looks(tmp_path, *reversed(growing), whole=False) == 8


def test_new_days_make_no_look_of_any_timeframe(tmp_path: Path):
    registry = SqliteTrials(tmp_path / "trials.sqlite")
    hourly, daily = (300, 400, "venue:btc/1h"), (0, 400, "venue:btc/1d")
    for more in (0, 90, 100):
        for begin, end, name in (hourly, daily):
            registry.record([tried(part(CLOSES, begin, end + more, name=name), variants=[name])])
    assert registry.count([part(CLOSES)]) == TrialCount(2, 2, 2)


# Registries of earlier versions


OLD = """
CREATE TABLE trials (series TEXT NOT NULL, trial TEXT NOT NULL, PRIMARY KEY (series, trial)) WITHOUT ROWID;
CREATE TRIGGER trials_stay BEFORE DELETE ON trials BEGIN SELECT RAISE(ABORT, 'trials are never removed'); END;
CREATE TRIGGER trials_same BEFORE UPDATE ON trials BEGIN SELECT RAISE(ABORT, 'trials never change'); END;
"""


@pytest.fixture
def old(tmp_path: Path) -> SqliteTrials:
    """A registry as an earlier version left it: three trials on 4h, one on 1d, two on another market."""
    path = tmp_path / "trials.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(f"PRAGMA journal_mode=WAL; {OLD}")
        for series, count in (
            ("venue:btc/4h", 3),
            ("venue:btc/1d", 1),
            ("venue:btc2/4h", 2),
            ("bars:ab/4h", 1),
        ):
            named = [(series, f"{series} variant {n}") for n in range(count)]
            connection.executemany("INSERT INTO trials VALUES (?, ?)", named)
    (tmp_path / "trials.noted").write_bytes(
        b'\n["venue:btc/4h", ["venue:btc/4h variant 3"]]\n["venue:btc/4h", "x"]'
    )
    return SqliteTrials(path)


def test_trials_of_an_earlier_version_join_the_history_of_their_name(old: SqliteTrials):
    btc = part(CLOSES, name="venue:btc/4h")
    assert old.count([btc]) == TrialCount(6, 6, 1, 1, 2)
    old.record([tried(btc, variants=2)])
    assert old.count([btc]).trials == 6, "what is run again is the trial that it was"
    old.record([tried(btc, variants=["new"])])
    assert old.count([btc]).trials == 7
    old.record([tried(part(CLOSES, 0, 100, name="venue:btc/4h"), variants=2)])
    assert old.count([btc]) == TrialCount(9, 7, 2, 1, 2)
    renamed = part(CLOSES, name="renamed:coin/1h")
    assert old.count([renamed]) == old.count([btc])
    assert old.count([part(CLOSES, name="bars:ab/4h")]).trials == 10, "its own and those of the name"


def test_trials_of_an_earlier_version_join_every_history_that_is_stored_under_their_name(old: SqliteTrials):
    for seed in (1, 2):
        found = part(walk(seed=seed), name="venue:btc/4h")
        old.record([tried(found, variants=["new"])])
        assert old.count([found]).trials == 7


def test_an_old_registry_is_as_hard_to_change_as_before(old: SqliteTrials, tmp_path: Path):
    old.count([])
    old.record([tried(part(CLOSES, name="venue:btc/4h"), variants=["variant 0"])])
    tables = [
        str(name)
        for (name,) in rows(tmp_path / "trials.sqlite", "SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    assert len(tables) == 8
    for table in tables:
        with (
            closing(sqlite3.connect(tmp_path / "trials.sqlite")) as connection,
            pytest.raises(sqlite3.IntegrityError, match="trials are never removed"),
        ):
            connection.execute(f"DELETE FROM {table}")


# Many histories, two processes


def test_among_thousands_of_histories_the_right_one_is_found(trials: SqliteTrials, tmp_path: Path):
    many = [(number, number, DAY_ONE, DAY_ONE + 119, part(walk(120, number)).closings.closes.tobytes())
            for number in range(2, 4_000)]  # fmt: skip
    with closing(sqlite3.connect(tmp_path / "trials.sqlite")) as connection, connection:
        connection.executemany("INSERT INTO histories VALUES (?, ?, ?, ?, ?)", many)
    trials.record(
        [tried(part(walk(120, 1_234) * 7.0, name="a:a/4h")), tried(part(CLOSES, 9, 99, name="b:b/1d"))]
    )
    placed = rows(
        tmp_path / "trials.sqlite",
        "SELECT h.root FROM names n JOIN histories h ON h.id = n.history ORDER BY name",
    )
    assert placed == [(1_234,), (1,), (1,)]


BOTH = """
import sys
from pathlib import Path
from tests.tried import part, tried, walk
from vigie.adapters.stores.trials import SqliteTrials
registry = SqliteTrials(Path(sys.argv[1]))
for seed in range(30):
    one = part(walk(60, seed), name=f"{sys.argv[2]}:{seed}/4h")
    (registry.record if seed % 2 else registry.note)([tried(one, variants=["both", sys.argv[2]])])
    registry.count([one])
"""


def test_two_processes_that_meet_a_history_at_once_add_it_once(tmp_path: Path):
    path = tmp_path / "trials.sqlite"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", BOTH, str(path), name], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        for name in ("one", "two")
    ]
    for process in started:
        _, said = process.communicate()
        assert process.returncode == 0, said
    registry = SqliteTrials(path)
    for seed in range(30):
        assert registry.count([part(walk(60, seed))]) == TrialCount(3, 3, 1, 1, 29)
    assert rows(path, "SELECT COUNT(*) FROM histories") == [(30,)]


def test_closes_are_noted_whole_whatever_they_are(tmp_path: Path):
    registry = SqliteTrials(tmp_path / "trials.sqlite")
    closes = np.array([1.0, np.nan, 3e-8, 1e30, -0.0] * 10, np.float32)
    known = DailyCloses(DAY_ONE, closes)
    odd = TradedSeries('v:"é"\n/4h', known, known.digest, DAY_ONE, DAY_ONE + 49)
    registry.note([tried(odd, variants=2)])
    assert registry.count([odd]).trials == 2
    ((raw,),) = rows(tmp_path / "trials.sqlite", "SELECT closes FROM histories")
    assert raw == closes.tobytes()
