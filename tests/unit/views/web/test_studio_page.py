"""The Studio walked as a person without a script does: begin, change, export, two tabs, delete and take back."""

from __future__ import annotations

import html
import io
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from html.parser import HTMLParser

import pytest

from tests.clocks import StandingClock
from tests.houses import DAYS, START, Browser, house
from tests.unit.services.studio.test_house_style import png
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.studio import board_filler
from vigie.services.studio.board import NewsMark, NewsMarks
from vigie.services.studio.plan import PartPlan
from vigie.views.api.limits import RateLimiter

NOW = parse_time(START) + DAYS * DAY_MS
FILES = ("svg", "zip", "embed", "html")
TITLE = {"en": "Bitcoin and Ethereum over 24 h", "fr": "Bitcoin et Ethereum sur 24 h"}


class Form(HTMLParser):
    """Reads what the form of a board would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._here = self._open = ""
        self.feed(page.partition('id="edit">')[2].partition("</form>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.values[name] = given.get("value") or ""
        elif tag in ("select", "textarea"):
            self._open, self._here = tag, name
            self.values[name] = ""
        elif (
            tag == "option"
            and self._open == "select"
            and ("selected" in given or not self.values[self._here])
        ):
            self.values[self._here] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._open == "textarea":
            self.values[self._here] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = ""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home"), clock=StandingClock(NOW))


def unzipped(sent) -> dict[str, str]:
    """Return the files of a ZIP that was sent."""
    with zipfile.ZipFile(io.BytesIO(sent.content)) as held:
        return {name: held.read(name).decode("utf-8-sig") for name in held.namelist()}


def begun(browser: Browser, **form: str) -> str:
    """Begin a board and return its address."""
    answer = browser.post("/studio", {"preset": "empty", **form})
    assert answer.status_code == 200, answer.text
    return str(answer.url.path)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_preset_gives_a_drawn_board_with_every_file_in_one_step(built, language):
    browser = Browser(built, language=language)
    path = begun(browser, preset="two_assets")
    text = browser.get(path).text
    assert f"{path}/board.png?inline=1" in text
    assert TITLE[language] in text
    for form in ("svg", "png", "zip", "xlsx", "embed", "html"):
        sent = browser.get(f"{path}/board.{form}")
        assert sent.status_code == 200
        assert sent.headers["content-disposition"].startswith('attachment; filename="bitcoin-')
    assert browser.get(f"{path}/board.exe").status_code == 404
    drawn = browser.get(f"{path}/board.svg").text
    assert ElementTree.fromstring(drawn).tag.endswith("svg")
    assert "binance-perp" not in drawn


@pytest.mark.parametrize(
    ("language", "said", "terms"),
    [
        (
            "en",
            "Source: Binance \u00b7 as of",
            "Public market data under Binance's product terms;",
        ),
        ("fr", "Source\u00a0: Binance \u00b7 au", "Données de marché publiques, aux conditions"),
    ],
)
def test_files_name_the_publisher_alone_and_terms_stand_beside_in_the_language_of_the_board(
    built, language, said, terms
):
    browser = Browser(built, language=language)
    path = begun(browser, preset="two_assets")
    # Who reads it in another language takes along the same file.
    other = Browser(built, language="en")
    sent = other.get(f"{path}/board.embed").text
    shown = html.unescape(re.sub(r"<[^>]*>", "", sent.partition("<figcaption>")[2]))
    assert said in shown
    assert "-perp" not in shown
    assert terms not in html.unescape(sent)
    listed = unzipped(other.get(f"{path}/board.zip"))["sources.csv"]
    assert terms in listed
    assert "BTC/USDT perp, ETH/USDT perp" in listed
    page = html.unescape(browser.get(path).text.partition('id="terms"')[2].partition("</details>")[0])
    assert terms in page


def test_links_to_the_csv_of_before_lead_to_the_zip(built):
    browser = Browser(built)
    path = begun(browser, preset="two_assets")
    sent = browser.get(f"{path}/board.csv")
    assert [one.status_code for one in sent.history] == [308]
    assert sent.url.path == f"{path}/board.zip"
    assert sent.headers["content-type"] == "application/zip"
    assert len(unzipped(sent)) == 6


@pytest.mark.parametrize(
    ("preset", "publishers"),
    [("one_chart", "Binance"), ("movers", "Binance, CoinGecko"), ("market", "Binance, CoinGecko")],
)
def test_the_credit_of_every_preset_names_publishers(built, preset, publishers):
    path = begun(Browser(built), preset=preset)
    drawn = Browser(built).get(f"{path}/board.svg").text
    told = re.search(r"Source: (.*?) \u00b7", html.unescape(re.sub(r"<[^>]*>", " ", drawn)))[1]
    assert set(told.split(", ")) <= set(publishers.split(", "))


def test_the_table_says_what_the_page_of_comparison_says(built):
    browser = Browser(built)
    board = begun(browser, preset="two_assets").rpartition("/")[2]
    rows = browser.call("studio.numbers", board=board).json()["rows"]
    table = {(row["row"], row["column"]): row["value"] for row in rows if row["part"] == 4}
    for span, heading in (("24h", "24 h"), ("1w", "1 week"), ("1m", "1 month")):
        compared = browser.call("assets.compare", assets="bitcoin,ethereum", range=span).json()["compared"]
        for one in compared:
            assert table[f"{one['name']} ({one['symbol']})", heading] == pytest.approx(one["change"])
        part = {"24h": 1, "1w": 2, "1m": 3}[span]
        ends = {row["row"]: row["value"] for row in rows if row["part"] == part}
        assert ends == pytest.approx({one["symbol"]: one["change"] for one in compared}, abs=1e-6)


def test_parts_are_added_moved_removed_and_words_kept(built):
    browser = Browser(built)
    path = begun(browser)
    for kind in ("chart", "heat"):
        browser.post("/studio/save", {**Form(browser.get(path).text).values, "do": f"add:{kind}"})
    form = Form(browser.get(path).text).values
    assert (form["p0_kind"], form["p1_kind"]) == ("chart", "heat")
    changes = {
        "title": "Ma planche à moi",
        "p0_notes": "2025-08-01 A day\r\n2025-08-02 Another",
        "do": "down:0",
    }
    shown = browser.post("/studio/save", {**form, **changes}).text
    form = Form(shown).values
    assert (form["p0_kind"], form["p1_kind"]) == ("heat", "chart")
    assert form["p1_notes"].split("\n") == ["2025-08-01 A day", "2025-08-02 Another"]
    assert '<h1 lang="en">Ma planche à moi</h1>' in shown
    form = Form(browser.post("/studio/save", {**form, "do": "remove:0"}).text).values
    assert "p1_kind" not in form
    drafted = Form(browser.post("/studio/save", {**form, "do": "draft"}).text).values["alt"]
    assert drafted.startswith("Ma planche à moi. Chart: ")


@pytest.mark.parametrize(("language", "said"), [("en", "News markers"), ("fr", "Marqueurs d’actualité")])
def test_news_are_marked_where_it_is_ticked_only_and_files_without_are_the_same(built, language, said):
    browser = Browser(built, language=language)
    path = begun(browser, add="chart", assets="bitcoin", span="1m")
    before, files = browser.get(path).text, [browser.get(f"{path}/board.{form}").content for form in FILES]
    assert f"<span>{said}</span>" in before
    form = Form(before).values
    assert "p0_news_marks" not in form
    assert 'id="marked-1"' not in before
    # A board that was kept before there were marks is read as one without.
    kept = browser.call("studio.read", board=path.rpartition("/")[2]).json()["plan"]["parts"][0]
    assert kept.pop("news_marks") is False
    assert PartPlan.model_validate(kept).news_marks is False
    shown = browser.post("/studio/save", {**form, "p0_news_marks": "1", "do": "save"}).text
    form = Form(shown).values
    assert form["p0_news_marks"] == "1"
    assert 'id="marked-1"' in shown
    refused = browser.post("/studio/save", {**form, "p0_assets": "", "do": "save"})
    assert refused.status_code == 400
    assert Form(refused.text).values["p0_news_marks"] == "1"
    del form["p0_news_marks"]
    form = Form(browser.post("/studio/save", {**form, "do": "save"}).text).values
    assert "p0_news_marks" not in form
    assert [browser.get(f"{path}/board.{form}").content for form in FILES] == files


def test_hostile_titles_of_marked_news_stay_texts_on_the_page_and_in_its_files(built, monkeypatch):
    bad = '"><script>alert(1)</script>'
    news = NewsMarks((NewsMark(NOW - DAY_MS, bad, bad, bad, bad, bad),), 1)
    monkeypatch.setattr(board_filler, "read_news_marks", lambda *given: news)
    browser = Browser(built)
    path = begun(browser, add="chart", assets="bitcoin", span="1m")
    form = {**Form(browser.get(path).text).values, "p0_news_marks": "1", "do": "save"}
    page = browser.post("/studio/save", form).text
    assert "&lt;script&gt;alert(1)" in page
    for sent in (page, browser.get(f"{path}/board.svg").text, browser.get(f"{path}/board.html").text):
        assert "<script>alert" not in sent


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"p0_assets": ""}, "part 1: a chart must name its assets"),
        ({"p0_span": "dates", "p0_start": "2025-08-02", "p0_end": "2025-08-01"}, "the last day must be after"),
        ({"p0_notes": "yesterday it rose"}, "the date of an annotation must be a day"),
        ({"p0_span": "ever"}, "part 1: must be one of"),
        ({"zone": "Europe/Nowhere"}, "zone must be an IANA name"),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_and_what_was_typed_stays(built, changes, told):
    browser = Browser(built)
    path = begun(browser, add="chart", assets="bitcoin", span="1m")
    before = browser.get(path).text
    answer = browser.post("/studio/save", {**Form(before).values, **changes, "title": "Typed", "do": "save"})
    assert answer.status_code == 400
    assert told in answer.text
    assert Form(answer.text).values["title"] == "Typed"
    assert Form(browser.get(path).text).values == Form(before).values


def test_a_part_that_is_refused_is_named_in_the_readers_language(built):
    browser = Browser(built, language="fr")
    path = begun(browser, add="chart", assets="bitcoin", span="1m")
    form = {**Form(browser.get(path).text).values, "p0_assets": "", "do": "save"}
    assert "élément 1\u00a0: " in browser.post("/studio/save", form).text


def test_a_part_of_an_unknown_asset_is_named_and_the_others_are_drawn(built):
    browser = Browser(built, language="fr")
    path = begun(browser, preset="two_assets")
    form = {**Form(browser.get(path).text).values, "p1_assets": "nosuchcoin", "do": "save"}
    text = browser.post("/studio/save", form).text
    assert "Impossible d’afficher l’élément 2\u00a0: il n’y a pas d’actif" in text
    assert browser.get(f"{path}/board.png").status_code == 200


def test_the_second_of_two_tabs_is_told_and_loses_nothing(built):
    browser = Browser(built)
    path = begun(browser)
    tab = Form(browser.get(path).text).values
    browser.post("/studio/save", {**tab, "title": "First", "do": "save"})
    answer = browser.post("/studio/save", {**tab, "title": "Second", "do": "save"})
    assert answer.status_code == 409
    assert "this board changed meanwhile" in answer.text
    typed = Form(answer.text).values
    assert typed["title"] == "Second"
    assert '<h1 lang="en">First</h1>' in browser.get(path).text
    assert '<h1 lang="en">Second</h1>' in browser.post("/studio/save", {**typed, "do": "save"}).text


def test_a_deleted_board_comes_back_by_the_button_beside_the_words(built):
    browser = Browser(built)
    path = begun(browser, preset="market")
    board = path.rpartition("/")[2]
    text = browser.post("/studio/delete", {"board": board}).text
    assert "Board Crypto market, 24 hours deleted." in text
    assert browser.get(path).status_code == 404
    assert browser.get(f"{path}/board.png").status_code == 404
    assert browser.post("/studio/restore", {"board": board}).url.path == path
    assert browser.get(path).status_code == 200


def test_what_another_page_brings_goes_on_a_new_board_or_one_that_is_there(built):
    browser = Browser(built)
    link = "/studio?add=chart&assets=bitcoin,solana&span=1y&mode=absolute"
    compare = browser.get("/asset/bitcoin/compare?with=solana&range=1y&mode=absolute").text
    assert "/studio?add=chart&amp;assets=bitcoin%2Csolana&amp;span=1y&amp;mode=absolute" in compare
    shown = browser.get(link).text
    assert 'name="assets" value="bitcoin,solana"' in shown
    path = begun(browser, add="chart", assets="bitcoin,solana", span="1y", mode="absolute")
    form = Form(browser.get(path).text).values
    assert (form["p0_assets"], form["p0_span"], form["p0_mode"]) == ("bitcoin,solana", "1y", "absolute")
    answer = browser.post("/studio/add", {"board": path.rpartition("/")[2], "add": "words", "span": "1w"})
    assert Form(answer.text).values["p1_kind"] == "words"


def test_a_chart_that_a_page_brings_is_marked_as_it_was_there(built):
    browser = Browser(built)
    page = "/asset/bitcoin/compare?with=solana&range=1m"
    link = html.unescape(re.search(r'href="(/studio\?add=chart[^"]*)"', browser.get(page).text)[1])
    brought = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', browser.get(link).text))
    carried = {name: brought[name] for name in ("add", "assets", "span", "mode", "news_marks")}
    form = Form(browser.get(begun(browser, **carried)).text).values
    assert form["p0_news_marks"] == "1"
    browser.post("/look", {"news_marks": "off", "next": page})
    link = html.unescape(re.search(r'href="(/studio\?add=chart[^"]*)"', browser.get(page).text)[1])
    assert "news_marks" not in link
    browser.post("/look", {"news_marks": "on", "next": page})


def test_a_visitor_without_the_right_to_change_sees_no_form(built):
    owner = Browser(built)
    path = begun(owner, preset="one_chart")
    visitor = Browser(built, is_owner=False)
    assert 'id="edit"' not in visitor.get(path).text
    assert 'id="presets"' not in visitor.get("/studio").text
    assert visitor.get(f"{path}/board.zip").status_code == 200
    assert visitor.post("/studio", {"preset": "empty"}).status_code == 403


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "#ffee00 on #ffffff is hard to read: its contrast is 1.2, at least 4.5 is needed"),
        ("fr", "#ffee00 sur #ffffff se lit mal\u00a0: le contraste est de 1,2,"),
    ],
)
def test_a_house_style_is_kept_and_every_file_has_it_and_what_cannot_be_read_is_refused(
    built, language, said
):
    browser = Browser(built, language=language)
    path = begun(browser, preset="one_chart")
    before = browser.get(f"{path}/board.svg").text
    shown = browser.get("/studio/style").text
    revision = re.search(r'name="revision" value="(\d+)"', shown)[1]
    form = {"revision": revision, "colours": "#0b4a94, #8a3b00", "ground": "#fff1e5", "ink": "#16202c",
            "font": "inter", "numbers": "", "name": "La <Rédaction>"}  # fmt: skip
    page = browser.post("/studio/style", form)
    assert page.status_code == 200
    assert "#0b4a94, #8a3b00" in page.text
    assert "La &lt;Rédaction&gt;" in page.text
    sample = browser.get("/chart/studio-style.svg")
    assert sample.headers["content-type"].startswith("image/svg+xml")
    assert "#0b4a94" in sample.text
    assert "La &lt;Rédaction&gt;" in sample.text
    assert browser.get("/chart/studio-style.png").content[:8] == b"\x89PNG\r\n\x1a\n"
    for ending in ("svg", "embed", "html"):
        assert "#0b4a94" in browser.get(f"{path}/board.{ending}").text
    assert "La &lt;Rédaction&gt;" in browser.get(f"{path}/board.svg").text
    assert "#0b4a94" not in before
    refused = browser.post(
        "/studio/style", {**form, "revision": "", "ground": "#ffffff", "colours": "#ffee00"}
    )
    assert refused.status_code == 400
    assert said in html.unescape(refused.text)
    assert 'value="#ffee00"' in refused.text
    assert browser.post("/studio/style", form).status_code == 409
    browser.post("/studio/style", {"do": "reset"})
    assert browser.get(f"{path}/board.svg").text == before


def test_new_boards_begin_in_the_language_of_the_style(built):
    browser = Browser(built)
    browser.post("/studio/style", {"language": "fr"})
    assert '<option value="fr" selected>Français' in browser.get("/studio").text
    browser.post("/studio/style", {"do": "reset"})
    assert '<option value="en" selected>English' in browser.get("/studio").text


def test_a_logo_is_sent_as_a_file_and_taken_away_again(built):
    browser = Browser(built)
    path = begun(browser, preset="one_chart")

    def send(content, **more):
        return browser.post("/studio/style", more, files={"image_logo": ("logo.png", content)}).status_code

    def has_logo():
        return "<image " in browser.get(f"{path}/board.svg").text

    assert send(png(40, 20)) == 200
    assert has_logo()
    bad = (
        b"<svg onload='alert(1)'/>",
        b"\x89PNG",
        png(4_000, 2, pixels=b""),
        b"\0" * 70_000,
        b"\0" * 300_000,
    )
    assert [send(content) for content in bad] == [400] * 5
    assert has_logo()
    # No file keeps it.
    assert send(b"") == 200
    assert has_logo()
    assert send(b"", no_logo="1") == 200
    assert not has_logo()


# The last one here: the clock does not go back.
def test_a_week_after_it_was_deleted_a_board_is_gone(built):
    browser = Browser(built)
    board = begun(browser, preset="market").rpartition("/")[2]
    browser.post("/studio/delete", {"board": board})
    built.clock.jump(7 * 86_400 + 1)
    assert browser.post("/studio/restore", {"board": board}).status_code == 404


@pytest.mark.parametrize(
    ("path", "kind", "told"),
    [
        ("/markets?sort=-price_usd", "table", "bitcoin"),
        ("/markets/screener?sort=-price_usd", "table", "bitcoin"),
        ("/markets/movers", "table", "movers"),
        ("/markets/heatmap", "heat", "market"),
        ("/markets/correlation?interval=1h", "heat", "correlation"),
        ("/asset/bitcoin", "chart", "bitcoin"),
        ("/asset/bitcoin/compare?with=ethereum", "chart", "bitcoin,ethereum"),
    ],
)
def test_the_export_button_of_a_page_brings_what_it_shows_to_a_board(built, path, kind, told):
    browser = Browser(built)
    shown = browser.get(path).text
    menu = re.search(r'<div class="exports">(?:(?!</div>).)*href="(/studio\?add=[^"]*)"', shown, re.DOTALL)
    assert menu
    asked = browser.get(html.unescape(menu[1])).text
    brought = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked))
    carried = {name: value for name, value in brought.items() if name not in ("csrf", "board", "preset")}
    form = Form(browser.get(begun(browser, **carried)).text).values
    assert form["p0_kind"] == kind
    assert any(told in value for name, value in form.items() if name.startswith("p0_") and name != "p0_title")
    past = "&" if "?" in path else "?"
    assert "/studio?add=" not in browser.get(f"{path}{past}as_of={NOW - DAY_MS}").text


def test_other_charts_lead_to_a_board_with_what_they_show(built):
    browser = Browser(built)
    heat = browser.get("/markets/heatmap?span=7d").text
    assert "/studio?add=heat&amp;heat=market&amp;span=1w" in heat
    given = {"of": "derivatives", "measure": "basis", "assets": "bitcoin", "span": "1w", "title": "Hers"}
    form = Form(browser.get(begun(browser, add="chart", **given)).text).values
    assert {name: form[f"p0_{name}"] for name in given} == given
    given = {"of": "series", "series": "market/bitcoin/cap_usd", "span": "max"}
    form = Form(browser.get(begun(browser, add="chart", **given)).text).values
    assert {name: form[f"p0_{name}"] for name in given} == given


def test_a_board_of_a_fixed_time_says_so_on_page_and_picture(built):
    browser = Browser(built, language="fr")
    path = begun(browser, preset="one_chart")
    form = {**Form(browser.get(path).text).values, "as_of": "2025-06-30", "do": "save"}
    page = browser.post("/studio/save", form).text
    assert "À la date du" in page
    assert 'value="2025-06-30"' in page
    told = unzipped(browser.get(f"{path}/board.zip"))["about.txt"]
    assert "tel que connu le 2025-06-30T23:59" in told
    refused = browser.post("/studio/save", {**form, "as_of": "hier", "revision": ""})
    assert refused.status_code == 400
    assert 'value="hier"' in refused.text


def test_who_has_too_many_boards_drawn_waits_and_others_do_not(built):
    browser, other = Browser(built), Browser(built)
    path = begun(browser, preset="empty")
    limits = RateLimiter(2)
    browser.app.state.web.board_limiter = limits
    assert [browser.get(f"{path}/board.zip").status_code for _ in range(3)] == [200, 200, 429]
    refused = browser.get(f"{path}/board.png?lang=fr")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "30"
    assert (
        refused.json()["detail"] == "trop de fichiers de planches à la fois\u00a0; attendez, puis continuez"
    )
    assert limits.take("somebody", NOW).is_allowed
    assert other.get(f"{path}/board.zip").status_code == 200
    built.clock.now += 30_000
    assert browser.get(f"{path}/board.zip").status_code == 200


@pytest.mark.parametrize("language", ["en", "fr"])
def test_templates_are_pictures_of_what_they_begin_with_a_sentence_each(built, language):
    browser = Browser(built, language=language)
    page = browser.get("/studio").text
    hero = page.partition('id="presets"')[2].partition("</section>")[0]
    assert hero.count('name="preset"') == 6
    pictures = [html.unescape(found) for found in re.findall(r'<img [^>]*data-src="([^"]+)"', hero)]
    assert len(pictures) == 5
    assert [html.unescape(found) for found in re.findall(r'<noscript><img src="([^"]+)"', hero)] == pictures
    two_assets = next(path for path in pictures if "two_assets" in path)
    drawn = browser.get(two_assets)
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert "max-age=" in drawn.headers["cache-control"]
    shown = "".join(ElementTree.fromstring(drawn.text).itertext())
    assert TITLE[language] in shown.replace("\u00a0", " ")
    # The same text as a board begun from it.
    board = browser.get(f"{begun(browser, preset='two_assets', language=language)}/board.svg").text
    assert "Bitcoin (BTC)" in shown
    assert "Bitcoin (BTC)" in board
    assert browser.get("/studio/templates/empty.svg").status_code == 404
    assert browser.get("/studio/templates/nothing.svg").status_code == 404


def test_a_preview_shows_what_was_typed_and_keeps_nothing(built):
    browser = Browser(built)
    path = begun(browser, preset="one_chart")
    form = Form(browser.get(path).text).values
    answer = browser.post("/studio/preview", {**form, "title": "Mine <b>alone</b>", "p0_assets": "ethereum"})
    assert answer.status_code == 200
    shown = answer.text.partition('id="picture"')[2].partition("</section>")[0]
    assert "<svg" in shown
    assert "Mine &lt;b&gt;alone&lt;/b&gt;" in shown
    assert "<b>alone" not in shown
    assert "Not saved yet" in shown
    kept = browser.call("studio.read", board=path.rpartition("/")[2]).json()
    assert kept["plan"]["parts"][0]["assets"] == "bitcoin"
    assert (kept["plan"]["title"], str(kept["revision"])) == (form["title"], form["revision"])
    # What was typed stands in the form that comes back, for who has no scripts.
    assert Form(answer.text).values["p0_assets"] == "ethereum"


def test_a_preview_that_cannot_be_drawn_says_why_beside_what_is_kept(built):
    browser = Browser(built)
    path = begun(browser, preset="one_chart")
    form = Form(browser.get(path).text).values
    answer = browser.post("/studio/preview", {**form, "as_of": "hier"})
    assert answer.status_code == 400
    shown = answer.text.partition('id="picture"')[2].partition("</section>")[0]
    assert "field-error" in shown
    assert "hier" in shown
    assert "board.png?inline=1" in shown
    assert browser.post("/studio/preview", {**form, "board": "b0"}).status_code == 404


def test_a_script_asks_for_the_picture_alone(built):
    browser = Browser(built)
    path = begun(browser, preset="one_chart")
    form = Form(browser.get(path).text).values
    part = browser.post(
        "/studio/preview", form, headers={"HX-Request": "true", "HX-Target": "section#picture"}
    ).text
    assert part.strip().startswith("<section")
    assert 'id="edit"' not in part


def test_settings_stand_in_folding_groups_beside_the_picture(built):
    browser = Browser(built)
    page = browser.get(begun(browser, preset="two_assets")).text
    editor = page.partition('class="editor"')[2]
    assert editor.index('id="picture"') < editor.index('id="edit"')
    groups = re.findall(r'<details class="group" id="([\w-]+)"( open)?', editor)
    assert [name for name, _ in groups] == ["head", "part-0", "part-1", "part-2", "part-3", "add", "more"]
    assert [name for name, is_open in groups if is_open] == ["head", "part-0", "part-3", "add"]


def test_enter_in_a_field_keeps_and_adds_nothing(built):
    browser = Browser(built)
    page = browser.get(begun(browser, preset="two_assets")).text
    first = page.partition('id="edit">')[2].partition("<button")[2].partition(">")[0]
    assert 'name="do" value="save"' in first
