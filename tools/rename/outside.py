"""Names that stand outside of the code: stored, spoken, shown or loaded by name. A row about one is refused."""

from __future__ import annotations

import ast
import builtins
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from .meaning import Meaning
from .occurrences import Occurrences
from .program import File, Program, Symbol
from .rows import Row
from .scopes import Scope

# Never touched: compiled stations, what holds results fixed, stored forms.
PROTECTED: Final = re.compile(
    r"src/vigie/engine/kernel(\.py|/)"
    r"|src/vigie/trading/(strategies|sizing|risk|exits|execution|ledger)(\.py|/)"
    r"|src/vigie/adapters/stores/sql/migrations/"
    r"|tests/(golden|twin|data)/"
)
SERIALISED: Final = ("asdict", "astuple", "fields")
PYDANTIC: Final = "pydantic.main.BaseModel"
COMMANDS: Final = ("command", "callback")
ROUTES: Final = (
    "get",
    "post",
    "put",
    "delete",
    "patch",
    "route",
    "websocket",
    "exception_handler",
    "middleware",
)
# Are handed a function whose parameters they read by name.
HANDED: Final = ("add_api_route", "Depends")
SHADOWED: Final = frozenset(name for name in dir(builtins) if not name.startswith("_"))


class Outside:
    """What is known outside of the code by its name.

    Parameters
    ----------
    program : Program
        The files.
    meaning : Meaning
        Their types.
    occurrences : Occurrences
        What stands where.
    """

    def __init__(self, program: Program, meaning: Meaning, occurrences: Occurrences) -> None:
        self._program = program
        self._meaning = meaning
        self._occurrences = occurrences
        self._serialised = self._plain_classes()
        self._imported = self._shown_imports()
        known: dict[str, set[int]] = defaultdict(set)
        for places in occurrences.of.values():
            for one in places:
                known[one.path].add(one.span[0] - 1)
        self.words = {
            word
            for file in program.files.values()
            if file.path.startswith("src/")
            for word in _words(file, known[file.path])
        }
        self._read_by_name = self._dynamic()
        self._loaded = self._loaders()

    def why(self, row: Row, symbols: set[Symbol]) -> tuple[str, str] | None:
        """Return why a name may not change: a reason in few words and a detail.

        Parameters
        ----------
        row : Row
            What is renamed.
        symbols : set of Symbol
            It and what goes with it.
        """
        for symbol in symbols:
            found = None
            if symbol[0] == "member":
                found = self._member(symbol)
            elif symbol[0] == "name":
                found = self._named(symbol)
            elif symbol[0] == "local":
                found = self._parameter(symbol)
            elif symbol[0] == "module":
                found = self._module(symbol)
            if found is not None:
                return found
        if row.new in SHADOWED and row.kind not in ("method", "field"):
            return "hides a builtin", row.new
        return None

    def _member(self, symbol: Symbol) -> tuple[str, str] | None:
        if symbol[2].startswith("_"):
            return None
        if self._meaning.has_base(symbol[1], PYDANTIC):
            return "field of a pydantic model", symbol[1]
        if symbol[1] in self._serialised and not self._program.functions(symbol):
            return "field that is stored or sent", f"{symbol[1]}: {self._serialised[symbol[1]]}"
        info = self._meaning.infos.get(symbol[1])
        if info is not None and info.typeddict_type is not None:
            return "key of a typed dictionary", symbol[1]
        place = self._read_by_name.get((symbol[1], symbol[2]))
        return ("read by its name", place) if place else None

    def _named(self, symbol: Symbol) -> tuple[str, str] | None:
        if place := self._imported.get((symbol[1], symbol[2])):
            return "import name in documents", place
        for pattern, names, place in self._loaded:
            if symbol[2] in names and re.fullmatch(pattern, symbol[1]):
                return "loaded by its name", place
        for file, scope in self._program.functions(symbol):
            if place := _registered(file, scope, COMMANDS, unnamed=True):
                return "name of a command", place
        return None

    def _parameter(self, symbol: Symbol) -> tuple[str, str] | None:
        file = self._program.files[symbol[1]]
        scope = file.scopes.all[symbol[2]]
        if symbol[3] not in scope.parameters or scope.kind != "function":
            return None
        for kinds, what in ((COMMANDS, "option of a command"), (ROUTES, "parameter of a route")):
            if place := _registered(file, scope, kinds):
                return what, place
        return None

    def _module(self, symbol: Symbol) -> tuple[str, str] | None:
        """Refuse modules whose own word a loader has as a text, or puts at the end of another word."""
        own = symbol[1].rpartition(".")[2]
        for pattern, _, place in self._loaded:
            if not re.fullmatch(pattern, symbol[1]):
                continue
            file = self._program.files[place.rpartition(":")[0]]
            if pattern.endswith(rf"\.{own}") or own in _words(file):
                return "loaded by its name", place
        return None

    def _loaders(self) -> list[tuple[str, set[str], str]]:
        """Return patterns of modules that are loaded by a name put together, what is taken from them, and a place."""
        found = []
        for file in self._program.files.values():
            if not file.path.startswith("src/"):
                continue
            for node, scope in file.nodes(ast.Call):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if called != "import_module" or not node.args or not isinstance(node.args[0], ast.JoinedStr):
                    continue
                pattern = _pattern(file, node.args[0])
                place = file.source.place(file.source.spans[node][0])
                found.append((pattern, _taken_from(file, node, scope), place))
        return found

    def _plain_classes(self) -> dict[str, str]:  # noqa: C901
        """Return the classes whose fields are written somewhere as plain data, with a place."""
        found: dict[str, str] = {}
        for file in self._program.files.values():
            if not file.path.startswith("src/"):
                continue
            for node, _ in file.nodes(ast.Call):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if name in SERIALISED and node.args:
                    kind = self._meaning.at(file.path, node.args[0])
                    place = f"{name} at {file.source.place(file.source.spans[node][0])}"
                    for one in self._meaning.classes(kind):
                        self._closure(one, place, found)
            for node, _ in file.nodes(ast.Attribute):
                if node.attr in ("__dict__", "__dataclass_fields__"):
                    place = f"{node.attr} at {file.source.place(file.source.spans[node][0])}"
                    for one in self._meaning.classes(self._meaning.at(file.path, node.value)):
                        self._closure(one, place, found)
        for name in self._meaning.infos:
            if self._meaning.has_base(name, PYDANTIC):
                for kind in self._meaning.field_types(name):
                    for one in self._meaning.classes(kind):
                        self._closure(one, f"in the model {name}", found)
        return found

    def _closure(self, name: str, place: str, found: dict[str, str]) -> None:
        """Take a class and those that its fields are of."""
        if name in found:
            return
        found[name] = place
        for kind in self._meaning.field_types(name):
            for one in self._meaning.classes(kind):
                self._closure(one, place, found)
        for one in self._meaning.below.get(name, ()):
            self._closure(one, place, found)

    def _shown_imports(self) -> dict[tuple[str, str], str]:
        """Return the names that documents, templates of strategies and examples import."""
        found: dict[tuple[str, str], str] = {}
        root = self._program.root
        files = [*root.glob("docs/**/*.md"), *root.glob("*.md"), *root.glob("src/**/*.template")]
        for file in files:
            path = file.relative_to(root).as_posix()
            if path == "CHANGELOG.md":
                continue
            text = file.read_text(encoding="utf-8")
            for match in re.finditer(r"^\s*(?:>>> )?from (vigie[\w.]*) import \(?([\w, \n]+)", text, re.M):
                for name in re.findall(r"\w+", match[2].split("\n\n")[0]):
                    symbol = self._program.in_module(match[1], name)
                    for known in ((match[1], name), symbol[1:] if symbol and symbol[0] == "name" else None):
                        if known:
                            found.setdefault((known[0], known[1]), path)
        return found

    def _dynamic(self) -> dict[tuple[str, str], str]:
        """Return members that a file reads by names which it holds as texts, with a place."""
        found: dict[tuple[str, str], str] = {}
        words: dict[str, set[str]] = defaultdict(set)
        for file in self._program.files.values():
            if not file.path.startswith("src/"):
                continue
            for node, _ in file.nodes(ast.Call):
                name = getattr(node.func, "id", "")
                if name not in ("getattr", "setattr", "hasattr") or len(node.args) < 2:
                    continue
                if isinstance(node.args[1], ast.Constant):
                    continue
                if file.path not in words:
                    words[file.path] = _words(file)
                place = file.source.place(file.source.spans[node][0])
                for one in self._meaning.classes(self._meaning.at(file.path, node.args[0])):
                    info = self._meaning.infos[one]
                    for base in info.mro:
                        for held in words[file.path] & base.names.keys():
                            found.setdefault((self._meaning.name(base), held), place)
        return found


def _words(file: File, known: Iterable[int] = ()) -> set[str]:
    """Return the words in the texts of a file that are no docstrings, and not known to be a name."""
    docs = {
        node.body[0].value
        for node in ast.walk(file.source.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    found: set[str] = set()
    for node in ast.walk(file.source.tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docs
        if is_text and re.fullmatch(r"[\w ]+", node.value) and file.source.spans[node][0] not in known:
            found.update(node.value.split())
    return found


def _registered(file: File, scope: Scope, kinds: tuple[str, ...], unnamed: bool = False) -> str | None:
    """Return where a function is registered as a command or a route, by a decorator or a call."""
    for one in getattr(scope.node, "decorator_list", []):
        if _registers(one, kinds, unnamed):
            return file.source.place(file.source.spans[one][0])
    name = scope.path.rpartition(".")[2]
    for one, _ in file.nodes(ast.Call):
        if not any(isinstance(arg, ast.Name) and arg.id == name for arg in one.args):
            continue
        is_handed = isinstance(one.func, ast.Attribute) and one.func.attr in HANDED and not unnamed
        if is_handed or (isinstance(one.func, ast.Call) and _registers(one.func, kinds, unnamed)):
            return file.source.place(file.source.spans[one][0])
    return None


def _registers(node: ast.expr, kinds: tuple[str, ...], unnamed: bool) -> bool:
    """Whether an expression makes a command or a route of a function: `unnamed`, by the function's own name."""
    called = node.func if isinstance(node, ast.Call) else node
    is_named = isinstance(node, ast.Call) and bool(node.args)
    return isinstance(called, ast.Attribute) and called.attr in kinds and not (unnamed and is_named)


def _pattern(file: File, text: ast.JoinedStr) -> str:
    """Return a regular expression for the module that an f-string names."""
    parts = []
    for one in text.values:
        if isinstance(one, ast.Constant):
            parts.append(re.escape(str(one.value)))
            continue
        value = one.value if isinstance(one, ast.FormattedValue) else one
        known = None
        if isinstance(value, ast.Name):
            held = file.assigned.get((file.scopes.module, value.id), [])
            known = held[0].value if held and isinstance(held[0], ast.Constant) else None
            known = file.module if value.id == "__name__" else known
        parts.append(re.escape(known) if isinstance(known, str) else r"\w+")
    return "".join(parts)


def _taken_from(file: File, call: ast.Call, scope: Scope) -> set[str]:
    """Return the names that are taken from a module that a call loads."""
    bound = {name for (where, name), values in file.assigned.items() if where is scope and call in values}
    found = set()
    for node, _ in file.nodes(ast.Attribute):
        if node.value is call or (isinstance(node.value, ast.Name) and node.value.id in bound):
            found.add(node.attr)
    for node, _ in file.nodes(ast.Call):
        if getattr(node.func, "id", "") in ("getattr", "hasattr") and len(node.args) > 1:
            of, name = node.args[:2]
            is_from = of is call or (isinstance(of, ast.Name) and of.id in bound)
            if is_from and isinstance(name, ast.Constant):
                found.add(str(name.value))
    return found
