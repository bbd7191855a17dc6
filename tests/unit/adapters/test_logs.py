"""The log of a part: JSON lines, bounded on the disk, without secrets, and with what ended the process."""

from __future__ import annotations

import json
import logging
import os
import sys

import pytest

from tests.databases import HandClock
from vigie.adapters.logs import MAX_FILES, open_log
from vigie.domain.errors import ConfigError


def lines(folder, part="work"):
    return [json.loads(line) for line in (folder / f"{part}.jsonl").read_text("utf-8").splitlines()]


def test_what_is_said_is_one_line_of_json_with_time_level_and_part(tmp_path):
    with open_log(tmp_path, "work", HandClock()) as say:
        say("the collector cannot store:\nno «room»")
    assert lines(tmp_path) == [
        {
            "ts": "2025-10-09T08:53:20Z", "level": "info", "part": "work",
            "event": "the collector cannot store:\nno «room»",
        }
    ]  # fmt: skip


def test_libraries_that_complain_are_named_and_those_that_chat_are_left_out(tmp_path, capsys):
    # One that nothing else in this process sets up: servers of other tests keep their own words to themselves.
    library = logging.getLogger("a.library")
    with open_log(tmp_path, "serve", HandClock()):
        library.warning("Invalid HTTP request received.")
        library.debug("connected")
    [line] = lines(tmp_path, "serve")
    assert (line["level"], line["source"]) == ("warning", "a.library")
    assert "Invalid HTTP request" in capsys.readouterr().err


def test_secrets_are_stars_also_where_json_writes_them_otherwise(tmp_path):
    hidden = ['pass"word', "hunter22"]
    with open_log(tmp_path, "work", HandClock(), hidden) as say:
        say('the database at postgresql://vigie:hunter22@host and pass"word')
    text = (tmp_path / "work.jsonl").read_text("utf-8")
    assert "hunter22" not in text
    assert lines(tmp_path)[0]["event"].endswith(":********@host and ********")


def test_an_address_of_what_is_shared_is_shortened_whoever_logs_it(tmp_path, capsys):
    access = logging.getLogger("an.access.log")
    with open_log(tmp_path, "serve", HandClock()):
        for path in (
            "/portfolio/shared/S3cret-word_of-it?lang=fr", "/shared/An0ther-word",
            "/api/v1/holdings/shared?word=Th1rd-word&x=1", "/portfolio",
        ):  # fmt: skip
            access.warning('%s - "%s %s HTTP/%s" %d', "192.0.2.7:5", "GET", path, "1.1", 200)
    told = [line["event"].split('"')[1].split(" ")[1] for line in lines(tmp_path, "serve")]
    assert told == [
        "/portfolio/shared/...?lang=fr", "/shared/...", "/api/v1/holdings/shared?word=...&x=1", "/portfolio",
    ]  # fmt: skip
    assert "-word" not in capsys.readouterr().err


def test_the_disk_holds_a_bounded_number_of_files_and_the_newest_lines(tmp_path):
    with open_log(tmp_path, "work", HandClock(), size=2_000) as say:
        for number in range(1_000):
            say(f"line {number}")
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["work.jsonl", *(f"work.jsonl.{number}" for number in range(1, MAX_FILES))]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= MAX_FILES * 2_000
    assert lines(tmp_path)[-1]["event"] == "line 999"


@pytest.mark.parametrize(
    ("fault", "level", "words"),
    [
        (ConfigError("port must be 1..65535, was 0"), "error", "port must be 1..65535, was 0"),
        (RuntimeError("a fault"), "critical", "a fault of the program ended it"),
    ],
)
def test_what_ended_the_process_is_the_last_line(tmp_path, fault, level, words):
    with pytest.raises(type(fault)), open_log(tmp_path, "work", HandClock()):
        raise fault
    last = lines(tmp_path)[-1]
    assert (last["level"], last["event"]) == (level, words)
    assert ("RuntimeError: a fault" in last.get("exception", "")) == (level == "critical")


def test_a_disk_that_is_full_stops_nothing(tmp_path, monkeypatch):
    with open_log(tmp_path, "work", HandClock()) as say:
        handler = logging.getLogger().handlers[-2]

        def full(text):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(handler.stream, "write", full, raising=False)
        say("a line that nobody will read")
        monkeypatch.undo()
        say("there is room again")
    assert lines(tmp_path)[-1]["event"] == "there is room again"


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files are not on Windows")
def test_only_the_owner_reads_it(tmp_path):
    with open_log(tmp_path, "work", HandClock()) as say:
        say("a line")
    assert os.stat(tmp_path / "work.jsonl").st_mode & 0o777 == 0o600


def test_one_that_has_ended_leaves_nothing_behind_in_the_process(tmp_path):
    before = list(logging.getLogger().handlers)
    with open_log(tmp_path, "work", HandClock()):
        pass
    assert logging.getLogger().handlers == before
