"""Compiled code of the sources before is used again where a change cannot touch it.

Vigie keeps compiled code in a folder for each state of its sources (`vigie.compiled`), since numba does not see that a
function of another file changed. Who edits one indicator would compile the whole kernel anew. Here the graph of imports
says which files with compiled functions use a changed file, directly or not; what was compiled of all others is copied
from the folder of the nearest state before. Beside the code lies what its sources were.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

SOURCES: Final = "sources.json"
# As `vigie.compiled` counts them.
WINGS: Final = ("vigie/domain", "vigie/quant", "vigie/trading", "vigie/engine", "vigie_sandbox")


def sources(root: Path) -> dict[str, str]:
    """Return a hash of each file that compiled code may come from, by its path in the repository."""
    files = sorted(path for wing in WINGS for path in (root / "src" / wing).rglob("*.py"))
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in files
    }


def touched(users: Mapping[str, set[str]], changed: Iterable[str]) -> set[str]:
    """Return the files of the package that use a changed one, directly or not, and the changed ones."""
    found = set(changed)
    queue = list(found)
    for path in queue:
        new = {user for user in users.get(path, ()) if user.startswith("src/")} - found
        found |= new
        queue += new
    return found


def reuse(folder: Path, now: Mapping[str, str], users: Mapping[str, set[str]]) -> int:
    """Fill the folder of compiled code for these sources from that of the nearest state before; say how many files.

    Parameters
    ----------
    folder : Path
        Where the code of these sources is kept: ``kernel-HASH``.
    now : mapping of str to str
        Their hashes, as `sources` returns them.
    users : mapping of str to set of str
        Who uses a file.
    """
    if (folder / SOURCES).is_file():
        return 0
    count = 0
    if not folder.exists() and (nearest := _nearest(folder, now)):
        before, kept = nearest
        changed = {path for path in {*before, *now} if before.get(path) != now.get(path)}
        stale = {(Path(path).parent.name, Path(path).stem) for path in touched(users, changed)}
        for path in sorted(kept.rglob("*.nb[ic]")):
            # numba's names: engine_<hash of the folder's path>/kernel.open_entry-12.py311.nbi
            if (path.parent.name.rpartition("_")[0], path.name.partition(".")[0]) not in stale:
                copy = folder / path.relative_to(kept)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, copy)
                count += 1
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SOURCES).write_text(json.dumps({"files": now}), encoding="utf-8")
    return count


def _nearest(folder: Path, now: Mapping[str, str]) -> tuple[dict[str, str], Path] | None:
    """Return the state with the fewest other files, of those that are known."""
    found: list[tuple[int, dict[str, str], Path]] = []
    for path in folder.parent.glob(f"kernel-*/{SOURCES}"):
        try:
            before: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["files"]
        except (OSError, ValueError, KeyError):
            continue
        found.append((len(before.items() ^ now.items()), before, path.parent))
    best = min(found, key=lambda one: one[0], default=None)
    return best[1:] if best else None
