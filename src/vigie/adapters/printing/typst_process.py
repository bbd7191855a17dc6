"""The process that loads typst: a report as JSON comes in, its PDF goes out, and the process ends.

typst takes some 80 MB and stays loaded, so no process of pages or workers imports it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

TEMPLATE: Final = Path(__file__).with_name("report.typ")
# Accessible PDF, which readers for the blind can rely on.
STANDARD: Final = "ua-1"


def main() -> None:
    """Read a report and the folder of fonts from standard input; write the PDF to standard output."""
    import typst

    asked = json.load(sys.stdin)
    content = typst.compile(
        str(TEMPLATE),
        font_paths=[asked["fonts"]],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"report": json.dumps(asked["report"], ensure_ascii=False)},
        pdf_standards=[STANDARD],
    )
    sys.stdout.buffer.write(content)


if __name__ == "__main__":
    main()
