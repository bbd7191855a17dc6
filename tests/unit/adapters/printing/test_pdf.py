"""A printed paper, read again by another program: text, links, languages, tags, pages; hostile and long texts."""

import io
from pathlib import Path

import pypdf
import pytest

from vigie.adapters.printing.pdf import PdfPrinter
from vigie.adapters.printing.setting import MARGIN, MOST_PIECES, WIDTH
from vigie.adapters.printing.truetype import Font
from vigie.domain.errors import ConfigError, UsageError
from vigie.ports.printing import Paper, Piece, Span
from vigie.views.drawing.raster import FONTS

PRINTER = PdfPrinter(FONTS)
HOSTILE = "Fund \u202egpj.exe\u202c <script>alert(1)</script> ) Tj ET /Launch \0\r\nend"


def paper(*pieces, **more):
    return Paper(more.pop("title", "La semaine"), more.pop("language", "fr"), pieces, **more)


def opened(*pieces, **more):
    return pypdf.PdfReader(io.BytesIO(PRINTER.pdf(paper(*pieces, **more))), strict=True)


def text_of(reader):
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def links_of(reader):
    found = [one.get_object() for page in reader.pages for one in page.get("/Annots", ())]
    return [one["/A"]["/URI"] for one in found]


def tree_of(reader):
    """Every element of the tree of tags: its kind, with its language."""
    found, waiting = [], [reader.trailer["/Root"]["/StructTreeRoot"]["/K"].get_object()]
    while waiting:
        one = waiting.pop(0)
        if one.get("/Type") != "/StructElem":
            continue
        found.append((one["/S"], one.get("/Lang", "")))
        held = one["/K"]
        waiting = [two.get_object() for two in held] + waiting
    return found


def test_text_links_languages_and_tags_are_read_again():
    reader = opened(
        Piece("h1", [Span("Été à Zürich : œuvre")]),
        Piece("h3", [Span("A rule on custody", "https://www.sec.gov/a?b=(1)&c=é", "en")]),
        Piece("quote", [Span("« Trading begins. »", "", "en"), Span("Decrypt", "https://decrypt.co/")]),
    )
    said = text_of(reader)
    for text in ("Été à Zürich : œuvre", "A rule on custody", "« Trading begins. » Decrypt", "1 / 1"):
        assert text in said
    assert links_of(reader) == ["https://www.sec.gov/a?b=(1)&c=%C3%A9", "https://decrypt.co/"]
    root = reader.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"], reader.metadata.title) == ("fr", True, "La semaine")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert tree_of(reader) == [
        ("/Document", ""), ("/H1", ""), ("/Span", ""), ("/H3", ""), ("/Link", "en"),
        ("/BlockQuote", ""), ("/Span", "en"), ("/Link", ""),
    ]  # fmt: skip


def test_every_mark_of_a_page_belongs_to_an_element_of_the_tree():
    reader = opened(
        *[Piece("text", [Span(f"word {place} " * 30, "https://a.example/")]) for place in range(40)]
    )
    parents = reader.trailer["/Root"]["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    held = dict(zip(parents[::2], parents[1::2], strict=True))
    for page in reader.pages:
        owners = held[page["/StructParents"]]
        assert page.get_contents().get_data().count(b"/MCID") == len(owners)
        for one in page["/Annots"]:
            assert held[one.get_object()["/StructParent"]].get_object()["/S"] == "/Link"
    assert len(reader.pages) > 1
    for number, page in enumerate(reader.pages, 1):
        assert f"{number} / {len(reader.pages)}" in page.extract_text()


def test_what_is_hostile_is_text_or_left_out():
    reader = opened(
        Piece("text", [Span(HOSTILE)]),
        *[
            Piece("text", [Span("press", url)])
            for url in ("javascript:alert(1)", "file:///etc/passwd", "https://a.example/\n/Launch", "data:,x")
        ],
        title="<x> & \u202e y",
        foot="{page}",
    )
    assert "Fund gpj.exe <script>alert(1)</script> ) Tj ET /Launch end" in text_of(reader)
    assert links_of(reader) == []
    assert reader.metadata.title == "<x> & y"
    assert b"&lt;x&gt; &amp;" in reader.trailer["/Root"]["/Metadata"].get_data()
    assert not {"/OpenAction", "/AA", "/Names", "/AcroForm"} & set(reader.trailer["/Root"])


def test_a_word_longer_than_a_line_is_broken_and_letters_without_a_shape_are_marked():
    reader = opened(
        Piece("text", [Span("W" * 200 + " end")]), Piece("text", [Span("漢字 fin", "https://a.example/")])
    )
    lines = reader.pages[0].extract_text().splitlines()
    assert "".join(lines).count("W") == 200
    assert max(line.count("W") for line in lines) < 60
    assert "\N{REPLACEMENT CHARACTER}" * 2 + " fin" in text_of(reader)
    for one in reader.pages[0]["/Annots"]:
        left, _, right, _ = one.get_object()["/Rect"]
        assert MARGIN <= left < right <= WIDTH - MARGIN + 5


def test_it_has_a_bound_and_the_same_bytes_each_time():
    long = [Piece("text", [Span("word " * 4_000)])] * 4
    assert PRINTER.pdf(paper(*long)) == PRINTER.pdf(paper(*long))
    assert len(PRINTER.pdf(paper(*long))) < 150_000
    with pytest.raises(UsageError, match="paragraphs"):
        PRINTER.pdf(paper(*[Piece("text", [Span("a")])] * (MOST_PIECES + 1)))
    with pytest.raises(UsageError, match="pages"):
        PRINTER.pdf(paper(*[Piece("text", [Span("word " * 400)])] * MOST_PIECES))


def test_a_font_that_is_cut_down_keeps_what_is_used():
    whole = Font((FONTS / "Inter-Regular.ttf").read_bytes())
    glyphs = [whole.glyph(letter) for letter in "Aéœ"]
    body = whole.cut(glyphs)
    assert len(body) < len((FONTS / "Inter-Regular.ttf").read_bytes()) / 4
    font_tools = pytest.importorskip("fontTools.ttLib")
    cut, before = (
        font_tools.TTFont(io.BytesIO(one)) for one in (body, (FONTS / "Inter-Regular.ttf").read_bytes())
    )
    names = before.getGlyphOrder()
    for glyph in glyphs:
        shown = cut["glyf"][cut.getGlyphName(glyph)].getCoordinates(cut["glyf"])[0]
        assert list(shown) == list(before["glyf"][names[glyph]].getCoordinates(before["glyf"])[0])
        assert whole.width(glyph) == round(
            before["hmtx"][names[glyph]][0] * 1_000 / before["head"].unitsPerEm
        )


def test_a_folder_without_fonts_is_said(tmp_path: Path):
    with pytest.raises(ConfigError, match="fonts"):
        PdfPrinter(tmp_path).pdf(paper(Piece("text", [Span("a")])))
    with pytest.raises(ConfigError, match="font"):
        Font(b"no font at all")
