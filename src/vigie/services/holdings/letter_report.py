"""A letter about holdings as a report for print: the same sentences as on the page."""

from __future__ import annotations

from itertools import groupby

from vigie.ports.reports import PaperReport, ReportSection
from vigie.services.holdings.letter_rows import HoldingLetterTable
from vigie.services.holdings.letter_words import TEXTS
from vigie.services.written_text import without_acting


def letter_report(told: HoldingLetterTable) -> PaperReport:
    """Return the report of a letter.

    Parameters
    ----------
    told : HoldingLetterTable
        In its language.

    Returns
    -------
    PaperReport
        A section a part, in the order of the letter.
    """
    texts = TEXTS[told.language]
    sections = [
        ReportSection(2, texts[part], [row.text for row in rows])
        for part, rows in groupby(told.rows, key=lambda row: row.part)
    ]
    return PaperReport(told.title, told.language, texts["footer"], sections)


def letter_text(told: HoldingLetterTable) -> str:
    """Return a letter as plain text; no name in it acts on a terminal."""
    report = letter_report(told)
    lines = [report.title]
    for section in report.sections:
        lines += ["", section.title.upper(), *map(without_acting, section.sentences)]
    return "\n".join([*lines, "", report.footer, ""])
