"""Refuses to run programs of a home that nobody allowed: in processes that run unattended.

Python tells an audit hook what it compiles, with the very bytes that are run then, and every code and extension that it
loads. So a file that changes between the check and the load, a module that an allowed program imports, bytecode that
lies beside its source, and a file of the home that hides a library all pass here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
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
    folder = f"{os.path.realpath(home)}{os.sep}"
    taken: list[str] = []
    sys.audit(_ASKED, folder, taken.append)
    if not taken:
        made = _Guard(folder)
        sys.addaudithook(made.hear)
        sys.path_hooks.insert(0, made.finder)


class _Guard:
    """What is asked at each compile, load and execution."""

    def __init__(self, home: str) -> None:
        self._programs = {home: AllowedPrograms(Path(home))}
        # Files whose content was compiled here after it was found allowed.
        self._compiled: set[str] = set()
        # Where folders lead that programs were asked for in.
        self._ways: dict[str, str] = {}
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

    def finder(self, folder: str) -> FileFinder:
        """Return what finds modules in a folder of the home: in their source, never in bytecode.

        Raises
        ------
        ImportError
            If the folder lies elsewhere.
        """
        home, _ = self._place(os.path.join(folder, "x"))
        if not home:
            raise ImportError(folder)
        return FileFinder(folder, (_Source, list(SOURCE_SUFFIXES)))

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
        path = os.path.abspath(file)
        # A relative name need not be a file's: templates have names, and libraries are looked for elsewhere.
        if path != os.path.normpath(file) and not os.path.exists(path):
            return "", ""
        is_installed = path.startswith(_INSTALLED) and not path.startswith(tuple(self._programs))
        home, way = ("", path) if is_installed else self._found(path)
        return home, path[len(way) :].replace(os.sep, "/") if home else ""

    def _found(self, path: str) -> tuple[str, str]:
        """Return the home above a path, and the way that leads to it, which may go through links."""
        way = path
        while (above := os.path.dirname(way)) != way:
            way = above
            if way not in self._ways:
                self._ways[way] = f"{os.path.realpath(way)}{os.sep}"
            if self._ways[way] in self._programs:
                return self._ways[way], f"{way}{os.sep}"
        return "", path


class _Source(SourceFileLoader):
    """Compiles a module from its source each time; neither reads bytecode nor leaves any."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of a module."""
        path = self.get_filename(fullname)
        code: CodeType = compile(self.get_data(path), path, "exec", dont_inherit=True)
        return code


def _refused(name: str) -> Forbidden:
    return Forbidden(
        f"{name} is not run: its content was not allowed in this home; read it, then: vigie programs allow {name}"
    )
