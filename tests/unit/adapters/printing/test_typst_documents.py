"""A printed document, read again by another program: text, links, languages, tags, pages; hostile and long texts."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.printed import elements, text_of
from vigie.adapters.printing import typst_calls, typst_documents
from vigie.adapters.printing.printable_text import clean_text, replace_missing
from vigie.adapters.printing.truetype import Font, load_font
from vigie.adapters.printing.typst_documents import MAX_BLOCKS, MAX_LETTERS, MAX_SPANS, TypstDocuments
from vigie.domain.errors import ConfigError, UsageError
from vigie.drawing.raster import FONTS
from vigie.ports.printing import DocumentBlock, LineChart, PlottedLine, PrintedDocument, TextSpan

PRINTER = TypstDocuments(FONTS)
HOSTILE = 'Fund \u202egpj.exe\u202c <script>alert(1)</script> #read("/etc/passwd") $x$ *b* @c \\ \0\r\nend'
SCRIPTS = (
    ("البنك المركزي يحذر من العملات", "[écriture arabe]"),
    ("Title: שלום, עולם 2026", "Title: [écriture hébraïque] 2026"),
    ("ビットコインが急落、取引所", "[écriture japonaise]"),
    ("비트코인 급락", "[écriture coréenne]"),
    ("Bitcoin 🚀🚀 soars", "Bitcoin [émoji] soars"),
    ("漢字 fin", "[écriture chinoise] fin"),
    ("Биткоин упал", "Биткоин упал"),
)


def paper(*pieces, **more):
    return PrintedDocument(more.pop("title", "La semaine"), more.pop("language", "fr"), pieces, **more)


def opened(*pieces, **more):
    return pypdf.PdfReader(io.BytesIO(PRINTER.pdf(paper(*pieces, **more))), strict=True)


def links_of(reader):
    found = [one.get_object() for page in reader.pages for one in page.get("/Annots", ())]
    return [one["/A"]["/URI"] for one in found]


def test_text_links_languages_and_tags_are_read_again():
    reader = opened(
        DocumentBlock("h1", [TextSpan("Été à Zürich : œuvre")]),
        DocumentBlock("h3", [TextSpan("A rule on custody", "https://www.sec.gov/a?b=(1)&c=é", "en-GB")]),
        DocumentBlock(
            "quote", [TextSpan("« Trading begins. »", "", "en"), TextSpan("Decrypt", "https://decrypt.co/")]
        ),
        DocumentBlock("small", [TextSpan("petit")]),
        *[DocumentBlock("text", [TextSpan(text)]) for text, _ in SCRIPTS],
    )
    said = text_of(reader)
    for text in ("Été à Zürich : œuvre", "A rule on custody", "« Trading begins. » Decrypt", "1 / 1"):
        assert text in said
    for _, text in SCRIPTS:
        assert text in said
    assert "\N{REPLACEMENT CHARACTER}" not in said
    assert links_of(reader) == ["https://www.sec.gov/a?b=(1)&c=%C3%A9", "https://decrypt.co/"]
    root = reader.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"], reader.metadata.title) == ("fr", True, "La semaine")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid" in root["/Metadata"].get_data()
    kinds = [one["/S"] for one in elements(reader)]
    # The third level comes after the first one: a reader that goes by levels misses none.
    assert [kind for kind in kinds if kind.startswith("/H")] == ["/H1", "/H2"]
    assert kinds.count("/Link") == 2
    assert "/BlockQuote" in kinds
    assert {one["/Lang"] for one in elements(reader) if "/Lang" in one} >= {"en"}


def test_what_is_hostile_is_text_or_left_out():
    reader = opened(
        DocumentBlock("text", [TextSpan(HOSTILE)]),
        *[
            DocumentBlock("text", [TextSpan("press", url)])
            for url in (
                "javascript:alert(1)",
                "file:///etc/passwd",
                "https://a.example/\n/Launch",
                "data:,x",
                "http://[",
            )
        ],
        title="<x> & \u202e #y",
        footer="{page}",
    )
    said = text_of(reader)
    assert 'Fund gpj.exe <script>alert(1)</script> #read("/etc/passwd") $x$ *b* @c \\ end' in said
    assert said.count("press") == 5
    assert links_of(reader) == []
    assert reader.metadata.title == "<x> & #y"
    assert not {"/OpenAction", "/AA", "/Names", "/AcroForm"} & set(reader.trailer["/Root"])


def test_a_word_longer_than_a_line_is_broken_and_pages_are_numbered():
    reader = opened(DocumentBlock("text", [TextSpan("W" * 200 + " end")]), *[_long()] * 4)
    lines = reader.pages[0].extract_text().splitlines()
    assert "".join(lines).count("W") == 200
    assert max(line.count("W") for line in lines) < 60
    assert len(reader.pages) > 1
    for number, page in enumerate(reader.pages, 1):
        assert f"{number} / {len(reader.pages)}" in page.extract_text()


def _long():
    return DocumentBlock("text", [TextSpan("word " * 390)])


SIGNS = (
    "\0\x07\r\n\t\x1b\x85\u2028\u202e\u2066\u200b\ufeff\ufffe\ud800\udfff"
    "()<>[]{}/\\%#$'\"*_@ aéœ漢😀\u0301\U000e0041"
)
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
    st.sampled_from(["h1", "h2", "h3", "text", "small", "quote"]), TEXTS, ODD_URLS,
    st.sampled_from(["", "en", "ar", "zh-Hans", "x" * 9]),
)  # fmt: skip
FORBIDDEN = {"/OpenAction", "/AA", "/JS", "/JavaScript", "/Launch", "/EmbeddedFiles"}


def holds_letters_and_nothing_to_run(pieces, title, foot):
    reader = opened(*pieces, title=title, footer=foot)
    font = load_font(FONTS)

    def kept(text):
        return "".join(replace_missing(clean_text(text), font, "fr").split())

    # Accents are joined to their letters where the font has both as one.
    said = "".join("".join(page.extract_text() for page in reader.pages).split())
    for piece in pieces:
        plain = kept(piece.spans[0].text)
        assert plain.replace("\u0301", "") in said.replace("\u0301", "") or "\u0301" in plain
    assert all(url.startswith(("http://", "https://")) for url in links_of(reader))
    for one in reader.xref[0]:
        held = reader.get_object(one)
        if isinstance(held, dict):
            assert not FORBIDDEN & set(held)
            assert held.get("/S") not in ("/JavaScript", "/Launch", "/GoToR", "/SubmitForm", "/ImportData")


@settings(max_examples=12)
@given(st.lists(ODD_PIECES, max_size=6), TEXTS, TEXTS)
def test_whatever_is_printed_another_program_reads_its_letters_and_nothing_to_run(pieces, title, foot):
    holds_letters_and_nothing_to_run(pieces, title, foot)


@pytest.mark.chaos
@settings(max_examples=300)
@given(st.lists(ODD_PIECES, max_size=6), TEXTS, TEXTS)
def test_whatever_is_printed_at_length(pieces, title, foot):
    holds_letters_and_nothing_to_run(pieces, title, foot)


def test_parts_without_end_are_refused_before_they_are_set(monkeypatch):
    def asked(*_):
        raise AssertionError("typst was asked")

    monkeypatch.setattr(typst_documents, "set_pages", asked)
    with pytest.raises(UsageError, match="parts of paragraphs"):
        PRINTER.pdf(paper(DocumentBlock("text", [TextSpan("a")] * (MAX_SPANS + 1))))
    with pytest.raises(UsageError, match="paragraphs"):
        PRINTER.pdf(paper(*[DocumentBlock("text", [TextSpan("a")])] * (MAX_BLOCKS + 1)))
    with pytest.raises(UsageError, match="letters"):
        PRINTER.pdf(paper(DocumentBlock("text", [TextSpan("a" * (MAX_LETTERS + 1))])))


def test_the_most_that_is_printed_is_printed_with_the_same_bytes_each_time():
    most = [DocumentBlock("text", [TextSpan("word " * 79)])] * MAX_BLOCKS
    once = PRINTER.pdf(paper(*most))
    assert once == PRINTER.pdf(paper(*most))
    assert len(pypdf.PdfReader(io.BytesIO(once)).pages) < 150


def test_a_folder_without_fonts_is_said(tmp_path: Path):
    with pytest.raises(ConfigError, match="fonts"):
        TypstDocuments(tmp_path).pdf(paper(DocumentBlock("text", [TextSpan("a")])))
    with pytest.raises(ConfigError, match="font"):
        Font(b"no font at all")


def test_without_typst_it_says_what_to_take(monkeypatch):
    monkeypatch.setattr(typst_calls, "find_spec", lambda _: None)
    assert not PRINTER.is_ready
    with pytest.raises(ConfigError, match="take text or HTML"):
        PRINTER.pdf(paper(DocumentBlock("text", [TextSpan("a")])))


def test_a_picture_is_told_in_words_and_stands_on_the_page_of_its_title():
    line = PlottedLine("BTC −7,5 % 漢", [[(0.0, 0.0), (0.4, 1.0)], [(0.6, 0.5), (1.0, 0.2)]])
    chart = LineChart(
        "Cours", "Bitcoin : −7,5 %.", [line] * 7, [(0.0, "+5 %"), (1.0, "<−5 %")], [(0.0, "lun. 14")]
    )
    for before in (0, 2, 4, 5, 6):
        reader = opened(
            *[DocumentBlock("text", [TextSpan("word " * 120)])] * before,
            DocumentBlock("h3", [TextSpan("Cours")]),
            DocumentBlock("picture", [TextSpan("")], chart),
        )
        (figure,) = [one for one in elements(reader) if one["/S"] == "/Figure"]
        assert figure["/Alt"] == "Bitcoin : −7,5 %."
        (page,) = [page for page in reader.pages if "Cours" in page.extract_text()]
        said = " ".join(page.extract_text().split())
        assert "BTC −7,5 % [écriture chinoise]" in said
        assert "<−5 %" in said
