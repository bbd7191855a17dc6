"""Write the golden records anew: `python -m tests.golden.remake`.

Do so only when a decision was meant to change: a strategy, a rule of the fill model, a code number. Then say in the
commit which runs changed and why; a record that changes without a reason is a fault that was found. The records of
real bars are written where the real data lies (`VIGIE_SHARED`, else `../shared`), and left alone elsewhere.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from tests.golden import log, runs
from tests.shared import ROOT


def write(path: Path, record: dict[str, Any]) -> None:
    """Write a record as JSON that reads well in a difference."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    text = json.dumps(record, indent=1) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{path.name}: {'unchanged' if text == before else 'written anew'}")


def main() -> None:
    """Run everything once."""
    bars = runs.pinned_bars()
    write(runs.PINNED, {name: runs.record(start()) for name, start in runs.runs(bars).items()})
    paper = log.traded()
    log.LOG.write_bytes(log.written(paper))
    write(log.RECORD, log.record(paper.account))
    shared = Path(os.environ.get("VIGIE_SHARED") or ROOT.parent / "shared")
    if not shared.is_dir():
        print(f"{runs.REAL.name}: left alone, no real data at {shared}")
        return
    with tempfile.TemporaryDirectory() as home:
        write(runs.REAL, runs.real_record(runs.real_run(shared, Path(home))))


if __name__ == "__main__":
    main()
