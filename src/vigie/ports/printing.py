"""A printer: what is read on paper, as one file that keeps its text, its links and its languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from vigie.domain.errors import ConfigError

PieceKind = Literal["h1", "h2", "h3", "text", "small", "quote", "picture"]


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A part of a line: its text, where it leads, and its language where that is another than the paper's.

    Attributes
    ----------
    text : str
        Plain, no markup.
    url : str
        Target of the link; empty for none.
    language : str
        BCP 47, ``fr``; empty for the document's own.
    """

    text: str
    url: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class PlottedLine:
    """One line of a picture.

    Attributes
    ----------
    name : str
        Stands beside its sample above the picture.
    parts : sequence of sequence of (float, float)
        Places from the upper left corner as shares of width and height; what is not known lies between two parts.
    """

    name: str
    parts: Sequence[Sequence[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class LineChart:
    """A picture of lines over time, whatever it is drawn on.

    Attributes
    ----------
    title, alt : str
        What it is called, and what it says to those who do not see it.
    rows, columns : sequence of (float, str)
        Marks of values from the top and of times from the left, as shares, with their texts.
    note : str
        Where its numbers come from, and of when they are.
    """

    title: str
    alt: str
    lines: Sequence[PlottedLine]
    rows: Sequence[tuple[float, str]]
    columns: Sequence[tuple[float, str]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class DocumentBlock:
    """A heading, a paragraph, or a picture, whose only span is its alternative text.

    Attributes
    ----------
    kind : PieceKind
        Level of the heading, style of the paragraph, or ``picture``.
    spans : sequence of TextSpan
        In reading order.
    chart : LineChart or None
        Given where the kind is ``picture``, else None.
    """

    kind: PieceKind
    spans: Sequence[TextSpan]
    chart: LineChart | None = None


@dataclass(frozen=True, slots=True)
class PrintedDocument:
    """What is printed.

    Attributes
    ----------
    title, language : str
        Of the whole; readers and their machines are told both.
    footer : str
        Stands at the end of each page, with ``{page}`` and ``{pages}`` in it.
    """

    title: str
    language: str
    blocks: Sequence[DocumentBlock]
    footer: str = "{page} / {pages}"


class Printer(Protocol):
    """Makes files that are read on paper."""

    @property
    def is_ready(self) -> bool:
        """Whether this installation has what prints."""
        ...

    def pdf(self, document: PrintedDocument) -> bytes:
        """Return a PDF; `UsageError` where there is more than it prints.

        Parameters
        ----------
        document : PrintedDocument
            All of it; page breaks are the printer's.

        Returns
        -------
        bytes
            The same document gives the same bytes.
        """
        ...


class NoPrinter:
    """Where nothing can be printed."""

    @property
    def is_ready(self) -> bool:
        """Nothing prints here."""
        return False

    def pdf(self, document: PrintedDocument) -> bytes:
        """Say so.

        Parameters
        ----------
        document : PrintedDocument
            Ignored.

        Returns
        -------
        bytes
            Nothing: it always raises.

        Raises
        ------
        ConfigError
            Always.
        """
        raise ConfigError(
            "installation_cannot_print_pdf_files",
            "this installation has no typst, which makes PDF files; take text or HTML, or install vigie[pdf]",
        )
