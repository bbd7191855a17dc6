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
_QUERY_EVENT: Final = "vigie.program_guard"
# Where installed packages lie: following links there would only cost time.
_INSTALLED: Final = tuple({f"{os.path.realpath(one)}{os.sep}" for one in (sys.prefix, sys.base_prefix)})


def guard(home: Path) -> None:
    """Refuse programs of a home that are not allowed, until this process ends; copies of it do the same."""
    folder = f"{os.path.realpath(home)}{os.sep}"
    guarded_homes: list[str] = []
    sys.audit(_QUERY_EVENT, folder, guarded_homes.append)
    if not guarded_homes:
        new_guard = _Guard(folder)
        sys.addaudithook(new_guard.handle_event)
        sys.path_hooks.insert(0, new_guard.make_finder)


class _Guard:
    """What is asked at each compile, load and execution."""

    def __init__(self, home: str) -> None:
        self._programs = {home: AllowedPrograms(Path(home))}
        # Files whose content was compiled here after it was found allowed.
        self._compiled: set[str] = set()
        # Where folders lead that programs were asked for in.
        self._resolved_folders: dict[str, str] = {}
        self._checks: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "compile": self._check_compile,
            "exec": self._check_exec,
            # Compiled extensions have a file here; modules in Python come as code.
            "import": lambda arguments: self._refuse_in_home(arguments[1]),
            "ctypes.dlopen": lambda arguments: self._refuse_in_home(arguments[0]),
            _QUERY_EVENT: self._add_home,
        }

    def handle_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take an audit event.

        Raises
        ------
        Forbidden
            If it runs a program of the home that is not allowed.
        """
        check = self._checks.get(event)
        if check is not None:
            check(arguments)

    def make_finder(self, folder: str) -> FileFinder:
        """Return what finds modules in a folder of the home: in their source, never in bytecode.

        Raises
        ------
        ImportError
            If the folder lies elsewhere.
        """
        home, _ = self._locate(os.path.join(folder, "x"))
        if not home:
            raise ImportError(folder)
        return FileFinder(folder, (_SourceOnlyLoader, list(SOURCE_SUFFIXES)))

    def _add_home(self, arguments: tuple[Any, ...]) -> None:
        home, report = arguments
        self._programs.setdefault(home, AllowedPrograms(Path(home)))
        report(home)

    def _check_compile(self, arguments: tuple[Any, ...]) -> None:
        source, file = arguments
        home, name = self._locate(file)
        if not name:
            return
        content = source.encode() if isinstance(source, str) else source
        if not isinstance(content, bytes) or not self._programs[home].is_allowed(name, content):
            raise _forbidden_program(name)
        self._compiled.add(home + name)

    def _check_exec(self, arguments: tuple[Any, ...]) -> None:
        code = arguments[0]
        if isinstance(code, CodeType):
            home, name = self._locate(code.co_filename)
            # Bytecode that was not made here says nothing of the source that it names.
            if name and home + name not in self._compiled:
                raise _forbidden_program(name)

    def _refuse_in_home(self, file: object) -> None:
        _, name = self._locate(file)
        if name:
            raise _forbidden_program(name)

    def _locate(self, file: object) -> tuple[str, str]:
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
        home, prefix = ("", path) if is_installed else self._find_home(path)
        return home, path[len(prefix) :].replace(os.sep, "/") if home else ""

    def _find_home(self, path: str) -> tuple[str, str]:
        """Return the home above a path, and the way that leads to it, which may go through links."""
        prefix = path
        while (parent := os.path.dirname(prefix)) != prefix:
            prefix = parent
            if prefix not in self._resolved_folders:
                self._resolved_folders[prefix] = f"{os.path.realpath(prefix)}{os.sep}"
            if self._resolved_folders[prefix] in self._programs:
                return self._resolved_folders[prefix], f"{prefix}{os.sep}"
        return "", path


class _SourceOnlyLoader(SourceFileLoader):
    """Compiles a module from its source each time; neither reads bytecode nor leaves any."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of a module."""
        path = self.get_filename(fullname)
        code: CodeType = compile(self.get_data(path), path, "exec", dont_inherit=True)
        return code


def _forbidden_program(name: str) -> Forbidden:
    return Forbidden(
        "not_run",
        "{name} was not run: its content is not allowed here; read it, then run: vigie programs allow {name}",
        name=name,
    )
