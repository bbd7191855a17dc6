"""Prices of a weekly brief: of the reader's list, as they were at the end of the week, in words and as one chart."""

import io
import re
from base64 import b64decode
from dataclasses import replace

import numpy as np
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.databases import HandClock
from tests.houses import VENUE, house, market, person
from tests.printed import elements, text_of
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS, HOUR_MS, parse_time
from vigie.ports.printing import LineChart
from vigie.ports.watchlists import Watchlist
from vigie.services.alerting.brief_mail import brief_mail
from vigie.services.market_data.euros import ECB_RATE
from vigie.services.market_data.fear_greed import ALTERNATIVE_INDEX, OWN_INDEX
from vigie.services.market_data.licence_terms import instrument_text
from vigie.services.needs import bound
from vigie.services.news.brief.brief import BriefMetric, build_brief
from vigie.services.news.brief.chart import draw_chart, render_svg
from vigie.services.news.brief.html import render_html
from vigie.services.news.brief.page import (
    build_sections,
    price_section,
    render_paper,
    render_text,
)
from vigie.services.news.brief.prices import MOST_DRAWN, MOST_PRICES, PriceCurve, load_week_prices
from vigie.services.news.brief.words import TEXTS
from vigie.services.operation_calls import run_operation

MONDAY = parse_time("2025-07-14")
WEEK = "2025-W29"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home") / "h", clock=HandClock(MONDAY + 70 * DAY_MS))


def listed(made, user, *assets):
    made.accounts.put_watchlist(Watchlist("", user, "Mine", assets, 0, 0))
    return person(user)


def close(asset, ts):
    bars = market().bars(asset, "1h")
    return float(bars.close[np.searchsorted(bars.ts + bars.span_ms, ts)])


def test_a_price_is_the_last_close_of_the_week_with_its_changes_time_and_place(made):
    found = bound(made, load_week_prices)("nobody", MONDAY, MONDAY + 7 * DAY_MS)
    assert [one.symbol for one in found.prices] == ["BTC", "ETH", "SOL"]
    assert not found.has_list
    for one in found.prices:
        end = MONDAY + 7 * DAY_MS
        now = close(one.symbol, end)
        assert (one.price, one.ts, one.is_old) == (now, end, False)
        assert one.place.startswith(f"{VENUE}:{one.symbol.lower()}-")
        assert one.change_24h == pytest.approx(now / close(one.symbol, end - DAY_MS) - 1)
        assert one.change_7d == pytest.approx(now / close(one.symbol, MONDAY) - 1)
    # The line of each begins at the end of the week before, and ends with the price beside it.
    for one, curve in zip(found.prices, found.curves, strict=True):
        assert curve.points[0] == (MONDAY, 0.0)
        assert curve.points[-1][0] == MONDAY + 7 * DAY_MS
        assert curve.points[-1][1] == pytest.approx(one.change_7d)
        assert len(curve.points) == 7 * 24 + 1


def test_a_week_that_runs_has_what_was_closed_by_now(made):
    running = replace(made, clock=HandClock(MONDAY + 3 * DAY_MS + 25 * 60_000))
    found = bound(running, build_brief)(WEEK, "en").prices
    assert found.prices[0].ts == MONDAY + 3 * DAY_MS
    assert found.curves[0].points[-1][0] == found.prices[0].ts


@pytest.mark.parametrize(
    ("language", "price", "day", "week"),
    [("en", r"Bitcoin \(BTC\): \$[\d,]+\.\d\d", "24 h: ", "7 days: "),
     ("fr", r"Bitcoin \(BTC\)\s: [\d\s]+,\d\d\s\$", "24 h : ", "7 jours : ")],
)  # fmt: skip
def test_prices_and_their_chart_stand_in_every_form_of_a_brief(made, language, price, day, week):
    caller = person("ann")
    found = run_operation(made, caller, "news.brief", {"week": WEEK, "language": language})
    section = next(one for one in found.sections if one.title == TEXTS[language]["prices"])
    said = section.lines[0]
    assert re.fullmatch(price, said.text)
    below = said.below.replace("\u00a0", " ")
    assert below.startswith(day)
    assert week in below
    assert below.endswith("UTC · Binance BTC/USDT perp")
    assert "21" in below
    assert (found.prices[0].figure.unit, found.prices[0].figure.source) == ("usd", f"{VENUE}:btc-usdt-perp")
    assert found.prices[0].figure.ts_event == MONDAY + 7 * DAY_MS
    chart = section.chart
    assert [one.symbol for one in chart.lines] == ["BTC", "ETH", "SOL"]
    assert chart.note.count("Binance") == 1
    assert not [form for form in (found.html, found.text) if VENUE in form]
    for name in ("Bitcoin", "Ethereum", "Solana"):
        assert name in chart.alt
    # The file draws it with its words for those who do not see it; the text has these words.
    assert found.html.count('role="img"') == 1
    assert f'<desc id="chart-alt">{chart.alt}</desc>' in found.html.replace("&#x27;", "'")
    assert chart.alt in found.text
    # On paper it is a figure with the same words.
    paper = run_operation(made, caller, "news.brief_pdf", {"week": WEEK, "language": language})
    reader = pypdf.PdfReader(io.BytesIO(b64decode(paper.content)), strict=True)
    (figure,) = [one for one in elements(reader) if one["/S"] == "/Figure"]
    assert " ".join(figure["/Alt"].split()) == " ".join(chart.alt.split())
    assert " ".join(said.below.split(" · ")[-1].split()) in text_of(reader)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_mail_tells_the_chart_in_words_and_where_its_picture_is(made, language):
    found = bound(made, build_brief)(WEEK, language)
    mail = brief_mail(made.is_simulated, made.printer, found, "me@desk.example", language, "m1")
    alt = price_section(found, language).drawing.alt
    for body in (mail.text, mail.html):
        assert alt in body
        assert TEXTS[language]["chart_mailed"] in body
    assert f"<p>{TEXTS[language]['chart_mailed']}</p>" in mail.html
    assert "<svg" not in mail.html
    reader = pypdf.PdfReader(io.BytesIO(mail.attachments[0].body), strict=True)
    assert [one["/S"] for one in elements(reader)].count("/Figure") == 1
    assert TEXTS[language]["chart_mailed"] not in render_text(found, language)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_not_known_or_old_is_said(made, language):
    words = TEXTS[language]
    listed(made, "bea", "bitcoin", "dogecoin")

    def of_week(week):
        return price_section(bound(made, build_brief)(week, language, owner="bea"), language)

    section = of_week(WEEK)
    assert section.lines[1].text == words["is"].format(name="Dogecoin (DOGE)", value=words["unknown"])
    assert section.lines[1].below == words["no_bars"]
    assert section.more == f"{words['prices_of']} {words['not_drawn'].format(names='Dogecoin')}"
    # The stored bars end on 29 August: old at the end of that week, and of no later one.
    assert words["old"] in of_week("2025-W35").lines[0].below
    later = of_week("2025-W36")
    assert later.lines[0].text == words["is"].format(name="Bitcoin (BTC)", value=words["unknown"])
    assert later.lines[0].below.startswith(words["last_price"].partition("{")[0])
    assert later.drawing is None
    assert later.more.endswith(words["no_chart"].format(names="Bitcoin, Dogecoin"))
    listed(made, "cleo")
    (only,) = price_section(bound(made, build_brief)(WEEK, language, owner="cleo"), language).lines
    assert only.text == words["no_assets"]


def test_a_long_list_is_cut_and_says_so(made):
    listed(
        made,
        "dora",
        "bitcoin",
        "ethereum",
        "solana",
        "ripple",
        "cardano",
        "dogecoin",
        "tron",
        "cosmos",
        "polkadot",
    )
    found = bound(made, load_week_prices)("dora", MONDAY, MONDAY + 7 * DAY_MS)
    assert (len(found.prices), found.more, len(found.curves)) == (MOST_PRICES, 1, 3)


def test_prices_are_told_in_euros_to_who_counts_in_them(made):
    made.facts.append([Observation(ECB_RATE, MONDAY - DAY_MS, MONDAY - DAY_MS, 1.25)])
    asked = {"week": WEEK, "language": "fr", "currency": "eur"}
    found = run_operation(made, person("ann"), "news.brief", asked)
    dollars = close("BTC", MONDAY + 7 * DAY_MS)
    assert found.prices[0].figure.value == pytest.approx(dollars / 1.25)
    assert found.prices[0].figure.unit == "eur"
    assert "€" in found.sections[0].lines[0].text
    assert "$" not in found.sections[0].lines[0].text


values = st.lists(
    st.one_of(st.none(), st.floats(-0.99, 50.0, allow_nan=False)), min_size=1, max_size=40
).filter(lambda held: any(one is not None for one in held))


@given(st.lists(values, min_size=1, max_size=MOST_DRAWN), st.sampled_from(["en", "fr"]))
def test_every_line_lies_inside_its_picture_and_every_mark_is_another(lines, language):
    curves = [
        PriceCurve(
            f"a{at}", f"A{at}", f"Name {at}", "v:x", [(MONDAY + k * HOUR_MS, v) for k, v in enumerate(held)]
        )
        for at, held in enumerate(lines)
    ]
    picture = draw_chart(curves, MONDAY, MONDAY + 7 * DAY_MS, language)
    assert isinstance(picture, LineChart)
    for line, held in zip(picture.lines, lines, strict=True):
        assert sum(len(part) for part in line.parts) == sum(one is not None for one in held)
        assert all(0 <= x <= 1 and 0 <= y <= 1 for part in line.parts for x, y in part)
    heights, texts = zip(*picture.rows, strict=True)
    assert len(set(texts)) == len(texts) >= 2
    assert list(heights) == sorted(heights, reverse=True)
    assert (heights[0], heights[-1]) == (1.0, 0.0)
    assert len(picture.rows) <= 9
    assert "nan" not in render_svg(picture)
    assert [text.split()[-1] for _, text in picture.columns] == ["14", "15", "16", "17", "18", "19", "20"]


def test_a_picture_escapes_what_others_named(made):
    hostile = '<script>alert(1)</script>"&'
    curve = PriceCurve("a", hostile, hostile, hostile, [(MONDAY, 0.0), (MONDAY + HOUR_MS, 0.1)])
    found = bound(made, build_brief)(WEEK, "en")
    found = replace(found, prices=replace(found.prices, curves=[curve]))
    assert "<script" not in render_html(found, "en")
    assert made.printer.pdf(render_paper(found, "en"))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("bitget-perp:btc-usdt-perp", "Bitget BTC/USDT perp"),
        ("binance-spot:eth-usdc-spot", "Binance ETH/USDC spot"),
        ("hyperliquid-perp", "Hyperliquid"),
        ("mine:btc-usdt-perp", "mine:btc-usdt-perp"),
    ],
)
def test_a_place_is_said_as_people_write_it(place, said):
    assert instrument_text(place) == said


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_not_known_of_a_mood_stands_in_one_sentence_with_the_reason(made, language):
    known = bound(made, build_brief)(WEEK, language)
    metrics = (
        BriefMetric(OWN_INDEX, None, 40.0),
        BriefMetric(ALTERNATIVE_INDEX, None, None),
        BriefMetric("news", None, None),
    )
    words = TEXTS[language]
    sections = build_sections(replace(known, metrics=metrics), language)
    mood = next((one for one in sections if one.title == words["mood"]), None)
    assert mood is not None
    assert [one.text for one in mood.lines] == [words["is"].format(name=words[OWN_INDEX], value="40")]
    assert mood.lines[0].below == words["is"].format(name=words["before"], value=words["no_value"])
    assert mood.more == words["no_values"].format(names=f"{words[ALTERNATIVE_INDEX]}; {words['news']}")
