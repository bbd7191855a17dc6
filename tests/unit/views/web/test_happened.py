"""What happened in a span of an asset's chart: marks, their table and their switch, and what a later item changed."""

import io
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.houses import DAYS, START, Browser, person
from tests.newsrooms import EVENT, read_all, told_house
from vigie.domain.fact import Observation
from vigie.domain.item import Sighting, item_id
from vigie.domain.time import DAY_MS, HOUR_MS, iso, parse_time
from vigie.drawing.marks import ChartMark, cluster_marks
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.needs import bound
from vigie.services.news.analysis.item_reader import ItemReader
from vigie.services.news.first_seen import MARK_STEPS, FirstSeen, _time_published, find_first_seen
from vigie.services.operation_calls import run_operation
from vigie.services.operations.asset_events import _select_stories
from vigie.services.studio.board_filler import fill_plan
from vigie.services.studio.plan import BoardPlan
from vigie.views.boards.page import board_svg
from vigie.views.web import request_context
from vigie.views.web.language import UserLanguage
from vigie.views.web.pages.asset import chart_events
from vigie.views.web.pages.journal.charts import trade_marks

LATE = "SEC opens a comment period on spot Ether funds"
FUNDING = "derivatives/binance-perp:eth-usdt-perp/funding_fraction"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    opened = told_house(tmp_path_factory.mktemp("home"))
    # Dated long before anybody here saw it, and a title that became another one.
    old = Sighting("sec_press", "old", "https://www.sec.gov/old", "SEC sues an Ether exchange over old bitcoin",
                   ts_published=EVENT - 30 * DAY_MS, precision="minute")  # fmt: skip
    opened.items.take(SourceFetch("sec_press", EVENT, (old,)))
    for at, title in ((30, LATE), (40, f"{LATE}, extended")):
        said = Sighting("sec_press", "late", "https://www.sec.gov/late", title, ts_published=EVENT + 30 * HOUR_MS,
                        precision="minute")  # fmt: skip
        opened.items.take(SourceFetch("sec_press", EVENT + at * HOUR_MS, (said,)))
    opened.facts.append(
        [Observation(FUNDING, EVENT + k * 8 * HOUR_MS, EVENT + k * 8 * HOUR_MS, rate)
         for k, rate in enumerate((0.0001, 0.0009, -0.0003), start=-1)]
    )  # fmt: skip
    reader = ItemReader(opened, tell=dispatch_read_items)
    while reader.read_some():
        pass
    return opened


@pytest.fixture(scope="module")
def browser(built):
    return Browser(built)


def rows_of(browser, **asked):
    return browser.call("assets.happened", asset="ethereum", **asked).json()["rows"]


def test_a_story_is_marked_once_and_never_before_it_was_known(browser):
    span = {"kind": "story", "start": EVENT - DAY_MS, "end": EVENT + 2 * DAY_MS}
    found = rows_of(browser, **span)
    assert [(row["ts"] - EVENT, row["items"]) for row in found] == [(0, 4), (30 * HOUR_MS, 1)]
    assert rows_of(browser, **span, as_of=EVENT - 1) == []
    assert [row["items"] for row in rows_of(browser, **span, as_of=EVENT + 4 * 60_000)] == [2]
    titles = [rows_of(browser, **span, as_of=EVENT + hour * HOUR_MS)[-1]["title"] for hour in (31, 41)]
    assert titles == [LATE, f"{LATE}, extended"]


def test_when_a_story_was_published_stands_beside_when_it_was_seen(browser):
    span = {"kind": "story", "start": EVENT - DAY_MS, "end": EVENT + 2 * DAY_MS}
    late = next(row for row in rows_of(browser, **span) if row["title"].startswith(LATE))
    assert (late["ts_published"], late["ts"]) == (EVENT + 30 * HOUR_MS, EVENT + 30 * HOUR_MS)
    page = browser.get("/asset/ethereum?range=max").text
    assert ">Published" in page.partition('id="in-span-table"')[2].partition("</thead>")[0]


@pytest.mark.parametrize(
    ("stated", "precision", "found"),
    [(5, "minute", 5), (10, "second", 10), (11, "second", None), (5, "day", None), (None, "", None)],
)
def test_a_time_that_was_not_yet_or_that_is_a_day_is_no_time(stated, precision, found):
    content = Sighting("s", "k", "https://a.example/", "t", ts_published=stated, precision=precision)
    assert _time_published(content, 10) == found


def test_a_span_lists_registers_funding_and_prices_too_as_known_then(browser):
    span = {"start": EVENT - DAY_MS, "end": EVENT + 2 * DAY_MS}
    found = rows_of(browser, **span)
    assert {row["kind"] for row in found} == {"story", "register", "funding", "price"}
    assert [row["title"] for row in found if row["kind"] == "register"] == ["Grayscale Europe SA"]
    funding = {row["what"]: row["per_8h"] for row in found if row["kind"] == "funding"}
    assert funding == {"highest": 0.0009, "lowest": -0.0003}
    whole = next(row for row in found if row["what"] == "span")
    bars = [row["change"] for row in found if row["what"] == "bar"]
    assert bars
    assert whole["change"] is not None
    early = rows_of(browser, **span, as_of=EVENT + 1)
    assert max(row["ts"] for row in early) <= EVENT + 1
    assert {row["kind"] for row in early} == {"story", "funding", "price"}
    assert browser.call("assets.happened", asset="ethereum", start=5, end=5).status_code == 400


@pytest.mark.parametrize(
    ("language", "said"), [("en", "1 of 2 rows · the most covered"), ("fr", "les plus traités")]
)
def test_fewer_stories_than_there_are_are_counted_once(built, monkeypatch, language, said):
    monkeypatch.setattr(chart_events, "MOST", 1)
    page = Browser(built, language=language).get("/asset/ethereum?range=max").text
    foot = page.partition('id="in-span-table"')[2].partition('class="table-foot"')[2].partition("</span>")[0]
    assert said in foot
    assert len(re.findall(r"\d+", foot.partition("<span>")[2])) == 2


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_chart_has_marks_with_titles_a_table_and_a_switch_that_is_kept(built, language):
    browser = Browser(built, language=language)
    page = browser.get("/asset/ethereum?range=max").text
    drawn = ElementTree.fromstring(re.search(r'<svg class="plot".*?</svg>(?=</div>)', page, re.S)[0])
    marks = [part for part in drawn.iter("a") if part.get("class") == "news-mark"]
    assert len(marks) in (1, 2)
    assert LATE in " ".join(mark.get("aria-label") for mark in marks)
    twin = page.partition('id="in-span-table"')[2].partition("</table>")[0]
    assert twin.count("/story/") == 2
    assert "data-marks-url" in page
    browser.post("/look", {"news_marks": "off", "next": "/asset/ethereum"})
    page = browser.get("/asset/ethereum?range=max").text
    assert 'class="news-mark"' not in page
    assert "in-span-table" not in page
    assert "data-marks-url" not in page
    browser.post("/look", {"news_marks": "on", "next": "/asset/ethereum"})


def test_two_dates_show_what_happened_and_wrong_ones_are_told(browser):
    first, last = iso(EVENT)[:10], iso(EVENT + DAY_MS)[:10]
    page = browser.get(f"/asset/ethereum?range=max&from={first}&to={last}").text
    table = page.partition('id="happened-table"')[2].partition("</table>")[0]
    assert "Grayscale Europe SA" in table
    assert "Price over the period" in table
    for wrong in (f"from={last}&to={first}", "from=yesterday"):
        refused = browser.get(f"/asset/ethereum?{wrong}")
        assert refused.status_code == 200
        assert "Choose a start date before the end date" in refused.text


def test_what_a_later_item_changed_shows_on_the_item_and_its_story(browser):
    denied, denier = item_id("sec_press", "e"), item_id("coindesk", "e")
    standing = browser.call("news.standing", item=denied).json()
    assert standing["became"] != standing["then"]
    said = browser.get(f"/news/{denied}").text.partition('id="since"')[2].partition("</div>")[0]
    assert f'/news/{standing["by"]}"' in said
    assert standing["by_publisher"] in said
    assert 'id="since"' not in browser.get(f"/news/{denier}").text
    assert f'href="/news/{standing["by"]}"' in browser.get(f"/story/{item_id('sec_press', 'e')}").text


def test_marks_that_cannot_be_told_apart_are_one():
    marks = [ChartMark(ts, str(ts), "/") for ts in (0, 10, 29, 31, 500)]
    assert [[mark.ts for mark in group] for group in cluster_marks(marks, 0, 1_000)] == [
        [0, 10, 29],
        [31],
        [500],
    ]


def test_a_comparison_marks_the_stories_of_each_asset_by_its_name(built):
    browser = Browser(built)
    found = browser.call(
        "assets.news_marks", assets="ethereum,bitcoin", start=EVENT - DAY_MS, end=EVENT + 2 * DAY_MS
    ).json()
    told = {(row["asset"], row["name"], row["ts"] - EVENT, row["items"]) for row in found["rows"]}
    assert {("ethereum", "Ethereum", 0, 4), ("ethereum", "Ethereum", 30 * HOUR_MS, 1)} <= told
    assert {row["kind"] for row in found["rows"]} == {"story"}
    assert not found["is_thinned"]
    page = browser.get("/asset/ethereum/compare?with=bitcoin&range=max").text
    drawn = ElementTree.fromstring(re.search(r'<svg class="plot".*?</svg>(?=</div>)', page, re.S)[0])
    labels = [part.get("aria-label") for part in drawn.iter("a") if part.get("class") == "news-mark"]
    assert f"Ethereum: {LATE}" in " ".join(labels)
    twin = page.partition('id="in-span-table"')[2].partition("</table>")[0]
    assert twin.count("/story/") == len(found["rows"])
    assert "/api/v1/assets/news_marks?" in page
    assert browser.call("assets.news_marks", assets=",".join("bitcoin" for _ in range(9))).status_code == 400
    browser.post("/look", {"news_marks": "off", "next": "/asset/ethereum"})
    page = browser.get("/asset/ethereum/compare?with=bitcoin&range=max").text
    assert 'class="news-mark"' not in page
    assert "in-span-table" not in page
    browser.post("/look", {"news_marks": "on", "next": "/asset/ethereum"})


@pytest.mark.parametrize("address", ["asset.svg?asset=ethereum&", "compare.svg?assets=ethereum,bitcoin&"])
def test_a_file_of_a_chart_has_dots_that_it_explains_and_no_links(browser, address):
    def drawn():
        picture = browser.get(f"/chart/{address}range=max&lang=en").text
        root = ElementTree.fromstring(picture)
        titles = [one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}title")]
        return picture, " ".join(titles)

    picture, titles = drawn()
    assert LATE in titles
    assert "dots: news, when first seen" in picture
    assert "<a " not in picture
    browser.post("/look", {"news_marks": "off", "next": "/asset/ethereum"})
    picture, titles = drawn()
    assert LATE not in titles
    assert "dots:" not in picture
    browser.post("/look", {"news_marks": "on", "next": "/asset/ethereum"})


def test_a_span_with_more_items_than_are_read_has_marks_all_over_and_says_so(built):
    whole = bound(built, find_first_seen)("ethereum", start_ms=EVENT - DAY_MS, end_ms=EVENT + 2 * DAY_MS)
    assert [one.is_thinned for one in (whole, _few(built, 5))] == [False, False]
    thinned = _few(built, 2)
    assert thinned.is_thinned
    # Without parts the newest two items alone would be read.
    assert {one.ts - EVENT >= 30 * HOUR_MS for one in thinned.stories} == {True, False}


def test_no_item_is_read_twice_for_a_span_and_none_with_findings_that_decide_nothing(built):
    given = []
    items = SimpleNamespace(
        count_hits=built.items.count_hits,
        histories=built.items.histories,
        glance=lambda ask: given.append(built.items.glance(ask)) or given[-1],
    )
    assert _few(replace(built, items=items), 2).is_thinned
    read = [one for part in given for one in part]
    assert len({one.item for one in read}) == len(read) > 1
    assert {step for one in read for step in one.bodies} == {"story"}


def test_only_the_stories_that_are_shown_are_described(built):
    described = []

    def histories(names, steps, **more):
        described.extend(names if steps == MARK_STEPS else ())
        return built.items.histories(names, steps, **more)

    items = SimpleNamespace(count_hits=built.items.count_hits, glance=built.items.glance, histories=histories)
    span = {"start_ms": EVENT - DAY_MS, "end_ms": EVENT + 2 * DAY_MS}
    whole = bound(built, find_first_seen)("ethereum", **span)
    chosen = bound(replace(built, items=items), find_first_seen)(
        "ethereum", **span, choose=lambda stories: stories[1:2]
    )
    assert chosen.stories == whole.stories[1:2]
    assert described == [chosen.stories[0].item]
    assert chosen.total == whole.total == len(whole.stories) > 1


def _few(built, most):
    return bound(built, find_first_seen)(
        "ethereum", start_ms=EVENT - DAY_MS, end_ms=EVENT + 2 * DAY_MS, max_items=most
    )


def test_of_stories_that_are_told_alike_each_part_of_a_span_keeps_some():
    alone = [FirstSeen(f"s{day}", "i", day * DAY_MS, "t", "en", "p", "", 1) for day in range(120)]
    often = [replace(alone[day], story=f"m{day}", items=5) for day in (3, 4, 5)]
    kept = _select_stories([*alone, *often], 15)
    assert {one.story for one in kept[:3]} == {"m3", "m4", "m5"}
    # A dozen are left for a dozen parts of ten days each.
    assert sorted(one.ts // DAY_MS // 10 for one in kept[3:]) == list(range(12))
    assert _select_stories([], 5) == []
    assert len(_select_stories(alone, 200)) == 120


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_chart_of_derivatives_has_marks_their_table_a_switch_and_none_before_they_were_known(
    built, language
):
    days = (built.clock.market_now() - EVENT) // DAY_MS + 2
    length = next(one for one in (1, 7, 30, 90, 365) if one >= days)
    browser = Browser(built, language=language)
    path = f"/derivatives?asset=ethereum&days={length}"
    page = browser.get(path).text
    assert 'class="news-mark"' in page
    twin = page.partition('id="in-span-table"')[2].partition("</table>")[0]
    assert twin.count("/story/") >= 1
    assert LATE in twin
    drawn = browser.get(f"/chart/derivatives.svg?measure=funding&asset=ethereum&days={length}").text
    assert ("points\u00a0: actualité" if language == "fr" else "dots: news, when first seen") in drawn
    before = browser.get(f"{path}&as_of={iso(EVENT + 20 * HOUR_MS)}").text
    assert LATE not in before
    browser.post("/look", {"news_marks": "off", "next": path})
    page = browser.get(path).text
    assert 'class="news-mark"' not in page
    assert "in-span-table" not in page
    browser.post("/look", {"news_marks": "on", "next": path})


def test_charts_of_series_are_marked_with_news_of_their_assets_and_in_files(built):
    series = "onchain/ethereum/adr_act_cnt"
    days = range(-20, 3)
    built.facts.append(
        [Observation(series, EVENT + day * DAY_MS, EVENT + day * DAY_MS, 1e5 + day) for day in days]
    )
    browser = Browser(built)
    page = browser.get(f"/onchain/chart?f={series}&days=90").text
    assert LATE in page.partition('id="in-span-table"')[2].partition("</table>")[0]
    assert 'class="news-mark"' in page
    assert "dots: news" in browser.get(f"/chart/formula.svg?f={series}&days=90").text
    browser.post("/look", {"news_marks": "off", "next": "/onchain/chart"})
    assert 'class="news-mark"' not in browser.get(f"/onchain/chart?f={series}&days=90").text
    browser.post("/look", {"news_marks": "on", "next": "/onchain/chart"})
    # What no asset is called has no news.
    other = "market/global/cap_usd"
    built.facts.append([Observation(other, EVENT + day * DAY_MS, EVENT + day * DAY_MS, 1e12) for day in days])
    page = browser.get(f"/onchain/chart?f={other}&days=90").text
    assert 'class="plot"' in page
    assert "in-span-table" not in page


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/asset/ethereum?range=max&lines=rsi_14", {"assets.chart", "assets.happened"}),
        ("/asset/ethereum/compare?with=bitcoin&range=max", {"assets.compare", "assets.news_marks"}),
    ],
)
def test_the_table_of_news_is_read_again_without_what_else_its_page_asks(browser, monkeypatch, path, asked):
    whole, names = browser.get(path).text, []
    monkeypatch.setattr(
        request_context, "run_operation", lambda *given: (names.append(given[2]), run_operation(*given))[1]
    )
    alone = browser.get(path, headers={"hx-request": "true", "hx-target": "div#span-news"}).text.strip()
    assert set(names) == asked
    assert alone.startswith('<div id="span-news"')
    assert alone.endswith("</div>")
    assert alone in whole
    assert alone.count("/story/") >= 2


def test_a_trade_is_marked_with_news_of_its_asset_while_its_bars_were_made(built):
    asking = SimpleNamespace(
        settings={},
        lang=UserLanguage("en"),
        call=lambda name, **values: run_operation(built, person(), name, values),
    )
    bars = [(EVENT + hours * HOUR_MS,) for hours in (-8, -4, 0, 4)]
    told = SimpleNamespace(instrument="eth-usdt-perp")

    def marked(shown):
        return trade_marks(asking, told, SimpleNamespace(bars=shown, step_ms=4 * HOUR_MS))

    query, found = marked(bars)
    assert [one.ts for one in found] == [EVENT]
    assert (query["assets"], query["start"], query["end"]) == ("ETH", bars[0][0], bars[-1][0] + 4 * HOUR_MS)
    assert marked(bars[:2])[1] == []
    assert marked([]) == ({}, [])


def charted(built, *, as_of="", **part):
    """Return the first chart of a board, and the board."""
    asked = {"kind": "chart", "assets": "ethereum,bitcoin", "span": "max", "news_marks": True, **part}
    plan = {"title": "B", "as_of": as_of, "parts": [asked]}
    made = bound(built, fill_plan)(person(), BoardPlan.model_validate(plan))
    assert made.missing == ()
    return made.board.parts[0], made.board


@pytest.mark.parametrize("more", [{}, {"mode": "absolute"}, {"assets": "ethereum"}])
def test_a_board_marks_the_stories_that_the_comparison_marks_at_the_time_they_were_first_seen(built, more):
    chart, board = charted(built, **more)
    start = min(line.points[0][0] for line in chart.lines)
    asked = {"assets": more.get("assets", "ethereum,bitcoin"), "start": start, "most": 30}
    rows = run_operation(built, person(), "assets.news_marks", asked).rows
    assert [(one.ts, one.asset, one.title, one.publisher, one.story) for one in chart.news.marks] == [
        (row["ts"], row["name"], row["title"], row["source"], row["story"]) for row in rows
    ]
    assert f"{LATE}, extended" in {one.title for one in chart.news.marks}
    (credit,) = (one for one in board.credits if "SEC" in one.source)
    assert credit.licence == "US public domain"
    assert LATE in board_svg(board)


def test_a_board_without_marks_reads_no_news_and_names_no_publisher(built):
    chart, board = charted(built, news_marks=False)
    assert chart.news is None
    assert [one for one in board.credits if "SEC" in one.source] == []
    assert LATE not in board_svg(board)


def test_a_board_of_a_fixed_time_marks_what_was_known_then(built):
    def titles(hours, **more):
        chart, _ = charted(built, as_of=iso(EVENT + hours * HOUR_MS), **more)
        return [one.title for one in chart.news.marks if one.asset == "Ethereum"]

    assert not titles(-1)
    assert LATE not in titles(29)
    assert titles(31)[-1] == LATE
    assert titles(41)[-1] == f"{LATE}, extended"

    def between(days):
        start, end = iso(EVENT - 9 * DAY_MS)[:10], iso(EVENT + days * DAY_MS)[:10]
        return titles(41, span="dates", start=start, end=end)

    assert not between(-2)
    # What was first seen at the very time of the last close stands on the last point.
    assert len(between(-1)) == 1
    assert LATE not in between(-1)
    assert between(2)[-1] == f"{LATE}, extended"


def test_the_page_of_a_board_lists_what_is_marked_and_its_sources_are_in_its_language(built):
    browser = Browser(built)
    form = {"preset": "empty", "add": "chart", "assets": "ethereum", "span": "max", "language": "fr"}
    path = browser.post("/studio", form).url.path
    board = path.rpartition("/")[2]
    kept = browser.call("studio.read", board=board).json()["plan"]
    kept["parts"][0]["news_marks"] = True
    run_operation(built, person(), "studio.save", {"board": board, "plan": {**kept, "language": "fr"}})
    page = browser.get(path).text
    listed = page.partition('id="marked-1"')[2].partition("</table>")[0]
    assert f'<a href="/story/{item_id("sec_press", "late")}" lang="en">{LATE}, extended</a>' in listed
    with zipfile.ZipFile(io.BytesIO(browser.get(f"{path}/board.zip").content)) as held:
        sent = {name: held.read(name).decode("utf-8-sig") for name in held.namelist()}
    assert any(f"{LATE}, extended;SEC" in text for name, text in sent.items() if name.startswith("02-"))
    assert "SEC press releases;;Domaine public des États-Unis" in sent["sources.csv"]
    rows = browser.call("studio.numbers", board=board).json()["rows"]
    assert f"{LATE}, extended" in {row["text"] for row in rows}


def test_what_every_source_withdrew_is_marked_no_more_but_as_it_was_known_before(built):
    def tell(source, hours, *titles):
        said = [
            Sighting(source, str(at), f"https://{source}.test/{at}", title, ts_published=EVENT + 5 * HOUR_MS,
                     precision="minute")
            for at, title in enumerate(titles)
        ]  # fmt: skip
        built.items.take(SourceFetch(source, EVENT + hours * HOUR_MS, tuple(said), is_whole=True))

    title = "Solana ETF of Grayscale approved by the SEC for 3.3 billion dollars"
    tell("theblock", 5, title)
    tell("cointelegraph", 6, f"{title}, sources say")
    tell("theblock", 10)
    tell("cointelegraph", 20)
    read_all(built)

    def marked(hours, **more):
        asked = {"assets": "solana", "start": EVENT, "as_of": EVENT + hours * HOUR_MS, **more}
        return [
            (row["ts"] - EVENT, row["source"], row["items"])
            for row in run_operation(built, person(), "assets.news_marks", asked).rows
        ]

    assert marked(9) == [(5 * HOUR_MS, "The Block", 2)]
    # What still stands speaks for the story.
    assert marked(11) == [(6 * HOUR_MS, "Cointelegraph", 1)]
    assert marked(21) == marked(21, end=EVENT + 9 * HOUR_MS) == []
    asked = {"asset": "solana", "start": EVENT, "kind": "story"}
    assert run_operation(built, person(), "assets.happened", asked).rows == []
    for hours, shown in ((9, 1), (21, 0)):
        chart, board = charted(built, assets="solana", as_of=iso(EVENT + hours * HOUR_MS), span="1w")
        assert len(chart.news.marks) == shown
        assert (title in board_svg(board)) == bool(shown)


# The last one here: the clock does not go back.
def test_the_time_of_a_board_is_that_of_its_newest_price_and_no_news_of_later_is_on_it(built):
    built.clock.now = parse_time(START) + DAYS * DAY_MS + HOUR_MS
    early, late = built.clock.market_now() - DAY_MS, built.clock.market_now() - 60_000
    for ts, title in (
        (early, "SEC opens a hearing on staking of Ether"),
        (late, "SEC fines an Ether exchange of Ohio"),
    ):
        said = Sighting(
            "decrypt", title, f"https://decrypt.co/{ts}", title, ts_published=ts, precision="minute"
        )
        built.items.take(SourceFetch("decrypt", ts, (said,)))
    read_all(built)
    asked = {"assets": "ethereum", "start": EVENT}
    assert run_operation(built, person(), "assets.news_marks", asked).rows[-1]["ts"] == late
    chart, board = charted(built, assets="ethereum", span="1w")
    assert board.as_of == max(ts for line in chart.lines for ts, _ in line.points) < late
    assert [one.ts for one in chart.news.marks] == [early]
