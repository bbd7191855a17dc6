"""`python -m tools.texts.apply TABLE... [--catalogue PATTERN] [--dry] [--french]`: apply tables of planned texts."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tools.texts.places import decide_places
from tools.texts.planned import Decided, decide
from tools.texts.quoting import requote
from tools.texts.refusals import Raised, decide_refusals
from tools.texts.rows import COLUMNS, Row, read_rows
from tools.texts.tree import Tree
from tools.texts.uses import Uses

ROOT: Final = Path(__file__).resolve().parents[2]
HERE: Final = Path(__file__).resolve().parent


def apply(root: Path, rows: list[Row], every: Iterable[Row] = ()) -> tuple[Tree, Decided]:
    """Return the files as they become and what is decided about each row; nothing is written.

    Parameters
    ----------
    root : Path
        The repository.
    rows : list of Row
        Those that are asked for.
    every : iterable of Row
        Those of all tables, for texts that several catalogues have.
    """
    tree = Tree(root)
    uses, decided = Uses(tree), Decided()
    raised = Raised(uses)
    known = list(dict.fromkeys([*rows, *every]))
    rows = [*rows, *_with_them(rows, known)]
    in_catalogues = [row for row in rows if row.catalogue.endswith(".po")]
    refusals = [row for row in rows if row.catalogue.startswith("refusals:")]
    labels = [row for row in refusals if row.catalogue.startswith("refusals:[")]
    places = [row for row in rows if row not in in_catalogues and row not in refusals]
    decide_places(uses, places, decided)
    decide(uses, in_catalogues, known, decided)
    decide_refusals(raised, [row for row in refusals if row not in labels], decided)
    for row in labels:
        # A label of a field is a text of the pages: the row of its catalogue changes it here as well.
        olds = {done.old for done in decided.applied if done.catalogue.endswith(".po")}
        if row.old in olds:
            decided.applied.append(row)
        else:
            decided.refuse([row], "goes with the label's own row")
    requote(uses, raised, decided)
    return tree, decided


def _with_them(rows: list[Row], known: list[Row]) -> list[Row]:
    # A page that borrows a text of another one and gets its own: both rows, or the text there gets a wrong meaning.
    olds = {row.old for row in rows if row.catalogue.endswith(".po") and not row.is_french_only}
    return [
        row
        for row in known
        if row.old in olds
        and row not in rows
        and re.search(r"views/web/pages/\w+/\w+\.(html|py)", row.catalogue)
    ]


def report(root: Path, decided: Decided) -> None:
    """Write what is refused and what is left to look at below `build`."""
    build = root / "build"
    build.mkdir(exist_ok=True)
    lines = ["\t".join(("at", "catalogue", "kind", "old", "new", "reason", "where"))]
    lines += [
        "\t".join((row.at, row.catalogue, row.kind, row.old, row.new, reason, where.replace("\n", " ")))
        for row, reason, where in decided.refused
    ]
    (build / "texts-refused.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    look = "\n".join(dict.fromkeys(decided.look))
    (build / "texts-look.tsv").write_text(f"what\twhere\told\tnew\n{look}\n", encoding="utf-8")


def counts(decided: Decided) -> str:
    """Return how many rows are applied, and refused by reason."""
    reasons = Counter(reason for _, reason, _ in decided.refused)
    lines = [f"applied: {len(decided.applied)}", f"refused: {len(decided.refused)}"]
    return "\n".join([*lines, *(f"  {number:4} {reason}" for reason, number in reasons.most_common())])


def formatted(root: Path, paths: list[str]) -> None:
    """Lay out Python files as the repository does."""
    python = [path for path in paths if path.endswith(".py")]
    tool = Path(sys.executable).with_name("ruff")
    if python and tool.is_file():
        subprocess.run([tool, "format", "-q", *python], cwd=root, check=True)


def main() -> int:
    """Apply the rows that are asked for; return 0, or 1 if one was refused."""
    parser = argparse.ArgumentParser(prog="apply.py", description=__doc__)
    parser.add_argument("tables", nargs="+", help="such as market.tsv, in this folder or anywhere")
    parser.add_argument("--catalogue", default="", help="only rows whose catalogue holds this")
    parser.add_argument("--dry", action="store_true", help="say what would be done, write only the reports")
    parser.add_argument("--french", action="store_true", help="change the French alone, English stays")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository")
    given = parser.parse_args()
    files = [Path(name) if Path(name).is_file() else HERE / name for name in given.tables]
    rows = [row for file in files for row in read_rows(file) if given.catalogue in row.catalogue]
    head = "\t".join(COLUMNS)
    beside = sorted({file for one in files for file in one.parent.glob("*.tsv")})
    every = [row for file in beside if _first_line(file) == head for row in read_rows(file)]
    if given.french:
        rows, every = [row.in_french_only() for row in rows], [row.in_french_only() for row in every]
    tree, decided = apply(given.root, list(dict.fromkeys(rows)), every)
    report(given.root, decided)
    print(counts(decided))
    changed = list(tree.changed())
    if not given.dry:
        tree.write()
        formatted(given.root, changed)
    print(f"files: {len(changed)}" + "".join(f"\n  {path}" for path in changed))
    print("see build/texts-refused.tsv and build/texts-look.tsv")
    return 1 if decided.refused else 0


def _first_line(file: Path) -> str:
    with file.open(encoding="utf-8") as lines:
        return lines.readline().rstrip("\n")


if __name__ == "__main__":
    sys.exit(main())
