"""Which files of a home are programs, and which never come out of a backup."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

# Where a home keeps programs of a person's own; anywhere else Vigie runs none.
_PLACES: Final = ("strategies", "sources", "plugins")
_SOURCE: Final = ".py"
# What Python or its libraries load as code, whatever it was made from.
_CODE: Final = (
    ".pyw", ".pyc", ".pyo", ".pyd", ".so", ".dll", ".dylib", ".pth", ".nbi", ".nbc", ".pkl", ".pickle", ".joblib",
)  # fmt: skip
# Made again by themselves: bytecode, and folds of trading logs, which are read as objects.
_MADE_AGAIN: Final = ("__pycache__", "fold")


def is_program(name: str) -> bool:
    """Tell whether a file, named below the home folder, is a program of a person's own."""
    return PurePosixPath(name).parts[0] in _PLACES and name.endswith(_SOURCE)


def is_stray_code(name: str) -> bool:
    """Tell whether a file is code where no program belongs, or code that nobody can read."""
    return not is_regenerated(name) and (
        _suffix(name) in _CODE or (_suffix(name) == _SOURCE and not is_program(name))
    )


def is_regenerated(name: str) -> bool:
    """Tell whether a file, or a folder with a slash behind its name, is made again by Vigie or Python."""
    folders = normalise_name(name).split("/")[:-1]
    return any(part in _MADE_AGAIN for part in folders)


def normalise_name(name: str) -> str:
    """Return a name as systems read it that know no capitals, nor blanks and full stops at the end of its parts."""
    return "/".join(part.rstrip(". ") or part for part in name.casefold().split("/"))


def _suffix(name: str) -> str:
    return PurePosixPath(normalise_name(name)).suffix
