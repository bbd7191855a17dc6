"""What a screen reader is told: headings, paragraphs, quotes, links, languages (ISO 32000-1, 14.7 and 14.8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from vigie.adapters.printing.objects import Objects, array, number, opened, ref, text
from vigie.adapters.printing.setting import STYLES, clean
from vigie.ports.printing import PrintedDocument


@dataclass(slots=True)
class Tags:
    """The tree of a paper's pieces and spans, filled page by page.

    Attributes
    ----------
    objects : Objects
        Of the file.
    root : int
        The tree's own number.
    """

    objects: Objects
    paper: PrintedDocument
    root: int = field(init=False)
    _document: int = field(init=False)
    _pieces: dict[int, int] = field(default_factory=dict)
    _spans: dict[tuple[int, int], int] = field(default_factory=dict)
    _held: dict[tuple[int, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    _parents: list[str] = field(default_factory=list)
    _boxes: dict[int, Sequence[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root, self._document = self.objects.reserve(), self.objects.reserve()

    def span(self, piece: int, span: int) -> int:
        """Return the number of a span's element."""
        if piece not in self._pieces:
            self._pieces[piece] = self.objects.reserve()
        if (piece, span) not in self._spans:
            self._spans[piece, span] = self.objects.reserve()
        return self._spans[piece, span]

    def hold(self, piece: int, span: int, page: int, mark: int) -> None:
        """Note that a span's letters stand on a page under a mark."""
        self.span(piece, span)
        self._held[piece, span].append(f"<< /Type /MCR /Pg {ref(page)} /MCID {mark} >>")

    def link(self, piece: int, span: int, page: int, annotation: int) -> None:
        """Note that a span is pressed at an annotation."""
        self._held[piece, span].append(f"<< /Type /OBJR /Pg {ref(page)} /Obj {ref(annotation)} >>")

    def frame(self, piece: int, corners: Sequence[float]) -> None:
        """Note where a picture stands on its page."""
        self._boxes[piece] = corners

    def parent(self, elements: Sequence[int] | int) -> int:
        """Note whom the marks of a page, or an annotation, belong to; return the place of that note."""
        said = ref(elements) if isinstance(elements, int) else array([ref(one) for one in elements])
        self._parents.append(said)
        return len(self._parents) - 1

    def close(self) -> int:
        """Write the tree and return its number."""
        spans: dict[int, list[int]] = defaultdict(list)
        for (owner, _), element in sorted(self._spans.items()):
            spans[owner].append(element)
        for place, piece in self._pieces.items():
            self.objects.put(piece, {
                "Type": "/StructElem", "S": f"/{STYLES[self.paper.blocks[place].kind].tag}",
                "P": ref(self._document), "K": array([ref(one) for one in spans[place]]),
                **self._picture(place),
            })  # fmt: skip
        for (place, span), element in self._spans.items():
            self._write_span(place, span, element)
        self.objects.put(self._document, {
            "Type": "/StructElem", "S": "/Document", "P": ref(self.root),
            "K": array([ref(one) for _, one in sorted(self._pieces.items())]),
        })  # fmt: skip
        owners = [f"{place} {said}" for place, said in enumerate(self._parents)]
        return self.objects.put(self.root, {
            "Type": "/StructTreeRoot", "K": ref(self._document), "ParentTreeNextKey": str(len(owners)),
            "ParentTree": f"<< /Nums {array(owners)} >>",
        })  # fmt: skip

    def _picture(self, place: int) -> dict[str, str]:
        drawing = self.paper.blocks[place].chart
        if drawing is None:
            return {}
        box = array([number(one) for one in self._boxes[place]])
        where = f"<< /O /Layout /Placement /Block /BBox {box} >>"
        return {"Alt": text(clean(drawing.alt)), "A": where}

    def _write_span(self, place: int, span: int, element: int) -> None:
        said = self.paper.blocks[place].spans[span]
        # What nobody can press is no link to who listens either.
        is_link = bool(opened(said.url))
        entries = {
            "Type": "/StructElem", "S": "/Link" if is_link else "/Span", "P": ref(self._pieces[place]),
            "K": array(self._held[place, span]),
        }  # fmt: skip
        if said.language and said.language != self.paper.language:
            entries["Lang"] = text(said.language)
        if is_link:
            entries["Alt"] = text(clean(said.text))
        self.objects.put(element, entries)
