"""`vigie audit verify` on a chain that is whole, one that was changed, and one that was made anew."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest
from typer.testing import CliRunner

from vigie.domain.errors import InvariantBroken, UsageError
from vigie.views.cli.main import app
from vigie.wiring.app_context import open_app_context


def call(*words: str):
    return CliRunner().invoke(app, ["audit", "verify", *words])


@pytest.fixture
def chain(ready_home):
    audit = open_app_context(ready_home).audit
    return [audit.append("kind", actor="u1", subject=f"s{n}", text={"n": n}) for n in range(3)]


def test_an_empty_chain_is_whole(home):
    done = call()
    assert (done.exit_code, done.output) == (0, "intact: 0 entries\n")


def test_a_whole_chain_is_said_with_its_newest_record(chain):
    assert call().output == f"intact: 3 entries, newest 3:{chain[2].hash}\n"
    assert json.loads(call("--json").output) == {"records": 3, "hash": chain[2].hash}


def test_a_changed_text_is_found(home, chain):
    with closing(sqlite3.connect(home / "vigie.sqlite")) as file:
        file.execute("UPDATE audit_texts SET text = '{\"n\":7}' WHERE seq = 2")
        file.commit()
    done = call()
    assert done.exit_code == 1
    assert isinstance(done.exception, InvariantBroken)
    assert str(done.exception) == "the text of audit log entry 2 was changed"


def test_a_noted_record_must_still_be_that_one(chain):
    assert call("--noted", f"2:{chain[1].hash}").exit_code == 0
    for noted in (f"2:{chain[2].hash}", f"4:{chain[2].hash}"):
        done = call("--noted", noted)
        assert "differs from the one noted" in str(done.exception)


@pytest.mark.parametrize("noted", ["2", "2:", ":abc", "0:abc", "x:abc"])
def test_a_note_that_is_none_is_refused(home, noted):
    assert isinstance(call("--noted", noted).exception, UsageError)
