"""Refuses to run programs of a home that nobody allowed: in processes that run unattended.

Python tells an audit hook what it compiles, with the very bytes that are run then, and every code and extension that it
loads. So a file that changes between the check and the load, a module that an allowed program imports, bytecode that
lies beside its source, and a file of the home that hides a library all pass here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any, Final

from vigie.adapters.stores.programs import AllowedPrograms
from vigie.domain.errors import Forbidden

# Our own event, by which a process is asked whether it has a guard already: hooks can never be taken away.
_ASKED: Final = "vigie.program_guard"
# Where installed packages lie: following links there would only cost time.
_INSTALLED: Final = tuple({f"{os.path.realpath(one)}{os.sep}" for one in (sys.prefix, sys.base_prefix)})


def guard(home: Path) -> None:
    """Refuse programs of a home that are not allowed, until this process ends; copies of it do the same."""
    folder, taken = f"{os.path.realpath(home)}{os.sep}", []
    sys.audit(_ASKED, folder, taken.append)
    if not taken:
        sys.addaudithook(_Guard(folder).hear)


class _Guard:
    """What is asked at each compile, load and execution."""

    def __init__(self, home: str) -> None:
        self._programs = {home: AllowedPrograms(Path(home))}
        # Files whose content was compiled here after it was found allowed.
        self._compiled: set[str] = set()
        self._checks: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "compile": self._compile,
            "exec": self._exec,
            # Compiled extensions have a file here; modules in Python come as code.
            "import": lambda given: self._refuse_inside(given[1]),
            "ctypes.dlopen": lambda given: self._refuse_inside(given[0]),
            _ASKED: self._take,
        }

    def hear(self, event: str, given: tuple[Any, ...]) -> None:
        """Take an audit event.

        Raises
        ------
        Forbidden
            If it runs a program of the home that is not allowed.
        """
        check = self._checks.get(event)
        if check is not None:
            check(given)

    def _take(self, given: tuple[Any, ...]) -> None:
        home, take = given
        self._programs.setdefault(home, AllowedPrograms(Path(home)))
        take(home)

    def _compile(self, given: tuple[Any, ...]) -> None:
        source, file = given
        home, name = self._place(file)
        if not name:
            return
        content = source.encode() if isinstance(source, str) else source
        if not isinstance(content, bytes) or not self._programs[home].is_allowed(name, content):
            raise _refused(name)
        self._compiled.add(home + name)

    def _exec(self, given: tuple[Any, ...]) -> None:
        code = given[0]
        if isinstance(code, CodeType):
            home, name = self._place(code.co_filename)
            # Bytecode that was not made here says nothing of the source that it names.
            if name and home + name not in self._compiled:
                raise _refused(name)

    def _refuse_inside(self, file: object) -> None:
        _, name = self._place(file)
        if name:
            raise _refused(name)

    def _place(self, file: object) -> tuple[str, str]:
        """Return the home that a file lies in, and its path below it; empty words where it lies elsewhere."""
        if isinstance(file, bytes):
            file = os.fsdecode(file)
        if not isinstance(file, str) or not file or file.startswith("<"):
            return "", ""
        homes = tuple(self._programs)
        path = os.path.normpath(file)
        if not path.startswith((*homes, *_INSTALLED)):
            path = os.path.realpath(path)
        home = next((one for one in homes if path.startswith(one)), "")
        return home, path[len(home) :].replace(os.sep, "/") if home else ""


def _refused(name: str) -> Forbidden:
    return Forbidden(
        f"{name} is not run: its content was not allowed in this home; read it, then: vigie programs allow {name}"
    )
