"""What the store of run files promises, on both databases: versions and marks are added, each with its audit record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.run_files import SqlRunFiles
from vigie.domain.errors import Conflict
from vigie.domain.run_file_version import RunFileVersion

FIRST = RunFileVersion("main", 1, "u1", "run-one", "a = 1\n", "a = 2  # é \u2028\n", "u1")
SECOND = replace(FIRST, version=2, run="run-two", after="a = 3\n")


@pytest.fixture
def files(database, clock):
    return SqlRunFiles(database, clock, SqlAuditLog(database, clock))


def test_an_empty_store_has_nothing(files):
    assert files.versions("u1") == files.versions("u1", "main") == []
    assert files.hand_over("u1", "u2") == files.forget("u1") == 0


def test_a_version_comes_back_as_it_was_kept_with_one_audit_record(files, clock):
    kept = files.add(FIRST, ["slot x is removed"])
    assert kept == replace(FIRST, ts=clock.wall_now())
    assert files.versions("u1", "main") == files.versions("u1") == [kept]
    assert files.versions("u2") == files.versions("u1", "other") == []
    (event,) = files.audit.after(0)
    assert (event.kind, event.subject, event.actor) == ("run_file.kept", "main", "u1")
    assert event.text == {
        "version": 1, "run": "run-one", "before": FIRST.digest_before, "after": FIRST.digest_after,
        "changes": ["slot x is removed"],
    }  # fmt: skip


def test_of_two_who_change_the_same_version_one_wins(files):
    files.add(FIRST, [])
    with pytest.raises(Conflict, match="changed meanwhile"):
        files.add(replace(FIRST, run="other"), [])
    with pytest.raises(Conflict, match="changed meanwhile"):
        files.add(replace(FIRST, version=3, run="other"), [])
    assert len(files.versions("u1", "main")) == 1
    assert len(files.audit.after(0)) == 1


def test_a_mark_stands_once_and_what_is_over_is_neither_taken_nor_cancelled(files):
    files.add(FIRST, [])
    files.add(SECOND, [])
    for mark in ("taken", "cancelled"):
        with pytest.raises(Conflict, match="replaced by a newer one"):
            files.mark("main", 1, mark, "u1")
    taken = files.mark("main", 2, "taken", "u1")
    assert taken.marks == {"taken": ""}
    assert files.mark("main", 2, "taken", "u1") == taken
    with pytest.raises(Conflict, match="taking effect already"):
        files.mark("main", 2, "cancelled", "u1")
    files.mark("main", 2, "written", "u1")
    third = files.add(replace(FIRST, version=3, run="run-three"), [])
    assert files.mark("main", third.version, "cancelled", "u2").is_ended
    with pytest.raises(Conflict, match="was cancelled"):
        files.mark("main", 3, "taken", "u1")
    kinds = [event.kind for event in files.audit.after(0)]
    assert kinds == [
        "run_file.kept", "run_file.kept", "run_file.taken", "run_file.written", "run_file.kept", "run_file.cancelled",
    ]  # fmt: skip
    assert [item.marks for item in files.versions("u1", "main")] == [
        {}, {"taken": "", "written": ""}, {"cancelled": ""},
    ]  # fmt: skip


def test_versions_go_to_another_owner_and_go_with_their_owner(files):
    files.add(FIRST, [])
    files.mark("main", 1, "refused", "u1", "no bars")
    assert files.hand_over("u1", "u2") == 1
    assert files.versions("u2", "main")[0].marks == {"refused": "no bars"}
    assert files.forget("u2") == 1
    assert files.versions("u2") == []
    assert len(files.audit.after(0)) == 2
