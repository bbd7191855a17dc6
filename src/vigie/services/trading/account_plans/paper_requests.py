"""Paper accounts that somebody asked to be traded: a file beside the prepared one says so, the tree of processes obeys.

What trades is a process of its own, so that it outlives the pages and holds its account alone. The file stays until
somebody takes it back: a tree that begins anew goes on with what was asked of the one before.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from vigie.services.running.process_tree import ProcessPart

FOLDER: Final = "accounts"
PREFIX: Final = "paper-"
_PLAN: Final = ".toml"
_MARK: Final = ".wanted"


def folder_of(home: Path, owner: str) -> Path:
    """Return where the run files lie that a person prepared."""
    return home / FOLDER / owner


def request_file(plan: Path) -> Path:
    """Return the file that says that a prepared account is to be traded; it holds the name of whose it is."""
    return plan.with_suffix(_MARK)


def transfer_requests(home: Path, owner: str, to: str, name: str) -> None:
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


def list_requested_parts(home: str) -> list[ProcessPart]:
    """Return a part for each account that is to be traded; whatever its file says, it trades on paper.

    Looked at every few seconds by a process that runs for weeks: no path is made where nothing is asked for. What is
    taken back while it is looked at is not wanted any more.

    Raises
    ------
    OSError
        If what is wanted cannot be read: nobody knows what it is then.
    """
    parts = []
    for owner in _list_names(top := f"{home}/{FOLDER}"):
        file_names = _list_names(f"{top}/{owner}")
        for mark in file_names:
            account = mark.removesuffix(_MARK)
            if account == mark or f"{account}{_PLAN}" not in file_names:
                continue
            plan = Path(top, owner, f"{account}{_PLAN}")
            try:
                user = request_file(plan).read_text("utf-8", "replace").strip()
            except FileNotFoundError:
                continue
            arguments = ["trade", "run", str(plan), "--mode", "paper", "--account", account]
            parts.append(
                ProcessPart(part_name(owner, account), (*arguments, *(("--user", user) if user else ())))
            )
    return parts


def _list_names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
