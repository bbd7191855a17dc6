"""What a screen reader is told: headings, paragraphs, quotes, links, languages (ISO 32000-1, 14.7 and 14.8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from vigie.adapters.printing.pdf_objects import (
    PdfObjects,
    clickable_url,
    pdf_array,
    pdf_number,
    pdf_ref,
    pdf_text,
)
from vigie.adapters.printing.typesetting import STYLES, clean_text
from vigie.ports.printing import PrintedDocument


@dataclass(slots=True)
class TagTree:
    """The tree of a paper's pieces and spans, filled page by page.

    Attributes
    ----------
    objects : PdfObjects
        Of the file.
    root : int
        The tree's own number.
    """

    objects: PdfObjects
    document: PrintedDocument
    root: int = field(init=False)
    _document_element: int = field(init=False)
    _blocks: dict[int, int] = field(default_factory=dict)
    _spans: dict[tuple[int, int], int] = field(default_factory=dict)
    _marks: dict[tuple[int, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    _parents: list[str] = field(default_factory=list)
    _boxes: dict[int, Sequence[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root, self._document_element = self.objects.reserve(), self.objects.reserve()

    def span_element(self, block: int, span: int) -> int:
        """Return the number of a span's element."""
        if block not in self._blocks:
            self._blocks[block] = self.objects.reserve()
        if (block, span) not in self._spans:
            self._spans[block, span] = self.objects.reserve()
        return self._spans[block, span]

    def add_mark(self, block: int, span: int, page: int, mcid: int) -> None:
        """Note that a span's letters stand on a page under a mark."""
        self.span_element(block, span)
        self._marks[block, span].append(f"<< /Type /MCR /Pg {pdf_ref(page)} /MCID {mcid} >>")

    def add_link(self, block: int, span: int, page: int, annotation: int) -> None:
        """Note that a span is pressed at an annotation."""
        self._marks[block, span].append(f"<< /Type /OBJR /Pg {pdf_ref(page)} /Obj {pdf_ref(annotation)} >>")

    def set_box(self, block: int, corners: Sequence[float]) -> None:
        """Note where a picture stands on its page."""
        self._boxes[block] = corners

    def add_parent(self, elements: Sequence[int] | int) -> int:
        """Note whom the marks of a page, or an annotation, belong to; return the place of that note."""
        reference = (
            pdf_ref(elements)
            if isinstance(elements, int)
            else pdf_array([pdf_ref(element) for element in elements])
        )
        self._parents.append(reference)
        return len(self._parents) - 1

    def write_tree(self) -> int:
        """Write the tree and return its number."""
        spans: dict[int, list[int]] = defaultdict(list)
        for (owner, _), element in sorted(self._spans.items()):
            spans[owner].append(element)
        for index, block_element in self._blocks.items():
            self.objects.put(block_element, {
                "Type": "/StructElem", "S": f"/{STYLES[self.document.blocks[index].kind].tag}",
                "P": pdf_ref(self._document_element), "K": pdf_array([pdf_ref(child) for child in spans[index]]),
                **self._picture_entries(index),
            })  # fmt: skip
        for (index, span), element in self._spans.items():
            self._write_span(index, span, element)
        self.objects.put(self._document_element, {
            "Type": "/StructElem", "S": "/Document", "P": pdf_ref(self.root),
            "K": pdf_array([pdf_ref(child) for _, child in sorted(self._blocks.items())]),
        })  # fmt: skip
        owners = [f"{index} {reference}" for index, reference in enumerate(self._parents)]
        return self.objects.put(self.root, {
            "Type": "/StructTreeRoot", "K": pdf_ref(self._document_element), "ParentTreeNextKey": str(len(owners)),
            "ParentTree": f"<< /Nums {pdf_array(owners)} >>",
        })  # fmt: skip

    def _picture_entries(self, index: int) -> dict[str, str]:
        chart = self.document.blocks[index].chart
        if chart is None:
            return {}
        box = pdf_array([pdf_number(corner) for corner in self._boxes[index]])
        attributes = f"<< /O /Layout /Placement /Block /BBox {box} >>"
        return {"Alt": pdf_text(clean_text(chart.alt)), "A": attributes}

    def _write_span(self, block: int, span: int, element: int) -> None:
        text_span = self.document.blocks[block].spans[span]
        # What nobody can press is no link to who listens either.
        is_link = bool(clickable_url(text_span.url))
        entries = {
            "Type": "/StructElem", "S": "/Link" if is_link else "/Span", "P": pdf_ref(self._blocks[block]),
            "K": pdf_array(self._marks[block, span]),
        }  # fmt: skip
        if text_span.language and text_span.language != self.document.language:
            entries["Lang"] = pdf_text(text_span.language)
        if is_link:
            entries["Alt"] = pdf_text(clean_text(text_span.text))
        self.objects.put(element, entries)
