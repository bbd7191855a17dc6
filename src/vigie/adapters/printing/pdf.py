"""The printer: PDF 1.7 with tags, links, languages and the shipped font cut down to what is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

from vigie.adapters.printing.drawn import strokes
from vigie.adapters.printing.missing import legible, printable
from vigie.adapters.printing.objects import Objects, address, array, number, opened, ref, text
from vigie.adapters.printing.setting import (
    HEIGHT,
    MARGIN,
    STYLES,
    WIDTH,
    Leaf,
    Placed,
    Run,
    clean,
    pages,
    width,
)
from vigie.adapters.printing.tagging import Tags
from vigie.adapters.printing.truetype import Font
from vigie.domain.errors import ConfigError
from vigie.ports.printing import PrintedDocument

_FILES: Final = {"plain": "Inter-Regular.ttf", "bold": "Inter-SemiBold.ttf"}
_FOOT_SIZE: Final = 8.0
_LINK: Final = "0.04 0.34 0.64 rg"
# As many pairs as one list of a character map may have.
_PAIRS: Final = 100


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
        return _Sheet(document, _fonts(self.folder)).file()


@cache
def _fonts(folder: Path) -> Mapping[str, Font]:
    try:
        return {face: Font((folder / name).read_bytes()) for face, name in _FILES.items()}
    except OSError as fault:
        raise ConfigError(f"fonts for printing must lie in {folder}: build the pages' assets") from fault


@dataclass(slots=True)
class _Sheet:
    paper: PrintedDocument
    fonts: Mapping[str, Font]
    objects: Objects = field(default_factory=Objects)
    used: dict[str, dict[int, str]] = field(default_factory=lambda: {"plain": {}, "bold": {}})

    def file(self) -> bytes:
        leaves, tags, tree = (
            pages(printable(self.paper, self.fonts), self.fonts),
            Tags(self.objects, self.paper),
            self.objects,
        )
        resources, parent = tree.reserve(), tree.reserve()
        made = [
            self._page(leaf, tags, parent, resources, place, len(leaves))
            for place, leaf in enumerate(leaves, 1)
        ]
        tree.put(parent, {
            "Type": "/Pages", "Count": str(len(made)), "Kids": array([ref(one) for one in made]),
        })  # fmt: skip
        faces = " ".join(f"/{face} {ref(self._font(face))}" for face in self.fonts)
        tree.put(resources, {"Font": f"<< {faces} >>"})
        title = text(clean(self.paper.title))
        root = tree.add({
            "Type": "/Catalog", "Pages": ref(parent), "Lang": text(self.paper.language),
            "MarkInfo": "<< /Marked true >>", "StructTreeRoot": ref(tags.close()),
            "ViewerPreferences": "<< /DisplayDocTitle true >>", "Metadata": ref(self._about()),
        })  # fmt: skip
        return tree.file(root, tree.add({"Title": title, "Producer": text("Vigie")}))

    def _page(self, leaf: Leaf, tags: Tags, parent: int, resources: int, place: int, count: int) -> int:
        page = self.objects.reserve()
        parts, owners, links = [], [], []
        for mark, run in enumerate(leaf.runs):
            parts.append(self._run(run, mark))
            owners.append(tags.span(run.piece, run.span))
            tags.hold(run.piece, run.span, page, mark)
            if url := opened(self.paper.blocks[run.piece].spans[run.span].url):
                links.append(self._link(run, url, tags, page))
        for mark, placed in enumerate(leaf.pictures, len(leaf.runs)):
            parts.append(self._picture(placed, mark))
            owners.append(tags.span(placed.piece, 0))
            tags.hold(placed.piece, 0, page, mark)
            corners = (placed.x, placed.y, placed.x + placed.wide, placed.y + placed.high)
            tags.frame(placed.piece, corners)
        parts += [*self._bars(leaf), self._foot(place, count)]
        return self.objects.put(page, {
            "Type": "/Page", "Parent": ref(parent), "Resources": ref(resources), "Tabs": "/S",
            "MediaBox": f"[0 0 {number(WIDTH)} {number(HEIGHT)}]",
            "StructParents": str(tags.parent(owners)),
            "Annots": array([ref(one) for one in links]),
            "Contents": ref(self.objects.stream("\n".join(parts).encode("ascii"))),
        })  # fmt: skip

    def _run(self, run: Run, mark: int) -> str:
        piece = self.paper.blocks[run.piece]
        style = STYLES[piece.kind]
        colour = _LINK if opened(piece.spans[run.span].url) else f"{number(style.grey)} g"
        kind = "Link" if opened(piece.spans[run.span].url) else "Span"
        drawn = self._drawn(style.face, run.text, style.size, run.x, run.y)
        return f"/{kind} << /MCID {mark} >> BDC {colour} {drawn} EMC"

    def _picture(self, placed: Placed, mark: int) -> str:
        drawing = self.paper.blocks[placed.piece].chart
        assert drawing is not None  # only pictures are placed so
        drawn = " ".join(strokes(drawing, placed, self._label))
        return f"/Figure << /MCID {mark} >> BDC q {drawn} Q EMC"

    def _label(self, said: str, x: float, y: float) -> tuple[str, float]:
        """Return a short text of a picture, and how wide it is."""
        plain, size = self.fonts["plain"], STYLES["picture"].size
        text = legible(clean(said), plain, self.paper.language)
        return f"0.33 g {self._drawn('plain', text, size, x, y)}", width(plain, text, size)

    def _drawn(self, face: str, said: str, size: float, x: float, y: float) -> str:
        font, used = self.fonts[face], self.used[face]
        glyphs = []
        for letter in said:
            glyph = font.glyph(letter)
            # A box stands for many letters; which one is not told by it.
            used.setdefault(glyph, letter if glyph else "\N{REPLACEMENT CHARACTER}")
            glyphs.append(f"{glyph:04x}")
        return f"BT /{face} {number(size)} Tf {number(x)} {number(y)} Td <{''.join(glyphs)}> Tj ET"

    def _link(self, run: Run, url: str, tags: Tags, page: int) -> int:
        style = STYLES[self.paper.blocks[run.piece].kind]
        low = run.y - 0.25 * style.size
        corners = (run.x, low, run.x + run.wide, low + style.leading)
        owner = tags.span(run.piece, run.span)
        made = self.objects.add({
            "Type": "/Annot", "Subtype": "/Link", "Rect": array([number(one) for one in corners]),
            "Border": "[0 0 0]", "F": "4", "StructParent": str(tags.parent(owner)),
            "Contents": text(clean(self.paper.blocks[run.piece].spans[run.span].text)),
            "A": f"<< /S /URI /URI {address(url)} >>",
        })  # fmt: skip
        tags.link(run.piece, run.span, page, made)
        return made

    def _bars(self, leaf: Leaf) -> Iterator[str]:
        """Yield the bar beside each line of a quote."""
        style = STYLES["quote"]
        for y in sorted({run.y for run in leaf.runs if self.paper.blocks[run.piece].kind == "quote"}):
            low = number(y - 0.3 * style.size)
            yield f"/Artifact BMC 0.73 g {number(MARGIN + 2)} {low} 2 {number(style.leading)} re f EMC"

    def _foot(self, place: int, count: int) -> str:
        foot = clean(self.paper.footer.replace("{page}", str(place)).replace("{pages}", str(count)))
        said = legible(foot, self.fonts["plain"], self.paper.language)
        x = WIDTH - MARGIN - width(self.fonts["plain"], said, _FOOT_SIZE)
        drawn = self._drawn("plain", said, _FOOT_SIZE, x, MARGIN / 2)
        return f"/Artifact << /Type /Pagination /Subtype /Footer >> BDC 0.33 g {drawn} EMC"

    def _font(self, face: str) -> int:
        font, used, tree = self.fonts[face], self.used[face], self.objects
        name = f"/VIGIEA+{_FILES[face].removesuffix('.ttf')}"
        body = font.cut(used)
        shape = font.shape
        described = tree.add({
            "Type": "/FontDescriptor", "FontName": name, "Flags": "4", "ItalicAngle": "0", "StemV": "80",
            "FontBBox": array([str(one) for one in shape.box]), "Ascent": str(shape.ascent),
            "Descent": str(shape.descent), "CapHeight": str(shape.ascent),
            "FontFile2": ref(tree.stream(body, {"Length1": str(len(body))})),
        })  # fmt: skip
        inner = tree.add({
            "Type": "/Font", "Subtype": "/CIDFontType2", "BaseFont": name, "FontDescriptor": ref(described),
            "CIDSystemInfo": "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>",
            "CIDToGIDMap": "/Identity",
            "W": array([f"{glyph} [{font.width(glyph)}]" for glyph in sorted(used)]),
        })  # fmt: skip
        return tree.add({
            "Type": "/Font", "Subtype": "/Type0", "BaseFont": name, "Encoding": "/Identity-H",
            "DescendantFonts": array([ref(inner)]), "ToUnicode": ref(tree.stream(_letters(used))),
        })  # fmt: skip

    def _about(self) -> int:
        """Return what programs that sort files read: title and language."""
        said = (
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">'
            f"{escape(clean(self.paper.title))}</rdf:li></rdf:Alt></dc:title><dc:language><rdf:Bag><rdf:li>"
            f"{escape(self.paper.language)}</rdf:li></rdf:Bag></dc:language></rdf:Description></rdf:RDF>"
            '</x:xmpmeta><?xpacket end="w"?>'
        )
        entries = {"Type": "/Metadata", "Subtype": "/XML"}
        return self.objects.stream(said.encode(), entries, is_packed=False)


def _letters(used: Mapping[int, str]) -> bytes:
    """Return which letters glyphs stand for, so that text can be searched and copied."""
    pairs = [f"<{glyph:04x}> <{letter.encode('utf-16-be').hex()}>" for glyph, letter in sorted(used.items())]
    lists = [pairs[start : start + _PAIRS] for start in range(0, len(pairs), _PAIRS)]
    body = "\n".join(f"{len(one)} beginbfchar\n" + "\n".join(one) + "\nendbfchar" for one in lists)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{body}\nendcmap CMapName currentdict /CMap defineresource pop end end\n"
    ).encode("ascii")
