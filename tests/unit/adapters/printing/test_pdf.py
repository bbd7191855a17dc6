"""A printed paper, read again by another program: text, links, languages, tags, pages; hostile and long texts."""

import io
from pathlib import Path

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.adapters.printing import tagging
from vigie.adapters.printing.missing_glyphs import replace_missing
from vigie.adapters.printing.pdf import PdfPrinter
from vigie.adapters.printing.truetype import Font
from vigie.adapters.printing.typesetting import (
    MARGIN,
    MAX_BLOCKS,
    MAX_SPANS,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    clean_text,
)
from vigie.domain.errors import ConfigError, UsageError
from vigie.drawing.raster import FONTS
from vigie.ports.printing import DocumentBlock, LineChart, PlottedLine, PrintedDocument, TextSpan

PRINTER = PdfPrinter(FONTS)
HOSTILE = "Fund \u202egpj.exe\u202c <script>alert(1)</script> ) Tj ET /Launch \0\r\nend"


def paper(*pieces, **more):
    return PrintedDocument(more.pop("title", "La semaine"), more.pop("language", "fr"), pieces, **more)


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
        DocumentBlock("h1", [TextSpan("Été à Zürich : œuvre")]),
        DocumentBlock("h3", [TextSpan("A rule on custody", "https://www.sec.gov/a?b=(1)&c=é", "en")]),
        DocumentBlock(
            "quote", [TextSpan("« Trading begins. »", "", "en"), TextSpan("Decrypt", "https://decrypt.co/")]
        ),
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
        *[
            DocumentBlock("text", [TextSpan(f"word {place} " * 30, "https://a.example/")])
            for place in range(40)
        ]
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
        DocumentBlock("text", [TextSpan(HOSTILE)]),
        *[
            DocumentBlock("text", [TextSpan("press", url)])
            for url in ("javascript:alert(1)", "file:///etc/passwd", "https://a.example/\n/Launch", "data:,x")
        ],
        title="<x> & \u202e y",
        footer="{page}",
    )
    assert "Fund gpj.exe <script>alert(1)</script> ) Tj ET /Launch end" in text_of(reader)
    assert links_of(reader) == []
    assert reader.metadata.title == "<x> & y"
    assert b"&lt;x&gt; &amp;" in reader.trailer["/Root"]["/Metadata"].get_data()
    assert not {"/OpenAction", "/AA", "/Names", "/AcroForm"} & set(reader.trailer["/Root"])


def test_a_word_longer_than_a_line_is_broken_and_letters_without_a_shape_are_told():
    reader = opened(
        DocumentBlock("text", [TextSpan("W" * 200 + " end")]),
        DocumentBlock("text", [TextSpan("漢字 fin", "https://a.example/")]),
    )
    lines = reader.pages[0].extract_text().splitlines()
    assert "".join(lines).count("W") == 200
    assert max(line.count("W") for line in lines) < 60
    assert "[écriture chinoise] fin" in text_of(reader)
    for one in reader.pages[0]["/Annots"]:
        left, _, right, _ = one.get_object()["/Rect"]
        assert MARGIN <= left < right <= PAGE_WIDTH - MARGIN + 5


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("البنك المركزي يحذر من العملات", "en", "[Arabic script]"),
        ("Title: שלום, עולם 2026", "en", "Title: [Hebrew script] 2026"),
        ("ビットコインが急落、取引所", "fr", "[écriture japonaise]"),
        ("비트코인 급락", "en", "[Korean script]"),
        ("Bitcoin 🚀🚀 soars", "fr", "Bitcoin [émoji] soars"),
        ("Биткоин упал", "en", "Биткоин упал"),
    ],
)
def test_what_the_font_has_no_letters_for_is_told_by_its_script_and_never_by_boxes(text, language, said):
    reader = opened(
        DocumentBlock("text", [TextSpan(text, "https://a.example/")]),
        DocumentBlock("h2", [TextSpan(text)]),
        language=language,
    )
    assert text_of(reader).count(said) == 2
    assert "\N{REPLACEMENT CHARACTER}" not in text_of(reader)
    assert links_of(reader) == ["https://a.example/"]


SIGNS = "\0\x07\r\n\t\x1b\x85\u2028\u202e\u2066\u200b\ufeff\ufffe\ud800\udfff()<>[]{}/\\%#'\" aéœ漢😀\u0301\U000e0041"
TEXTS = st.text(st.one_of(st.sampled_from(SIGNS), st.characters(max_codepoint=0x24F)), max_size=120)
ODD_URLS = st.one_of(
    st.sampled_from(
        ["http://[", "https://[::1", "javascript:app.alert(1)", "https://a.example/) /S /Launch (", "//a"]
    ),
    TEXTS.map(lambda text: f"https://a.example/{text}"),
    TEXTS,
)
ODD_PIECES = st.builds(
    lambda kind, text, url, language: DocumentBlock(kind, [TextSpan(text, url, language)]),
    st.sampled_from(["h1", "h2", "h3", "text", "small", "quote"]), TEXTS, ODD_URLS, st.sampled_from(["", "en", "ar"]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(ODD_PIECES, max_size=6), TEXTS, TEXTS)
def test_whatever_is_printed_another_program_reads_its_letters_and_nothing_to_run(pieces, title, foot):
    reader = opened(*pieces, title=title, footer=foot)
    font = Font((FONTS / "Inter-Regular.ttf").read_bytes())

    def kept(text):
        return "".join(replace_missing(text, font, "fr").split())

    said = "".join("".join(page.extract_text() for page in reader.pages).split())
    for piece in pieces:
        assert kept(clean_text(piece.spans[0].text)) in said
    assert reader.metadata.title == (clean_text(title) or None) or reader.metadata.title == clean_text(title)
    assert all(url.startswith(("http://", "https://")) for url in links_of(reader))
    for one in reader.xref[0]:
        held = reader.get_object(one)
        if isinstance(held, dict):
            assert not {"/OpenAction", "/AA", "/JS", "/JavaScript", "/Launch", "/EmbeddedFiles"} & set(held)
            assert held.get("/S") not in ("/JavaScript", "/Launch", "/GoToR", "/SubmitForm", "/ImportData")


def test_an_address_that_is_none_is_text_and_no_link_to_who_listens_either():
    reader = opened(
        DocumentBlock("text", [TextSpan("one", "http://[")]),
        DocumentBlock("text", [TextSpan("two", "javascript:alert(1)")]),
    )
    assert "one two" in text_of(reader)
    assert {kind for kind, _ in tree_of(reader)} == {"/Document", "/P", "/Span"}


def test_tags_are_sorted_once_however_many_pieces_there_are(monkeypatch):
    sorted_ = 0

    def counted(found):
        nonlocal sorted_
        made = sorted(found)
        sorted_ += len(made)
        return made

    monkeypatch.setattr(tagging, "sorted", counted, raising=False)
    PRINTER.pdf(paper(*[DocumentBlock("text", [TextSpan("a"), TextSpan("b")])] * 200))
    assert sorted_ <= 3 * 200


def test_parts_without_end_are_refused_before_they_are_set():
    with pytest.raises(UsageError, match="parts of paragraphs"):
        PRINTER.pdf(paper(DocumentBlock("text", [TextSpan("a" * 2_000)] * (MAX_SPANS + 1))))
    with pytest.raises(UsageError, match="pages"):
        PRINTER.pdf(paper(DocumentBlock("text", [TextSpan("word " * 400)] * 1_000)))


def test_it_has_a_bound_and_the_same_bytes_each_time():
    long = [DocumentBlock("text", [TextSpan("word " * 4_000)])] * 4
    assert PRINTER.pdf(paper(*long)) == PRINTER.pdf(paper(*long))
    assert len(PRINTER.pdf(paper(*long))) < 150_000
    with pytest.raises(UsageError, match="paragraphs"):
        PRINTER.pdf(paper(*[DocumentBlock("text", [TextSpan("a")])] * (MAX_BLOCKS + 1)))
    with pytest.raises(UsageError, match="pages"):
        PRINTER.pdf(paper(*[DocumentBlock("text", [TextSpan("word " * 400)])] * MAX_BLOCKS))


def test_a_font_that_is_cut_down_keeps_what_is_used():
    whole = Font((FONTS / "Inter-Regular.ttf").read_bytes())
    glyphs = [whole.glyph(letter) for letter in "Aéœ"]
    body = whole.subset(glyphs)
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
        PdfPrinter(tmp_path).pdf(paper(DocumentBlock("text", [TextSpan("a")])))
    with pytest.raises(ConfigError, match="font"):
        Font(b"no font at all")


def test_a_picture_is_told_in_words_and_stands_whole_on_a_page_with_its_title():
    line = PlottedLine("BTC −7,5 %", [[(0.0, 0.0), (0.4, 1.0)], [(0.6, 0.5), (1.0, 0.2)]])
    drawing = LineChart(
        "Cours", "Bitcoin\u00a0: −7,5 %.", [line] * 7, [(0.0, "+5 %"), (1.0, "−5 %")], [(0.0, "lun. 14")]
    )
    text = DocumentBlock("text", [TextSpan("word " * 200)])
    for before in range(1, 12):
        reader = opened(
            *[text] * before,
            DocumentBlock("h3", [TextSpan("Cours")]),
            DocumentBlock("picture", [TextSpan("")], drawing),
            text,
        )
        (figure,) = [one for one in elements(reader) if one["/S"] == "/Figure"]
        assert figure["/Alt"] == "Bitcoin : −7,5 %."
        left, low, right, high = (float(one) for one in figure["/A"]["/BBox"])
        assert MARGIN <= left < right <= PAGE_WIDTH - MARGIN
        assert MARGIN <= low < high <= PAGE_HEIGHT - MARGIN
        (mark,) = figure["/K"][0].get_object()["/K"]
        (head,) = [one for one in elements(reader) if one["/S"] == "/H3"]
        assert mark["/Pg"] == head["/K"][0].get_object()["/K"][0]["/Pg"]
        assert "BTC −7,5 %" in text_of(reader)


def elements(reader):
    """Every element of the tree of tags."""
    found, waiting = [], [reader.trailer["/Root"]["/StructTreeRoot"]["/K"].get_object()]
    while waiting:
        one = waiting.pop(0)
        if one.get("/Type") == "/StructElem":
            found.append(one)
            waiting += [two.get_object() for two in one["/K"]]
    return found
