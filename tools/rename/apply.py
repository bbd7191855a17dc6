"""From tables to changed files: one analysis, every edit by position, then what is moved and put in order."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final

from .guesses import Guesses
from .meaning import Meaning
from .occurrences import Occurrences
from .outside import PROTECTED
from .plan import PACKAGE, Plan, Planner
from .program import FOLDERS, Program, Symbol
from .reflow import reflow
from .rows import Refused, Row
from .shadows import Shadow
from .sources import Span
from .templates import Templates, given
from .texts import Texts

DOCUMENTS: Final = (
    "md",
    "toml",
    "yml",
    "yaml",
    "cfg",
    "ini",
    "sh",
    "html",
    "xml",
    "template",
    "js",
    "mjs",
    "ts",
)
# Kept as they are: tables of old names, what is about the past, and this package.
LEFT: Final = (
    "tools/renames/",
    "tools/rename/",
    "CHANGELOG.md",
    "tests/architecture/test_rename",
    "tests/architecture/rename_",
)
PROSE_WIDTH: Final = 120
FILE_LINES: Final = 400
LOOKS: Final = 2
_STARTED: Final = monotonic()


@dataclass
class Edits:
    """What changes in files, by position in bytes."""

    of: dict[str, dict[Span, str]] = field(default_factory=lambda: defaultdict(dict))
    notes: list[str] = field(default_factory=list)

    def add(self, path: str, span: Span, new: str) -> None:
        """Take an edit; of two for the same place the first counts."""
        if PROTECTED.match(path) or path.startswith(LEFT):
            return
        here = self.of[path]
        if here.setdefault(span, new) != new:
            self.notes.append(f"{path}: {here[span]} and {new} are both meant at byte {span[0]}")

    def changed(self, path: str, data: bytes) -> bytes:
        """Return a file with its edits, made from the end; what lies within another edit is left out."""
        end = -1
        kept = []
        for span, new in sorted(self.of[path].items(), key=lambda one: (one[0][0], -one[0][1])):
            if span[0] >= end:
                kept.append((span, new))
                end = span[1]
        for (start, stop), new in reversed(kept):
            data = data[:start] + new.encode() + data[stop:]
        return data


@dataclass
class Done:
    """What a run did.

    Parameters
    ----------
    plan : Plan
        Rows applied and refused.
    files : list of str
        Files that changed, with their old names.
    moved : dict of str to str
        Files and folders with their new names.
    long : list of str
        Lines of prose and files that got too long.
    """

    plan: Plan
    files: list[str]
    moved: dict[str, str]
    long: list[str]

    def counts(self) -> str:
        """Return what was done in a few lines."""
        reasons = Counter(one.reason for one in self.plan.refused)
        lines = [
            f"{len(self.plan.rows)} rows applied, {sum(reasons.values())} refused, {len(self.files)} files"
        ]
        lines += [f"  {number:5} {reason}" for reason, number in reasons.most_common()]
        lines += [
            f"{len(self.moved)} moved, {len(self.plan.notes)} notes, {len(self.long)} long lines or files"
        ]
        return "\n".join(lines)


def apply(
    root: Path,
    rows: list[Row],
    is_dry: bool = False,
    folders: tuple[str, ...] = FOLDERS,
    package: str = PACKAGE,
    is_committed: bool = False,
) -> Done:
    """Apply rows to a repository.

    Parameters
    ----------
    root : Path
        The repository.
    rows : list of Row
        What is renamed.
    is_dry : bool
        Whether nothing is written.
    folders : tuple of str
        Where Python files are.
    package : str
        The folder that the rows' files are below.
    is_committed : bool
        Whether every table is a commit of its own, in their order.
    """
    program = Program(root, folders)
    _say("files are read")
    meaning = read_types(program)
    _say("types are known")
    occurrences = Occurrences(program, meaning)
    templates = Templates(root)
    planner = Planner(program, meaning, occurrences, templates.attributes, package)
    _say("names are known")
    plan = planner.make(rows)
    _say("rows are settled")
    worker = Worker(root, program, meaning, occurrences, templates, planner, package)
    if is_dry:
        changed, moved = worker.edits(plan, rows)
        return Done(plan, sorted(changed), moved, [])
    if is_committed:
        _commits(worker, rows)
    changed, moved = worker.edits(plan, rows)
    if not is_committed:
        worker.write(changed, moved)
    return Done(plan, sorted(changed), moved, _long(root, [_now(path, moved) for path in changed]))


@dataclass
class Worker:
    """What is known of a repository, and how its files are changed."""

    root: Path
    program: Program
    meaning: Meaning
    occurrences: Occurrences
    templates: Templates
    planner: Planner
    package: str

    def edits(self, plan: Plan, rows: Iterable[Row]) -> tuple[dict[str, bytes], dict[str, str]]:
        """Return the files that a plan changes, as they will be, and what it moves."""
        _twins(self.program, plan)
        edits = Edits()
        _code(self.program, self.occurrences, plan, edits)
        named = [row for row in rows if row.kind == "template"]
        _template_rows(self.program, self.templates, named, plan, edits, self.package)
        _attributes(self.templates, self.planner, plan, edits)
        _texts(self.root, self.program, self.meaning, plan, edits)
        _say("texts are read")
        changed = _changed(self.root, self.program, edits)
        plan.notes += [*edits.notes, *_unsaid(self.program, plan, changed)]
        return changed, _moves(self.program, plan)

    def write(self, changed: dict[str, bytes], moved: dict[str, str]) -> None:
        """Write files, move them, put their imports in order."""
        for path, data in changed.items():
            (self.root / path).write_bytes(data)
        for old, new in moved.items():
            _move(self.root, old, new)
        now = [_now(path, moved) for path in changed]
        _order(self.root, [path for path in now if path.endswith(".py")])


def _commits(worker: Worker, rows: list[Row]) -> None:
    """Commit one table after the other: each state is made from the files of the beginning, where all is known."""
    tables = list(dict.fromkeys(row.table for row in rows))
    start = _git(worker.root, "rev-parse", "HEAD")
    for number, table in enumerate(tables, 1):
        upto = set(tables[:number])
        _git(worker.root, "read-tree", "-u", "--reset", start)
        _sweep(worker.root)
        part = worker.planner.part(upto)
        worker.write(*worker.edits(part, [row for row in rows if row.table in upto]))
        _git(worker.root, "add", "-A")
        subject = f"Use the field's terms in {table.removesuffix('.tsv').replace('_', ' ')}"
        _git(worker.root, "commit", "-q", "--allow-empty", "-m", subject)
        _say(f"{table} is committed")


def _sweep(root: Path) -> None:
    """Remove folders without a file of the repository: another would be moved into them, not to their name."""
    for folder in ("src", "tests", "tools", "benchmarks"):
        for cache in list((root / folder).rglob("__pycache__")):
            shutil.rmtree(cache)
        for inner in sorted((root / folder).rglob("*"), key=lambda path: -len(path.parts)):
            if inner.is_dir() and not any(inner.iterdir()):
                inner.rmdir()


def _git(root: Path, *words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=root, capture_output=True, text=True, check=True
    ).stdout.strip()


def _say(what: str) -> None:
    print(f"{monotonic() - _STARTED:5.0f} s  {what}", file=sys.stderr)


def read_types(program: Program, looks: int = LOOKS) -> Meaning:
    """Return the types of a program, after looks at what its tests leave out.

    Parameters
    ----------
    program : Program
        The files.
    looks : int
        How often: what a fixture gives is known a look after what it is made from.
    """
    shadows: dict[str, Shadow] = {}
    for _ in range(looks):
        shadows = Guesses(program, Meaning(program, shadows, is_quick=True)).shadows()
    return Meaning(program, shadows)


def _twins(program: Program, plan: Plan) -> None:
    """Have the test module that is named after a module renamed with it."""
    for symbol, new in list(plan.names.items()):
        if symbol[0] != "module" or not symbol[1].startswith("vigie."):
            continue
        parts = symbol[1].split(".")[1:]
        package = ".".join(("tests", "unit", *parts[:-1]))
        twin = f"{package}.test_{parts[-1]}"
        if twin in program.modules and not program.has_module(f"{package}.test_{new}"):
            plan.names["module", twin] = f"test_{new}"


def _code(program: Program, occurrences: Occurrences, plan: Plan, edits: Edits) -> None:
    for symbol, new in plan.names.items():
        for one in occurrences.of.get(symbol, ()):
            edits.add(one.path, one.span, new)
    for root, places in plan.untyped.items():
        for one in places:
            edits.add(one.path, one.span, plan.names[root])
    for file in program.files.values():
        for one in file.scopes.module_names:
            parts = one.module.split(".")
            at = one.span[1]
            for number, part in reversed(list(enumerate(parts))):
                if at - len(part) < one.span[0]:
                    break
                symbol: Symbol = ("module", ".".join(parts[: number + 1]))
                if symbol in plan.names:
                    edits.add(file.path, (at - len(part), at), plan.names[symbol])
                at -= len(part) + 1


def _template_rows(
    program: Program, templates: Templates, rows: Iterable[Row], plan: Plan, edits: Edits, package: str
) -> None:
    """Rename variables of templates, where they are given and where they are used."""
    for row in rows:
        file = program.files.get(package + row.file)
        places = list(given(file, row)) if file else []
        if not file or not places:
            plan.refused.append(Refused(row, "old name not found", row.scope))
        elif taken := templates.variable(row.new):
            plan.refused.append(Refused(row, "name is taken in a template", taken[0][0]))
        else:
            plan.rows.append(row)
            for span in places:
                edits.add(file.path, span, row.new)
            for path, span in templates.variable(row.old):
                edits.add(path, span, row.new)


def _attributes(templates: Templates, planner: Planner, plan: Plan, edits: Edits) -> None:
    """Rename attributes in templates that no other class has."""
    for root in plan.untyped:
        for path, span in templates.attribute(root[2]) if root[0] == "member" else ():
            edits.add(path, span, plan.names[root])


def _texts(root: Path, program: Program, meaning: Meaning, plan: Plan, edits: Edits) -> None:
    texts = Texts(program, meaning, plan.names)
    for file in program.files.values():
        for span, new in texts.python(file):
            edits.add(file.path, span, new)
    for path in tracked(root):
        if path.rpartition(".")[2] in DOCUMENTS and not path.startswith("tests/data/"):
            data = (root / path).read_bytes()
            try:
                text = data.decode()
            except UnicodeDecodeError:
                continue
            for span, new in texts.document(text, path):
                edits.add(path, span, new)


def tracked(root: Path) -> list[str]:
    """Return the files of a repository: git's, or all of a folder that is none."""
    asked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if asked.returncode == 0:
        return [path for path in asked.stdout.splitlines() if (root / path).is_file()]
    return [file.relative_to(root).as_posix() for file in sorted(root.rglob("*")) if file.is_file()]


def _changed(root: Path, program: Program, edits: Edits) -> dict[str, bytes]:
    """Return the files that change, as they will be."""
    found = {}
    for path in list(edits.of):
        data = program.files[path].source.data if path in program.files else (root / path).read_bytes()
        after = edits.changed(path, data)
        if after == data:
            continue
        if path.endswith(".py"):
            try:
                ast.parse(after, path)
            except SyntaxError as error:
                edits.notes.append(f"{path}: left as it is, for it would not be Python: {error}")
                continue
        found[path] = after
    return found


def _unsaid(program: Program, plan: Plan, changed: dict[str, bytes]) -> list[str]:
    """Return renamed modules whose package names them in a sentence alone, which is left to a person."""
    found = []
    for symbol, new in plan.names.items():
        face = program.modules.get(symbol[1].rpartition(".")[0]) if symbol[0] == "module" else None
        if face is not None and face.path.startswith(PACKAGE):
            text = changed.get(face.path, face.source.data).decode()
            if not re.search(rf"\b{new}\b", text):
                found.append(f"{face.path}: does not name {new}")
    return found


def _moves(program: Program, plan: Plan) -> dict[str, str]:
    """Return what is moved, the deepest first."""
    found = {}
    for symbol, new in plan.names.items():
        if symbol[0] == "module":
            path = program.modules[symbol[1]].path
            folder = path.removesuffix("/__init__.py")
            old = folder if folder != path else path
            ending = "" if folder != path else ".py"
            found[old] = f"{old.rpartition('/')[0]}/{new}{ending}"
    return dict(sorted(found.items(), key=lambda one: -one[0].count("/")))


def _now(path: str, moved: dict[str, str]) -> str:
    for old, new in moved.items():
        if path == old or path.startswith(f"{old}/"):
            path = new + path[len(old) :]
    return path


def _move(root: Path, old: str, new: str) -> None:
    done = subprocess.run(["git", "mv", old, new], cwd=root, capture_output=True, check=False)
    if done.returncode:
        (root / old).rename(root / new)


def _order(root: Path, paths: list[str]) -> None:
    """Sort imports and format."""
    beside = Path(sys.executable).with_name("ruff")
    ruff = str(beside) if beside.exists() else "ruff"
    for command in (["check", "--select", "I,RUF022", "--fix"], ["format"]):
        for start in range(0, len(paths), 400):
            subprocess.run([ruff, *command, "--quiet", *paths[start : start + 400]], cwd=root, check=False)
    for path in paths:
        file = root / path
        before = file.read_text(encoding="utf-8")
        after = reflow(before)
        if after != before:
            file.write_text(after, encoding="utf-8")


def _long(root: Path, paths: Iterable[str]) -> list[str]:
    """Return lines and files that are too long, of Python."""
    found = []
    for path in paths:
        if path.endswith(".py"):
            for number, line in enumerate((root / path).read_text(encoding="utf-8").split("\n"), 1):
                if len(line) > PROSE_WIDTH:
                    found.append(f"{path}:{number}: over {PROSE_WIDTH} columns")
            if number > FILE_LINES + 1 and path.startswith(PACKAGE):
                found.append(f"{path}: {number - 1} lines, formatted")
    return found


def write_report(root: Path, done: Done) -> None:
    """Write refused rows and notes to `build/`."""
    folder = root / "build"
    folder.mkdir(exist_ok=True)
    lines = ["reason\tdetail\tfile\tkind\tscope\told\tnew\ttable"]
    for one in done.plan.refused:
        row = one.row
        lines.append(
            "\t".join((one.reason, one.detail, row.file, row.kind, row.scope, row.old, row.new, row.table))
        )
    (folder / "renames-refused.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    notes = [*done.plan.notes, *done.long]
    (folder / "renames-notes.txt").write_text("\n".join(notes) + "\n", encoding="utf-8")
