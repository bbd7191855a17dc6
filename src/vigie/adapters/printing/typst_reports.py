"""Reports as PDF by typst, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from vigie.domain.errors import ConfigError
from vigie.ports.reports import NoReportPrinter, PaperReport

_PROCESS: Final = "vigie.adapters.printing.typst_process"
_MOST_SECONDS: Final = 60
_TOLD: Final = 400


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
        return find_spec("typst") is not None

    def report_pdf(self, report: PaperReport) -> bytes:
        """Return a PDF; `NoReportPrinter` refuses where typst is not installed."""
        if not self.is_ready:
            return NoReportPrinter().report_pdf(report)
        asked = json.dumps({"fonts": str(self.folder), "report": asdict(report)}, ensure_ascii=False)
        done = subprocess.run(
            [sys.executable, "-m", _PROCESS],
            input=asked.encode(),
            capture_output=True,
            timeout=_MOST_SECONDS,
            check=False,
        )
        if done.returncode:
            raise ConfigError(
                "report_not_printed",
                "typst could not print: {said}",
                said=done.stderr.decode(errors="replace")[-_TOLD:],
            )
        return done.stdout
