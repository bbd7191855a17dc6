"""Backtests in the desk: ordered, read, compared, removed and taken back; nobody sees another's."""

from __future__ import annotations

import json
from dataclasses import replace
from types import ModuleType

import pytest

from tests import houses
from tests.unit.services.desk_material import FIRST, house_with_results
from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.person import OWNER, VISITOR
from vigie.ports.home import IsSimulated
from vigie.ports.plugins import PluginDirectory
from vigie.services.operation import operations
from vigie.services.operation_calls import run_operation
from vigie.services.operations.jobs import job_title

MINE = houses.person("owner")
OTHER = houses.person("other", "trader")
READS = ("get", "trades", "slots", "equity", "months", "costs", "refusals")


@pytest.fixture
def desk(tmp_path):
    return house_with_results(tmp_path / "home")


def test_an_order_is_queued_under_its_owner_and_written_down(tmp_path):
    house = houses.house(tmp_path / "home")
    job = run_operation(house, OTHER, "backtests.start", FIRST)
    kept = house.jobs.get(job.id)
    assert (kept.kind, kept.owner, kept.state) == ("backtest", "other", "queued")
    assert kept.ask == FIRST
    (event,) = house.audit.after(0)
    assert (event.kind, event.actor, event.subject) == ("job.queued", "other", job.id)


def test_an_order_that_is_sent_twice_is_queued_once_while_it_waits(tmp_path):
    house = houses.house(tmp_path / "home")
    first = run_operation(house, OTHER, "backtests.start", FIRST)
    assert run_operation(house, OTHER, "backtests.start", FIRST).id == first.id
    # Another person's and another order are new.
    assert run_operation(house, MINE, "backtests.start", FIRST).id != first.id
    assert run_operation(house, OTHER, "backtests.start", {**FIRST, "seed": 7}).id != first.id
    # A running job has already read its bars and strategies.
    assert house.jobs.take("w", ["backtest"], stale_ms=60_000).id == first.id
    second = run_operation(house, OTHER, "backtests.start", FIRST)
    run_operation(house, OTHER, "jobs.cancel", {"job": second.id})
    assert len({first.id, second.id, run_operation(house, OTHER, "backtests.start", FIRST).id}) == 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"strategies": "no_such"}, "strategy must be one of"),
        ({"assets": "dogecoin"}, "no bars of 'dogecoin' are stored"),
        ({"assets": ""}, "assets must name at least one"),
        ({"leverage": 6}, "leverage"),
        ({"risk_fraction": 0.03}, "risk_fraction"),
        ({"timeframe": "7h"}, "7h"),
        ({"start": "2025-06-01", "end": "2025-05-01"}, "the start must be before the end"),
        ({"params": {"ema_cross.fast": 0}}, "ema_cross.fast"),
        ({"params": {"fast": 5}}, "strategy.parameter"),
        ({"venue": "../../etc"}, "venue must look like"),
        ({"bars": ["/etc/passwd"]}, "bars"),
        ({"mode": "portfolio", "protections": False}, "protections must be on"),
    ],
)
def test_an_order_that_cannot_be_run_is_refused_before_it_is_queued(tmp_path, changes, words):
    house = houses.house(tmp_path / "home")
    with pytest.raises(UsageError, match=words.replace(".", r"\.")):
        run_operation(house, MINE, "backtests.start", {**FIRST, **changes})
    assert house.jobs.list() == []


def test_an_order_in_a_home_without_bars_says_what_is_missing(tmp_path):
    house = houses.house(tmp_path / "home", with_bars=False)
    with pytest.raises(UsageError, match="no tradable bars are stored yet; import or fetch some"):
        run_operation(house, MINE, "backtests.start", {})
    assert run_operation(house, MINE, "backtests.choices", {}).assets == []


def test_choices_name_what_has_bars_and_known_rules(tmp_path):
    found = run_operation(houses.house(tmp_path / "home"), MINE, "backtests.choices", {})
    assert [one.id for one in found.venues] == [houses.VENUE]
    assert {one.id for one in found.assets} == {"bitcoin", "ethereum", "solana"}
    assert {"ema_cross", "macd_cross"} <= {one.id for one in found.strategies}
    assert found.defaults["capital"] == 10_000.0


def test_the_list_is_newest_first_page_by_page(desk):
    house, runs = desk
    table = run_operation(house, MINE, "backtests.list", {})
    assert [row["id"] for row in table.rows] == [runs["sweep"], runs["second"], runs["first"]]
    listed = {row["title"]: row for row in table.rows if row["kind"] == "backtest"}
    assert listed["Dearer"]["settings"] == {"timeframe": "4h", "mode": "portfolio", "slippage_bps": 20.0}
    assert not any(row["simulated"] for row in table.rows)
    invented = replace(house, is_simulated=IsSimulated(True))
    assert all(row["simulated"] for row in run_operation(invented, MINE, "backtests.list", {}).rows)
    first = run_operation(house, MINE, "backtests.list", {"limit": 2})
    assert [row["id"] for row in first.rows] == [runs["sweep"], runs["second"]]
    rest = run_operation(house, MINE, "backtests.list", {"limit": 2, "cursor": first.next_cursor})
    assert [row["id"] for row in rest.rows] == [runs["first"]]
    assert rest.next_cursor is None
    assert [row["id"] for row in run_operation(house, MINE, "backtests.list", {"kind": "sweep"}).rows] == [
        runs["sweep"]
    ]
    assert table.rows[1]["title"] == "Dearer"


def test_a_backtest_shows_the_figures_of_its_files(desk):
    house, runs = desk
    found = run_operation(house, MINE, "backtests.get", {"run": runs["first"]})
    figures = {one.key: one.figure for one in found.figures}
    listed = run_operation(house, MINE, "backtests.trades", {"run": runs["first"], "limit": 20_000})
    net = figures["final_equity"].value - figures["capital"].value
    assert net == pytest.approx(sum(row["pnl"] for row in listed.rows), abs=1e-6)
    assert figures["trades"].value == listed.total == len(listed.rows)
    assert figures["total_return"].value == pytest.approx(net / figures["capital"].value)
    assert figures["final_equity"].unit == "USDT"
    assert all(figure.source and figure.formula and figure.ts_event for figure in figures.values())
    assert found.curve.equity[-1] == pytest.approx(figures["final_equity"].value, rel=1e-5)
    assert min(found.curve.drawdown) == pytest.approx(figures["max_drawdown"].value, abs=1e-5)
    french = run_operation(house, MINE, "backtests.get", {"run": runs["first"], "language": "fr"})
    assert french.lead != found.lead
    assert french.verdict.is_luck == found.verdict.is_luck


def test_bars_that_a_run_lacked_are_told_on_the_page(desk, tmp_path):
    house, runs = desk
    path = tmp_path / "home" / house.runs.get(runs["first"]).folder / "result.json"
    record = json.loads(path.read_text("utf-8"))
    del record["partly_finer"], record["missing_bars"], record["empty_features"]
    path.write_text(json.dumps(record), "utf-8")
    earlier = run_operation(house, MINE, "backtests.get", {"run": runs["first"]})
    assert (earlier.partly_finer, earlier.missing_bars, earlier.empty_features) == ([], [], [])
    record["empty_features"] = [
        {"strategy": "mine", "feature": "news.items.btc", "series": "btc-usdt-perp/4h"}
    ]
    record["other_markets"] = [
        {"strategy": "model_day", "judged": "btc-usdt-perp/1h", "series": "eth-usdt-perp/4h"}
    ]
    record["partly_finer"] = [{"series": "btc-usdt-perp/4h", "bars": 900, "shown": 30}]
    record["missing_bars"] = [{"series": "btc-usdt-perp/4h", "bars": 900, "missing": 12, "gaps": 2}]
    path.write_text(json.dumps(record), "utf-8")
    english, french = (
        houses.Browser(house, language=language).get(f"/backtests/{runs['first']}").text
        for language in ("en", "fr")
    )
    assert "mine reads news.items.btc, which has no value on the bars of btc-usdt-perp/4h." in english
    assert "mine lit news.items.btc, qui n’a aucune valeur sur les bougies de btc-usdt-perp/4h." in french
    assert "learned from and judged on btc-usdt-perp/1h, not on eth-usdt-perp/4h" in english
    assert "appris et jugé sur btc-usdt-perp/1h, pas sur eth-usdt-perp/4h" in french
    kept = tmp_path / "home" / house.runs.get(runs["sweep"]).folder / "sweep.json"
    sweep = json.loads(kept.read_text("utf-8"))
    assert sweep.pop("empty_features") == []
    kept.write_text(json.dumps(sweep), "utf-8")
    assert run_operation(house, MINE, "sweeps.get", {"run": runs["sweep"]}).empty_features == []
    kept.write_text(json.dumps(sweep | {"empty_features": record["empty_features"]}), "utf-8")
    searched = {
        language: houses.Browser(house, language=language).get(f"/backtests/{runs['sweep']}").text
        for language in ("en", "fr")
    }
    said = "mine reads news.items.btc, which has no value on the bars of btc-usdt-perp/4h."
    assert said in searched["en"]
    assert (
        "mine lit news.items.btc, qui n’a aucune valeur sur les bougies de btc-usdt-perp/4h."
        in searched["fr"]
    )
    assert "Finer bars cover only 30 of 900 bars of btc-usdt-perp/4h" in english
    assert "que 30 des 900 bougies de btc-usdt-perp/4h" in french
    assert "12 of 900 bars of btc-usdt-perp/4h are missing; after a gap" in english
    assert "Il manque 12 bougies sur 900 pour btc-usdt-perp/4h" in french
    assert "<summary>2 more</summary>" not in english
    record["missing_bars"] = [
        {**record["missing_bars"][0], "series": f"c{number}-usdt-perp/4h"} for number in range(5)
    ]
    path.write_text(json.dumps(record), "utf-8")
    crowded = houses.Browser(house).get(f"/backtests/{runs['first']}").text
    first, _, others = crowded.partition("<summary>2 more</summary>")
    assert first.count("4h are missing") == 3
    assert others.count("4h are missing") == 2


def test_figures_are_a_table_with_units_and_meanings(desk):
    house, runs = desk
    shown = run_operation(house, MINE, "backtests.get", {"run": runs["first"]}).figures
    table = run_operation(house, MINE, "backtests.figures", {"run": runs["first"]})
    assert [(row["key"], row["value"]) for row in table.rows] == [
        (one.key, one.figure.value) for one in shown
    ]
    assert all(row["meaning"] for row in table.rows)
    assert table.origins[0].source == f"Vigie backtest {runs['first']}"


def test_costs_lead_from_gross_to_net(desk):
    house, runs = desk
    table = run_operation(house, MINE, "backtests.costs", {"run": runs["first"]})
    # What is declared is what is there: a wrong type would be a warning, which fails.
    assert table.model_dump(mode="json")["rows"]
    rows = {row["step"]: row["amount"] for row in table.rows}
    assert sum(rows[step] for step in ("gross", "slippage", "fees", "funding")) == pytest.approx(rows["net"])


def test_trades_are_chosen_sorted_and_paged_and_say_why(desk):
    house, runs = desk

    def trades(**values):
        return run_operation(house, MINE, "backtests.trades", {"run": runs["first"], **values})

    whole = trades(limit=20_000).rows
    assert [row["entry_ts"] for row in whole] == sorted((row["entry_ts"] for row in whole), reverse=True)
    assert all(" yes" in row["criteria"] for row in whole)
    paged, cursor = [], ""
    while True:
        page = trades(limit=60, cursor=cursor)
        paged += page.rows
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert paged == whole
    shorts = trades(side="short", slot="btc-usdt-perp/4h/ema_cross").rows
    assert {(row["side"], row["slot"]) for row in shorts} == {("short", "btc-usdt-perp/4h/ema_cross")}
    pnl = [row["pnl"] for row in trades(sort="-pnl", limit=20_000).rows]
    assert pnl == sorted(pnl, reverse=True)
    with pytest.raises(UsageError, match="sort must be one of"):
        trades(sort="secret")


def test_slots_months_refusals_and_curve_are_tables_with_origins(desk):
    house, runs = desk
    for verb in ("slots", "months", "refusals", "equity"):
        table = run_operation(house, MINE, f"backtests.{verb}", {"run": runs["second"]})
        assert table.rows, verb
        assert table.origins[0].source == f"Vigie backtest {runs['second']}"
        assert all(set(row) == {column.name for column in table.columns} for row in table.rows), verb
    assert len(run_operation(house, MINE, "backtests.slots", {"run": runs["second"]}).rows) == 4


def test_comparison_names_the_setting_that_differs_and_the_trades(desk):
    house, runs = desk
    found = run_operation(house, MINE, "backtests.compare", {"a": runs["first"], "b": runs["second"]})
    settings = {
        row["what"]: (row["first"], row["second"]) for row in found.rows if row["group"] == "settings"
    }
    assert settings["account.costs.slippage_bps"] == ("5", "20")
    assert {row["group"] for row in found.rows} == {"settings", "figures", "trades"}
    assert not found.same
    assert run_operation(house, MINE, "backtests.compare", {"a": runs["first"], "b": runs["first"]}).same


def test_a_sweep_has_its_map_and_its_best(desk):
    house, runs = desk
    found = run_operation(house, MINE, "sweeps.get", {"run": runs["sweep"]})
    heat = run_operation(house, MINE, "backtests.heatmap", {"run": runs["sweep"]})
    assert found.combinations == len(heat.rows) == 16
    best = next(row for row in heat.rows if row["is_best"])
    assert {name: best[name] for name in found.names} == found.best["params"]
    assert best["score"] == max(row["score"] for row in heat.rows) == pytest.approx(found.best["score"])
    listed = run_operation(house, MINE, "sweeps.best", {"run": runs["sweep"]})
    assert {name: listed.rows[0][name] for name in found.names} == found.best["params"]
    assert [row["score"] for row in listed.rows] == [row["score"] for row in found.top]
    with pytest.raises(NotFound):
        run_operation(house, MINE, "backtests.heatmap", {"run": runs["first"]})


def test_a_removal_is_undone_with_the_same_id(desk):
    house, runs = desk
    before = run_operation(house, MINE, "backtests.list", {}).rows
    run_operation(house, MINE, "backtests.delete", {"run": runs["first"]})
    with pytest.raises(NotFound):
        run_operation(house, MINE, "backtests.get", {"run": runs["first"]})
    with pytest.raises(NotFound):
        run_operation(house, OTHER, "backtests.restore", {"run": runs["first"]})
    run_operation(house, MINE, "backtests.restore", {"run": runs["first"]})
    assert run_operation(house, MINE, "backtests.list", {}).rows == before
    assert [e.kind for e in house.audit.after(0)][-2:] == ["run.removed", "run.restored"]


def test_nobody_sees_or_removes_the_results_of_another(desk):
    house, runs = desk
    for verb in READS:
        for run in (runs["foreign"], "r123"):
            with pytest.raises(NotFound):
                run_operation(house, MINE, f"backtests.{verb}", {"run": run})
    with pytest.raises(NotFound):
        run_operation(house, MINE, "backtests.compare", {"a": runs["first"], "b": runs["foreign"]})
    with pytest.raises(NotFound):
        run_operation(house, MINE, "backtests.delete", {"run": runs["foreign"]})
    with pytest.raises(UsageError):
        run_operation(house, MINE, "backtests.get", {"run": "../../secrets"})
    with pytest.raises(NotFound):
        run_operation(house, OTHER, "sweeps.get", {"run": runs["sweep"]})


def test_jobs_belong_to_who_ordered_them(desk):
    house, _ = desk
    job = run_operation(house, OTHER, "backtests.start", FIRST)
    third = houses.person("third", "trader")
    for verb in ("get", "cancel"):
        with pytest.raises(NotFound):
            run_operation(house, third, f"jobs.{verb}", {"job": job.id})
    with pytest.raises(Forbidden):
        run_operation(house, third, "jobs.list", {"everyone": True})
    assert job.id not in [row["id"] for row in run_operation(house, MINE, "jobs.list", {}).rows]
    assert job.id in [row["id"] for row in run_operation(house, MINE, "jobs.list", {"everyone": True}).rows]
    assert run_operation(house, MINE, "jobs.get", {"job": job.id}).state == "queued"


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ({}, "ema_cross · bitcoin"),
        ({"strategies": "ema_cross,adx_trend", "assets": "bitcoin"}, "ema_cross, adx_trend · bitcoin"),
        (
            {"strategies": "a,b,c,d,e", "assets": "bitcoin, solana,ethereum", "timeframe": "1h"},
            "a, b + 3 · bitcoin, solana + 1 1h",
        ),
    ],
)
def test_a_title_names_two_of_each_and_counts_the_others(tmp_path, asked, title):
    queue = houses.house(tmp_path / "home").jobs
    assert job_title(queue.put("backtest", asked, owner=OWNER.user)) == title


def test_jobs_are_listed_by_state_and_cancelled(desk):
    house, runs = desk
    job = run_operation(house, MINE, "backtests.start", FIRST)
    assert [row["id"] for row in run_operation(house, MINE, "jobs.list", {"state": "queued"}).rows] == [
        job.id
    ]
    done = run_operation(house, MINE, "jobs.list", {"state": "done", "limit": 2})
    assert [row["run"] for row in done.rows] == [runs["sweep"], runs["second"]]
    rest = run_operation(house, MINE, "jobs.list", {"state": "done", "limit": 2, "cursor": done.next_cursor})
    assert [row["run"] for row in rest.rows] == [runs["first"]]
    assert run_operation(house, MINE, "jobs.cancel", {"job": job.id}).state == "cancelled"
    assert house.audit.after(0)[-1].kind == "job.cancelled"
    assert run_operation(house, MINE, "jobs.cancel", {"job": job.id}).state == "cancelled"


def test_a_reader_of_a_home_without_users_sees_the_owners_and_changes_nothing(desk):
    house, runs = desk
    assert len(run_operation(house, VISITOR, "backtests.list", {}).rows) == 3
    assert run_operation(house, VISITOR, "backtests.get", {"run": runs["first"]}).id == runs["first"]
    with pytest.raises(NotFound):
        run_operation(house, VISITOR, "backtests.get", {"run": runs["foreign"]})
    with pytest.raises(Forbidden):
        run_operation(house, VISITOR, "backtests.delete", {"run": runs["first"]})
    house.accounts.add("ann", "x", "admin")
    assert run_operation(house, VISITOR, "backtests.list", {}).rows == []


def test_an_owner_is_a_person_of_their_own(desk):
    house, runs = desk
    assert run_operation(house, OWNER, "backtests.get", {"run": runs["first"]}).job


def test_every_operation_here_has_an_example_that_fits():
    mine = [
        one for name, one in operations().items() if name.split(".")[0] in ("backtests", "sweeps", "jobs")
    ]
    assert len(mine) >= 17
    for one in mine:
        one.input_type.model_validate(one.example)
        assert one.summary.endswith((".", "!")), one.name


PERIOD_FIGURES = """
from vigie.quant.metrics.outside import OutsideMetric
METRICS = (
    OutsideMetric("last", "Last equity", "quote", "Equity of the last sample.", lambda ts, equity: equity[-1]),
    OutsideMetric("none", "Not defined", "ratio", "Never defined.", lambda ts, equity: float("nan")),
    OutsideMetric("bad", "Raises", "ratio", "Always raises.", lambda ts, equity: 1 // 0),
)
"""


def test_metrics_of_plugins_stand_behind_the_figures_of_a_backtest(desk):
    house, runs = desk
    before = run_operation(house, MINE, "backtests.get", {"run": runs["first"]}).figures
    program = ModuleType("metric")
    exec(PERIOD_FIGURES, vars(program))
    plugins = PluginDirectory(programs=lambda kind: [program] if kind == "metric" else [])
    after = run_operation(
        replace(house, plugins=plugins), MINE, "backtests.get", {"run": runs["first"]}
    ).figures
    assert after[: len(before)] == before
    added = {figure.key: figure for figure in after[len(before) :]}
    final = next(figure.figure.value for figure in before if figure.key == "final_equity")
    assert added["plugin_last"].figure.value == pytest.approx(final, rel=1e-9)
    assert added["plugin_last"].meaning == "Equity of the last sample."
    assert [added[f"plugin_{name}"].figure.value for name in ("none", "bad")] == [None, None]
