"""Reports as PDF: accessible, texts as they were typed, and typst in a process of its own."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest

from vigie.adapters.printing import typst_calls, typst_reports
from vigie.adapters.printing.typst_reports import TypstReports
from vigie.domain.errors import ConfigError
from vigie.ports.reports import PaperReport, ReportSection

FONTS = Path(typst_reports.__file__).parents[2] / "views" / "web" / "static" / "fonts"
HOSTILE = '#sys.inputs $x$ <a> @b *bold* #read("/etc/passwd") \\ " \u20ac \u00e9'
REPORT = PaperReport(
    "Fiche #strong[x]",
    "fr",
    "Ceci n\u2019est pas un conseil",
    [ReportSection(2, HOSTILE, [HOSTILE], ("Ligne", "EUR"), [(HOSTILE, "1\u202f000,00")] * 60, (3, 1), (1,))],
)


def test_a_report_is_accessible_and_its_texts_are_no_markup():
    content = TypstReports(FONTS).report_pdf(REPORT)
    read = pypdf.PdfReader(io.BytesIO(content))
    root = read.trailer["/Root"]
    assert root["/Lang"] == "fr"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert read.metadata.title == "Fiche #strong[x]"
    text = " ".join(read.pages[0].extract_text().split())
    assert text.count(HOSTILE) > 2
    assert len(read.pages) > 1
    assert "Ligne EUR" in " ".join(read.pages[1].extract_text().split()), "the head stands on each page"


def test_without_typst_it_says_what_to_take(monkeypatch):
    monkeypatch.setattr(typst_calls, "find_spec", lambda _: None)
    printer = TypstReports(FONTS)
    assert not printer.is_ready
    with pytest.raises(ConfigError, match="take CSV or XLSX"):
        printer.report_pdf(REPORT)


@pytest.mark.parametrize("text", ["漢字", "Bourse 🚀", "\x07\0 a \u202e b", "\ud800", "شراء"])
def test_a_text_that_the_font_has_not_is_printed_by_its_script(text):
    section = ReportSection(2, text, [text], (text,), [(text,)], (1,))
    content = TypstReports(FONTS).report_pdf(PaperReport(f"T {text}", "fr", text, [section]))
    assert pypdf.PdfReader(io.BytesIO(content)).metadata.title.startswith("T")


def test_what_typst_refuses_is_told():
    with pytest.raises(ConfigError, match="typst could not print"):
        TypstReports(FONTS).report_pdf(PaperReport("", "fr", "", []))


def test_the_printer_itself_does_not_load_typst():
    code = (
        "import sys; from pathlib import Path; from vigie.adapters.printing.typst_reports import TypstReports; "
        "assert TypstReports(Path()).is_ready; assert 'typst' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
