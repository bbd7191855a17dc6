"""Names in texts: docstrings, comments, dotted strings, paths, documents and templates."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from .meaning import Meaning
from .program import File, Program, Symbol
from .scopes import Scope
from .sources import Span

CHAIN: Final = re.compile(r"(?<![\w.'\"/-])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?![\w/-]|\.\w)")
CODE: Final = re.compile(r"(?<!`)(`{1,2})(?!`)([^`\n]+?)\1(?!`)")
DOTTED: Final = re.compile(r"(?<![\w./-])(?:vigie|tests|tools|benchmarks)(?:\.[A-Za-z_]\w*)+")
PATH: Final = re.compile(r"(?<![\w/-])(?:\.{0,2}/)?[\w.-]+(?:/[\w.-]+)+")
# A name that no sentence has by chance.
PLAIN_NAME: Final = re.compile(r"(?<![\w./`'\"-])(?:_*[A-Z]\w*[a-z][A-Z]\w*|_*[a-z]\w*_\w+)(?![\w/-]|\.\w)")
SECTION: Final = re.compile(r"^([ \t]*)(\w[\w ]*)\n\1-{3,}[ \t]*$", re.M)
ENTRY: Final = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: : (.*))?$")
TYPED: Final = ("Returns", "Yields", "Raises", "Parameters", "Attributes", "Other Parameters")
NAMED: Final = ("Parameters", "Attributes", "Other Parameters")


@dataclass(frozen=True, slots=True)
class Text:
    """A part of a file.

    Parameters
    ----------
    start : int
        Where it begins, in bytes.
    text : str
        What it says.
    """

    start: int
    text: str

    def span(self, start: int, end: int) -> Span:
        """Return where characters of it stand in the file."""
        before = self.start + len(self.text[:start].encode())
        return before, before + len(self.text[start:end].encode())


class Texts:
    """Finds names in texts.

    Parameters
    ----------
    program : Program
        The files.
    meaning : Meaning
        Their types.
    names : dict of Symbol to str
        What each symbol becomes.
    """

    def __init__(self, program: Program, meaning: Meaning, names: dict[Symbol, str]) -> None:
        self._program = program
        self._meaning = meaning
        self._names = names
        self._unique = self._unique_names()
        self._paths = self._renamed_paths()
        self.known_paths = set(program.files) | {
            "/".join(path.split("/")[:size])
            for path in program.files
            for size in range(1, path.count("/") + 1)
        }

    def _unique_names(self) -> dict[str, Symbol]:
        """Return renamed classes and functions of modules whose name no other module has."""
        found: dict[str, set[Symbol]] = defaultdict(set)
        for file in self._program.files.values():
            if file.path.startswith("src/"):
                for name in file.scopes.module.own:
                    found[name].add(("name", file.module, name))
        return {
            name: next(iter(symbols))
            for name, symbols in found.items()
            if len({self._names.get(one) for one in symbols}) == 1 and next(iter(symbols)) in self._names
        }

    def _renamed_paths(self) -> dict[str, str]:
        """Return files and folders that get another name, with the last part of it."""
        found = {}
        for symbol, new in self._names.items():
            if symbol[0] == "module":
                path = self._program.modules[symbol[1]].path
                if path.endswith("/__init__.py"):
                    found[path.removesuffix("/__init__.py")] = new
                else:
                    found[path] = f"{new}.py"
        return found

    def python(self, file: File) -> Iterator[tuple[Span, str]]:
        """Give what changes in the docstrings, comments and strings of a file."""
        data = file.source.data
        docs = _docstrings(file)
        for node, owner in docs.items():
            start, end = file.source.spans[node]
            text = Text(start, data[start:end].decode())
            scope = file.scopes.of_node[owner]
            yield from self._prose(file, scope, text)
            yield from self._sections(file, scope, text)
            if file.source.is_package and isinstance(owner, ast.Module):
                yield from self._face(file, text)
        around = _Around(file)
        for comment in file.source.comments:
            text = Text(comment.start, comment.text)
            yield from self._prose(file, around.scope(comment.start), text)
            yield from self.anywhere(text)
        for node in _strings(file.source.tree):
            start, end = file.source.spans[node]
            yield from self.anywhere(Text(start, data[start:end].decode()), file.path)

    def anywhere(self, text: Text, path: str = "") -> Iterator[tuple[Span, str]]:
        """Give what changes in any text: dotted names and paths."""
        for match in DOTTED.finditer(text.text):
            parts = match[0].split(".")
            symbol: Symbol | None = ("module", parts[0])
            at = match.start() + len(parts[0])
            for part in parts[1:]:
                symbol = self._below(symbol, part)
                if symbol in self._names:
                    yield text.span(at + 1, at + 1 + len(part)), self._names[symbol]
                at += len(part) + 1
        for match in PATH.finditer(text.text):
            yield from self._path(text, match.start(), match[0], path)

    def _below(self, symbol: Symbol | None, name: str) -> Symbol | None:
        """Return what a dotted name goes on to."""
        if symbol is None:
            return None
        if symbol[0] == "module":
            return self._program.in_module(symbol[1], name)
        if self._program.is_class(symbol):
            return self._meaning.of_class(f"{symbol[1]}.{symbol[2]}", name)
        return None

    def _path(self, text: Text, start: int, written: str, here: str) -> Iterator[tuple[Span, str]]:
        """Give what changes in a path, whatever it begins from."""
        clean = written.rstrip(".")
        folder = here.rpartition("/")[0]
        bases = ["", "src/", "src/vigie/", "tests/", "tests/unit/"]
        # Beside the file that says so: only what is a file for sure, an address has no ending.
        bases += [f"{folder}/"] if clean.endswith(".py") else []
        for base in bases:
            for ending in ("", ".py"):
                whole = base + clean.rstrip("/") + ending
                if whole in self.known_paths:
                    yield from self._parts(text, start, clean, base, whole, ending)
                    return

    def _parts(
        self, text: Text, start: int, clean: str, base: str, whole: str, ending: str
    ) -> Iterator[tuple[Span, str]]:
        at = start
        parts = clean.split("/")
        for number, part in enumerate(parts):
            path = base + "/".join(parts[: number + 1])
            if number == len(parts) - 1 and path + ending == whole:
                path = whole
            new = self._paths.get(path)
            if new is not None:
                yield text.span(at, at + len(part)), new.removesuffix(ending)
            at += len(part) + 1
        named = re.compile(r":([A-Za-z_]\w*)").match(text.text, start + len(clean))
        if named and whole in self._program.files:
            for symbol in self._in_file(whole, named[1]):
                yield text.span(*named.span(1)), self._names[symbol]

    def _in_file(self, path: str, name: str) -> list[Symbol]:
        """Return the renamed functions of a file that have a name, all of one new name."""
        file = self._program.files[path]
        found = []
        for scope in file.scopes.all:
            if name in scope.own and scope.kind in ("module", "class"):
                symbol = self._program.bound(file, scope, name)
                if symbol in self._names:
                    found.append(symbol)
        return [one for one in found if one is not None][:1]

    def _prose(self, file: File, scope: Scope, text: Text) -> Iterator[tuple[Span, str]]:
        """Give what changes in sentences: names in backquotes, and names that can be nothing else."""
        for match in CODE.finditer(text.text):
            # Two backquotes stand around values: a word in them is no name.
            for chain in CHAIN.finditer(match[2]) if len(match[1]) == 1 else ():
                yield from self._chain(file, scope, text, match.start(2) + chain.start(), chain[0])
        for match in PLAIN_NAME.finditer(text.text):
            yield from self._chain(file, scope, text, match.start(), match[0])

    def _chain(self, file: File, scope: Scope, text: Text, at: int, chain: str) -> Iterator[tuple[Span, str]]:
        parts = chain.split(".")
        symbol = self._first(file, scope, parts[0])
        for number, part in enumerate(parts):
            if number:
                symbol = self._below(symbol, part)
            if symbol in self._names:
                yield text.span(at, at + len(part)), self._names[symbol]
            at += len(part) + 1

    def _first(self, file: File, scope: Scope, name: str) -> Symbol | None:
        """Return what a name in a sentence means, where it is written."""
        inside = (
            [one for one in file.scopes.inner(scope) if name in one.bound] if scope.kind == "function" else []
        )
        if inside:
            return self._program.bound(file, inside[0], name)
        if (symbol := self._program.resolve(file, scope, name)) is not None:
            return symbol
        around = file.class_of(scope)
        if around is not None and file.classes[around] in self._meaning.infos:
            member = self._meaning.of_class(file.classes[around], name)
            if member[0] == "member":
                return member
        package = file.module if file.source.is_package else file.module.rpartition(".")[0]
        beside = ("module", f"{package}.{name}")
        return beside if self._program.has_module(beside[1]) else None

    def _sections(self, file: File, scope: Scope, text: Text) -> Iterator[tuple[Span, str]]:
        """Give what changes in the sections of a docstring."""
        heads = list(SECTION.finditer(text.text))
        for number, head in enumerate(heads):
            if head[2] not in TYPED:
                continue
            end = heads[number + 1].start() if number + 1 < len(heads) else len(text.text)
            at = head.end() + 1
            for line in text.text[head.end() + 1 : end].split("\n"):
                if line.startswith(head[1]) and line[len(head[1]) :][:1].strip():
                    yield from self._entry(
                        file, scope, text, at + len(head[1]), line[len(head[1]) :], head[2]
                    )
                at += len(line) + 1

    def _entry(
        self, file: File, scope: Scope, text: Text, at: int, line: str, section: str
    ) -> Iterator[tuple[Span, str]]:
        match = ENTRY.match(line)
        kind, offset = line, 0
        if match and (section in NAMED or match[2] is not None):
            kind, offset = match[2] or "", match.start(2)
        if match and section in NAMED:
            for name in re.finditer(r"\w+", match[1]):
                for symbol in self._documented(file, scope, name[0]):
                    if symbol in self._names:
                        yield text.span(at + name.start(), at + name.end()), self._names[symbol]
                        break
        for chain in CHAIN.finditer(kind):
            symbol = self._program.resolve(file, scope, chain[0].split(".")[0])
            is_type = symbol is not None and symbol[0] == "name" and chain[0].lstrip("_")[:1].isupper()
            if is_type or "." in chain[0]:
                yield from self._chain(file, scope, text, at + offset + chain.start(), chain[0])

    def _documented(self, file: File, scope: Scope, name: str) -> Iterable[Symbol]:
        """Give what an entry of a section may be about."""
        if scope.kind == "function":
            yield ("local", file.path, scope.index, name)
        elif scope.kind == "class":
            for _, made in self._program.functions(("member", file.classes[scope], "__init__")):
                if name in made.parameters:
                    yield ("local", file.path, made.index, name)
            yield self._meaning.of_class(file.classes[scope], name)

    def _face(self, file: File, text: Text) -> Iterator[tuple[Span, str]]:
        """Give what changes in the list of modules that a package begins with."""
        for match in re.finditer(r"(?:^|(?<=\"\"\"))([a-z_]\w*)( {2,}| )(?=\S)", text.text, re.M):
            symbol = ("module", f"{file.module}.{match[1]}")
            is_listed = len(match[2]) > 1 or "_" in match[1]
            if is_listed and symbol in self._names:
                new = self._names[symbol]
                room = max(2 if len(match[2]) > 1 else 1, len(match[0]) - len(new))
                yield text.span(match.start(), match.end()), new + " " * room

    def document(self, data: str, path: str) -> Iterator[tuple[Span, str]]:
        """Give what changes in a file that is not Python.

        Parameters
        ----------
        data : str
            What it says.
        path : str
            Where it is.
        """
        text = Text(0, data)
        yield from self.anywhere(text, path)
        if not path.endswith(".md"):
            return
        for match in CODE.finditer(data):
            for chain in CHAIN.finditer(match[2]):
                first = chain[0].split(".")[0]
                is_name = bool(PLAIN_NAME.fullmatch(first)) or (first[:1].isupper() and first == match[2])
                symbol = self._unique.get(first) if is_name else None
                if symbol is not None:
                    start = match.start(2) + chain.start()
                    yield text.span(start, start + len(first)), self._names[symbol]


class _Around:
    """Which scope a place of a file is in.

    Parameters
    ----------
    file : File
        The file.
    """

    def __init__(self, file: File) -> None:
        self._module = file.scopes.module
        self._spans = [
            (*file.source.spans[one.node], one)
            for one in file.scopes.all
            if one.kind in ("function", "class")
        ]

    def scope(self, at: int) -> Scope:
        """Return the innermost one."""
        found = [(start, one) for start, end, one in self._spans if start <= at < end]
        return max(found, key=lambda pair: pair[0])[1] if found else self._module


def _docstrings(file: File) -> dict[ast.Constant, ast.AST]:
    """Return docstrings with what they are of."""
    found = {}
    for node in ast.walk(file.source.tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            said = first.value if isinstance(first, ast.Expr) else None
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                found[said] = node
    return found


def _strings(node: ast.AST) -> Iterator[ast.AST]:
    """Give strings, those of an f-string as one."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr) or (
            isinstance(child, ast.Constant) and isinstance(child.value, str)
        ):
            yield child
        else:
            yield from _strings(child)
