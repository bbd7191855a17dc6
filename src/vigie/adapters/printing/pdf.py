"""The printer: PDF 1.7 with tags, links, languages and the shipped font cut down to what is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

from vigie.adapters.printing.chart_strokes import draw_chart
from vigie.adapters.printing.missing_glyphs import printable_blocks, replace_missing
from vigie.adapters.printing.pdf_objects import (
    PdfObjects,
    clickable_url,
    pdf_address,
    pdf_array,
    pdf_number,
    pdf_ref,
    pdf_text,
)
from vigie.adapters.printing.tagging import TagTree
from vigie.adapters.printing.truetype import Font
from vigie.adapters.printing.typesetting import (
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    STYLES,
    PageLayout,
    PlacedPicture,
    TextRun,
    clean_text,
    layout_pages,
    text_width,
)
from vigie.domain.errors import ConfigError
from vigie.ports.printing import PrintedDocument

_FONT_FILES: Final = {"plain": "Inter-Regular.ttf", "bold": "Inter-SemiBold.ttf"}
_FOOTER_SIZE: Final = 8.0
_LINK_COLOUR: Final = "0.04 0.34 0.64 rg"
# As many pairs as one list of a character map may have.
_PAIRS_PER_LIST: Final = 100


@dataclass(frozen=True, slots=True)
class PdfPrinter:
    """Prints with the font of a folder.

    Attributes
    ----------
    folder : Path
        Where the shipped fonts lie.
    """

    folder: Path

    def pdf(self, document: PrintedDocument) -> bytes:
        """Return a PDF; the same paper makes the same bytes."""
        return _PdfDocument(document, _load_fonts(self.folder)).build()


@cache
def _load_fonts(folder: Path) -> Mapping[str, Font]:
    try:
        return {face: Font((folder / name).read_bytes()) for face, name in _FONT_FILES.items()}
    except OSError as fault:
        raise ConfigError(
            "no_fonts_printing", "{folder} has no fonts for printing: build the pages' assets", folder=folder
        ) from fault


@dataclass(slots=True)
class _PdfDocument:
    document: PrintedDocument
    fonts: Mapping[str, Font]
    objects: PdfObjects = field(default_factory=PdfObjects)
    used_glyphs: dict[str, dict[int, str]] = field(default_factory=lambda: {"plain": {}, "bold": {}})

    def build(self) -> bytes:
        layouts, tags, objects = (
            layout_pages(printable_blocks(self.document, self.fonts), self.fonts),
            TagTree(self.objects, self.document),
            self.objects,
        )
        resources, parent = objects.reserve(), objects.reserve()
        page_refs = [
            self._write_page(layout, tags, parent, resources, page_number, len(layouts))
            for page_number, layout in enumerate(layouts, 1)
        ]
        objects.put(parent, {
            "Type": "/Pages", "Count": str(len(page_refs)), "Kids": pdf_array([pdf_ref(page) for page in page_refs]),
        })  # fmt: skip
        faces = " ".join(f"/{face} {pdf_ref(self._embed_font(face))}" for face in self.fonts)
        objects.put(resources, {"Font": f"<< {faces} >>"})
        title = pdf_text(clean_text(self.document.title))
        root = objects.add({
            "Type": "/Catalog", "Pages": pdf_ref(parent), "Lang": pdf_text(self.document.language),
            "MarkInfo": "<< /Marked true >>", "StructTreeRoot": pdf_ref(tags.write_tree()),
            "ViewerPreferences": "<< /DisplayDocTitle true >>", "Metadata": pdf_ref(self._write_metadata()),
        })  # fmt: skip
        return objects.build_file(root, objects.add({"Title": title, "Producer": pdf_text("Vigie")}))

    def _write_page(
        self, layout: PageLayout, tags: TagTree, parent: int, resources: int, page_number: int, count: int
    ) -> int:
        page = self.objects.reserve()
        parts, owners, links = [], [], []
        for mcid, run in enumerate(layout.runs):
            parts.append(self._draw_run(run, mcid))
            owners.append(tags.span_element(run.block, run.span))
            tags.add_mark(run.block, run.span, page, mcid)
            if url := clickable_url(self.document.blocks[run.block].spans[run.span].url):
                links.append(self._write_link(run, url, tags, page))
        for mcid, placed in enumerate(layout.pictures, len(layout.runs)):
            parts.append(self._draw_picture(placed, mcid))
            owners.append(tags.span_element(placed.block, 0))
            tags.add_mark(placed.block, 0, page, mcid)
            corners = (placed.x, placed.y, placed.x + placed.width, placed.y + placed.height)
            tags.set_box(placed.block, corners)
        parts += [*self._draw_quote_bars(layout), self._draw_footer(page_number, count)]
        return self.objects.put(page, {
            "Type": "/Page", "Parent": pdf_ref(parent), "Resources": pdf_ref(resources), "Tabs": "/S",
            "MediaBox": f"[0 0 {pdf_number(PAGE_WIDTH)} {pdf_number(PAGE_HEIGHT)}]",
            "StructParents": str(tags.add_parent(owners)),
            "Annots": pdf_array([pdf_ref(link) for link in links]),
            "Contents": pdf_ref(self.objects.stream("\n".join(parts).encode("ascii"))),
        })  # fmt: skip

    def _draw_run(self, run: TextRun, mcid: int) -> str:
        block = self.document.blocks[run.block]
        style = STYLES[block.kind]
        colour = _LINK_COLOUR if clickable_url(block.spans[run.span].url) else f"{pdf_number(style.grey)} g"
        kind = "Link" if clickable_url(block.spans[run.span].url) else "Span"
        operators = self._draw_text(style.face, run.text, style.size, run.x, run.y)
        return f"/{kind} << /MCID {mcid} >> BDC {colour} {operators} EMC"

    def _draw_picture(self, placed: PlacedPicture, mcid: int) -> str:
        chart = self.document.blocks[placed.block].chart
        assert chart is not None  # only pictures are placed so
        operators = " ".join(draw_chart(chart, placed, self._draw_label))
        return f"/Figure << /MCID {mcid} >> BDC q {operators} Q EMC"

    def _draw_label(self, letters: str, x: float, y: float) -> tuple[str, float]:
        """Return a short text of a picture, and how wide it is."""
        plain, size = self.fonts["plain"], STYLES["picture"].size
        text = replace_missing(clean_text(letters), plain, self.document.language)
        return f"0.33 g {self._draw_text('plain', text, size, x, y)}", text_width(plain, text, size)

    def _draw_text(self, face: str, letters: str, size: float, x: float, y: float) -> str:
        font, used = self.fonts[face], self.used_glyphs[face]
        glyphs = []
        for letter in letters:
            glyph = font.glyph(letter)
            # A box stands for many letters; which one is not told by it.
            used.setdefault(glyph, letter if glyph else "\N{REPLACEMENT CHARACTER}")
            glyphs.append(f"{glyph:04x}")
        return (
            f"BT /{face} {pdf_number(size)} Tf {pdf_number(x)} {pdf_number(y)} Td <{''.join(glyphs)}> Tj ET"
        )

    def _write_link(self, run: TextRun, url: str, tags: TagTree, page: int) -> int:
        style = STYLES[self.document.blocks[run.block].kind]
        low = run.y - 0.25 * style.size
        corners = (run.x, low, run.x + run.width, low + style.leading)
        owner = tags.span_element(run.block, run.span)
        annotation = self.objects.add({
            "Type": "/Annot", "Subtype": "/Link", "Rect": pdf_array([pdf_number(corner) for corner in corners]),
            "Border": "[0 0 0]", "F": "4", "StructParent": str(tags.add_parent(owner)),
            "Contents": pdf_text(clean_text(self.document.blocks[run.block].spans[run.span].text)),
            "A": f"<< /S /URI /URI {pdf_address(url)} >>",
        })  # fmt: skip
        tags.add_link(run.block, run.span, page, annotation)
        return annotation

    def _draw_quote_bars(self, layout: PageLayout) -> Iterator[str]:
        """Yield the bar beside each line of a quote."""
        style = STYLES["quote"]
        for y in sorted({run.y for run in layout.runs if self.document.blocks[run.block].kind == "quote"}):
            low = pdf_number(y - 0.3 * style.size)
            yield f"/Artifact BMC 0.73 g {pdf_number(MARGIN + 2)} {low} 2 {pdf_number(style.leading)} re f EMC"

    def _draw_footer(self, page_number: int, count: int) -> str:
        footer = clean_text(
            self.document.footer.replace("{page}", str(page_number)).replace("{pages}", str(count))
        )
        line = replace_missing(footer, self.fonts["plain"], self.document.language)
        x = PAGE_WIDTH - MARGIN - text_width(self.fonts["plain"], line, _FOOTER_SIZE)
        operators = self._draw_text("plain", line, _FOOTER_SIZE, x, MARGIN / 2)
        return f"/Artifact << /Type /Pagination /Subtype /Footer >> BDC 0.33 g {operators} EMC"

    def _embed_font(self, face: str) -> int:
        font, used_glyphs, objects = self.fonts[face], self.used_glyphs[face], self.objects
        name = f"/VIGIEA+{_FONT_FILES[face].removesuffix('.ttf')}"
        body = font.subset(used_glyphs)
        shape = font.descriptor
        descriptor = objects.add({
            "Type": "/FontDescriptor", "FontName": name, "Flags": "4", "ItalicAngle": "0", "StemV": "80",
            "FontBBox": pdf_array([str(edge) for edge in shape.box]), "Ascent": str(shape.ascent),
            "Descent": str(shape.descent), "CapHeight": str(shape.ascent),
            "FontFile2": pdf_ref(objects.stream(body, {"Length1": str(len(body))})),
        })  # fmt: skip
        cid_font = objects.add({
            "Type": "/Font", "Subtype": "/CIDFontType2", "BaseFont": name, "FontDescriptor": pdf_ref(descriptor),
            "CIDSystemInfo": "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>",
            "CIDToGIDMap": "/Identity",
            "W": pdf_array([f"{glyph} [{font.width(glyph)}]" for glyph in sorted(used_glyphs)]),
        })  # fmt: skip
        return objects.add({
            "Type": "/Font", "Subtype": "/Type0", "BaseFont": name, "Encoding": "/Identity-H",
            "DescendantFonts": pdf_array([pdf_ref(cid_font)]),
            "ToUnicode": pdf_ref(objects.stream(_to_unicode_map(used_glyphs))),
        })  # fmt: skip

    def _write_metadata(self) -> int:
        """Return what programs that sort files read: title and language."""
        xml = (
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">'
            f"{escape(clean_text(self.document.title))}</rdf:li></rdf:Alt></dc:title><dc:language><rdf:Bag><rdf:li>"
            f"{escape(self.document.language)}</rdf:li></rdf:Bag></dc:language></rdf:Description></rdf:RDF>"
            '</x:xmpmeta><?xpacket end="w"?>'
        )
        entries = {"Type": "/Metadata", "Subtype": "/XML"}
        return self.objects.stream(xml.encode(), entries, is_packed=False)


def _to_unicode_map(used_glyphs: Mapping[int, str]) -> bytes:
    """Return which letters glyphs stand for, so that text can be searched and copied."""
    pairs = [
        f"<{glyph:04x}> <{letter.encode('utf-16-be').hex()}>" for glyph, letter in sorted(used_glyphs.items())
    ]
    lists = [pairs[start : start + _PAIRS_PER_LIST] for start in range(0, len(pairs), _PAIRS_PER_LIST)]
    body = "\n".join(
        f"{len(pairs_part)} beginbfchar\n" + "\n".join(pairs_part) + "\nendbfchar" for pairs_part in lists
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{body}\nendcmap CMapName currentdict /CMap defineresource pop end end\n"
    ).encode("ascii")
