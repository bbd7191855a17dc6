"""`vigie journal` as a person meets it."""

from __future__ import annotations

import json

import pytest

from tests.unit.services.backtest_material import Vigie, command_line
from tests.unit.services.outside.test_outside_operations import ROWS
from vigie.wiring.app_context import open_app_context


@pytest.fixture
def vigie(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path) -> Vigie:
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    return command_line(monkeypatch, capsys)


@pytest.fixture
def file(tmp_path):
    made = tmp_path / "trades.csv"
    made.write_text(ROWS, "utf-8-sig")
    return made


def kept(vigie):
    return json.loads(vigie("journal", "list", "--json").out)["rows"]


def test_a_file_is_looked_at_then_added_and_the_same_again_changes_nothing(vigie, file):
    seen = vigie("journal", "import", file)
    assert (seen.code, kept(vigie)) == (0, [])
    assert "2 fills would be added, 0 known already" in seen.out
    assert "run it again with --add" in seen.out
    added = vigie("journal", "import", file, "--zone", "Europe/Paris", "--add")
    assert "2 fills added, 0 known already" in added.out
    assert "2025-06-15T16:25:01Z binance-perp btc-usdt-perp buy 0.5 at 60000.1" in added.out
    assert (
        json.loads(vigie("journal", "import", file, "--zone", "Europe/Paris", "--add", "--json").out)["known"]
        == 2
    )
    assert [row["qty"] for row in kept(vigie)] == ["1"]
    assert "btc-usdt-perp" in vigie("journal", "list").out


def test_a_coin_that_is_not_known_is_marked(vigie, file):
    file.write_text(ROWS.replace("BTCUSDT", "FOOBARUSDT"), "utf-8")
    seen = vigie("journal", "import", file, "--add").out
    assert seen.count("foobar-usdt-perp (unknown coin)") == 2
    assert "unknown" in vigie("journal", "list").out
    assert [row["asset"] for row in kept(vigie)] == [""]


def test_columns_of_another_file_are_named(vigie, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("a;b;c;d;e\n2025-06-15 10:00;ETHUSDT;sell;2500,5;1\n", "utf-8")
    columns = [
        word
        for pair in ("time=a", "instrument=b", "side=c", "price=d", "quantity=e")
        for word in ("--column", pair)
    ]
    answer = vigie("journal", "import", other, *columns, "--venue", "bitget-perp", "--comma", "--add")
    assert (answer.code, [row["entry"] for row in kept(vigie)]) == (0, ["2500.5"])


@pytest.mark.parametrize(
    ("content", "words", "code", "told"),
    [
        (ROWS.encode() + b"2025,x,BTC,hold,1,1,,,\n", (), 1, "row 4: "),
        (ROWS.encode() + b"2025,x,BTC,hold,1,1,,,\n", ("--add",), 2, "nothing was added"),
        (ROWS.encode("utf-16"), (), 2, "must be UTF-8"),
        (ROWS.encode() + b"\0", (), 2, "NUL"),
        (ROWS.encode(), ("--column", "price"), 2, "must look like NAME=VALUE"),
        (ROWS.encode(), ("--user", "nobody"), 2, "no user named"),
        (b"", (), 2, "the file is empty"),
    ],
    ids=["row", "add", "utf-16", "nul", "column", "user", "empty"],
)
def test_what_cannot_be_read_is_told_and_nothing_added(vigie, tmp_path, content, words, code, told):
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)
    answer = vigie("journal", "import", bad, *words)
    assert answer.code == code, answer
    assert told in answer.err
    assert kept(vigie) == []


def test_in_a_home_with_users_it_must_be_said_whose_trades_they_are(vigie, file):
    open_app_context().accounts.add("Ann", "x", "trader")
    answer = vigie("journal", "import", file, "--add")
    assert (answer.code, "--user NAME" in answer.err) == (2, True)
    assert vigie("journal", "import", file, "--add", "--user", "ann").code == 0
    assert [
        row["qty"] for row in json.loads(vigie("journal", "list", "--user", "ann", "--json").out)["rows"]
    ] == ["1"]


def test_a_file_that_is_not_there_is_told(vigie, tmp_path):
    answer = vigie("journal", "import", tmp_path / "nowhere.csv")
    assert answer.code == 2
    assert "could not be read" in answer.err
