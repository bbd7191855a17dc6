"""Reports as PDF by typst, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from vigie.adapters.printing.printable_text import printable
from vigie.adapters.printing.truetype import load_font
from vigie.adapters.printing.typst_calls import has_typst, set_pages
from vigie.ports.reports import NoReportPrinter, PaperReport, ReportSection

_TEMPLATE: Final = "report.typ"
# A derivation names each of its events.
_LONGEST: Final = 100_000
_NO_TITLE: Final = "–"


@dataclass(frozen=True, slots=True)
class TypstReports:
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

    def report_pdf(self, report: PaperReport) -> bytes:
        """Return a PDF; `NoReportPrinter` refuses where typst is not installed."""
        if not self.is_ready:
            return NoReportPrinter().report_pdf(report)
        shown = partial(printable, font=load_font(self.folder), language=report.language, longest=_LONGEST)
        return set_pages(_TEMPLATE, self.folder, asdict(_printable_report(report, shown)))


def _printable_report(report: PaperReport, shown: Callable[[str], str]) -> PaperReport:
    return replace(
        report,
        title=shown(report.title),
        footer=shown(report.footer),
        sections=[_printable_section(section, shown) for section in report.sections],
    )


def _printable_section(section: ReportSection, shown: Callable[[str], str]) -> ReportSection:
    def line(texts: Sequence[str]) -> list[str]:
        return [shown(text) for text in texts]

    return replace(
        section,
        # A heading without letters is none that a screen reader can tell.
        title=shown(section.title) or _NO_TITLE,
        sentences=line(section.sentences),
        head=line(section.head),
        rows=[line(row) for row in section.rows],
    )
