"""Whether a home can be worked in: each trouble is said with its cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import HandClock
from vigie.adapters.stores import disk_space
from vigie.adapters.stores.sql import readiness, schema
from vigie.adapters.stores.sql.stores import open_stores


@pytest.fixture
def database(tmp_path):
    opened = open_stores(f"sqlite:///{tmp_path / 'vigie.sqlite'}", HandClock()).database
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def roomy(monkeypatch):
    monkeypatch.setattr(readiness, "free_bytes", lambda home: disk_space.MIN_FREE_BYTES)


def test_a_home_that_can_be_worked_in_has_no_trouble(database, tmp_path):
    assert readiness.run_checks(database, tmp_path) == {"database": "", "schema": "", "disk": ""}


def test_a_schema_of_another_version_is_said_with_the_command(database, tmp_path):
    schema.move(database, schema.STEPS[-2])
    found = readiness.run_checks(database, tmp_path)
    assert found["database"] == ""
    assert found["schema"].endswith(f"this Vigie needs {schema.NEWEST}; run: vigie upgrade")


def test_a_database_that_does_not_answer_is_said(database, tmp_path):
    database.close()
    for path in tmp_path.glob("vigie.sqlite*"):
        path.unlink()
    (tmp_path / "vigie.sqlite").mkdir()
    found = readiness.run_checks(database, tmp_path)
    assert found["database"].startswith("the database does not answer")
    assert found["schema"]


def test_a_disk_that_is_nearly_full_is_said_with_the_room_that_is_left(database, monkeypatch):
    monkeypatch.setattr(readiness, "free_bytes", lambda home: 5 * 10**8)
    found = readiness.run_checks(database, Path("/srv/vigie"))
    assert found["disk"] == f"0.50 GB are free where {Path('/srv/vigie')} lies, 1.07 are needed; make room"
