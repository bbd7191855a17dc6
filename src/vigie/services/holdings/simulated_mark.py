"""The mark of a simulated home on reports: on each page, so that no page passes for a true one."""

from __future__ import annotations

from dataclasses import replace

from vigie.ports.home import IsSimulated
from vigie.ports.reports import PaperReport
from vigie.services.news.brief.words import TEXTS


def mark_simulated(report: PaperReport, is_simulated: IsSimulated) -> PaperReport:
    """Return a report that says at the foot of each page that its home is simulated, where it is."""
    if not is_simulated:
        return report
    return replace(report, footer=f"{TEXTS[report.language]['simulated']} {report.footer}")
