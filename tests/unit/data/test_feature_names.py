"""Features are read by names that are written out; others are refused with the line."""

from __future__ import annotations

import pytest

from vigie.data.feature_names import find_feature_names
from vigie.domain.errors import UsageError


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ('bars.feature("news.sentiment.btc")', ("news.sentiment.btc",)),
        ('NAME = "news.items.eth"\nbars.feature(NAME)', ("news.items.eth",)),
        ('for name in ("a.b", "c.d"):\n    bars.feature(name)', ("a.b", "c.d")),
        ('SERIES = ("a.b", "c.d")\nfound = [bars.feature(one) for one in SERIES]', ("a.b", "c.d")),
        ('BY = {1: "a.b", 2: "c.d"}\nbars.feature(BY[key])', ("a.b", "c.d")),
        ('bars.feature("a.b" if fast else "c.d")', ("a.b", "c.d")),
        ("# news.sentiment.btc is not read here\nbars.close", ()),
        ('TEXT = "news.sentiment.btc"\nbars.close', ()),
        ("bars.feature(", ()),
    ],
)
def test_names_that_are_written_out_are_found(tmp_path, body, names):
    (tmp_path / "one.py").write_text(body, encoding="utf-8")
    assert find_feature_names(tmp_path / "one.py") == names


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("# coding: latin-1\n# \u00e9t\u00e9\nbars.feature('a.b')".encode("latin-1"), ("a.b",)),
        (b"bars.feature('a.b')\x00", ()),
    ],
    ids=["said", "null"],
)
def test_a_file_in_other_letters_is_read_as_it_says_and_one_that_is_no_program_reads_nothing(
    tmp_path, body, names
):
    (tmp_path / "one.py").write_bytes(body)
    assert find_feature_names(tmp_path / "one.py") == names


@pytest.mark.parametrize(
    "body",
    [
        'bars.feature("news.sentiment." + coin)',
        'bars.feature(f"news.sentiment.{coin}")',
        "bars.feature(params.series)",
        "def read(name):\n    return bars.feature(name)",
        'name = "a.b"\nname += coin\nbars.feature(name)',
        "for name, other in PAIRS:\n    bars.feature(name)",
        "read = bars.feature",
        "NAME = OTHER\nOTHER = NAME\nbars.feature(NAME)",
        "bars.feature(*names)",
    ],
)
def test_a_name_that_is_made_when_it_runs_is_refused_with_its_line(tmp_path, body):
    (tmp_path / "one.py").write_text("import math\n" + body, encoding="utf-8")
    line = 1 + next(at for at, text in enumerate(body.splitlines(), 1) if ".feature" in text)
    with pytest.raises(
        UsageError, match=f"one.py line {line} builds a feature name; write each name in full"
    ):
        find_feature_names(tmp_path / "one.py")


def test_a_file_that_is_not_there_reads_nothing(tmp_path):
    assert find_feature_names(tmp_path / "gone.py") == ()
