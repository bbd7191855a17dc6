"""A printer: what is read on paper, as one file that keeps its text, its links and its languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from vigie.domain.errors import ConfigError

PieceKind = Literal["h1", "h2", "h3", "text", "small", "quote"]


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a line: its text, where it leads, and its language where that is another than the paper's."""

    text: str
    url: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading or a paragraph."""

    kind: PieceKind
    spans: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Paper:
    """What is printed.

    Attributes
    ----------
    title, language : str
        Of the whole; readers and their machines are told both.
    foot : str
        Stands at the end of each page, with ``{page}`` and ``{pages}`` in it.
    """

    title: str
    language: str
    pieces: Sequence[Piece]
    foot: str = "{page} / {pages}"


class Printer(Protocol):
    """Makes files that are read on paper."""

    def pdf(self, paper: Paper) -> bytes:
        """Return a PDF; `UsageError` where there is more than it prints."""
        ...


class NoPrinter:
    """Where nothing can be printed."""

    def pdf(self, paper: Paper) -> bytes:
        """Say so."""
        raise ConfigError("this home has no printer of PDF files")
