"""A report: sentences and tables on pages, as one file that programs and screen readers can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vigie.domain.errors import ConfigError


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A part of a report.

    Attributes
    ----------
    level : int
        Of its heading: 2 or 3.
    title : str
        Its heading.
    sentences : sequence of str
        Paragraphs, before the table.
    head : sequence of str
        What stands above the columns.
    rows : sequence of sequence of str
        Cells; without rows there is no table.
    widths : sequence of int
        Of the columns, as shares.
    numbers : sequence of int
        Which columns read from the right.
    """

    level: int
    title: str
    sentences: Sequence[str] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    widths: Sequence[int] = ()
    numbers: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class PaperReport:
    """What is set on pages; all texts are plain, none is markup.

    Attributes
    ----------
    title, language : str
        Of the whole; readers and their machines are told both.
    footer : str
        Stands at the end of each page, before its number.
    sections : sequence of ReportSection
        In reading order.
    """

    title: str
    language: str
    footer: str
    sections: Sequence[ReportSection]


class ReportPrinter(Protocol):
    """Makes PDF files of reports."""

    @property
    def is_ready(self) -> bool:
        """Whether this installation has what prints."""
        ...

    def report_pdf(self, report: PaperReport) -> bytes:
        """Return a PDF.

        Parameters
        ----------
        report : PaperReport
            All of it; page breaks are the printer's.

        Returns
        -------
        bytes
            The same report gives the same bytes.
        """
        ...


class NoReportPrinter:
    """Where no report can be printed."""

    @property
    def is_ready(self) -> bool:
        """Nothing prints here."""
        return False

    def report_pdf(self, report: PaperReport) -> bytes:
        """Say so.

        Parameters
        ----------
        report : PaperReport
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
            "installation_has_no_typst",
            "this installation has no typst, which makes PDF files; take CSV or XLSX, or install vigie[pdf]",
        )
