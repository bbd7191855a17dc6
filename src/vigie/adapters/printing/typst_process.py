"""The process that loads typst: data as JSON comes in, its PDF goes out, and the process ends.

typst takes some 80 MB and stays loaded, so no process of pages or workers imports it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

# Accessible PDF, which readers for the blind can rely on.
STANDARD: Final = "ua-1"


def main() -> None:
    """Read what is to be set from standard input; write its PDF to standard output."""
    import typst

    asked = json.load(sys.stdin)
    content = typst.compile(
        str(Path(__file__).with_name(asked["template"])),
        font_paths=[asked["fonts"]],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(asked["data"], ensure_ascii=False)},
        pdf_standards=[STANDARD],
    )
    sys.stdout.buffer.write(content)


if __name__ == "__main__":
    main()
