"""README: its table is what its command prints, with a verdict line of the present form; its text is short."""

from __future__ import annotations

import re
import shlex

from benchmarks.readme import BEGIN, END, RUN

from tests.shared import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_command_shown_is_the_one_that_the_table_was_made_with():
    (shown,) = re.findall(r"^vigie backtest ((?:.*\\\n)*.*)$", TEXT.partition(BEGIN)[0], re.MULTILINE)
    assert shlex.split(shown.replace("\\\n", " ")) == RUN


def test_the_verdict_states_the_range_of_its_pbo_and_the_folder_is_that_of_the_command():
    table = TEXT.partition(BEGIN)[2].partition(END)[0]
    (verdict,) = re.findall(r"^Verdict on .*$", table, re.MULTILINE)
    share = r"[01]\.\d\d"
    assert re.search(rf"trials \(.*\), DSR {share}, PBO {share} \({share} to {share}\)$", verdict)
    folder = RUN[RUN.index("--out") + 1]
    assert f"Files: {folder}   Report: {folder}/report.html" in table


def test_the_readme_is_short_and_shows_its_two_commands_and_a_picture_at_once():
    before, _, rest = TEXT.partition(BEGIN)
    lines = before.splitlines() + rest.partition(END)[2].splitlines()
    assert len(lines) <= 200
    first = "\n".join(lines[:25])
    assert all(sign in first for sign in ("make demo", "make test", "![Today", "first-hour-"))
