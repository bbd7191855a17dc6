"""Who depends on whom: imports of `src`, `tests` and `benchmarks`, names in texts, fixtures, folders of data.

A node is a file, by its path in the repository. Imports are grimp's (those inside functions count, those for types
alone do not); a module that is named in a text counts as imported. What a `conftest.py` or a package's face loads
counts only for who asks it for something: a test depends on the text of each `conftest.py` above it and on the faces
of the packages it imports from, and further only through fixtures that it names.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase, translate
from pathlib import Path, PurePosixPath

from . import reading
from .kinds import EVERYTHING, kind_of
from .reading import Read

PACKAGES = ("vigie", "vigie_sandbox", "tests", "benchmarks")


@dataclass(frozen=True, slots=True)
class Graph:
    """Files and those that depend on them.

    Parameters
    ----------
    users : dict of str to set of str
        Path to the files that use it, and through which a change goes on.
    loaders : dict of str to set of str
        Path to the files that load or read it, and through which no change to another file comes.
    tests : frozenset of str
        Files of tests.
    names : dict of str to Read
        What each Python file names.
    """

    users: dict[str, set[str]]
    loaders: dict[str, set[str]]
    tests: frozenset[str]
    names: dict[str, Read] = field(default_factory=dict)

    def reach(self, changed: str) -> dict[str, tuple[int, str]]:
        """Return what a change can break: path to its distance and the file it comes through."""
        found = {changed: (0, "")}
        queue = [changed]
        for path in queue:
            distance = found[path][0] + 1
            near = self.users.get(path, set())
            if path == changed:
                near = near | self.loaders.get(path, set())
            for user in sorted(near - found.keys()):
                found[user] = (distance, path)
                queue.append(user)
        return found


def is_test(path: str) -> bool:
    """Tell whether pytest finds tests in a file."""
    return path.startswith("tests/") and PurePosixPath(path).name.startswith("test_") and path.endswith(".py")


def module_of(path: str) -> str:
    """Return the dotted name of a Python file."""
    inner = PurePosixPath(path.removeprefix("src/")).with_suffix("")
    return ".".join(inner.parent.parts if inner.name == "__init__" else inner.parts)


def build(root: Path, paths: Iterable[str], cache: Path | None = None) -> Graph:
    """Return the graph of a tree.

    Parameters
    ----------
    root : Path
        The repository.
    paths : iterable of str
        Its files, by their path in it.
    cache : Path, optional
        Folder in which what was read of unchanged files is kept.

    Raises
    ------
    SyntaxError
        If a file is not Python.
    """
    paths = sorted(paths)
    kept = cache / "read.json" if cache else None
    names = _names(root, [path for path in paths if path.endswith(".py")], kept)
    graph = Graph(defaultdict(set), defaultdict(set), frozenset(filter(is_test, paths)), names)
    modules = {module_of(path): path for path in names if path.startswith(("src/", "tests/", "benchmarks/"))}
    _add_imports(graph, modules, cache)
    _add_named_modules(graph, modules)
    _add_faces(graph, modules)
    _add_fixtures(graph, modules)
    _add_files(graph, paths)
    return graph


def _names(root: Path, paths: list[str], cache: Path | None) -> dict[str, Read]:
    """Read each Python file, or what was kept of it while it is the same."""
    try:
        kept = json.loads(cache.read_text(encoding="utf-8")) if cache else {}
    except (OSError, ValueError):
        kept = {}
    rules = zlib.crc32(Path(reading.__file__).read_bytes())
    found, fresh = {}, {}
    for path in paths:
        state = (root / path).stat()
        stamp = [state.st_mtime_ns, state.st_size, rules]
        old = kept.get(path)
        if old and old["stamp"] == stamp:
            names = Read(
                **{
                    name: set(value) if isinstance(value, list) else value
                    for name, value in old["names"].items()
                }
            )
        else:
            names = _read(root / path, module_of(path))
        found[path] = names
        entries = {
            name: sorted(value) if isinstance(value, set) else value for name, value in asdict(names).items()
        }
        fresh[path] = {"stamp": stamp, "names": entries}
    if cache and fresh != kept:
        cache.parent.mkdir(parents=True, exist_ok=True)
        # Several processes may do so at once.
        draft = cache.with_name(f"{cache.name}.{os.getpid()}")
        draft.write_text(json.dumps(fresh), encoding="utf-8")
        draft.replace(cache)
    return found


def _read(path: Path, module: str) -> Read:
    """Return what a file names; nothing of one that is not Python just now, which the checks say."""
    try:
        return reading.read(path.read_text(encoding="utf-8"), module)
    except SyntaxError:
        return Read()


def _add_imports(graph: Graph, modules: dict[str, str], cache: Path | None) -> None:
    """Add what grimp finds."""
    import grimp

    kept = str(cache / "imports") if cache else None
    try:
        found = grimp.build_graph(*PACKAGES, cache_dir=kept, exclude_type_checking_imports=True)
    except grimp.exceptions.SourceSyntaxError as error:
        raise SyntaxError(str(error)) from error
    for name, path in modules.items():
        if name in found.modules:
            used = found.find_modules_directly_imported_by(name)
            for one in used & modules.keys():
                graph.users[modules[one]].add(path)


def _add_named_modules(graph: Graph, modules: dict[str, str]) -> None:
    """Add modules that texts name; of ``vigie.x.y.Class`` the module, of a name with holes each that fits."""
    for path, names in graph.names.items():
        for name in names.modules:
            for one in _fitting(name, modules):
                if modules[one] != path:
                    graph.users[modules[one]].add(path)


def _fitting(name: str, modules: dict[str, str]) -> list[str]:
    if "*" in name:
        pattern = re.compile(re.escape(name).replace(r"\*", r"\w+"))
        return [one for one in modules if pattern.fullmatch(one)]
    parts = name.split(".")
    for length in range(len(parts), 1, -1):
        if (one := ".".join(parts[:length])) in modules:
            return [one]
    return []


def _add_faces(graph: Graph, modules: dict[str, str]) -> None:
    """Add the packages that are loaded with a module of theirs."""
    for name, path in modules.items():
        parts = name.split(".")
        for length in range(1, len(parts)):
            if face := modules.get(".".join(parts[:length])):
                graph.loaders[face].add(path)


def _add_fixtures(graph: Graph, modules: dict[str, str]) -> None:
    """Add `conftest.py` and what it lists as plug-ins: their texts for every test below, more for who asks them."""
    for path in [one for one in graph.names if PurePosixPath(one).name == "conftest.py"]:
        below = f"{PurePosixPath(path).parent}/"
        givers = [path, *(modules[one] for one in graph.names[path].plugins if one in modules)]
        for user, names in graph.names.items():
            if not user.startswith(below):
                continue
            for giver in givers:
                made = graph.names[giver].fixtures
                graph.loaders[giver].add(user)
                whole = PurePosixPath(path).parent.name != "tests" and any(made.values())
                asks = any(name in made and not made[name] for name in names.asked)
                if user != giver and (whole or asks):
                    graph.users[giver].add(user)


def _add_files(graph: Graph, paths: list[str]) -> None:
    """Add what is not imported: who names a file, who lies beside it, and the tests of its kind."""
    words: dict[str, set[tuple[str, str]]] = defaultdict(set)
    folders: dict[str, set[str]] = defaultdict(set)
    for path, names in graph.names.items():
        folders[_folder(path)].add(path)
        for word in names.files:
            words[PurePosixPath(word).name].add((word.lstrip("./"), path))
    patterns = [(re.compile(translate(name)), name) for name in words if "*" in name]
    tests: dict[str, set[str]] = {}
    for path in paths:
        kind = kind_of(path)
        for pattern in kind.tests if kind else EVERYTHING:
            if pattern not in tests:
                tests[pattern] = {one for one in graph.tests if fnmatchcase(one, pattern)}
            graph.loaders[path] |= tests[pattern]
        graph.users[path].update(kind.loaded_by if kind else ())
        if path in folders.get(_folder(path), ()) and not path.startswith("tools/"):
            continue
        name = PurePosixPath(path).name
        graph.users[path].update(user for word, user in words[name] if f"/{path}".endswith(f"/{word}"))
        for pattern, word in patterns:
            if pattern.match(name):
                near = f"{_folder(path)}/"
                graph.users[path].update(
                    user for _, user in words[word] if near.startswith(f"{_folder(user)}/")
                )
        if kind and kind.is_read_beside:
            beside = _beside(path, folders)
            graph.users[path] |= beside & graph.users[path] or beside
        graph.users[path].discard(path)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _beside(path: str, folders: dict[str, set[str]]) -> set[str]:
    """Return the modules of the nearest folder above that has some."""
    return next((folders[str(one)] for one in PurePosixPath(path).parents if str(one) in folders), set())
