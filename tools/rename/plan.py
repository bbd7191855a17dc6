"""Which symbols get which name: rows are looked up, put together by family, and refused where they clash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from .collisions import Collisions
from .families import Families
from .meaning import UNKNOWN, Meaning
from .occurrences import Occurrence, Occurrences
from .outside import PROTECTED, Outside
from .program import File, Program, Symbol
from .rows import Refused, Row, misfit
from .scopes import Scope

PACKAGE: Final = "src/vigie/"
# Attributes that any text, list, array, path or thread may have.
COMMON: Final = frozenset(
    name for kind in (str, bytes, list, dict, set, tuple, int, float, type) for name in dir(kind)
)


@dataclass
class Plan:
    """What is renamed.

    Parameters
    ----------
    rows : list of Row
        Rows that are applied.
    refused : list of Refused
        Rows that are not.
    names : dict of Symbol to str
        What each symbol of the program becomes.
    modules : dict of str to str
        Modules that get another name, dotted, with the last part of it.
    untyped : dict of Symbol to list of Occurrence
        Places without a type that are renamed because no other class has the name.
    notes : list of str
        What a reader should look at.
    """

    rows: list[Row] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    names: dict[Symbol, str] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    untyped: dict[Symbol, list[Occurrence]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Planner:
    """Makes a plan of rows.

    Parameters
    ----------
    program : Program
        The files.
    meaning : Meaning
        Their types.
    occurrences : Occurrences
        What stands where.
    templates : dict of str to list of str
        Attributes that templates read, with the places.
    package : str
        The folder that the rows' files are below.
    """

    def __init__(
        self,
        program: Program,
        meaning: Meaning,
        occurrences: Occurrences,
        templates: dict[str, list[str]],
        package: str = PACKAGE,
    ) -> None:
        self._program = program
        self._meaning = meaning
        self._occurrences = occurrences
        self._templates = templates
        self._package = package
        self.families = Families(program, meaning)
        self._outside = Outside(program, meaning, occurrences)
        self._rows: dict[Symbol, list[Row]] = defaultdict(list)
        self._roots: dict[Row, list[Symbol]] = defaultdict(list)
        self._new: dict[Symbol, str] = {}
        self.plan = Plan()

    def make(self, rows: Iterable[Row]) -> Plan:
        """Return the plan of rows.

        Parameters
        ----------
        rows : iterable of Row
            In their order: of two that want another name for the same thing the first is applied.
        """
        found = [(row, self._take(row)) for row in rows if row.kind != "template"]
        for _, symbols in found:
            for symbol in symbols:
                self.families.join_parameters(symbol)
        for row, symbols in found:
            for symbol in symbols:
                self._assign(row, symbol)
        for root in list(self._rows):
            self._look_outside(root)
        while self._settle():
            pass
        self._finish()
        return self.plan

    def part(self, tables: set[str]) -> Plan:
        """Return what the plan makes of some tables alone, without the names that the others have to free first.

        Parameters
        ----------
        tables : set of str
            Tables of the rows that are applied.
        """
        mine = {
            root: new
            for root, new in self._new.items()
            if any(row.table in tables for row in self._rows[root])
        }
        clashes = Collisions(self._program, self._meaning, self.families)
        while True:
            names = {symbol: new for root, new in mine.items() for symbol in self.families.of(root)}
            found = [*self._mixed(names), *clashes.find(names, self._occurrences.names)]
            late = {self.families.root(symbol) for symbol, *_ in found} & set(mine)
            if not late:
                break
            mine = {root: new for root, new in mine.items() if root not in late}
        return Plan(
            rows=[row for row in self.plan.rows if row.table in tables],
            names=names,
            modules={root[1]: new for root, new in mine.items() if root[0] == "module"},
            untyped={root: places for root, places in self.plan.untyped.items() if root in mine},
        )

    def _refuse(self, row: Row, reason: str, detail: str = "") -> None:
        self.plan.refused.append(Refused(row, reason, detail))

    def _drop(self, root: Symbol, reason: str, detail: str) -> bool:
        """Refuse all rows of a family, with what else they are about; return whether there were any."""
        rows = self._rows.pop(root, [])
        self._new.pop(root, None)
        for row in rows:
            self._refuse(row, reason, detail)
            for other in self._roots.pop(row, []):
                self._drop(other, "goes with a refused row", f"{row.file} {row.scope}: {row.old}")
        return bool(rows)

    def _take(self, row: Row) -> list[Symbol]:
        """Look a row up."""
        path = self._package + row.file
        file = self._program.files.get(path)
        if wrong := misfit(row):
            self._refuse(row, "misfit", wrong)
        elif PROTECTED.match(path):
            self._refuse(row, "protected file", path)
        elif file is None:
            self._refuse(row, "file not found", path)
        elif row.kind == "module":
            if file.module.rpartition(".")[2] == row.old:
                return [("module", file.module)]
            self._refuse(row, "old name not found", file.module)
        elif symbols := self._symbols(file, row):
            return symbols
        else:
            is_done = any(row.new in scope.bound for scope in file.scopes.at(row.scope))
            self._refuse(row, "new name is there already" if is_done else "old name not found", row.scope)
        return []

    def _assign(self, row: Row, symbol: Symbol) -> None:
        root = self.families.root(symbol)
        wanted = self._new.setdefault(root, row.new)
        if wanted != row.new:
            first = self._rows[root][0]
            self._refuse(row, "another row decides", f"{first.file} {first.scope}: {first.old} -> {wanted}")
        elif row not in self._rows[root]:
            self._rows[root].append(row)
            self._roots[row].append(root)

    def _symbols(self, file: File, row: Row) -> list[Symbol]:
        """Return the symbols that a row is about."""
        found: list[Symbol] = []
        scopes = file.scopes.at(row.scope)
        for scope in scopes:
            found += self._bound(file, scope, row)
        if not found:
            # A function inside, where no other has the name.
            inner = [one for one in file.scopes.all if one.path.startswith(f"{row.scope}.")]
            found = [
                symbol for one in inner if one.kind == "function" for symbol in self._bound(file, one, row)
            ]
            found = found if len({symbol[2] for symbol in found}) == 1 else []
        return list(dict.fromkeys(found))

    def _bound(self, file: File, scope: Scope, row: Row) -> list[Symbol]:
        if scope.kind == "class":
            name = file.classes[scope]
            info = self._meaning.infos.get(name)
            is_there = row.old in scope.own or (info is not None and row.old in info.names)
            return [("member", name, row.old)] if is_there else []
        inside = list(file.scopes.inner(scope)) if row.kind in ("local", "parameter") else [scope]
        found = []
        for one in inside:
            symbol = self._program.bound(file, one, row.old) if row.old in one.bound else None
            is_own = symbol is not None and (symbol[0] == "local" or symbol[:2] == ("name", file.module))
            if symbol is not None and is_own:
                found.append(symbol)
        return found

    def _look_outside(self, root: Symbol) -> None:
        row, family = self._rows[root][0], self.families.of(root)
        if pinned := self.families.pin(root):
            self._drop(root, "overrides a name from outside", pinned)
            return
        for symbol in family:
            for one in self._occurrences.of.get(symbol, ()):
                if PROTECTED.match(one.path):
                    self._drop(root, "used in a protected file", self._place(one))
                    return
        if (found := self._outside.why(row, family)) or (found := self._untyped(root, row, family)):
            self._drop(root, *found)

    def _place(self, one: Occurrence) -> str:
        return self._program.files[one.path].source.place(one.span[0])

    def _untyped(self, root: Symbol, row: Row, family: set[Symbol]) -> tuple[str, str] | None:
        """Settle the places whose type is not known, in code and in templates."""
        members = {one for one in family if one[0] == "member"}
        if not members:
            return None
        named = self.families.by_name[row.old]
        own = {one for one in named if one[1].startswith("vigie.")}
        owners = {self.families.root(one) for one in own}
        is_only = owners == {root} and row.old not in COMMON
        # What stands as a text somewhere may be a column or a key that is read without a type.
        is_only = is_only and (row.old.startswith("_") or row.old not in self._outside.words)
        places = self._occurrences.unknown.get(row.old, [])
        if is_only:
            for double in named - own:
                # A test's own class with a name that the package has once: it stands for the package's.
                self.families.join(root, double)
            self.plan.untyped[root] = places
            return None
        near = [one for one in places if self._is_near(one.path, members)]
        in_package = [one for one in near if one.path.startswith(self._package)]
        if in_package and not row.old.startswith("_"):
            return "untyped use", self._place(in_package[0])
        if row.old in self._templates and not row.old.startswith("_") and self._is_shown(members):
            return "may be read by a template", " ".join(self._templates[row.old][:4])
        self.plan.notes += [
            f"{self._place(one)}: .{row.old} has no type; {row.scope}.{row.old} -> {row.new}" for one in near
        ]
        return None

    def _is_near(self, path: str, members: set[Symbol]) -> bool:
        """Whether a file is where a class stands, or imports from there."""
        file = self._program.files[path]
        modules = {one[1].rpartition(".")[0] for one in members}
        imported = {one.module for one in file.scopes.module_names}
        imported |= {f"{one.module}.{one.name}" for one in file.scopes.from_names}
        return file.module in modules or bool(modules & imported)

    def _is_shown(self, members: set[Symbol]) -> bool:
        """Whether objects of a class are at hand where templates are filled."""
        shown = self.shown_classes()
        return any(one[1] in shown for one in members)

    def shown_classes(self) -> set[str]:
        """Return the classes whose objects the files that fill templates have."""
        if not hasattr(self, "_shown"):
            self._shown: set[str] = set()
            for file in self._program.files.values():
                if file.path.startswith((f"{self._package}views/", f"{self._package}research/report/")):
                    for kind in self._meaning.types.get(file.path, {}).values():
                        self._shown |= self._meaning.classes(kind)
        return self._shown

    def _settle(self) -> bool:
        """Refuse rows that clash with what the others make of the program; return whether there were any."""
        names = self._names()
        found = [*self._mixed(names), *Collisions(self._program, self._meaning, self.families).find(
            names, self._occurrences.names
        )]  # fmt: skip
        dropped = [self._drop(self.families.root(symbol), reason, detail) for symbol, reason, detail in found]
        return any(dropped)

    def _names(self) -> dict[Symbol, str]:
        return {symbol: new for root, new in self._new.items() for symbol in self.families.of(root)}

    def _mixed(self, names: dict[Symbol, str]) -> list[tuple[Symbol, str, str]]:
        """Return symbols that share a place with others which get another name."""
        found = []
        for symbol in names:
            for one in self._occurrences.of.get(symbol, ()):
                if len(one.symbols) < 2:
                    continue
                others = one.symbols - {UNKNOWN}
                wanted = {names.get(other, one.name) for other in others}
                if len(wanted) > 1:
                    other = next(it for it in others if names.get(it, one.name) != names[symbol])
                    detail = f"{self._place(one)}: also {'.'.join(map(str, other[1:]))}"
                    found.append((symbol, "an object of several classes", detail))
                    break
        return found

    def _finish(self) -> None:
        self.plan.names = self._names()
        self.plan.untyped = {root: self.plan.untyped[root] for root in self._new if root in self.plan.untyped}
        self.plan.modules = {root[1]: new for root, new in self._new.items() if root[0] == "module"}
        applied = {row: None for rows in self._rows.values() for row in rows}
        again = {refused.row for refused in self.plan.refused}
        # A row about several places of one name is refused as soon as one of them is.
        self.plan.rows = [row for row in applied if row not in again]
