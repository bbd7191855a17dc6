"""Symbols that are renamed together or not at all: a method and its overrides, a protocol and what is given as it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from .meaning import Meaning
from .program import Program, Symbol


def is_pythons(name: str) -> bool:
    """Whether a name is one of Python's own, such as ``__init__``."""
    return name.startswith("__") and name.endswith("__")


class Families:
    """Which symbols belong together.

    Parameters
    ----------
    program : Program
        The files.
    meaning : Meaning
        Their classes.
    """

    def __init__(self, program: Program, meaning: Meaning) -> None:
        self._program = program
        self._meaning = meaning
        self._above: dict[Symbol, Symbol] = {}
        self._members: dict[Symbol, set[Symbol]] = {}
        self.pinned: dict[Symbol, str] = {}
        self.by_name: dict[str, set[Symbol]] = defaultdict(set)
        for name, info in meaning.infos.items():
            self._class(name, info)
        for wanted, given in sorted(meaning.given):
            self._given(wanted, given)

    def root(self, symbol: Symbol) -> Symbol:
        """Return the symbol that stands for a family."""
        while symbol in self._above:
            symbol = self._above[symbol]
        return symbol

    def of(self, symbol: Symbol) -> set[Symbol]:
        """Return the family of a symbol, itself among them."""
        return self._members.get(self.root(symbol), {symbol})

    def pin(self, symbol: Symbol) -> str | None:
        """Return what from outside a family's name is given by, or None."""
        return next((self.pinned[one] for one in self.of(symbol) if one in self.pinned), None)

    def join(self, one: Symbol, other: Symbol) -> None:
        """Put two families together."""
        one, other = self.root(one), self.root(other)
        if one != other:
            members = self._members.pop(other, {other})
            self._above[other] = one
            self._members[one] = self._members.get(one, {one}) | members

    def _class(self, name: str, info: Any) -> None:
        for attribute, symbol in info.names.items():
            if is_pythons(attribute) or symbol.plugin_generated:
                continue
            member = ("member", name, attribute)
            self.by_name[attribute].add(member)
            for base in info.mro[1:]:
                if attribute not in base.names:
                    continue
                above = self._meaning.name(base)
                if above in self._meaning.infos:
                    self.join(("member", above, attribute), member)
                else:
                    self.pinned.setdefault(member, f"{base.fullname}.{attribute}")

    def _given(self, wanted: str, given: str) -> None:
        """Join what a protocol asks with what a class has that is given as it, or a test's double with its model."""
        protocol, info = self._meaning.infos.get(wanted), self._meaning.infos.get(given)
        for name in self._asked(wanted):
            asked = self._meaning.of_class(wanted, name) if protocol else ("outside", wanted, name)
            member = self._meaning.of_class(given, name) if info else ("outside", given, name)
            if asked[0] == member[0] == "member":
                self.join(asked, member)
            elif asked[0] == "member" and info is not None and member[1] in (given, info.fullname):
                # It has no such name of its own: it hands on what it is asked, as a test's double does.
                continue
            elif asked[0] == "member" and protocol is not None and protocol.is_protocol:
                self.pinned.setdefault(asked, f"{member[1]}.{name}")
            elif member[0] == "member":
                self.pinned.setdefault(member, f"{wanted}.{name}")

    def _asked(self, wanted: str) -> list[str]:
        """Return the names that a class or a protocol asks of what is given as it."""
        info = self._meaning.infos.get(wanted) or self._meaning.outside.get(wanted)
        if info is None:
            return []
        if info.is_protocol:
            return [name for name in info.protocol_members if not is_pythons(name)]
        return sorted({
            name for base in info.mro for name in base.names
            if self._meaning.name(base) in self._meaning.infos and not is_pythons(name)
        })  # fmt: skip

    def join_parameters(self, symbol: Symbol) -> None:
        """Put a method's parameter together with those of its overrides that have its name."""
        if symbol[0] != "local":
            return
        scope = self._program.files[symbol[1]].scopes.all[symbol[2]]
        if symbol[3] not in scope.parameters or scope.parent is None or scope.kind != "function":
            return
        for other in self._siblings(symbol, scope.path.rpartition(".")[2]):
            self.join(symbol, other)

    def _siblings(self, symbol: Symbol, method: str) -> Iterator[Symbol]:
        file = self._program.files[symbol[1]]
        parent = file.scopes.all[symbol[2]].parent
        if parent is not None and parent.kind == "class":
            if is_pythons(method) and method != "__call__":
                return
            functions = self.of(("member", file.classes[parent], method))
        elif parent is not None:
            functions = {self._program.bound(file, parent, method) or symbol}
        for function in functions:
            for other, scope in self._program.functions(function):
                if symbol[3] in scope.parameters:
                    yield ("local", other.path, scope.index, symbol[3])
