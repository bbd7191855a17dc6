"""The journal is what the ledger says: plans and facts of every trade, notes beside them, and sums of all."""

from __future__ import annotations

import csv
import html
import io
import json
import re

import pytest

from tests import houses
from tests.traded import DAYS, house_of, said_by
from tests.unit.services.trading.material import BEGUN
from tests.unit.views.web.test_desk_pages import FORBIDDEN, main_of
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.time import DAY_MS
from vigie.services.operation_calls import run_operation
from vigie.services.rows import row_names
from vigie.services.trading.accounts import figures
from vigie.services.trading.journal.journal_rows import TradeGroupRow
from vigie.services.trading.log.replay_cache import load_event_log

END = BEGUN + DAYS * DAY_MS
OWNER = houses.person("owner")


@pytest.fixture(scope="module")
def traded(traded_home, tmp_path_factory):
    house, run = house_of(traded_home, tmp_path_factory.mktemp("traded") / "home", END)
    return house, load_event_log(house.results, house.trades, run).account, said_by(traded_home)


def rows(house, name="list", **more):
    return run_operation(house, OWNER, f"journal.{name}", more).rows


def test_every_closed_trade_is_in_it_once(traded):
    house, account, _ = traded
    told = rows(house)
    assert len({row["id"] for row in told}) == len(told) == len(account.trades) > 3
    assert sum(row["pnl"] for row in told) == pytest.approx(sum(float(one["pnl"]) for one in account.trades))


def test_a_page_of_the_journal_reads_its_own_trades_alone_and_counts_them_all(traded, monkeypatch):
    house = traded[0]
    whole = rows(house)
    read = []
    closed_rows = figures.closed_rows
    monkeypatch.setattr(
        figures, "closed_rows", lambda *asked: (read.append(closed_rows(*asked)), read[-1])[1]
    )
    for begin, most in ((0, 1), (1, 2), (len(whole) - 1, 5), (len(whole), 3)):
        read.clear()
        asked = {"account": "main", "limit": most, "cursor": str(begin)}
        page = run_operation(house, OWNER, "journal.list", asked)
        assert page.rows == whole[begin : begin + most]
        assert page.total == len(whole)
        assert page.next_cursor == (str(begin + most) if begin + most < len(whole) else None)
        assert sum(map(len, read)) == len(page.rows)


def test_the_end_of_a_trade_is_said_once(traded):
    _, account, said = traded
    assert sum(": closed at " in line for line in said) == len(account.trades)
    decided = [line.rpartition(", ")[2] for line in said if "decided to leave" in line]
    assert not {"stop", "target"} & set(decided)


@pytest.mark.parametrize(
    "by", ["strategy", "instrument", "timeframe", "side", "reason", "hour", "setup", "source"]
)
def test_statistics_of_a_property_count_every_trade_once(traded, by):
    house, account, _ = traded
    told = rows(house, "statistics", by=by)
    assert sum(row["trades"] for row in told) == len(account.trades)
    assert set(row_names(TradeGroupRow)) >= set(told[0])


def test_a_trade_is_told_in_full(traded):
    house, *_ = traded
    seen = []
    for row in rows(house):
        told = run_operation(house, OWNER, "journal.trade", {"trade": row["id"]})
        required = [one for one in told.criteria if one.required]
        assert required, "its strategy and its bars are there"
        assert all(one.holds for one in required), "it was entered because they held"
        assert told.plan.decided_ts <= told.fact.entry_ts
        assert told.fact.pnl == pytest.approx(told.fact.gross - told.fact.fees + told.fact.funding)
        assert (told.setup, told.source) == ("", "")
        seen.append((told.fact.reason, {one.kind: one for one in told.otherwise}))
    obeyed = [(told["levels"], reason) for reason, told in seen if reason in ("stop", "target")]
    assert obeyed
    # Who left by a level did what obeying means: nothing would have been different.
    assert all(one.end == reason and one.gap == pytest.approx(0.0, abs=1e-6) for one, reason in obeyed)


def test_the_bars_of_a_trade_hold_its_entry_and_its_exit(traded):
    house, *_ = traded
    row = rows(house)[0]
    candles = rows(house, "candles", trade=row["id"])
    assert candles[0]["ts"] < row["entry_ts"]
    assert any(one["low"] <= row["entry"] <= one["high"] * 1.001 for one in candles)


def test_a_trade_went_no_further_than_the_level_that_ended_it(traded):
    house, account, _ = traded
    beyond = 0
    for row, raw in zip(rows(house), account.trades[::-1], strict=True):
        sign = 1 if row["side"] == "long" else -1
        ends = [
            100 * sign * (float(raw[name]) / float(raw["entry"]) - 1) for name in ("stop", "target", "exit")
        ]
        assert min(*ends, 0.0) - 1e-9 <= row["mae_pct"] <= 0.0 <= row["mfe_pct"] <= max(*ends, 0.0) + 1e-9
        assert abs(row["mae_pct"]) <= abs(float(raw["mae_pct"]))
        assert row["mfe_pct"] <= float(raw["mfe_pct"])
        beyond += row["mfe_pct"] < float(raw["mfe_pct"]) or row["mae_pct"] > float(raw["mae_pct"])
    assert beyond, "one of them ended in a bar that went on beyond its level"


def test_a_note_and_tags_are_kept_and_found(traded):
    house, *_ = traded
    trade = rows(house)[1]["id"]
    run_operation(
        house,
        OWNER,
        "journal.write",
        {"trade": trade, "note": " too early ", "tags": ["late", "late", "news"]},
    )
    told = run_operation(house, OWNER, "journal.trade", {"trade": trade})
    assert (told.note, told.tags) == ("too early", ["late", "news"])
    assert [row["id"] for row in rows(house, tag="late")] == [trade]
    assert {row["key"]: row["trades"] for row in rows(house, "statistics", by="tag")} == {
        "late": 1,
        "news": 1,
    }
    run_operation(house, OWNER, "journal.write", {"trade": trade})
    assert rows(house, tag="late") == []


@pytest.mark.parametrize(("language", "shown"), [("en", "News"), ("fr", "Actualités")])
def test_where_an_idea_came_from_is_written_beside_its_trade_and_counted(traded, language, shown):
    house, account, _ = traded
    browser, (first, second, *_) = houses.Browser(house, language=language), rows(house)
    for row, source in ((first, "news"), (second, "a <b>friend</b>")):
        browser.post("/journal/write", {"account": "main", "trade": row["id"], "source": source})
    told = {row["key"]: row["trades"] for row in rows(house, "statistics", by="source")}
    assert told == {"news": 1, "a <b>friend</b>": 1, "": len(account.trades) - 2}
    trade = run_operation(house, OWNER, "journal.trade", {"trade": second["id"]})
    assert (trade.source, trade.own_source) == ("a <b>friend</b>", "a <b>friend</b>")
    for path in ("/journal", "/journal?by=source", f"/journal/{first['id']}?account=main"):
        assert shown in main_of(browser.get(path)), path
    page = browser.get(f"/journal/{second['id']}?account=main").text
    assert "<b>friend" not in page
    assert 'name="source"' in page
    for row in (first, second):
        run_operation(house, OWNER, "journal.write", {"trade": row["id"]})
    assert {row["source"] for row in rows(house)} == {""}


@pytest.mark.parametrize("source", ["x" * 81, "two\nlines"])
def test_an_idea_that_is_no_line_is_refused(traded, source):
    house, *_ = traded
    with pytest.raises(UsageError, match="source"):
        run_operation(house, OWNER, "journal.write", {"trade": rows(house)[0]["id"], "source": source})


def test_the_second_of_two_tabs_that_write_one_note_is_told(traded):
    house, *_ = traded
    browser = houses.Browser(house)
    trade = rows(house)[1]["id"]
    (seen,) = re.findall(r'name="revision" value="(\d+)"', browser.get(f"/journal/{trade}?account=main").text)
    form = {"account": "main", "trade": trade, "tags": "", "revision": seen}
    assert browser.post("/journal/write", {**form, "note": "first"}).status_code == 200
    refused = browser.post("/journal/write", {**form, "note": "second"})
    assert refused.status_code == 409
    assert "this note has changed to &#39;first&#39; since; save yours" in refused.text
    assert ">second</textarea>" in refused.text
    assert run_operation(house, OWNER, "journal.trade", {"trade": trade}).note == "first"
    # Who has read that and keeps theirs again, means it.
    (now,) = re.findall(r'name="revision" value="(\d+)"', refused.text)
    browser.post("/journal/write", {**form, "note": "second", "revision": now})
    assert run_operation(house, OWNER, "journal.trade", {"trade": trade}).note == "second"
    run_operation(house, OWNER, "journal.write", {"trade": trade})


@pytest.mark.parametrize("tags", [["a,b"], [""], ["x" * 41], ["t"] * 21])
def test_a_tag_that_is_no_word_is_refused(traded, tags):
    house, *_ = traded
    with pytest.raises(UsageError, match="tags"):
        run_operation(house, OWNER, "journal.write", {"trade": rows(house)[0]["id"], "tags": tags})


def test_a_journal_is_its_owners_alone(traded):
    house, *_ = traded
    stranger = houses.person("somebody")
    trade = rows(house)[0]["id"]
    for name, values in (
        ("list", {}), ("statistics", {}), ("trade", {"trade": trade}), ("candles", {"trade": trade}),
        ("criteria", {"trade": trade}), ("otherwise", {"trade": trade}), ("write", {"trade": trade, "note": "x"}),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            run_operation(house, stranger, f"journal.{name}", values)
    with pytest.raises(NotFound, match="has no closed trade"):
        run_operation(house, OWNER, "journal.trade", {"trade": "t" + "0" * 15})


@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_answer_whole_and_keep_a_note_without_scripts(traded, language):
    house, *_ = traded
    browser = houses.Browser(house, language=language)
    trade = rows(house)[0]["id"]
    here = f"/journal/{trade}?account=main"
    for path in ("/journal", "/journal?by=hour", "/journal?by=setup", "/journal?strategy=ema_cross", here):
        response = browser.get(path)
        assert response.status_code == 200, path
        assert "<table" in main_of(response), path
        assert not FORBIDDEN.search(response.text), path
    assert "<svg" in main_of(browser.get(here))
    told = browser.post(
        "/journal/write", {"account": "main", "trade": trade, "note": "<b>waited</b>", "tags": "a, b"}
    )
    assert "&lt;b&gt;waited&lt;/b&gt;" in told.text
    assert run_operation(house, OWNER, "journal.trade", {"trade": trade}).tags == ["a", "b"]
    assert browser.get(f"/chart/journal.svg?account=main&trade={trade}").text.startswith("<svg")
    assert browser.get("/chart/trading.svg?account=main").text.startswith("<svg")


def test_the_journal_is_exported_by_the_links_of_its_pages_trade_by_trade(traded):
    house, account, _ = traded
    browser = houses.Browser(house)

    def linked(path, kind):
        found = re.findall(rf'href="(/api/v1/journal/[^"]*{kind}[^"]*)"', browser.get(path).text)
        return browser.get(html.unescape(found[0]))

    def table(path, kind):
        text = linked(path, kind).text
        return list(
            csv.DictReader(line for line in io.StringIO(text) if not line.lstrip('"').startswith("# "))
        )

    lines = table("/journal", r"list\.csv")
    told = {row["id"]: row for row in rows(house)}
    assert [line["id"] for line in lines] == list(told)
    assert len(lines) == len(account.trades)
    for line in lines:
        assert float(line["pnl"]) == pytest.approx(told[line["id"]]["pnl"])
    by = table("/journal?by=strategy", r"statistics\.csv")
    assert sum(int(line["trades"]) for line in by) == len(account.trades)
    here = f"/journal/{lines[0]['id']}?account=main"
    whole = linked(here, r"trade\?").json()
    assert lines[0]["id"] in json.dumps(whole)
    criteria, otherwise = table(here, r"criteria\.csv"), table(here, r"otherwise\.csv")
    assert [(one["name"], float(one["value"])) for one in criteria] == [
        (one["name"], one["value"]) for one in whole["criteria"]
    ]
    assert [(one["kind"], float(one["pnl"])) for one in otherwise] == [
        (one["kind"], one["pnl"]) for one in whole["otherwise"]
    ]
    assert criteria
    assert otherwise


def test_a_home_without_an_account_says_what_will_be_here(tmp_path):
    assert (
        "The journal lists every closed trade of a trading"
        in houses.Browser(houses.house(tmp_path / "home")).get("/journal").text
    )
