"""`vigie backtest`, `compare`, `why` as a person meets them: what is printed, written, refused."""

from __future__ import annotations

import json
import os
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from tests.unit.services.backtest_material import (
    ASSETS,
    FIVE,
    VENUE,
    Vigie,
    command_line,
    files_of,
    market,
    rows_of,
    same,
    store_bars,
    write_bars,
    write_instruments,
)
from vigie.domain.time import iso, parse_time, timeframe_ms
from vigie.views.cli import demo
from vigie.views.cli.tables import SHOWN_DIFFERENCES, UNFUNDED

# Files of one's own are judged in processes of their own.
pytestmark = pytest.mark.usefixtures("forked_witnesses")

FILES = {
    "trades.csv", "summary.csv", "by_strategy.csv", "by_asset.csv", "equity.parquet", "refusals.csv", "result.json",
    "report.html",
}  # fmt: skip
TRADE_COLUMNS = (
    "slot,instrument,timeframe,strategy,side,qty,entry_ts,entry_price,exit_ts,exit_price,stop,target,fees,funding,"
    "pnl,return_pct,reason,bars_held,mae_pct,mfe_pct"
)
SUMMARY_COLUMNS = (
    "slot,trades,win_rate,pnl,return_pct,sharpe,max_drawdown_pct,profit_factor,exposure,fees,funding"
)
NUMBERS = "qty entry_price exit_price stop target fees funding pnl return_pct mae_pct mfe_pct".split()
AT_OPEN = {"signal", "time", "protection"}


@pytest.fixture
def vigie(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Vigie:
    """The command line, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return command_line(monkeypatch, capsys)


@pytest.fixture
def stored(home: Path, tmp_path: Path) -> list[str | Path]:
    """Options for stored bars of seven assets, with pinned rules."""
    store_bars(home)
    return ["backtest", "--venue", VENUE, "--instruments", write_instruments(tmp_path / "instruments.csv")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Daily bars of BTC in a file."""
    return write_bars(tmp_path / "in" / "BTCUSDT-1d.csv", market().bars("BTC", "1d"))


ON_FILE = ("--strategy", "macd_cross", "--tick", "0.1", "--lot", "0.0001")
ONE = ("--symbols", "BTC", "--strategy", "ema_cross")


# The main job


def test_the_main_job_prints_a_row_a_slot_and_a_total_and_writes_every_file(
    vigie: Vigie, stored, tmp_path: Path
):
    out = tmp_path / "result"
    done = vigie(*stored, "--symbols", ",".join(ASSETS), "--strategy", FIVE, "--timeframe", "native",
                 "--last", "250", "--out", out)  # fmt: skip
    assert done.code == 0, done.err
    assert {path.name for path in out.iterdir()} == FILES
    names = [row["slot"] for row in rows_of(out / "summary.csv")]
    assert len(names) == 36
    assert names[-1] == "total"
    assert names[0] == "btc-usdt-perp/1d/macd_cross"
    for name in names[:-1]:
        assert f"{name} " in done.out
    assert "total (35 slots)" in done.out
    assert "Simulated bars" in done.out
    assert "Verdict on " in done.out
    assert str(out / "report.html") in done.out
    assert "Traceback" not in done.err


def test_three_timeframes_give_three_rows_for_each(vigie: Vigie, stored, tmp_path: Path):
    done = vigie(*stored, "--symbols", ",".join(ASSETS), "--strategy", FIVE, "--timeframe", "1h,4h,1d",
                 "--last", "160", "--out", tmp_path / "result", "--no-check")  # fmt: skip
    assert done.code == 0, done.err
    names = [row["slot"] for row in rows_of(tmp_path / "result" / "summary.csv")]
    assert len(names) == 106
    assert [name.split("/")[1] for name in names[:15]] == ["1h"] * 5 + ["4h"] * 5 + ["1d"] * 5
    assert "Checks were switched off" in done.out


def test_all_strategies_run_in_alphabetical_order(vigie: Vigie, stored, tmp_path: Path):
    done = vigie(*stored, "--symbols", "BTC", "--strategy", "all", "--last", "150", "--out", tmp_path / "r")
    assert done.code == 0, done.err
    names = [row["slot"].split("/")[2] for row in rows_of(tmp_path / "r" / "summary.csv")[:-1]]
    assert len(names) >= 10
    assert names == sorted(names)


# The files


@pytest.fixture
def result(vigie: Vigie, stored, tmp_path: Path) -> Path:
    """The folder of a run with some trades of every kind."""
    out = tmp_path / "result"
    done = vigie(*stored, "--symbols", "BTC,ETH,SOL", "--strategy", FIVE, "--timeframe", "4h", "--max-bars", "30",
                 "--out", out)  # fmt: skip
    assert done.code == 0, done.err
    return out


def test_the_columns_are_those_promised(result: Path):
    def head(name: str) -> str:
        return (result / name).read_text(encoding="utf-8").splitlines()[0]

    assert head("trades.csv") == TRADE_COLUMNS
    assert head("summary.csv") == SUMMARY_COLUMNS
    assert head("refusals.csv") == "timestamp,slot,side,code,limit,value"
    assert head("by_strategy.csv").startswith("strategy,slots,trades,win_rate,pnl,")
    assert head("by_asset.csv").startswith("asset,slots,trades,win_rate,pnl,")
    equity = pl.read_parquet(result / "equity.parquet")
    assert dict(equity.schema) == {
        "timestamp": pl.Datetime("ms", "UTC"),
        "slot": pl.String,
        "equity": pl.Float64,
    }
    samples = equity.group_by("slot").len()
    assert set(samples["len"]) == {len(market().bars("BTC", "4h"))}
    assert len(samples) == 15


def test_trades_are_written_with_full_precision_positive_quantities_and_iso_times(result: Path):
    trades = rows_of(result / "trades.csv")
    assert len(trades) > 50
    for trade in trades:
        for name in NUMBERS:
            assert repr(float(trade[name])) == trade[name]
        for name in ("entry_ts", "exit_ts"):
            assert iso(parse_time(trade[name])) == trade[name]
        assert float(trade["qty"]) > 0
        assert trade["side"] in ("long", "short")
        assert trade["slot"] == "/".join(trade[name] for name in ("instrument", "timeframe", "strategy"))
        assert float(trade["mae_pct"]) <= 0 <= float(trade["mfe_pct"])
        assert float(trade["fees"]) > 0
        assert trade["funding"] == "0.0"


def test_pnl_is_gross_less_both_fees_plus_funding_and_return_a_share_of_equity_at_decision(result: Path):
    capital = 10_000.0
    equity: dict[str, float] = {}
    for trade in rows_of(result / "trades.csv"):
        side = 1 if trade["side"] == "long" else -1
        qty, entry, leave = (float(trade[name]) for name in ("qty", "entry_price", "exit_price"))
        gross = side * qty * (leave - entry)
        fees = 0.0006 * qty * (entry + leave)
        pnl = float(trade["pnl"])
        assert pnl == pytest.approx(gross - float(trade["fees"]) + float(trade["funding"]), abs=1e-7)
        assert float(trade["fees"]) == pytest.approx(fees, abs=1e-7)
        before = equity.get(trade["slot"], capital)
        if trade["reason"] != "reversed":
            ratio = 100 * pnl / float(trade["return_pct"])
            assert ratio == pytest.approx(before, rel=0.15)  # a reversal marks the old position in
        equity[trade["slot"]] = before + pnl


def test_at_open_events_carry_open_times_and_exits_inside_a_bar_its_close_time(result: Path):
    reasons = set()
    for trade in rows_of(result / "trades.csv"):
        span = timeframe_ms(trade["timeframe"])
        entry, leave = parse_time(trade["entry_ts"]), parse_time(trade["exit_ts"])
        held = int(trade["bars_held"])
        assert entry % span == 0
        assert leave == entry + (held - 1 if trade["reason"] in AT_OPEN else held) * span
        reasons.add(trade["reason"])
    assert {"signal", "stop", "target"} <= reasons


def test_the_total_is_the_sum_of_the_slots_and_the_slots_those_of_the_trades(result: Path):
    *slots, total = rows_of(result / "summary.csv")
    trades = rows_of(result / "trades.csv")
    for name in ("trades", "pnl", "fees", "funding"):
        assert float(total[name]) == pytest.approx(sum(float(slot[name]) for slot in slots), abs=1e-6)
    assert float(total["return_pct"]) == pytest.approx(100 * float(total["pnl"]) / (10_000 * len(slots)))
    for slot in slots:
        own = [trade for trade in trades if trade["slot"] == slot["slot"]]
        wins = sum(float(trade["pnl"]) > 0 for trade in own)
        assert int(slot["trades"]) == len(own)
        assert float(slot["pnl"]) == pytest.approx(sum(float(trade["pnl"]) for trade in own), abs=1e-6)
        assert float(slot["win_rate"]) == pytest.approx(wins / len(own))
        assert 0 <= float(slot["exposure"]) <= 1
        assert -100 <= float(slot["max_drawdown_pct"]) <= 0


def test_strategies_and_assets_are_summed(result: Path):
    trades = rows_of(result / "trades.csv")
    for name, key in (("by_strategy.csv", "strategy"), ("by_asset.csv", "instrument")):
        for row in rows_of(result / name):
            own = [t for t in trades if t[key] == row[key if key == "strategy" else "asset"]]
            assert int(row["trades"]) == len(own)
            assert float(row["pnl"]) == pytest.approx(sum(float(t["pnl"]) for t in own), abs=1e-6)


def test_refusals_are_written_with_code_limit_and_value(vigie: Vigie, file: Path, tmp_path: Path):
    done = vigie("backtest", "--bars", file, "--strategy", "macd_cross", "--tick", "0.1", "--lot", "1000",
                 "--out", tmp_path / "r")  # fmt: skip
    assert done.code == 0, done.err
    everything = rows_of(tmp_path / "r" / "refusals.csv")
    refusals = [row for row in everything if row["code"] != "liquidation_too_near"]
    assert refusals
    assert rows_of(tmp_path / "r" / "trades.csv") == []
    for row in refusals:
        assert row["code"] == "too_small"
        assert row["slot"] == "btc-usdt-perp/1d/macd_cross"
        assert row["side"] in ("long", "short")
        assert (row["limit"], row["value"]) == ("1000.0", "0.0")
        assert parse_time(row["timestamp"]) % timeframe_ms("1d") == 0
    assert f"too_small {len(refusals)}" in done.out
    counts = json.loads((tmp_path / "r" / "result.json").read_text())["refusals"]
    assert counts["too_small"] == len(refusals)
    assert sum(counts.values()) == len(everything)


def test_result_json_says_what_was_run_on_what_and_what_was_decided(result: Path):
    record = json.loads((result / "result.json").read_text(encoding="utf-8"))
    assert {"version", "configuration", "configuration_hash", "data_fingerprint", "decision_hash", "mode", "total",
            "slots", "refusals", "costs", "verdict", "simulated", "checked"} <= set(record)  # fmt: skip
    assert len(record["decision_hash"]) == len(record["data_fingerprint"]) == 64
    assert record["simulated"] is True
    assert record["checked"] is True
    assert record["mode"] == "isolated"
    assert len(record["slots"]) == 15
    assert record["slots"][0]["params"] == {"fast": 12, "slow": 26, "signal": 9}
    assert record["configuration"]["account"]["sizing"]["max_bars"] == 30
    assert record["verdict"]["about"] in {slot["slot"] for slot in record["slots"]}


def test_alpha_and_beta_are_against_the_venues_stored_bitcoin_where_it_is_not_traded(
    vigie: Vigie, stored, tmp_path: Path
):
    assert vigie(*stored, "--symbols", "ETH", "--strategy", "ema_cross", "--out", tmp_path / "eth").code == 0
    record = json.loads((tmp_path / "eth" / "result.json").read_text(encoding="utf-8"))
    assert record["market"] == ["btc-usdt-perp/1d"]
    assert isinstance(record["total"]["beta"], float)


# The same again, and something else


def test_the_same_command_twice_gives_the_same_bytes_and_says_so(vigie: Vigie, stored, tmp_path: Path):
    first = vigie(*stored, *ONE, "--out", tmp_path / "a")
    again = vigie(*stored, *ONE, "--out", tmp_path / "b")
    assert first.code == again.code == 0
    assert "Same decisions" not in first.out
    assert "Same decisions as in the last run with this configuration." in again.out
    assert same([tmp_path / "a", tmp_path / "b"])
    difference = vigie("compare", tmp_path / "a", tmp_path / "b")
    assert difference.code == 0
    assert "Both runs are identical: settings, data," in difference.out


def test_without_out_a_configuration_has_its_own_folder(vigie: Vigie, stored, tmp_path: Path):
    for options in (ONE, ONE, (*ONE, "--leverage", "3")):
        assert vigie(*stored, *options).code == 0
    folders = sorted((tmp_path / "runs").iterdir())
    assert len(folders) == 2
    assert all({path.name for path in folder.iterdir()} == FILES for folder in folders)


def test_new_bars_under_the_same_configuration_are_said_as_a_change(vigie: Vigie, tmp_path: Path):
    bars = market().bars("BTC", "1d")
    path = write_bars(tmp_path / "BTCUSDT-1d.csv", bars.slice(0, 250))
    assert vigie("backtest", "--bars", path, *ON_FILE).code == 0
    write_bars(path, bars)
    done = vigie("backtest", "--bars", path, *ON_FILE)
    assert "Changes since the last run with this configuration:" in done.out
    assert "  data: " in done.out
    assert "  decisions: " in done.out
    report = next((tmp_path / "runs").iterdir()) / "report.html"
    assert "Compared with" in report.read_text(encoding="utf-8")


def test_compare_names_settings_figures_and_trades_that_differ(vigie: Vigie, stored, tmp_path: Path):
    vigie(*stored, *ONE, "--out", tmp_path / "a")
    vigie(*stored, *ONE, "--target-atr", "6", "--out", tmp_path / "b")
    done = vigie("compare", tmp_path / "a", tmp_path / "b")
    assert done.code == 0
    assert "target_atr" in done.out
    assert "changed: btc-usdt-perp/4h/ema_cross" in done.out
    answer = json.loads(vigie("compare", tmp_path / "a", tmp_path / "b", "--json").out)
    parts = sum(map(Decimal, answer["gap"]["parts"].values()))
    assert parts == Decimal(answer["gap"]["gap"]) != 0
    assert answer["same"] is False
    assert {"what": "account.sizing.target_atr", "first": 3.0, "second": 6.0} in answer["settings"]
    assert any(row["what"].startswith("total.") for row in answer["figures"])
    first, second = (rows_of(tmp_path / name / "trades.csv") for name in "ab")
    trades = answer["trades"]
    assert trades["same"] + len(trades["only_first"]) + len(
        {c.split(":")[0] for c in trades["changed"]}
    ) <= len(first)
    assert len(trades["only_second"]) <= len(second)
    assert any(" target " in change for change in trades["changed"])


def test_compare_pairs_slots_by_their_names(vigie: Vigie, stored, tmp_path: Path):
    vigie(*stored, "--symbols", "ETH", "--strategy", "ema_cross", "--out", tmp_path / "a")
    other = ("--set", "ema_cross.fast=12", "--require", "trend", "--out", tmp_path / "b")
    vigie(*stored, "--symbols", "BTC,ETH", "--strategy", "ema_cross", *other)
    answer = json.loads(vigie("compare", tmp_path / "a", tmp_path / "b", "--json").out)
    rows = [row for row in answer["settings"] if "/" in row["what"]]
    eth = "eth-usdt-perp/4h/ema_cross"
    assert rows == [
        {"what": f"{eth} params.fast", "first": 20, "second": 12},
        {"what": f"{eth} require", "first": "", "second": "trend"},
        {"what": "btc-usdt-perp/4h/ema_cross", "first": None, "second": "traded"},
    ]
    assert not [row for row in answer["figures"] if row["what"].startswith("btc")]


def test_compare_shows_a_screenful_and_says_how_much_more_there_is(vigie: Vigie, stored, tmp_path: Path):
    vigie(*stored, *ONE, "--out", tmp_path / "a")
    vigie(*stored, "--symbols", ",".join(ASSETS), "--strategy", FIVE, "--no-check", "--out", tmp_path / "b")
    said = vigie("compare", tmp_path / "a", tmp_path / "b").out
    differing = len(json.loads(vigie("compare", tmp_path / "a", tmp_path / "b", "--json").out)["settings"])
    assert differing > 34
    assert f"and {differing - SHOWN_DIFFERENCES} more; --json lists all" in said


@pytest.mark.parametrize(("name", "content"), [("empty", None), ("damaged", "{")])
def test_compare_refuses_a_folder_that_is_no_run(
    vigie: Vigie, tmp_path: Path, name: str, content: str | None
):
    folder = tmp_path / name
    folder.mkdir()
    if content:
        (folder / "result.json").write_text(content)
    done = vigie("compare", folder, folder)
    assert done.code == 2
    assert done.err.startswith(f"error: {folder}")


def test_json_is_all_that_is_printed(vigie: Vigie, stored, tmp_path: Path):
    done = vigie(*stored, *ONE, "--json", "--out", tmp_path / "r")
    assert done.code == 0
    assert done.err == ""
    assert json.loads(done.out) == json.loads((tmp_path / "r" / "result.json").read_text(encoding="utf-8"))


def test_json_has_no_words_for_numbers_that_are_not_known(vigie: Vigie, file: Path):
    done = vigie("backtest", "--bars", file, *ON_FILE, "--last", "5", "--json")

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    record = json.loads(done.out, parse_constant=refuse)
    assert record["total"]["trades"] == 0
    assert record["total"]["sharpe"] is None


# Files of bars, spans, grids


def test_a_file_of_bars_with_a_grid_needs_nothing_else(vigie: Vigie, file: Path, tmp_path: Path):
    done = vigie("backtest", "--bars", file, *ON_FILE, "--out", tmp_path / "r")
    assert done.code == 0, done.err
    (slot,) = json.loads((tmp_path / "r" / "result.json").read_text())["slots"]
    assert (slot["slot"], slot["tick"], slot["lot"]) == ("btc-usdt-perp/1d/macd_cross", "0.1", "0.0001")
    assert slot["bars"] == DAYS_OF_BARS


DAYS_OF_BARS = len(market().bars("BTC", "1d"))


def test_without_a_grid_the_tick_is_read_off_the_prices(vigie: Vigie, file: Path, tmp_path: Path):
    done = vigie("backtest", "--bars", file, "--strategy", "macd_cross", "--out", tmp_path / "r")
    assert done.code == 0, done.err
    (slot,) = json.loads((tmp_path / "r" / "result.json").read_text())["slots"]
    assert (slot["tick"], slot["lot"]) == ("0.1", "0.00000001")
    assert "read off the prices of the file" in (tmp_path / "r" / "report.html").read_text(encoding="utf-8")


def test_a_file_whose_name_says_nothing_is_named_by_an_option(vigie: Vigie, tmp_path: Path):
    path = write_bars(tmp_path / "prices.csv", market().bars("ETH", "4h"))
    refused = vigie("backtest", "--bars", path, *ON_FILE)
    assert refused.code == 2
    assert "the symbol of prices.csv is unknown; pass --symbol BTCUSDT" in refused.err
    done = vigie("backtest", "--bars", path, "--symbol", "ETHUSDT", *ON_FILE, "--out", tmp_path / "r")
    assert done.code == 0, done.err
    assert rows_of(tmp_path / "r" / "summary.csv")[0]["slot"] == "eth-usdt-perp/4h/macd_cross"


def test_several_files_run_side_by_side(vigie: Vigie, tmp_path: Path):
    paths = [
        write_bars(tmp_path / f"{asset}USDT-1d.csv", market().bars(asset, "1d")) for asset in ("BTC", "SOL")
    ]
    done = vigie("backtest", "--bars", paths[0], "--bars", paths[1], *ON_FILE, "--out", tmp_path / "r")
    assert done.code == 0, done.err
    names = [row["slot"] for row in rows_of(tmp_path / "r" / "summary.csv")]
    assert names == ["btc-usdt-perp/1d/macd_cross", "sol-usdt-perp/1d/macd_cross", "total"]
    named = vigie("backtest", "--bars", paths[0], "--bars", paths[1], "--symbols", "BTC", *ON_FILE)
    assert named.code == 2
    assert "several files name their own" in named.err


def trades_of(vigie: Vigie, folder: Path, *options: str | Path) -> list[dict[str, str]]:
    done = vigie(
        "backtest", *options, "--strategy", "ema_cross", "--tick", "0.1", "--lot", "0.0001", "--out", folder
    )
    assert done.code == 0, done.err
    return rows_of(folder / "trades.csv")


def test_spans_cut_the_bars_before_indicators_are_computed(vigie: Vigie, tmp_path: Path):
    bars = market().bars("BTC", "4h")
    whole = write_bars(tmp_path / "whole" / "BTCUSDT-4h.csv", bars)
    end = len(bars) - 200
    cut = write_bars(tmp_path / "cut" / "BTCUSDT-4h.csv", bars.slice(900, end))
    expected = trades_of(vigie, tmp_path / "e", "--bars", cut)
    assert len(expected) > 5
    begin_text, end_text = iso(int(bars.ts[900])), iso(int(bars.ts[end]))
    assert (
        trades_of(vigie, tmp_path / "1", "--bars", whole, "--from", begin_text, "--to", end_text) == expected
    )
    last = str(end - 900)
    assert trades_of(vigie, tmp_path / "2", "--bars", whole, "--to", end_text, "--last", last) == expected
    tail = write_bars(tmp_path / "tail" / "BTCUSDT-4h.csv", bars.slice(len(bars) - 500, len(bars)))
    assert trades_of(vigie, tmp_path / "3", "--bars", tail) == trades_of(
        vigie, tmp_path / "4", "--bars", whole, "--last", "500"
    )


def test_stored_bars_are_cut_like_those_of_a_file(vigie: Vigie, stored, tmp_path: Path):
    bars = market().bars("BTC", "4h")
    whole = write_bars(tmp_path / "whole" / "BTCUSDT-4h.csv", bars)
    begin = iso(int(bars.ts[700]))
    for number, span in enumerate(
        (["--last", "600"], ["--from", begin], ["--from", begin, "--warmup-bars", "90"])
    ):
        from_file = trades_of(vigie, tmp_path / f"f{number}", "--bars", whole, *span)
        from_store = trades_of(
            vigie, tmp_path / f"s{number}", "--venue", VENUE, "--symbols", "BTC", "--timeframe", "4h", *span
        )
        assert from_store == from_file
        assert from_file


def broker_file(path: Path) -> Path:
    """Write the market as a broker in Paris does: closes of bars, decimal commas, no volume."""
    bars = market().bars("BTC", "4h")
    lines = ["Quand;Ouverture;Haut;Bas;Fin"]
    for at, ts in enumerate(bars.ts):
        moment = datetime.fromtimestamp((int(ts) + bars.span_ms) / 1000, ZoneInfo("Europe/Paris"))
        prices = (repr(float(column[at])) for column in (bars.open, bars.high, bars.low, bars.close))
        lines.append(
            ";".join((moment.strftime("%d.%m.%Y %H:%M"), *(price.replace(".", ",") for price in prices)))
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


SAID = (
    "--map", "timestamp=Quand,open=Ouverture,high=Haut,low=Bas,close=Fin", "--tz", "Europe/Paris",
    "--date-format", "DD.MM.YYYY HH:mm", "--decimal", ",", "--stamp", "close", "--no-volume",
)  # fmt: skip


def test_a_brokers_file_is_traded_as_the_plain_one_and_its_unknown_volume_is_told(
    vigie: Vigie, tmp_path: Path
):
    plain = write_bars(tmp_path / "plain" / "BTCUSDT-4h.csv", market().bars("BTC", "4h"))
    broker = broker_file(tmp_path / "broker" / "BTCUSDT-4h.csv")
    # The volume gates nothing here: the trades are those of the plain file, but for its share in the score.
    as_plain = trades_of(vigie, tmp_path / "1", "--bars", plain)
    as_said = trades_of(vigie, tmp_path / "2", "--bars", broker, *SAID)
    for key in ("entry_ts", "exit_ts", "side", "entry_price", "pnl"):
        assert [trade[key] for trade in as_said] == [trade[key] for trade in as_plain]
    assert as_said
    record = json.loads((tmp_path / "2" / "result.json").read_text())
    assert [one["feature"] for one in record["empty_features"]] == ["volume"]
    assert record["configuration"]["form"]["tz"] == "Europe/Paris"
    first = json.loads((tmp_path / "1" / "result.json").read_text())
    assert "form" not in first["configuration"]
    assert first["decision_hash"] == record["decision_hash"]
    # The run is known by how its file was read: it can be asked about.
    answer = json.loads(vigie("why", record["slots"][0]["slot"], as_said[0]["entry_ts"], "--json").out)
    assert answer["bars_changed"] is False


def test_warm_up_bars_are_for_the_indicators_only(vigie: Vigie, tmp_path: Path):
    bars = market().bars("BTC", "4h")
    path = write_bars(tmp_path / "BTCUSDT-4h.csv", bars)
    begin = int(bars.ts[600])
    cold = trades_of(vigie, tmp_path / "cold", "--bars", path, "--from", iso(begin))
    warm = trades_of(vigie, tmp_path / "warm", "--bars", path, "--from", iso(begin), "--warmup-bars", "600")
    everything = trades_of(vigie, tmp_path / "all", "--bars", path)
    assert all(parse_time(trade["entry_ts"]) > begin for trade in warm)
    assert warm != cold
    # With the whole history before it the signals are those of the whole history.
    entries = {trade["entry_ts"] for trade in everything}
    assert {trade["entry_ts"] for trade in warm} <= entries | {warm[0]["entry_ts"]}
    record = json.loads((tmp_path / "warm" / "result.json").read_text())
    assert record["slots"][0]["bars"] == len(bars) - 600
    assert record["slots"][0]["first_ts"] == begin
    first = pl.read_parquet(tmp_path / "warm" / "equity.parquet")["timestamp"].dt.epoch("ms")[0]
    assert first == begin + timeframe_ms("4h")


def test_a_resampled_timeframe_runs_like_a_stored_one(vigie: Vigie, home: Path, stored, tmp_path: Path):
    vigie(
        *stored, "--symbols", "BTC", "--strategy", "ema_cross", "--timeframe", "4h", "--out", tmp_path / "a"
    )
    for folder in (home / "bars").rglob("4h"):
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    done = vigie(
        *stored, "--symbols", "BTC", "--strategy", "ema_cross", "--timeframe", "4h", "--out", tmp_path / "b"
    )
    assert done.code == 0, done.err
    assert rows_of(tmp_path / "a" / "trades.csv") == rows_of(tmp_path / "b" / "trades.csv")


# Costs, funding, detail


def test_zero_fees_are_allowed_and_said_to_flatter(vigie: Vigie, file: Path, tmp_path: Path):
    done = vigie("backtest", "--bars", file, *ON_FILE, "--taker", "0", "--maker", "0", "--slippage-bps", "0",
                 "--out", tmp_path / "r")  # fmt: skip
    assert done.code == 0, done.err
    trades = rows_of(tmp_path / "r" / "trades.csv")
    assert trades
    assert {trade["fees"] for trade in trades} == {"0.0"}
    assert "this result is too good" in done.out
    assert "this result is too good" in (tmp_path / "r" / "report.html").read_text("utf-8")
    paid = vigie("backtest", "--bars", file, *ON_FILE, "--out", tmp_path / "paid")
    assert "flatters" not in paid.out


def test_limit_targets_pay_the_maker_and_no_slippage(vigie: Vigie, file: Path, tmp_path: Path):
    done = vigie("backtest", "--bars", file, *ON_FILE, "--target-execution", "limit", "--maker", "0",
                 "--out", tmp_path / "r")  # fmt: skip
    assert done.code == 0, done.err
    hits = [trade for trade in rows_of(tmp_path / "r" / "trades.csv") if trade["reason"] == "target"]
    assert hits
    for trade in hits:
        assert float(trade["fees"]) == pytest.approx(
            0.0006 * float(trade["qty"]) * float(trade["entry_price"]), abs=1e-7
        )
        better = float(trade["exit_price"]) - float(trade["target"])
        assert better >= 0 if trade["side"] == "long" else better <= 0


def funding_file(path: Path, *assets: str) -> Path:
    lines = ["timestamp,symbol,funding_rate"]
    for asset in assets:
        series = market().assets[asset].funding
        lines += [
            f"{iso(int(ts))},{asset}USDT,{float(v)!r}" for ts, v in zip(series.ts, series.value, strict=True)
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_funding_is_charged_at_the_mark_where_there_is_one(vigie: Vigie, file: Path, tmp_path: Path):
    series = market().assets["BTC"].funding
    paid = funding_file(tmp_path / "funding.csv", "BTC")
    hourly = market().bars("BTC", "1h")
    marks = write_bars(tmp_path / "mark-BTCUSDT-1h.csv", hourly)
    plain = vigie("backtest", "--bars", file, *ON_FILE, "--out", tmp_path / "0")
    done = vigie(
        "backtest", "--bars", file, *ON_FILE, "--funding", paid, "--mark", marks, "--out", tmp_path / "1"
    )
    assert plain.code == done.code == 0, done.err
    assert (UNFUNDED in plain.out, UNFUNDED in done.out) == (True, False)
    rates = dict(zip((series.ts // 60_000 * 60_000).tolist(), series.value.tolist(), strict=True))
    opens = dict(zip(hourly.ts.tolist(), hourly.open.tolist(), strict=True))
    trades = rows_of(tmp_path / "1" / "trades.csv")
    assert len({trade["funding"] for trade in trades}) > 5
    for trade in trades:
        entry, leave = parse_time(trade["entry_ts"]), parse_time(trade["exit_ts"])
        until = leave + (trade["reason"] in AT_OPEN)
        sign = -1 if trade["side"] == "long" else 1
        amounts = [
            round(sign * float(trade["qty"]) * opens[ts] * rate, 8)
            for ts, rate in rates.items()
            if entry < ts < until
        ]
        assert float(trade["funding"]) == pytest.approx(sum(amounts), abs=1e-6)
    opened = vigie("backtest", "--bars", file, *ON_FILE, "--funding", paid, "--out", tmp_path / "2")
    assert opened.code == 0
    assert rows_of(tmp_path / "2" / "trades.csv") != trades


def test_an_instrument_that_the_funding_file_lacks_is_named(vigie: Vigie, stored, tmp_path: Path):
    done = vigie(*stored, "--symbols", "BTC,ETH", "--strategy", "funding_carry", "--timeframe", "4h", "--funding",
                 funding_file(tmp_path / "funding.csv", "BTC"), "--out", tmp_path / "r")  # fmt: skip
    assert done.code == 0, done.err
    report = (tmp_path / "r" / "report.html").read_text(encoding="utf-8").replace("<wbr>", "")
    assert "funding.csv; not charged where it is missing: eth-usdt-perp none" in report
    assert "Funding counts as 0 where it is missing: eth-usdt-perp none" in done.out


def test_funding_that_ends_before_the_bars_is_named_in_the_report(vigie: Vigie, file: Path, tmp_path: Path):
    paid = funding_file(tmp_path / "funding.csv", "BTC")
    lines = paid.read_text(encoding="utf-8").splitlines()[:-60]
    paid.write_text("\n".join(lines), encoding="utf-8")
    done = vigie("backtest", "--bars", file, *ON_FILE, "--funding", paid, "--out", tmp_path / "r")
    assert done.code == 0, done.err
    report = (tmp_path / "r" / "report.html").read_text(encoding="utf-8").replace("<wbr>", "")
    assert f"not charged where it is missing: btc-usdt-perp only until {lines[-1][:10]}" in report


@pytest.mark.parametrize("given", ["funding", "mark", "mark alone"])
def test_funding_and_marks_that_would_not_be_charged_are_refused(
    vigie: Vigie, stored, tmp_path: Path, given: str
):
    marks = {
        asset: write_bars(tmp_path / f"mark-{asset}USDT-1h.csv", market().bars(asset, "1h"))
        for asset in ("BTC", "ETH")
    }
    paid = {asset: funding_file(tmp_path / f"funding-{asset}.csv", asset) for asset in ("BTC", "ETH")}
    options, said = {
        "funding": (["--funding", paid["ETH"]], "has no data for"),
        "mark": (
            ["--funding", paid["BTC"], "--mark", marks["ETH"]],
            "has no data for",
        ),
        "mark alone": (["--mark", marks["BTC"]], "--mark is the price used to charge funding; also"),
    }[given]
    done = vigie(*stored, *ONE, *options, "--out", tmp_path / "r")
    assert done.code == 2, done.err
    assert said in done.err
    assert not (tmp_path / "r").exists()


def test_finer_bars_decide_what_came_first(vigie: Vigie, stored, tmp_path: Path):
    common = (
        "--symbols",
        "BTC",
        "--strategy",
        "macd_cross",
        "--timeframe",
        "1d",
        "--stop-atr",
        "0.7",
        "--target-atr",
        "0.8",
    )
    plain = vigie(*stored, *common, "--out", tmp_path / "0")
    done = vigie(*stored, *common, "--detail", "1h", "--out", tmp_path / "1")
    assert plain.code == done.code == 0, done.err
    coarse, fine = (rows_of(tmp_path / name / "trades.csv") for name in "01")
    assert any(parse_time(trade["exit_ts"]) % timeframe_ms("1d") for trade in fine)
    assert all(parse_time(trade["exit_ts"]) % timeframe_ms("1d") == 0 for trade in coarse)
    assert [t["entry_ts"] for t in fine[:1]] == [t["entry_ts"] for t in coarse[:1]]
    refused = vigie(*stored, *common, "--detail", "1d")
    assert refused.code == 2
    assert "--detail must be finer than 1d, was 1d" in refused.err


def test_finer_bars_of_a_file_lie_beside_it(vigie: Vigie, file: Path, tmp_path: Path):
    common = ("--bars", file, *ON_FILE, "--stop-atr", "0.7", "--target-atr", "0.8")
    lonely = vigie("backtest", *common, "--detail", "1h", "--out", tmp_path / "r")
    assert lonely.code == 2
    assert "put a file such as BTCUSDT-1h.csv beside BTCUSDT-1d.csv, or give the --venue" in lonely.err
    write_bars(file.with_name("BTCUSDT-1h.csv"), market().bars("BTC", "1h"))
    (file.parent / "notes of mine.txt").write_text("nothing")
    done = vigie("backtest", *common, "--detail", "1h", "--out", tmp_path / "r")
    assert done.code == 0, done.err
    ends = [parse_time(trade["exit_ts"]) for trade in rows_of(tmp_path / "r" / "trades.csv")]
    assert any(end % timeframe_ms("1d") for end in ends)
    store_bars(Path(os.environ["VIGIE_HOME"]))
    kept = vigie("backtest", "--venue", VENUE, "--symbols", "BTC", *ON_FILE, "--timeframe", "1d", "--stop-atr", "0.7",
                 "--target-atr", "0.8", "--detail", "1h", "--out", tmp_path / "s")  # fmt: skip
    assert kept.code == 0, kept.err
    assert rows_of(tmp_path / "s" / "trades.csv") == rows_of(tmp_path / "r" / "trades.csv")


# The account


def test_portfolio_mode_has_one_account_and_every_protection(vigie: Vigie, stored, tmp_path: Path):
    done = vigie(*stored, "--symbols", "BTC,ETH,SOL", "--strategy", FIVE, "--timeframe", "4h", "--mode", "portfolio",
                 "--out", tmp_path / "r")  # fmt: skip
    assert done.code == 0, done.err
    record = json.loads((tmp_path / "r" / "result.json").read_text())
    assert record["mode"] == "portfolio"
    assert record["protections"]["max_positions"] == 5
    equity = pl.read_parquet(tmp_path / "r" / "equity.parquet")
    assert set(equity["slot"]) == {"account"}
    *slots, total = rows_of(tmp_path / "r" / "summary.csv")
    assert float(total["pnl"]) == pytest.approx(sum(float(slot["pnl"]) for slot in slots), abs=1e-6)
    assert float(total["return_pct"]) == pytest.approx(float(total["pnl"]) / 100)
    trades = rows_of(tmp_path / "r" / "trades.csv")
    held: dict[str, int] = {}
    for trade in sorted(trades, key=lambda trade: trade["entry_ts"]):
        # One position an instrument: venues net positions.
        assert parse_time(trade["entry_ts"]) >= held.get(trade["instrument"], 0)
        held[trade["instrument"]] = parse_time(trade["exit_ts"])
    assert {"instrument_taken", "cooldown"} <= set(record["refusals"])


def test_protections_may_be_switched_on_for_isolated_slots(vigie: Vigie, stored, tmp_path: Path):
    for word in ("on", "off"):
        done = vigie(*stored, *ONE, "--protections", word, "--out", tmp_path / word)
        assert done.code == 0, done.err
    on, off = (json.loads((tmp_path / word / "result.json").read_text()) for word in ("on", "off"))
    assert on["mode"] == off["mode"] == "isolated"
    assert on["protections"]
    assert off["protections"] is None
    assert on["decision_hash"] != off["decision_hash"]
    assert set(off["refusals"]) <= {
        "liquidation_too_near",
        "gap_through_level",
        "too_small",
        "both_sides",
        "bad_level",
    }


def test_settings_reach_the_trades(vigie: Vigie, file: Path, tmp_path: Path):
    base = trades_of(vigie, tmp_path / "0", "--bars", file)
    half = trades_of(vigie, tmp_path / "1", "--bars", file, "--capital", "5000")
    assert float(half[0]["qty"]) == pytest.approx(float(base[0]["qty"]) / 2, abs=1e-4)
    risk = trades_of(vigie, tmp_path / "2", "--bars", file, "--risk-fraction", "0.005")
    assert float(risk[0]["qty"]) == pytest.approx(float(base[0]["qty"]) / 4, abs=1e-4)
    wide = trades_of(vigie, tmp_path / "3", "--bars", file, "--stop-atr", "1", "--target-atr", "1.5")
    ratio = (float(wide[0]["target"]) - float(wide[0]["stop"])) / (
        float(base[0]["target"]) - float(base[0]["stop"])
    )
    assert ratio == pytest.approx(0.5, rel=1e-3)
    timed = trades_of(vigie, tmp_path / "4", "--bars", file, "--max-bars", "2")
    assert max(int(trade["bars_held"]) for trade in timed) <= 3
    assert "time" in {trade["reason"] for trade in timed}


def test_parameters_are_set_by_strategy(vigie: Vigie, file: Path, tmp_path: Path):
    done = vigie("backtest", "--bars", file, "--strategy", "macd_cross,ema_cross", "--set", "macd_cross.fast=5",
                 "--set", "macd_cross.slow=20", "--out", tmp_path / "r")  # fmt: skip
    assert done.code == 0, done.err
    slots = json.loads((tmp_path / "r" / "result.json").read_text())["slots"]
    assert slots[0]["params"] == {"fast": 5, "slow": 20, "signal": 9}
    assert slots[1]["params"] == {"fast": 20, "slow": 50}


def test_optional_criteria_gate_the_entry_where_a_setting_requires_them(vigie: Vigie, stored, tmp_path: Path):
    (tmp_path / "run.toml").write_text(
        '[[slots]]\ninstruments = ["BTC"]\nstrategy = "ema_cross"\n'
        '[[slots]]\ninstruments = ["BTC"]\nstrategy = "ema_cross"\nrequire = ["trend"]\n'
    )
    done = vigie(*stored, "run.toml", "--out", tmp_path / "r")
    assert done.code == 0, done.err
    free, gated = (
        {row["entry_ts"] for row in rows_of(tmp_path / "r" / "trades.csv") if row["slot"] == slot}
        for slot in ("btc-usdt-perp/4h/ema_cross", "btc-usdt-perp/4h/ema_cross#2")
    )
    assert 0 < len(gated) < len(free)
    assert vigie(*stored, *ONE, "--require", "trend", "--out", tmp_path / "o").code == 0
    assert {row["entry_ts"] for row in rows_of(tmp_path / "o" / "trades.csv")} == gated
    assert "ema_cross: trend" in (tmp_path / "o" / "report.html").read_text()
    # The remembered run is explained with what it required.
    kept = [iso(parse_time(entry) - timeframe_ms("4h")) for entry in sorted(free - gated)]
    answers = [json.loads(vigie("why", "ema_cross", time, "--json").out) for time in kept[:3]]
    said = [answer["sentence"] for answer in answers]
    assert any("lacks Close " in one and "with the trend" in one for one in said), said
    refused = vigie(*stored, *ONE, "--require", "moon", "--out", tmp_path / "x")
    assert refused.code == 2
    assert "require must name a criterion of ema_cross ('Fast EMA" in refused.err
    assert not (tmp_path / "x").exists()


# The run file

RUN_FILE = """
[account]
capital = 5_000
leverage = 3

[costs]
taker = 0.001

[venue]
id = "simulated-perp"

[data]
last = 300
instruments = "instruments.csv"

[[slots]]
instruments = ["BTC", "ETH"]
timeframe = "4h"
strategy = "ema_cross"
params = { fast = 10, slow = 40 }

[[slots]]
instruments = ["BTC"]
strategy = "macd_cross"
enabled = false

[[slots]]
instruments = ["SOLUSDT"]
strategy = "rsi_reversion"
"""


def test_a_run_file_holds_all_of_it_with_slots_switched_on_and_off(vigie: Vigie, stored, tmp_path: Path):
    (tmp_path / "run.toml").write_text(RUN_FILE)
    done = vigie("backtest", "run.toml", "--out", tmp_path / "r")
    assert done.code == 0, done.err
    record = json.loads((tmp_path / "r" / "result.json").read_text())
    assert [slot["slot"] for slot in record["slots"]] == [
        "btc-usdt-perp/4h/ema_cross", "eth-usdt-perp/4h/ema_cross", "sol-usdt-perp/1d/rsi_reversion",
    ]  # fmt: skip
    assert record["slots"][0]["params"] == {"fast": 10, "slow": 40}
    assert record["slots"][0]["bars"] == 300
    assert record["configuration"]["account"]["costs"]["taker"] == 0.001
    assert record["total"]["capital"] == 15_000


def test_options_win_over_the_run_file(vigie: Vigie, stored, tmp_path: Path):
    (tmp_path / "run.toml").write_text(RUN_FILE)
    done = vigie("backtest", "run.toml", "--capital", "7000", "--last", "200", "--timeframe", "1d", "--symbols", "XRP",
                 "--set", "ema_cross.fast=12", "--out", tmp_path / "r")  # fmt: skip
    assert done.code == 0, done.err
    record = json.loads((tmp_path / "r" / "result.json").read_text())
    assert [slot["slot"] for slot in record["slots"]] == [
        "xrp-usdt-perp/1d/ema_cross",
        "xrp-usdt-perp/1d/rsi_reversion",
    ]
    assert record["slots"][0]["params"] == {"fast": 12, "slow": 40}
    assert record["slots"][0]["bars"] == 200
    sizing = record["configuration"]["account"]["sizing"]
    assert (sizing["capital"], sizing["leverage"]) == (7_000, 3)


def test_a_strategy_option_takes_the_instruments_of_the_run_file(vigie: Vigie, stored, tmp_path: Path):
    (tmp_path / "run.toml").write_text(RUN_FILE)
    done = vigie("backtest", "run.toml", "--strategy", "adx_trend", "--out", tmp_path / "r")
    assert done.code == 0, done.err
    names = [row["slot"] for row in rows_of(tmp_path / "r" / "summary.csv")[:-1]]
    assert names == [f"{asset}-usdt-perp/1d/adx_trend" for asset in ("btc", "eth", "sol")]


def test_a_run_file_may_name_files_of_bars_beside_it(vigie: Vigie, tmp_path: Path):
    folder = tmp_path / "runs of mine"
    write_bars(folder / "BTCUSDT-1d.csv", market().bars("BTC", "1d"))
    (folder / "run.toml").write_text(
        '[data]\nbars = ["BTCUSDT-1d.csv"]\ntick = 0.1\nlot = "0.001"\nfrom = 2022-03-01\n'
        '[[slots]]\ninstruments = ["BTC"]\nstrategy = "macd_cross"\nparams = { fast = 6 }\n'
        '[[slots]]\ninstruments = ["BTC"]\nstrategy = "macd_cross"\n'
    )
    done = vigie("backtest", folder / "run.toml", "--out", tmp_path / "r")
    assert done.code == 0, done.err
    record = json.loads((tmp_path / "r" / "result.json").read_text())
    assert [slot["slot"] for slot in record["slots"]] == [
        "btc-usdt-perp/1d/macd_cross",
        "btc-usdt-perp/1d/macd_cross#2",
    ]
    assert [slot["params"]["fast"] for slot in record["slots"]] == [6, 12]
    assert {iso(slot["first_ts"]) for slot in record["slots"]} == {"2022-03-01T00:00:00Z"}
    assert (record["slots"][0]["tick"], record["slots"][0]["lot"]) == ("0.1", "0.001")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[account]\ncapitol = 1\n", "account.capitol: no such key"),
        ("[accounts]\n", "accounts: no such key"),
        ("[[slots]]\ninstruments = ['BTC']\nstrategy = 'x'\nenable = true\n", "slots.0.enable: no such key"),
        ("[account]\ncapital = 'many'\n", "account.capital must be a number, was 'many'"),
        ("[account]\nmax_bars = 1.5\n", "account.max_bars must be a whole number, was 1.5"),
        ("[account]\nmode = 'both'\n", "account.mode must be one of isolated, portfolio, was 'both'"),
        (
            "[[slots]]\ninstruments = 'BTC'\nstrategy = 'x'\n",
            "slots.0.instruments must be a list, was 'BTC'",
        ),
        ("[[slots]]\nstrategy = 'x'\n", "slots.0.instruments is required"),
        ("[[slots]]\ninstruments = []\nstrategy = 'x'\n", "slots.0.instruments choose at least 1"),
        (
            "protections = 3\n",
            "run.toml: protections: must be true, false or a table of keys and values, was 3\n",
        ),
        ("data = 3\n", "data must be a table of keys and values, was 3"),
        (
            "[[slots]]\ninstruments = ['BTC']\nstrategy = 'x'\nenabled = 'yes'\n",
            "slots.0.enabled must be true or false, was 'yes'",
        ),
        ("[protections]\nmax_position = 3\n", "protection must be one of"),
        ("[protections]\nmax_positions = 9\n", "max_positions must be in [1, 5], was 9"),
        ("[protections]\ncooldown_bars = 'two'\n", "cooldown_bars must be a number, was 'two'"),
        ("[data]\nlast = 0\n", "data.last must be at least 1, was 0"),
        ("account = [", "is not valid TOML"),
    ],
)
def test_a_run_file_with_a_fault_is_refused_with_key_and_file(
    vigie: Vigie, tmp_path: Path, text: str, said: str
):
    (tmp_path / "run.toml").write_text(text)
    done = vigie("backtest", "run.toml")
    assert done.code == 2
    assert done.err.startswith("error: run file run.toml")
    assert said in done.err
    assert not (tmp_path / "runs").exists()


def test_a_run_file_beyond_the_hard_caps_is_refused(vigie: Vigie, tmp_path: Path):
    (tmp_path / "run.toml").write_text(
        "[account]\nrisk_fraction = 0.05\n" + RUN_FILE.partition("leverage = 3")[2]
    )
    done = vigie("backtest", "run.toml")
    assert done.code == 2
    assert "risk_fraction must be in (0, 0.02], was 0.05" in done.err


def test_portfolio_mode_without_protections_is_refused(vigie: Vigie, stored):
    done = vigie(*stored, *ONE, "--mode", "portfolio", "--protections", "off")
    assert done.code == 2
    assert "protections must be on in portfolio mode" in done.err


# Refusing bad input

GOOD = "timestamp,open,high,low,close,volume\n" + "".join(
    f"2024-01-{day:02d},100,102,98,101,5\n" for day in range(1, 29)
)
BAD_FILES = {
    "empty": ("", "empty"),
    "only a header": ("timestamp,open,high,low,close,volume\n", ""),
    "wrong columns": ("when,first,top,bottom,end\n2024-01-01,1,2,3,4\n", "columns"),
    "text in a price": (GOOD.replace("2024-01-07,100", "2024-01-07,cheap"), "cheap"),
    "unsorted times": (GOOD.replace("2024-01-05,", "2024-01-31,"), "ascending"),
    "high below low": (GOOD.replace("2024-01-09,100,102,98", "2024-01-09,100,90,98"), "row"),
    "binary": ("\x00\x01\x02" * 50, ""),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_of_bars_is_refused_with_the_cause_and_nothing_is_written(
    vigie: Vigie, tmp_path: Path, name: str
):
    content, said = BAD_FILES[name]
    path = tmp_path / "BTCUSDT-1d.csv"
    path.write_text(content)
    done = vigie("backtest", "--bars", path, *ON_FILE, "--out", tmp_path / "r")
    assert done.code in (1, 2)
    assert done.err.startswith("error: ")
    assert "BTCUSDT-1d.csv" in done.err
    assert said in done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    assert not (tmp_path / "r").exists()


REFUSED = {
    "a missing file": (["--bars", "no.csv", "--strategy", "ema_cross"], "bars file must exist, no.csv does not"),
    "a missing run file": (["missing.toml"], "run file missing.toml cannot be read: No such file"),
    "an unknown strategy": (["--symbols", "BTC", "--strategy", "macd_corss"], "strategy must be one of adx_trend"),
    "no strategy": (["--symbols", "BTC"], "--symbols needs --strategy"),
    "no symbols": (["--strategy", "macd_cross"], "--strategy needs --symbols"),
    "nothing at all": ([], "a backtest needs at least one slot; give --strategy and --symbols, or --bars"),
    "an empty strategy": (["--symbols", "BTC", "--strategy", ","], "strategy must name at least one strategy"),
    "the same slot twice": (["--symbols", "BTC,BTCUSDT", "--strategy", "ema_cross"], (
        "is given twice with the same parameters"
)),
    "an unknown parameter": ([*ONE, "--set", "ema_cross.fats=3"], "parameter of ema_cross must be one of fast slow"),
    "a parameter out of bounds": ([*ONE, "--set", "ema_cross.fast=100000"], "ema_cross.fast must be "),
    "a parameter that is text": ([*ONE, "--set", "ema_cross.fast=abc"], "ema_cross.fast must be a number, was 'abc'"),
    "a parameter that is no whole number": ([*ONE, "--set", "ema_cross.fast=1.5"], "ema_cross.fast must be a"),
    "parameters that do not go together": ([*ONE, "--set", "ema_cross.fast=60"], "ema_cross.fast must be below slow"),
    "a set without a value": ([*ONE, "--set", "ema_cross.fast"], "--set must look like ema_cross.fast=10"),
    "a set for another strategy": ([*ONE, "--set", "macd_cross.fast=3"], "--set names a strategy that is not run"),
    "negative capital": ([*ONE, "--capital", "-5"], "capital must be in [0.01, 9e+10], was -5"),
    "too much risk": ([*ONE, "--risk-fraction", "0.03"], "risk_fraction must be in (0, 0.02], was 0.03"),
    "too much leverage": ([*ONE, "--leverage", "10"], "leverage must be in (0, 5], was 10"),
    "a fee of half": ([*ONE, "--taker", "0.5"], "taker must be in [0, 0.1], was 0.5"),
    "capital that is no number": ([*ONE, "--capital", "nan"], "capital must be in"),
    "negative slippage": ([*ONE, "--slippage-bps", "-1"], "slippage_bps must be in"),
    "an unknown mode": ([*ONE, "--mode", "both"], "mode must be isolated or portfolio, was 'both'"),
    "protections by halves": ([*ONE, "--protections", "some"], "--protections must be on or off, was 'some'"),
    "an unknown timeframe": ([*ONE, "--timeframe", "7m"], "timeframe must be one of 1m"),
    "an unknown venue": ([*ONE, "--venue", "nowhere"], "venue must look like binance-perp"),
    "an instrument that is not stored": (["--symbols", "PEPE", "--strategy", "ema_cross"], "vigie data fetch"),
    "a time that is none": ([*ONE, "--from", "yesterday"], "time must be ISO 8601"),
    "a span without bars": ([*ONE, "--from", "2031-01-01"], "no bars of "),
    "a tick of nought": ([*ONE, "--tick", "0"], "tick must be a positive number, was '0'"),
    "a lot that is text": ([*ONE, "--lot", "small"], "lot must be a positive number, was 'small'"),
    "a missing funding file": ([*ONE, "--funding", "f.csv"], "file not found: f.csv"),
    "a missing mark file": ([*ONE, "--mark", "mark-BTCUSDT-1h.csv"], "mark-BTCUSDT-1h.csv"),
    "a missing table of instruments": ([*ONE, "--instruments", "i.csv"], "i.csv"),
    "an execution of its own": ([*ONE, "--target-execution", "magic"], "target_execution must be trigger or limit"),
    "detail that is not stored": ([*ONE, "--timeframe", "1d", "--detail", "1m"], "btc-usdt-perp/1m"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused_with_cause_and_cure_and_nothing_is_written(
    vigie: Vigie, stored, home: Path, tmp_path: Path, name: str
):
    options, said = REFUSED[name]
    done = vigie(*stored, *options, "--out", tmp_path / "r")
    assert done.code == 2, done.err
    assert done.err.startswith("error: ")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert done.out == ""
    assert not (tmp_path / "r").exists()
    assert {path.name for path in home.iterdir()} == {"bars"}


@pytest.mark.parametrize(
    "option", [["--last", "0"], ["--last", "x"], ["--seed", "-1"], ["--warmup-bars", "-1"], ["--foo"]]
)
def test_options_of_a_wrong_form_are_usage_errors(vigie: Vigie, stored, option: list[str]):
    done = vigie(*stored, *ONE, *option)
    assert done.code == 2
    assert option[0] in done.err


def test_a_strategy_of_ones_own_runs_and_a_broken_one_is_refused_with_its_fault(
    vigie: Vigie, stored, home: Path
):
    folder = home / "strategies"
    folder.mkdir()
    source = Path("src/vigie/trading/strategies/ema_cross.py")
    shipped = (Path(__file__).resolve().parents[3] / source).read_text(encoding="utf-8")
    (folder / "mine.py").write_text(shipped.replace("ema_cross.", "mine."))
    done = vigie(*stored, "--symbols", "BTC", "--strategy", "mine", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["slots"][0]["slot"] == "btc-usdt-perp/4h/mine"
    (folder / "mine.py").write_text("import nothing_like_this\n")
    done = vigie(*stored, "--symbols", "BTC", "--strategy", "mine")
    assert done.code == 2
    assert "mine.py" in done.err
    assert "nothing_like_this" in done.err


def test_a_strategy_that_looks_ahead_is_refused_with_bar_criterion_and_values(
    vigie: Vigie, stored, home: Path
):
    (home / "strategies").mkdir()
    (home / "strategies" / "seer.py").write_text(SEER)
    done = vigie(*stored, "--symbols", "BTC", "--strategy", "seer")
    assert done.code == 2
    assert "strategy seer looks ahead or repaints: 'tomorrow is higher' at 20" in done.err
    assert vigie(*stored, "--symbols", "BTC", "--strategy", "seer", "--no-check").code == 0


SEER = '''"""Knows tomorrow."""

from dataclasses import dataclass

import numpy as np

from vigie.domain.signal import Criteria
from vigie.trading.strategy import is_above, is_below, param

TIMEFRAME = "1d"


@dataclass(frozen=True, slots=True)
class Params:
    """None."""

    unused: int = param(1, low=1, high=2)


def warmup(params):
    return 0


def criteria(bars, params):
    tomorrow = np.append(bars.close[1:], bars.close[-1])
    return Criteria(
        long=(is_above("tomorrow is higher", tomorrow, bars.close),),
        short=(is_below("tomorrow is lower", tomorrow, bars.close),),
    )
'''


# Why


def test_why_explains_a_bar_with_an_entry(vigie: Vigie, stored, tmp_path: Path):
    vigie(*stored, *ONE, "--out", tmp_path / "r")
    trade = rows_of(tmp_path / "r" / "trades.csv")[0]
    decided = iso(parse_time(trade["entry_ts"]) - timeframe_ms("4h"))
    done = vigie("why", "btc-usdt-perp/4h/ema_cross", decided)
    assert done.code == 0, done.err
    assert f"bar {decided}" in done.out
    assert "An entry was decided at this close; it was filled at the next open." in done.out
    answer = json.loads(vigie("why", "BTC/4h/ema_cross", decided, "--json").out)
    required = [card for card in answer["criteria"][trade["side"]] if card["required"]]
    assert all(card["holds"] and card["nearness"] == 1.0 for card in required)
    assert answer["codes"] == ["entry_decided"]
    inside = json.loads(vigie("why", "BTCUSDT/4h/ema_cross", trade["entry_ts"], "--json").out)
    assert inside["position"]["entry_price"] == float(trade["entry_price"])
    assert "entry_intent" in inside["codes"]


def test_why_explains_a_bar_without_a_signal(vigie: Vigie, stored, tmp_path: Path):
    vigie(*stored, *ONE, "--out", tmp_path / "r")
    quiet = iso(parse_time("2022-01-01T04:00:00Z"))
    done = vigie("why", "ema_cross", quiet)
    assert done.code == 0, done.err
    assert "No signal: long lacks " in done.out
    assert "short lacks " in done.out


def test_why_explains_a_refusal(vigie: Vigie, stored, tmp_path: Path):
    vigie(*stored, *ONE, "--tick", "0.1", "--lot", "100000", "--out", tmp_path / "r")
    refused = rows_of(tmp_path / "r" / "refusals.csv")[0]
    answer = json.loads(vigie("why", "ema_cross", refused["timestamp"], "--json").out)
    assert answer["sentence"] == "There was a signal and no trade: too_small."
    assert answer["codes"] == ["too_small"]
    assert "limit 100000, value 0" in answer["events"][0]


def test_why_answers_for_a_time_inside_the_bar_and_for_an_earlier_run(vigie: Vigie, stored, tmp_path: Path):
    vigie(*stored, *ONE, "--out", tmp_path / "a")
    vigie(*stored, "--symbols", "ETH", "--strategy", "macd_cross", "--out", tmp_path / "b")
    answer = json.loads(
        vigie("why", "BTC/4h/ema_cross", "2022-06-01T05:30", "--run", tmp_path / "a", "--json").out
    )
    assert answer["bar"] == "2022-06-01T04:00:00Z"
    assert answer["known_at"] == "2022-06-01T08:00:00Z"
    key = json.loads((tmp_path / "a" / "result.json").read_text())["configuration_hash"]
    assert json.loads(vigie("why", "ema_cross", "2022-06-01T05:30", "--run", key, "--json").out) == answer


@pytest.mark.parametrize(
    ("slot", "time", "said"),
    [
        (
            "btc-usdt-perp/4h/macd_cross",
            "2022-06-01",
            "slot must name one of these, was 'btc-usdt-perp/4h/macd_cross':\n  btc-usdt-perp/4h/ema_cross\n",
        ),
        ("ema_cross", "1999-01-01", "This is the latest run; use --run FOLDER for another"),
        ("ema_cross", "2031-01-01", "This is the latest run; use --run FOLDER for another."),
        ("ema_cross", "noon", "time must be ISO 8601"),
    ],
)
def test_why_refuses_what_it_cannot_find(
    vigie: Vigie, stored, tmp_path: Path, slot: str, time: str, said: str
):
    vigie(*stored, *ONE, "--out", tmp_path / "r")
    done = vigie("why", slot, time)
    assert done.code == 2
    assert said in done.err


def test_why_without_a_run_says_what_to_do(vigie: Vigie):
    done = vigie("why", "ema_cross", "2022-06-01")
    assert done.code == 2
    assert done.err == "error: no run is saved yet; run `vigie backtest` first\n"
    missing = vigie("why", "ema_cross", "2022-06-01", "--run", "nothing")
    assert "run must be a folder with a result.json, or a saved configuration, was 'nothing'" in missing.err


# What is written is written whole


def test_a_result_that_cannot_be_written_leaves_the_old_one(vigie: Vigie, file: Path, tmp_path: Path):
    out = tmp_path / "r"
    assert vigie("backtest", "--bars", file, *ON_FILE, "--out", out).code == 0
    before = files_of(out)
    (out / "report.html").unlink()
    (out / "report.html").mkdir()  # no file can be put in its place
    done = vigie("backtest", "--bars", file, *ON_FILE, "--leverage", "1", "--out", out)
    assert done.code == 1
    assert "could not be written" in done.err
    (out / "report.html").rmdir()
    (out / "report.html").write_bytes(before["report.html"])
    assert files_of(out) == before


def test_the_demonstration_needs_nothing_and_says_what_to_do_next(vigie: Vigie, monkeypatch, tmp_path: Path):
    monkeypatch.setattr(demo, "DEMO_BARS", 60)
    done = vigie("demo", "backtest", "--out", "shown")
    assert done.code == 0, done.err
    assert {path.name for path in (tmp_path / "shown").iterdir()} == FILES
    assert "Simulated bars: from the sandbox, not from a market." in done.out
    assert "Open shown/report.html in a browser".replace("/", os.sep) in done.out
    assert "vigie data fetch" in done.out
    trade = rows_of(tmp_path / "shown" / "trades.csv")[0]
    assert vigie("why", trade["slot"], trade["entry_ts"]).code == 0
    again = json.loads(vigie("demo", "backtest", "--out", "shown", "--json").out)
    assert (again["simulated"], len(again["slots"])) == (True, 70)


def test_help_has_an_example(vigie: Vigie):
    for command in (["backtest"], ["compare"], ["why"], ["demo", "backtest"]):
        done = vigie(*command, "--help")
        assert done.code == 0
        assert "Example" in done.out
