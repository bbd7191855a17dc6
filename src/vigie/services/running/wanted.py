"""Paper accounts that somebody asked to be traded: a file beside the prepared one says so, the tree of processes obeys.

What trades is a process of its own, so that it outlives the pages and holds its account alone. The file stays until
somebody takes it back: a tree that begins anew goes on with what was asked of the one before.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from vigie.services.running.parts import Part

FOLDER: Final = "accounts"
PREFIX: Final = "paper-"
_PLAN: Final = ".toml"
_MARK: Final = ".wanted"


def folder_of(home: Path, owner: str) -> Path:
    """Return where the run files lie that a person prepared."""
    return home / FOLDER / owner


def mark_of(plan: Path) -> Path:
    """Return the file that says that a prepared account is to be traded; it holds the name of whose it is."""
    return plan.with_suffix(_MARK)


def hand_over(home: Path, owner: str, to: str, name: str) -> None:
    """Give what a person prepared to another; what was begun of it goes on as that one's, also where users follow."""
    folder = folder_of(home, owner)
    if not folder.is_dir():
        return
    # First whose they are: who looks meanwhile finds no account that is nobody's.
    for mark in folder.glob(f"*{_MARK}"):
        mark.write_text(name, "utf-8")
    folder.replace(folder_of(home, to))


def part_name(owner: str, account: str) -> str:
    """Return what the process is called that trades a prepared account; its log is called so, too."""
    return f"{PREFIX}{owner}-{account}"


def wanted(home: str) -> list[Part]:
    """Return a part for each account that is to be traded; whatever its file says, it trades on paper.

    Looked at every few seconds by a process that runs for weeks: no path is made where nothing is asked for. What is
    taken back while it is looked at is not wanted any more.

    Raises
    ------
    OSError
        If what is wanted cannot be read: nobody knows what it is then.
    """
    found = []
    for owner in _names(top := f"{home}/{FOLDER}"):
        here = _names(f"{top}/{owner}")
        for mark in here:
            account = mark.removesuffix(_MARK)
            if account == mark or f"{account}{_PLAN}" not in here:
                continue
            plan = Path(top, owner, f"{account}{_PLAN}")
            try:
                user = mark_of(plan).read_text("utf-8", "replace").strip()
            except FileNotFoundError:
                continue
            words = ["trade", "run", str(plan), "--mode", "paper", "--account", account]
            found.append(Part(part_name(owner, account), (*words, *(("--user", user) if user else ()))))
    return found


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
