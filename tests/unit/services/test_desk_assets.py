"""One asset as operations: what is known, as of when; its bars, charts and comparisons; the drawings on it."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.houses import ASSETS, DAYS, START, VENUE, house, market, person
from vigie.domain.bar import Bars
from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS, HOUR_MS, parse_time
from vigie.ports.plugins import PluginDirectory
from vigie.services.market_data.asset_history import RANGES, merge_bars, weekly_bars
from vigie.services.market_data.indicator_lines import chart_indicators
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation

FIRST = parse_time(START)
END = FIRST + DAYS * DAY_MS
PLACE = f"{VENUE}:btc-usdt-perp"
MINE = {"id": "a", "kind": "horizontal", "points": [{"ts": FIRST, "price": 1.5}]}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = house(tmp_path_factory.mktemp("home"))
    day = FIRST + 100 * DAY_MS
    made.facts.append(
        [
            Observation("onchain/bitcoin/hashrate_hs", day, day + HOUR_MS, 6e20),
            Observation("onchain/bitcoin/hashrate_hs", day, day + DAY_MS, 6.5e20),
            Observation(f"derivatives/{PLACE}/open_interest_usd", day, day, 1e10),
            Observation("derivatives/binance-perp:eth-usdt-perp/open_interest_usd", day, day, 2e9),
            Observation("market/bitcoin/cap_usd", day, day, 1.2e12),
            Observation("market/tether/price_usd", day, day, 0.9997),
        ]
    )
    made.facts.put_document(
        "coingecko", "coin/bitcoin", day, {"description": {"en": "A coin.", "fr": "Une monnaie."}}
    )
    return made


def asked(built, name, caller=None, **values):
    return run_operation(built, caller or person(), name, values)


def named(answer, key):
    return next(one for card in answer.cards for one in card.rows if one.key == key)


# --- one asset


def test_an_asset_tells_price_changes_and_where_they_come_from(built):
    found = asked(built, "assets.get", asset="BTC")
    bars = market().bars("BTC", "1h")
    assert (found.id, found.symbol, found.place, found.places) == ("bitcoin", "BTC", PLACE, [PLACE])
    assert (found.price.value, found.price.source) == (float(bars.close[-1]), PLACE)
    assert found.price.ts_event == END
    changes = {one.span: one.figure.value for one in found.changes}
    assert changes["24h"] == pytest.approx(bars.close[-1] / bars.close[-25] - 1)
    assert changes["1w"] == pytest.approx(bars.close[-1] / bars.close[-24 * 7 - 1] - 1)
    assert changes["1y"] is None
    figures = {one.key: one.figure.value for one in found.figures}
    assert figures["high_24h"] == float(bars.high[-24:].max())
    assert figures["low_24h"] == float(bars.low[-24:].min())
    assert "high_1y" not in figures


def test_an_old_price_is_marked_as_stale(built):
    assert asked(built, "assets.get", asset="bitcoin").price.is_stale
    assert not asked(built, "assets.get", asset="bitcoin", as_of=END).price.is_stale


def test_every_word_of_the_verdict_has_its_number_bounds_and_limits_in_both_languages(built):
    found = asked(built, "assets.get", asset="bitcoin")
    assert {"trend", "stretch", "liquidity"} <= {clause.key for clause in found.clauses}
    for clause in found.clauses:
        low = -math.inf if clause.low is None else clause.low
        high = math.inf if clause.high is None else clause.high
        assert low <= clause.value < high
        assert set(clause.says) == {"en", "fr"}
        for language, said in clause.says.items():
            assert said.text.lower() in found.sentences[language].lower()
            assert said.limits


def test_liquidity_names_the_place_among_all_assets(built):
    found = asked(built, "assets.get", asset="bitcoin")
    said = next(one for one in found.clauses if one.key == "liquidity").says["en"]
    assert f"of {len(ASSETS)}" in said.number


def test_cards_hold_figures_of_this_asset_only_with_source_and_age(built):
    found = asked(built, "assets.get", asset="bitcoin")
    assert [card.key for card in found.cards] == ["onchain", "derivatives"]
    rate = named(found, "hashrate_hs")
    assert (rate.figure.value, rate.figure.source) == (650.0, "mempool.space")
    assert rate.figure.is_stale
    assert rate.definition
    interest = named(found, "open_interest_usd")
    assert (interest.figure.value, interest.where) == (1e10, PLACE)
    assert found.about == {"en": "A coin.", "fr": "Une monnaie."}
    assert {one.key: one.figure.value for one in found.figures}["market_cap"] == 1.2e12


def test_a_figure_that_is_set_every_two_weeks_is_as_old_here_as_among_the_onchain_cards(tmp_path):
    made = house(tmp_path)
    now = made.clock.wall_now()
    times = [now - days * DAY_MS for days in (46, 32, 18)]
    made.facts.append([Observation("onchain/bitcoin/difficulty", ts, ts, 2e14) for ts in times])
    here = named(asked(made, "assets.get", asset="bitcoin"), "difficulty").figure
    there = next(
        one for one in asked(made, "onchain.cards", asset="bitcoin").cards if one.key == "difficulty"
    )
    assert (
        (here.ts_event, here.is_stale) == (there.figure.ts_event, there.figure.is_stale) == (times[-1], False)
    )


def test_what_is_shipped_about_an_asset_is_said_in_both_languages_but_not_of_the_past(built):
    found = asked(built, "assets.get", asset="ethereum")
    assert set(found.about) == {"en", "fr"}
    assert found.about_source == "Vigie"
    assert asked(built, "assets.get", asset="ethereum", as_of=END).about == {}


def test_an_asset_without_bars_shows_what_sources_say(built):
    found = asked(built, "assets.get", asset="USDT")
    assert (found.price.value, found.price.source, found.has_bars) == (0.9997, "coingecko", False)
    assert found.clauses == []
    assert found.unknown["en"]


def test_a_revision_is_shown_only_from_when_it_was_known(built):
    day = FIRST + 100 * DAY_MS
    early = asked(built, "assets.get", asset="bitcoin", as_of=day + 2 * HOUR_MS)
    assert named(early, "hashrate_hs").figure.value == 600.0
    assert asked(built, "assets.get", asset="bitcoin", as_of=day - 1).cards == []
    assert asked(built, "assets.get", asset="bitcoin", as_of=day - 1).about == {}


@pytest.mark.parametrize("name", ["assets.get", "assets.bars", "assets.chart", "assets.drawings"])
def test_an_unknown_asset_is_not_found(built, name):
    with pytest.raises(NotFound, match="no asset 'nothing'"):
        asked(built, name, asset="nothing")


# --- as of


@settings(max_examples=25, deadline=None, derandomize=True)
@given(at=st.integers(FIRST - DAY_MS, END + DAY_MS), span=st.sampled_from(RANGES))
def test_nothing_later_than_the_instant_is_ever_shown(built, at, span):
    whole = market().bars("BTC", "1h")
    chart = asked(built, "assets.chart", asset="bitcoin", range=span, as_of=at, lines="sma_20", points=50)
    assert all(bar[0] < at for bar in chart.bars)
    assert chart.ts_end is None or chart.ts_end <= at
    known = int(np.searchsorted(whole.ts + whole.span_ms, at, side="right"))
    if chart.bars:
        end = chart.ts_end
        close = whole.close[int(np.searchsorted(whole.ts, end - whole.span_ms))]
        assert chart.bars[-1][4] == float(close)
        assert max(bar[2] for bar in chart.bars) <= float(whole.high[:known].max())
    table = asked(built, "assets.bars", asset="bitcoin", range=span, as_of=at, limit=5)
    assert all(row["ts"] < at for row in table.rows)
    compared = asked(built, "assets.compare", assets="bitcoin,ethereum", range=span, as_of=at)
    assert all(row["ts"] <= at for row in compared.rows)
    answer = asked(built, "assets.get", asset="bitcoin", as_of=at)
    assert (answer.price.ts_event or 0) <= at
    for one in [*answer.figures, *(row for card in answer.cards for row in card.rows)]:
        assert (one.figure.ts_known or one.figure.ts_event or 0) <= at


@settings(max_examples=10, deadline=None, derandomize=True)
@given(at=st.integers(FIRST, END), span=st.sampled_from(RANGES))
def test_the_same_instant_gives_the_same_bytes(built, at, span):
    for name, more in (
        ("assets.get", {}),
        ("assets.bars", {"range": span}),
        ("assets.chart", {"range": span, "lines": "bollinger,rsi_14"}),
    ):
        first, second = (asked(built, name, asset="bitcoin", as_of=at, **more) for _ in range(2))
        assert first.model_dump_json() == second.model_dump_json()


def test_as_of_the_newest_close_gives_the_chart_of_now(built):
    then = asked(built, "assets.chart", asset="bitcoin", range="1m", lines="ema_20", as_of=END)
    now = asked(built, "assets.chart", asset="bitcoin", range="1m", lines="ema_20")
    assert (then.bars, then.lines) == (now.bars, now.lines)


# --- bars and charts


def test_weeks_begin_on_monday_and_only_whole_ones_are_told(built):
    days = market().bars("BTC", "1d")
    told = asked(built, "assets.bars", asset="bitcoin", range="max", timeframe="1w", limit=500).rows[::-1]
    assert {datetime.fromtimestamp(row["ts"] / 1_000, UTC).strftime("%a %H:%M") for row in told} == {
        "Mon 00:00"
    }
    assert [row["ts"] for row in told] == list(range(told[0]["ts"], told[-1]["ts"] + 1, 7 * DAY_MS))
    assert days.ts[0] <= told[0]["ts"] < days.ts[0] + 7 * DAY_MS
    assert END - 7 * DAY_MS < told[-1]["ts"] + 7 * DAY_MS <= END
    for row in told:
        part = slice(*np.searchsorted(days.ts, [row["ts"], row["ts"] + 7 * DAY_MS]))
        assert part.stop - part.start == 7
        assert (row["open"], row["close"]) == (days.open[part][0], days.close[part][-1])
        assert (row["high"], row["low"]) == (days.high[part].max(), days.low[part].min())
        assert row["volume"] == pytest.approx(days.volume[part].sum())
    chart = asked(built, "assets.chart", asset="bitcoin", range="1y", timeframe="1w", lines="sma_4")
    assert (chart.timeframe, chart.step_ms, chart.ts_end) == ("1w", 7 * DAY_MS, told[-1]["ts"] + 7 * DAY_MS)
    short = asked(built, "assets.chart", asset="bitcoin", range="24h", timeframe="1w")
    assert [bar[0] for bar in short.bars] == [told[-1]["ts"]], "longer than the range, and shown"
    compared = asked(built, "assets.compare", assets="bitcoin,ethereum", range="1y", timeframe="1w")
    assert (compared.timeframe, compared.step_ms) == ("1w", 7 * DAY_MS)
    middle = told[-3]["ts"] + 3 * DAY_MS
    before = asked(built, "assets.chart", asset="bitcoin", range="1m", timeframe="1w", as_of=middle)
    assert before.bars[-1][0] == told[-4]["ts"], "a week that runs is not told"


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(0, 40), st.lists(st.booleans(), min_size=1, max_size=60), st.integers(0, 2**31))
def test_weeks_are_those_of_a_slow_reading(first, there, seed):
    chance = np.random.default_rng(seed)
    ts = np.array([(first + place) * DAY_MS for place, is_in in enumerate(there) if is_in], np.int64)
    table = np.sort(chance.uniform(1, 2, (4, len(ts))), axis=0)
    days = Bars("btc-usdt-perp", DAY_MS, ts, table[1], table[3], table[0], table[2], np.ones(len(ts)))
    found = weekly_bars(days)
    slow = []
    for monday in range(4 * DAY_MS - 7 * DAY_MS, 120 * DAY_MS, 7 * DAY_MS):
        part = (ts >= monday) & (ts < monday + 7 * DAY_MS)
        if part.any() and ts[0] <= monday and monday + 7 * DAY_MS <= ts[-1] + DAY_MS:
            slow.append(
                (
                    monday,
                    table[1][part][0],
                    table[3][part].max(),
                    table[0][part].min(),
                    table[2][part][-1],
                    part.sum(),
                )
            )
    columns = (
        [] if found is None else [found.ts, found.open, found.high, found.low, found.close, found.volume]
    )
    assert [tuple(row) for row in zip(*columns, strict=True)] == slow


@pytest.mark.parametrize(
    ("span", "timeframe", "n"), [("24h", "1h", 24), ("1w", "1h", 168), ("1m", "4h", 180), ("1y", "1d", DAYS)]
)
def test_a_range_is_shown_with_bars_that_suit_it(built, span, timeframe, n):
    chart = asked(built, "assets.chart", asset="bitcoin", range=span)
    assert (chart.timeframe, len(chart.bars)) == (timeframe, n)
    assert asked(built, "assets.bars", asset="bitcoin", range=span).total == n


def test_a_table_of_bars_is_the_stored_bars_newest_first_page_by_page(built):
    bars = market().bars("BTC", "1h")
    first = asked(built, "assets.bars", asset="bitcoin", range="1w", limit=100)
    rest = asked(built, "assets.bars", asset="bitcoin", range="1w", limit=100, cursor=int(first.next_cursor))
    rows = [*first.rows, *rest.rows]
    assert rest.next_cursor is None
    assert [row["ts"] for row in rows] == bars.ts[::-1][:168].tolist()
    assert [row["close"] for row in rows] == bars.close[::-1][:168].tolist()
    assert [row["volume"] for row in rows] == bars.volume[::-1][:168].tolist()


def test_a_chart_puts_bars_together_where_a_screen_cannot_show_them(built):
    bars = market().bars("BTC", "1h")
    chart = asked(built, "assets.chart", asset="bitcoin", range="max", timeframe="1h", points=100)
    assert len(chart.bars) <= 102
    assert chart.step_ms % HOUR_MS == 0
    assert max(bar[2] for bar in chart.bars) == float(bars.high.max())
    assert min(bar[3] for bar in chart.bars) == float(bars.low.min())
    assert (chart.bars[0][1], chart.bars[-1][4]) == (float(bars.open[0]), float(bars.close[-1]))
    assert sum(bar[5] for bar in chart.bars) == pytest.approx(float(bars.volume.sum()))
    assert chart.next is None


@settings(max_examples=40, deadline=None, derandomize=True)
@given(n=st.integers(1, 400), most=st.integers(1, 60), start=st.integers(0, 500))
def test_bars_put_together_keep_edges_and_order(n, most, start):
    bars = market().bars("ETH", "1h").slice(start, start + n)
    made = merge_bars(bars, most)
    assert len(made) <= most + 1
    assert bool(np.all(np.diff(made.ts) > 0))
    assert (made.open[0], made.close[-1]) == (bars.open[0], bars.close[-1])
    assert (made.high.max(), made.low.min()) == (bars.high.max(), bars.low.min())
    assert made.volume.sum() == pytest.approx(bars.volume.sum())


def test_lines_are_those_of_the_whole_history(built):
    bars = market().bars("BTC", "1h")
    chart = asked(built, "assets.chart", asset="bitcoin", range="24h", lines="sma_50")
    (line,) = chart.lines
    assert [ts for ts, _ in line.values] == bars.ts[-24:].tolist()
    assert line.values[-1][1] == pytest.approx(float(bars.close[-50:].mean()), rel=1e-8)


def test_every_kind_of_line_can_be_drawn(built):
    for word, style in chart_indicators(PluginDirectory()).styles().items():
        chart = asked(built, "assets.chart", asset="bitcoin", range="1m", lines=word)
        assert [len(line.values) > 100 for line in chart.lines] == [True] * max(1, len(style.outputs))


@pytest.mark.parametrize(
    "words",
    [
        "magic",
        "sma_1",
        "sma_x",
        "sma_9999",
        "sma_20_2",
        "sma_2.5",
        "sma_",
        "bollinger_20_99",
        "macd_30_20",
        "sma_2,sma_3,sma_4,sma_5,sma_6,sma_7,sma_8",
    ],
)
def test_lines_that_cannot_be_are_refused(built, words):
    with pytest.raises(UsageError):
        asked(built, "assets.chart", asset="bitcoin", lines=words)


def test_lines_asked_for_twice_are_drawn_once():
    parsed = chart_indicators(PluginDirectory()).parse("SMA, sma_50 ,,rsi,macd_12_26_9,bollinger_20_2.5")
    assert parsed == {
        "sma_50": ("sma", {"window": 50}),
        "rsi_14": ("rsi", {"window": 14}),
        "macd": ("macd", {"fast": 12, "slow": 26, "signal": 9}),
        "bollinger_20_2.5": ("bollinger", {"window": 20, "deviations": 2.5}),
    }


def test_older_bars_follow_one_another_without_gap(built):
    from urllib.parse import parse_qsl, urlsplit

    chart = asked(built, "assets.chart", asset="bitcoin", range="1w", lines="sma_20")
    older = asked(built, "assets.chart", **dict(parse_qsl(urlsplit(chart.next).query)))
    assert len(older.bars) == 500
    assert older.bars[-1][0] + HOUR_MS == chart.bars[0][0]
    assert older.lines[0].values[-1][0] + HOUR_MS == chart.lines[0].values[0][0]


def test_a_place_that_has_no_bars_is_refused(built):
    with pytest.raises(UsageError, match=f"must be one of {PLACE}"):
        asked(built, "assets.bars", asset="bitcoin", place="nowhere-perp:btc-usdt-perp")


def test_short_bars_over_a_long_range_are_refused_not_cut(tmp_path, monkeypatch):
    from vigie.data.frames import to_frame
    from vigie.domain.ids import SeriesId
    from vigie.services.market_data import asset_history
    from vigie_sandbox.market import simulate_market

    made = house(tmp_path / "home")
    bars = simulate_market(3, ("BTC",), END - 3 * DAY_MS, 3 * 24 * 12, "5m").bars("BTC", "5m")
    made.data.bars.upsert(SeriesId(VENUE, bars.instrument, "5m"), to_frame(bars))
    day = asked(made, "assets.chart", asset="bitcoin", range="24h")
    assert (day.timeframe, len(day.bars)) == ("5m", 288)
    assert day.bars == asked(made, "assets.chart", asset="bitcoin", range="24h", as_of=END).bars
    monkeypatch.setattr(asset_history, "MAX_FINE_BARS", 500)
    with pytest.raises(UsageError, match="too many bars: at most 500 over max; choose a longer"):
        asked(made, "assets.chart", asset="bitcoin", range="max", timeframe="5m")


def test_an_asset_without_bars_has_an_empty_chart(built):
    chart = asked(built, "assets.chart", asset="tether")
    assert (chart.bars, chart.lines, chart.next, chart.ts_end) == ([], [], None, None)
    assert asked(built, "assets.bars", asset="tether").rows == []


# --- comparing


def test_compared_assets_begin_at_100_and_end_with_their_change(built):
    found = asked(built, "assets.compare", assets="BTC,ETH,SOL", range="1w")
    btc = market().bars("BTC", "1h")
    assert found.rows[-1] == {
        "ts": found.rows[-1]["ts"],
        "bitcoin": 100.0,
        "ethereum": 100.0,
        "solana": 100.0,
    }
    change = float(btc.close[-1] / btc.close[-169] - 1)
    assert found.rows[0]["bitcoin"] == pytest.approx(100 * (1 + change))
    assert found.compared[0].change == pytest.approx(change)
    assert found.compared[0].last == float(btc.close[-1])
    assert found.lines[0].values[-1] == (found.rows[0]["ts"], pytest.approx(found.rows[0]["bitcoin"]))
    header = asked(built, "assets.get", asset="bitcoin")
    assert found.compared[0].change == pytest.approx(header.changes[1].figure.value)


def test_absolute_comparison_keeps_prices_and_names_what_is_missing(built):
    found = asked(built, "assets.compare", assets="bitcoin,tether", range="1m", mode="absolute")
    assert found.missing == ["tether"]
    assert [column.name for column in found.columns] == ["ts", "bitcoin"]
    assert found.rows[0]["bitcoin"] == float(market().bars("BTC", "1h").close[-1])


def test_a_comparison_is_thinned_from_the_newest_time(built):
    whole = asked(built, "assets.compare", assets="bitcoin,solana", range="1w")
    few = asked(built, "assets.compare", assets="bitcoin,solana", range="1w", points=40)
    assert len(few.rows) <= 40
    assert (few.rows[0], few.rows[-1]) == (whole.rows[0], whole.rows[-1])
    assert few.step_ms == 5 * HOUR_MS
    assert all(row in whole.rows for row in few.rows)


@pytest.mark.parametrize("assets", ["", ",".join(f"a{n}" for n in range(9))])
def test_a_comparison_takes_one_to_eight_assets(built, assets):
    with pytest.raises(UsageError, match="1 to 8"):
        asked(built, "assets.compare", assets=assets)


# --- search


@pytest.mark.parametrize(("words", "first"), [("btc", "bitcoin"), ("ETHER", "ethereum"), ("sol", "solana")])
def test_search_finds_by_ticker_name_and_id(built, words, first):
    assert asked(built, "assets.search", q=words).rows[0]["asset"] == first


def test_search_puts_exact_ones_first_and_keeps_the_limit(built):
    found = asked(built, "assets.search", q="", limit=2)
    assert (len(found.rows), found.total > 2) == (2, True)
    assert asked(built, "assets.search", q="no such coin").rows == []


# --- drawings


def test_drawings_are_kept_per_person_and_asset_also_for_the_local_owner(built):
    saved = asked(built, "assets.save_drawings", asset="BTC", drawings=[MINE], version=0)
    assert saved.version == 1
    found = asked(built, "assets.drawings", asset="bitcoin")
    assert found.drawings == saved.drawings
    assert found.version == 1
    assert asked(built, "assets.drawings", asset="ethereum").drawings == []
    assert asked(built, "assets.drawings", person("ann", "viewer"), asset="bitcoin").drawings == []


def test_drawings_are_in_the_export_of_a_person_and_go_with_them(tmp_path):
    from vigie.services.people.accounts import account_removal

    made = house(tmp_path / "home")
    ann = made.accounts.add("Ann", "hash", "viewer")
    asked(made, "assets.save_drawings", person(ann.id, "viewer"), asset="bitcoin", drawings=[MINE], version=0)
    assert bound(made, account_removal.export)(ann)["kept_apart"] == {
        "drawings/bitcoin": {"drawings": [MINE]}
    }
    bound(made, account_removal.delete_account)(person(ann.id, "viewer"), ann)
    assert made.accounts.extra_settings(ann.id) == {}


def test_a_second_tab_gets_a_conflict_and_nothing_is_overwritten(built):
    other = {**MINE, "id": "b"}
    first = asked(built, "assets.save_drawings", asset="solana", drawings=[MINE], version=0)
    with pytest.raises(Conflict, match="version must be 1, was 0"):
        asked(built, "assets.save_drawings", asset="solana", drawings=[other], version=0)
    assert asked(built, "assets.drawings", asset="solana").drawings == first.drawings
    again = asked(built, "assets.save_drawings", asset="solana", drawings=[MINE, other], version=1)
    assert (again.version, len(again.drawings)) == (2, 2)


@pytest.mark.parametrize(
    "drawings",
    [
        [{**MINE, "kind": "circle"}],
        [{**MINE, "kind": "trend"}],
        [{**MINE, "points": [{"ts": FIRST, "price": math.inf}]}],
        [{**MINE, "points": []}],
        [{**MINE, "text": "x" * 201}],
        [{**MINE, "more": 1}],
        [MINE, MINE],
        [{**MINE, "id": str(n)} for n in range(201)],
    ],
)
def test_drawings_that_cannot_be_are_refused(built, drawings):
    with pytest.raises(UsageError):
        asked(built, "assets.save_drawings", asset="ethereum", drawings=drawings, version=0)
    assert asked(built, "assets.drawings", asset="ethereum").version == 0


def test_somebody_who_may_only_read_cannot_save(built):
    from vigie.domain.errors import Forbidden
    from vigie.domain.person import VISITOR

    with pytest.raises(Forbidden):
        asked(built, "assets.save_drawings", VISITOR, asset="bitcoin", drawings=[], version=0)
