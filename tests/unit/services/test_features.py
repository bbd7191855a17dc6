"""Features that strategies name: unknown ones are refused with the nearest, known ones without values are told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import vigie as python
from tests.unit.data.material import make_bars, make_desk
from tests.unit.services.backtest_material import Vigie, command_line, market, write_bars
from tests.unit.services.strategy_material import with_answer
from vigie.adapters.connectors import patterns
from vigie.data.asof import add_feature
from vigie.data.features import feature_exists, feature_series, nearest_feature
from vigie.domain.errors import UsageError
from vigie.services.judging.strategies import check_file
from vigie.services.runs.features import strategy_features

# Files of one's own are judged in processes of their own.
pytestmark = pytest.mark.usefixtures("forked_witnesses")

READS = 'return Criteria(long=(is_above("A", bars.feature({!r}), 0.0),), short=())'


@pytest.fixture
def vigie(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Vigie:
    """The command line, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return command_line(monkeypatch, capsys)


def reading(folder: Path, feature: str, name: str = "reads") -> Path:
    folder.mkdir(exist_ok=True)
    return with_answer(folder, READS.format(feature), name)


@pytest.mark.parametrize(
    ("written", "near"),
    [
        ("funding_rates", "funding_rate"),
        ("news.sentiment.bitcon", "news.sentiment."),
        ("news.sentimnt.btc", "news.sentiment.btc"),
        ("news.topic.hacks.btc", "news.topic.hack.btc"),
        ("sentiment.fear_greed", "sentiment.fear_greed_index"),
        ("derivatives.fundings.btc", "derivatives.funding.btc"),
        ("derivatives.funding.nosuch", "derivatives.funding."),
        ("onchain.mvr.btc", "onchain.mvrv.btc"),
        ("macro.us.cpi_year", "macro.us.cpi_"),
        ("mood", ""),
    ],
)
def test_an_unknown_feature_is_refused_with_the_nearest(tmp_path: Path, written: str, near: str):
    with pytest.raises(UsageError) as caught:
        strategy_features(reading(tmp_path, written), series=patterns)
    assert f"reads the feature {written!r}, which does not exist; the nearest is '{near}" in str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        "funding_rate",
        "news.sentiment.btc",
        "news.items.market",
        "news.topic.hack.ethereum",
        "news.sentiment.litecoin",
        "sentiment.vigie_fear_greed_index",
        "sentiment.vigie_volatility_part",
        "macro.us.cpi_year_fraction",
        "derivatives.funding.btc",
        "derivatives.open_interest.eth",
        "derivatives.basis.sol",
        "derivatives.liquidations_long.btc",
        "derivatives.liquidations_short.btc",
        "onchain.mvrv.btc",
        "feature.price.return_24",
        "feature.derivatives.funding_zscore_168",
    ],
)
def test_a_feature_that_sources_or_vigie_write_exists(tmp_path: Path, written: str):
    assert strategy_features(reading(tmp_path, written), series=patterns) == (written,)


def test_the_nearest_feature_exists_itself():
    for name in ("macro.us.cpi_year", "sentiment.x", "macro.euro.rate"):
        found = nearest_feature(name, patterns())
        assert found == "funding_rate" or feature_exists(found, patterns(), ())


def test_a_feature_of_which_something_is_stored_exists(tmp_path: Path):
    path = reading(tmp_path, "macro.mars.cpi_index")
    asked: list[str] = []

    class Facts:
        def latest(self, series, *, as_of=None):
            asked.extend(series)
            return {one: object() for one in series}

    assert strategy_features(path, series=tuple, facts=Facts()) == ("macro.mars.cpi_index",)  # type: ignore[arg-type]  # the one answer that is asked for
    assert asked == [feature_series("macro.mars.cpi_index")]


def test_a_backtest_refuses_it_and_all_leaves_the_file_out(vigie: Vigie, tmp_path: Path, home: Path):
    write_bars(tmp_path / "BTCUSDT-1d.csv", market().bars("BTC", "1d"))
    reading(home / "strategies", "funding_rates")
    asked = ("backtest", "--bars", "BTCUSDT-1d.csv", "--out", "r", "--strategy")
    done = vigie(*asked, "reads")
    assert done.code == 2
    assert "'funding_rates', which does not exist; the nearest is 'funding_rate'" in " ".join(
        done.err.split()
    )
    done = vigie(*asked, "all")
    assert done.code == 0, done.err
    assert "left out: reads (reads.py): reads.py reads the feature 'funding_rates'" in done.err


def test_a_known_feature_without_values_is_told(vigie: Vigie, tmp_path: Path, home: Path):
    write_bars(tmp_path / "BTCUSDT-1d.csv", market().bars("BTC", "1d"))
    reading(home / "strategies", "news.sentiment.btc")
    done = vigie("backtest", "--bars", "BTCUSDT-1d.csv", "--out", "r", "--strategy", "reads,macd_cross")
    assert done.code == 0, done.err
    said = "news.sentiment.btc on btc-usdt-perp/1d, read by reads"
    assert f"Features with no value on these bars: {said}." in done.out
    found = json.loads((tmp_path / "r" / "result.json").read_text())["empty_features"]
    assert found == [{"strategy": "reads", "feature": "news.sentiment.btc", "series": "btc-usdt-perp/1d"}]
    assert said in (tmp_path / "r" / "report.html").read_text(encoding="utf-8").replace("<wbr>", "")


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (("sweep", "--grid", "window=40:60:10"), "sweep.json"),
        (
            ("walk-forward", "--grid", "window=40:60:10", "--train", "200", "--test", "100"),
            "walk_forward.json",
        ),
        (("walk-forward", "--grid", "window=40:60:10", "--scheme", "kfold"), "validation.json"),
        (("signals",), ""),
    ],
    ids=["sweep", "walk-forward", "kfold", "signals"],
)
def test_searches_and_signals_tell_it_too(
    vigie: Vigie, tmp_path: Path, home: Path, command: tuple[str, ...], file: str
):
    write_bars(tmp_path / "BTCUSDT-1d.csv", market().bars("BTC", "1d"))
    reading(home / "strategies", "news.sentiment.btc")
    if "kfold" in command:
        refused = vigie(*command, "--bars", "BTCUSDT-1d.csv", "--strategy", "reads")
        assert refused.code == 2
        said = "features without any value: news.sentiment.btc on btc-usdt-perp/1d, read by reads"
        assert f"no combination has 1 trades; {said}" in " ".join(refused.err.split())
        # One that decides by other things goes on.
        body = 'return Criteria(long=(is_above("A", bars.close, 0.0),), short=())'
        with_answer(home / "strategies", f'bars.feature("news.sentiment.btc")\n{body}', "reads")
    asked = (*command, "--bars", "BTCUSDT-1d.csv", "--strategy", "reads")
    if file:
        asked += ("--out", "r")
    done = vigie(*asked)
    assert done.code == 0, done.err
    said = "Features with no value on these bars: news.sentiment.btc on btc-usdt-perp/1d, read by reads."
    assert done.out.count(said) == 1
    written = (tmp_path / "r" / file).read_text("utf-8") if file else vigie(*asked, "--json").out
    expected = {"strategy": "reads", "feature": "news.sentiment.btc", "series": "btc-usdt-perp/1d"}
    assert json.loads(written)["empty_features"] == [expected]


def test_the_list_and_the_page_of_a_strategy_say_that_every_run_refuses_it(
    vigie: Vigie, tmp_path: Path, home: Path
):
    # The form of a name is that of a series: only the sources know that there is none.
    reading(home / "strategies", "news.sentiment.bitcon")
    reading(home / "strategies", "news.sentiment.btc", "sound")
    said = (
        "reads.py: reads.py reads the feature 'news.sentiment.bitcon', which does not exist; the nearest is"
    )
    for name in ("reads", "sound"):
        assert vigie("programs", "allow", f"strategies/{name}.py").code == 0
    listed = vigie("strategy", "list")
    assert said in listed.err
    assert "sound" not in listed.err
    problems = {one["name"]: one["problem"] for one in json.loads(vigie("strategy", "list", "--json").out)}
    assert "which does not exist; the nearest is" in problems.pop("reads")
    assert not any(problems.values())
    assert said in vigie("strategy", "show", "reads").err
    assert "which does not exist" in json.loads(vigie("strategy", "show", "reads", "--json").out)["problem"]
    assert vigie("strategy", "show", "sound").err == ""


def test_the_check_of_a_strategy_names_it(tmp_path: Path):
    desk = make_desk(tmp_path / "home")
    found = {
        one.check: one for one in check_file(reading(tmp_path, "funding_rates"), data_stores=desk).findings
    }
    assert found["features"].status == "fail"
    assert "the nearest is 'funding_rate'" in found["features"].detail


def test_python_takes_features_that_the_bars_bring_along(tmp_path: Path, home: Path):
    path = reading(home / "strategies", "my.own")
    bars = make_bars(60)
    with pytest.raises(UsageError, match=r"'my\.own', which does not exist"):
        python.backtest(bars, path.stem, tick="0.1", lot="0.001", count=False)
    known = bars.ts[30:] + bars.span_ms
    given = add_feature(bars, "my.own", known, np.ones(len(known)))
    result = python.backtest(given, path.stem, tick="0.1", lot="0.001", count=False)
    assert len(result.trades) > 0
