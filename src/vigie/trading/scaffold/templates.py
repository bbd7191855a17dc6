"""The files of a new strategy: takes a name, gives file names and texts; a name that cannot be one is refused."""

from __future__ import annotations

import keyword
import re
from importlib import resources
from string import Template
from typing import Final

from vigie.domain.errors import UsageError

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
_RESERVED: Final = ("all", "native", "total", "conftest")
_TEMPLATES: Final = (
    ("strategy.py.template", "{name}.py"),
    ("test.py.template", "test_{name}.py"),
    ("doc.md.template", "{name}.md"),
)


def check_name(name: str) -> str:
    """Return a name that a strategy may have.

    Parameters
    ----------
    name : str
        As typed.

    Returns
    -------
    str
        The same name.

    Raises
    ------
    UsageError
        If it is no Python name in small letters, or means something else.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            "name_must_lower_case_letters",
            "name must be 2..40 lower-case letters, digits and _, starting with a letter, was {name!r}",
            name=name,
        )
    if keyword.iskeyword(name) or name in _RESERVED or name.startswith("test_"):
        raise UsageError(
            "name_must_not_reserved_word", "name must not be a reserved word, was {name!r}", name=name
        )
    return name


def render_files(name: str) -> dict[str, str]:
    """Return the texts of a new strategy by file name: the strategy, its test, its page.

    Parameters
    ----------
    name : str
        Refused as in `check_name`.

    Returns
    -------
    dict of str to str
        ``NAME.py``, ``test_NAME.py`` and ``NAME.md``; nothing is written.
    """
    values = {"name": check_name(name), "title": name.replace("_", " ").strip().capitalize()}
    folder = resources.files(__package__)
    return {
        target.format(name=name): Template(folder.joinpath(source).read_text("utf-8")).substitute(values)
        for source, target in _TEMPLATES
    }
