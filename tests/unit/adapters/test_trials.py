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


def test_more_than_one_statement_takes_are_recorded_whole(trials: SqliteTrials, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("vigie.adapters.stores.trials._AT_ONCE", 7)
    names = ["btc", 'it\'s "é"\n', "\U0001f4c8"]
    given = [(names[number % 3], f"{number}\u20ac\"'") for number in range(50)]
    trials.record(pair for pair in given)
    trials.record(given[:9])
    with closing(sqlite3.connect(tmp_path / "home" / "trials.sqlite")) as connection:
        assert sorted(connection.execute("SELECT series, trial FROM trials")) == sorted(given)


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


def test_what_is_noted_counts_with_what_is_recorded(trials: SqliteTrials, tmp_path: Path):
    trials.record([("btc", "a")])
    for trial in ("a", "b", "b", "c"):
        trials.note([("btc", trial), ("eth", "both")])
    assert trials.count(["btc"]) == 3
    assert trials.count(["btc", "eth"]) == 4
    assert SqliteTrials(tmp_path / "home" / "trials.sqlite").count(["btc"]) == 3
    assert (tmp_path / "home" / "trials.noted").stat().st_size == 0


def test_names_with_breaks_and_quotes_are_noted_whole(trials: SqliteTrials):
    name = 'a "b"\n\tc, é'
    trials.note([(name, "1"), (name, "2")])
    assert trials.count([name]) == 2


def test_many_trials_of_one_search_are_a_line_a_series(trials: SqliteTrials, tmp_path: Path):
    trials.note((series, str(number)) for number in range(500) for series in ("btc", "eth"))
    assert (tmp_path / "home" / "trials.noted").read_bytes().count(b"\n") == 2
    assert trials.count(["btc"]) == trials.count(["eth", "btc"]) == 500


def test_lines_of_an_older_version_are_taken_over(trials: SqliteTrials, tmp_path: Path):
    trials.note([("btc", "a")])
    with open(tmp_path / "home" / "trials.noted", "ab") as file:
        file.write(b'\n["btc", "b"]')
    assert trials.count(["btc"]) == 2


def test_a_line_in_pieces_costs_no_other_line(trials: SqliteTrials, tmp_path: Path):
    trials.note([("btc", "a")])
    with open(tmp_path / "home" / "trials.noted", "ab") as file:
        file.write(b'\n["btc", "to')
    trials.note([("btc", "b")])
    assert trials.count(["btc"]) == 2


def test_lines_are_taken_over_before_they_fill_the_disk(
    trials: SqliteTrials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("vigie.adapters.stores.trials.MOST_BYTES", 200)
    for number in range(100):
        trials.note([("btc", str(number))])
    assert (tmp_path / "home" / "trials.noted").stat().st_size <= 200
    with closing(sqlite3.connect(tmp_path / "home" / "trials.sqlite")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM trials").fetchone()[0] > 80
    assert trials.count(["btc"]) == 100


NOTER = """
import sys
from pathlib import Path
from vigie.adapters.stores.trials import SqliteTrials
registry = SqliteTrials(Path(sys.argv[1]))
for number in range(150):
    registry.note([("btc", f"{sys.argv[2]}-{number}")])
    if number % 10 == 0:
        registry.count(["btc"])
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
    assert trials.count(["btc"]) == 300


def test_noting_where_nothing_can_be_written_is_said(tmp_path: Path):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(StorageError, match="trials cannot be counted"):
        SqliteTrials(tmp_path / "home" / "trials.sqlite").note([("btc", "a")])
