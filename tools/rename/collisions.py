"""New names that meet another: in a scope, in a class or its bases, among the modules of a package."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from .families import Families
from .meaning import Meaning
from .occurrences import Occurrence
from .program import File, Program, Symbol
from .scopes import Scope

Clash = tuple[Symbol, str, str]


class Collisions:
    """Finds them.

    Parameters
    ----------
    program : Program
        The files.
    meaning : Meaning
        Their classes.
    families : Families
        Which symbols go together.
    """

    def __init__(self, program: Program, meaning: Meaning, families: Families) -> None:
        self._program = program
        self._meaning = meaning
        self._families = families

    def find(self, names: dict[Symbol, str], places: dict[str, list[Occurrence]]) -> Iterator[Clash]:
        """Give the symbols that cannot get their new name, with a reason and a detail.

        Parameters
        ----------
        names : dict of Symbol to str
            The new names.
        places : dict of str to list of Occurrence
            By file, the names that are looked up in scopes.
        """
        for path, file in self._program.files.items():
            if any(symbol in names for one in places.get(path, ()) for symbol in one.symbols):
                yield from self._file(file, names, places[path])
        yield from self._classes(names)
        yield from self._modules(names)

    def _file(self, file: File, names: dict[Symbol, str], places: list[Occurrence]) -> Iterator[Clash]:
        bound: dict[Scope, dict[str, Symbol]] = {}
        elsewhere: dict[Scope, dict[str, str]] = {}
        for scope in file.scopes.all:
            here: dict[str, Symbol] = {}
            for name in sorted(scope.bound):
                symbol = self._program.bound(file, scope, name)
                if symbol is None:
                    continue
                new = names.get(symbol, name)
                other = here.get(new, symbol)
                clash = symbol if symbol in names else other
                if other != symbol and clash in names:
                    yield (
                        clash,
                        "name is taken in the scope",
                        f"{file.path} {scope.path or '<module>'}: {new}",
                    )
                here[new] = symbol
            bound[scope] = here
            elsewhere[scope] = {
                names.get(symbol, name) if (symbol := self._program.resolve(file, scope, name)) else name: how
                for name, how in scope.elsewhere.items()
            }
        for one in places:
            symbol = next(iter(one.symbols))
            found = _lookup(file, one.scope, names.get(symbol, one.name), bound, elsewhere)
            if found is not None and found != symbol:
                clash = found if found in names else symbol
                if clash in names:
                    place = file.source.place(one.span[0])
                    yield clash, "name is taken in the scope", f"{place}: {names[clash]}"

    def _classes(self, names: dict[Symbol, str]) -> Iterator[Clash]:
        touched = {symbol[1] for symbol in names if symbol[0] == "member"}
        touched |= {below for name in touched for below in self._meaning.below.get(name, ())}
        for name in sorted(touched):
            seen: dict[str, tuple[str, Symbol]] = {}
            for base in self._meaning.infos[name].mro:
                above = self._meaning.name(base)
                for attribute in base.names:
                    symbol = ("member", above, attribute)
                    new = names.get(symbol, attribute)
                    old, other = seen.setdefault(new, (attribute, symbol))
                    if old != attribute:
                        clash = symbol if symbol in names else other
                        if clash in names:
                            yield clash, "name is taken in the class", f"{name}.{new}"

    def _modules(self, names: dict[Symbol, str]) -> Iterator[Clash]:
        taken: dict[str, Symbol] = defaultdict(tuple)
        for name in sorted({*self._program.modules, *self._program.packages}):
            symbol = ("module", name)
            new = f"{name.rpartition('.')[0]}.{names.get(symbol, name.rpartition('.')[2])}"
            if new in taken:
                yield (symbol if symbol in names else taken[new]), "module is there already", new
            taken[new] = symbol
        for symbol, new in names.items():
            package = symbol[1]
            if symbol[0] == "name" and package in self._program.packages:
                beside = ("module", f"{package}.{new}")
                if self._program.has_module(beside[1]) and beside not in names:
                    yield symbol, "module has the name", beside[1]


def _lookup(
    file: File,
    scope: Scope | None,
    name: str,
    bound: dict[Scope, dict[str, Symbol]],
    elsewhere: dict[Scope, dict[str, str]],
) -> Symbol | None:
    """Return what a name means in a scope with the new names."""
    here, start = scope, scope
    while here is not None:
        if here is start or here.is_open:
            if name in elsewhere[here]:
                if elsewhere[here][name] == "global":
                    return bound[file.scopes.module].get(name)
            elif name in bound[here]:
                return bound[here][name]
        here = here.parent
    return None
