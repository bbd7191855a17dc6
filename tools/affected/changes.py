"""What differs from where the branch left: committed since, not committed, new."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Changes:
    """What a choice is made for.

    Parameters
    ----------
    since : str
        The commit that is compared with, shortened; empty where there is none.
    changed : tuple of str
        Files that differ or are new.
    gone : tuple of str
        Files that are no more.
    files : tuple of str
        All files of the tree, those that nobody added yet included.
    """

    since: str
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    files: tuple[str, ...]


def git(root: Path, *words: str) -> list[str] | None:
    """Return the lines that git answers, None where it refuses."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, encoding="utf-8", check=False
        )
    except OSError:
        return None
    return done.stdout.split("\0" if "-z" in words else "\n")[:-1] if done.returncode == 0 else None


def base(root: Path, since: str | None) -> str | None:
    """Return the commit that a change is measured from: the one that was named, or where the branch left `main`."""
    if since:
        named = git(root, "rev-parse", "--verify", "--quiet", f"{since}^{{commit}}")
        return named[0] if named else None
    found = [
        line for trunk in ("origin/main", "main") for line in git(root, "merge-base", "HEAD", trunk) or ()
    ]
    return min(
        found,
        key=lambda one: int((git(root, "rev-list", "--count", f"{one}..HEAD") or ["0"])[0]),
        default=None,
    )


def changes(root: Path, since: str | None = None) -> Changes | None:
    """Return what differs, None where nothing can be compared with.

    Parameters
    ----------
    since : str, optional
        A commit, a branch or a tag.
    """
    start = base(root, since)
    tracked, new = git(root, "ls-files", "-z"), git(root, "ls-files", "-z", "--others", "--exclude-standard")
    differing = git(root, "diff", "-z", "--name-only", "--no-renames", start) if start else None
    if start is None or tracked is None or new is None or differing is None:
        return None
    files = sorted(path for path in {*tracked, *new} if (root / path).is_file())
    touched = sorted({*differing, *new})
    there = set(files)
    return Changes(
        start[:9],
        tuple(path for path in touched if path in there),
        tuple(path for path in touched if path not in there),
        tuple(files),
    )
