"""Scopes of a file, and names as they stand in it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from .sources import Span


@dataclass(eq=False)
class Scope:
    """A scope.

    Parameters
    ----------
    kind : str
        ``module``, ``class``, ``function``, ``lambda`` or ``comprehension``.
    path : str
        Dotted names of the classes and functions around, its own last; a lambda has its function's.
    node : AST
        What makes it.
    parent : Scope or None
        The scope around.
    index : int
        Its number in the file.
    """

    kind: str
    path: str
    node: ast.AST
    parent: Scope | None
    index: int
    bound: set[str] = field(default_factory=set)
    parameters: list[str] = field(default_factory=list)
    imported: dict[str, Import] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    first: dict[str, int] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether scopes inside see its names."""
        return self.kind != "class"

    @property
    def function(self) -> Scope:
        """The function, class or module that it is written in, itself where it is one."""
        scope = self
        while scope.kind in ("lambda", "comprehension") and scope.parent:
            scope = scope.parent
        return scope


@dataclass(frozen=True, slots=True)
class Import:
    """A name that an import binds.

    Parameters
    ----------
    module : str
        Dotted; of a relative import, too.
    name : str or None
        What is taken from it; None for the module itself.
    is_renamed : bool
        Whether it is bound by another name.
    """

    module: str
    name: str | None
    is_renamed: bool


@dataclass(frozen=True, slots=True)
class Use:
    """A name where it stands.

    Parameters
    ----------
    scope : Scope
        Where it is looked up.
    name : str
        The name.
    span : Span
        Where it stands.
    is_bound : bool
        Whether it gets its value there.
    """

    scope: Scope
    name: str
    span: Span
    is_bound: bool = False


@dataclass(frozen=True, slots=True)
class FromName:
    """A name in an import from a module.

    Parameters
    ----------
    module : str
        The module.
    name : str
        Its name there.
    span : Span
        Where it stands.
    scope : Scope
        Where it is bound.
    is_renamed : bool
        Whether it is bound by another name.
    """

    module: str
    name: str
    span: Span
    scope: Scope
    is_renamed: bool


@dataclass(frozen=True, slots=True)
class ModuleName:
    """A module's dotted name in an import.

    Parameters
    ----------
    module : str
        The module.
    span : Span
        Where the written part stands: of a relative import, what follows the dots.
    """

    module: str
    span: Span
