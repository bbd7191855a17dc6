"""Ten small faults in ten wings, each planted into a copy of the tree: does `make check` run a test that fails on it?

    python -m tests.mutation.planted              # in a copy that it makes: all of them, a line each
    python -m tests.mutation.planted ecb_hour     # one

A fault is planted, `tools/affected` chooses what is run for it, and that is run in its order until a test fails. The
faults were written down before anybody looked which tests notice them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
# Files that are run in one process before it is asked whether one failed.
TOGETHER: Final = 12
# What the product needs beside the files of the repository.
BUILT: Final = ("src/vigie/views/web/static",)


@dataclass(frozen=True, slots=True)
class Fault:
    """A text that is replaced by another in one file, once."""

    path: str
    old: str
    new: str
    is_plain: bool = False


PAGES: Final = "src/vigie/views/web/pages"
FAULTS: Final = {
    # An opposite signal no longer ends a position; tried without compilation, which takes longer than the tests.
    "kernel_opposite": Fault(
        "src/vigie/engine/kernel.py", "((flags & SHORT_ENTRY) != 0 and not both)", "False", is_plain=True
    ),
    "instrument_rate": Fault(
        "src/vigie/domain/instrument.py", "0 <= self.maintenance_rate < 1", "0 <= self.maintenance_rate <= 1"
    ),
    "alert_rule_field": Fault(
        f"{PAGES}/alerts/page.html",
        'name="revision" value="{{ chosen.revision }}"',
        'name="revision" value=""',
    ),
    "alert_plural": Fault(
        f"{PAGES}/alerts/fr.po", 'msgstr[1] "%(num)s alertes"', 'msgstr[1] "%(number)s alertes"'
    ),
    "shock_words": Fault(
        "src/vigie/intelligence/market/words.fr.toml",
        "{change} en {hours} h, {value} fois",
        "{change} en {hour} h, {value} fois",
    ),
    "rsi_exit": Fault(
        "src/vigie/trading/strategies/rsi_reversion.py", "100.0 - params.leave", "params.leave"
    ),
    "ecb_hour": Fault("src/vigie/adapters/sources/ecb/source.py", "ts + _PUBLISHED_MS", "ts"),
    "watchlist_order": Fault(
        f"{PAGES}/watchlists/page.py",
        "[rows[one] for one in one.assets if one in rows]",
        "list(rows.values())",
    ),
    "bitget_side": Fault(
        "src/vigie/adapters/venues/bitget/rows.py", 'return "buy" if side > 0 else "sell"', 'return "sell"'
    ),
    "first_sights_index": Fault(
        "src/vigie/adapters/stores/sql/migrations/versions/m0019_first_sights.py",
        '        sa.Index(None, "kind", "ts_seen"),\n',
        "",
    ),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a fault.

    Parameters
    ----------
    name : str
        The fault.
    chosen, reached : int
        Test files that are run for it, and that it can break.
    place : int
        Which of the chosen files failed first, counted from 1 and to the end of those it was run with; 0: none did.
    failed : tuple of str
        The tests that failed.
    line : str
        What `make check` says of the choice.
    """

    name: str
    chosen: int
    reached: int
    place: int
    failed: tuple[str, ...]
    line: str


@contextmanager
def copied(root: Path = ROOT) -> Iterator[Path]:
    """Copy the tree, as it is now, into a repository of its own with one commit."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    with tempfile.TemporaryDirectory(prefix="vigie-planted-") as folder:
        copy = Path(folder) / "tree"
        for name in filter(None, listed.split("\0")):
            if (root / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, copy / name)
        for name in BUILT:
            if (root / name).is_dir():
                shutil.copytree(root / name, copy / name)
        for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-qm", "as it is")):
            own = ("-c", "user.name=tests", "-c", "user.email=tests@example.org")
            subprocess.run(["git", "-C", str(copy), *own, *words], check=True)
        yield copy


def try_one(copy: Path, name: str) -> Found:
    """Plant a fault into a copy, run what is chosen until a test fails, and take it out again."""
    fault = FAULTS[name]
    path = copy / fault.path
    before = path.read_text(encoding="utf-8")
    if before.count(fault.old) != 1:
        raise LookupError(f"{fault.path} has the text {fault.old!r} {before.count(fault.old)} times")
    path.write_text(before.replace(fault.old, fault.new), encoding="utf-8")
    try:
        answer = _python(copy, fault, "-m", "tests.mutation.planted", "--chosen")
        chosen = json.loads(answer.stdout)
        for start in range(0, len(chosen["run"]), TOGETHER):
            files = chosen["run"][start : start + TOGETHER]
            answer = _python(copy, fault, "-m", "pytest", "-q", "-x", "-n", "0", "--quick=", *files)
            failed = [
                line.split()[1]
                for line in answer.stdout.splitlines()
                if line.startswith(("FAILED ", "ERROR "))
            ]
            if failed:
                place = start + len(files)
                return Found(
                    name, len(chosen["run"]), chosen["reached"], place, tuple(failed), chosen["line"]
                )
            if answer.returncode not in (0, 5):
                raise RuntimeError(
                    f"{name}: pytest broke off\n{answer.stdout[-2000:]}\n{answer.stderr[-2000:]}"
                )
        return Found(name, len(chosen["run"]), chosen["reached"], 0, (), chosen["line"])
    finally:
        path.write_text(before, encoding="utf-8")


def _python(copy: Path, fault: Fault, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python on the copy, whatever is installed."""
    paths = {"PYTHONPATH": os.pathsep.join((str(copy / "src"), str(copy)))}
    plain = {"NUMBA_DISABLE_JIT": "1"} if fault.is_plain else {}
    kept = {key: value for key, value in os.environ.items() if key not in ("CI", "PYTEST_XDIST_WORKER")}
    return subprocess.run(
        [sys.executable, *words],
        cwd=copy,
        env={**kept, **paths, **plain},
        capture_output=True,
        text=True,
        check=False,
    )


def say_chosen() -> None:
    """Print, of the tree that this runs in, what is chosen for the change in it."""
    from tools import affected

    found = affected.changes(ROOT, "HEAD")
    assert found is not None
    choice = affected.plan(ROOT, found)
    said = {
        "run": [one.path for one in choice.run],
        "reached": len(choice.run) + len(choice.left),
        "line": choice.line(found),
    }
    print(json.dumps(said))


def main(words: list[str]) -> int:
    """Try the faults that are named, or all; 0 when each was found."""
    if words == ["--chosen"]:
        say_chosen()
        return 0
    lost = []
    with copied() as copy:
        for name in words or FAULTS:
            found = try_one(copy, name)
            print(json.dumps(asdict(found)), flush=True)
            if not found.failed:
                lost.append(name)
    print(
        f"{len(words or FAULTS) - len(lost)} of {len(words or FAULTS)} found; not: {', '.join(lost) or 'none'}"
    )
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
