"""The registry of trials: counts what is distinct, takes nothing back, takes two writers at once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.shared import ROOT
from vigie.adapters.stores.trials import SqliteTrials
from vigie.domain.errors import StorageError


@pytest.fixture
def trials(tmp_path: Path) -> SqliteTrials:
    """A registry whose folder does not exist yet."""
    return SqliteTrials(tmp_path / "home" / "trials.sqlite")


def test_distinct_trials_are_counted_over_the_series_asked_for(trials: SqliteTrials):
    trials.record([("btc", "a"), ("btc", "b"), ("eth", "a"), ("sol", "c")])
    assert trials.count(["btc"]) == 2
    assert trials.count(["btc", "eth"]) == 2
    assert trials.count(["btc", "eth", "sol"]) == 3
    assert trials.count(["doge"]) == trials.count([]) == 0


def test_a_trial_that_is_known_adds_nothing(trials: SqliteTrials):
    for _ in range(3):
        trials.record([("btc", "a")])
    assert trials.count(["btc"]) == 1


def test_asking_creates_nothing(trials: SqliteTrials, tmp_path: Path):
    assert trials.count(["btc"]) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM trials", "UPDATE trials SET trial = 'x'", "DELETE FROM trials WHERE trial = 'a'"],
)
def test_nothing_can_be_taken_back_or_changed(trials: SqliteTrials, tmp_path: Path, statement: str):
    trials.record([("btc", "a"), ("btc", "b")])
    with (
        closing(sqlite3.connect(tmp_path / "home" / "trials.sqlite")) as connection,
        pytest.raises(sqlite3.IntegrityError, match=r"trials (are never removed|never change)"),
    ):
        connection.execute(statement)
    assert trials.count(["btc"]) == 2


WRITER = """
import sys
from pathlib import Path
from vigie.adapters.stores.trials import SqliteTrials
registry = SqliteTrials(Path(sys.argv[1]))
for number in range(40):
    registry.record([("btc", f"{sys.argv[2]}-{number}"), ("btc", f"both-{number}")])
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
    assert trials.count(["btc"]) == 120


def test_a_file_that_is_no_registry_is_said_with_its_path(tmp_path: Path):
    path = tmp_path / "trials.sqlite"
    path.write_text("not a database, but longer than nothing" * 50)
    with pytest.raises(
        StorageError, match=r"trials cannot be counted in .*trials\.sqlite: file is not a database"
    ):
        SqliteTrials(path).record([("btc", "a")])


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(StorageError, match="trials cannot be counted"):
        SqliteTrials(tmp_path / "home" / "trials.sqlite").record([("btc", "a")])
