"""Documents of headings, paragraphs, quotes and pictures as PDF by typst, in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from vigie.adapters.printing.chart_svg import chart_svg
from vigie.adapters.printing.printable_text import printable
from vigie.adapters.printing.truetype import Font, load_font
from vigie.adapters.printing.typst_calls import has_typst, set_pages
from vigie.domain.errors import UsageError
from vigie.ports.printing import DocumentBlock, NoPrinter, PrintedDocument, TextSpan

MAX_BLOCKS: Final = 1_000
MAX_SPANS: Final = 5_000
# Some 100 pages.
MAX_LETTERS: Final = 400_000
_TEMPLATE: Final = "document.typ"
_HEADINGS: Final = ("h1", "h2", "h3")
# A language's code without its country, as typst takes it.
_CODE: Final = range(2, 4)
_ADDRESS: Final = "%:/?#[]@!$&'()*+,;=~"
_UNNAMED: Final = "Vigie"


@dataclass(frozen=True, slots=True)
class TypstDocuments:
    """Prints with the fonts of a folder.

    Attributes
    ----------
    folder : Path
        Where the shipped fonts lie.
    """

    folder: Path

    @property
    def is_ready(self) -> bool:
        """Whether typst is installed; it is not loaded."""
        return has_typst()

    def pdf(self, document: PrintedDocument) -> bytes:
        """Return a PDF; `NoPrinter` refuses where typst is not installed."""
        if not self.is_ready:
            return NoPrinter().pdf(document)
        _refuse_endless(document)
        font, language = load_font(self.folder), document.language
        data = {
            # An accessible file must have a title.
            "title": printable(document.title, font, language) or _UNNAMED,
            "language": _code_of(language) or "en",
            "footer": printable(document.footer, font, language),
            "blocks": list(_blocks(document, font)),
        }
        return set_pages(_TEMPLATE, self.folder, data)


def _refuse_endless(document: PrintedDocument) -> None:
    if len(document.blocks) > MAX_BLOCKS:
        raise UsageError(
            "most_paragraphs_printed",
            "at most {max_blocks} paragraphs are printed, were {blocks_count}",
            max_blocks=MAX_BLOCKS,
            blocks_count=len(document.blocks),
        )
    spans = sum(len(block.spans) for block in document.blocks)
    if spans > MAX_SPANS:
        raise UsageError(
            "most_parts_paragraphs_printed",
            "at most {max_spans} parts of paragraphs are printed, were {spans}",
            max_spans=MAX_SPANS,
            spans=spans,
        )
    letters = sum(len(span.text) for block in document.blocks for span in block.spans)
    if letters > MAX_LETTERS:
        raise UsageError(
            "most_letters_printed",
            "at most {max_letters} letters are printed, were {letters}",
            max_letters=MAX_LETTERS,
            letters=letters,
        )


def _blocks(document: PrintedDocument, font: Font) -> Iterator[dict[str, object]]:
    """Yield pieces as the template reads them; headings go down one level at a time, as readers need it."""
    deepest = 1
    for block in document.blocks:
        if block.chart is not None:
            svg = chart_svg(block.chart, font, document.language)
            alt = printable(block.chart.alt, font, document.language) or _UNNAMED
            yield {"kind": "picture", "svg": svg, "alt": alt}
            continue
        spans = list(_spans(block, font, document.language))
        if not spans:
            continue
        if block.kind in _HEADINGS:
            level = min(_HEADINGS.index(block.kind) + 1, deepest)
            deepest = level + 1
            yield {"kind": "heading", "level": level, "size": block.kind, "spans": spans}
        else:
            yield {"kind": block.kind, "spans": spans}


def _spans(block: DocumentBlock, font: Font, language: str) -> Iterator[dict[str, str]]:
    for span in block.spans:
        text = printable(span.text, font, language)
        if text:
            yield {"text": text, "url": _clickable_url(span), "language": _code_of(span.language)}


def _clickable_url(span: TextSpan) -> str:
    """Return an address that a click may open, else nothing."""
    try:
        scheme = urlsplit(span.url).scheme
    except ValueError:
        return ""
    # An address in a PDF has no letters beyond ASCII; what is quoted already stays as it is.
    return quote(span.url, _ADDRESS) if scheme in ("http", "https") and span.url.isprintable() else ""


def _code_of(language: str) -> str:
    code = language.partition("-")[0].lower()
    return code if len(code) in _CODE and code.isascii() and code.isalpha() else ""
