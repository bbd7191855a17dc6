"""`python -m tools.rename WING.tsv... [--dry]`: apply tables of renames to this repository."""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path

from tools.rename.apply import apply, write_report
from tools.rename.rows import read_rows

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Apply the tables that are named; return 0, or 1 if a row was refused."""
    parser = argparse.ArgumentParser(prog="python -m tools.rename", description=__doc__)
    parser.add_argument("tables", nargs="+", type=Path, help="such as tools/renames/engine.tsv")
    parser.add_argument("--dry", action="store_true", help="say what would be done, write only the report")
    parser.add_argument("--commits", action="store_true", help="commit every table by itself, in their order")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository")
    given = parser.parse_args()
    # The trees of a whole program are never garbage, and looking through them takes longer than making them.
    gc.disable()
    done = apply(given.root, read_rows(given.tables), given.dry, is_committed=given.commits)
    write_report(given.root, done)
    print(done.counts())
    print("see build/renames-refused.tsv and build/renames-notes.txt")
    return 1 if done.plan.refused else 0


if __name__ == "__main__":
    sys.exit(main())
