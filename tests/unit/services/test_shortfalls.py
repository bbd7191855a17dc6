"""What a run lacked: strategies left out of `all`, bars for a decision, bars in between, finer ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.services.backtest_material import Vigie, command_line, market, write_bars
from tests.unit.services.strategy_material import with_answer, write

# Files of one's own are judged in processes of their own.
pytestmark = pytest.mark.usefixtures("forked_witnesses")

RAISES = "raise ValueError('no idea')"
AHEAD = """
later = np.append(bars.close[1:], np.nan)
return Criteria(
    long=(is_above("Tomorrow", later, bars.close),), short=(is_below("Tomorrow", later, bars.close),)
)
"""


@pytest.fixture
def vigie(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Vigie:
    """The command line, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return command_line(monkeypatch, capsys)


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    """Daily bars in a file."""
    return write_bars(tmp_path / "BTCUSDT-1d.csv", market().bars("BTC", "1d"))


def rows(path: Path, n: int) -> None:
    """Keep the first rows of a file."""
    lines = path.read_text().splitlines()[: n + 1]
    path.write_text("\n".join(lines) + "\n")


def record(folder: str) -> dict:
    return json.loads((Path(folder) / "result.json").read_text())


def test_all_runs_the_others_and_says_which_file_was_left_out_and_why(vigie: Vigie, bars: Path, home: Path):
    own = home / "strategies"
    own.mkdir()
    (own / "broken.py").write_text("def criteria(:\n")
    with_answer(own, RAISES, "raising")
    with_answer(own, AHEAD, "seer")
    write(own, "sound")
    (own / "folder.py").mkdir()
    done = vigie("backtest", "--bars", bars, "--strategy", "all", "--out", "r")
    assert done.code == 0, done.err
    assert "left out: broken (broken.py): strategy broken.py cannot be loaded: SyntaxError" in done.err
    assert "left out: raising (raising.py): strategy raising raised ValueError: no idea" in done.err
    assert "left out: seer (seer.py): " in done.err
    assert "see `vigie strategy check seer`" in done.err
    kept = record("r")
    assert [(one["strategy"], one["file"]) for one in kept["left_out"]] == [
        ("broken", "broken.py"), ("raising", "raising.py"), ("seer", "seer.py"),
    ]  # fmt: skip
    assert "SyntaxError" in kept["left_out"][0]["why"]
    assert str(home) not in json.dumps(kept["left_out"])
    ran = {one["slot"].rpartition("/")[2] for one in kept["slots"]}
    assert {"sound", "macd_cross"} <= ran
    assert not ran & {"broken", "raising", "seer"}
    assert "raising raised ValueError: no idea" in (Path("r") / "report.html").read_text()
    # What was kept can be asked about.
    assert vigie("why", "btc-usdt-perp/1d/sound", "2022-03-05").code == 0


@pytest.mark.parametrize("asked", ["broken", "macd_cross,broken"])
def test_a_bad_file_that_is_asked_for_by_name_refuses_the_run(
    vigie: Vigie, bars: Path, home: Path, asked: str
):
    (home / "strategies").mkdir()
    (home / "strategies" / "broken.py").write_text("def criteria(:\n")
    done = vigie("backtest", "--bars", bars, "--strategy", asked, "--out", "r")
    assert done.code == 2
    assert done.err.startswith("error: strategy broken.py cannot be loaded")
    assert not Path("r").exists()


def test_all_does_not_hide_faults_of_settings_or_bars(vigie: Vigie, bars: Path, home: Path):
    write(home / "strategies", "sound")
    done = vigie("backtest", "--bars", bars, "--strategy", "all", "--set", "sound.window=900")
    assert (done.code, done.err) == (2, "error: sound.window must be 2..200, was 900\n")
    done = vigie("backtest", "--bars", bars, "--strategy", "all", "--timeframe", "4h")
    assert done.code == 2
    assert "has 1d bars, but 4h was requested; use --timeframe" in done.err


def test_all_without_own_faults_leaves_nothing_out(vigie: Vigie, bars: Path):
    done = vigie("backtest", "--bars", bars, "--strategy", "all", "--out", "r")
    assert "left out" not in done.err
    assert record("r")["left_out"] == []


@pytest.mark.parametrize(("n", "has"), [(1, "1 bar of"), (35, "35 bars of")])
def test_too_few_bars_for_a_decision_are_said_with_what_is_needed(vigie: Vigie, bars: Path, n: int, has: str):
    rows(bars, n)
    done = vigie(
        "backtest",
        "--bars",
        bars,
        "--strategy",
        "macd_cross",
        "--tick",
        "0.1",
        "--lot",
        "0.001",
        "--out",
        "r",
    )
    assert done.code == 0, done.err
    said = f"{has} btc-usdt-perp/1d/macd_cross cannot hold a decision: warm-up needs 34 bars, "
    assert f"Too few bars: {said}the first decision and its entry 36" in done.out
    assert "No trades, so no verdict: too few bars" in done.out
    assert record("r")["too_short"] == [
        {"slot": "btc-usdt-perp/1d/macd_cross", "bars": n, "warmup": 34, "needs": 36}
    ]
    assert said in (Path("r") / "report.html").read_text()


def test_bars_that_can_hold_one_decision_are_not_too_few(vigie: Vigie, bars: Path):
    rows(bars, 36)
    done = vigie(
        "backtest",
        "--bars",
        bars,
        "--strategy",
        "macd_cross",
        "--tick",
        "0.1",
        "--lot",
        "0.001",
        "--out",
        "r",
    )
    assert done.code == 0, done.err
    assert "Too few bars" not in done.out
    assert record("r")["too_short"] == []


def test_one_row_in_a_file_whose_name_says_no_timeframe_is_answered_with_a_cure_that_works(
    vigie: Vigie, bars: Path
):
    rows(bars, 1)
    bars.rename("one.csv")
    done = vigie("backtest", "--bars", "one.csv", "--strategy", "macd_cross", "--symbols", "BTC")
    assert done.code == 1
    assert "the timeframe cannot be detected from one time;" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("backtest", "--from", "2022-06-01", "--to", "2022-01-01"),
         "the start must be before the end, were 2022-06-01T00:00:00Z and 2022-01-01T00:00:00Z"),
        (("backtest", "--bars", "."), "bars must be a file, . is a folder; import a folder with `vigie data import`"),
        (("sweep", "--strategy", "ema_cross,adx_trend", "--grid", "fast=5"),
         "a sweep varies one strategy, had ema_cross adx_trend"),
        (("sweep", "--seed", "-1"), "greater than or equal to 0"),
        (("walk-forward", "--train", "90", "--test", "30", "--seed", "-1"), "greater than or equal to 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_words(
    vigie: Vigie, bars: Path, words: tuple[str, ...], said: str
):
    given = () if "--strategy" in words else ("--strategy", "ema_cross")
    given += () if "--bars" in words else ("--bars", str(bars))
    done = vigie(*words, *given)
    assert done.code == 2
    assert said in " ".join(done.err.replace("│", " ").split())
    assert "Traceback" not in done.err


def test_bars_that_finer_ones_do_not_show_are_counted(vigie: Vigie, bars: Path):
    write_bars(bars.with_name("BTCUSDT-1h.csv"), market().bars("BTC", "1h"))
    rows(bars.with_name("BTCUSDT-1h.csv"), 30 * 24)
    asked = ("backtest", "--bars", bars, "--strategy", "macd_cross,adx_trend", "--detail", "1h")
    done = vigie(*asked, "--out", "r")
    assert done.code == 0, done.err
    assert record("r")["partly_finer"] == [{"series": "btc-usdt-perp/1d", "bars": 320, "shown": 30}]
    said = "30 of 320 bars of btc-usdt-perp/1d"
    assert (
        f"Finer bars cover only {said}; in the others, the stop is assumed to be hit before the target."
        in done.out
    )
    report = (Path("r") / "report.html").read_text(encoding="utf-8").replace("<wbr>", "")
    assert f"1h, only in {said}; in the others stop before target" in report


def test_finer_bars_that_show_every_bar_are_not_spoken_of(vigie: Vigie, bars: Path):
    write_bars(bars.with_name("BTCUSDT-1h.csv"), market().bars("BTC", "1h"))
    done = vigie("backtest", "--bars", bars, "--strategy", "macd_cross", "--detail", "1h", "--out", "r")
    assert (done.code, record("r")["partly_finer"]) == (0, [])
    assert "Finer bars" not in done.out


def test_bars_that_are_missing_between_others_are_counted_within_the_span(vigie: Vigie, bars: Path):
    lines = bars.read_text().splitlines()
    # The header is line 0; one gap of a bar lies before the span, one of a bar and one of three within it.
    kept = [line for k, line in enumerate(lines) if k not in {20, 150, 200, 201, 202}]
    bars.write_text("\n".join(kept) + "\n")
    asked = ("backtest", "--bars", bars, "--strategy", "macd_cross,adx_trend", "--last", "200")
    done = vigie(*asked, "--out", "r")
    assert done.code == 0, done.err
    assert record("r")["missing_bars"] == [
        {"series": "btc-usdt-perp/1d", "bars": 200, "missing": 4, "gaps": 2}
    ]
    said = "4 between 200 of btc-usdt-perp/1d (2 gaps)"
    assert f"Missing bars: {said}; after a gap, the run continues at the next bar." in done.out
    assert said in (Path("r") / "report.html").read_text(encoding="utf-8").replace("<wbr>", "")
    whole = vigie(*asked[:-1], "50", "--out", "w")
    assert (whole.code, record("w")["missing_bars"], "are missing" in whole.out) == (0, [], False)
