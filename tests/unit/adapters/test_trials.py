"""The registry of trials: counts what is distinct, takes nothing back, takes two writers at once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.shared import ROOT
from tests.tried import part, tried, walk
from vigie.adapters.stores.trials import SqliteTrials
from vigie.domain.errors import StorageError

BTC, ETH, SOL, DOGE = (
    part(walk(60, seed), name=f"venue:{name}/4h") for seed, name in enumerate(("btc", "eth", "sol", "doge"))
)


@pytest.fixture
def trials(tmp_path: Path) -> SqliteTrials:
    """A registry whose folder does not exist yet."""
    return SqliteTrials(tmp_path / "home" / "trials.sqlite")


def test_distinct_trials_are_counted_over_the_histories_asked_for(trials: SqliteTrials):
    trials.record([tried(BTC, variants=["a", "b"]), tried(ETH, variants=["a"]), tried(SOL, variants=["c"])])
    assert trials.count([BTC]).trials == 2
    assert trials.count([BTC, ETH]).trials == 3
    assert trials.count([BTC, ETH, SOL]).trials == 4
    assert trials.count([BTC, ETH, SOL]).variants == 3
    assert trials.count([DOGE]).trials == trials.count([]).trials == 0


def test_a_trial_that_is_known_adds_nothing(trials: SqliteTrials):
    for _ in range(3):
        trials.record([tried(BTC)])
    assert trials.count([BTC]).trials == 1


def test_asking_creates_nothing(trials: SqliteTrials, tmp_path: Path):
    assert trials.count([BTC]).trials == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM variants",
        "UPDATE variants SET variant = 'x'",
        "DELETE FROM variants WHERE variant = 'a'",
        "DELETE FROM looks",
        "UPDATE spans SET first_day = 0",
        "DELETE FROM histories",
    ],
)
def test_nothing_can_be_taken_back_or_changed(trials: SqliteTrials, tmp_path: Path, statement: str):
    trials.record([tried(BTC, variants=["a", "b"])])
    with (
        closing(sqlite3.connect(tmp_path / "home" / "trials.sqlite")) as connection,
        pytest.raises(sqlite3.IntegrityError, match=r"trials (are never removed|never change)"),
    ):
        connection.execute(statement)
    assert trials.count([BTC]).trials == 2


WRITER = """
import sys
from pathlib import Path
from tests.unit.adapters.test_trials import BTC, SqliteTrials, tried
registry = SqliteTrials(Path(sys.argv[1]))
for number in range(40):
    registry.record([tried(BTC, variants=[f"{sys.argv[2]}-{number}", f"both-{number}"])])
"""


def test_two_processes_at_once_lose_nothing(trials: SqliteTrials, tmp_path: Path):
    path = tmp_path / "home" / "trials.sqlite"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        for name in ("one", "two")
    ]
    for process in started:
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert trials.count([BTC]).trials == 120


def test_a_file_that_is_no_registry_is_said_with_its_path(tmp_path: Path):
    path = tmp_path / "trials.sqlite"
    path.write_text("not a database, but longer than nothing" * 50)
    with pytest.raises(
        StorageError, match=r"trials cannot be counted in .*trials\.sqlite: file is not a database"
    ):
        SqliteTrials(path).record([tried(BTC, variants=["a"])])


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(StorageError, match="trials cannot be counted"):
        SqliteTrials(tmp_path / "home" / "trials.sqlite").record([tried(BTC, variants=["a"])])


def test_what_is_noted_counts_with_what_is_recorded(trials: SqliteTrials, tmp_path: Path):
    trials.record([tried(BTC, variants=["a"])])
    for trial in ("a", "b", "b", "c"):
        trials.note([tried(BTC, variants=[trial]), tried(ETH, variants=["both"])])
    assert trials.count([BTC]).trials == 3
    assert trials.count([BTC, ETH]).trials == 4
    assert SqliteTrials(tmp_path / "home" / "trials.sqlite").count([BTC]).trials == 3
    assert (tmp_path / "home" / "trials.noted").stat().st_size == 0


def test_many_trials_of_one_search_are_a_line_a_series(trials: SqliteTrials, tmp_path: Path):
    trials.note(tried(series, variants=500) for series in (BTC, ETH))
    lines = (tmp_path / "home" / "trials.noted").read_bytes().count(b"\n")
    assert lines == 4, "closes and trials of each"
    assert trials.count([BTC]).trials == 500
    assert trials.count([ETH, BTC]).trials == 1_000


def test_lines_of_an_older_version_are_taken_over(trials: SqliteTrials, tmp_path: Path):
    trials.note([tried(BTC, variants=["a"])])
    with open(tmp_path / "home" / "trials.noted", "ab") as file:
        file.write(b'\n["venue:btc/4h", "b"]')
    assert trials.count([BTC]).trials == 2


def test_a_line_in_pieces_costs_no_other_line(trials: SqliteTrials, tmp_path: Path):
    trials.note([tried(BTC, variants=["a"])])
    with open(tmp_path / "home" / "trials.noted", "ab") as file:
        file.write(b'\n{"series": [["venue:btc/4h", "to')
    trials.note([tried(BTC, variants=["b"])])
    assert trials.count([BTC]).trials == 2


def test_lines_are_taken_over_before_they_fill_the_disk(
    trials: SqliteTrials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("vigie.adapters.stores.trials.MAX_LINES_BYTES", 2_000)
    for number in range(100):
        trials.note([tried(BTC, variants=[str(number)])])
    assert (tmp_path / "home" / "trials.noted").stat().st_size <= 2_000
    with closing(sqlite3.connect(tmp_path / "home" / "trials.sqlite")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM variants").fetchone()[0] > 80
    assert trials.count([BTC]).trials == 100


NOTER = """
import sys
from pathlib import Path
from tests.unit.adapters.test_trials import BTC, SqliteTrials, tried
registry = SqliteTrials(Path(sys.argv[1]))
for number in range(150):
    registry.note([tried(BTC, variants=[f"{sys.argv[2]}-{number}"])])
    if number % 10 == 0:
        registry.count([BTC])
"""


def test_noting_while_others_count_loses_nothing(trials: SqliteTrials, tmp_path: Path):
    path = tmp_path / "home" / "trials.sqlite"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", NOTER, str(path), name], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        for name in ("one", "two")
    ]
    for process in started:
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert trials.count([BTC]).trials == 300


def test_noting_where_nothing_can_be_written_is_said(tmp_path: Path):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(StorageError, match="trials cannot be counted"):
        SqliteTrials(tmp_path / "home" / "trials.sqlite").note([tried(BTC, variants=["a"])])
