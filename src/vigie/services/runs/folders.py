"""Whether a folder may be written by a run, and whether what lies there is of one run.

Writers move the files of a result in one after the other, from a hidden folder that keeps the old ones until all
have come. One that was killed on the way leaves that folder, and files of two runs.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from vigie.domain.errors import UsageError
from vigie.research import files

_PART_FOLDER: Final = re.compile(r"\.\d+\.part")
# What a run was given beside its bars, written before it.
GIVEN_FOLDER: Final = "given"


def refuse_foreign_folder(folder: Path) -> None:
    """Refuse a folder with files in it that is not an earlier run's.

    Raises
    ------
    UsageError
        If something else lies there.
    """
    if not folder.is_dir() or (folder / "result.json").is_file():
        return
    # A run that was killed while it wrote its first result leaves a hidden folder; the next write clears it.
    names = {path.name for path in folder.iterdir()}
    part_names = {name for name in names if _PART_FOLDER.fullmatch(name)}
    if names - part_names - {GIVEN_FOLDER} - (set(files.NAMES) if part_names else set()):
        raise UsageError(
            "out_must_new_folder_earlier",
            "--out must be a new folder or that of an earlier run; {folder} contains other files",
            folder=folder,
        )


def refuse_mixed_folder(folder: Path) -> None:
    """Refuse to read a folder whose files are of two runs.

    Raises
    ------
    UsageError
        If some files of a newer run have come and others have not.
    """
    for part_folder in folder.glob(".*.part"):
        # A writer at work may end, and take its folder away, while it is looked at.
        with suppress(FileNotFoundError):
            new_names = {path.name for path in part_folder.iterdir()} - {"old"}
            old_names = {path.name for path in (part_folder / "old").iterdir()} - new_names
            if _PART_FOLDER.fullmatch(part_folder.name) and new_names and old_names:
                raise UsageError(
                    "contains_files_two_runs",
                    "{folder} contains files of two runs: the newer one was killed while writing, or is "
                    "still writing. Run the same backtest again",
                    folder=folder,
                )
