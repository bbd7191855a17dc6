"""Do other Pythons decide the same? Runs the pinned golden runs on each and compares the decision hashes.

`python benchmarks/other_pythons.py [PYTHON ...]`: interpreters that have Vigie's packages; without arguments
python3.11, python3.12 and python3.13 as far as they are found. Ends with 1 where one differs. Nothing is timed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
USUAL = ("python3.11", "python3.12", "python3.13")


def hashes(python: str) -> dict[str, str] | str:
    """Return the hashes that an interpreter finds, or why it finds none."""
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    done = subprocess.run(
        [python, "-m", "tests.golden.runs"],
        env={**os.environ, "PYTHONPATH": paths},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["ended without a word"])[-1]
    return json.loads(done.stdout)


def version(python: str) -> str:
    """Return what an interpreter calls itself, empty where it does not start."""
    asked = [python, "-c", "import sys; print(sys.version.split()[0])"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def main(words: list[str]) -> int:
    """Compare all with the committed record."""
    pinned = json.loads((ROOT / "tests" / "golden" / "pinned.json").read_text(encoding="utf-8"))
    expected = {name: record["decision_hash"] for name, record in pinned.items()}
    pythons = words or [sys.executable, *(found for name in USUAL if (found := shutil.which(name)))]
    failed = 0
    for python in dict.fromkeys(pythons):
        found = hashes(python)
        if isinstance(found, str):
            print(f"{version(python):8} {python}: not asked, {found}")
            continue
        others = [name for name in expected if found.get(name) != expected[name]]
        failed += bool(others)
        print(
            f"{version(python):8} {python}: {'differs in ' + ', '.join(others) if others else 'the same decisions'}"
        )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
