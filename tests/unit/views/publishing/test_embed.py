"""A board in somebody else's article: no script, nothing fetched, its own names and font, words for the blind."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from defusedxml import ElementTree
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

from tests.unit.views.board_material import HOSTILE, NOW, board, chart, heat, matrix, quote, table, words
from vigie.drawing.raster import FONTS
from vigie.services.studio.alt_text import alt_text
from vigie.services.studio.board import BoardLine, ChartPart
from vigie.views.publishing.forms import export
from vigie.views.publishing.webfont import woff

ALL = (chart(), table(), words(), heat(), matrix(), quote())
SHIPPED = FONTS / "Inter-Regular.ttf"


class Read(HTMLParser):
    """Collects texts that are shown, and the attributes of every element."""

    def __init__(self, page):
        super().__init__()
        self.shown, self.elements, self._open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("style", "title", "desc"):
            self._open.append(tag)

    def handle_endtag(self, tag):
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data):
        if not self._open:
            self.shown.append(data)

    def of(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def embedded(*parts, form="embed", **more):
    return export(board(*parts, **more), form).decode("ascii")


def fonts(page):
    return [
        TTFont(io.BytesIO(base64.b64decode(data)))
        for data in re.findall(r"data:font/woff;base64,([\w+/=]+)", page)
    ]


@pytest.mark.parametrize("form", ["embed", "html"])
def test_it_runs_nothing_and_loads_nothing(form):
    page = embedded(*ALL, form=form, title="</svg><script>alert(1)</script>")
    read = Read(page)
    tags = {tag for tag, _ in read.elements}
    assert (
        tags & {"script", "img", "link", "iframe", "object", "embed", "form", "base", "image", "use"} == set()
    )
    assert [
        key for _, attrs in read.elements for key in attrs if key.startswith("on") or key in ("src", "style")
    ] == []
    assert [attrs["href"] for _, attrs in read.elements if "href" in attrs] == ["https://www.example.org/a"]
    assert re.findall(r"url\((?!data:font/woff;base64,)", page) == []
    assert "@import" not in page


def test_what_the_picture_shows_is_for_screen_readers_and_written_nowhere():
    made = board(chart(), alt="Both coins rose; Ether rose more.")
    read = Read(export(made, "embed").decode())
    pictures = read.of("svg")
    assert [one["role"] for one in pictures] == ["img"] * 3
    assert {one["aria-label"] for one in pictures} == {alt_text(made)}
    assert "Ether rose more" not in "".join(read.shown)
    # The words of a picture would be shown beside the pointer.
    assert [tag for tag, _ in read.elements if tag in ("title", "desc")] == []


@pytest.mark.parametrize(("shape", "count"), [("wide", 3), ("square", 3), ("column", 2)])
def test_one_of_its_pictures_is_shown_by_the_width_of_its_column(shape, count):
    read = Read(page := embedded(chart(), table(), shape=shape))
    pictures = read.of("svg")
    assert len(pictures) == count
    assert {one["width"] for one in pictures} == {"100%"}
    assert [one.get("display") for one in pictures] == [None] + ["none"] * (count - 1)
    widths = [float(one["viewbox"].split()[2]) for one in pictures]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] <= 300
    assert page.count("@container (max-width:") == count - 1


@pytest.mark.parametrize("count", range(7))
def test_its_pictures_hold_every_part(count):
    made = embedded(*ALL[:count])
    for content in re.findall(r"<svg .*?</svg>", made):
        drawn = ElementTree.fromstring(content)
        texts = [one.text for one in drawn.iter("{http://www.w3.org/2000/svg}text")]
        assert "no data" not in texts
        assert all(part.title in texts for part in ALL[:count])


def test_two_on_one_page_share_no_name():
    pages = [embedded(chart()), embedded(chart(), note="Another.")]
    names = [set(re.findall(r'(?:id|class)="(vigie-\w+)"|font-family:"(Vigie \w+)"', page)) for page in pages]
    assert all(names)
    assert names[0] & names[1] == set()
    for page in pages:
        (figure,) = Read(page).of("figure")
        style = re.search(r"<style>(.*?)</style>", page)[1]
        rules = re.findall(r"(?:^|[}{])([^{}@]+)\{", re.sub(r"@font-face\{[^}]*\}", "", style))
        assert [
            rule for rule in rules for one in rule.split(",") if not one.startswith(f".{figure['class']}")
        ] == []
        assert "id=" not in page


def test_two_pictures_as_svg_share_no_name_either():
    drawn = [export(board(chart(), title=title), "svg").decode() for title in ("One", "Two")]
    ids = [set(re.findall(r'\bid="([^"]+)"', one)) for one in drawn]
    assert [len(one) for one in ids] == [2, 2]
    assert ids[0] & ids[1] == set()


@pytest.mark.parametrize("form", ["embed", "html", "svg"])
def test_its_font_travels_with_it_and_has_its_letters_alone(form):
    page = export(board(chart(), title="Zug \u00e9t\u00e9"), form).decode()
    regular, bold = fonts(page)
    shown = set(unescape(re.sub(r"<style>.*?</style>|<desc.*?</desc>|<[^>]*>", "", page)))
    assert {letter for letter in shown if ord(letter) in TTFont(SHIPPED).getBestCmap()} <= {
        chr(point) for point in regular.getBestCmap()
    }
    assert ord("Z") in bold.getBestCmap()
    assert ord("Q") not in regular.getBestCmap()
    assert len(regular.getGlyphOrder()) < 200
    (family,) = set(re.findall(r'font-family:"(Vigie \w+)"', page))
    assert f"'{family}', Inter, Helvetica" in page
    assert "SIL Open Font License" in str(regular["name"].getDebugName(13))


def test_a_cut_font_draws_the_letters_of_the_whole_one():
    points = tuple(map(ord, "A\u00c0\u00e9\u00f1\u0151\u1ec7fi019%\u2013\u20ac\u2026"))
    whole, cut = TTFont(SHIPPED), TTFont(io.BytesIO(woff(points, SHIPPED)))
    assert set(cut.getBestCmap()) == {point for point in points if point in whole.getBestCmap()}
    for point, glyph in cut.getBestCmap().items():
        pens = [DecomposingRecordingPen(font.getGlyphSet()) for font in (cut, whole)]
        names = (glyph, whole.getBestCmap()[point])
        for font, pen, name in zip((cut, whole), pens, names, strict=True):
            font.getGlyphSet()[name].draw(pen)
        assert pens[0].value == pens[1].value
        assert cut["hmtx"][names[0]] == whole["hmtx"][names[1]]


def test_a_page_for_a_frame_allows_its_own_styles_alone():
    page = embedded(chart(), form="html")
    (policy,) = [one["content"] for one in Read(page).of("meta") if one.get("http-equiv")]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for style in re.findall(r"<style>(.*?)</style>", page):
        assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in policy


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "//example.org", "data:text/html,x", "https://[", ""]
)
def test_only_links_of_the_web_become_links(link):
    assert "href" not in embedded(quote(link=link))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_reaches_its_style(text):
    page = embedded(chart(title=text), title=text, note=text, alt=text)
    for style in re.findall(r"<style>(.*?)</style>", page):
        assert "alert" not in style
        assert re.fullmatch(r"[\x20-\x7e]*", style)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("+1.2%", "Source: Binance, CoinGecko", "Information, not investment advice.")),
        ("fr", ("+1,2", "Source\u00a0: Binance, CoinGecko", "pas un conseil")),
    ],
)
def test_it_has_tables_and_sources_as_text_once(language, said):
    page = embedded(table(), chart(), language=language)
    read = Read(page)
    shown = "".join(read.shown)
    assert len(read.of("table")) == 2
    assert read.of("figure")[0]["lang"] == language
    assert [text for text in said if text not in shown] == []
    assert shown.count("CoinGecko") == 1


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["0.0100%", "0.0013%", "\u22120.0030%", "55.3000%"]),
        ("fr", ["0,0100", "0,0013", "\u22120,0030", "55,3000"]),
    ],
)
def test_its_table_tells_rates_with_four_decimals_and_levels_without_a_plus(language, said):
    points = tuple((NOW + at, value) for at, value in enumerate((0.0001, 0.0000125, -0.00003, 0.553)))
    funding = ChartPart("Funding", "rate", False, (BoardLine("BTC", points),))
    rows = re.findall(r'<td class="n">([^<]*)</td>', embedded(funding, language=language))
    assert [unescape(row).replace("\u00a0%", "").replace("\u202f%", "") for row in rows] == said
